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

/// An n-gram of a posting in one of its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Its number among the posting's distinct n-grams.
    pub ngram: u32,
    /// Where it stands.
    pub stand: Stand,
}

/// A field that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ReadField {
    segment: usize,
    /// Its units, as [`Stand`] counts them.
    units: Range<u32>,
    /// The occurrences of rows of units begin here,
    ngrams: usize,
    /// those of beginnings of words here,
    beginnings: usize,
    /// and here they end.
    end: usize,
}

/// The n-grams of a posting: each distinct one by its hash, and all places where they stand; in room that is kept.
#[derive(Debug, Default)]
pub struct Bag {
    hashes: Vec<u64>,
    occurrences: Vec<Occurrence>,
    fields: Vec<ReadField>,
    scratch: NgramScratch,
    /// For each distinct n-gram, the number of the last passage that was asked for and has it.
    met: Vec<u32>,
    asked: u32,
}

impl Bag {
    /// Takes up a posting, and forgets the one before.
    pub fn fill(&mut self, reading: &Reading) {
        let Bag { hashes, occurrences, fields, scratch, met, asked } = self;
        hashes.clear();
        occurrences.clear();
        fields.clear();
        scratch.clear(reading);
        for (number, segment) in read_segments(reading) {
            let start = fields.last().map_or(0, |field| field.units.end + APART);
            let ngrams = occurrences.len();
            let mut beginnings = None;
            scratch.each(segment, |seen, hash, ngram| {
                let (at, units) = match ngram {
                    Ngram::Units(at, units) => (at, units),
                    Ngram::Beginning(at, _) => {
                        beginnings.get_or_insert(occurrences.len());
                        (at, 1)
                    }
                };
                let stand = Stand { at: start + at as u32, units: units as u8 };
                let number = seen.number(hash, hashes.len() as u32);
                if number as usize == hashes.len() {
                    hashes.push(hash);
                }
                occurrences.push(Occurrence { ngram: number, stand });
            });
            let end = occurrences.len();
            let units = start..start + segment.units.len() as u32;
            fields.push(ReadField { segment: number, units, ngrams, beginnings: beginnings.unwrap_or(end), end });
        }
        *asked = 0;
        met.clear();
        met.resize(hashes.len(), 0);
        give_back(hashes);
        give_back(occurrences);
        give_back(met);
    }

    /// The hashes of the distinct n-grams, in the order of [`distinct_ngrams`].
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// All n-grams where they stand: field by field those of units in the order of their first ones, then the beginnings of
    /// words.
    pub fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }

    /// The fields that are read: numbers of segments, and the units of each as [`Stand`] counts them.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = (usize, &Range<u32>)> + Clone {
        self.fields.iter().map(|field| (field.segment, &field.units))
    }

    /// Calls with the number of each distinct n-gram of some units.
    pub fn each_within(&mut self, runs: impl Iterator<Item = Run>, mut each: impl FnMut(u32)) {
        let Bag { occurrences, fields, met, asked, .. } = self;
        *asked += 1;
        for run in runs {
            let Some(field) = fields.iter().find(|field| field.segment == run.segment) else { continue };
            let units = field.units.start + run.units.start as u32..field.units.start + run.units.end as u32;
            for part in [field.ngrams..field.beginnings, field.beginnings..field.end] {
                let part = &occurrences[part];
                let first = part.partition_point(|o| o.stand.at < units.start);
                for o in part[first..].iter().take_while(|o| o.stand.at < units.end) {
                    let met = &mut met[o.ngram as usize];
                    if o.stand.at + u32::from(o.stand.units) <= units.end && std::mem::replace(met, *asked) != *asked {
                        each(o.ngram);
                    }
                }
            }
        }
    }
}

/// Gives back the room of a giant.
fn give_back<T>(kept: &mut Vec<T>) {
    if kept.capacity() > Seen::MOST_KEPT {
        kept.shrink_to(Seen::MOST_KEPT);
    }
}

/// Room for the work of one posting, kept from posting to posting.
#[derive(Debug, Default)]
pub struct NgramScratch {
    units: Vec<u64>,
    seen: Seen,
}

impl NgramScratch {
    /// Forgets the posting before, and makes room for this one.
    fn clear(&mut self, reading: &Reading) {
        self.seen.clear((ngrams::ORDER + 1) * read_segments(reading).map(|(_, s)| s.units.len()).sum::<usize>());
    }

    /// All n-grams of a segment: those of its units in order, then the beginnings of its words; with what was met before.
    #[inline]
    fn each(&mut self, segment: &Segment, mut each: impl FnMut(&mut Seen, u64, Ngram)) {
        let NgramScratch { units, seen } = self;
        units.clear();
        units.extend(segment.units.iter().map(|u| u.hash));
        ngrams::for_each(units, |hash, at, n| each(seen, hash, Ngram::Units(at, n)));
        for (at, unit) in segment.units.iter().enumerate() {
            if unit.kind == UnitKind::Token(TokenKind::Word)
                && let Some(beginning) = ngrams::beginning(segment.words(unit))
            {
                each(seen, ngrams::beginning_hash(beginning), Ngram::Beginning(at, beginning.len()));
            }
        }
    }
}

