/*!
Whether probabilities mean what they say, bin by bin, and how much of an error is nothing but another share of scams.

A model is calibrated at a prior: the share of scams among the postings that it expects. Data with another share shifts
every log-odds by the same amount, which is no fault of the model and is corrected by that amount; so the error is given
as it is and after that correction. Weights count: data that is sampled by class gives back the share of its source.
*/

use serde::Serialize;

use super::curves::{ReliabilityBin, expected_calibration_error, reliability};
use super::metrics::{Scored, logit};

/// The calibration of one set of postings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// The share of scams at which the model is calibrated.
    pub prior: f64,
    /// The share of scams here, by weight.
    pub share_of_scams: f64,
    /// What has to be added to every logit for the share of scams here.
    pub prior_correction: f64,
    /// The expected calibration error of the probabilities as they are, over the bins.
    pub expected_calibration_error: f64,
    /// The same after the prior correction, over bins of the corrected probabilities.
    pub expected_calibration_error_at_this_share: f64,
    /// The bins that hold postings, of the probabilities as they are.
    pub bins: Vec<ReliabilityBin>,
}

impl Calibration {
    /// The calibration of postings by a model of this prior; `None` unless both classes have weight.
    pub fn of(scored: &[Scored], prior: f64) -> Option<Calibration> {
        let weight = |label: bool| scored.iter().filter(|s| s.label == label).map(|s| s.weight).sum::<f64>();
        let (scams, honest) = (weight(true), weight(false));
        if !(scams > 0.0 && honest > 0.0) {
            return None;
        }
        let share_of_scams = scams / (scams + honest);
        let prior_correction = logit(share_of_scams) - logit(prior);
        let corrected: Vec<Scored> =
            scored.iter().map(|s| Scored { logit: s.logit + prior_correction, ..*s }).collect();
        let bins = reliability(scored);
        Some(Calibration {
            prior,
            share_of_scams,
            prior_correction,
            expected_calibration_error: expected_calibration_error(&bins),
            expected_calibration_error_at_this_share: expected_calibration_error(&reliability(&corrected)),
            bins,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten thousand postings by weight, of which a tenth is at even odds and the rest at 1 in 19.
    fn calibrated() -> Vec<Scored> {
        let rows = [(0.5, true, 500.0), (0.5, false, 500.0), (0.05, true, 450.0), (0.05, false, 8550.0)];
        rows.map(|(p, label, weight)| Scored { logit: logit(p), label, weight, group: 0 }).to_vec()
    }

    #[test]
    fn calibrated_probabilities_have_no_error() {
        let found = Calibration::of(&calibrated(), 0.095).unwrap();
        assert!((found.share_of_scams - 0.095).abs() < 1e-12 && found.prior_correction.abs() < 1e-12);
        assert!(found.expected_calibration_error < 1e-12, "{found:?}");
        assert_eq!(found.bins.len(), 2);
    }

    #[test]
    fn another_share_of_scams_is_an_error_that_the_prior_correction_takes_away() {
        let many: Vec<Scored> =
            calibrated().iter().map(|s| Scored { weight: s.weight * if s.label { 4.0 } else { 1.0 }, ..*s }).collect();
        let found = Calibration::of(&many, 0.095).unwrap();
        assert!((found.prior_correction - 4f64.ln()).abs() < 1e-9, "{found:?}");
        assert!(found.expected_calibration_error > 0.1, "{found:?}");
        assert!(found.expected_calibration_error_at_this_share < 1e-9, "{found:?}");
    }

    #[test]
    fn one_class_alone_has_no_calibration() {
        let honest: Vec<Scored> = calibrated().into_iter().filter(|s| !s.label).collect();
        assert_eq!(Calibration::of(&honest, 0.05), None);
    }
}
