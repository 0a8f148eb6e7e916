/*!
Curves of an evaluation: from scored postings to the points of a picture.

All take postings sorted by falling logit ([`super::metrics::sort`]), respect their weights, and treat equal logits as
one threshold, as the metrics do. Nothing here draws.
*/

use serde::Serialize;

use super::interval::wilson;
use super::metrics::{Curve, Scored, sigmoid};

/// A point of a picture.
pub type Point = (f64, f64);

/// Edges of the bins of a reliability diagram: narrow where most postings are.
const EDGES: [f64; 12] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 1.0];
/// Width of a bin of the distribution of logits.
const BIN: f64 = 0.5;
/// Logits beyond this are shown with those at it.
const FARTHEST: f64 = 10.0;

/// Recall, and the precision at it.
pub fn precision_recall(curve: &Curve) -> Vec<Point> {
    let mut points: Vec<Point> = curve.shares().map(|s| (s.recall, s.precision)).collect();
    if let Some(&(_, precision)) = points.first() {
        points.insert(0, (0.0, precision));
    }
    points
}

/// The false positive rate, and the recall at it.
pub fn roc(curve: &Curve) -> Vec<Point> {
    std::iter::once((0.0, 0.0)).chain(curve.shares().map(|s| (s.false_positive_rate, s.recall))).collect()
}

/// Leaves out points without which no part of the line moves by more than the tolerance (Ramer, Douglas and Peucker).
pub fn thin(points: &[Point], tolerance: f64) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut kept = vec![false; points.len()];
    (kept[0], kept[points.len() - 1]) = (true, true);
    // Parts that still have to be looked at; a stack of our own, since a recursion could be as deep as there are points.
    let mut parts = vec![(0, points.len() - 1)];
    while let Some((first, last)) = parts.pop() {
        let inner = first + 1..last;
        let distance = |i: usize| from_segment(points[i], points[first], points[last]);
        if let Some(farthest) = inner.max_by(|a, b| distance(*a).total_cmp(&distance(*b)))
            && distance(farthest) > tolerance
        {
            kept[farthest] = true;
            parts.extend([(first, farthest), (farthest, last)]);
        }
    }
    points.iter().zip(kept).filter_map(|(point, kept)| kept.then_some(*point)).collect()
}

fn from_segment(point: Point, start: Point, end: Point) -> f64 {
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((point.0 - start.0) * dx + (point.1 - start.1) * dy) / length } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    (point.0 - start.0 - along * dx).hypot(point.1 - start.1 - along * dy)
}

/// Postings of like probability, and how many of them are scams.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// The probability at which the bin begins.
    pub from: f64,
    /// The probability before which it ends.
    pub to: f64,
    /// The share of the postings that it holds, by weight.
    pub share: f64,
    /// The mean probability.
    pub predicted: f64,
    /// The share of scams.
    pub observed: f64,
    /// Lower end of the share's 95 % interval (Wilson), by the number of postings that the weights are worth.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Postings.
    pub postings: usize,
}

/// The bins of a reliability diagram that hold postings.
pub fn reliability(scored: &[Scored]) -> Vec<ReliabilityBin> {
    let mut sums = [[0.0f64; 4]; EDGES.len()];
    let mut counts = [0usize; EDGES.len()];
    let all: f64 = scored.iter().map(|s| s.weight).sum();
    for s in scored.iter().filter(|s| s.weight > 0.0) {
        let p = sigmoid(s.logit);
        let bin = EDGES.iter().position(|edge| p < *edge).unwrap_or(EDGES.len() - 1);
        let label = s.label as u8 as f64;
        for (sum, value) in sums[bin].iter_mut().zip([1.0, p, label, s.weight]) {
            *sum += s.weight * value;
        }
        counts[bin] += 1;
    }
    let bin = |b: usize| {
        let [weight, predicted, scams, squares] = sums[b];
        let (low, high) = wilson(scams / weight, weight * weight / squares);
        ReliabilityBin {
            from: if b == 0 { 0.0 } else { EDGES[b - 1] },
            to: EDGES[b],
            share: weight / all,
            predicted: predicted / weight,
            observed: scams / weight,
            low,
            high,
            postings: counts[b],
        }
    };
    (0..EDGES.len()).filter(|&b| counts[b] > 0).map(bin).collect()
}

