/*!
Stage 2: the log-odds of the verdict, from the text logit, the signals and the composites.

Nothing is centred, so what is absent contributes nothing. What anyone can type (a licence number, words of warning, a
company's mail domain) speaks for an ad, but all of it together lowers the logit by [`MAX_FOR_THE_AD`] at most.

In a short posting signals and composites weigh more ([`signal_factor`]): its text logit rests on a few words, most of which
honest postings have too, and a signal that shows in two lines seldom shows there by chance.
*/

use serde::{Deserialize, Serialize};

use super::vacancy::VacancyWeights;
use crate::signals::catalogue::SignalKind;
use crate::signals::{Evidence, Extractor};

/// How far the signals that speak for an ad lower the logit, all together.
pub const MAX_FOR_THE_AD: f64 = 1.5;
/// A passage speaks for the whole posting where its own logit, less this, is the larger one. Of many passages one is the
/// worst, and what stands before and behind it is not known to it.
const PASSAGE_DISCOUNT: f64 = 2.0;
/// Passages of a smaller logit, of a probability of 77 %, say nothing: among the postings that nobody would look at they
/// would only put the long ones first.
const PASSAGE_LEAST: f64 = 1.2;

/// What a passage of this logit makes the posting's logit at least, if it says anything.
pub fn spoken_by_passage(logit: f64) -> Option<f64> {
    (logit >= PASSAGE_LEAST).then_some(logit - PASSAGE_DISCOUNT)
}
/// Distinct n-grams from which on signals have their plain weights: some 60 words.
pub const LONG: usize = 250;
/// Distinct n-grams below which they weigh no more than there: a few words are no posting.
const SHORT: usize = 25;

/// How many times their weights signals and composites have in a posting of so many distinct n-grams: 1 for most postings,
/// and growing as the text's norm does, with the root of their number, to 3.2 for the shortest.
pub fn signal_factor(ngrams: usize) -> f64 {
    (LONG as f64 / ngrams.clamp(SHORT, LONG) as f64).sqrt()
}

/// What the weights of the signals, and after them of the composites, are multiplied by in a posting of so many distinct
/// n-grams: the columns that training fits.
pub fn inputs(ngrams: usize, evidence: &Evidence) -> impl Iterator<Item = f64> + '_ {
    let factor = signal_factor(ngrams);
    evidence.strengths.iter().chain(&evidence.composites).map(move |strength| factor * strength)
}

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
    /// Of the second reading, where the model has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vacancy: Option<VacancyWeights>,
}

