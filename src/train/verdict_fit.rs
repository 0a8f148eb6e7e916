/*!
Fitting stage 2: linfa-logistic over the text logit out of fold, the signals and the composites.

linfa-logistic has no row weights, so rows are repeated or thinned in whole copies, by systematic sampling under weights
that give every domain the same mass and every stratum as many scams as honest rows. Then signs: a lure signal (or
composite) with a negative weight, or a signal for the ad with a positive one, is removed, the worst first, and the fit
repeated. Last, a two-parameter line fitted out of fold calibrates the whole at the prior.

Where the marked families are a part of the rows, the weights of signals and composites are those that they have among
these: what a signal says of a lure is asked where there are lures. On a job board relocation, lodging and high pay
are signs of large and honest firms, and a fit on both would take them out for that. What the text says beside the signals
together, two weights and the intercept, is then fitted on all rows.
*/

use linfa::Dataset;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::corpus::{Corpus, part_of};
use super::weights::balanced_weights;
use crate::eval::folds::grouped_folds;
use crate::eval::logistic::fit_line;
use crate::model::verdict_stage::{VerdictWeights, inputs};
use crate::score::PRIOR;
use crate::signals::Extractor;
use crate::signals::catalogue::SignalKind;

/// Parameters of stage 2.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictParams {
    /// L2 penalty of linfa-logistic, against a sum over [`VerdictParams::rows`] rows a domain and class.
    pub alpha: f64,
    /// Rows after resampling, a domain and class; fewer where there are few to copy.
    pub rows: usize,
    /// Folds of the out-of-fold scores that calibrate.
    pub folds: usize,
    /// Leaves the text logit out.
    pub without_text: bool,
    /// Leaves signals and composites out.
    pub without_signals: bool,
}

impl Default for VerdictParams {
    fn default() -> Self {
        VerdictParams { alpha: 200.0, rows: 8000, folds: 5, without_text: false, without_signals: false }
    }
}

/// Stage 2, fitted and calibrated.
#[derive(Clone, Debug, PartialEq)]
pub struct VerdictFit {
    /// Weights by column: the text logit, the signals, the composites.
    weights: Vec<f64>,
    intercept: f64,
    /// Columns whose sign was wrong, in the order of their removal.
    removed: Vec<usize>,
    signals: usize,
}

/// The columns of stage 2 for rows of a corpus.
pub struct Design {
    x: Array2<f64>,
    labels: Vec<bool>,
    weights: Vec<f64>,
    calibration: Vec<f64>,
    groups: Vec<usize>,
    strata: Vec<usize>,
    /// Whether a row is of the marked families, which are asked what signals weigh.
    lures: Vec<bool>,
    signals: usize,
}

/// Copies of a row on the mean, at most: they are there to give rows their weights, which more of them do no better.
const COPIES: usize = 16;
/// L2 penalty of the fit of text against signals: two columns need hardly any.
const ALPHA_OF_TWO: f64 = 1.0;

impl Design {
    /// Builds the columns for `rows`, whose text logits are `text`.
    pub fn new(corpus: &Corpus, rows: &[usize], text: &[f64]) -> Design {
        let signals = corpus.rows.first().map_or(0, |r| r.evidence.strengths.len());
        let composites = corpus.rows.first().map_or(0, |r| r.evidence.composites.len());
        let mut x = Array2::zeros((rows.len(), 1 + signals + composites));
        for (k, (&i, &t)) in rows.iter().zip(text).enumerate() {
            let row = &corpus.rows[i];
            for (j, value) in std::iter::once(t).chain(inputs(row.ngrams.len(), &row.evidence)).enumerate() {
                x[[k, j]] = value;
            }
        }
        let labels: Vec<bool> = rows.iter().map(|&i| corpus.rows[i].label).collect();
        Design {
            x,
            lures: rows.iter().map(|&i| corpus.is_lure(i)).collect(),
            weights: balanced_weights(corpus, rows, 0.5),
            calibration: balanced_weights(corpus, rows, PRIOR),
            groups: rows.iter().map(|&i| corpus.rows[i].together).collect(),
            strata: rows.iter().map(|&i| corpus.rows[i].domain * 2 + corpus.rows[i].label as usize).collect(),
            labels,
            signals,
        }
    }
}

