/*!
How far to move: candidates by grouped cross-validation, the base among them.
*/

use rayon::prelude::*;
use serde_json::{Value, json};

use super::AdaptParams;
use super::correction::{Base, Correction, Strength};
use crate::eval::logistic::fit_line;
use crate::train::corpus::Corpus;
use crate::train::pipeline::folds;
use crate::train::weights::class_weights;

/// Groups of each label under which nothing moves: the error of a difference over fewer cannot be told.
pub const LEAST_GROUPS: usize = 4;
/// The gain must be so many times its standard error: one chance in forty-four, were there one candidate. The best of ten
/// that are much alike is taken, so that 1.65, which is one chance in twenty for one, lets labels by chance move a model.
const CERTAINTY: f64 = 2.0;
/// Fewer rows than this are parted into folds several times, and their logits averaged.
const FEW: usize = 500;
const DRAWS_OF_FEW: u64 = 3;
/// The costs of a row that are tried, for n-grams; those of signals are [`SIGNALS`] of them.
const GRID: [f64; 4] = [0.3, 3.0, 30.0, 300.0];
const SIGNALS: f64 = 0.03;

/// A candidate and what it brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// How far it moves.
    pub strength: Strength,
    /// By how much its log loss, a row, is lower than the base's, out of fold.
    pub gain: f64,
    /// The standard error of that, over groups.
    pub error: f64,
}

/// The candidate chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// None when the base stays as it is.
    pub strength: Option<Strength>,
    /// Slope and intercept that put the logits of honest postings, out of fold, where the base has them: its thresholds
    /// then flag about as many of them as before.
    pub line: (f64, f64),
    /// All candidates; none when there were too few groups to try them.
    pub trials: Vec<Trial>,
}

impl Choice {
    /// For the manifest; the numbers of a strength are the costs of a row against the ridge.
    pub fn to_json(&self) -> Value {
        let trial = |t: &Trial| {
            json!({
                "pulled_towards": towards(&t.strength),
                "text": t.strength.text,
                "signals": t.strength.signals,
                "second_reading": t.strength.second,
                "log_loss_gain": t.gain,
                "standard_error": t.error,
            })
        };
        let why = match (self.strength, self.trials.is_empty()) {
            (Some(_), _) => format!("moved: the gain is more than {CERTAINTY} standard errors"),
            (None, true) => format!("not moved: fewer than {LEAST_GROUPS} groups of a label"),
            (None, false) => format!("not moved: no gain is more than {CERTAINTY} standard errors"),
        };
        json!({
            "outcome": why,
            "pulled_towards": self.strength.as_ref().map(towards),
            "text": self.strength.map_or(0.0, |s| s.text),
            "signals": self.strength.map_or(0.0, |s| s.signals),
            "second_reading": self.strength.map(|s| s.second),
            "tried": self.trials.iter().map(trial).collect::<Vec<_>>(),
        })
    }
}

fn towards(strength: &Strength) -> &'static str {
    if strength.keep > 0.0 { "base" } else { "zero" }
}

/// What is fitted, second readings aside.
fn candidates(params: &AdaptParams, has_second: bool) -> Vec<Strength> {
    let strength = |keep: f64, text, signals| Strength { keep, text, signals, second: has_second && keep > 0.0 };
    // Nothing moves; but the base may do better without its second reading.
    let silent = Strength { keep: 1.0, text: 0.0, signals: 0.0, second: false };
    let mut out = if has_second { vec![silent] } else { Vec::new() };
    for c in GRID {
        for keep in [1.0, 0.0] {
            match (params.text, params.signals) {
                (true, true) => out.push(strength(keep, c, c * SIGNALS)),
                (true, false) => out.push(strength(keep, c, 0.0)),
                (false, _) => {}
            }
        }
        if params.signals && c > GRID[0] {
            out.push(strength(1.0, 0.0, c * SIGNALS));
        }
    }
    out
}

