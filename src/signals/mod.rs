/*!
Signals: what a posting says, with the words that say it.

Phrases of the lexicons are found in the units of every field; negations take away what they negate; rules add what no
phrase shows; composites combine. A signal's strength lies between 0 and 1, and 0 means that it is absent.
*/

pub mod catalogue;
pub mod composites;
pub mod lexicon;
mod matcher;
mod pattern;
mod pay;
mod rules;

use std::ops::Range;
use std::path::Path;

use catalogue::{Catalogue, SignalId};
use composites::Composite;
use lexicon::{Lexicon, LexiconError, Marker, Meaning};
use matcher::{Found, Scratch, Seen};
use pay::Wages;
use rules::{Ids, Rules};

use crate::entities::reading::{Reader, Reading, Segment, Unit, UnitKind};
use crate::posting::Field;
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
    catalogue: Catalogue,
    composites: Vec<Composite>,
    lexicon: Lexicon,
    negatable: Vec<bool>,
    wages: Wages,
    ids: Ids,
}

/// Units on either side within which a marker counts as standing beside.
const NEAR: usize = 6;
/// Units between a negation and what it takes away.
const NEGATION_REACH: u32 = 4;

impl Extractor {
    /// With the lexicons that ship.
    pub fn embedded(reader: &Reader) -> Extractor {
        let catalogue = Catalogue::embedded();
        let lexicon = Lexicon::embedded(&catalogue, &reader.folder, &reader.tokenizer);
        Extractor::new(catalogue, lexicon)
    }

    /// With the lexicons of a directory instead.
    pub fn with_lexicon(reader: &Reader, dir: &Path) -> Result<Extractor, LexiconError> {
        let catalogue = Catalogue::embedded();
        let lexicon = Lexicon::from_dir(dir, &catalogue, &reader.folder, &reader.tokenizer)?;
        Ok(Extractor::new(catalogue, lexicon))
    }

    fn new(catalogue: Catalogue, lexicon: Lexicon) -> Extractor {
        Extractor {
            composites: Composite::embedded(&catalogue),
            negatable: catalogue.signals().iter().map(|s| s.negatable).collect(),
            ids: Ids::of(&catalogue),
            wages: Wages::embedded(),
            lexicon,
            catalogue,
        }
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The composites.
    pub fn composites(&self) -> &[Composite] {
        &self.composites
    }

    /// SHA-256 over the lexicon files.
    pub fn lexicon_hash(&self) -> &str {
        &self.lexicon.hash
    }

    /// Whether the lexicons are those that ship.
    pub fn has_embedded_lexicon(&self) -> bool {
        self.lexicon.embedded
    }

    /// The evidence of a posting.
    pub fn extract(&self, reader: &Reader, reading: &Reading) -> Evidence {
        let mut draft = Draft::new(self.catalogue.len());
        let mut scratch = Scratch::default();
        let mut found = Vec::new();
        for (s, segment) in reading.segments.iter().enumerate() {
            found.clear();
            self.lexicon.automaton.find(seen(segment), &mut scratch, &mut found);
            found.retain(|f| !self.lexicon.not_in[f.phrase as usize].contains(&reading.written.language));
            self.collect(s, segment, &found, &mut draft);
        }
        Rules {
            reading,
            finder: reader.finder(),
            wages: &self.wages,
            ids: &self.ids,
            names_occupations: self.lexicon.occupations.contains(&reading.written.language),
        }
        .run(&mut draft);
        let composites = self.composites.iter().map(|c| c.strength(&draft.strengths)).collect();
        draft.into_evidence(composites)
    }

    /// Enters what the phrases of one segment mean, unless a negation takes it away.
    fn collect(&self, s: usize, segment: &Segment, found: &[Found], draft: &mut Draft) {
        let meaning = |f: &Found| self.lexicon.meanings[f.phrase as usize];
        let marks = |marker: Marker| -> Vec<(u32, u32)> {
            found.iter().filter(|f| meaning(f) == Meaning::Marker(marker)).map(|f| (f.start, f.end)).collect()
        };
        let before = marks(Marker::NegationBefore);
        let after = marks(Marker::NegationAfter);
        let contrast = marks(Marker::Contrast);
        let same_sentence = |a: u32, b: u32| {
            !segment.units[a as usize + 1..=(b as usize).max(a as usize)].iter().any(|u| u.starts_sentence)
                && !contrast.iter().any(|c| a < c.0 && c.1 <= b)
        };
        for f in found {
            match meaning(f) {
                Meaning::Marker(marker) => draft.markers.push((s, f.start, f.end, marker)),
                Meaning::Signal(id, strength) => {
                    let negated = self.negatable[id.0 as usize]
                        && (before
                            .iter()
                            .any(|n| n.1 <= f.start && f.start - n.1 <= NEGATION_REACH && same_sentence(n.0, f.start))
                            || after.iter().any(|n| n.0 >= f.end && n.0 - f.end <= 2 && same_sentence(f.start, n.0)));
                    if !negated {
                        let range = segment.source(f.start as usize..f.end as usize);
                        draft.raise(id, strength, EvidenceSpan { field: segment.field, range });
                    }
                }
            }
        }
    }
}

/// The units of a segment as the matcher sees them.
fn seen(segment: &Segment) -> impl Iterator<Item = Seen<'_>> {
    segment.units.iter().map(move |unit| {
        let words = segment.words(unit);
        Seen {
            text: words,
            classes: rules::classes(segment, &unit.kind, words),
            starts_sentence: unit.starts_sentence,
            transparent: transparent(unit, words),
        }
    })
}

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
}

impl Draft {
    fn new(signals: usize) -> Draft {
        Draft { strengths: vec![0.0; signals], spans: vec![Vec::new(); signals], markers: Vec::new() }
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

    /// Enters evidence; spans that overlap become one.
    fn raise(&mut self, id: SignalId, strength: f64, span: EvidenceSpan) {
        self.raise_whole(id, strength);
        let spans = &mut self.spans[id.0 as usize];
        let mut merged = span;
        spans.retain(|s| {
            let touches =
                s.field == merged.field && s.range.start < merged.range.end && merged.range.start < s.range.end;
            if touches {
                merged.range = s.range.start.min(merged.range.start)..s.range.end.max(merged.range.end);
            }
            !touches
        });
        spans.push(merged);
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

    fn weaken(&mut self, id: SignalId, to: f64) {
        let held = &mut self.strengths[id.0 as usize];
        *held = held.min(to);
    }

    fn drop(&mut self, id: SignalId) {
        self.strengths[id.0 as usize] = 0.0;
        self.spans[id.0 as usize].clear();
    }

    /// Whether a marker stands within a few units of an entity.
    fn marker_near(&self, reading: &Reading, segment: usize, entity: usize, marker: Marker) -> bool {
        let units = &reading.segments[segment].units;
        let Some(at) = units.iter().position(|u| u.kind == UnitKind::Entity(entity as u32)) else { return false };
        self.markers.iter().any(|&(s, start, end, m)| {
            s == segment && m == marker && (start as usize) <= at + NEAR && at <= end as usize + NEAR
        })
    }

    fn into_evidence(mut self, composites: Vec<f64>) -> Evidence {
        for spans in &mut self.spans {
            spans.sort_by_key(|s| (s.field, s.range.start));
        }
        Evidence { strengths: self.strengths, spans: self.spans, composites }
    }
}

#[cfg(test)]
mod tests;