impl VerdictFit {
    /// Fits and calibrates.
    pub fn fit(
        design: &Design,
        extractor: &Extractor,
        params: &VerdictParams,
        seed: u64,
    ) -> anyhow::Result<VerdictFit> {
        let all: Vec<usize> = (0..design.labels.len()).collect();
        let mut fit = fit_whole(design, &all, params, seed, |rows| fit_signed(design, rows, extractor, params, seed))?;
        let folds = grouped_folds(&design.groups, &design.strata, params.folds, seed ^ 0x5eed);
        let mut out_of_fold = vec![0.0; all.len()];
        // The columns are those of the whole fit: removing again in every fold costs much and changes little.
        let active = fit.active();
        for fold in 0..params.folds {
            let (inside, outside): (Vec<usize>, Vec<usize>) = all.iter().partition(|&&k| folds[k] != fold);
            let part =
                fit_whole(design, &inside, params, seed, |rows| fit_columns(design, rows, &active, params, seed))?;
            for k in outside {
                out_of_fold[k] = part.logit_of(design, k);
            }
        }
        let (slope, intercept) = fit_line(
            all.iter().map(|&k| (out_of_fold[k], design.labels[k], design.calibration[k] * all.len() as f64)),
            None,
        );
        fit.weights.iter_mut().for_each(|w| *w *= slope);
        fit.intercept = fit.intercept * slope + intercept;
        Ok(fit)
    }

    fn active(&self) -> Vec<usize> {
        (0..self.weights.len()).filter(|&c| self.weights[c] != 0.0).collect()
    }

    fn logit_of(&self, design: &Design, k: usize) -> f64 {
        self.intercept + design.x.row(k).iter().zip(&self.weights).map(|(x, w)| x * w).sum::<f64>()
    }

    /// The logits of all rows of a design, before the bound on what speaks for an ad.
    pub fn logits(&self, design: &Design) -> Vec<f64> {
        (0..design.labels.len()).map(|k| self.logit_of(design, k)).collect()
    }

    /// The weights by name, those removed left out.
    pub fn named(&self, extractor: &Extractor) -> VerdictWeights {
        let kept = |(id, weight): &(String, f64)| (*weight != 0.0).then(|| (id.clone(), *weight));
        let ids = extractor.catalogue().signals().iter().map(|s| s.id.clone());
        let composites = extractor.composites().iter().map(|c| c.id.clone());
        VerdictWeights {
            intercept: self.intercept,
            text: self.weights[0],
            signals: ids.zip(self.weights[1..].iter().copied()).filter_map(|p| kept(&p)).collect(),
            composites: composites
                .zip(self.weights[1 + self.signals..].iter().copied())
                .filter_map(|p| kept(&p))
                .collect(),
            vacancy: None,
        }
    }

    /// Names of what was removed for its sign, in order.
    pub fn removed(&self, extractor: &Extractor) -> Vec<String> {
        let name = |&column: &usize| match column {
            0 => "text".to_owned(),
            c if c <= self.signals => extractor.catalogue().signals()[c - 1].id.clone(),
            c => extractor.composites()[c - 1 - self.signals].id.clone(),
        };
        self.removed.iter().map(name).collect()
    }
}

