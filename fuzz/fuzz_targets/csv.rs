//! Tables, their separator told by their content.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lurescan::feed::InputFormat;

fuzz_target!(|bytes: &[u8]| {
    lurescan_fuzz::read(InputFormat::Csv, None, bytes, drop);
});
