/*!
Fitting the second reading ([`crate::model::vacancy`]): what fraudulent vacancies say, and nobody honest.

Where vacancies of boards and the marked families train together, it is fitted on the vacancies of both labels and on the
honest postings of the families: they are other honest people, and what is unlike a board's vacancy must not look like a
fraud for that. Of lures it learns nothing, so it has little to say of them. A line through the vacancies' sums out of fold
says what a sum is worth at the prior of all probabilities.
*/

use serde_json::{Value, json};

use super::corpus::{Corpus, part_of};
use super::pipeline::Params;
use super::text_fit::{TextFit, TextParams};
use crate::eval::logistic;
use crate::model::vacancy::VacancyWeights;
use crate::score::PRIOR;

/// Vacancies of each label from which on there is a second reading: fewer say nothing about what others are like.
pub const LEAST: usize = 20;

/// Parameters of the second reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VacancyParams {
    /// Inverse regularisation.
    pub c: f64,
    /// Rows are weighted by one over the size of their campaign to this power.
    pub campaign_power: f64,
    /// The share of a posting's weight that goes to its copy without company profile and benefits.
    pub bare_share: f64,
    /// What an honest posting of the marked families weighs, where an honest vacancy weighs 1 on the mean.
    pub families: f64,
    /// How much less it says than the line does: of postings that are unlike all it was fitted on it says too much.
    pub discount: f64,
}

impl Default for VacancyParams {
    fn default() -> Self {
        VacancyParams { c: 30.0, campaign_power: 0.5, bare_share: 0.0, families: 1.0, discount: 1.0 }
    }
}

impl VacancyParams {
    /// By name, for reports.
    pub fn describe(&self) -> Value {
        json!({
            "c": self.c,
            "campaign_power": self.campaign_power,
            "share_of_copies_without_profile": self.bare_share,
            "weight_of_honest_postings_of_the_families": self.families,
            "discount": self.discount,
        })
    }

    fn of_text(&self, text: &TextParams) -> TextParams {
        TextParams {
            c: self.c,
            campaign_power: self.campaign_power,
            bare_share: self.bare_share,
            prior: 0.5,
            padded_share: 0.0,
            ..*text
        }
    }
}

/// The second reading, fitted.
#[derive(Clone, Debug)]
pub struct VacancyFit {
    /// What its n-grams weigh.
    pub text: TextFit,
    /// What is made of them.
    pub weights: VacancyWeights,
}

/// Whether there is a second reading: where not both marked families and [`LEAST`] vacancies of each label are among the rows
/// there is none.
pub(super) fn can_fit(corpus: &Corpus, rows: &[usize]) -> bool {
    let vacancies = part_of(rows, |i| !corpus.is_lure(i), |i| corpus.rows[i].label);
    let count = |label: bool| vacancies.iter().filter(|&&i| corpus.rows[i].label == label).count();
    count(true).min(count(false)) >= LEAST
}

/// Fits the text on what it may learn from of some rows; `None` where these have one label only.
///
/// # Errors
///
/// When the solver refuses the rows.
pub(super) fn fit_text(corpus: &Corpus, rows: &[usize], params: &Params, seed: u64) -> anyhow::Result<Option<TextFit>> {
    let told: Vec<usize> = rows.iter().copied().filter(|&i| !corpus.is_lure(i) || !corpus.rows[i].label).collect();
    let has = |label: bool| told.iter().any(|&i| corpus.rows[i].label == label);
    if !(has(true) && has(false)) {
        return Ok(None);
    }
    let times = |i: usize| if corpus.is_lure(i) { params.vacancy.families } else { 1.0 };
    TextFit::fit_alike(corpus, &told, &params.vacancy.of_text(&params.text), seed, &times).map(Some)
}

/// What the rows' sums out of fold are worth; `None` where these rank vacancies the wrong way.
pub(super) fn fit_line(
    corpus: &Corpus,
    rows: &[usize],
    sums: &[f64],
    params: &VacancyParams,
) -> Option<VacancyWeights> {
    let vacancies: Vec<(f64, bool, f64)> = rows
        .iter()
        .zip(sums)
        .filter(|(i, _)| !corpus.is_lure(**i))
        .map(|(&i, &sum)| (sum, corpus.rows[i].label, corpus.rows[i].weight))
        .collect();
    // At the prior of all probabilities, whatever share of scams the vacancies have.
    let mass = |label: bool| vacancies.iter().filter(|row| row.1 == label).map(|row| row.2).sum::<f64>();
    let scams = mass(false) / mass(true) * PRIOR / (1.0 - PRIOR);
    let weighed =
        vacancies.iter().map(|&(sum, label, weight)| (sum, label, if label { weight * scams } else { weight }));
    let (slope, intercept) = logistic::fit_line(weighed, None);
    (slope > 0.0).then_some(VacancyWeights { intercept: intercept - params.discount, text: slope })
}
