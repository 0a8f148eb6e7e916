/*!
Metrics of a scored, labelled, weighted set of postings, under the field's standard names.

Every function takes the postings sorted by falling logit ([`sort`]) and treats equal logits as one threshold, so that
the order among ties never counts.
*/

use serde::{Deserialize, Serialize};

use super::logistic::fit_line;

/// A posting with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// The calibrated log-odds.
    pub logit: f64,
    /// Is it a scam?
    pub label: bool,
    /// How many postings it stands for.
    pub weight: f64,
    /// Postings of one group are not independent: intervals resample groups.
    pub group: usize,
}

/// The figures of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Area under the precision-recall curve by steps, as scikit-learn defines it.
    pub average_precision: f64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// The best F1 of the scam class over all thresholds.
    pub best_f1: f64,
    /// The most scams found while at most 1 % of the honest postings are flagged.
    pub recall_at_1_fpr: f64,
    /// The most scams found while at most 5 % of the honest postings are flagged.
    pub recall_at_5_fpr: f64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Slope of the labels' log-odds on the logit; 1 is calibrated, less is overconfident.
    pub calibration_slope: f64,
    /// What has to be added to the logit for the mean probability to be right; 0 is calibrated.
    pub calibration_intercept: f64,
}

impl Metrics {
    /// Names and values, in reporting order.
    pub fn entries(&self) -> [(&'static str, f64); 8] {
        [
            ("average precision", self.average_precision),
            ("ROC AUC", self.roc_auc),
            ("best F1", self.best_f1),
            ("recall at 1 % FPR", self.recall_at_1_fpr),
            ("recall at 5 % FPR", self.recall_at_5_fpr),
            ("Brier", self.brier),
            ("calibration slope", self.calibration_slope),
            ("calibration intercept", self.calibration_intercept),
        ]
    }
}

/// Sorts by falling logit, as the metrics want it.
pub fn sort(scored: &mut [Scored]) {
    scored.sort_by(|a, b| b.logit.total_cmp(&a.logit));
}

/// All metrics of a set sorted by [`sort`]; `None` unless it has scams and honest postings.
pub fn measure(sorted: &[Scored]) -> Option<Metrics> {
    let curve = Curve::of(sorted)?;
    let (slope, _) = fit_line(sorted.iter().map(|s| (s.logit, s.label, s.weight)), None);
    let (_, intercept) = fit_line(sorted.iter().map(|s| (s.logit, s.label, s.weight)), Some(1.0));
    Some(Metrics {
        average_precision: curve.average_precision(),
        roc_auc: curve.roc_auc(),
        best_f1: curve.best_f1(),
        recall_at_1_fpr: curve.recall_at_fpr(0.01),
        recall_at_5_fpr: curve.recall_at_fpr(0.05),
        brier: brier(sorted),
        calibration_slope: slope,
        calibration_intercept: intercept,
    })
}

/// The mean squared error of the probability.
pub fn brier(scored: &[Scored]) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for s in scored {
        let p = sigmoid(s.logit);
        sum += s.weight * (p - s.label as u8 as f64).powi(2);
        weight += s.weight;
    }
    sum / weight
}

/// The probability of a logit.
pub fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// The logit of a probability.
pub fn logit(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

/// The rates at one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// The share of the scams at or above it.
    pub recall: f64,
    /// The share of the honest postings at or above it.
    pub false_positive_rate: f64,
    /// The share of scams in what is at or above it.
    pub precision: f64,
}

/// Cumulated weights of both classes at every distinct threshold, from the strictest to the laxest.
pub struct Curve {
    /// (logit of the threshold, scams at or above it, honest postings at or above it).
    points: Vec<(f64, f64, f64)>,
    scams: f64,
    honest: f64,
}

impl Curve {
    /// The curve of a set sorted by [`sort`]; `None` unless both classes have weight.
    pub fn of(sorted: &[Scored]) -> Option<Curve> {
        let mut points: Vec<(f64, f64, f64)> = Vec::new();
        let (mut scams, mut honest) = (0.0, 0.0);
        for s in sorted.iter().filter(|s| s.weight > 0.0) {
            if s.label {
                scams += s.weight
            } else {
                honest += s.weight
            }
            match points.last_mut() {
                Some(last) if last.0 == s.logit => *last = (s.logit, scams, honest),
                _ => points.push((s.logit, scams, honest)),
            }
        }
        (scams > 0.0 && honest > 0.0).then_some(Curve { points, scams, honest })
    }

