/*!
The learning curve: what so many labels of a source bring, trained on alone, and on top of a base model.

For each repetition the groups of the source are put into an order by chance; the largest number of labels takes its rows
from the first groups, and every smaller one from the first of those. All are measured on the same rows, those of the
groups that none has touched, so that differences within a repetition are paired.
*/

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::adapt::correction::Base;
use super::adapt::{self, AdaptParams};
use super::corpus::Corpus;
use super::pipeline::{self, Params};
use crate::eval::interval::Z;
use crate::eval::metrics::{Scored, measure, sort};
use crate::signals::Extractor;

/// At most this share of a subset comes from one group: whoever labels fifty postings does not label one campaign.
const SHARE_OF_A_GROUP: usize = 10;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The base as it is.
    Base,
    /// The base, adapted to the labels.
    FromBase,
    /// A model trained on the labels alone.
    FromScratch,
}

impl Way {
    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Way::Base => "base alone",
            Way::FromBase => "from the base",
            Way::FromScratch => "from scratch",
        }
    }
}

/// The figures of one way at one number of labels in one repetition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// How many labels were wanted.
    pub labels: usize,
    /// How many of those that were there are scams.
    pub scams: usize,
    /// How many honest.
    pub honest: usize,
    /// How it was trained.
    pub way: Way,
    /// The repetition, from 0.
    pub repeat: usize,
    /// Postings that were scored.
    pub tested: usize,
    /// Whether the weights moved away from the base's.
    pub moved: bool,
    /// Average precision.
    pub average_precision: f64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Recall at 1 % false positives.
    pub recall_at_1_fpr: f64,
    /// Honest postings at or above the base's threshold of `review`; from scratch there is no such threshold.
    pub honest_flagged: Option<f64>,
}

/// Measures the curve. Ways that cannot be fitted on a subset, since it lacks a label or is too small, are left out.
///
/// # Errors
///
/// When a number of labels leaves no group to measure on, or a test part lacks a label.
pub fn measure_curve(
    corpus: &Corpus,
    (base, extractor): (&Base, &Extractor),
    review: f64,
    (sizes, repeats): (&[usize], usize),
    (params, adapting): (&Params, &AdaptParams),
    seed: u64,
    mut say: impl FnMut(&str),
) -> anyhow::Result<Vec<Run>> {
    let all: Vec<usize> = (0..corpus.rows.len()).collect();
    let groups = params.protocol.groups(corpus, &all);
    let mut runs = Vec::new();
    for repeat in 0..repeats {
        let seed = seed.wrapping_add(repeat as u64);
        let order = order(corpus, &groups, seed);
        let subsets: Vec<Vec<usize>> = sizes.iter().map(|&n| subset(&order, n)).collect();
        let mut touched: Vec<usize> = subsets.iter().flatten().map(|&i| groups[i]).collect();
        touched.sort_unstable();
        touched.dedup();
        let test: Vec<usize> = all.iter().copied().filter(|&i| touched.binary_search(&groups[i]).is_err()).collect();
        let figures = |logits: &[f64]| figures(corpus, &test, &groups, logits);
        let at_base: Vec<f64> = test.iter().map(|&i| base.logit(i)).collect();
        let Some(of_base) = figures(&at_base) else {
            anyhow::bail!(
                "{} labels of {} postings leave {} of other groups to measure on, without both labels among them; ask for fewer",
                sizes.iter().max().unwrap_or(&0),
                all.len(),
                test.len()
            );
        };
        for (&labels, rows) in sizes.iter().zip(&subsets) {
            let scams = rows.iter().filter(|&&i| corpus.rows[i].label).count();
            let run = |way, moved, [average_precision, roc_auc, recall_at_1_fpr]: [f64; 3], logits: &[f64]| Run {
                labels,
                scams,
                honest: rows.len() - scams,
                way,
                repeat,
                tested: test.len(),
                moved,
                average_precision,
                roc_auc,
                recall_at_1_fpr,
                honest_flagged: (way != Way::FromScratch).then(|| flagged(corpus, &test, logits, review)),
            };
            runs.push(run(Way::Base, false, of_base, &at_base));
            if scams == 0 || scams == rows.len() {
                // What `train` refuses cannot make the base worse.
                runs.push(run(Way::FromBase, false, of_base, &at_base));
                continue;
            }
            let adapted = adapt::fit(corpus, base, rows, adapting, seed)?;
            let logits: Vec<f64> = test.iter().map(|&i| adapted.correction.logit(corpus, base, i)).collect();
            let moved = adapted.choice.strength.is_some();
            runs.extend(figures(&logits).map(|f| run(Way::FromBase, moved, f, &logits)));
            // The verdict stage is refused on some tiny subsets; then there is no model to measure.
            let scratch = pipeline::fit(corpus, rows, extractor, params, seed);
            let logits = scratch.and_then(|fitted| fitted.logits(corpus, &test, extractor)).ok();
            let logits = logits.filter(|logits| logits.iter().all(|z| z.is_finite()));
            runs.extend(logits.and_then(|z| figures(&z).map(|f| run(Way::FromScratch, true, f, &z))));
            say(&format!("repetition {} of {repeats}: {labels} labels", repeat + 1));
        }
    }
    Ok(runs)
}

