use std::path::PathBuf;

use super::correction::Strength;
use super::*;
use crate::model::vacancy::VacancyWeights;
use crate::score::{ScoreOptions, Scorer};
use crate::train::corpus::CorpusOptions;

/// Two families of the lure corpus, read as the model that ships reads.
fn families(artefact: &Artefact, names: [&str; 2]) -> (Corpus, Reader, Extractor) {
    let reader = super::super::reader();
    let extractor = Extractor::from_compiled(artefact.lexicon.clone()).unwrap();
    let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures"));
    let paths = names.map(|name| dir.join(name));
    let corpus = Corpus::load(&paths, &CorpusOptions::default(), &reader, &extractor).unwrap();
    (corpus, reader, extractor)
}

const TRAINED_ON: [&str; 2] = ["marked/r1-a.txt", "marked/r2-a.txt"];
/// Of families that it was trained on a full table has many rare n-grams by heart, and loses them to new ones.
const NEW: [&str; 2] = ["fresh/r12-a.txt", "fresh/r61-b.txt"];

fn as_model(
    corpus: &Corpus,
    artefact: &Artefact,
    base: &Base,
    correction: &Correction,
    (reader, extractor): (&Reader, &Extractor),
) -> Scorer {
    let verdict = correction.stage(base);
    let merged = merge::merge(corpus, artefact, correction, &verdict, reader).unwrap();
    let manifest = Manifest { verdict, lexicon: extractor.lexicon_hash().to_owned(), ..artefact.manifest.clone() };
    let model = Artefact { manifest, table: merged.table, names: merged.names.into(), ..artefact.clone() };
    Scorer::new(model, &[], &ScoreOptions::default()).unwrap()
}

#[test]
fn what_is_cross_validated_is_what_the_scorer_says() {
    let artefact = Artefact::embedded().unwrap();
    let (corpus, reader, extractor) = families(&artefact, NEW);
    let base = Base::new(&corpus, &artefact, &extractor).unwrap();
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let of_base = Scorer::embedded().unwrap();
    for &i in &rows {
        let scored = of_base.logit(&corpus.rows[i].posting);
        assert!((scored - base.logit(i)).abs() < 1e-9, "the base itself: {scored} against {}", base.logit(i));
    }
    let strengths = [
        Strength { keep: 1.0, text: 3.0, signals: 0.1, second: true },
        Strength { keep: 0.0, text: 30.0, signals: 1.0, second: false },
        Strength { keep: 1.0, text: 0.0, signals: 1.0, second: false },
    ];
    for strength in strengths {
        let correction = Correction::fit(&corpus, &base, &rows, strength, 1).unwrap().on_line(&base, (0.5, -1.0));
        let scorer = as_model(&corpus, &artefact, &base, &correction, (&reader, &extractor));
        let mut moved = 0.0f64;
        for &i in &rows {
            let (scored, fitted) = (scorer.logit(&corpus.rows[i].posting), correction.logit(&corpus, &base, i));
            // The table rounds weights, and the weakest n-grams of the base make room where these postings bring more new
            // ones than it has free places.
            assert!((scored - fitted).abs() < 0.5, "{strength:?}: {scored} against {fitted}");
            moved = moved.max((fitted - base.logit(i)).abs());
        }
        assert!(moved > 0.5, "{strength:?} moves nothing");
    }
}

#[test]
fn a_strong_pull_leaves_the_base_where_it_is_and_no_sign_turns() {
    let artefact = Artefact::embedded().unwrap();
    let (corpus, _, extractor) = families(&artefact, TRAINED_ON);
    let base = Base::new(&corpus, &artefact, &extractor).unwrap();
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let held = Strength { keep: 1.0, text: 1e-7, signals: 1e-7, second: true };
    let correction = Correction::fit(&corpus, &base, &rows, held, 1).unwrap();
    for &i in &rows {
        assert!((correction.logit(&corpus, &base, i) - base.logit(i)).abs() < 1e-2);
    }
    let free = Strength { keep: 1.0, text: 0.0, signals: 30.0, second: true };
    let weights = Correction::fit(&corpus, &base, &rows, free, 1).unwrap().stage(&base);
    assert!(weights.text > 0.0 && weights.composites.iter().all(|c| c.1 > 0.0), "{weights:?}");
    for (id, weight) in &weights.signals {
        let for_the_ad =
            ["licensed_recruiter", "warning_context", "named_contact_channel", "named_trade"].contains(&id.as_str());
        assert!(if for_the_ad { *weight < 0.0 } else { *weight > 0.0 }, "{id}: {weight}");
    }
}

/// Labels by chance teach nothing; then the base stays.
#[test]
fn labels_that_say_nothing_move_nothing() {
    let artefact = Artefact::embedded().unwrap();
    let (mut corpus, _, extractor) = families(&artefact, TRAINED_ON);
    for (i, row) in corpus.rows.iter_mut().enumerate() {
        row.label = crate::text::ngrams::token_hash(&format!("coin {i}")).is_multiple_of(2);
    }
    let base = Base::new(&corpus, &artefact, &extractor).unwrap();
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let params = AdaptParams { protocol: Protocol::NearDuplicate, ..AdaptParams::default() };
    let adapted = fit(&corpus, &base, &rows, &params, 1).unwrap();
    assert_eq!(adapted.choice.strength, None, "{:?}", adapted.choice);
    assert!(!adapted.choice.trials.is_empty());
    assert_eq!(adapted.correction.logit(&corpus, &base, 0), base.logit(0));
    // Two families are too few groups to tell.
    let few = fit(&corpus, &base, &rows, &AdaptParams::default(), 1).unwrap();
    assert!(few.choice.strength.is_none() && few.choice.trials.is_empty());
}

/// Labels that say the second reading is wrong silence it, and labels that agree with it do not.
#[test]
fn a_second_reading_that_flags_honest_postings_falls_silent() {
    let mut artefact = Artefact::embedded().unwrap();
    let (corpus, _, extractor) = families(&artefact, NEW);
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let params = AdaptParams { protocol: Protocol::NearDuplicate, ..AdaptParams::default() };
    artefact.manifest.verdict.vacancy = Some(VacancyWeights { intercept: -2.0, text: 40.0 });
    let silenced = [true, false].map(|label| {
        // What it flags are the words of every third posting of a label that no other posting has.
        let mut elsewhere = vec![false; corpus.vocabulary.len()];
        for (_, row) in corpus.rows.iter().enumerate().filter(|(i, row)| row.label != label || i % 3 > 0) {
            row.ngrams.iter().for_each(|&n| elsewhere[n as usize] = true);
        }
        let words = corpus.vocabulary.iter().zip(&elsewhere).filter(|(_, elsewhere)| !**elsewhere);
        artefact.table = artefact.table.clone().with_second(&words.map(|(&hash, _)| (hash, 1.0)).collect::<Vec<_>>());
        let base = Base::new(&corpus, &artefact, &extractor).unwrap();
        let adapted = fit(&corpus, &base, &rows, &params, 1).unwrap();
        adapted.choice.strength.is_some_and(|strength| !strength.second)
    });
    assert_eq!(silenced, [false, true]);
}