/// Tries all candidates on the rows of these numbers.
pub(super) fn choose(
    corpus: &Corpus,
    base: &Base,
    rows: &[usize],
    params: &AdaptParams,
    seed: u64,
) -> anyhow::Result<Choice> {
    let groups = params.protocol.groups(corpus, rows);
    let labels: Vec<bool> = rows.iter().map(|&i| corpus.rows[i].label).collect();
    if [true, false].iter().any(|&label| of_label(&groups, &labels, label) < LEAST_GROUPS) {
        return Ok(Choice { strength: None, line: (1.0, 0.0), trials: Vec::new() });
    }
    let draws = if rows.len() < FEW { DRAWS_OF_FEW } else { 1 };
    let draw = |draw: u64| folds(corpus, rows, params.protocol, params.folds, seed.wrapping_add(101 + draw));
    let drawn: Vec<Vec<usize>> = (0..draws).map(draw).collect();
    let candidates = candidates(params, base.has_second());
    let jobs: Vec<(usize, usize, usize)> = (0..candidates.len())
        .flat_map(|c| (0..draws as usize).flat_map(move |d| (0..params.folds).map(move |f| (c, d, f))))
        .collect();
    // Collected in the order of the jobs, so that sums do not depend on the number of threads.
    // Each fit is heard without the second reading and with it.
    let parts: Vec<Vec<(usize, [f64; 2])>> = jobs
        .par_iter()
        .map(|&(c, d, fold)| {
            let (inside, outside): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(|&k| drawn[d][k] != fold);
            // A part that lacks a label cannot teach; what it would have scored is left to the base.
            if [true, false].iter().any(|&label| inside.iter().all(|&k| labels[k] != label)) {
                return Ok(outside.into_iter().map(|k| (k, [base.logit(rows[k]); 2])).collect());
            }
            let inside: Vec<usize> = inside.into_iter().map(|k| rows[k]).collect();
            let with = Correction::fit(corpus, base, &inside, candidates[c], seed)?;
            let without = with.clone().without_second();
            let both = |k: usize| [&without, &with].map(|correction| correction.logit(corpus, base, rows[k]));
            Ok(outside.into_iter().map(|k| (k, both(k))).collect())
        })
        .collect::<anyhow::Result<_>>()?;
    let mut logits = vec![[vec![0.0; rows.len()], vec![0.0; rows.len()]]; candidates.len()];
    for (&(c, _, _), part) in jobs.iter().zip(&parts) {
        for (k, heard) in part {
            for (sums, logit) in logits[c].iter_mut().zip(heard) {
                sums[*k] += logit / draws as f64;
            }
        }
    }
    // With it comes last, so that it is taken where both bring the same.
    let (candidates, logits): (Vec<Strength>, Vec<Vec<f64>>) = candidates
        .into_iter()
        .zip(logits)
        .flat_map(|(fitted, [without, with])| {
            let with = fitted.second.then_some((fitted, with));
            std::iter::once((Strength { second: false, ..fitted }, without)).chain(with)
        })
        .unzip();
    let mut weights = class_weights(corpus, rows, 1.0, 0.5);
    let mass: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= mass);
    let at_base: Vec<f64> = rows.iter().map(|&i| base.logit(i)).collect();
    let before = losses(&at_base, &labels, &weights);
    let trials: Vec<Trial> = candidates
        .iter()
        .zip(&logits)
        .map(|(&strength, logits)| {
            let after = losses(logits, &labels, &weights);
            let (gain, error) = paired(&before, &after, &groups);
            Trial { strength, gain, error }
        })
        .collect();
    let shown = trials.iter().filter(|t| t.gain > CERTAINTY * t.error);
    let best = shown.max_by(|a, b| a.gain.total_cmp(&b.gain)).map(|t| t.strength);
    let line = trials.iter().position(|t| Some(t.strength) == best).map_or((1.0, 0.0), |c| {
        let honest = |z: &[f64]| moments(z.iter().zip(&weights).zip(&labels).filter(|(_, l)| !**l).map(|(p, _)| p));
        held(honest(&at_base), honest(&logits[c]))
    });
    Ok(Choice { strength: best, line, trials })
}

