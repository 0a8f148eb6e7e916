//! A lexicon of somebody else's, as the only one.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lurescan::entities::reading::Reader;
use lurescan::model::artefact::Artefact;
use lurescan::signals::Extractor;
use lurescan::text::tokenizer::Tokenizer;
use tempfile::TempDir;

static READER: LazyLock<Reader> = LazyLock::new(|| {
    let model = Artefact::embedded().expect("the model inside is whole");
    Reader::new(Tokenizer::from_json(&model.tokenizer).expect("its tokenizer is of the family"))
});
static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a temporary directory"));

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(DIRECTORY.path().join("own.toml"), bytes).expect("the file is written");
    let _ = Extractor::with_lexicons(&READER, &[DIRECTORY.path().to_owned()]);
});
