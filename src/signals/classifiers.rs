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
use crate::text::ngram_table::NgramTable;

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
    /// The log-odds of the signal in a posting of these n-grams.
    pub fn logit(&self, ngrams: &[u64], found: bool) -> f64 {
        let sum = self.table.sum(ngrams) as f64 * self.table.scale();
        self.intercept + if found { self.found } else { 0.0 } + sum / (ngrams.len().max(1) as f64).sqrt()
    }

    /// Lets it have its say on what phrases and rules found; `bag` is filled with the posting.
    fn judge(&self, reading: &Reading, bag: &mut Bag, evidence: &mut Evidence) {
        let found = evidence.strengths[self.signal.0 as usize] > 0.0;
        let is_there = self.logit(bag.hashes(), found) >= 0.0;
        if found == is_there {
            return;
        }
        let shown = is_there.then(|| bag.heaviest(reading, LONGEST_SHOWN, |hash| self.table.weight(hash))).flatten();
        decide(evidence, self.signal, is_there, shown.map(|(field, range)| EvidenceSpan { field, range }));
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
pub struct Classifiers(Vec<Classifier>);

impl Classifiers {
    /// These.
    pub fn new(all: Vec<Classifier>) -> Classifiers {
        Classifiers(all)
    }

    /// Each.
    pub fn iter(&self) -> std::slice::Iter<'_, Classifier> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lets each have its say on what phrases and rules found; `bag` is filled with the posting.
    pub(super) fn judge(&self, reading: &Reading, bag: &mut Bag, evidence: &mut Evidence) {
        for classifier in &self.0 {
            classifier.judge(reading, bag, evidence);
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
        let classifiers = Classifiers::new(vec![classifier(&extractor)]);
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
}