/// Weighted mean and standard deviation.
fn moments<'a>(values: impl Iterator<Item = (&'a f64, &'a f64)> + Clone) -> (f64, f64) {
    let mass: f64 = values.clone().map(|(_, w)| w).sum();
    let mean = values.clone().map(|(z, w)| z * w).sum::<f64>() / mass;
    (mean, (values.map(|(z, w)| w * (z - mean).powi(2)).sum::<f64>() / mass).sqrt())
}

/// The line that leads from one mean and deviation to another; it never widens, since a narrow spread of few postings is
/// mostly chance.
fn held(to: (f64, f64), from: (f64, f64)) -> (f64, f64) {
    let slope = if from.1 > to.1 && to.1 > 0.0 { to.1 / from.1 } else { 1.0 };
    (slope, to.0 - slope * from.0)
}

/// How many groups hold the label.
fn of_label(groups: &[usize], labels: &[bool], label: bool) -> usize {
    let mut held: Vec<usize> = groups.iter().zip(labels).filter(|(_, l)| **l == label).map(|(&g, _)| g).collect();
    held.sort_unstable();
    held.dedup();
    held.len()
}

/// The weighted log loss of every row, after the line that fits the logits best: how well they part the classes, not how
/// well they are calibrated, which is another step.
fn losses(logits: &[f64], labels: &[bool], weights: &[f64]) -> Vec<f64> {
    let n = logits.len() as f64;
    let rows = (0..logits.len()).map(|k| (logits[k], labels[k], weights[k] * n));
    let (slope, intercept) = fit_line(rows, None);
    (0..logits.len())
        .map(|k| {
            let z = slope * logits[k] + intercept;
            let z = if labels[k] { z } else { -z };
            weights[k] * ((-z.abs()).exp().ln_1p() + (-z).max(0.0))
        })
        .collect()
}

/// The sum of the differences, and its standard error when whole groups are drawn.
fn paired(before: &[f64], after: &[f64], groups: &[usize]) -> (f64, f64) {
    let mut of_group: std::collections::BTreeMap<usize, f64> = Default::default();
    for ((b, a), &g) in before.iter().zip(after).zip(groups) {
        *of_group.entry(g).or_default() += b - a;
    }
    let n = of_group.len() as f64;
    let gain: f64 = of_group.values().sum();
    let variance = of_group.values().map(|d| (d - gain / n).powi(2)).sum::<f64>() / (n - 1.0);
    (gain, (n * variance).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_that_of_a_sum_over_groups() {
        let (gain, error) = paired(&[1.0, 1.0, 2.0, 0.5], &[0.5, 0.5, 1.0, 0.5], &[7, 7, 8, 9]);
        assert!((gain - 2.0).abs() < 1e-12);
        // Differences of 1, 1 and 0: variance 1/3, and three groups.
        assert!((error - 1.0).abs() < 1e-12, "{error}");
    }

    #[test]
    fn honest_postings_are_held_where_they_were() {
        let (slope, intercept) = held((-3.0, 1.0), (2.0, 4.0));
        assert_eq!((slope, slope * 6.0 + intercept), (0.25, -2.0));
        assert_eq!(held((-3.0, 1.0), (2.0, 0.5)), (1.0, -5.0));
        assert_eq!(held((-3.0, 0.0), (2.0, 0.5)).0, 1.0);
    }

    #[test]
    fn a_loss_does_not_ask_for_calibration() {
        let labels = [true, true, false, true, false, false];
        let weights = [1.0 / 6.0; 6];
        let logits = [3.0, 2.0, 1.0, 0.5, -1.0, -2.0];
        let moved: Vec<f64> = logits.iter().map(|z| 0.2 * z - 4.0).collect();
        let sum = |z: &[f64]| losses(z, &labels, &weights).iter().sum::<f64>();
        assert!((sum(&logits) - sum(&moved)).abs() < 2e-3, "{} {}", sum(&logits), sum(&moved));
        let worse = [3.0, -2.0, 1.0, 0.5, -1.0, 2.0];
        assert!(sum(&worse) > sum(&logits) + 0.05);
    }
}
