/*!
Stage 2: the log-odds of the verdict, from the text logit, the signals and the composites.

Nothing is centred, so what is absent contributes nothing. What anyone can type (a licence number, words of warning, a
company's mail domain) speaks for an ad, but all of it together lowers the logit by [`MAX_FOR_THE_AD`] at most.
*/

use serde::{Deserialize, Serialize};

use crate::signals::catalogue::SignalKind;
use crate::signals::{Evidence, Extractor};

/// How far the signals that speak for an ad lower the logit, all together.
pub const MAX_FOR_THE_AD: f64 = 1.5;

/// The weights of stage 2, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictWeights {
    /// Added to every posting.
    pub intercept: f64,
    /// Weight of the text logit.
    pub text: f64,
    /// Weights of signals, in the order of the catalogue; the ones left out count nothing.
    pub signals: Vec<(String, f64)>,
    /// Weights of composites, in the order of their file.
    pub composites: Vec<(String, f64)>,
}

/// The weights of stage 2, by position.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictStage {
    intercept: f64,
    text: f64,
    signals: Vec<f64>,
    composites: Vec<f64>,
    for_the_ad: Vec<bool>,
}

/// What each part contributes to a logit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contributions {
    /// The intercept.
    pub intercept: f64,
    /// The text, as a whole.
    pub text: f64,
    /// Each signal of the catalogue.
    pub signals: Vec<f64>,
    /// Each composite.
    pub composites: Vec<f64>,
    /// What the signals that speak for the ad contribute, after the bound; 0 or less.
    pub for_the_ad: f64,
    /// The sum of all.
    pub logit: f64,
}

impl VerdictStage {
    /// Resolves the names; an unknown one is returned as the error.
    pub fn resolve(weights: &VerdictWeights, extractor: &Extractor) -> Result<VerdictStage, String> {
        let catalogue = extractor.catalogue();
        let mut signals = vec![0.0; catalogue.len()];
        for (id, weight) in &weights.signals {
            let found = catalogue.find(id).ok_or_else(|| format!("signal {id:?} is not in the catalogue"))?;
            signals[found.0 as usize] = *weight;
        }
        let mut composites = vec![0.0; extractor.composites().len()];
        for (id, weight) in &weights.composites {
            let found = extractor
                .composites()
                .iter()
                .position(|c| c.id == *id)
                .ok_or_else(|| format!("composite {id:?} is not known"))?;
            composites[found] = *weight;
        }
        Ok(VerdictStage {
            intercept: weights.intercept,
            text: weights.text,
            signals,
            composites,
            for_the_ad: catalogue.signals().iter().map(|s| s.kind == SignalKind::ForTheAd).collect(),
        })
    }

    /// The same with another intercept and other weights of the text logit, the signals and the composites, in this order.
    ///
    /// # Panics
    ///
    /// When there are not as many weights as the stage has.
    pub fn with_weights(&self, intercept: f64, weights: &[f64]) -> VerdictStage {
        let (signals, composites) = weights[1..].split_at(self.signals.len());
        assert_eq!(composites.len(), self.composites.len());
        VerdictStage {
            intercept,
            text: weights[0],
            signals: signals.to_vec(),
            composites: composites.to_vec(),
            for_the_ad: self.for_the_ad.clone(),
        }
    }

    /// The weight of the text logit.
    pub fn text_weight(&self) -> f64 {
        self.text
    }

    /// The contributions of a posting's text logit and evidence.
    pub fn contributions(&self, text_logit: f64, evidence: &Evidence) -> Contributions {
        let mut signals: Vec<f64> = self.signals.iter().zip(&evidence.strengths).map(|(w, s)| w * s).collect();
        let for_the_ad = |signals: &[f64]| -> f64 {
            signals.iter().zip(&self.for_the_ad).filter(|(_, f)| **f).map(|(c, _)| c).sum()
        };
        let unbounded = for_the_ad(&signals);
        if unbounded < -MAX_FOR_THE_AD {
            for (contribution, _) in signals.iter_mut().zip(&self.for_the_ad).filter(|(_, f)| **f) {
                *contribution *= MAX_FOR_THE_AD / -unbounded;
            }
        }
        let composites: Vec<f64> = self.composites.iter().zip(&evidence.composites).map(|(w, s)| w * s).collect();
        let text = self.text * text_logit;
        let logit = self.intercept + text + signals.iter().sum::<f64>() + composites.iter().sum::<f64>();
        Contributions { intercept: self.intercept, text, for_the_ad: for_the_ad(&signals), signals, composites, logit }
    }
}
