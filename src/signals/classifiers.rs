/*!
Signals read off all words of a posting.

A phrase says what a writer of lexicons thought of, and what strangers write in its place shows in all their words
together. So for some signals a linear classifier over the n-grams of the posting, fitted on marked postings, is joined with
the phrases and rules:

```text
logit = intercept + found * [phrases and rules find it] + sum(w_j) / sqrt(n)
```

At 0 or more the signal is there. The words that a phrase found stay its evidence; where none did, those that weigh most
together are.
*/

use serde::{Deserialize, Serialize};

use super::catalogue::SignalId;
use super::{Evidence, EvidenceSpan};
use crate::entities::bag::Bag;
use crate::entities::reading::Reading;
use crate::text::lanes::{equal_numbers, fetch};
use crate::text::ngram_table::{NgramTable, PER_BUCKET, TOGETHER, places};

/// The strength of a signal that no phrase shows.
const BY_ALL_WORDS: f64 = 0.8;

/// Units that are shown at most where no phrase shows a signal.
const LONGEST_SHOWN: usize = 12;

/// The classifier of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    /// The signal that it reads.
    pub signal: SignalId,
    /// Added to every posting.
    pub intercept: f64,
    /// Added where phrases and rules find the signal.
    pub found: f64,
    /// Weights of n-grams.
    pub table: NgramTable,
}

impl Classifier {
    /// The log-odds of the signal in a posting of so many n-grams whose quantised weights sum to `sum`.
    fn logit(&self, sum: i64, ngrams: usize, found: bool) -> f64 {
        let sum = sum as f64 * self.table.scale();
        self.intercept + if found { self.found } else { 0.0 } + sum / (ngrams.max(1) as f64).sqrt()
    }
}

/// Enters or takes out a signal, and shows where it is read.
pub(crate) fn decide(evidence: &mut Evidence, signal: SignalId, is_there: bool, shown: Option<EvidenceSpan>) {
    let signal = signal.0 as usize;
    evidence.strengths[signal] = if is_there { BY_ALL_WORDS } else { 0.0 };
    evidence.spans[signal].clear();
    evidence.spans[signal].extend(shown);
}

/// The classifiers of a lexicon, at most one a signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classifiers {
    all: Vec<Classifier>,
    rows: Rows,
}

/// The slots of all tables, bucket by bucket: an n-gram lies in the same two buckets of every table that has it, so that all
/// tables are asked by reading two rows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rows {
    /// For each bucket, the slots of each table in turn.
    fingerprints: Vec<u16>,
    weights: Vec<i16>,
    /// A bit for each fingerprint in each bucket, by [`bit_of`]: most n-grams are in no table, and are told by it.
    filter: Vec<u64>,
    /// Slots of a row.
    width: usize,
    /// One less than the buckets.
    mask: usize,
}

/// Numbers of 16 bits in what memory gives at once.
const LINE: usize = 32;

/// Bits of the filter: a tenth of them is set by two dozen tables.
const FILTER: usize = 1 << 21;

/// Where in the filter the bit of a fingerprint in a bucket stands: the word, and the bit.
#[inline]
fn bit_of(bucket: usize, fingerprint: u16) -> (usize, u64) {
    let key = (bucket as u64) << 16 | u64::from(fingerprint);
    let at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 43) as usize % FILTER;
    (at / 64, 1 << (at % 64))
}

/// Room for sums, kept from posting to posting.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// For each classifier, the sum of the quantised weights.
    sums: Vec<i64>,
    /// For each classifier, the number of the n-gram that was added last, counted from 1.
    last: Vec<usize>,
}

impl Rows {
    /// Of tables of one size; none of others.
    fn of(all: &[Classifier]) -> Option<Rows> {
        let Some(first) = all.first() else { return Some(Rows::default()) };
        let slots = first.table.fingerprints().len();
        if all.iter().any(|c| c.table.fingerprints().len() != slots) {
            return None;
        }
        let (mut fingerprints, mut weights) = (Vec::new(), Vec::new());
        for bucket in (0..slots).step_by(PER_BUCKET) {
            for Classifier { table, .. } in all {
                fingerprints.extend(&table.fingerprints()[bucket..][..PER_BUCKET]);
                weights.extend(&table.weights()[bucket..][..PER_BUCKET]);
            }
        }
        let width = all.len() * PER_BUCKET;
        let mut filter = vec![0; FILTER / 64];
        for (slot, &fingerprint) in fingerprints.iter().enumerate().filter(|(_, f)| **f != 0) {
            let (word, bit) = bit_of(slot / width, fingerprint);
            filter[word] |= bit;
        }
        Some(Rows { fingerprints, weights, filter, width, mask: slots / PER_BUCKET - 1 })
    }

