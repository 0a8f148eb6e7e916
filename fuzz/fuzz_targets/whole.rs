//! The whole way: bytes of a format that they tell, postings, verdicts, and lines of JSON. Spans are where they say, numbers
//! are in their range, and a posting scored twice has the same verdict.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lurescan::feed::writers::JsonlWriter;
use lurescan::feed::{InputFormat, quiet_decoding};
use lurescan::posting::Field;
use lurescan::score::Scorer;

static SCORER: LazyLock<Scorer> = LazyLock::new(|| Scorer::embedded().expect("the model inside is whole"));

fuzz_target!(
    init: quiet_decoding(),
    |bytes: &[u8]| {
        lurescan_fuzz::read(InputFormat::Auto, None, bytes, |posting| {
            let verdict = SCORER.score(&posting);
            assert!(verdict.probability.is_none_or(|p| (0.0..=1.0).contains(&p)), "{verdict:?}");
            for span in verdict.signals.iter().flat_map(|signal| &signal.spans) {
                let field = Field::from_name(&span.field).expect("a field of ours");
                let text: String = posting.get(field).chars().skip(span.start).take(span.end - span.start).collect();
                assert_eq!(text, span.text);
            }
            let (mut once, mut again) = (Vec::new(), Vec::new());
            JsonlWriter::default().write(&verdict, &mut once).expect("memory takes it");
            JsonlWriter::default().write(&SCORER.score(&posting), &mut again).expect("memory takes it");
            assert_eq!(once, again);
        });
    }
);
