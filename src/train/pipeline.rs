/*!
Fitting both stages on some rows, and the nested evaluation that refits everything inside each outer training part.
*/

use std::collections::{BTreeMap, BTreeSet};

use super::corpus::{Corpus, Row};
use super::rotation::Rotation;
use super::text_fit::{TextFit, TextParams};
use super::vacancy_fit::{VacancyFit, VacancyParams};
use super::verdict_fit::{VerdictFit, VerdictParams};
use crate::eval::folds::grouped_folds;
use crate::model::verdict_stage::{VerdictStage, VerdictWeights};
use crate::signals::Extractor;

/// Which rows a fold keeps together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Near-duplicates, employers, author families, writers and group columns: the default, and the only honest one.
    Grouped,
    /// Near-duplicates and employers.
    Employer,
    /// Near-duplicates, author families and group columns.
    AuthorFamily,
    /// Near-duplicates only.
    NearDuplicate,
    /// Nothing: for comparison with papers.
    Random,
}

impl Protocol {
    /// The name in options and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Grouped => "grouped",
            Protocol::Employer => "employer",
            Protocol::AuthorFamily => "author-family",
            Protocol::NearDuplicate => "near-duplicate",
            Protocol::Random => "random",
        }
    }

    /// The group of each row.
    pub fn groups(self, corpus: &Corpus, rows: &[usize]) -> Vec<usize> {
        rows.iter()
            .map(|&i| match self {
                Protocol::Grouped => corpus.rows[i].together,
                Protocol::Employer => corpus.rows[i].campaign,
                Protocol::AuthorFamily => corpus.rows[i].author_family,
                Protocol::NearDuplicate => corpus.rows[i].near_duplicate,
                Protocol::Random => i,
            })
            .collect()
    }
}

/// Everything that training can be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// Stage 1.
    pub text: TextParams,
    /// The second reading.
    pub vacancy: VacancyParams,
    /// Stage 2.
    pub verdict: VerdictParams,
    /// Folds of the rows; at least 3.
    pub folds: usize,
    /// What folds keep together.
    pub protocol: Protocol,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            text: TextParams::default(),
            vacancy: VacancyParams::default(),
            verdict: VerdictParams::default(),
            folds: 5,
            protocol: Protocol::Grouped,
        }
    }
}

impl Params {
    /// The parameters and a seed by name, for reports.
    pub fn describe(&self, seed: u64) -> serde_json::Map<String, serde_json::Value> {
        let mut text = serde_json::Map::from_iter([("left_out".to_owned(), self.verdict.without_text.into())]);
        text.extend(self.text.describe());
        text.insert("ngrams_at_most".into(), self.text.keep.into());
        let described = serde_json::json!({
            "seed": seed,
            "folds": self.folds,
            "protocol": self.protocol.name(),
            "text": text,
            "vacancy": self.vacancy.describe(),
            "verdict": {
                "signals_left_out": self.verdict.without_signals,
                "alpha": self.verdict.alpha,
                "resampled_rows_per_domain_and_class": self.verdict.rows,
            },
        });
        described.as_object().cloned().unwrap_or_default()
    }
}

/// Both stages and the second reading, fitted.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Stage 1.
    pub text: TextFit,
    /// The second reading, where vacancies and marked families train together.
    pub vacancy: Option<VacancyFit>,
    /// Stage 2.
    pub verdict: VerdictFit,
}

impl Fitted {
    /// The logits of the rows of these numbers.
    ///
    /// # Errors
    ///
    /// When the extractor is not the one of the fit.
    pub fn logits(&self, corpus: &Corpus, rows: &[usize], extractor: &Extractor) -> anyhow::Result<Vec<f64>> {
        let stage = resolve(&self.weights(extractor), extractor)?;
        Ok(rows.iter().map(|&i| self.logit(&corpus.rows[i], &stage)).collect())
    }

    /// The weights of stage 2 and of the second reading, by name.
    pub fn weights(&self, extractor: &Extractor) -> VerdictWeights {
        let vacancy = self.vacancy.as_ref().map(|fit| fit.weights);
        VerdictWeights { vacancy, ..self.verdict.named(extractor) }
    }

    /// The logit that the scorer gives, but for the quantisation of the table.
    fn logit(&self, row: &Row, stage: &VerdictStage) -> f64 {
        let vacancy = self.vacancy.as_ref().and_then(|fit| stage.vacancy_logit(fit.text.logit(&row.ngrams)));
        row.logit(vacancy, |ngrams, evidence| {
            stage.contributions(self.text.logit(ngrams), ngrams.len(), evidence).logit
        })
    }
}