    /// Sums up what each table has of these n-grams, as [`NgramTable::sum`] does.
    fn sum(&self, ngrams: &[u64], Sums { sums, last }: &mut Sums) {
        let tables = self.width / PER_BUCKET;
        sums.clear();
        sums.resize(tables, 0);
        last.clear();
        last.resize(tables, 0);
        if tables == 0 {
            return;
        }
        let mut asked = [(0, 0, 0); 2 * TOGETHER];
        for (some, first) in ngrams.chunks(TOGETHER).zip((0..).step_by(TOGETHER)) {
            // What lies far away is asked for before it is needed: first the words of the filter, then the rows.
            for &hash in some {
                let (a, b, wanted) = places(hash, self.mask);
                for bucket in [a, b] {
                    fetch(&self.filter[bit_of(bucket, wanted).0]);
                }
            }
            let mut count = 0;
            for (&hash, number) in some.iter().zip(first..) {
                let (a, b, wanted) = places(hash, self.mask);
                for bucket in [a, b] {
                    let (word, bit) = bit_of(bucket, wanted);
                    if self.filter[word] & bit != 0 {
                        let row = bucket * self.width;
                        for line in (row..row + self.width).step_by(LINE) {
                            fetch(&self.fingerprints[line]);
                            fetch(&self.weights[line]);
                        }
                        asked[count] = (number, row, wanted);
                        count += 1;
                    }
                }
            }
            for &(number, row, wanted) in &asked[..count] {
                let held: &[[u16; PER_BUCKET]] = self.fingerprints[row..row + self.width].as_chunks().0;
                for (pair, slots) in held.chunks(2).enumerate() {
                    let second = slots.get(1).unwrap_or(&[0; PER_BUCKET]);
                    let mut found = equal_numbers([&slots[0], second], wanted);
                    while found != 0 {
                        let slot = found.trailing_zeros() as usize / 2;
                        found &= found - 1;
                        found &= found - 1;
                        let (table, at) = (2 * pair + slot / PER_BUCKET, 2 * pair * PER_BUCKET + slot);
                        // The first slot counts, as where a table is asked by itself.
                        if last[table] != number + 1 {
                            last[table] = number + 1;
                            sums[table] += i64::from(self.weights[row + at]);
                        }
                    }
                }
            }
        }
    }
}

impl Classifiers {
    /// These; none where their tables are not of one size.
    pub fn new(all: Vec<Classifier>) -> Option<Classifiers> {
        Some(Classifiers { rows: Rows::of(&all)?, all })
    }

    /// Each.
    pub fn iter(&self) -> std::slice::Iter<'_, Classifier> {
        self.all.iter()
    }

    /// Lets each have its say on what phrases and rules found; `bag` is filled with the posting.
    pub(super) fn judge(&self, reading: &Reading, bag: &mut Bag, sums: &mut Sums, evidence: &mut Evidence) {
        self.rows.sum(bag.hashes(), sums);
        for (classifier, &sum) in self.all.iter().zip(&sums.sums) {
            let found = evidence.strengths[classifier.signal.0 as usize] > 0.0;
            let is_there = classifier.logit(sum, bag.hashes().len(), found) >= 0.0;
            if found == is_there {
                continue;
            }
            let weight = |hash| classifier.table.weight(hash);
            let shown = is_there.then(|| bag.heaviest(reading, LONGEST_SHOWN, weight)).flatten();
            let shown = shown.map(|(field, range)| EvidenceSpan { field, range });
            decide(evidence, classifier.signal, is_there, shown);
        }
    }
}

/// A classifier as a compiled lexicon holds it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stored {
    signal: SignalId,
    intercept: f64,
    found: f64,
    scale: f64,
    /// Fingerprint and weight of each slot, little-endian.
    slots: Vec<u8>,
}

impl Stored {
    pub(crate) fn of(classifier: &Classifier) -> Stored {
        let Classifier { signal, intercept, found, table } = classifier;
        let slots = table.fingerprints().iter().zip(table.weights());
        let slots = slots.flat_map(|(f, w)| [f.to_le_bytes(), w.to_le_bytes()]).flatten().collect();
        Stored { signal: *signal, intercept: *intercept, found: *found, scale: table.scale(), slots }
    }