/// The weights of stage 2, by position.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictStage {
    intercept: f64,
    text: f64,
    signals: Vec<f64>,
    composites: Vec<f64>,
    for_the_ad: Vec<bool>,
    vacancy: Option<VacancyWeights>,
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
    /// What the signals that speak for the ad contribute, after the bound; 0 or less. Where the second reading says more: by how
    /// much the logit would be larger without them, negative.
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
            vacancy: weights.vacancy,
        })
    }

    /// The same with another intercept and other weights of the text logit, the signals and the composites, in this order; the
    /// second reading stays.
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
            vacancy: self.vacancy,
        }
    }

    /// The same with another second reading, or none.
    pub fn with_vacancy(self, vacancy: Option<VacancyWeights>) -> VerdictStage {
        VerdictStage { vacancy, ..self }
    }

    /// The weight of the text logit.
    pub fn text_weight(&self) -> f64 {
        self.text
    }

    /// The weights of the second reading, where there is one.
    pub fn vacancy(&self) -> Option<VacancyWeights> {
        self.vacancy
    }

    /// The logit of the second reading, where there is one and it says anything.
    pub fn vacancy_logit(&self, text: f64) -> Option<f64> {
        self.vacancy?.logit(text)
    }

    /// Puts the parts of the second reading, an intercept and a text, in the place of these where it says more than this logit;
    /// whether it does.
    pub fn read_as_vacancy(&self, text: f64, than: f64, parts: &mut Contributions) -> bool {
        let of_it = self.vacancy.and_then(|weights| Some((weights, weights.logit(text)?)));
        let Some((weights, logit)) = of_it.filter(|(_, logit)| *logit > than) else { return false };
        parts.signals.fill(0.0);
        parts.composites.fill(0.0);
        // Without what speaks for the ad the first reading may have the word again.
        parts.for_the_ad = logit - (parts.logit - parts.for_the_ad).max(logit);
        (parts.intercept, parts.text, parts.logit) = (weights.intercept, weights.text * text, logit);
        true
    }

    /// The contributions of the text logit and the evidence of a posting of so many distinct n-grams.
    pub fn contributions(&self, text_logit: f64, ngrams: usize, evidence: &Evidence) -> Contributions {
        let mut parts = Contributions::default();
        self.contributions_into(text_logit, ngrams, evidence, &mut parts);
        parts
    }

    /// The same, in the room of others.
    pub fn contributions_into(&self, text_logit: f64, ngrams: usize, evidence: &Evidence, parts: &mut Contributions) {
        let factor = signal_factor(ngrams);
        let each = |weights: &[f64], strengths: &[f64], out: &mut Vec<f64>| {
            out.clear();
            out.extend(weights.iter().zip(strengths).map(|(w, s)| w * s * factor));
        };
        let Contributions { intercept, text, signals, composites, for_the_ad, logit } = parts;
        each(&self.signals, &evidence.strengths, signals);
        let all_for_the_ad = |signals: &[f64]| -> f64 {
            signals.iter().zip(&self.for_the_ad).filter(|(_, f)| **f).map(|(c, _)| c).sum()
        };
        let unbounded = all_for_the_ad(signals);
        if unbounded < -MAX_FOR_THE_AD {
            for (contribution, _) in signals.iter_mut().zip(&self.for_the_ad).filter(|(_, f)| **f) {
                *contribution *= MAX_FOR_THE_AD / -unbounded;
            }
        }
        *for_the_ad = all_for_the_ad(signals);
        each(&self.composites, &evidence.composites, composites);
        (*intercept, *text) = (self.intercept, self.text * text_logit);
        *logit = *intercept + *text + signals.iter().sum::<f64>() + composites.iter().sum::<f64>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stage of one lure signal, one signal for the ad and one composite.
    fn stage() -> VerdictStage {
        VerdictStage {
            intercept: -2.0,
            text: 0.5,
            signals: vec![0.4, -0.6],
            composites: vec![0.3],
            for_the_ad: vec![false, true],
            vacancy: None,
        }
    }

    fn of(ngrams: usize, strengths: [f64; 2], composite: f64) -> Contributions {
        let evidence = Evidence { strengths: strengths.to_vec(), composites: vec![composite], ..Evidence::default() };
        stage().contributions(3.0, ngrams, &evidence)
    }

    #[test]
    fn signals_weigh_more_in_short_postings_and_the_text_does_not() {
        let long = of(LONG, [1.0, 0.5], 1.0);
        assert_eq!((long.signals, long.composites), (vec![0.4, -0.3], vec![0.3]));
        assert_eq!(of(10 * LONG, [1.0, 0.5], 1.0).logit, long.logit);
        let short = of(LONG / 4, [1.0, 0.5], 1.0);
        let twice = |value: f64, plain: f64| (value - 2.0 * plain).abs() < 0.01;
        assert!(twice(short.signals[0], 0.4) && twice(short.signals[1], -0.3) && twice(short.composites[0], 0.3));
        assert_eq!((short.text, short.intercept), (1.5, -2.0));
    }

    #[test]
    fn the_factor_grows_as_postings_shrink_and_ends() {
        let factors: Vec<f64> = (0..400).map(signal_factor).collect();
        assert!(factors.windows(2).all(|pair| pair[0] >= pair[1]));
        assert_eq!((factors[0], factors[399]), (10f64.sqrt(), 1.0));
    }

    #[test]
    fn the_second_reading_takes_the_place_of_the_first_where_it_says_more() {
        let mut stage = stage();
        stage.vacancy = Some(VacancyWeights { intercept: -3.0, text: 2.0 });
        let evidence = Evidence { strengths: vec![1.0, 0.5], composites: vec![1.0], ..Evidence::default() };
        let first = stage.contributions(3.0, LONG, &evidence);
        let mut parts = first.clone();
        assert!(!stage.read_as_vacancy(-1.0, first.logit, &mut parts), "{}", first.logit);
        assert!(!stage.read_as_vacancy(1.0, first.logit, &mut parts) && !stage.read_as_vacancy(2.0, 1.5, &mut parts));
        assert_eq!(parts, first);
        assert!(stage.read_as_vacancy(2.0, first.logit, &mut parts));
        assert_eq!((parts.intercept, parts.text, parts.logit), (-3.0, 4.0, 1.0));
        assert_eq!((parts.signals, parts.composites, parts.for_the_ad), (vec![0.0; 2], vec![0.0], 0.0));
        let mut close = first.clone();
        assert!(stage.read_as_vacancy(1.6, first.logit, &mut close));
        let without = first.logit - first.for_the_ad;
        assert!((close.logit - close.for_the_ad - without).abs() < 1e-12, "{close:?}");
    }

    #[test]
    fn what_speaks_for_an_ad_is_bounded_in_short_postings_too() {
        let mut stage = stage();
        stage.signals[1] = -1.0;
        let evidence = Evidence { strengths: vec![0.0, 1.0], composites: vec![0.0], ..Evidence::default() };
        assert_eq!(stage.contributions(0.0, SHORT, &evidence).for_the_ad, -MAX_FOR_THE_AD);
    }
}
