//! Zip archives, which are read from a file: the same as of every feed holds of each member.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lurescan::feed::{InputFormat, quiet_decoding};
use tempfile::TempDir;

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a temporary directory"));

fuzz_target!(
    init: quiet_decoding(),
    |bytes: &[u8]| {
        let path = DIRECTORY.path().join("fuzz.zip");
        std::fs::write(&path, bytes).expect("the file is written");
        lurescan_fuzz::open(InputFormat::Auto, &path, |_| {});
    }
);
