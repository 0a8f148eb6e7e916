/*!
Probable label errors, by confident learning (Northcutt, Jiang and Chuang, Journal of AI Research 70, 2021).

Every posting is scored by a model that has not seen its group: n-grams and signals, in folds that keep together what
belongs together, so that a flipped label cannot teach its own near-duplicates. A posting is suspect when its probability
of the other label is at least what postings of that label have on average: each label has its own threshold, so that a
rare label, or one that is hard to tell, does not make all its postings suspect.
*/

use linfa::DatasetBase;
use linfa::ParamGuard;
use linfa::prelude::Fit;
use ndarray::Array1;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::artefacts::Rows;
use crate::entities::reading::Reader;
use crate::eval::logistic::fit_line;
use crate::eval::metrics::sigmoid;
use crate::signals::catalogue::SignalKind;
use crate::signals::{Extractor, Scratch};
use crate::train::labelled::LabelledSet;
use crate::train::sparse::{SparseLogisticParams, SparseRecords};

/// Cost of a row of mean weight.
const C: f64 = 3.0;
/// Value of a signal of strength 1, beside n-grams of a row of length 1.
const SIGNAL: f64 = 0.3;

/// A posting whose label is probably wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelError {
    /// Its id.
    pub id: String,
    /// File and line, or file and record.
    pub place: String,
    /// The label it has.
    pub label: u8,
    /// The probability that it is a scam, by a model that has not seen its group; both labels count alike.
    pub probability: f64,
    /// The lure signals it shows, the strongest first.
    pub lure_signals: Vec<String>,
    /// The signals it shows that speak for an ad, the strongest first.
    pub signals_for_the_ad: Vec<String>,
}

/// What the model sees of a posting.
struct Seen {
    ngrams: Vec<u64>,
    strengths: Vec<f64>,
}

/// All suspects, the surest first; none when there are fewer than two groups or only one label.
pub(super) fn label_errors(set: &LabelledSet, reader: &Reader, groups: &[usize], seed: u64) -> Vec<LabelError> {
    let extractor = Extractor::embedded(reader);
    let labelled: Vec<(usize, bool)> =
        set.items.iter().enumerate().filter_map(|(i, item)| Some((i, item.posting.label?))).collect();
    let labels: Vec<bool> = labelled.iter().map(|l| l.1).collect();
    let groups: Vec<usize> = labelled.iter().map(|l| groups[l.0]).collect();
    let seen: Vec<Seen> = labelled
        .par_iter()
        .map_init(Scratch::default, |scratch, &(i, _)| {
            let reading = reader.read(&set.items[i].posting);
            Seen { ngrams: super::bag(&reading), strengths: extractor.extract(reader, &reading, scratch).strengths }
        })
        .collect();
    let Some(probabilities) = out_of_fold(&seen, &labels, &groups, seed) else { return Vec::new() };
    let mut suspects: Vec<(usize, f64)> = suspects(&probabilities, &labels);
    suspects.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let catalogue = extractor.catalogue().signals();
    let error = |&(k, _): &(usize, f64)| {
        let item = &set.items[labelled[k].0];
        let fired = |for_the_ad: bool| -> Vec<String> {
            let of_kind = |s: &SignalKind| (*s == SignalKind::ForTheAd) == for_the_ad;
            let mut fired: Vec<(&str, f64)> = catalogue
                .iter()
                .zip(&seen[k].strengths)
                .filter(|(signal, strength)| **strength > 0.0 && of_kind(&signal.kind))
                .map(|(signal, strength)| (signal.id.as_str(), *strength))
                .collect();
            fired.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
            fired.into_iter().map(|f| f.0.to_owned()).collect()
        };
        LabelError {
            id: item.posting.id.clone(),
            place: item.place.clone(),
            label: labels[k] as u8,
            probability: probabilities[k],
            lure_signals: fired(false),
            signals_for_the_ad: fired(true),
        }
    };
    suspects.iter().map(error).collect()
}

/// Those at or above the mean of the other label, with the probability of that label.
fn suspects(probabilities: &[f64], labels: &[bool]) -> Vec<(usize, f64)> {
    let of = |k: usize, label: bool| if label { probabilities[k] } else { 1.0 - probabilities[k] };
    let mean = |label: bool| {
        let own: Vec<f64> = (0..labels.len()).filter(|&k| labels[k] == label).map(|k| of(k, label)).collect();
        own.iter().sum::<f64>() / own.len().max(1) as f64
    };
    let thresholds = [mean(false), mean(true)];
    (0..labels.len())
        .map(|k| (k, of(k, !labels[k])))
        .filter(|&(k, other)| other > 0.5 && other >= thresholds[usize::from(!labels[k])])
        .collect()
}

/// The probability of each row, by a model that has not seen its group; both labels have the same mass. One line through
/// the logits of all rows calibrates them: two numbers, which a single label hardly moves.
fn out_of_fold(seen: &[Seen], labels: &[bool], groups: &[usize], seed: u64) -> Option<Vec<f64>> {
    let count = |label: bool| labels.iter().filter(|l| **l == label).count();
    if count(true) == 0 || count(false) == 0 {
        return None;
    }
    let weight = |label: bool| labels.len() as f64 / (2.0 * count(label) as f64);
    let rows = Rows { labels, groups, strata: &vec![0; labels.len()], seed };
    let logits = rows.out_of_fold(1, |train, held| fit(seen, labels, &weight, train, held, seed))?;
    let (slope, intercept) = fit_line(logits.iter().zip(labels).map(|(&z, &l)| (z, l, weight(l))), None);
    Some(logits.iter().map(|z| sigmoid(slope * z + intercept)).collect())
}