/// Fits on some rows as `fit` does; but where the marked families are a part of them, on these, and then what the text says
/// beside the signals on all.
fn fit_whole(
    design: &Design,
    rows: &[usize],
    params: &VerdictParams,
    seed: u64,
    fit: impl Fn(&[usize]) -> anyhow::Result<VerdictFit>,
) -> anyhow::Result<VerdictFit> {
    let lures = part_of(rows, |k| design.lures[k], |k| design.labels[k]);
    if lures.is_empty() {
        return fit(rows);
    }
    let mut fit = fit(&lures)?;
    let by_signals = |k: usize| design.x.row(k).iter().zip(&fit.weights).skip(1).map(|(x, w)| x * w).sum::<f64>();
    let said: Vec<[f64; 2]> =
        (0..design.labels.len()).map(|k| [fit.weights[0] * design.x[[k, 0]], by_signals(k)]).collect();
    let (factors, intercept) = logistic(design, rows, 2, |k, part| said[k][part], ALPHA_OF_TWO, params, seed)?;
    // What speaks the wrong way on all rows together says nothing.
    fit.weights[0] *= factors[0].max(0.0);
    fit.weights[1..].iter_mut().for_each(|w| *w *= factors[1].max(0.0));
    Ok(VerdictFit { intercept, ..fit })
}

/// Fits, removes the column whose sign is most wrong, and repeats.
fn fit_signed(
    design: &Design,
    rows: &[usize],
    extractor: &Extractor,
    params: &VerdictParams,
    seed: u64,
) -> anyhow::Result<VerdictFit> {
    let mut active: Vec<usize> = (0..design.x.ncols())
        .filter(|&c| if c == 0 { !params.without_text } else { !params.without_signals })
        .filter(|&c| rows.iter().any(|&k| design.x[[k, c]] != 0.0))
        .collect();
    let mut removed = Vec::new();
    while !active.is_empty() {
        let mut fit = fit_columns(design, rows, &active, params, seed)?;
        // How far a weight lies on the wrong side of 0.
        let wrong = |c: usize| {
            let is_signal = (1..=design.signals).contains(&c);
            let for_the_ad = is_signal && extractor.catalogue().signals()[c - 1].kind == SignalKind::ForTheAd;
            if for_the_ad { fit.weights[c] } else { -fit.weights[c] }
        };
        let worst = active.iter().copied().max_by(|&a, &b| wrong(a).total_cmp(&wrong(b))).filter(|&c| wrong(c) > 0.0);
        match worst {
            Some(column) => {
                active.retain(|&c| c != column);
                removed.push(column);
            }
            None => {
                fit.removed = removed;
                return Ok(fit);
            }
        }
    }
    anyhow::bail!("no column of the verdict stage has the right sign: the labels contradict the signals")
}

/// Fits the columns `active` on the resampled rows.
fn fit_columns(
    design: &Design,
    rows: &[usize],
    active: &[usize],
    params: &VerdictParams,
    seed: u64,
) -> anyhow::Result<VerdictFit> {
    let value = |k: usize, column: usize| design.x[[k, active[column]]];
    let (fitted, intercept) = logistic(design, rows, active.len(), value, params.alpha, params, seed)?;
    let mut weights = vec![0.0; design.x.ncols()];
    for (&c, w) in active.iter().zip(fitted) {
        weights[c] = w;
    }
    Ok(VerdictFit { weights, intercept, removed: Vec::new(), signals: design.signals })
}

/// linfa-logistic on the resampled rows: the weights of so many columns, whose `value` is by row and column, and the
/// intercept.
fn logistic(
    design: &Design,
    rows: &[usize],
    columns: usize,
    value: impl Fn(usize, usize) -> f64,
    alpha: f64,
    params: &VerdictParams,
    seed: u64,
) -> anyhow::Result<(Vec<f64>, f64)> {
    let strata = by_stratum(design, rows);
    let most = strata.iter().map(Vec::len).max().unwrap_or(0);
    let per_class = params.rows.min(COPIES * most);
    let sample = resample(design, strata, per_class, seed);
    let labels: Array1<bool> = sample.iter().map(|&k| design.labels[k]).collect();
    let x = Array2::from_shape_fn((sample.len(), columns), |(i, column)| value(sample[i], column));
    let fitted = LogisticRegression::default()
        .alpha(alpha * per_class as f64 / params.rows as f64)
        .max_iterations(200)
        .gradient_tolerance(1e-2)
        .fit(&Dataset::new(x, labels))?;
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    Ok((fitted.params().iter().map(|w| sign * w).collect(), sign * fitted.intercept()))
}

