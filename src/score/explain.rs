/*!
Terms: everything that adds to a logit and is not a signal's, by name, so that all parts sum to the logit.
*/

use super::{Scorer, Weighed};
use crate::entities::bag::{NgramScratch, distinct_ngrams};
use crate::entities::reading::Reading;
use crate::text::ngrams::root;
use crate::verdict::Term;

/// N-grams that are named; the others are summed as `(rest of text)`.
const NAMED: usize = 20;

/// The name of what the strongest passage adds, where it decides.
const PASSAGE: &str = "(one passage)";

impl Scorer {
    pub(super) fn terms(
        &self,
        reading: &Reading,
        Weighed { parts, ngrams, as_vacancy, logit, passage, .. }: &Weighed,
        scratch: &mut NgramScratch,
    ) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::new();
        for (composite, &contribution) in self.extractor.composites().iter().zip(&parts.composites) {
            if contribution != 0.0 {
                terms.push(Term { name: composite.id.clone(), kind: "composite".into(), contribution });
            }
        }
        // The contribution of an n-gram.
        let second = self.verdict.vacancy().filter(|_| *as_vacancy);
        let (beta, scale) = match second {
            Some(weights) => (weights.text, self.table.second_scale()),
            None => (self.verdict.text_weight(), self.table.scale()),
        };
        let unit = beta * scale / root(*ngrams);
        let kind = if second.is_some() { "vacancy" } else { "ngram" };
        let mut known = Vec::new();
        distinct_ngrams(reading, scratch, |hash, segment, ngram| {
            let weight = if second.is_some() { self.table.second_weight(hash) } else { self.table.weight(hash) };
            if weight != 0 {
                known.push((weight, segment, ngram));
            }
        });
        known.sort_by_key(|k| std::cmp::Reverse(k.0.abs()));
        let mut rest = parts.text;
        for &(weight, segment, ngram) in known.iter().take(NAMED) {
            let contribution = weight as f64 * unit;
            rest -= contribution;
            let name = ngram.name(segment);
            terms.push(Term { name, kind: kind.into(), contribution });
        }
        if known.len() > NAMED {
            terms.push(Term { name: "(rest of text)".into(), kind: "rest".into(), contribution: rest });
        }
        if !passage.is_empty() {
            terms.push(Term { name: PASSAGE.into(), kind: "passage".into(), contribution: logit - parts.logit });
        }
        terms.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        terms
    }
}