/// Groups in an order by chance, those with and without scams in turn, by their share of the rows: a subset has about as
/// many scams as the source.
fn order(corpus: &Corpus, groups: &[usize], seed: u64) -> Vec<Vec<usize>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, &group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(i);
    }
    let mut members: Vec<Vec<usize>> = members.into_values().collect();
    for rows in &mut members {
        rows.shuffle(&mut rng);
    }
    members.shuffle(&mut rng);
    let scams_of = |rows: &[usize]| rows.iter().filter(|&&i| corpus.rows[i].label).count();
    let share = scams_of(&(0..groups.len()).collect::<Vec<_>>()) as f64 / groups.len().max(1) as f64;
    let (mut with, mut without): (Vec<_>, Vec<_>) = members.into_iter().partition(|rows| scams_of(rows) > 0);
    let (mut scams, mut rows) = (0, 0);
    let mut out = Vec::new();
    while !(with.is_empty() && without.is_empty()) {
        let wanted = (scams as f64) < share * (rows + 1) as f64;
        let next = if wanted { with.pop().or_else(|| without.pop()) } else { without.pop().or_else(|| with.pop()) };
        let Some(group) = next else { break };
        // As many as a subset of fifty would take of it: a large group must not stand for all scams.
        let counted = &group[..group.len().min(5)];
        scams += scams_of(counted);
        rows += counted.len();
        out.push(group);
    }
    out
}

/// The first `n` rows of the groups in their order, of each group at most a tenth of `n`.
fn subset(order: &[Vec<usize>], n: usize) -> Vec<usize> {
    let most = (n / SHARE_OF_A_GROUP).max(1);
    let mut rows: Vec<usize> = order.iter().flat_map(|group| group.iter().take(most)).copied().take(n).collect();
    rows.sort_unstable();
    rows
}

/// Average precision, area under the ROC curve and recall at 1 % false positives.
fn figures(corpus: &Corpus, test: &[usize], groups: &[usize], logits: &[f64]) -> Option<[f64; 3]> {
    let mut scored: Vec<Scored> = test
        .iter()
        .zip(logits)
        .map(|(&i, &logit)| Scored {
            logit,
            label: corpus.rows[i].label,
            weight: corpus.rows[i].weight,
            group: groups[i],
        })
        .collect();
    sort(&mut scored);
    measure(&scored).map(|m| [m.average_precision, m.roc_auc, m.recall_at_1_fpr])
}

/// The share of the honest weight at or above a logit.
fn flagged(corpus: &Corpus, test: &[usize], logits: &[f64], at: f64) -> f64 {
    let (mut all, mut above) = (0.0, 0.0);
    for (&i, &logit) in test.iter().zip(logits).filter(|(i, _)| !corpus.rows[**i].label) {
        all += corpus.rows[i].weight;
        above += if logit >= at { corpus.rows[i].weight } else { 0.0 };
    }
    above / all
}

