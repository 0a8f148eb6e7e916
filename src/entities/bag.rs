/*!
The n-grams of a posting: what the text stage and the classifiers of signals weigh.
*/

use std::ops::Range;

use super::passages::Run;
use super::reading::{Reading, Segment, UnitKind};
use crate::posting::Field;
use crate::text::ngrams;
use crate::text::tokenizer::TokenKind;

/// The fields whose n-grams are read. Names of employers and places would be learnt by heart, and contacts are
/// evidence of another kind.
pub const FIELDS: [Field; 6] =
    [Field::Title, Field::Salary, Field::Description, Field::Requirements, Field::Benefits, Field::CompanyProfile];

/// Room for the work of one posting, kept from posting to posting.
#[derive(Debug, Default)]
pub struct NgramScratch {
    units: Vec<u64>,
    seen: Seen,
}

/// The hashes of a posting's distinct n-grams, in the order of [`distinct_ngrams`], in room that is kept.
#[derive(Debug, Default)]
pub struct Bag {
    hashes: Vec<u64>,
    scratch: NgramScratch,
}

impl Bag {
    /// Takes up a posting, and forgets the one before.
    pub fn fill(&mut self, reading: &Reading) {
        self.fill_with(reading, whole(reading));
    }

    /// The same of some of its units.
    pub fn fill_with(&mut self, reading: &Reading, runs: impl Iterator<Item = Run> + Clone) {
        let Bag { hashes, scratch } = self;
        hashes.clear();
        distinct_ngrams_of(reading, runs, scratch, |hash, _, _| hashes.push(hash));
        if hashes.capacity() > Seen::MOST_KEPT {
            hashes.shrink_to(Seen::MOST_KEPT);
        }
    }

    /// The hashes.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The words that weigh most together: of all runs of units without a comma or a full stop, at most so many, that of the
    /// largest sum, where each n-gram gives its units equal parts of its weight. Returns the field, and bytes of its text; none where no sum is above 0.
    pub fn heaviest(
        &mut self,
        reading: &Reading,
        longest: usize,
        weight: impl Fn(u64) -> i32,
    ) -> Option<(Field, Range<usize>)> {
        let mut best: Option<(f64, &Segment, Range<usize>)> = None;
        for segment in reading.segments.iter().filter(|s| FIELDS.contains(&s.field)) {
            let units = &mut self.scratch.units;
            units.clear();
            units.extend(segment.units.iter().map(|u| u.hash));
            let mut shares = vec![0.0; units.len()];
            ngrams::for_each(units, |hash, at, n| {
                let share = f64::from(weight(hash)) / n as f64;
                shares[at..at + n].iter_mut().for_each(|held| *held += share);
            });
            for start in (0..shares.len()).filter(|&start| shares[start] > 0.0) {
                let mut sum = 0.0;
                for (end, share) in shares.iter().enumerate().skip(start).take(longest) {
                    let unit = &segment.units[end];
                    if unit.kind == UnitKind::Token(TokenKind::Punctuation) || (end > start && unit.starts_sentence) {
                        break;
                    }
                    sum += share;
                    if best.as_ref().is_none_or(|held| sum > held.0) {
                        best = Some((sum, segment, start..end + 1));
                    }
                }
            }
        }
        best.map(|(_, segment, units)| (segment.field, segment.source(units)))
    }
}

/// The hashes of one posting that came before: open addressing in room that is kept, since n-grams are met for the first
/// time more often than again, and hashes need no hashing.
#[derive(Debug, Default)]
struct Seen {
    /// 0 where nothing is.
    slots: Vec<u64>,
    /// One less than the slots in use, which are a power of two.
    mask: usize,
    /// Whether the hash that is 0 was met.
    zero: bool,
}

impl Seen {
    /// Room for more hashes than this, 8 MiB, is given back.
    const MOST_KEPT: usize = 1 << 20;

