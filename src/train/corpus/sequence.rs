//! The n-grams of a posting where they stand, and what is marked where: what local classifiers of signals learn from.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::entities::bag::{Bag, Stand};
use crate::entities::passages::Place;
use crate::entities::reading::Reading;
use crate::signals::catalogue::{Catalogue, SignalId};
use crate::train::marked::{MarkSpan, Marked};

/// The signals that a posting of the marked families is marked with.
pub(super) struct Marks {
    pub(super) signals: Vec<SignalId>,
    /// Those on words, with the bytes of the field.
    spans: Vec<(SignalId, Place)>,
}

impl Marks {
    pub(super) fn of(marked: &Marked, catalogue: &Catalogue) -> Marks {
        let signals = marked.signals(catalogue).into_iter().filter_map(|id| catalogue.find(id)).collect();
        let span = |mark: &MarkSpan| {
            let text = marked.posting.get(mark.field);
            let byte = |place: usize| text.char_indices().nth(place).map_or(text.len(), |(byte, _)| byte);
            Some((catalogue.find(&mark.signal)?, (mark.field, byte(mark.start)..byte(mark.end))))
        };
        Marks { signals, spans: marked.spans.iter().filter_map(span).collect() }
    }

    /// The signals that words in these places are marked with, each once.
    pub(super) fn within(&self, places: &[Place]) -> Vec<SignalId> {
        let meets = |(field, range): &Place| {
            places.iter().any(|(f, place)| f == field && place.start < range.end && range.start < place.end)
        };
        let mut signals: Vec<SignalId> = self.spans.iter().filter(|(_, place)| meets(place)).map(|s| s.0).collect();
        signals.sort_unstable();
        signals.dedup();
        signals
    }
}

/// The n-grams of a row where they stand, by number of the corpus's vocabulary.
#[derive(Clone, Debug)]
pub struct Sequence<N = u32> {
    /// In the order of their first units.
    pub ngrams: Vec<(Stand, N)>,
    /// The units of each field that is read.
    pub fields: Vec<Range<u32>>,
    /// What is marked on which units.
    pub marks: Vec<(SignalId, Range<u32>)>,
}

impl Sequence<u64> {
    /// Where those of the n-grams of a reading, which the bag is filled with, stand that are wanted.
    pub(super) fn of(reading: &Reading, bag: &Bag, wanted: &[u64], marks: Option<&Marks>) -> Sequence<u64> {
        let wanted: FxHashSet<u64> = wanted.iter().copied().collect();
        let all = bag.occurrences().iter().map(|o| (o.stand, bag.hashes()[o.ngram as usize]));
        let mut ngrams: Vec<(Stand, u64)> = all.filter(|(_, hash)| wanted.contains(hash)).collect();
        ngrams.sort_by_key(|(stand, _)| stand.at);
        let mut on_units = Vec::new();
        for (signal, (field, range)) in marks.into_iter().flat_map(|marks| &marks.spans) {
            for (number, units) in bag.fields().filter(|(number, _)| reading.segments[*number].field == *field) {
                let segment = &reading.segments[number];
                let is_marked = |at: &usize| {
                    let unit = segment.source(*at..*at + 1);
                    unit.start < range.end && range.start < unit.end
                };
                let mut marked = (0..segment.units.len()).filter(is_marked);
                let ends = marked.clone().next().zip(marked.next_back());
                on_units.extend(ends.map(|(a, b)| (*signal, units.start + a as u32..units.start + b as u32 + 1)));
            }
        }
        Sequence { ngrams, fields: bag.fields().map(|(_, units)| units.clone()).collect(), marks: on_units }
    }

    /// The same with numbers for hashes.
    pub(super) fn numbered(self, mut number: impl FnMut(u64) -> u32) -> Sequence {
        let ngrams = self.ngrams.into_iter().map(|(stand, hash)| (stand, number(hash))).collect();
        Sequence { ngrams, fields: self.fields, marks: self.marks }
    }
}