    /// The rates at every distinct threshold, from the strictest to the laxest.
    pub fn shares(&self) -> impl Iterator<Item = Shares> + '_ {
        self.points.iter().map(|&(_, scams, honest)| Shares {
            recall: scams / self.scams,
            false_positive_rate: honest / self.honest,
            precision: scams / (scams + honest),
        })
    }

    /// Area under the precision-recall curve by steps.
    pub fn average_precision(&self) -> f64 {
        let mut area = 0.0;
        let mut found = 0.0;
        for &(_, scams, honest) in &self.points {
            area += (scams - found) / self.scams * (scams / (scams + honest));
            found = scams;
        }
        area
    }

    /// Area under the ROC curve by trapezoids.
    pub fn roc_auc(&self) -> f64 {
        let mut area = 0.0;
        let (mut s, mut h) = (0.0, 0.0);
        for &(_, scams, honest) in &self.points {
            area += (honest - h) * (scams + s) / 2.0;
            (s, h) = (scams, honest);
        }
        area / (self.scams * self.honest)
    }

    /// The best F1 over all thresholds.
    pub fn best_f1(&self) -> f64 {
        self.points.iter().map(|&(_, s, h)| 2.0 * s / (s + h + self.scams)).fold(0.0, f64::max)
    }

    /// Recall at the laxest threshold that flags at most `fpr` of the honest weight.
    pub fn recall_at_fpr(&self, fpr: f64) -> f64 {
        self.at_fpr(fpr).map_or(0.0, |&(_, scams, _)| scams / self.scams)
    }

    /// The logit of that threshold; infinite when even the strictest flags more.
    pub fn threshold_at_fpr(&self, fpr: f64) -> f64 {
        self.at_fpr(fpr).map_or(f64::INFINITY, |p| p.0)
    }

    fn at_fpr(&self, fpr: f64) -> Option<&(f64, f64, f64)> {
        self.points.iter().take_while(|p| p.2 <= fpr * self.honest * (1.0 + 1e-12)).last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(rows: &[(f64, u8, f64)]) -> Vec<Scored> {
        let mut out: Vec<Scored> = rows
            .iter()
            .enumerate()
            .map(|(group, &(logit, label, weight))| Scored { logit, label: label == 1, weight, group })
            .collect();
        sort(&mut out);
        out
    }

    /// scikit-learn's average_precision_score and roc_auc_score give these for the same rows.
    #[test]
    fn figures_are_those_of_scikit_learn() {
        let rows = [(0.9, 1, 1.0), (0.8, 0, 1.0), (0.7, 1, 1.0), (0.7, 0, 1.0), (0.2, 0, 1.0), (0.1, 1, 1.0)];
        let curve = Curve::of(&scored(&rows)).unwrap();
        assert!((curve.average_precision() - (1.0 / 3.0) * (1.0 + 0.5 + 0.5)).abs() < 1e-12);
        assert!((curve.roc_auc() - 4.5 / 9.0).abs() < 1e-12);
        assert!((curve.best_f1() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_weight_of_two_is_two_rows() {
        let once = scored(&[(2.0, 1, 1.0), (1.0, 0, 2.0), (0.5, 1, 1.0), (-1.0, 0, 1.0)]);
        let twice = scored(&[(2.0, 1, 1.0), (1.0, 0, 1.0), (1.0, 0, 1.0), (0.5, 1, 1.0), (-1.0, 0, 1.0)]);
        let (a, b) = (measure(&once).unwrap(), measure(&twice).unwrap());
        for ((name, x), (_, y)) in a.entries().into_iter().zip(b.entries()) {
            assert!((x - y).abs() < 1e-9, "{name}: {x} {y}");
        }
    }

    #[test]
    fn recall_at_fpr_stays_within_the_budget() {
        let rows: Vec<(f64, u8, f64)> = (0..100)
            .map(|i| (100.0 - i as f64, 0, 1.0))
            .chain([(99.5, 1, 1.0), (95.5, 1, 1.0), (0.0, 1, 1.0)])
            .collect();
        let curve = Curve::of(&scored(&rows)).unwrap();
        assert!((curve.recall_at_fpr(0.01) - 1.0 / 3.0).abs() < 1e-12);
        assert!((curve.recall_at_fpr(0.05) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(curve.threshold_at_fpr(0.001), f64::INFINITY);
    }

    #[test]
    fn one_class_has_no_metrics() {
        assert!(measure(&scored(&[(1.0, 1, 1.0)])).is_none());
        assert!(measure(&[]).is_none());
    }

    #[test]
    fn calibrated_scores_have_slope_one() {
        // 1 in 1 + e^-x of the weight at every logit is scam: perfectly calibrated by construction.
        let rows: Vec<(f64, u8, f64)> = (-30..=30)
            .flat_map(|i| {
                let x = i as f64 / 10.0;
                [(x, 1, sigmoid(x)), (x, 0, 1.0 - sigmoid(x))]
            })
            .collect();
        let m = measure(&scored(&rows)).unwrap();
        assert!((m.calibration_slope - 1.0).abs() < 1e-6 && m.calibration_intercept.abs() < 1e-6);
    }
}
