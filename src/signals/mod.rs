/*!
Signals: what a posting says, with the words that say it.

Phrases of the lexicons are found in the units of every field; negations take away what they negate; rules add what no
phrase shows; composites combine. A signal's strength lies between 0 and 1, and 0 means that it is absent.
*/

pub mod catalogue;
pub mod classifiers;
pub mod composites;
pub mod lexicon;
mod matcher;
mod mixing;
mod negation;
mod pattern;
mod pay;
pub mod phrases;
mod rules;
mod whereabouts;

use std::borrow::Cow;
use std::ops::Range;
use std::path::PathBuf;

use catalogue::{Catalogue, SignalId};
use classifiers::{Classifiers, Room};
use composites::Composite;
use lexicon::{Lexicon, LexiconError, Marker, Meaning, bit};
use matcher::{Found, Look, Seen};
use negation::Negations;
use pay::Wages;
use rules::{Ids, Rules};

use crate::entities::bag::Bag;
use crate::entities::passages::Place;
use crate::entities::reading::{Reader, Reading, Segment, Unit, UnitKind};
use crate::posting::Field;
use crate::text::ngrams::token_hash;
use crate::text::tokenizer::TokenKind;

/// Where a signal shows: a byte range of a field as the feed gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceSpan {
    /// The field.
    pub field: Field,
    /// Bytes of its text.
    pub range: Range<usize>,
}

/// What a posting shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The strength of every signal of the catalogue.
    pub strengths: Vec<f64>,
    /// Where each shows, in reading order; empty also for a signal that the posting carries as a whole.
    pub spans: Vec<Vec<EvidenceSpan>>,
    /// The strength of every composite.
    pub composites: Vec<f64>,
}

/// Finds signals. Made once, shared by threads.
#[derive(Debug)]
pub struct Extractor {
    composites: Vec<Composite>,
    lexicon: Lexicon,
    negatable: Vec<bool>,
    wages: Wages,
    ids: Ids,
}

/// Room for the work of one posting, kept from posting to posting: what is not made anew is not waited for.
#[derive(Debug, Default)]
pub struct Scratch {
    matcher: matcher::Scratch,
    found: Vec<Found>,
    /// Where what was found in each segment ends.
    ends: Vec<usize>,
    bag: Bag,
    room: Room,
}

impl Scratch {
    /// The n-grams of the posting whose evidence was asked for last.
    pub fn bag(&mut self) -> &mut Bag {
        &mut self.bag
    }
}

/// Units on either side within which a marker counts as standing beside.
const NEAR: usize = 6;
/// A signal shows at most so many spans: more say nothing new, and a hostile text would fill the disk with them.
const MAX_SPANS: usize = 100;

impl Extractor {
    /// With the lexicons that ship.
    pub fn embedded(reader: &Reader) -> Extractor {
        Extractor::new(Lexicon::embedded(&reader.folder, &reader.tokenizer))
    }

    /// With other lexicons: a file is added to those that ship, a directory takes their place.
    pub fn with_lexicons(reader: &Reader, paths: &[PathBuf]) -> Result<Extractor, LexiconError> {
        Ok(Extractor::new(Lexicon::from_paths(paths, &reader.folder, &reader.tokenizer)?))
    }

    /// With the compiled lexicon of a model.
    pub fn from_compiled(bytes: Cow<'static, [u8]>) -> Result<Extractor, LexiconError> {
        Ok(Extractor::new(Lexicon::from_bytes(bytes)?))
    }

    /// With the compiled lexicon of a model; or, where there are `paths`, with the lexicons there ([`Extractor::with_lexicons`])
    /// and the model's classifiers.
    pub fn of_model(bytes: Cow<'static, [u8]>, reader: &Reader, paths: &[PathBuf]) -> Result<Extractor, LexiconError> {
        let compiled = Extractor::from_compiled(bytes)?;
        match paths {
            [] => Ok(compiled),
            _ => Ok(Extractor::with_lexicons(reader, paths)?.with_classifiers(compiled.lexicon.classifiers)),
        }
    }

    /// The lexicon, compiled, with these classifiers: what a model carries.
    pub fn compiled_lexicon(&self, classifiers: &Classifiers) -> Result<Vec<u8>, LexiconError> {
        self.lexicon.to_bytes(classifiers)
    }

    fn new(lexicon: Lexicon) -> Extractor {
        let catalogue = &lexicon.catalogue;
        Extractor {
            composites: Composite::embedded(catalogue),
            negatable: catalogue.signals().iter().map(|s| s.negatable).collect(),
            ids: Ids::of(catalogue),
            wages: Wages::embedded(),
            lexicon,
        }
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.lexicon.catalogue
    }

