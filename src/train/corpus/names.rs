//! Names of n-grams, which a corpus knows by number.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Corpus, Row};
use crate::entities::bag::{NgramScratch, distinct_ngrams};
use crate::entities::reading::Reader;

impl Corpus {
    /// The names of n-grams, by number; found by reading again the first posting that has each.
    pub fn names(&self, wanted: &[u32], reader: &Reader) -> BTreeMap<u32, String> {
        let mut is_wanted = vec![false; self.vocabulary.len()];
        wanted.iter().for_each(|&n| is_wanted[n as usize] = true);
        let firsts: Vec<(&Row, FxHashMap<u64, u32>)> = (self.rows.iter())
            .map(|row| {
                let mut first = |n: &u32| std::mem::take(&mut is_wanted[*n as usize]);
                let of_row = row.ngrams.iter().copied().filter(|n| first(n));
                (row, of_row.map(|n| (self.vocabulary[n as usize], n)).collect())
            })
            .collect();
        let named = firsts.into_par_iter().filter(|(_, missing)| !missing.is_empty()).map_init(
            NgramScratch::default,
            |scratch, (row, missing)| {
                let reading = reader.read(&row.posting);
                let mut names = Vec::new();
                distinct_ngrams(&reading, scratch, |hash, segment, ngram| {
                    names.extend(missing.get(&hash).map(|&number| (number, ngram.name(segment))));
                });
                names
            },
        );
        named.flatten().collect()
    }
}
