//! Numbers of n-grams.

use rustc_hash::FxHashMap;

/// Numbers of n-grams, in the order in which they are met.
#[derive(Default)]
pub(super) struct Vocabulary {
    numbers: FxHashMap<u64, u32>,
    /// The n-grams, by number.
    pub(super) hashes: Vec<u64>,
}

impl Vocabulary {
    pub(super) fn number(&mut self, hash: u64) -> u32 {
        *self.numbers.entry(hash).or_insert_with(|| {
            self.hashes.push(hash);
            self.hashes.len() as u32 - 1
        })
    }

    pub(super) fn numbers(&mut self, hashes: Vec<u64>) -> Vec<u32> {
        hashes.into_iter().map(|hash| self.number(hash)).collect()
    }
}