    /// The composites.
    pub fn composites(&self) -> &[Composite] {
        &self.composites
    }

    /// How many phrases the lexicons hold.
    pub fn phrases(&self) -> usize {
        self.lexicon.phrases
    }

    /// SHA-256 over the lexicon files.
    pub fn lexicon_hash(&self) -> &str {
        &self.lexicon.hash
    }

    /// The classifiers that read signals off words, beside the phrases.
    pub fn classifiers(&self) -> &Classifiers {
        &self.lexicon.classifiers
    }

    /// The same with other classifiers.
    pub fn with_classifiers(self, classifiers: Classifiers) -> Extractor {
        Extractor { lexicon: Lexicon { classifiers, ..self.lexicon }, ..self }
    }

    /// The evidence of a posting.
    pub fn extract(&self, reader: &Reader, reading: &Reading, scratch: &mut Scratch) -> Evidence {
        let mut evidence = self.by_phrases(reader, reading, scratch);
        scratch.bag.fill(reading);
        self.lexicon.classifiers.judge(reading, &scratch.bag, &mut scratch.room, &mut evidence);
        evidence.composites = self.combined(&evidence.strengths);
        evidence
    }

    /// What is left of a posting's evidence in a passage: the signals that show there, as strong as they are, and their
    /// composites. The spans stay with the whole.
    pub fn within(&self, evidence: &Evidence, places: &[Place], left: &mut Evidence) {
        left.strengths.clear();
        left.strengths.extend(evidence.strengths.iter().zip(&evidence.spans).map(|(&strength, spans)| {
            let is_here = |span: &EvidenceSpan| {
                let meets = |range: &Range<usize>| span.range.start < range.end && range.start < span.range.end;
                places.iter().any(|(field, range)| *field == span.field && meets(range))
            };
            if spans.iter().any(is_here) { strength } else { 0.0 }
        }));
        left.composites.clear();
        left.composites.extend(self.composites.iter().map(|c| c.strength(&left.strengths)));
    }

    /// What phrases and rules find in a posting; the composites are those of nothing.
    pub(crate) fn by_phrases(&self, reader: &Reader, reading: &Reading, scratch: &mut Scratch) -> Evidence {
        let mut draft = self.draft(reading, scratch, |_, _| {});
        draft.settle();
        Rules {
            reading,
            finder: reader.finder(),
            wages: &self.wages,
            ids: &self.ids,
            names_occupations: self.lexicon.occupations.contains(&reading.written.language),
        }
        .run(&mut draft);
        draft.into_evidence()
    }

    /// What the phrases say; `each` is told of every one that raises a signal, and where.
    fn draft(&self, reading: &Reading, scratch: &mut Scratch, mut each: impl FnMut(&Found, &EvidenceSpan)) -> Draft {
        let mut draft = Draft::new(self.catalogue().len());
        let Scratch { matcher, found, ends, .. } = scratch;
        found.clear();
        ends.clear();
        for segment in &reading.segments {
            self.lexicon.automaton.find(
                segment.units.iter().map(|unit| seen(segment, unit)),
                |at| look(segment, &segment.units[at]),
                matcher,
                found,
            );
            ends.push(found.len());
        }
        self.keep_understood(reading, found, ends);
        let mut excepted = Vec::new();
        for (s, segment, found) in by_segment(reading, found, ends) {
            for f in found {
                if let Meaning::Except(id) = self.lexicon.meanings[f.meaning as usize] {
                    draft.exceptions[id.0 as usize].push(span(segment, f));
                    excepted.push(id);
                }
            }
            for id in excepted.drain(..) {
                merge(&mut draft.exceptions[id.0 as usize]);
            }
            self.collect(s, segment, found, &mut draft, &mut each);
        }
        draft
    }

    /// Takes out what means nothing in this posting: `ends` are where in `found` each segment ends.
    fn keep_understood(&self, reading: &Reading, found: &mut Vec<Found>, ends: &mut [usize]) {
        let written = reading.written.language;
        let mixed_in = mixing::languages(&self.lexicon, reading, found, ends);
        let is_understood = |segment: &Segment, f: &Found| {
            let home = self.lexicon.home(f.meaning);
            home == written
                || mixed_in & bit(home) != 0
                || !matches!(self.lexicon.meanings[f.meaning as usize], Meaning::Signal(..))
                || !mixing::is_of_many_languages(&self.lexicon, segment, f)
        };
        let (mut start, mut kept) = (0, 0);
        for (segment, end) in reading.segments.iter().zip(ends) {
            for i in std::mem::replace(&mut start, *end)..*end {
                if !self.lexicon.is_silent(found[i].meaning, written) && is_understood(segment, &found[i]) {
                    found.swap(kept, i);
                    kept += 1;
                }
            }
            *end = kept;
        }
        found.truncate(kept);
    }

