/*!
The artefact classifiers: how well labels are told by what ought not to tell them.

Each is a logistic regression under folds that keep groups (author families) together, so that it must find what the
authors have in common. The small dense ones are linfa-logistic's; word n-grams go to the sparse solver. The figure is the
area under the ROC curve of the out-of-fold logits, averaged row by row over several ways to draw the folds; its interval
resamples groups.
*/

use linfa::prelude::{Fit, ParamGuard};
use linfa::{Dataset, DatasetBase};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;

pub use crate::eval::bootstrap::Estimate as Area;
use crate::eval::bootstrap::intervals;
use crate::eval::folds::grouped_folds;
use crate::eval::metrics::{Scored, sort};
use crate::train::sparse::{SparseLogisticParams, SparseRecords};

/// Folds; fewer when there are fewer groups.
pub const FOLDS: usize = 5;
/// Ways to draw the folds of a dense classifier.
const DRAWS: u64 = 5;
/// Replicates of the interval.
const REPLICATES: usize = 200;
/// Ridge of the dense classifiers on standardised columns.
const RIDGE: f64 = 1.0;

/// An artefact classifier's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Artefact {
    /// What it sees.
    pub name: &'static str,
    /// The area that it must stay under, where one is stated.
    pub limit: Option<f64>,
    /// Area under the ROC curve on all postings; none when there are too few groups or one label only.
    pub overall: Option<Area>,
    /// The same, fitted and measured on the English postings alone.
    pub english: Option<Area>,
}

impl Artefact {
    /// Whether one of the figures reaches the limit.
    pub fn is_over(&self) -> bool {
        let values = [self.overall, self.english].into_iter().flatten();
        self.limit.is_some_and(|limit| values.into_iter().any(|e| e.value >= limit))
    }
}

/// The rows that a classifier is fitted and measured on.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Labels.
    pub labels: &'a [bool],
    /// Groups that no fold parts.
    pub groups: &'a [usize],
    /// What the folds are balanced by besides the label: the language.
    pub strata: &'a [usize],
    /// Seed of folds and intervals.
    pub seed: u64,
}

impl Rows<'_> {
    /// The folds of one draw; none when there are fewer than two groups.
    fn folds(&self, draw: u64) -> Option<Vec<usize>> {
        let mut groups = self.groups.to_vec();
        groups.sort_unstable();
        groups.dedup();
        let k = FOLDS.min(groups.len());
        let strata: Vec<usize> = self.strata.iter().zip(self.labels).map(|(&s, &l)| 2 * s + usize::from(l)).collect();
        (k > 1).then(|| grouped_folds(self.groups, &strata, k, self.seed.wrapping_add(draw)))
    }

    fn area(&self, logits: &[f64]) -> Option<Area> {
        let mut scored: Vec<Scored> = (0..logits.len())
            .map(|i| Scored { logit: logits[i], label: self.labels[i], weight: 1.0, group: self.groups[i] })
            .collect();
        sort(&mut scored);
        let all = intervals(&scored, REPLICATES, self.seed)?;
        all.into_iter().find(|(name, _)| *name == "ROC AUC").map(|(_, e)| e)
    }

    /// Out-of-fold logits, averaged over the draws; `fit` gets the training and the held-out rows.
    pub(super) fn out_of_fold(
        &self,
        draws: u64,
        fit: impl Fn(&[usize], &[usize]) -> Option<Vec<f64>> + Sync,
    ) -> Option<Vec<f64>> {
        let mut logits = vec![0.0; self.labels.len()];
        for draw in 0..draws {
            let folds = self.folds(draw)?;
            let parts: Vec<(Vec<usize>, Vec<f64>)> = (0..=folds.iter().copied().max()?)
                .into_par_iter()
                .map(|fold| (0..folds.len()).partition(|&i| folds[i] == fold))
                .filter(|(held, _): &(Vec<usize>, Vec<usize>)| !held.is_empty())
                .map(|(held, train)| fit(&train, &held).map(|found| (held, found)))
                .collect::<Option<_>>()?;
            for (i, found) in parts.into_iter().flat_map(|(held, found)| held.into_iter().zip(found)) {
                logits[i] += found / draws as f64;
            }
        }
        Some(logits)
    }

    /// The area of a classifier over dense columns.
    pub fn dense(&self, columns: &[Vec<f64>]) -> Option<Area> {
        let logits = self.out_of_fold(DRAWS, |train, held| dense_fit(columns, self.labels, train, held))?;
        self.area(&logits)
    }

    /// The area of a classifier over bags of distinct n-grams.
    pub fn bags(&self, bags: &[&[u64]]) -> Option<Area> {
        let logits = self.out_of_fold(1, |train, held| bag_fit(bags, self.labels, train, held, self.seed))?;
        self.area(&logits)
    }
}

