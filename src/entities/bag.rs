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

/// Units that are left out between two fields where units are counted through all that is read, so that what is said at the end
/// of one field does not stand beside the beginning of the next.
pub const APART: u32 = 8;

/// Where an n-gram stands: the number of its first unit, counted through the fields that are read with [`APART`] between them,
/// and how many units it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The first unit.
    pub at: u32,
    /// How many units.
    pub units: u8,
}

/// The hashes of a posting's distinct n-grams, in the order of [`distinct_ngrams`], in room that is kept.
#[derive(Debug, Default)]
pub struct Bag {
    hashes: Vec<u64>,
    /// Where each stands first, of a whole posting.
    stands: Vec<Stand>,
    /// Those that stand in it again, and where.
    again: (Vec<u64>, Vec<Stand>),
    /// The fields of a whole posting that are read: numbers of segments, and the units of each as [`Stand`] counts them.
    fields: Vec<(usize, Range<u32>)>,
    scratch: NgramScratch,
}

impl Bag {
    /// Takes up a posting, and forgets the one before.
    pub fn fill(&mut self, reading: &Reading) {
        let Bag { hashes, stands, again, fields, scratch } = self;
        hashes.clear();
        stands.clear();
        again.0.clear();
        again.1.clear();
        fields.clear();
        let mut start = 0;
        ngrams_of(reading, whole(reading), scratch, |hash, is_first, number, _, ngram| {
            if fields.last().is_none_or(|(last, _)| *last != number) {
                let units = reading.segments[number].units.len() as u32;
                start = fields.last().map_or(0, |(_, units)| units.end + APART);
                fields.push((number, start..start + units));
            }
            let (at, units) = match ngram {
                Ngram::Units(at, units) => (at, units),
                Ngram::Beginning(at, _) => (at, 1),
            };
            let stand = Stand { at: start + at as u32, units: units as u8 };
            if is_first {
                hashes.push(hash);
                stands.push(stand);
            } else {
                again.0.push(hash);
                again.1.push(stand);
            }
        });
        give_back(hashes);
        give_back(stands);
        give_back(&mut again.0);
        give_back(&mut again.1);
    }

    /// The hashes of some of its units alone.
    pub fn fill_with(&mut self, reading: &Reading, runs: impl Iterator<Item = Run> + Clone) {
        let Bag { hashes, scratch, .. } = self;
        hashes.clear();
        distinct_ngrams_of(reading, runs, scratch, |hash, _, _| hashes.push(hash));
        give_back(hashes);
    }

    /// The hashes.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Where each of them stands first, of a whole posting.
    pub fn stands(&self) -> &[Stand] {
        &self.stands
    }

    /// The n-grams that stand in a whole posting again, and where: each once for every further place.
    pub fn again(&self) -> (&[u64], &[Stand]) {
        (&self.again.0, &self.again.1)
    }

    /// The fields of a whole posting that are read: numbers of segments, and the units of each as [`Stand`] counts them.
    pub fn fields(&self) -> &[(usize, Range<u32>)] {
        &self.fields
    }
}

/// Gives back the room of a giant.
fn give_back<T>(kept: &mut Vec<T>) {
    if kept.capacity() > Seen::MOST_KEPT {
        kept.shrink_to(Seen::MOST_KEPT);
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
    ngrams_of(reading, runs, scratch, |hash, is_first, _, segment, ngram| {
        if is_first {
            each(hash, segment, ngram);
        }
    });
}

/// All n-grams of some units of a posting: those of a field in order, then the beginnings of its words. Each with whether it is
/// met for the first time, and with the number of its segment.
#[inline]
fn ngrams_of<'a>(
    reading: &'a Reading,
    runs: impl Iterator<Item = Run> + Clone,
    scratch: &mut NgramScratch,
    mut each: impl FnMut(u64, bool, usize, &'a Segment, Ngram),
) {
    let read = runs.filter(|run| FIELDS.contains(&reading.segments[run.segment].field));
    scratch.seen.clear((ngrams::ORDER + 1) * read.clone().map(|run| run.units.len()).sum::<usize>());
    for Run { segment: number, units } in read {
        let segment = &reading.segments[number];
        let start = units.start;
        scratch.units.clear();
        scratch.units.extend(segment.units[units.clone()].iter().map(|u| u.hash));
        let seen = &mut scratch.seen;
        ngrams::for_each(&scratch.units, |hash, at, n| {
            each(hash, seen.insert(hash), number, segment, Ngram::Units(start + at, n));
        });
        for (at, unit) in segment.units.iter().enumerate().take(units.end).skip(start) {
            if unit.kind == UnitKind::Token(TokenKind::Word)
                && let Some(beginning) = ngrams::beginning(segment.words(unit))
            {
                let hash = ngrams::beginning_hash(beginning);
                each(hash, seen.insert(hash), number, segment, Ngram::Beginning(at, beginning.len()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::reading::Reader;
    use crate::posting::Posting;
    use crate::text::tokenizer::Tokenizer;
    use proptest::prelude::*;

    #[test]
    fn every_ngram_has_its_place_and_fields_stand_apart() {
        let mut posting = Posting::from_text("1", "pay the worker, pay");
        posting.set(Field::Title, "Worker");
        let reading = Reader::new(Tokenizer::default()).read(&posting);
        let mut bag = Bag::default();
        bag.fill(&reading);
        let mut distinct = Vec::new();
        distinct_ngrams(&reading, &mut NgramScratch::default(), |hash, _, _| distinct.push(hash));
        assert_eq!(bag.hashes(), distinct);
        assert_eq!(bag.fields(), [(0, 0..1), (1, 1 + APART..6 + APART)]);
        let stand_of = |name: &str, hashes: &[u64], stands: &[Stand]| -> Vec<Stand> {
            let hash = ngrams::name_hash(name);
            hashes.iter().zip(stands).filter(|(h, _)| **h == hash).map(|(_, s)| *s).collect()
        };
        let description = |at: u32, units| vec![Stand { at: 1 + APART + at, units }];
        assert_eq!(stand_of("pay", bag.hashes(), bag.stands()), description(0, 1));
        assert_eq!(stand_of("pay", bag.again().0, bag.again().1), description(4, 1));
        assert_eq!(stand_of("the worker ,", bag.hashes(), bag.stands()), description(1, 3));
        assert_eq!(stand_of("worke…", bag.hashes(), bag.stands()), [Stand { at: 0, units: 1 }]);
        assert_eq!(stand_of("worke…", bag.again().0, bag.again().1), description(2, 1));
    }

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
