/*!
What the classifiers weigh, n-gram by n-gram: one table for all of them.

Most n-grams of a posting are in none, and those that are, are in two or three: so an n-gram is looked up once, and stands
beside all that the classifiers have to say of it.
*/

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::text::fingerprints::Fingerprints;
use crate::text::lanes::fetch;

/// Slots of the table.
pub(crate) const SLOTS: usize = 1 << 18;
/// Classifiers at most, so that a number and two flags fill a byte.
pub(crate) const MOST: usize = 1 << 6;
const LOCAL: u8 = 1 << 6;
const LAST: u8 = 1 << 7;

/// What a weight is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The n-gram, wherever in the posting it stands.
    Whole,
    /// The words around the n-gram.
    Local,
}

/// A weight of an n-gram, quantised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weight {
    /// The number of the classifier, below [`MOST`].
    pub(crate) classifier: usize,
    pub(crate) part: Part,
    pub(crate) weight: i8,
}

/// A weight as it is stored: its classifier's number and flags, and itself.
type Packed = [u8; 2];

#[inline]
fn unpacked([head, weight]: Packed) -> Weight {
    let part = if head & LOCAL == 0 { Part::Whole } else { Part::Local };
    Weight { classifier: usize::from(head) % MOST, part, weight: weight as i8 }
}

/// The weights of all classifiers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    held: Fingerprints,
    /// For each slot that is not empty, where its weights begin.
    starts: Vec<u32>,
    weights: Vec<Packed>,
}

impl Default for Table {
    fn default() -> Table {
        Table::build(&[]).expect("nothing fits")
    }
}

impl Table {
    /// A table of n-grams, each with its weights, one at least. `None` where there are more than the table takes.
    pub(super) fn build(entries: &[(u64, Vec<Weight>)]) -> Option<Table> {
        let hashes: Vec<u64> = entries.iter().map(|entry| entry.0).collect();
        let slots = if entries.is_empty() { 4 } else { SLOTS };
        let (held, tenants) = Fingerprints::place(&hashes, slots)?;
        let mut weights = Vec::new();
        for number in tenants.into_iter().flatten() {
            let mut of_ngram = entries[number].1.clone();
            of_ngram.sort_by_key(|weight| weight.part);
            let (last, before) = of_ngram.split_last()?;
            let packed = |w: &Weight, flags: u8| {
                let part = if w.part == Part::Local { LOCAL } else { 0 };
                [w.classifier as u8 | part | flags, w.weight as u8]
            };
            weights.extend(before.iter().map(|w| packed(w, 0)));
            weights.push(packed(last, LAST));
        }
        Table::of(held, weights)
    }

    /// `None` where slots and weights do not fit together.
    fn of(held: Fingerprints, weights: Vec<Packed>) -> Option<Table> {
        let is_last = |weight: &Packed| weight[0] & LAST != 0;
        let ngrams = held.slots().iter().filter(|&&slot| slot != 0).count();
        let lists = weights.iter().filter(|weight| is_last(weight)).count();
        if lists != ngrams || !weights.last().is_none_or(is_last) {
            return None;
        }
        // Every start of the program goes through all of this, so neither loop has a branch to guess.
        let mut ends = vec![0; ngrams + 1];
        let mut ended = 0;
        for (end, weight) in (1..).zip(&weights) {
            ends[ended + 1] = end;
            ended += usize::from(is_last(weight));
        }
        let mut passed = 0;
        let start_of = |&slot: &u16| {
            let start = ends[passed];
            passed += usize::from(slot != 0);
            start
        };
        let starts = held.slots().iter().map(start_of).collect();
        Some(Table { held, starts, weights })
    }

    /// Calls with the place among these of each n-gram that is held, and where its weights begin.
    #[inline]
    pub(super) fn find(&self, ngrams: &[u64], mut each: impl FnMut(u32, u32)) {
        self.held.find_all(ngrams, |found| {
            let with_starts = || found.iter().map(|&(place, slot)| (place, self.starts[slot as usize]));
            // What lies far away is asked for before it is needed.
            with_starts().for_each(|(_, start)| fetch(&self.weights[start as usize]));
            with_starts().for_each(|(place, start)| each(place, start));
        });
    }

    /// Calls with each weight of the whole of the n-gram whose weights begin there; and where its local ones begin, if it has any.
    #[inline]
    pub(super) fn of_whole(&self, start: u32, mut each: impl FnMut(Weight)) -> Option<u32> {
        self.walk(start, |place, weight| {
            let is_whole = weight.part == Part::Whole;
            if is_whole {
                each(weight);
            }
            (!is_whole).then_some(place)
        })
    }

