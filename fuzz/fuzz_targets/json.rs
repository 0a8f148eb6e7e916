//! JSON lines, and JSON over lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lurescan::feed::InputFormat;

fuzz_target!(|bytes: &[u8]| {
    for format in [InputFormat::Json, InputFormat::Jsonl] {
        lurescan_fuzz::read(format, None, bytes, drop);
    }
});
