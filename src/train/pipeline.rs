/*!
Fitting both stages on some rows, and the nested evaluation that refits everything inside each outer training part.
*/

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::corpus::{Corpus, Row};
use super::text_fit::{TextFit, TextParams};
use super::vacancy_fit::{VacancyFit, VacancyParams};
use super::verdict_fit::{Design, VerdictFit, VerdictParams};
use crate::eval::folds::grouped_folds;
use crate::model::verdict_stage::{VerdictStage, VerdictWeights};
use crate::signals::Extractor;

/// Which rows a fold keeps together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Near-duplicates, employers, author families and group columns: the default, and the only honest one.
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
                Protocol::Grouped => corpus.rows[i].group,
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
    /// Outer and inner folds.
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

/// Fits both stages and the second reading on the rows of these numbers: stage 2 sees text logits out of inner folds only.
pub fn fit(
    corpus: &Corpus,
    rows: &[usize],
    extractor: &Extractor,
    params: &Params,
    seed: u64,
) -> anyhow::Result<Fitted> {
    let folds = folds(corpus, rows, params.protocol, params.folds, seed.wrapping_add(1));
    let inner: Vec<(usize, TextFit)> = (0..params.folds)
        .into_par_iter()
        .map(|fold| {
            let inside: Vec<usize> = pick(rows, &folds, |f| f != fold);
            Ok((fold, TextFit::fit(corpus, &inside, &params.text, seed)?))
        })
        .collect::<anyhow::Result<_>>()?;
    let mut out_of_fold = vec![0.0; rows.len()];
    for (fold, text) in &inner {
        for (k, &i) in rows.iter().enumerate().filter(|(k, _)| folds[*k] == *fold) {
            out_of_fold[k] = text.logit(&corpus.rows[i].ngrams);
        }
    }
    let text = TextFit::fit(corpus, rows, &params.text, seed)?;
    let design = Design::new(corpus, rows, &out_of_fold);
    let verdict = VerdictFit::fit(&design, extractor, &params.verdict, seed)?;
    let vacancy = match params.verdict.without_text {
        true => None,
        false => VacancyFit::fit(corpus, rows, &folds, &text, params, seed)?,
    };
    Ok(Fitted { text, vacancy, verdict })
}

/// The logit of every row, each by a model whose fitting has not seen its group: outer folds, everything refitted inside.
///
/// # Errors
///
/// When a fit fails; of a few postings the error says how many are needed.
pub fn nested(corpus: &Corpus, extractor: &Extractor, params: &Params, seed: u64) -> anyhow::Result<Vec<f64>> {
    nested_logits(corpus, extractor, params, seed).map_err(|error| too_few(corpus, params).unwrap_or(error))
}

/// That there are too few postings for folds within folds, if there are.
///
/// Each of two levels takes a fold away, and is to leave one group of each class. A fold may part no group, and classes are
/// dealt domain by domain, so the domain with the most groups of a class decides.
fn too_few(corpus: &Corpus, params: &Params) -> Option<anyhow::Error> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let mut of_class: [BTreeMap<usize, BTreeSet<usize>>; 2] = Default::default();
    for (row, group) in corpus.rows.iter().zip(params.protocol.groups(corpus, &rows)) {
        of_class[usize::from(row.label)].entry(row.domain).or_default().insert(group);
    }
    let [honest, scams] = of_class.map(|domains| domains.values().map(BTreeSet::len).max().unwrap_or(0));
    let left = |groups: usize| groups - groups.div_ceil(params.folds);
    let needed = (1..).find(|&groups| left(left(groups)) > 0)?;
    if honest.min(scams) >= needed {
        return None;
    }
    let files: Vec<&str> = corpus.provenance.iter().filter_map(|data| data.get("path")?.as_str()).collect();
    let counted = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    Some(anyhow::anyhow!(
        "{}: too few labels: {}, {}. {} folds within as many need {needed} groups of scams and {needed} of honest postings{}, \
         and there are {scams} and {honest} (near-duplicates, one employer and one author are one group); label more",
        files.join(", "),
        counted(corpus.rows.len(), "posting"),
        counted(corpus.rows.iter().filter(|row| row.label).count(), "scam"),
        params.folds,
        if corpus.domains.len() > 1 { " in one of the files" } else { "" }
    ))
}

fn nested_logits(corpus: &Corpus, extractor: &Extractor, params: &Params, seed: u64) -> anyhow::Result<Vec<f64>> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let folds = outer_folds(corpus, params.protocol, params.folds, seed);
    let parts: Vec<Vec<(usize, f64)>> = (0..params.folds)
        .into_par_iter()
        .map(|fold| {
            let inside = pick(&rows, &folds, |f| f != fold);
            let fitted = fit(corpus, &inside, extractor, params, seed)?;
            let outside = pick(&rows, &folds, |f| f == fold);
            let logits = fitted.logits(corpus, &outside, extractor)?;
            Ok(outside.into_iter().zip(logits).collect())
        })
        .collect::<anyhow::Result<_>>()?;
    let mut logits = vec![0.0; rows.len()];
    for (i, logit) in parts.into_iter().flatten() {
        logits[i] = logit;
    }
    Ok(logits)
}

fn resolve(weights: &VerdictWeights, extractor: &Extractor) -> anyhow::Result<VerdictStage> {
    VerdictStage::resolve(weights, extractor).map_err(anyhow::Error::msg)
}

/// The outer fold, below `k`, of every row: those of [`nested`].
pub fn outer_folds(corpus: &Corpus, protocol: Protocol, k: usize, seed: u64) -> Vec<usize> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    folds(corpus, &rows, protocol, k, seed)
}

fn folds(corpus: &Corpus, rows: &[usize], protocol: Protocol, k: usize, seed: u64) -> Vec<usize> {
    let strata: Vec<usize> = rows.iter().map(|&i| corpus.rows[i].domain * 2 + corpus.rows[i].label as usize).collect();
    grouped_folds(&protocol.groups(corpus, rows), &strata, k, seed)
}

/// The row numbers whose fold is wanted.
pub(super) fn pick(rows: &[usize], folds: &[usize], keep: impl Fn(usize) -> bool) -> Vec<usize> {
    rows.iter().zip(folds).filter(|(_, f)| keep(**f)).map(|(&i, _)| i).collect()
}