/// The summary of a figure over repetitions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Repetitions.
    pub repeats: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation; 0 with one repetition.
    pub deviation: f64,
    /// Mean of the differences to the base alone, within the repetitions.
    pub difference: f64,
    /// 95 % interval of that mean, by Student's t; as wide as the real line with one repetition.
    pub interval: (f64, f64),
    /// The lowest difference.
    pub lowest: f64,
}

/// Summarises a figure of one way and number of labels; none when there is no run of it.
pub fn summary(runs: &[Run], labels: usize, way: Way, figure: impl Fn(&Run) -> Option<f64>) -> Option<Summary> {
    let of = |way| runs.iter().filter(move |r| r.labels == labels && r.way == way);
    let values: Vec<f64> = of(way).filter_map(&figure).collect();
    let differences: Vec<f64> = of(way)
        .filter_map(|run| Some(figure(run)? - figure(of(Way::Base).find(|b| b.repeat == run.repeat)?)?))
        .collect();
    if values.is_empty() || differences.is_empty() {
        return None;
    }
    let ((mean, deviation), (difference, spread)) = (moments(&values), moments(&differences));
    let n = differences.len();
    let reach = if n > 1 { students_t(n - 1) * spread / (n as f64).sqrt() } else { f64::INFINITY };
    Some(Summary {
        repeats: n,
        mean,
        deviation,
        difference,
        interval: (difference - reach, difference + reach),
        lowest: differences.iter().copied().fold(f64::INFINITY, f64::min),
    })
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 })
}

/// The 97.5th percentile of Student's t: a table up to ten degrees, beyond it an expansion around the normal's that is
/// right to 0.002.
fn students_t(degrees: usize) -> f64 {
    const TABLE: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    let n = degrees as f64;
    TABLE.get(degrees - 1).copied().unwrap_or_else(|| {
        Z + (Z.powi(3) + Z) / (4.0 * n) + (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / (96.0 * n * n)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(way: Way, repeat: usize, value: f64) -> Run {
        Run {
            labels: 50,
            scams: 10,
            honest: 40,
            way,
            repeat,
            tested: 100,
            moved: false,
            average_precision: value,
            roc_auc: value,
            recall_at_1_fpr: value,
            honest_flagged: None,
        }
    }

    #[test]
    fn differences_are_paired_by_repetition() {
        let runs: Vec<Run> = [(0.5, 0.6), (0.7, 0.8), (0.9, 1.0)]
            .into_iter()
            .enumerate()
            .flat_map(|(k, (base, from))| [run(Way::Base, k, base), run(Way::FromBase, k, from)])
            .collect();
        let s = summary(&runs, 50, Way::FromBase, |r| Some(r.roc_auc)).unwrap();
        assert!((s.mean - 0.8).abs() < 1e-12 && (s.deviation - 0.2).abs() < 1e-12, "{s:?}");
        assert!((s.interval.0 - 0.1).abs() < 1e-9 && (s.interval.1 - 0.1).abs() < 1e-9, "{s:?}");
        assert_eq!(summary(&runs, 50, Way::FromScratch, |r| Some(r.roc_auc)), None);
        let one = summary(&runs[..2], 50, Way::FromBase, |r| Some(r.roc_auc)).unwrap();
        assert_eq!(one.interval, (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn students_t_is_the_tables() {
        for (degrees, t) in [(1, 12.706), (9, 2.262), (11, 2.201), (19, 2.093), (29, 2.045), (1000, 1.962)] {
            assert!((students_t(degrees) - t).abs() < 0.003, "{degrees}: {}", students_t(degrees));
        }
    }

    #[test]
    fn a_subset_takes_a_tenth_of_a_group_at_most_and_smaller_ones_lie_within() {
        let order: Vec<Vec<usize>> = (0..30).map(|g| (g * 40..(g + 1) * 40).collect()).collect();
        let (small, large) = (subset(&order, 50), subset(&order, 200));
        assert_eq!((small.len(), large.len()), (50, 200));
        assert!(small.iter().all(|i| large.contains(i)));
        assert!((0..30).all(|g| small.iter().filter(|&&i| i / 40 == g).count() <= 5));
        assert!(subset(&order, 0).is_empty());
    }
}
