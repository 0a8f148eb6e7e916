/*!
Fitting the classifiers of signals on marked postings.

The lexicons were mended on many of these very postings, so phrases do better on them than on those of strangers; and a
classifier that is asked about what it was fitted on knows all of it. So every marked posting is judged by classifiers
that have seen none of its group, and by these judgements is decided whether a signal has a classifier, how much the
phrases count in it, and where its threshold lies. They are what the verdict is fitted on, too.
*/

use linfa::ParamGuard;
use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;
use rayon::prelude::*;

use super::corpus::{Corpus, Row};
use super::sparse::{SparseLogisticParams, SparseRecords};
use super::text_fit::{keep_largest, ranked};
use crate::eval::folds::grouped_folds;
use crate::signals::Extractor;
use crate::signals::catalogue::{SignalId, SignalKind};
use crate::signals::classifiers::{Classifier, Classifiers, decide};
use crate::text::ngram_table::{NgramTable, capacity};

/// Fewer marked postings than this teach no classifier.
const LEAST_MARKED: usize = 1000;
/// Fewer postings with a signal, or without it, than this teach no classifier of it.
const LEAST_WITH: usize = 40;
/// A signal has a classifier where F1 by posting grows by so much.
const LEAST_GAIN: f64 = 0.005;
/// Slots of the table of a classifier, in 64 kibibytes.
const SLOTS: usize = 1 << 14;
/// Inverse regularisation.
const C: f64 = 1.0;
const FOLDS: usize = 5;
/// What all words must say beyond the threshold where no phrase shows a lure signal. In the marked postings every signal is
/// frequent; in ordinary ads most are rare, and what is raised there is wrong more often.
const CAUTION: f64 = 0.75;
/// How much phrases and rules may count.
const FOUND: [f64; 7] = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0];

/// A linear fit over the n-grams of the corpus's vocabulary, the intercept last.
struct Linear(Vec<f64>);

impl Linear {
    fn parts(&self) -> (f64, &[f64]) {
        let (intercept, weights) = self.0.split_last().expect("it has an intercept at least");
        (*intercept, weights)
    }

    fn logit(&self, row: &Row) -> f64 {
        let (intercept, weights) = self.parts();
        let sum: f64 = row.ngrams.iter().map(|&n| weights[n as usize]).sum();
        intercept + sum / (row.ngrams.len().max(1) as f64).sqrt()
    }
}

/// What phrases and a classifier that has not seen its group say of a posting.
struct Judged {
    is_marked: bool,
    found: bool,
    logit: f64,
}

impl Judged {
    fn with(&self, weight: f64) -> f64 {
        self.logit + if self.found { weight } else { 0.0 }
    }
}

/// How much phrases and rules should count beside the classifier, and the threshold of both together; none where the
/// classifier brings too little.
///
/// `start` is what the classifier says of a posting of which it knows no word: there a phrase is believed, which may be of a
/// language or a lexicon that no posting of the fit had.
fn best_weight(judged: &[Judged], start: f64) -> Option<(f64, f64)> {
    let by_phrases = f1_of(judged.iter().map(|j| (j.found, j.is_marked)));
    let with = |weight: f64| best_threshold(judged.iter().map(|j| (j.with(weight), j.is_marked)), start + weight);
    let best = FOUND.map(|weight| (with(weight), weight)).into_iter().rev().max_by(|a, b| a.0.0.total_cmp(&b.0.0));
    best.filter(|((f1, _), _)| *f1 >= by_phrases + LEAST_GAIN).map(|((_, threshold), weight)| (weight, threshold))
}

/// A signal's classifier, and what it says of every row that is not of its fit.
struct Fitted {
    classifier: Classifier,
    is_there: Vec<bool>,
}

/// Whether so many marked postings teach classifiers.
pub(super) fn can_fit(marked: usize) -> bool {
    marked >= LEAST_MARKED
}