    /// The classifier, if it holds together.
    pub(crate) fn classifier(self) -> Option<Classifier> {
        let slots: &[[u8; 4]] = self.slots.as_chunks().0;
        let fingerprints = slots.iter().map(|s| u16::from_le_bytes([s[0], s[1]])).collect();
        let weights = slots.iter().map(|s| i16::from_le_bytes([s[2], s[3]])).collect();
        let table = NgramTable::from_parts(fingerprints, weights, self.scale)?;
        let is_finite = self.intercept.is_finite() && self.found.is_finite();
        is_finite.then_some(Classifier { signal: self.signal, intercept: self.intercept, found: self.found, table })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posting::Posting;
    use crate::signals::{Extractor, Scratch};
    use crate::text::ngrams::token_hash;
    use crate::text::tokenizer::Tokenizer;

    const SLOTS: usize = 64;

    /// "harbour" speaks for work abroad, "guide" against it, and what phrases find counts 2.
    fn classifier(extractor: &Extractor) -> Classifier {
        let weights = [(token_hash("harbour"), 12.0), (token_hash("guide"), -40.0)];
        Classifier {
            signal: extractor.catalogue().find("relocation_abroad").unwrap(),
            intercept: -1.0,
            found: 2.0,
            table: NgramTable::build(&weights, SLOTS).unwrap(),
        }
    }

    fn house() -> (crate::entities::reading::Reader, Extractor) {
        let reader = crate::entities::reading::Reader::new(Tokenizer::default());
        let extractor = Extractor::embedded(&reader);
        let classifiers = Classifiers::new(vec![classifier(&extractor)]).unwrap();
        (reader, extractor.with_classifiers(classifiers))
    }

    #[test]
    fn all_words_raise_what_no_phrase_finds_and_take_away_what_one_does() {
        let (reader, extractor) = house();
        let signal = extractor.catalogue().find("relocation_abroad").unwrap().0 as usize;
        let mut scratch = Scratch::default();
        let mut read = |text: &str| {
            let posting = Posting::from_text("1", text);
            let reading = reader.read(&posting);
            let phrases = extractor.by_phrases(&reader, &reading, &mut scratch).strengths[signal];
            let evidence = extractor.extract(&reader, &reading, &mut scratch);
            let shown: Vec<String> =
                evidence.spans[signal].iter().map(|s| posting.get(s.field)[s.range.clone()].to_owned()).collect();
            (phrases > 0.0, evidence.strengths[signal], shown)
        };
        let (by_phrase, strength, shown) = read("Clerk for the new house at the harbour, meals are there");
        assert!(!by_phrase);
        assert_eq!((strength, shown), (BY_ALL_WORDS, vec!["harbour".to_owned()]));
        let abroad = "We hire chat agents for our office in Cambodia, flight ticket and visa paid by us";
        let (by_phrase, strength, shown) = read(abroad);
        assert!(by_phrase && strength > BY_ALL_WORDS && !shown.is_empty());
        let (by_phrase, strength, shown) = read(&format!("{abroad}. This is a guide"));
        assert!(by_phrase && strength == 0.0 && shown.is_empty());
        assert_eq!(read("Clerk for the new house, meals are there").1, 0.0);
    }

    #[test]
    fn a_classifier_is_stored_and_a_damaged_one_refused() {
        let (_, extractor) = house();
        let one = classifier(&extractor);
        assert_eq!(Stored::of(&one).classifier(), Some(one.clone()));
        assert_eq!(Stored { intercept: f64::NAN, ..Stored::of(&one) }.classifier(), None);
        assert_eq!(Stored { slots: vec![0; 12], ..Stored::of(&one) }.classifier(), None);
    }

    proptest::proptest! {
        #[test]
        fn tables_together_give_the_sums_of_each(
            held in proptest::collection::vec(proptest::collection::vec((0..400u64, -5i8..5), 0..50), 1..5),
            asked in proptest::collection::vec(0..500u64, 0..60),
        ) {
            let hash = |n: u64| token_hash(&format!("w{n}"));
            let table = |entries: &Vec<(u64, i8)>| {
                let entries: std::collections::BTreeMap<u64, f64> =
                    entries.iter().map(|&(n, weight)| (hash(n), f64::from(weight))).collect();
                NgramTable::build(&entries.into_iter().collect::<Vec<_>>(), SLOTS).unwrap()
            };
            let all: Vec<Classifier> = held
                .iter()
                .map(|entries| Classifier { signal: SignalId(0), intercept: 0.0, found: 0.0, table: table(entries) })
                .collect();
            let asked: Vec<u64> = asked.into_iter().map(hash).collect();
            let mut sums = Sums::default();
            Rows::of(&all).unwrap().sum(&asked, &mut sums);
            let each: Vec<i64> = all.iter().map(|c| c.table.sum(&asked)).collect();
            proptest::prop_assert_eq!(sums.sums, each);
        }
    }

    #[test]
    fn tables_of_other_sizes_are_refused() {
        let (_, extractor) = house();
        let one = classifier(&extractor);
        let other = Classifier { table: NgramTable::build(&[], 2 * SLOTS).unwrap(), ..one.clone() };
        assert!(Classifiers::new(vec![one, other]).is_none());
    }
}
