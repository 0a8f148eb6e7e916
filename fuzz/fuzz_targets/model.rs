//! A model of somebody else's: the first byte says which of its files the rest stands for.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lurescan::model::artefact::Artefact;
use lurescan::signals::Extractor;
use lurescan::text::tokenizer::Tokenizer;
use tempfile::TempDir;

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| {
    let directory = TempDir::new().expect("a temporary directory");
    let mut model = Artefact::embedded().expect("the model inside is whole");
    model.save(directory.path()).expect("the model is written");
    directory
});

/// What a tokenizer is run on.
const TEXT: &str = "free flight, no experience: 3,500 a month! 包机票 ที่พัก é";

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let name = match choice % 5 {
        0 => {
            if let Ok(tokenizer) = Tokenizer::from_json(bytes) {
                tokenizer.tokens(TEXT, &mut Vec::new());
            }
            return;
        }
        1 => {
            let _ = Extractor::from_compiled(bytes.to_vec().into());
            return;
        }
        2 => "manifest.json",
        3 => "model.safetensors",
        _ => "names.txt.xz",
    };
    let path = DIRECTORY.path().join(name);
    let whole = std::fs::read(&path).expect("the file is there");
    std::fs::write(&path, bytes).expect("the file is written");
    let _ = Artefact::load(DIRECTORY.path());
    std::fs::write(&path, whole).expect("the file is written");
});