/// Fits classifiers on the marked rows, whose evidence is by phrases, and lets them have their say on every row's evidence.
pub(super) fn cross_fit(corpus: &mut Corpus, extractor: &Extractor, seed: u64) -> anyhow::Result<Classifiers> {
    let marked: Vec<usize> = (0..corpus.rows.len()).filter(|&i| corpus.rows[i].marks.is_some()).collect();
    let groups: Vec<usize> = marked.iter().map(|&i| corpus.rows[i].group).collect();
    let strata: Vec<usize> = marked.iter().map(|&i| usize::from(corpus.rows[i].label)).collect();
    let folds = grouped_folds(&groups, &strata, FOLDS, seed);
    let signals: Vec<SignalId> = (0..extractor.catalogue().len() as u16).map(SignalId).collect();
    let fitted: Vec<Option<Fitted>> = signals
        .into_par_iter()
        .map(|signal| fit_signal(corpus, &marked, &folds, (signal, extractor.catalogue().get(signal).kind), seed))
        .collect::<anyhow::Result<_>>()?;
    let mut classifiers = Vec::new();
    for Fitted { classifier, is_there } in fitted.into_iter().flatten() {
        for (row, is_there) in corpus.rows.iter_mut().zip(is_there) {
            if (row.evidence.strengths[classifier.signal.0 as usize] > 0.0) != is_there {
                decide(&mut row.evidence, classifier.signal, is_there, None);
            }
        }
        classifiers.push(classifier);
    }
    for row in &mut corpus.rows {
        row.evidence.composites = extractor.combined(&row.evidence.strengths);
    }
    Ok(Classifiers::new(classifiers).expect("their tables have one size"))
}

fn fit_signal(
    corpus: &Corpus,
    marked: &[usize],
    folds: &[usize],
    (signal, kind): (SignalId, SignalKind),
    seed: u64,
) -> anyhow::Result<Option<Fitted>> {
    // What speaks for an ad anyone can type: there a phrase by itself is not believed, and nothing is lost by boldness.
    let (is_believed, caution) = match kind {
        SignalKind::ForTheAd => (false, 0.0),
        SignalKind::Lure => (true, CAUTION),
    };
    let best_weight =
        |judged: &[Judged], start: f64| best_weight(judged, if is_believed { start } else { f64::INFINITY });
    let is_marked = |i: usize| corpus.rows[i].marks.as_ref().is_some_and(|marks| marks.contains(&signal));
    let found = |i: usize| corpus.rows[i].evidence.strengths[signal.0 as usize] > 0.0;
    let with = marked.iter().filter(|&&i| is_marked(i)).count();
    if with.min(marked.len() - with) < LEAST_WITH {
        return Ok(None);
    }
    let judged = |rows: &[usize], logits: &[f64]| -> Vec<Judged> {
        rows.iter().map(|&i| Judged { is_marked: is_marked(i), found: found(i), logit: logits[i] }).collect()
    };
    let mut logits = vec![0.0; corpus.rows.len()];
    let mut starts = 0.0;
    for fold in 0..FOLDS {
        let side =
            |inside: bool| marked.iter().zip(folds).filter(move |(_, f)| (**f != fold) == inside).map(|(&i, _)| i);
        let linear = fit_linear(corpus, &side(true).collect::<Vec<_>>(), is_marked, seed)?;
        side(false).for_each(|i| logits[i] = linear.logit(&corpus.rows[i]));
        starts += linear.parts().0;
        // What brings nothing to one fold is not asked about the others.
        if fold == 0 && best_weight(&judged(&side(false).collect::<Vec<_>>(), &logits), starts).is_none() {
            return Ok(None);
        }
    }
    let Some((weight, threshold)) = best_weight(&judged(marked, &logits), starts / FOLDS as f64) else {
        return Ok(None);
    };
    let linear = fit_linear(corpus, marked, is_marked, seed)?;
    let (intercept, weights) = linear.parts();
    let entries: Vec<(u64, f64)> =
        ranked(weights).into_iter().map(|n| (corpus.vocabulary[n as usize], weights[n as usize])).collect();
    let table = NgramTable::build(&entries, SLOTS)
        .ok_or_else(|| anyhow::anyhow!("{} n-grams do not fit into the table of a signal", entries.len()))?;
    let (weight, threshold) = (weight + caution, threshold + caution);
    let classifier = Classifier { signal, intercept: intercept - threshold, found: weight, table };
    let is_there = (0..corpus.rows.len())
        .map(|i| {
            let row = &corpus.rows[i];
            let logit = if row.marks.is_some() { logits[i] } else { linear.logit(row) };
            Judged { is_marked: is_marked(i), found: found(i), logit }.with(weight) >= threshold
        })
        .collect();
    Ok(Some(Fitted { classifier, is_there }))
}