/// The segments whose n-grams are read, with their numbers; none that is empty.
fn read_segments(reading: &Reading) -> impl Iterator<Item = (usize, &Segment)> {
    let segments = reading.segments.iter().enumerate();
    segments.filter(|(_, segment)| FIELDS.contains(&segment.field) && !segment.units.is_empty())
}

/// The hashes of one posting that came before, each with a number: open addressing in room that is kept, since n-grams are met
/// for the first time more often than again, and hashes need no hashing.
#[derive(Debug, Default)]
struct Seen {
    /// 0 where nothing is.
    slots: Vec<u64>,
    /// The number of the hash in each slot.
    numbers: Vec<u32>,
    /// One less than the slots in use, which are a power of two.
    mask: usize,
    /// The number of the hash that is 0, if it was met.
    zero: Option<u32>,
}

impl Seen {
    /// Room for more hashes than this, 8 MiB, is given back.
    const MOST_KEPT: usize = 1 << 20;

    /// Forgets everything and makes room for so many hashes.
    fn clear(&mut self, most: usize) {
        let slots = (most + most / 3 + 1).next_power_of_two();
        if self.slots.len() > Seen::MOST_KEPT {
            (self.slots, self.numbers) = Default::default();
        }
        if self.slots.len() < slots {
            self.slots.resize(slots, 0);
            self.numbers.resize(slots, 0);
        }
        self.slots[..slots].fill(0);
        self.mask = slots - 1;
        self.zero = None;
    }

    /// The number of a hash, which is `next` where it is met for the first time.
    #[inline]
    fn number(&mut self, hash: u64, next: u32) -> u32 {
        if hash == 0 {
            return *self.zero.get_or_insert(next);
        }
        let mut at = hash as usize & self.mask;
        loop {
            match &mut self.slots[at] {
                free @ 0 => {
                    *free = hash;
                    self.numbers[at] = next;
                    return next;
                }
                held if *held == hash => return self.numbers[at],
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
    let mut met = 0;
    scratch.clear(reading);
    for (_, segment) in read_segments(reading) {
        scratch.each(segment, |seen, hash, ngram| {
            if seen.number(hash, met) == met {
                met += 1;
                each(hash, segment, ngram);
            }
        });
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
        assert!(bag.fields().eq([(0, &(0..1)), (1, &(1 + APART..6 + APART))]));
        let stands_of = |name: &str| -> Vec<(u32, u8)> {
            let is_named = |o: &&Occurrence| bag.hashes()[o.ngram as usize] == ngrams::name_hash(name);
            bag.occurrences().iter().filter(is_named).map(|o| (o.stand.at, o.stand.units)).collect()
        };
        let description = 1 + APART;
        assert_eq!(stands_of("pay"), [(description, 1), (description + 4, 1)]);
        assert_eq!(stands_of("the worker ,"), [(description + 1, 3)]);
        assert_eq!(stands_of("worke…"), [(0, 1), (description + 2, 1)]);
    }

    proptest! {
        #[test]
        fn every_hash_is_met_for_the_first_time_once(
            rounds in proptest::collection::vec(proptest::collection::vec(prop_oneof![0..6u64, any::<u64>()], 0..40), 1..4),
        ) {
            let mut seen = Seen::default();
            for hashes in rounds {
                seen.clear(hashes.len());
                let mut reference = std::collections::HashMap::new();
                for hash in hashes {
                    let next = reference.len() as u32;
                    prop_assert_eq!(seen.number(hash, next), *reference.entry(hash).or_insert(next));
                }
            }
        }

        #[test]
        fn the_ngrams_within_some_units_are_those_of_a_posting_of_these_alone(
            words in proptest::collection::vec(prop_oneof!["[a-c]{1,2}", "[a-c]{5,7}"], 1..30),
            ends in (0..30usize, 0..30usize),
        ) {
            let read = |words: &[String]| Reader::new(Tokenizer::default()).read(&Posting::from_text("1", words.join(" ")));
            let units = ends.0.min(ends.1).min(words.len())..ends.0.max(ends.1).min(words.len());
            let (whole, part) = (read(&words), read(&words[units.clone()]));
            prop_assume!(whole.segments.iter().map(|s| s.units.len()).sum::<usize>() == words.len());
            let mut bag = Bag::default();
            bag.fill(&part);
            let wanted = bag.hashes().to_vec();
            bag.fill(&whole);
            for _ in 0..2 {
                let mut within = Vec::new();
                bag.each_within(std::iter::once(Run { segment: 0, units: units.clone() }), |ngram| within.push(ngram));
                let within: Vec<u64> = within.into_iter().map(|ngram| bag.hashes()[ngram as usize]).collect();
                prop_assert_eq!(&within, &wanted);
            }
        }
    }
}
