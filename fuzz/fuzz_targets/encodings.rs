//! Text in any encoding: the first byte says which, or that it is to be told by the content.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lurescan::feed::InputFormat;

const NAMES: [&str; 10] =
    ["utf-8", "utf-16le", "utf-16be", "windows-1252", "gb18030", "big5", "shift_jis", "euc-kr", "iso-2022-jp", "koi8-r"];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let encoding = NAMES.get(usize::from(*choice) % (NAMES.len() + 1)).and_then(|name| name.parse().ok());
    for format in [InputFormat::Text, InputFormat::Csv] {
        lurescan_fuzz::read(format, encoding, bytes, drop);
    }
});
