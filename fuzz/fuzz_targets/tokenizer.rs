//! The compiled tokenizer gives the tokens of the `tokenizers` crate, for any text.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lurescan::model::artefact::Artefact;
use lurescan::text::tokenizer::Tokenizer;

static BOTH: LazyLock<(Tokenizer, Tokenizer)> = LazyLock::new(|| {
    let json = Artefact::embedded().expect("the model inside is whole").tokenizer;
    let compiled = Tokenizer::from_json(&json).expect("it is a tokenizer");
    assert!(compiled.is_compiled());
    (compiled, Tokenizer::through_the_crate(&json).expect("it is a tokenizer"))
});

fuzz_target!(|text: &str| {
    let (compiled, reference) = &*BOTH;
    let (mut a, mut b) = (Vec::new(), Vec::new());
    compiled.tokens(text, &mut a);
    reference.tokens(text, &mut b);
    assert_eq!(a, b);
});
