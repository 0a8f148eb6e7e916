/*!
Training: from labelled postings to a model directory, with nested figures.
*/

pub mod adapt;
pub mod against;
pub mod check;
mod columns;
pub mod corpus;
pub mod labelled;
pub mod learning_curve;
pub mod marked;
pub mod pipeline;
pub mod record;
pub mod report;
mod rotation;
pub mod signal_eval;
mod signal_fit;
pub mod slices;
pub mod sparse;
pub mod split;
pub mod text_designs;
pub mod text_fit;
pub mod thresholds;
mod told;
pub mod units;
pub mod vacancy_fit;
pub mod verdict_fit;
mod weights;

use serde_json::json;

use crate::entities::reading::Reader;
use crate::eval::bootstrap::{Estimate, intervals};
use crate::eval::metrics::{Scored, sort};
use crate::model::artefact::{Artefact, FORMAT, Manifest};
use crate::model::names;
use crate::model::text_stage::SLOTS;
use crate::score::PRIOR;
use crate::signals::Extractor;
use crate::text::ngram_table::NgramTable;
use crate::text::tokenizer::{self, Tokenizer};
use corpus::Corpus;
use pipeline::{Params, Protocol};
use report::{Origin, Report};

/// Words in the vocabulary of `tokenizer.json`.
const TOKENIZER_VOCABULARY: usize = 4096;
/// Bootstrap replicates in the figures that a manifest carries.
pub const REPLICATES: usize = 500;

