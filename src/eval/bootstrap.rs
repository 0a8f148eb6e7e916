/*!
Intervals by bootstrap over groups.

Postings of one employer, campaign or author are not independent, so whole groups are drawn with replacement; drawing
rows would make every interval too narrow. One generator draws and many threads measure, so that an interval does not
depend on how many there are.
*/

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::metrics::{Metrics, Scored, measure};

/// Draws that are held at a time.
const WAVE: usize = 256;

/// A figure with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// On the rows as they are.
    pub value: f64,
    /// 2.5th percentile over the replicates.
    pub low: f64,
    /// 97.5th percentile over the replicates.
    pub high: f64,
}

/// All metrics with their 95 % intervals, in the order of [`Metrics::entries`]; `None` without both classes.
///
/// `sorted` comes from [`super::metrics::sort`]. Replicates that lack a class are drawn again, up to ten times as many.
pub fn intervals(sorted: &[Scored], replicates: usize, seed: u64) -> Option<Vec<(&'static str, Estimate)>> {
    let point = measure(sorted)?;
    let mut groups: Vec<usize> = sorted.iter().map(|s| s.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let place: Vec<usize> = sorted.iter().map(|s| groups.binary_search(&s.group).unwrap_or(0)).collect();
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
            .map(|(k, (name, value))| {
                let mut values: Vec<f64> = drawn.iter().map(|m| m.entries()[k].1).collect();
                (name, Estimate { value, low: percentile(&mut values, 0.025), high: percentile(&mut values, 0.975) })
            })
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
            assert!(e.low <= e.value && e.value <= e.high);
            e.high - e.low
        };
        let (single, copied) = (width(&rows(60, 1)), width(&rows(60, 20)));
        assert!((single - copied).abs() < 0.02, "{single} {copied}");
    }

    #[test]
    fn percentiles_interpolate() {
        assert_eq!(percentile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(percentile(&mut [0.0, 10.0], 0.25), 2.5);
        assert!(percentile(&mut [], 0.5).is_nan());
    }
}
