/*!
Intervals by bootstrap over groups.

Postings of one employer, campaign or author are not independent, so whole groups are drawn with replacement; drawing
rows would make every interval too narrow. One generator draws and many threads measure, so that an interval does not
depend on how many there are.
*/

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::metrics::{Metrics, Scored, measure};

/// Draws that are held at a time.
const WAVE: usize = 256;
/// Fewer groups than this are not drawn from: the draws repeat each other, and the interval is far too narrow.
const LEAST_GROUPS: usize = 10;
/// Nor is a class that fewer groups hold: every draw that has the class has the same postings of it.
const LEAST_GROUPS_OF_A_CLASS: usize = 2;
/// What stands in the place of an interval that is not given.
pub const NO_INTERVAL: &str = "too few groups for an interval";

/// A figure with its interval, which has no ends where there are too few groups to draw from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// On the rows as they are.
    pub value: f64,
    /// 2.5th percentile over the replicates.
    pub low: Option<f64>,
    /// 97.5th percentile over the replicates.
    pub high: Option<f64>,
}

impl Estimate {
    /// The figure with the interval between percentiles of the replicates.
    pub(super) fn of(value: f64, mut replicates: Vec<f64>) -> Estimate {
        let mut end = |q| Some(percentile(&mut replicates, q)).filter(|end| end.is_finite());
        Estimate { value, low: end(0.025), high: end(0.975) }
    }

    /// The ends of the interval.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.low.zip(self.high)
    }

    /// The interval as people read it: what `write` makes of its ends, or why there is none.
    pub fn told(&self, write: impl Fn(f64, f64) -> String) -> String {
        self.interval().map_or_else(|| NO_INTERVAL.to_owned(), |(low, high)| write(low, high))
    }
}

/// Whether the groups of rows, given with their labels, are enough to draw from.
pub(super) fn can_be_drawn(rows: impl Iterator<Item = (usize, bool)>) -> bool {
    let (mut all, mut of_class) = (BTreeSet::new(), [BTreeSet::new(), BTreeSet::new()]);
    for (group, label) in rows {
        all.insert(group);
        of_class[usize::from(label)].insert(group);
    }
    all.len() >= LEAST_GROUPS && of_class.iter().all(|g| g.is_empty() || g.len() >= LEAST_GROUPS_OF_A_CLASS)
}

/// All metrics with their 95 % intervals, in the order of [`Metrics::entries`]; `None` without both classes. Of fewer than
/// ten groups, or where a class is in one group only, no interval is given.
///
/// `sorted` comes from [`super::metrics::sort`]. Replicates that lack a class are drawn again, up to ten times as many.
pub fn intervals(sorted: &[Scored], replicates: usize, seed: u64) -> Option<Vec<(&'static str, Estimate)>> {
    let point = measure(sorted)?;
    let mut groups: Vec<usize> = sorted.iter().map(|s| s.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let place: Vec<usize> = sorted.iter().map(|s| groups.binary_search(&s.group).unwrap_or(0)).collect();
    let weighty = sorted.iter().filter(|s| s.weight > 0.0).map(|s| (s.group, s.label));
    let replicates = if can_be_drawn(weighty) { replicates } else { 0 };
    let drawn: Vec<Metrics> = draws(groups.len(), replicates, seed, |times| {
        let weighed = |(s, &g): (&Scored, &usize)| Scored { weight: s.weight * times[g] as f64, ..*s };
        let resampled: Vec<Scored> = sorted.iter().zip(&place).map(weighed).collect();
        measure(&resampled)
    });
    Some(
        point
            .entries()
            .into_iter()
            .enumerate()
            .map(|(k, (name, value))| (name, Estimate::of(value, drawn.iter().map(|m| m.entries()[k].1).collect())))
            .collect(),
    )
}

/// What `measure` says of each draw of groups: it is told how many times each group was drawn.
///
/// Draws of which it says nothing are drawn again, up to ten times as many.
pub(super) fn draws<T: Send>(
    groups: usize,
    replicates: usize,
    seed: u64,
    measure: impl Fn(&[u32]) -> Option<T> + Sync,
) -> Vec<T> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = || {
        let mut times = vec![0u32; groups];
        for _ in 0..groups {
            times[rng.random_range(0..groups)] += 1;
        }
        times
    };
    let mut measured = Vec::with_capacity(replicates);
    let mut left = replicates * 10;
    while measured.len() < replicates && left > 0 {
        // Never more than are still missing, so that every number of threads stops at the same draw.
        let wave = (replicates - measured.len()).min(left).min(WAVE);
        left -= wave;
        let times: Vec<Vec<u32>> = (0..wave).map(|_| draw()).collect();
        measured.par_extend(times.par_iter().filter_map(|times| measure(times)));
    }
    measured
}

/// The value below which a share `q` of `values` lies, between neighbours by straight line.
pub fn percentile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    let at = q * (values.len() - 1) as f64;
    let (below, share) = (at.floor() as usize, at.fract());
    let above = (below + 1).min(values.len() - 1);
    values[below] + share * (values[above] - values[below])
}

#[cfg(test)]
mod tests {
    use super::super::metrics::sort;
    use super::*;

    fn rows(groups: usize, copies: usize) -> Vec<Scored> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut out = Vec::new();
        for group in 0..groups {
            let label = group % 3 == 0;
            let logit = rng.random::<f64>() * 4.0 - 2.0 + label as u8 as f64;
            out.extend(std::iter::repeat_n(Scored { logit, label, weight: 1.0, group }, copies));
        }
        sort(&mut out);
        out
    }

    #[test]
    fn copies_within_a_group_do_not_narrow_the_interval() {
        let width = |rows: &[Scored]| {
            let (_, e) = intervals(rows, 300, 7).unwrap()[1];
            let (low, high) = e.interval().unwrap();
            assert!(low <= e.value && e.value <= high);
            high - low
        };
        let (single, copied) = (width(&rows(60, 1)), width(&rows(60, 20)));
        assert!((single - copied).abs() < 0.02, "{single} {copied}");
    }

    #[test]
    fn of_too_few_groups_no_interval_is_given() {
        let interval = |rows: &[Scored]| intervals(rows, 50, 7).unwrap()[1].1.interval();
        // Two thirds of the groups are honest.
        assert_eq!((interval(&rows(9, 20)), interval(&rows(10, 20)).is_some()), (None, true));
        let mut one_scam = rows(60, 1);
        one_scam.retain(|s| !s.label || s.group == 0);
        assert_eq!((one_scam.len(), interval(&one_scam)), (41, None));
        let mut weightless = rows(60, 1);
        weightless.iter_mut().filter(|s| s.group > 8).for_each(|s| s.weight = 0.0);
        assert_eq!(interval(&weightless), None, "rows without weight are no groups to draw");
        let told = Estimate { value: 1.0, low: None, high: None };
        assert_eq!(serde_json::to_string(&told).unwrap(), r#"{"value":1.0,"low":null,"high":null}"#);
    }

    #[test]
    fn percentiles_interpolate() {
        assert_eq!(percentile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(percentile(&mut [0.0, 10.0], 0.25), 2.5);
        assert!(percentile(&mut [], 0.5).is_nan());
    }
}
