/*!
Row weights: every stratum with the same share of scams.

A domain in which half the rows are scams, beside one where a twentieth are, would make its language and its form
evidence of fraud. So within each stratum (a domain, and in the lure corpus a language) the scams are given the mass
that the prior says.
*/

use std::collections::BTreeMap;

use super::corpus::Corpus;
use crate::text::language::Language;

/// A stratum: domain and, where strata are by language, the language.
pub(crate) type Stratum = (usize, Option<Language>);

/// Strata with fewer rows of a class than this are taken together within their domain.
const LEAST: usize = 5;

/// The stratum of each row; those too small to have a prior of their own share one.
pub(crate) fn strata(corpus: &Corpus, rows: &[usize]) -> Vec<Stratum> {
    let mut counts: BTreeMap<Stratum, [usize; 2]> = BTreeMap::new();
    for &i in rows {
        counts.entry(corpus.stratum(&corpus.rows[i])).or_default()[corpus.rows[i].label as usize] += 1;
    }
    rows.iter()
        .map(|&i| {
            let stratum = corpus.stratum(&corpus.rows[i]);
            let [honest, scams] = counts[&stratum];
            if honest.min(scams) < LEAST { (stratum.0, None) } else { stratum }
        })
        .collect()
}

/// The weight of each row: its own, over its campaign's size to the power given, with the scams of every stratum scaled
/// to the prior. The honest rows of each domain weigh 1 on the mean: a domain whose rows stand for many postings would
/// else say alone what the n-grams that it shares with others mean.
pub(crate) fn class_weights(corpus: &Corpus, rows: &[usize], campaign_power: f64, prior: f64) -> Vec<f64> {
    let mut sizes: BTreeMap<usize, f64> = BTreeMap::new();
    for &i in rows {
        *sizes.entry(corpus.rows[i].campaign).or_default() += 1.0;
    }
    let mut weights: Vec<f64> =
        rows.iter().map(|&i| corpus.rows[i].weight / sizes[&corpus.rows[i].campaign].powf(campaign_power)).collect();
    let strata = strata(corpus, rows);
    let mut masses: BTreeMap<Stratum, [f64; 2]> = BTreeMap::new();
    for ((&i, stratum), weight) in rows.iter().zip(&strata).zip(&weights) {
        masses.entry(*stratum).or_default()[corpus.rows[i].label as usize] += weight;
    }
    for ((&i, stratum), weight) in rows.iter().zip(&strata).zip(&mut weights) {
        let [honest, scams] = masses[stratum];
        if corpus.rows[i].label && honest > 0.0 && scams > 0.0 {
            *weight *= honest / scams * prior / (1.0 - prior);
        }
    }
    let mut honest: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (&i, weight) in rows.iter().zip(&weights).filter(|(i, _)| !corpus.rows[**i].label) {
        let held = honest.entry(corpus.rows[i].domain).or_default();
        *held = (held.0 + weight, held.1 + 1.0);
    }
    for (&i, weight) in rows.iter().zip(&mut weights) {
        if let Some((mass, count)) = honest.get(&corpus.rows[i].domain).filter(|(mass, _)| *mass > 0.0) {
            *weight *= count / mass;
        }
    }
    weights
}

/// Weights under which every domain has the same mass, every stratum a mass by its rows, and scams the prior's share:
/// what calibration and stage 2 are fitted under, with `prior` a half for the latter.
pub(crate) fn balanced_weights(corpus: &Corpus, rows: &[usize], prior: f64) -> Vec<f64> {
    let strata = strata(corpus, rows);
    let base = class_weights(corpus, rows, 1.0, prior);
    let mut masses: BTreeMap<(Stratum, bool), f64> = BTreeMap::new();
    let mut counts: BTreeMap<Stratum, f64> = BTreeMap::new();
    let mut domains: BTreeMap<usize, f64> = BTreeMap::new();
    for ((&i, stratum), weight) in rows.iter().zip(&strata).zip(&base) {
        *masses.entry((*stratum, corpus.rows[i].label)).or_default() += weight;
        *counts.entry(*stratum).or_default() += 1.0;
        *domains.entry(stratum.0).or_default() += 1.0;
    }
    rows.iter()
        .zip(&strata)
        .zip(&base)
        .map(|((&i, stratum), weight)| {
            let label = corpus.rows[i].label;
            let share = if label { prior } else { 1.0 - prior };
            weight / masses[&(*stratum, label)] * share * counts[stratum] / domains[&stratum.0]
        })
        .collect()
}