/// Fits on some rows; only the weights that fit into a table are kept.
fn fit_linear(corpus: &Corpus, rows: &[usize], is_marked: impl Fn(usize) -> bool, seed: u64) -> anyhow::Result<Linear> {
    let size = corpus.vocabulary.len();
    let mut documents = vec![0u32; size];
    for &i in rows {
        corpus.rows[i].ngrams.iter().for_each(|&n| documents[n as usize] += 1);
    }
    // What stands in one posting only says nothing of others.
    let idf = |n: u32| match documents[n as usize] {
        0 | 1 => 0.0,
        of => ((1.0 + rows.len() as f64) / (1.0 + f64::from(of))).ln() + 1.0,
    };
    let with = rows.iter().filter(|&&i| is_marked(i)).count();
    let share = |is: bool| rows.len() as f64 / (2 * if is { with } else { rows.len() - with }) as f64;
    let mut records = SparseRecords::new(size + 1);
    let (mut labels, mut costs) = (Vec::new(), Vec::new());
    for &i in rows {
        let ngrams = &corpus.rows[i].ngrams;
        let norm = 1.0 / (ngrams.len().max(1) as f64).sqrt();
        let values = ngrams.iter().map(|&n| (n, (idf(n) * norm) as f32)).filter(|(_, value)| *value != 0.0);
        records.push_row(values.chain([(size as u32, 1.0)]));
        labels.push(is_marked(i));
        costs.push(share(is_marked(i)) as f32);
    }
    let dataset = DatasetBase::new(records, Array1::from_vec(labels)).with_weights(Array1::from_vec(costs));
    let solver = SparseLogisticParams::default().c(C).seed(seed).tolerance(0.1).max_iterations(60).check()?;
    let mut weights = solver.fit(&dataset)?.weights.to_vec();
    for (n, weight) in weights.iter_mut().enumerate().take(size) {
        *weight *= idf(n as u32);
    }
    keep_largest(&mut weights[..size], capacity(SLOTS));
    Ok(Linear(weights))
}

/// The F1 of decisions, each with the truth.
fn f1_of(decided: impl Iterator<Item = (bool, bool)>) -> f64 {
    let (mut hits, mut wrong) = (0usize, 0usize);
    for (found, is) in decided {
        hits += usize::from(found && is);
        wrong += usize::from(found != is);
    }
    2.0 * hits as f64 / (2 * hits + wrong).max(1) as f64
}

/// The best F1 that a threshold of so much at most gives on these scores, each with the truth; and the threshold.
fn best_threshold(scored: impl Iterator<Item = (f64, bool)>, most: f64) -> (f64, f64) {
    let mut scored: Vec<(f64, bool)> = scored.collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = scored.iter().filter(|s| s.1).count();
    let (mut hits, mut best) = (0, (0.0, f64::INFINITY));
    for (k, &(score, is)) in scored.iter().enumerate() {
        hits += usize::from(is);
        let next = scored.get(k + 1).map_or(f64::NEG_INFINITY, |s| s.0);
        let f1 = 2.0 * hits as f64 / (k + 1 + all) as f64;
        if next < score.min(most) && f1 > best.0 {
            best = (f1, if next.is_finite() { (score.min(most) + next) / 2.0 } else { score.min(most) });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_threshold_parts_equal_scores_nowhere() {
        let scored = [(3.0, true), (2.0, true), (2.0, false), (1.0, false), (0.0, false)];
        let (f1, threshold) = best_threshold(scored.into_iter(), f64::INFINITY);
        assert_eq!(threshold, 1.5);
        assert!((f1 - f1_of(scored.into_iter().map(|(z, is)| (z >= threshold, is)))).abs() < 1e-12);
        assert_eq!(best_threshold([(1.0, true)].into_iter(), f64::INFINITY), (1.0, 1.0));
        assert_eq!(best_threshold([(1.0, false)].into_iter(), f64::INFINITY).0, 0.0);
        let (f1, threshold) = best_threshold(scored.into_iter(), 0.5);
        assert_eq!((f1, threshold), (4.0 / 6.0, 0.25));
    }
}
