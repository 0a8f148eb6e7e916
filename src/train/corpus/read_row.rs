//! Reading one posting of a corpus: its evidence, its n-grams, its passages.

use super::sequence::{Marks, Sequence};
use super::{Passage, Raw};
use crate::entities::bag::{Bag, NgramScratch, distinct_ngrams};
use crate::entities::passages::{Passages, Place, place};
use crate::entities::reading::{Reader, Reading};
use crate::posting::Field;
use crate::signals::catalogue::SignalId;
use crate::signals::{Evidence, Extractor, Scratch};
use crate::text::language::Language;
use crate::train::units::Units;

/// A row after reading, its n-grams not yet numbered.
pub(super) struct ReadRow {
    pub(super) raw: Raw,
    pub(super) language: Language,
    pub(super) evidence: Evidence,
    pub(super) hashes: Vec<u64>,
    pub(super) bare: Option<Vec<u64>>,
    pub(super) sequence: Option<Sequence<u64>>,
    pub(super) passages: Vec<ReadPassage>,
}

pub(super) struct ReadPassage {
    hashes: Vec<u64>,
    places: Vec<Place>,
    told: Vec<SignalId>,
}

impl ReadPassage {
    /// The passage with numbers for hashes; nothing shows in it yet.
    pub(super) fn numbered(self, numbers: impl FnOnce(Vec<u64>) -> Vec<u32>) -> Passage {
        let ReadPassage { hashes, places, told } = self;
        Passage { ngrams: numbers(hashes), evidence: Evidence::default(), told, places }
    }
}

impl ReadRow {
    /// What the posting shows is by phrases alone where classifiers are fitted.
    pub(super) fn of(
        raw: Raw,
        units: &Units,
        reader: &Reader,
        (extractor, fits): (&Extractor, bool),
        scratch: &mut Scratch,
    ) -> ReadRow {
        let mut reading = reader.read(&raw.posting);
        let evidence = match fits {
            true => extractor.by_phrases(reader, &reading, scratch),
            false => extractor.extract(reader, &reading, scratch),
        };
        units.choose(&mut reading, reader);
        let mut scratch = NgramScratch::default();
        let mut hashes_of = |reading: &Reading| {
            let mut hashes = Vec::new();
            distinct_ngrams(reading, &mut scratch, |hash, _, ngram| {
                if units.has(ngram) {
                    hashes.push(hash);
                }
            });
            hashes
        };
        let hashes = hashes_of(&reading);
        let mut bag = Bag::default();
        bag.fill(&reading);
        let marks = raw.marks.as_ref();
        let passages = if *units == Units::default() { passages_of(&reading, &mut bag, marks) } else { Vec::new() };
        let sequence = fits.then(|| Sequence::of(&reading, &bag, &hashes, marks));
        let profiled = |f: Field| matches!(f, Field::CompanyProfile | Field::Benefits);
        let bare = reading.segments.iter().any(|s| profiled(s.field)).then(|| {
            reading.segments.retain(|s| !profiled(s.field));
            hashes_of(&reading)
        });
        // The marked corpus states the language it was written in; other feeds' claims are not relied on.
        let stated =
            Language::from_tag(raw.posting.get(Field::Language)).filter(|_| raw.posting.extra.contains_key("split"));
        ReadRow {
            language: stated.unwrap_or(reading.written.language),
            raw,
            evidence,
            hashes,
            bare,
            sequence,
            passages,
        }
    }
}

fn passages_of(reading: &Reading, bag: &mut Bag, marks: Option<&Marks>) -> Vec<ReadPassage> {
    let mut passages = Passages::default();
    passages.fill(reading);
    let read = passages.iter().map(|runs| {
        let mut ngrams = Vec::new();
        bag.each_within(runs.clone(), |ngram| ngrams.push(ngram));
        let places: Vec<Place> = runs.map(|run| place(reading, run)).collect();
        let told = marks.map_or_else(Vec::new, |marks| marks.within(&places));
        ReadPassage { hashes: ngrams.into_iter().map(|n| bag.hashes()[n as usize]).collect(), places, told }
    });
    read.collect()
}