/// The expected calibration error: how far probability and share of scams lie apart in a bin, in the mean over postings.
pub fn expected_calibration_error(bins: &[ReliabilityBin]) -> f64 {
    bins.iter().map(|bin| bin.share * (bin.predicted - bin.observed).abs()).sum()
}

/// How the logits of both classes lie.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Distribution {
    /// The lower edge of the first bin.
    pub start: f64,
    /// The width of a bin.
    pub width: f64,
    /// The share of the scams in each bin.
    pub scams: Vec<f64>,
    /// The share of the honest postings in each bin.
    pub honest: Vec<f64>,
}

/// The distribution of logits by class; `None` without postings.
pub fn distribution(scored: &[Scored]) -> Option<Distribution> {
    let bin = |logit: f64| (logit.clamp(-FARTHEST, FARTHEST) / BIN).floor() as i64;
    let weighed = || scored.iter().filter(|s| s.weight > 0.0);
    let (first, last) = (weighed().map(|s| bin(s.logit)).min()?, weighed().map(|s| bin(s.logit)).max()?);
    let shares = |label: bool| {
        let mut shares = vec![0.0; (last - first + 1) as usize];
        let mut all = 0.0;
        for s in weighed().filter(|s| s.label == label) {
            shares[(bin(s.logit) - first) as usize] += s.weight;
            all += s.weight;
        }
        shares.iter().map(|share| if all > 0.0 { share / all } else { 0.0 }).collect()
    };
    Some(Distribution { start: first as f64 * BIN, width: BIN, scams: shares(true), honest: shares(false) })
}

/// What is found when only the top share of a feed can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// The share that is looked at.
    pub share: f64,
    /// The share of all scams that is among it.
    pub recall: f64,
    /// The share of scams among it.
    pub precision: f64,
}

/// What a review budget finds. Of postings with equal logits that do not all fit, a part is taken of each.
pub fn budget(sorted: &[Scored], share: f64) -> Option<Budget> {
    let all: f64 = sorted.iter().map(|s| s.weight).sum();
    let all_scams: f64 = sorted.iter().filter(|s| s.label).map(|s| s.weight).sum();
    if !(all > 0.0 && all_scams > 0.0) {
        return None;
    }
    let (mut left, mut scams) = (share * all, 0.0);
    for tied in sorted.chunk_by(|a, b| a.logit == b.logit) {
        let weight: f64 = tied.iter().map(|s| s.weight).sum();
        if weight <= 0.0 {
            continue;
        }
        let part = (left / weight).min(1.0);
        scams += part * tied.iter().filter(|s| s.label).map(|s| s.weight).sum::<f64>();
        left -= part * weight;
        if left <= 0.0 {
            break;
        }
    }
    Some(Budget { share, recall: scams / all_scams, precision: scams / (share * all - left.max(0.0)) })
}

/// What a threshold does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct AtThreshold {
    /// Scams.
    pub scams: usize,
    /// Scams at or above it.
    pub scams_flagged: usize,
    /// Their share by weight, where there are scams.
    pub recall: Option<f64>,
    /// Honest postings.
    pub honest: usize,
    /// Honest postings at or above it.
    pub honest_flagged: usize,
    /// Their share by weight, where there are honest postings.
    pub false_positive_rate: Option<f64>,
    /// The share of scams by weight in what is at or above it, where anything is.
    pub precision: Option<f64>,
}

