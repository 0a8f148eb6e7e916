/*!
Few labels of one's own: a model is pulled away from a base model, not from zero.

A correction is fitted with the base's logit as offset ([`correction`]), so that the ridge penalty is around the base's
weights: n-grams that the base knows start from the table's weights, new ones from zero, signals and composites from the
verdict's. Both stages move in one fit: the base has not seen these postings, so its text logit needs no inner folds, and
one convex problem of a few hundred labels is steadier than two after another. The second reading
([`crate::model::vacancy`]) does not move: every candidate is tried with it and without, but for a pull towards zero, where it
goes.

How far the model may move, and in which stage, is chosen by grouped cross-validation on the new postings. The base is a
candidate too, and stays unless another one's log loss is lower by clearly more than the standard error of the difference
over groups: what cannot be shown to help is not done. A pull towards zero is another candidate: where the base knows nothing
of the source, holding on to it would cost. Too few labels to calibrate leave the honest postings where the base has
them, so that its thresholds go on meaning what they meant.
*/

pub mod choice;
pub mod correction;
mod merge;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::Trained;
use super::corpus::Corpus;
use super::pipeline::{Protocol, outer_folds};
use super::thresholds::{self, Threshold};
use super::weights::balanced_weights;
use crate::entities::reading::Reader;
use crate::eval::logistic::fit_line;
use crate::model::artefact::{Artefact, Manifest};
use crate::model::verdict_stage::VerdictWeights;
use crate::score::PRIOR;
use crate::signals::Extractor;
pub use choice::{Choice, Trial};
use correction::{Base, Correction};

/// Labels of each class, and groups that hold them, from which on the calibration is fitted anew.
pub const LEAST_TO_CALIBRATE: usize = 100;
/// Honest postings from which on the threshold of `review` is set anew: of fewer, 1 % is less than three.
pub const LEAST_FOR_REVIEW: usize = 300;
/// Honest postings from which on the threshold of `block` is set anew: of fewer, 0.1 % is less than two.
pub const LEAST_FOR_BLOCK: usize = 2000;
/// Bootstrap replicates of the figures that the manifest carries.
const REPLICATES: usize = 500;

/// How to adapt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptParams {
    /// Folds, outer and inner.
    pub folds: usize,
    /// What folds keep together.
    pub protocol: Protocol,
    /// Whether n-grams may move.
    pub text: bool,
    /// Whether signals, composites and the weight of the text may move.
    pub signals: bool,
}

impl Default for AdaptParams {
    fn default() -> Self {
        AdaptParams { folds: 5, protocol: Protocol::Grouped, text: true, signals: true }
    }
}

/// A base model, moved towards the rows it was adapted to.
#[derive(Clone, Debug)]
pub struct Adapted {
    /// What was added to the base.
    pub correction: Correction,
    /// How far it moves, and what the alternatives brought.
    pub choice: Choice,
}

/// Chooses how far to move and fits the correction, on the rows of these numbers.
///
/// # Errors
///
/// When the solver refuses the rows, which it does not when both labels are there.
pub fn fit(corpus: &Corpus, base: &Base, rows: &[usize], params: &AdaptParams, seed: u64) -> anyhow::Result<Adapted> {
    let choice = choice::choose(corpus, base, rows, params, seed)?;
    let correction = match choice.strength {
        Some(strength) => Correction::fit(corpus, base, rows, strength, seed)?.on_line(base, choice.line),
        None => Correction::none(base),
    };
    Ok(Adapted { correction, choice })
}

/// The logit of every row by a model whose adaptation, choice of strength included, has not seen its group.
///
/// # Errors
///
/// As [`fit`].
pub fn nested(corpus: &Corpus, base: &Base, params: &AdaptParams, seed: u64) -> anyhow::Result<Vec<f64>> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let folds = outer_folds(corpus, params.protocol, params.folds, seed);
    let parts: Vec<Vec<(usize, f64)>> = (0..params.folds)
        .into_par_iter()
        .map(|fold| {
            let (inside, outside): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&&i| folds[i] != fold);
            let adapted = fit(corpus, base, &inside, params, seed)?;
            Ok(outside.into_iter().map(|i| (i, adapted.correction.logit(corpus, base, i))).collect())
        })
        .collect::<anyhow::Result<_>>()?;
    let mut logits = vec![0.0; rows.len()];
    for (i, logit) in parts.into_iter().flatten() {
        logits[i] = logit;
    }
    Ok(logits)
}