/// Fits on standardised columns and gives the logits of the held-out rows.
fn dense_fit(columns: &[Vec<f64>], labels: &[bool], train: &[usize], held: &[usize]) -> Option<Vec<f64>> {
    let width = columns.first()?.len();
    let n = train.len() as f64;
    let means: Vec<f64> = (0..width).map(|j| train.iter().map(|&i| columns[i][j]).sum::<f64>() / n).collect();
    let scales: Vec<f64> = (0..width)
        .map(|j| (train.iter().map(|&i| (columns[i][j] - means[j]).powi(2)).sum::<f64>() / n).sqrt())
        .map(|s| if s > 1e-9 { 1.0 / s } else { 0.0 })
        .collect();
    let matrix = |rows: &[usize]| {
        Array2::from_shape_fn((rows.len(), width), |(r, j)| (columns[rows[r]][j] - means[j]) * scales[j])
    };
    let targets: Array1<bool> = train.iter().map(|&i| labels[i]).collect();
    let fitted = LogisticRegression::default()
        .alpha(RIDGE)
        .max_iterations(200)
        .gradient_tolerance(1e-2)
        .fit(&Dataset::new(matrix(train), targets))
        .ok()?;
    // linfa-logistic takes the larger class for the positive one.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    // Without the intercept: it is the base rate of the training part, which is low where that of the held-out part is
    // high, and pooled over folds that would pull every figure below chance.
    Some(matrix(held).dot(fitted.params()).iter().map(|&x| sign * x).collect())
}

/// Binary n-grams that occur in two training rows at least, rows scaled to length 1.
fn bag_fit(bags: &[&[u64]], labels: &[bool], train: &[usize], held: &[usize], seed: u64) -> Option<Vec<f64>> {
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    for hash in train.iter().flat_map(|&i| bags[i]) {
        *counts.entry(*hash).or_default() += 1;
    }
    let mut known: Vec<u64> = counts.into_iter().filter(|&(_, n)| n > 1).map(|(h, _)| h).collect();
    known.sort_unstable();
    let records = |rows: &[usize]| {
        let mut records = SparseRecords::new(known.len());
        for &i in rows {
            let columns: Vec<u32> =
                bags[i].iter().filter_map(|h| known.binary_search(h).ok()).map(|j| j as u32).collect();
            let value = 1.0 / (columns.len().max(1) as f32).sqrt();
            records.push_row(columns.into_iter().map(|j| (j, value)));
        }
        records
    };
    let targets: Array1<bool> = train.iter().map(|&i| labels[i]).collect();
    let params = SparseLogisticParams::default().c(10.0).tolerance(0.1).seed(seed).check().ok()?;
    let fitted = params.fit(&DatasetBase::new(records(train), targets)).ok()?;
    Some(fitted.logits(&records(held)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    struct Set {
        labels: Vec<bool>,
        groups: Vec<usize>,
        noise: Vec<Vec<f64>>,
    }

    /// Labels at random, 45 % scams, in twenty families.
    fn set() -> Set {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let labels = (0..800).map(|_| rng.random::<f64>() < 0.45).collect();
        let noise = (0..800).map(|_| (0..6).map(|_| rng.random::<f64>()).collect()).collect();
        Set { labels, groups: (0..800).map(|i| i % 20).collect(), noise }
    }

    #[test]
    fn noise_tells_nothing_and_a_trace_is_found_whichever_class_is_larger() {
        for flip in [false, true] {
            let Set { mut labels, groups, noise } = set();
            labels.iter_mut().for_each(|l| *l ^= flip);
            let strata = vec![0; labels.len()];
            let rows = Rows { labels: &labels, groups: &groups, strata: &strata, seed: 1 };
            let area = rows.dense(&noise).unwrap();
            assert!(area.low < Some(0.5) && area.value < 0.55, "{area:?}");
            let mut traced = noise.clone();
            for (row, &label) in traced.iter_mut().zip(&labels) {
                row[3] += 0.5 * f64::from(label);
            }
            let area = rows.dense(&traced).unwrap();
            let (low, high) = area.interval().unwrap();
            assert!(area.value > 0.8 && low < area.value && area.value < high, "{area:?}");
        }
    }

    #[test]
    fn bags_of_words_are_told_apart() {
        let Set { labels, groups, .. } = set();
        let strata = vec![0; labels.len()];
        let rows = Rows { labels: &labels, groups: &groups, strata: &strata, seed: 1 };
        let bags: Vec<Vec<u64>> = labels
            .iter()
            .enumerate()
            .map(|(i, &l)| vec![i as u64 % 7, 100 + i as u64 % 13, if l { 50 } else { 51 }])
            .collect();
        assert!(rows.bags(&bags.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap().value > 0.99);
        let blind: Vec<&[u64]> = bags.iter().map(|b| &b[..2]).collect();
        assert!(rows.bags(&blind).unwrap().value < 0.58);
    }

    #[test]
    fn one_group_or_one_label_has_no_figure() {
        let columns = vec![vec![0.0], vec![1.0], vec![2.0], vec![0.5]];
        let strata = [0; 4];
        let figure =
            |labels: &[bool], groups: &[usize]| Rows { labels, groups, strata: &strata, seed: 0 }.dense(&columns);
        assert_eq!(figure(&[true, false, true, false], &[1; 4]), None);
        assert_eq!(figure(&[true; 4], &[0, 1, 2, 3]), None);
    }
}