    /// The strength of every composite, from the strength of every signal.
    pub(crate) fn combined(&self, strengths: &[f64]) -> Vec<f64> {
        self.composites.iter().map(|c| c.strength(strengths)).collect()
    }

    /// Enters what the phrases of one segment mean, unless a negation takes it away.
    fn collect(
        &self,
        s: usize,
        segment: &Segment,
        found: &[Found],
        draft: &mut Draft,
        each: &mut impl FnMut(&Found, &EvidenceSpan),
    ) {
        if found.is_empty() {
            return;
        }
        // What other jobs are and ask for says nothing of this one. What an ad does with money or papers counts wherever
        // it stands: a headline is quickly typed.
        let negations = Negations::of(&self.lexicon, segment, found);
        let side_list = negations.side_list;
        for f in found {
            match self.lexicon.meanings[f.meaning as usize] {
                Meaning::Marker(Marker::SideList) if f.start != side_list => {}
                Meaning::Marker(marker) => draft.markers.push((s, f.start, f.end, marker)),
                Meaning::Except(_) => {}
                Meaning::Signal(id, _) if f.start >= side_list && self.ids.of_a_job.contains(&id) => {}
                Meaning::Signal(id, _) if self.negatable[id.0 as usize] && negations.negate(f) => {}
                Meaning::Signal(id, strength) => {
                    let span = span(segment, f);
                    if draft.raise(id, strength, span.clone()) {
                        each(f, &span);
                    }
                }
            }
        }
    }
}

/// Each segment with its number and what was found in it; `ends` are where in `found` each ends.
fn by_segment<'a>(
    reading: &'a Reading,
    found: &'a [Found],
    ends: &'a [usize],
) -> impl Iterator<Item = (usize, &'a Segment, &'a [Found])> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let segments = reading.segments.iter().zip(starts).zip(ends).enumerate();
    segments.map(|(s, ((segment, start), &end))| (s, segment, &found[start..end]))
}

fn span(segment: &Segment, f: &Found) -> EvidenceSpan {
    EvidenceSpan { field: segment.field, range: segment.source(f.start as usize..f.end as usize) }
}

/// A unit of a segment as the matcher sees it.
#[inline]
fn seen(segment: &Segment, unit: &Unit) -> Seen {
    let (hash, shape) = match unit.kind {
        UnitKind::Token(kind) => (unit.hash, kind as u64),
        // An entity's own hash is that of its class.
        UnitKind::Entity(_) => {
            let words = segment.words(unit);
            let classes = rules::classes(segment, &unit.kind, words);
            (token_hash(words), classes.iter().fold(ENTITY, |set, &class| set | 1 << class as u32))
        }
    };
    Seen { hash, shape, starts_sentence: unit.starts_sentence }
}

/// What else the matcher asks of a unit.
fn look<'a>(segment: &'a Segment, unit: &Unit) -> Look<'a> {
    let text = segment.words(unit);
    Look { text, classes: rules::classes(segment, &unit.kind, text), transparent: transparent(unit, text) }
}

/// Sets the shapes of entities, which are sets of classes, apart from those of tokens.
const ENTITY: u64 = 1 << 32;

/// Phrases reach over hyphens, stars, quotes and emoji.
fn transparent(unit: &Unit, words: &str) -> bool {
    match unit.kind {
        UnitKind::Token(TokenKind::Punctuation) => words.chars().all(|c| "-_*\"'•·~".contains(c)),
        UnitKind::Token(TokenKind::Sign) => !words.contains(['+', '$', '=', '<', '>', '€', '£', '¥']),
        UnitKind::Token(TokenKind::Other) => true,
        _ => false,
    }
}

/// Evidence in the making.
pub(crate) struct Draft {
    strengths: Vec<f64>,
    spans: Vec<Vec<EvidenceSpan>>,
    /// (segment, first unit, end unit, marker).
    markers: Vec<(usize, u32, u32, Marker)>,
    /// For each signal, words that are no evidence of it, in order and not overlapping.
    exceptions: Vec<Vec<EvidenceSpan>>,
}

