/*!
Thresholds, from nested scores of honest postings: a flag is only worth as much as the honest postings it spares.
*/

use serde::{Deserialize, Serialize};

use super::corpus::{Corpus, Row};
use crate::eval::metrics::logit as log_odds;

/// A threshold and what stands behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// The logit.
    pub logit: f64,
    /// The domain that asked for the strictest.
    pub set_by: String,
    /// The share of that domain's honest weight that may be flagged.
    pub false_positive_rate: f64,
    /// Honest postings in that domain: with few, a small rate cannot be told from none.
    pub honest_postings: usize,
    /// Honest postings of that domain that are flagged nevertheless.
    pub flagged: usize,
}

impl Threshold {
    /// The share that may be flagged, in percent: to four digits, since 0.001 is no binary fraction.
    pub fn percent(&self) -> f64 {
        (self.false_positive_rate * 1e6).round() / 1e4
    }
}

/// Honest postings flagged at `review`: at most 2 % of any domain. Of look-alikes by authors that nobody has seen more are
/// flagged than of the lure corpus: the lexicons were mended on what trains, so that it is read better than what comes.
pub fn review(corpus: &Corpus, logits: &[f64]) -> Option<Threshold> {
    strictest(corpus, logits, 0.02)
}

/// The least probability at which a posting is blocked. A rate of 0.1 % rests on the one or two highest of some thousand
/// honest postings, and moves with them by whole units of the logit: that alone is no ground to block anybody.
pub const LEAST_TO_BLOCK: f64 = 0.95;

/// Honest postings flagged at `block`: at most 0.1 % of any domain, and none below [`LEAST_TO_BLOCK`].
pub fn block(corpus: &Corpus, logits: &[f64]) -> Option<Threshold> {
    let found = strictest(corpus, logits, 0.001)?;
    let logit = found.logit.max(log_odds(LEAST_TO_BLOCK));
    let flagged = honest(corpus, logits, &found.set_by).filter(|h| h.0 >= logit).count();
    Some(Threshold { logit, flagged, ..found })
}

fn strictest(corpus: &Corpus, logits: &[f64], rate: f64) -> Option<Threshold> {
    corpus
        .domains
        .iter()
        .filter_map(|name| {
            let honest: Vec<(f64, f64)> = honest(corpus, logits, name).collect();
            let logit = lowest(&honest, rate)?;
            Some(Threshold {
                logit,
                set_by: name.clone(),
                false_positive_rate: rate,
                honest_postings: honest.len(),
                flagged: honest.iter().filter(|h| h.0 >= logit).count(),
            })
        })
        .max_by(|a, b| a.logit.total_cmp(&b.logit))
}

/// The logits and weights of a domain's honest postings.
fn honest<'a>(corpus: &'a Corpus, logits: &'a [f64], domain: &'a str) -> impl Iterator<Item = (f64, f64)> + 'a {
    let honest = move |row: &Row| corpus.domains[row.domain] == domain && !row.label && row.weight > 0.0;
    let rows = corpus.rows.iter().zip(logits).filter(move |(row, _)| honest(row));
    rows.map(|(row, &logit)| (logit, row.weight))
}

/// The lowest logit that flags at most a share `rate` of the weight: just above the first posting that would exceed it.
fn lowest(honest: &[(f64, f64)], rate: f64) -> Option<f64> {
    let mut sorted = honest.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let budget = rate * sorted.iter().map(|h| h.1).sum::<f64>();
    let mut flagged = 0.0;
    for &(logit, weight) in &sorted {
        flagged += weight;
        if flagged > budget {
            return Some(logit.next_up());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::lowest;

    #[test]
    fn the_budget_is_used_up_and_not_exceeded() {
        let honest: Vec<(f64, f64)> = (0..200).map(|i| (i as f64, 1.0)).collect();
        let at = lowest(&honest, 0.01).unwrap();
        assert_eq!(honest.iter().filter(|h| h.0 >= at).count(), 2);
        let at = lowest(&honest, 0.001).unwrap();
        assert_eq!(honest.iter().filter(|h| h.0 >= at).count(), 0);
        assert!(at > 199.0 && at < 199.001);
        assert_eq!(lowest(&[], 0.1), None);
    }
}
