/*!
Stage 1: one log-odds from the n-grams of the text.

`t = sum(w_j) / sqrt(n)` over the distinct n-grams of a posting, where `n` counts all of them, known or not: a posting
of which the table knows little gets a `t` near 0, and the verdict then rests on the signals.
*/

use super::table::{NgramTable, TOGETHER};
use crate::entities::reading::{Reading, Segment, UnitKind};
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
    hashes: Vec<u64>,
    seen: Seen,
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
    mut each: impl FnMut(u64, &'a Segment, Ngram),
) {
    let read = || reading.segments.iter().filter(|s| FIELDS.contains(&s.field));
    scratch.seen.clear((ngrams::ORDER + 1) * read().map(|s| s.units.len()).sum::<usize>());
    for segment in read() {
        scratch.hashes.clear();
        scratch.hashes.extend(segment.units.iter().map(|u| u.hash));
        let seen = &mut scratch.seen;
        ngrams::for_each(&scratch.hashes, |hash, at, n| {
            if seen.insert(hash) {
                each(hash, segment, Ngram::Units(at, n));
            }
        });
        for (at, unit) in segment.units.iter().enumerate() {
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

/// The text logit of a posting, and the number of its distinct n-grams.
pub fn text_logit(table: &NgramTable, reading: &Reading, scratch: &mut NgramScratch) -> (f64, usize) {
    let mut sum = 0i64;
    let mut count = 0usize;
    let mut waiting = [0; TOGETHER];
    distinct_ngrams(reading, scratch, |hash, _, _| {
        let place = count % TOGETHER;
        waiting[place] = hash;
        count += 1;
        if place == TOGETHER - 1 {
            sum += table.sum(&waiting);
        }
    });
    sum += table.sum(&waiting[..count % TOGETHER]);
    if count == 0 {
        return (0.0, 0);
    }
    (sum as f64 * table.scale() / (count as f64).sqrt(), count)
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
