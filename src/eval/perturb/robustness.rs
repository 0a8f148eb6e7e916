//! What perturbations cost a model: the same postings scored before and after.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::Perturbation;
use crate::eval::compare::Side;
use crate::eval::metrics::{Curve, Scored, sort};
use crate::posting::Posting;
use crate::text::language::Language;
use crate::verdict::Action;

/// Honest postings that pad one; most fill it alone.
const DONORS: usize = 20;

/// A labelled posting to perturb.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The posting as it is.
    pub posting: &'a Posting,
    /// Is it a scam?
    pub label: bool,
    /// How many postings it stands for.
    pub weight: f64,
    /// Index of its domain.
    pub domain: usize,
    /// Its language, for what is appended.
    pub language: Language,
}

/// What a model says about the postings of a domain. Shares and means are weighted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Scams that go to `review` or `block`, as a share; `None` without scams.
    pub recall: Option<f64>,
    /// Honest postings that do.
    pub honest_flagged: Option<f64>,
    /// Area under the ROC curve; `None` unless there are both classes.
    pub roc_auc: Option<f64>,
    /// Mean logit of scams.
    pub scam_logit: Option<f64>,
    /// Mean logit of honest postings.
    pub honest_logit: Option<f64>,
}

/// A perturbation on a domain.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Postings of the domain.
    pub postings: usize,
    /// Postings whose text the perturbation changed.
    pub changed: usize,
    /// Without it.
    pub before: Figures,
    /// With it.
    pub after: Figures,
}

impl Outcome {
    /// Points of recall that it costs.
    pub fn points_lost(&self) -> Option<f64> {
        Some(100.0 * (self.before.recall? - self.after.recall?))
    }

    /// The mean change of the logit of scams.
    pub fn scam_change(&self) -> Option<f64> {
        Some(self.after.scam_logit? - self.before.scam_logit?)
    }

    /// The mean change of the logit of honest postings.
    pub fn honest_change(&self) -> Option<f64> {
        Some(self.after.honest_logit? - self.before.honest_logit?)
    }
}

/// A perturbation on every domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Robustness {
    /// What was done.
    pub perturbation: Perturbation,
    /// By index of the domain.
    pub domains: Vec<Outcome>,
}

/// Scores every case as it is and with every perturbation. The same seed gives the same texts whatever is `wanted`, and
/// whatever thread scores them.
pub fn measure(
    cases: &[Case],
    domains: usize,
    wanted: &[Perturbation],
    seed: u64,
    score: impl Fn(&Posting) -> Side + Sync,
) -> Vec<Robustness> {
    let before: Vec<Side> = cases.par_iter().map(|case| score(case.posting)).collect();
    let mut honest: HashMap<Language, Vec<usize>> = HashMap::new();
    for (i, case) in cases.iter().enumerate().filter(|(_, case)| !case.label) {
        honest.entry(case.language).or_default().push(i);
    }
    wanted
        .iter()
        .map(|&perturbation| {
            let after: Vec<(Side, bool)> = cases
                .par_iter()
                .enumerate()
                .map(|(i, case)| {
                    let mut rng = ChaCha8Rng::seed_from_u64(seed);
                    rng.set_stream(i as u64);
                    let of_language = honest.get(&case.language).map_or(&[][..], Vec::as_slice);
                    let first = rng.random_range(0..of_language.len().max(1));
                    let donors = of_language[first..].iter().chain(&of_language[..first]).filter(|&&d| d != i);
                    let donors = donors.take(DONORS).map(|&d| cases[d].posting);
                    let perturbed = perturbation.apply(case.posting, case.language, donors, &mut rng);
                    match perturbed == *case.posting {
                        true => (before[i], false),
                        false => (score(&perturbed), true),
                    }
                })
                .collect();
            let domains = (0..domains)
                .map(|domain| {
                    let of_domain = || (0..cases.len()).filter(|&i| cases[i].domain == domain);
                    Outcome {
                        postings: of_domain().count(),
                        changed: of_domain().filter(|&i| after[i].1).count(),
                        before: figures(of_domain().map(|i| (&cases[i], before[i]))),
                        after: figures(of_domain().map(|i| (&cases[i], after[i].0))),
                    }
                })
                .collect();
            Robustness { perturbation, domains }
        })
        .collect()
}

fn figures<'a>(scored: impl Iterator<Item = (&'a Case<'a>, Side)>) -> Figures {
    let scored: Vec<_> = scored.collect();
    let mean = |label: bool, of: fn(Side) -> f64| {
        let class = || scored.iter().filter(|(case, _)| case.label == label);
        let weight: f64 = class().map(|(case, _)| case.weight).sum();
        (weight > 0.0).then(|| class().map(|&(case, side)| case.weight * of(side)).sum::<f64>() / weight)
    };
    let flagged = |side: Side| f64::from(side.action >= Action::Review);
    let mut sorted: Vec<Scored> = scored
        .iter()
        .map(|&(case, side)| Scored { logit: side.logit, label: case.label, weight: case.weight, group: 0 })
        .collect();
    sort(&mut sorted);
    Figures {
        recall: mean(true, flagged),
        honest_flagged: mean(false, flagged),
        roc_auc: Curve::of(&sorted).map(|curve| curve.roc_auc()),
        scam_logit: mean(true, |side| side.logit),
        honest_logit: mean(false, |side| side.logit),
    }
}