/// Fits both stages and the second reading on the rows of these numbers: stage 2 sees text logits out of fold only.
///
/// # Errors
///
/// When a fit refuses the rows.
pub fn fit(
    corpus: &Corpus,
    rows: &[usize],
    extractor: &Extractor,
    params: &Params,
    seed: u64,
) -> anyhow::Result<Fitted> {
    Rotation::new(corpus, rows, params, seed)?.whole(extractor)
}

/// The logit of every row, each by a model whose fitting has not seen its group: everything is refitted without its fold.
///
/// # Errors
///
/// When a fit fails; of a few postings the error says how many are needed.
pub fn nested(corpus: &Corpus, extractor: &Extractor, params: &Params, seed: u64) -> anyhow::Result<Vec<f64>> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let logits = Rotation::new(corpus, &rows, params, seed).and_then(|rotation| rotation.nested(extractor));
    logits.map_err(|error| too_few(corpus, params).unwrap_or(error))
}

/// What [`fit`] makes of all rows, and what [`nested`] says of them, in little more time than the second takes.
///
/// # Errors
///
/// As [`nested`].
pub fn fit_and_nested(
    corpus: &Corpus,
    extractor: &Extractor,
    params: &Params,
    seed: u64,
) -> anyhow::Result<(Fitted, Vec<f64>)> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let fitted = Rotation::new(corpus, &rows, params, seed).and_then(|rotation| {
        let whole = rotation.whole(extractor)?;
        Ok((whole, rotation.nested(extractor)?))
    });
    fitted.map_err(|error| too_few(corpus, params).unwrap_or(error))
}

/// Groups of each class that a domain needs: two folds are left out at a time, and one group is to be left.
const LEAST_GROUPS: usize = 3;

/// That there are too few postings to leave two folds out, if there are. A fold may part no group, and classes are dealt
/// domain by domain, so the domain with the most groups of a class decides.
fn too_few(corpus: &Corpus, params: &Params) -> Option<anyhow::Error> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let mut of_class: [BTreeMap<usize, BTreeSet<usize>>; 2] = Default::default();
    for (row, group) in corpus.rows.iter().zip(params.protocol.groups(corpus, &rows)) {
        of_class[usize::from(row.label)].entry(row.domain).or_default().insert(group);
    }
    let [honest, scams] = of_class.map(|domains| domains.values().map(BTreeSet::len).max().unwrap_or(0));
    if honest.min(scams) >= LEAST_GROUPS {
        return None;
    }
    let files: Vec<&str> = corpus.provenance.iter().filter_map(|data| data.get("path")?.as_str()).collect();
    let counted = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    Some(anyhow::anyhow!(
        "{}: too few labels: {}, {}. Folds of which two are left out need {LEAST_GROUPS} groups of scams and {LEAST_GROUPS} \
         of honest postings{}, and there are {scams} and {honest} (near-duplicates, one employer and one author are one \
         group); label more",
        files.join(", "),
        counted(corpus.rows.len(), "posting"),
        counted(corpus.rows.iter().filter(|row| row.label).count(), "scam"),
        if corpus.domains.len() > 1 { " in one of the files" } else { "" }
    ))
}

fn resolve(weights: &VerdictWeights, extractor: &Extractor) -> anyhow::Result<VerdictStage> {
    VerdictStage::resolve(weights, extractor).map_err(anyhow::Error::msg)
}

/// The fold, below `k`, of every row: those of [`nested`].
pub fn outer_folds(corpus: &Corpus, protocol: Protocol, k: usize, seed: u64) -> Vec<usize> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    folds(corpus, &rows, protocol, k, seed)
}

pub(super) fn folds(corpus: &Corpus, rows: &[usize], protocol: Protocol, k: usize, seed: u64) -> Vec<usize> {
    let strata: Vec<usize> = rows.iter().map(|&i| corpus.rows[i].domain * 2 + corpus.rows[i].label as usize).collect();
    grouped_folds(&protocol.groups(corpus, rows), &strata, k, seed)
}

/// The row numbers whose fold is wanted.
pub(super) fn pick(rows: &[usize], folds: &[usize], keep: impl Fn(usize) -> bool) -> Vec<usize> {
    rows.iter().zip(folds).filter(|(_, f)| keep(**f)).map(|(&i, _)| i).collect()
}
