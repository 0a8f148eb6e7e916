/*!
A second reading of the text: as an ordinary vacancy that may be a fraud.

A lure and a fraudulent vacancy of a job board do not speak alike, and one sum of words for both does neither of them justice.
So each n-gram has a second weight, what it says among vacancies, and the verdict is by whichever reading says more. This one
has no signals. It speaks only where its words do: a text of which it knows nothing comes to 0, and below that it would only
put honest vacancies of its own kind before all others.
*/

use serde::{Deserialize, Serialize};

/// How the second weights of a text become a logit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VacancyWeights {
    /// Added to every posting.
    pub intercept: f64,
    /// Weight of the sum of the second weights over the root of the number of n-grams.
    pub text: f64,
}

impl VacancyWeights {
    /// The logit of a text whose second weights come to this; `None` where they do not speak for a fraud.
    pub fn logit(&self, text: f64) -> Option<f64> {
        (text > 0.0).then_some(self.intercept + self.text * text)
    }

    /// The same on another scale: every logit `slope` times as large and `intercept` more.
    pub fn on_line(self, (slope, intercept): (f64, f64)) -> VacancyWeights {
        VacancyWeights { intercept: self.intercept * slope + intercept, text: self.text * slope }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_silent_where_its_words_are() {
        let weights = VacancyWeights { intercept: -4.0, text: 2.0 };
        assert_eq!((weights.logit(-1.0), weights.logit(0.0)), (None, None));
        assert_eq!((weights.logit(0.5), weights.logit(3.0)), (Some(-3.0), Some(2.0)));
        assert_eq!(weights.on_line((0.5, 1.0)).logit(3.0), Some(2.0));
    }
}
