//! HTML to text and folding: no panic, and the way back from every character of the result.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lurescan::text::fold::Folder;
use lurescan::text::html::to_text;

static FOLDER: LazyLock<Folder> = LazyLock::new(Folder::new);

fuzz_target!(|source: &str| {
    let (text, _) = to_text(source);
    let folded = FOLDER.fold(&text);
    for disguise in &folded.disguises {
        assert!(text.get(disguise.source.clone()).is_some(), "{disguise:?}");
    }
});