/// What a threshold, as a logit, does to postings.
pub fn at_threshold(scored: &[Scored], logit: f64) -> AtThreshold {
    let mut out = AtThreshold::default();
    // By label: all, and flagged.
    let mut weights = [[0.0f64; 2]; 2];
    for s in scored.iter().filter(|s| s.weight > 0.0) {
        let flagged = s.logit >= logit;
        let (count, hits) = match s.label {
            true => (&mut out.scams, &mut out.scams_flagged),
            false => (&mut out.honest, &mut out.honest_flagged),
        };
        *count += 1;
        *hits += flagged as usize;
        let [all, above] = &mut weights[s.label as usize];
        *all += s.weight;
        *above += if flagged { s.weight } else { 0.0 };
    }
    let share = |part: f64, all: f64| (all > 0.0).then_some(part / all);
    let [honest, scams] = weights;
    out.recall = share(scams[1], scams[0]);
    out.false_positive_rate = share(honest[1], honest[0]);
    out.precision = share(scams[1], scams[1] + honest[1]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::metrics::sort;
    use super::*;

    fn scored(rows: &[(f64, bool, f64)]) -> Vec<Scored> {
        let of = |&(logit, label, weight): &(f64, bool, f64)| Scored { logit, label, weight, group: 0 };
        let mut out: Vec<Scored> = rows.iter().map(of).collect();
        sort(&mut out);
        out
    }

    #[test]
    fn areas_under_the_points_are_the_figures() {
        let rows: Vec<(f64, bool, f64)> = (0..300)
            .map(|i| ((i * 37 % 101) as f64 / 10.0, i * 37 % 101 + i % 60 > 100, 1.0 + (i % 3) as f64))
            .collect();
        let sorted = scored(&rows);
        let curve = Curve::of(&sorted).unwrap();
        let roc = roc(&curve);
        let area: f64 = roc.windows(2).map(|w| (w[1].0 - w[0].0) * (w[1].1 + w[0].1) / 2.0).sum();
        assert!((area - curve.roc_auc()).abs() < 1e-12);
        let steps = precision_recall(&curve);
        let area: f64 = steps.windows(2).map(|w| (w[1].0 - w[0].0) * w[1].1).sum();
        assert!((area - curve.average_precision()).abs() < 1e-12);
    }

    #[test]
    fn a_budget_takes_from_the_top_and_a_part_of_ties() {
        let sorted =
            scored(&[(3.0, true, 1.0), (2.0, false, 1.0), (2.0, true, 1.0), (0.0, false, 6.0), (-1.0, true, 1.0)]);
        let found = |share: f64| budget(&sorted, share).map(|b| (b.recall, b.precision));
        assert_eq!(found(0.1), Some((1.0 / 3.0, 1.0)));
        assert_eq!(found(0.2), Some((0.5, 0.75)));
        let (recall, precision) = found(1.0).unwrap();
        assert!((recall - 1.0).abs() < 1e-12 && (precision - 0.3).abs() < 1e-12);
        assert_eq!(budget(&scored(&[(1.0, false, 1.0)]), 0.1), None);
    }

    #[test]
    fn thresholds_count_and_weigh() {
        let sorted =
            scored(&[(3.0, true, 1.0), (2.0, false, 2.0), (1.0, false, 6.0), (-1.0, true, 3.0), (9.0, true, 0.0)]);
        let at = at_threshold(&sorted, 2.0);
        assert_eq!((at.scams, at.scams_flagged, at.honest, at.honest_flagged), (2, 1, 2, 1));
        assert_eq!((at.recall, at.false_positive_rate, at.precision), (Some(0.25), Some(0.25), Some(1.0 / 3.0)));
        assert_eq!(at_threshold(&sorted, 10.0).precision, None);
    }

    #[test]
    fn bins_hold_everything_once() {
        let sorted = scored(&[(-12.0, false, 2.0), (-0.2, false, 2.0), (0.2, true, 1.0), (30.0, true, 3.0)]);
        let shape = distribution(&sorted).unwrap();
        assert_eq!((shape.start, shape.scams.len()), (-10.0, 41));
        assert!((shape.scams.iter().sum::<f64>() - 1.0).abs() < 1e-12 && shape.honest[0] == 0.5);
        let bins = reliability(&sorted);
        assert!((bins.iter().map(|b| b.share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(bins.iter().all(|b| b.from <= b.predicted && b.predicted <= b.to), "{bins:?}");
        assert_eq!(bins.iter().map(|b| b.postings).sum::<usize>(), 4);
        assert!(bins.iter().all(|b| b.low <= b.observed && b.observed <= b.high), "{bins:?}");
        assert_eq!(distribution(&[]), None);
    }

    proptest! {
        #[test]
        fn thinning_moves_no_point_by_more_than_the_tolerance(
            ys in proptest::collection::vec(0.0..1.0f64, 2..200), tolerance in 0.0..0.2f64
        ) {
            let n = ys.len() as f64;
            let points: Vec<Point> = ys.iter().enumerate().map(|(i, y)| (i as f64 / n, *y)).collect();
            let kept = thin(&points, tolerance);
            prop_assert!(kept.first() == points.first() && kept.last() == points.last());
            for point in &points {
                let nearest = kept.windows(2).map(|w| from_segment(*point, w[0], w[1])).fold(f64::INFINITY, f64::min);
                prop_assert!(nearest <= tolerance + 1e-12);
            }
        }
    }
}