    /// Forgets everything and makes room for so many hashes.
    fn clear(&mut self, most: usize) {
        let slots = (most + most / 3 + 1).next_power_of_two();
        if self.slots.len() > Seen::MOST_KEPT {
            self.slots = Vec::new();
        }
        if self.slots.len() < slots {
            self.slots.resize(slots, 0);
        }
        self.slots[..slots].fill(0);
        self.mask = slots - 1;
        self.zero = false;
    }

    /// Whether a hash is met for the first time.
    #[inline]
    fn insert(&mut self, hash: u64) -> bool {
        if hash == 0 {
            return !std::mem::replace(&mut self.zero, true);
        }
        let mut at = hash as usize & self.mask;
        loop {
            match &mut self.slots[at] {
                free @ 0 => {
                    *free = hash;
                    return true;
                }
                held if *held == hash => return false,
                _ => at = (at + 1) & self.mask,
            }
        }
    }
}

/// What an n-gram was made of, in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ngram {
    /// So many units from the one of this number on.
    Units(usize, usize),
    /// The beginning, of so many bytes, of the word that the unit of this number is.
    Beginning(usize, usize),
}

impl Ngram {
    /// Its tokens with spaces between them, entities by their classes; or the beginning of its word.
    pub fn name(self, segment: &Segment) -> String {
        match self {
            Ngram::Units(at, n) => {
                segment.units[at..at + n].iter().map(|u| segment.name(u)).collect::<Vec<_>>().join(" ")
            }
            Ngram::Beginning(at, bytes) => ngrams::beginning_name(&segment.words(&segment.units[at])[..bytes]),
        }
    }
}

/// The distinct n-grams of a posting: those of a field in the order of their first occurrence, then the beginnings of its
/// words.
pub fn distinct_ngrams<'a>(
    reading: &'a Reading,
    scratch: &mut NgramScratch,
    each: impl FnMut(u64, &'a Segment, Ngram),
) {
    distinct_ngrams_of(reading, whole(reading), scratch, each);
}

/// All units of a posting.
fn whole(reading: &Reading) -> impl Iterator<Item = Run> + Clone {
    reading.segments.iter().enumerate().map(|(segment, s)| Run { segment, units: 0..s.units.len() })
}

/// The distinct n-grams of some units of a posting, as [`distinct_ngrams`] has those of all.
fn distinct_ngrams_of<'a>(
    reading: &'a Reading,
    runs: impl Iterator<Item = Run> + Clone,
    scratch: &mut NgramScratch,
    mut each: impl FnMut(u64, &'a Segment, Ngram),
) {
    let read = runs.filter(|run| FIELDS.contains(&reading.segments[run.segment].field));
    scratch.seen.clear((ngrams::ORDER + 1) * read.clone().map(|run| run.units.len()).sum::<usize>());
    for Run { segment, units } in read {
        let segment = &reading.segments[segment];
        let start = units.start;
        scratch.units.clear();
        scratch.units.extend(segment.units[units.clone()].iter().map(|u| u.hash));
        let seen = &mut scratch.seen;
        ngrams::for_each(&scratch.units, |hash, at, n| {
            if seen.insert(hash) {
                each(hash, segment, Ngram::Units(start + at, n));
            }
        });
        for (at, unit) in segment.units.iter().enumerate().take(units.end).skip(start) {
            if unit.kind == UnitKind::Token(TokenKind::Word)
                && let Some(beginning) = ngrams::beginning(segment.words(unit))
            {
                let hash = ngrams::beginning_hash(beginning);
                if seen.insert(hash) {
                    each(hash, segment, Ngram::Beginning(at, beginning.len()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_hash_is_met_for_the_first_time_once(
            rounds in proptest::collection::vec(proptest::collection::vec(prop_oneof![0..6u64, any::<u64>()], 0..40), 1..4),
        ) {
            let mut seen = Seen::default();
            for hashes in rounds {
                seen.clear(hashes.len());
                let mut reference = std::collections::HashSet::new();
                for hash in hashes {
                    prop_assert_eq!(seen.insert(hash), reference.insert(hash));
                }
            }
        }
    }
}