/// Adapts a base model to a whole corpus: nested scores for calibration, thresholds and figures, then the correction on
/// everything, merged into the base's table. The same corpus, base and seed give the same bytes, whatever the threads.
///
/// # Errors
///
/// When a label is missing altogether, or the base's n-grams have no names, without which they cannot be carried over.
pub fn adapt(
    corpus: &Corpus,
    artefact: &Artefact,
    (reader, extractor): (&Reader, &Extractor),
    params: &AdaptParams,
    name: &str,
    seed: u64,
    mut say: impl FnMut(&str),
) -> anyhow::Result<Trained> {
    both_labels(corpus)?;
    let base = Base::new(corpus, artefact, extractor)?;
    say("nested evaluation");
    let logits = nested(corpus, &base, params, seed)?;
    say("fitting on all rows");
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let Adapted { correction, choice } = fit(corpus, &base, &rows, params, seed)?;
    let calibration = Calibration::of(corpus, &logits);
    say("merging n-grams");
    let stage = correction.stage(&base);
    let merged = merge::merge(corpus, artefact, &correction, &stage, reader)?;
    let line = calibration.line.unwrap_or((1.0, 0.0));
    let calibrated: Vec<f64> = logits.iter().map(|z| line.0 * z + line.1).collect();
    let figures = super::figures(corpus, &calibrated, params.protocol, REPLICATES, seed);
    let counted = |label: bool| corpus.rows.iter().filter(|r| r.label == label).count();
    let training = json!({
        "base": { "name": artefact.manifest.name, "checksum": artefact.manifest.checksum },
        "data": corpus.provenance,
        "postings": corpus.rows.len(),
        "scams": counted(true),
        "seed": seed,
        "folds": params.folds,
        "protocol": params.protocol.name(),
        "adaptation": choice.to_json(),
        "ngrams": { "known_and_moved": merged.moved, "new": merged.added, "given_up_for_new_ones": merged.dropped },
        "calibration": calibration.line.map(|(slope, intercept)| json!({ "slope": slope, "intercept": intercept })),
        "thresholds": { "review": calibration.review, "block": calibration.block },
        "kept_from_the_base": calibration.kept,
        "nested": super::report::figures_json(figures.iter()),
    });
    let (review, block) = calibration.logits(&artefact.manifest);
    let model = Artefact {
        manifest: Manifest {
            name: name.to_owned(),
            lexicon: extractor.lexicon_hash().to_owned(),
            review,
            block,
            verdict: scaled(&stage, line),
            training,
            files: Default::default(),
            checksum: String::new(),
            ..artefact.manifest.clone()
        },
        table: merged.table,
        tokenizer: artefact.tokenizer.clone(),
        names: merged.names.into(),
        lexicon: extractor.compiled_lexicon(extractor.classifiers())?.into(),
    };
    // What adapting measures is in its manifest: a few labels draw no curves.
    Ok(Trained { model, logits: calibrated, report: None })
}

/// Says what to do when a label is missing.
fn both_labels(corpus: &Corpus) -> anyhow::Result<()> {
    let scams = corpus.rows.iter().filter(|r| r.label).count();
    let (missing, value) = match (scams, corpus.rows.len() - scams) {
        (0, _) => ("scam", 1),
        (_, 0) => ("honest posting", 0),
        _ => return Ok(()),
    };
    anyhow::bail!(
        "all {} postings have the same label and no {missing} is among them; a model cannot learn from one side alone. \
         Label a few postings with {value} too, or add a set that has both; to flag more or less with the model as it \
         is, no training is needed: lurescan score --review-at P",
        corpus.rows.len()
    )
}

/// What the labels are enough for, beside the weights.
struct Calibration {
    /// Slope and intercept.
    line: Option<(f64, f64)>,
    review: Option<Threshold>,
    block: Option<Threshold>,
    /// What was not refitted, and why.
    kept: Vec<Value>,
}

impl Calibration {
    fn of(corpus: &Corpus, logits: &[f64]) -> Calibration {
        let rows: Vec<usize> = (0..corpus.rows.len()).collect();
        let groups = |label: bool| {
            let mut groups: Vec<usize> = corpus.rows.iter().filter(|r| r.label == label).map(|r| r.group).collect();
            groups.sort_unstable();
            groups.dedup();
            groups.len()
        };
        let count = |label: bool| corpus.rows.iter().filter(|r| r.label == label).count();
        let least_groups = choice::LEAST_GROUPS;
        let mut kept = Vec::new();
        let enough = [true, false].iter().all(|&l| count(l) >= LEAST_TO_CALIBRATE && groups(l) >= least_groups);
        // A slope of 0 or less would turn the ranking round: then the labels say nothing about the scale.
        let line = enough.then(|| {
            let weights = balanced_weights(corpus, &rows, PRIOR);
            let n = rows.len() as f64;
            fit_line(rows.iter().map(|&i| (logits[i], corpus.rows[i].label, weights[i] * n)), None)
        });
        let line = line.filter(|l| l.0 > 0.0);
        if line.is_none() {
            kept.push(json!(format!(
                "calibration: {} scams and {} honest postings, {} and {} groups of them; it needs {LEAST_TO_CALIBRATE} and {least_groups} of each",
                count(true), count(false), groups(true), groups(false)
            )));
        }
        let (slope, intercept) = line.unwrap_or((1.0, 0.0));
        let calibrated: Vec<f64> = logits.iter().map(|z| slope * z + intercept).collect();
        let mut threshold = |what: &str, least: usize, set: Option<Threshold>| {
            let set = set.filter(|_| line.is_some() && count(false) >= least);
            if set.is_none() {
                kept.push(json!(format!(
                    "threshold of {what}: {} honest postings; it needs {least}, and a calibration",
                    count(false)
                )));
            }
            set
        };
        let review = threshold("review", LEAST_FOR_REVIEW, thresholds::review(corpus, &calibrated));
        let block = threshold("block", LEAST_FOR_BLOCK, thresholds::block(corpus, &calibrated));
        Calibration { line, review, block, kept }
    }

    /// The thresholds, the base's where they were kept; `block` is never below `review`.
    fn logits(&self, base: &Manifest) -> (f64, f64) {
        let review = self.review.as_ref().map_or(base.review, |t| t.logit);
        (review, self.block.as_ref().map_or(base.block, |t| t.logit).max(review))
    }
}

/// Weights under which the logit is `slope` times as large, and `intercept` more.
fn scaled(weights: &VerdictWeights, (slope, intercept): (f64, f64)) -> VerdictWeights {
    let scale = |list: &[(String, f64)]| list.iter().map(|(id, w)| (id.clone(), w * slope)).collect();
    VerdictWeights {
        intercept: weights.intercept * slope + intercept,
        text: weights.text * slope,
        signals: scale(&weights.signals),
        composites: scale(&weights.composites),
        vacancy: weights.vacancy.map(|vacancy| vacancy.on_line((slope, intercept))),
    }
}

#[cfg(test)]
mod tests;
