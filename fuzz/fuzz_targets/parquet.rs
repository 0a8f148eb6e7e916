//! Parquet files. Panics of the crate that decodes them are errors of the feed, so the fuzzer's hook, which ends the process at
//! any panic, is not to hear of them; running out of memory or of time, and panics of our own, still end it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lurescan::feed::{InputFormat, quiet_decoding};

fuzz_target!(
    init: quiet_decoding(),
    |bytes: &[u8]| {
        lurescan_fuzz::read(InputFormat::Parquet, None, bytes, drop);
    }
);