/// The nested figures of one domain.
pub type DomainFigures = (String, Vec<(&'static str, Estimate)>);

/// A model that was made, with the calibrated logits that its rows got from models fitted without them.
#[derive(Debug)]
pub struct Trained {
    /// The model.
    pub model: Artefact,
    /// The out-of-fold logits, one a row.
    pub logits: Vec<f64>,
    /// Curves and figures; a few labels draw none.
    pub report: Option<Report>,
}

/// The figures of each domain, from one logit a row; intervals resample what the protocol keeps together, writers apart: of these
/// there are few.
pub fn figures(
    corpus: &Corpus,
    logits: &[f64],
    protocol: Protocol,
    replicates: usize,
    seed: u64,
) -> Vec<DomainFigures> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let groups = match protocol {
        Protocol::Grouped => corpus.rows.iter().map(|row| row.group).collect(),
        _ => protocol.groups(corpus, &rows),
    };
    let mut out = Vec::new();
    for (d, name) in corpus.domains.iter().enumerate() {
        let mut scored: Vec<Scored> = rows
            .iter()
            .filter(|&&i| corpus.rows[i].domain == d)
            .map(|&i| Scored {
                logit: logits[i],
                label: corpus.rows[i].label,
                weight: corpus.rows[i].weight,
                group: groups[i],
            })
            .collect();
        sort(&mut scored);
        if let Some(figures) = intervals(&scored, replicates, seed) {
            out.push((name.clone(), figures));
        }
    }
    out
}

/// Trains a model on a whole corpus: nested scores for thresholds and figures, then both stages on everything.
///
/// The report holds the nested figures and curves; the manifest's figures and thresholds are taken from it.
///
/// `say` is told what is being done. The same corpus, parameters and seed give the same bytes, whatever the number of
/// threads.
pub fn train(
    corpus: &Corpus,
    reader: &Reader,
    extractor: &Extractor,
    params: &Params,
    name: &str,
    seed: u64,
    mut say: impl FnMut(&str),
) -> anyhow::Result<Trained> {
    say("fitting on all rows and without each fold");
    let (fitted, logits) = pipeline::fit_and_nested(corpus, extractor, params, seed)?;
    let runs = [figures(corpus, &logits, params.protocol, REPLICATES, seed)];
    let origin = Origin { name: name.to_owned(), source: nested_source(params), ..Origin::default() };
    let mut report = Report::new(corpus, &logits, &runs, origin)?;
    let entries = fitted.text.by_hash(corpus);
    let table = NgramTable::build(&entries, SLOTS)
        .ok_or_else(|| anyhow::anyhow!("{} n-grams do not fit into the table", entries.len()))?;
    let table = match &fitted.vacancy {
        Some(vacancy) => table.with_second(&vacancy.text.by_hash(corpus)),
        None => table,
    };
    say("naming n-grams");
    let names = names(corpus, &fitted.text.ranked(), reader)?;
    let tokenizer = tokenizer_json(corpus, reader)?;
    let mut text = params.text.describe();
    text.insert("vocabulary".into(), corpus.vocabulary.len().into());
    text.insert("ngrams".into(), entries.len().into());
    let training = json!({
        "data": corpus.provenance,
        "postings": corpus.rows.len(),
        "scams": corpus.rows.iter().filter(|r| r.label).count(),
        "seed": seed,
        "folds": params.folds,
        "protocol": params.protocol.name(),
        "text": text,
        "vacancy": fitted.vacancy.as_ref().map(|_| params.vacancy.describe()),
        "verdict": {
            "alpha": params.verdict.alpha,
            "resampled_rows_per_domain_and_class": params.verdict.rows,
            "removed_for_their_sign": fitted.verdict.removed(extractor),
        },
        "thresholds": { "review": report.threshold("review"), "block": report.threshold("block") },
        "nested": report.figures_json(),
    });
    report.parameters = parameters(&training);
    let model = Artefact {
        manifest: Manifest {
            format: FORMAT,
            name: name.to_owned(),
            lexicon: extractor.lexicon_hash().to_owned(),
            prior: PRIOR,
            review: report.review,
            block: report.block,
            verdict: fitted.weights(extractor),
            training,
            files: Default::default(),
            checksum: String::new(),
        },
        table,
        tokenizer: tokenizer.into(),
        names: names.into(),
        lexicon: extractor.compiled_lexicon(&corpus.classifiers)?.into(),
    };
    Ok(Trained { model, logits, report: Some(report) })
}

/// What nested logits are, in a sentence.
pub fn nested_source(params: &Params) -> String {
    let together = match params.protocol {
        Protocol::Grouped => "keep near-duplicates, employers and author families together",
        Protocol::Employer => "keep near-duplicates and employers together, and part author families",
        Protocol::AuthorFamily => "keep near-duplicates and author families together, and part employers",
        Protocol::NearDuplicate => "keep near-duplicates together, and part employers",
        Protocol::Random => "part near-duplicates and employers, which flatters every figure",
    };
    let folds = params.folds;
    format!(
        "Nested: each posting was scored by a model that was fitted without its fold. {folds} outer folds and as many inner \
         ones; they {together}."
    )
}

/// What a manifest says about training beside data and figures: seed, folds, parameters.
pub fn parameters(training: &serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    let shown = |key: &str| !["data", "thresholds", "nested"].contains(&key);
    let keys = training.as_object().into_iter().flatten().filter(|(key, _)| shown(key));
    keys.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The names of a table's n-grams.
fn names(corpus: &Corpus, ranked: &[(u32, f64)], reader: &Reader) -> anyhow::Result<Vec<u8>> {
    let wanted: Vec<u32> = ranked.iter().map(|r| r.0).collect();
    Ok(names::pack(corpus.names(&wanted, reader).values().map(String::as_str).collect())?)
}

fn tokenizer_json(corpus: &Corpus, reader: &Reader) -> anyhow::Result<Vec<u8>> {
    if !reader.tokenizer.is_compiled() {
        anyhow::bail!("training makes a tokenizer of the supported family; it cannot start from another one");
    }
    let texts: Vec<String> = corpus
        .rows
        .iter()
        .map(|row| reader.folder.fold(row.posting.get(crate::posting::Field::Description)).text)
        .collect();
    Ok(tokenizer::train(texts.iter().map(String::as_str), TOKENIZER_VOCABULARY)?.into_bytes())
}

/// A reader with the tokenizer that training starts from.
pub fn reader() -> Reader {
    Reader::new(Tokenizer::default())
}