    /// Calls with each weight from there to the last one of the n-gram.
    #[inline]
    pub(super) fn from(&self, start: u32, mut each: impl FnMut(Weight)) {
        self.walk(start, |_, weight| {
            each(weight);
            None::<()>
        });
    }

    /// Goes through the weights from there to the last one of the n-gram, until something is found.
    #[inline]
    fn walk<T>(&self, start: u32, mut find: impl FnMut(u32, Weight) -> Option<T>) -> Option<T> {
        for (place, &packed) in (start..).zip(&self.weights[start as usize..]) {
            let found = find(place, unpacked(packed));
            if found.is_some() || packed[0] & LAST != 0 {
                return found;
            }
        }
        None
    }

    /// The number of classifiers that weights name, at least.
    pub(super) fn named(&self) -> usize {
        self.weights.iter().map(|&packed| unpacked(packed).classifier + 1).max().unwrap_or(0)
    }
}

/// The table as a compiled lexicon holds it.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored<'a> {
    /// Little-endian.
    #[serde(borrow)]
    fingerprints: Cow<'a, [u8]>,
    #[serde(borrow)]
    weights: Cow<'a, [u8]>,
}

impl Stored<'_> {
    pub(super) fn of(table: &Table) -> Stored<'_> {
        Stored {
            fingerprints: table.held.slots().iter().flat_map(|f| f.to_le_bytes()).collect(),
            weights: table.weights.as_flattened().into(),
        }
    }

    /// The table, if it holds together.
    pub(super) fn table(&self) -> Option<Table> {
        let (fingerprints, odd): (&[[u8; 2]], _) = self.fingerprints.as_chunks();
        let (weights, odd_weight): (&[Packed], _) = self.weights.as_chunks();
        let fits = odd.is_empty() && odd_weight.is_empty();
        let held = Fingerprints::from_slots(fingerprints.iter().map(|&f| u16::from_le_bytes(f)).collect());
        Table::of(held.filter(|_| fits)?, weights.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ngrams::token_hash;

    proptest::proptest! {
        #[test]
        fn what_is_held_is_given_back_and_nothing_else(
            mut held in proptest::collection::btree_map(0..400u64, proptest::collection::vec((0..MOST, proptest::bool::ANY, -128..=127i8), 1..5), 0..60),
            asked in proptest::collection::vec(0..500u64, 0..200),
        ) {
            let hash = |n: u64| token_hash(&format!("w{n}"));
            held.values_mut().for_each(|weights| weights.sort_by_key(|(_, is_local, _)| *is_local));
            let weight = |&(classifier, is_local, weight): &(usize, bool, i8)| {
                Weight { classifier, part: if is_local { Part::Local } else { Part::Whole }, weight }
            };
            let entries: Vec<(u64, Vec<Weight>)> =
                held.iter().map(|(n, weights)| (hash(*n), weights.iter().map(weight).collect::<Vec<_>>())).collect();
            let table = Table::build(&entries).unwrap();
            let again = Stored::of(&table).table();
            proptest::prop_assert_eq!(again.as_ref(), Some(&table));
            let hashes: Vec<u64> = asked.iter().map(|&n| hash(n)).collect();
            let mut told = Vec::new();
            table.find(&hashes, |place, start| {
                let mut tell = |weight| told.push((place as usize, weight));
                if let Some(local) = table.of_whole(start, &mut tell) {
                    table.from(local, &mut tell);
                }
            });
            let wanted: Vec<(usize, Weight)> = asked
                .iter()
                .enumerate()
                .flat_map(|(place, n)| held.get(n).into_iter().flatten().map(move |w| (place, weight(w))))
                .collect();
            proptest::prop_assert_eq!(told, wanted);
        }
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let weight = |classifier| Weight { classifier, part: Part::Whole, weight: 3 };
        let table = Table::build(&[(token_hash("a"), vec![weight(0), weight(5)]), (token_hash("b"), vec![weight(1)])]);
        let table = table.unwrap();
        assert_eq!(table.named(), 6);
        let stored = |change: fn(&mut Vec<u8>, &mut Vec<u8>)| {
            let mut stored = Stored::of(&table);
            change(stored.fingerprints.to_mut(), stored.weights.to_mut());
            stored.table()
        };
        assert!(stored(|_, _| ()).is_some());
        assert!(stored(|_, weights| weights.truncate(4)).is_none());
        assert!(stored(|_, weights| weights.extend([0, 0])).is_none());
        assert!(stored(|_, weights| weights.push(0)).is_none());
        assert!(stored(|fingerprints, _| fingerprints.truncate(6)).is_none());
        assert!(stored(|fingerprints, _| fingerprints.fill(1)).is_none());
        assert!(Table::build(&[(1, Vec::new())]).is_none());
    }
}