impl Draft {
    fn new(signals: usize) -> Draft {
        Draft {
            strengths: vec![0.0; signals],
            spans: (0..signals).map(|_| Vec::new()).collect(),
            markers: Vec::new(),
            exceptions: (0..signals).map(|_| Vec::new()).collect(),
        }
    }

    fn strength(&self, id: SignalId) -> f64 {
        self.strengths[id.0 as usize]
    }

    fn spans(&self, id: SignalId) -> &[EvidenceSpan] {
        &self.spans[id.0 as usize]
    }

    fn count(&self, marker: Marker) -> usize {
        self.markers.iter().filter(|m| m.3 == marker).count()
    }

    /// Enters evidence, unless the words are none, though they look like it; says whether it did.
    fn raise(&mut self, id: SignalId, strength: f64, span: EvidenceSpan) -> bool {
        let is_evidence = !meets(&self.exceptions[id.0 as usize], &span);
        if is_evidence {
            self.raise_whole(id, strength);
            self.spans[id.0 as usize].push(span);
        }
        is_evidence
    }

    /// Sorts the spans of every signal and makes one of those that overlap.
    fn settle(&mut self) {
        self.spans.iter_mut().for_each(merge);
    }

    /// Whether a settled span of the signal overlaps this one.
    fn overlaps(&self, id: SignalId, span: &EvidenceSpan) -> bool {
        meets(self.spans(id), span)
    }

    /// Enters a signal that the posting carries as a whole.
    fn raise_whole(&mut self, id: SignalId, strength: f64) {
        let held = &mut self.strengths[id.0 as usize];
        *held = held.max(strength);
    }

    fn raise_by_marker(&mut self, reading: &Reading, id: SignalId, marker: Marker, strength: f64) {
        let marks: Vec<_> = self.markers.iter().filter(|m| m.3 == marker).copied().collect();
        for (s, start, end, _) in marks {
            let segment = &reading.segments[s];
            let range = segment.source(start as usize..end as usize);
            self.raise(id, strength, EvidenceSpan { field: segment.field, range });
        }
    }

    /// Keeps the strength and shows it elsewhere.
    fn forget_spans(&mut self, id: SignalId) {
        self.spans[id.0 as usize].clear();
    }

    /// Leaves a signal this strength at most.
    fn weaken(&mut self, id: SignalId, most: f64) {
        let held = &mut self.strengths[id.0 as usize];
        *held = held.min(most);
    }

    fn drop(&mut self, id: SignalId) {
        self.strengths[id.0 as usize] = 0.0;
        self.spans[id.0 as usize].clear();
    }

    /// The places of a marker in a segment, in order.
    fn places(&self, segment: usize, marker: Marker) -> Vec<(u32, u32)> {
        let here = self.markers.iter().filter(|m| m.0 == segment && m.3 == marker);
        let mut places: Vec<(u32, u32)> = here.map(|m| (m.1, m.2)).collect();
        places.sort_unstable();
        places
    }

    fn into_evidence(mut self) -> Evidence {
        self.settle();
        for spans in &mut self.spans {
            spans.truncate(MAX_SPANS);
        }
        Evidence { strengths: self.strengths, spans: self.spans, composites: Vec::new() }
    }
}

/// Puts spans in order and makes one of those that overlap.
fn merge(spans: &mut Vec<EvidenceSpan>) {
    if spans.len() < 2 {
        return;
    }
    spans.sort_unstable_by_key(|s| (s.field, s.range.start, s.range.end));
    spans.dedup_by(|next, held| {
        let touches = next.field == held.field && next.range.start < held.range.end;
        if touches {
            held.range.end = held.range.end.max(next.range.end);
        }
        touches
    });
}

/// Whether one of the merged spans overlaps this one.
fn meets(spans: &[EvidenceSpan], span: &EvidenceSpan) -> bool {
    let next = spans.partition_point(|s| (s.field, s.range.start) < (span.field, span.range.end));
    next > 0 && spans[next - 1].field == span.field && spans[next - 1].range.end > span.range.start
}

/// Whether one of the places lies within a few units of this one.
fn is_near(places: &[(u32, u32)], unit: usize) -> bool {
    let first = places.partition_point(|p| (p.0 as usize) + 2 * NEAR < unit);
    places[first..].iter().take_while(|p| p.0 as usize <= unit + NEAR).any(|p| unit <= p.1 as usize + NEAR)
}

#[cfg(test)]
mod tests;