/// These rows, those of each domain and class by themselves.
fn by_stratum(design: &Design, rows: &[usize]) -> Vec<Vec<usize>> {
    let mut strata = vec![Vec::new(); design.strata.iter().max().map_or(0, |m| m + 1)];
    rows.iter().for_each(|&k| strata[design.strata[k]].push(k));
    strata
}

/// Rows in whole copies, in proportion to their weights: systematic sampling, domain by domain and class by class.
fn resample(design: &Design, strata: Vec<Vec<usize>>, per_class: usize, seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut out = Vec::new();
    for mut members in strata {
        members.shuffle(&mut rng);
        let total: f64 = members.iter().map(|&k| design.weights[k]).sum();
        let (mut mass, mut taken) = (0.0, 0);
        for k in members {
            mass += design.weights[k];
            let due = (mass / total * per_class as f64).round() as usize;
            out.extend(std::iter::repeat_n(k, due - taken));
            taken = due;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    /// Two domains of 400 rows. The text says as much in both; the first signal speaks for a scam among the lures, and for an
    /// honest posting outside of them.
    fn two_domains(extractor: &Extractor, lures_told: bool) -> Design {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let signals = extractor.catalogue().len();
        let rows = 800;
        let mut x = Array2::zeros((rows, 1 + signals + extractor.composites().len()));
        let labels: Vec<bool> = (0..rows).map(|k| k % 2 == 0).collect();
        for k in 0..rows {
            let side = if labels[k] { 0.5 } else { -0.5 };
            x[[k, 0]] = side + rng.random_range(-1.0..1.0);
            let speaks_for = labels[k] == (k < rows / 2);
            x[[k, 1]] = f64::from(u8::from(rng.random_bool(if speaks_for { 0.7 } else { 0.3 })));
        }
        Design {
            x,
            weights: vec![1.0 / rows as f64; rows],
            calibration: vec![1.0 / rows as f64; rows],
            groups: (0..rows).collect(),
            strata: (0..rows).map(|k| k / (rows / 2) * 2 + usize::from(labels[k])).collect(),
            lures: (0..rows).map(|k| lures_told && k < rows / 2).collect(),
            labels,
            signals,
        }
    }

    #[test]
    fn what_a_signal_says_of_a_lure_is_asked_where_there_are_lures() {
        let reader = crate::train::reader();
        let extractor = Extractor::embedded(&reader);
        let params = VerdictParams { alpha: 1.0, ..VerdictParams::default() };
        let fit = |lures_told| VerdictFit::fit(&two_domains(&extractor, lures_told), &extractor, &params, 1).unwrap();
        let (of_all, of_lures) = (fit(false), fit(true));
        assert!(of_all.weights[1].abs() < 0.1, "{}", of_all.weights[1]);
        // On all rows the signal says nothing, so next to nothing of it is kept; but it is not taken for its opposite.
        assert!(of_lures.weights[1] >= 0.0 && of_lures.removed.is_empty(), "{}", of_lures.weights[1]);
        assert!(of_lures.weights[0] > 1.0 && of_all.weights[0] > 1.0);
    }

    #[test]
    fn what_is_silent_elsewhere_speaks_of_lures() {
        let reader = crate::train::reader();
        let extractor = Extractor::embedded(&reader);
        let mut design = two_domains(&extractor, true);
        for k in (0..design.labels.len()).filter(|&k| !design.lures[k]) {
            design.x[[k, 1]] = 0.0;
        }
        let params = VerdictParams { alpha: 1.0, ..VerdictParams::default() };
        let fit = VerdictFit::fit(&design, &extractor, &params, 1).unwrap();
        // 0.7 against 0.3 of the lures' rows, and where it is silent nothing contradicts.
        assert!(fit.weights[1] > 0.8, "{}", fit.weights[1]);
    }
}
