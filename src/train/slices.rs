/*!
Parts of a corpus by what postings have in common: a mean over all of them hides whom a model fails.
*/

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::corpus::Corpus;
use super::labelled::column;
use crate::entities::reading::Reader;

/// A slice with fewer postings of either class says nothing.
pub const LEAST_OF_A_CLASS: usize = 20;

/// What postings of a slice have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The language.
    Language,
    /// The kind of posting, where the data says.
    Kind,
    /// The job function, where the data says.
    Function,
    /// The quarter of the domain's lengths.
    Length,
}

impl By {
    /// All of them, in reporting order.
    pub const ALL: [By; 4] = [By::Language, By::Kind, By::Function, By::Length];

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<By> {
        By::ALL.into_iter().find(|by| by.name() == name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            By::Language => "language",
            By::Kind => "kind",
            By::Function => "function",
            By::Length => "length",
        }
    }
}

/// A part of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Index into [`Corpus::domains`].
    pub domain: usize,
    /// What its postings have in common.
    pub by: By,
    /// The common value.
    pub value: String,
    /// Indices into [`Corpus::rows`].
    pub rows: Vec<usize>,
}

impl Slice {
    /// Scams and honest postings.
    pub fn classes(&self, corpus: &Corpus) -> (usize, usize) {
        let scams = self.rows.iter().filter(|&&i| corpus.rows[i].label).count();
        (scams, self.rows.len() - scams)
    }

    /// Whether it has enough postings of both classes for figures.
    pub fn tells(&self, corpus: &Corpus) -> bool {
        let (scams, honest) = self.classes(corpus);
        scams.min(honest) >= LEAST_OF_A_CLASS
    }
}

/// The slices of each domain, domains and kinds of slices in their order and values by name.
pub fn slices(corpus: &Corpus, reader: &Reader, by: &[By]) -> Vec<Slice> {
    let lengths: Vec<usize> = match by.contains(&By::Length) {
        true => corpus.rows.par_iter().map(|row| reader.read(&row.posting).lexical_units).collect(),
        false => Vec::new(),
    };
    let mut out = Vec::new();
    for domain in 0..corpus.domains.len() {
        let rows: Vec<usize> = (0..corpus.rows.len()).filter(|&i| corpus.rows[i].domain == domain).collect();
        for &by in by {
            let quarters = Quarters::of(rows.iter().filter_map(|&i| lengths.get(i).copied()).collect());
            let mut parts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for &i in &rows {
                let row = &corpus.rows[i];
                let value = match by {
                    By::Language => Some(row.language.tag().to_owned()),
                    By::Kind => Some(row.kind.clone()).filter(|kind| !kind.is_empty()),
                    By::Function => column(&row.posting, "function"),
                    By::Length => Some(quarters.name(lengths[i])),
                };
                if let Some(value) = value {
                    parts.entry(value).or_default().push(i);
                }
            }
            out.extend(parts.into_iter().map(|(value, rows)| Slice { domain, by, value, rows }));
        }
    }
    out
}

/// The lengths at which the quarters of a domain begin.
struct Quarters(Vec<usize>);

impl Quarters {
    fn of(mut lengths: Vec<usize>) -> Quarters {
        lengths.sort_unstable();
        Quarters((0..4).filter_map(|q| lengths.get(lengths.len() * q / 4).copied()).collect())
    }

    fn name(&self, length: usize) -> String {
        let quarter = self.0.iter().filter(|&&from| length >= from).count().max(1);
        format!("quarter {quarter} (from {} tokens)", self.0[quarter - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_hold_equal_parts_and_equal_lengths_stay_together() {
        let quarters = Quarters::of((1..=8).rev().collect());
        let names: Vec<String> = (1..=8).map(|n| quarters.name(n)).collect();
        assert_eq!(names[0], "quarter 1 (from 1 tokens)");
        assert_eq!(names[7], "quarter 4 (from 7 tokens)");
        assert!(names.chunks(2).all(|pair| pair[0] == pair[1]), "{names:?}");
        let same = Quarters::of(vec![5; 9]);
        assert_eq!(same.name(5), "quarter 4 (from 5 tokens)");
    }
}