/// Fits on some rows and gives the logits of others.
fn fit(
    seen: &[Seen],
    labels: &[bool],
    weight: &impl Fn(bool) -> f64,
    train: &[usize],
    held: &[usize],
    seed: u64,
) -> Option<Vec<f64>> {
    let signals = seen.first()?.strengths.len() as u32;
    // Numbers by first occurrence, after a constant and the signals; the document frequency beside them.
    let mut numbers: FxHashMap<u64, (u32, u32)> = FxHashMap::default();
    for &i in train {
        for &hash in &seen[i].ngrams {
            let next = 1 + signals + numbers.len() as u32;
            numbers.entry(hash).or_insert((next, 0)).1 += 1;
        }
    }
    let columns = 1 + signals as usize + numbers.len();
    let idf = |documents: u32| ((1.0 + train.len() as f64) / (1.0 + documents as f64)).ln() + 1.0;
    let records = |rows: &[usize]| {
        let mut records = SparseRecords::new(columns);
        for &i in rows {
            let known: Vec<(u32, f64)> =
                seen[i].ngrams.iter().filter_map(|h| numbers.get(h)).map(|&(n, d)| (n, idf(d))).collect();
            let norm = known.iter().map(|(_, v)| v * v).sum::<f64>().sqrt().max(1e-9);
            let fired = seen[i].strengths.iter().enumerate().filter(|(_, s)| **s > 0.0);
            let fired = fired.map(|(j, s)| (1 + j as u32, (SIGNAL * s) as f32));
            let words = known.iter().map(|&(n, v)| (n, (v / norm) as f32));
            records.push_row(std::iter::once((0, 1.0)).chain(fired).chain(words));
        }
        records
    };
    let targets: Array1<bool> = train.iter().map(|&i| labels[i]).collect();
    let costs: Array1<f32> = train.iter().map(|&i| weight(labels[i]) as f32).collect();
    let params = SparseLogisticParams::default().c(C).seed(seed).tolerance(0.05).max_iterations(100).check().ok()?;
    let fitted = params.fit(&DatasetBase::new(records(train), targets).with_weights(costs)).ok()?;
    Some(fitted.logits(&records(held)))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{CheckOptions, check};
    use super::*;
    use crate::signals::catalogue::Catalogue;
    use crate::text::ngrams::token_hash;
    use crate::train::labelled::read;

    /// Of labels flipped on purpose in families of the lure corpus, which are hard postings, more than half must be found,
    /// and more than half of as many suspects must be flips: with one in twenty flipped, chance is right one time in twenty.
    #[test]
    fn most_planted_flips_are_found() {
        let catalogue = Catalogue::embedded();
        let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures/marked"));
        let parts = ["a", "b", "c"];
        let paths: Vec<PathBuf> =
            (1..=6).flat_map(|r| parts.map(|part| dir.join(format!("r{r}-{part}.txt")))).collect();
        let mut set = read(&paths, &catalogue).unwrap();
        let mut flipped = Vec::new();
        for item in &mut set.items {
            if token_hash(&item.posting.id).is_multiple_of(20) {
                item.posting.label = item.posting.label.map(|l| !l);
                flipped.push(item.posting.id.clone());
            }
        }
        let options = CheckOptions { artefacts: false, label_errors: true, ..CheckOptions::default() };
        let errors = check(&set, &catalogue, &options).label_errors;
        let hits = |n: usize| errors.iter().take(n).filter(|e| flipped.contains(&e.id)).count() as f64;
        let recall = hits(errors.len()) / flipped.len() as f64;
        let precision_at_as_many = hits(flipped.len()) / flipped.len() as f64;
        let shown = format!(
            "{} flipped of {}, {} suspects, recall {recall:.2}, precision among as many {precision_at_as_many:.2}",
            flipped.len(),
            set.items.len(),
            errors.len()
        );
        assert!(flipped.len() >= 15 && recall > 0.5 && precision_at_as_many > 0.5, "{shown}");
        assert!(errors.len() * 5 < set.items.len(), "too many suspects to be read: {shown}");
    }

    #[test]
    fn each_label_has_its_own_threshold() {
        let probabilities = [0.9, 0.8, 0.3, 0.4, 0.1, 0.85];
        let labels = [true, true, true, false, false, false];
        // Means: of scams 0.67, of honest 0.55. The third is 0.7 honest, the last 0.85 scam.
        assert_eq!(suspects(&probabilities, &labels), [(2, 0.7), (5, 0.85)]);
        // A scam at 0.6 for honest is suspect only where honest postings are no surer than that on average.
        assert!(suspects(&[0.4, 0.9, 0.1, 0.1], &[true, true, false, false]).is_empty());
    }

    #[test]
    fn one_label_or_one_group_has_no_suspects() {
        let seen = || Seen { ngrams: vec![1, 2], strengths: vec![0.0] };
        let all = [seen(), seen()];
        assert_eq!(out_of_fold(&all, &[true, true], &[0, 1], 1), None);
        assert_eq!(out_of_fold(&all, &[true, false], &[0, 0], 1), None);
    }
}
