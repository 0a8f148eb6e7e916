/*!
A posting as the layers above see it: for each field the folded text, the entities, and the units.

A *unit* is a token, or an entity in the place of the tokens it covers: `<money:4>` for `$3,500 a month`. Phrases of the
lexicons and n-grams of the text stage run over the same units.
*/

use std::borrow::Cow;
use std::ops::Range;

use super::passages::halves;
use super::{Entity, Finder};
use crate::posting::{Field, Posting};
use crate::text::fold::{Disguise, Folded, Folder};
use crate::text::html;
use crate::text::language::{Language, LanguageDetector, Written};
use crate::text::map::OffsetMap;
use crate::text::ngrams::{bytes_hash, token_hash};
use crate::text::tokenizer::{Token, TokenKind, Tokenizer};

/// A field's text beyond this many bytes is not read; the verdict then says `truncated`, and is never `clear`.
pub const MAX_FIELD_BYTES: usize = 1 << 20;

/// A token, or an entity in place of the tokens that it covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Byte range in the folded text.
    pub start: u32,
    /// End of the range, exclusive.
    pub end: u32,
    /// Hash of the token's string or of the entity's class name.
    pub hash: u64,
    /// What it is.
    pub kind: UnitKind,
    /// A sentence or a line ended before it.
    pub starts_sentence: bool,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UnitKind {
    /// An ordinary token.
    Token(TokenKind),
    /// The entity of this number in the segment.
    Entity(u32),
}

/// One field, read.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Which field.
    pub field: Field,
    /// The folded text.
    pub text: String,
    /// From the folded text to the field as the feed gave it.
    pub map: OffsetMap,
    /// What looked like a disguise, by byte range of the field.
    pub disguises: Vec<Disguise>,
    /// What is named, in order, by byte range of the folded text.
    pub entities: Vec<Entity>,
    /// The tokens, entities in their places.
    pub units: Vec<Unit>,
}

impl Segment {
    /// The unit's own words.
    pub fn words(&self, unit: &Unit) -> &str {
        &self.text[unit.start as usize..unit.end as usize]
    }

    /// The name of the unit in n-grams: its words, or the class of its entity.
    pub fn name(&self, unit: &Unit) -> Cow<'_, str> {
        match unit.kind {
            UnitKind::Token(_) => Cow::Borrowed(self.words(unit)),
            UnitKind::Entity(i) => Cow::Owned(self.entities[i as usize].class().to_string()),
        }
    }

    /// The byte range of the field that units `range` came from.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            return 0..0;
        }
        self.map.source(self.folded(range))
    }

    /// The byte range of the folded text that units `range`, one at least, stand in.
    pub(crate) fn folded(&self, range: Range<usize>) -> Range<usize> {
        self.units[range.start].start as usize..self.units[range.end - 1].end as usize
    }
}

/// A posting, read.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The fields that hold text, in reading order.
    pub segments: Vec<Segment>,
    /// The language and whether its script is ours.
    pub written: Written,
    /// Words, two characters of an unspaced script counting as one.
    pub lexical_units: usize,
    /// Whether some field was longer than [`MAX_FIELD_BYTES`].
    pub truncated: bool,
}

impl Default for Reading {
    fn default() -> Reading {
        let written = Written { language: Language::Unknown, supported_script: false };
        Reading { segments: Vec::new(), written, lexical_units: 0, truncated: false }
    }
}

/// Room for reading, kept from posting to posting.
#[derive(Debug, Default)]
pub struct ReadScratch {
    tokens: Vec<Token>,
    segments: Vec<Segment>,
}

impl ReadScratch {
    /// The room of fields that were longer than this is given back.
    const LONGEST_KEPT: usize = 1 << 16;
}

/// Reads postings. Made once, shared by threads.
#[derive(Debug)]
pub struct Reader {
    /// Folds the text.
    pub folder: Folder,
    /// Cuts it into tokens.
    pub tokenizer: Tokenizer,
    languages: LanguageDetector,
    finder: Finder,
}

impl Reader {
    /// A reader with the tokenizer of a model.
    pub fn new(tokenizer: Tokenizer) -> Reader {
        Reader {
            folder: Folder::new(),
            tokenizer,
            languages: LanguageDetector::new(),
            finder: Finder::new().expect("the embedded tables are checked by the tests"),
        }
    }

    /// The finder of entities, whose tables say what places and currencies are.
    pub fn finder(&self) -> &Finder {
        &self.finder
    }

    /// Reads a posting.
    pub fn read(&self, posting: &Posting) -> Reading {
        let mut reading = Reading::default();
        self.read_into(posting, &mut reading, &mut ReadScratch::default());
        reading
    }

    /// Reads a posting, in the room of one that was read before.
    pub fn read_into(&self, posting: &Posting, reading: &mut Reading, scratch: &mut ReadScratch) {
        let ReadScratch { tokens, segments: spare } = scratch;
        let Reading { segments, written, lexical_units, truncated } = reading;
        spare.extend(segments.drain(..).filter(|s| s.text.capacity() <= ReadScratch::LONGEST_KEPT));
        *truncated = false;
        for field in Field::READ {
            let source = posting.get(field);
            if source.is_empty() {
                continue;
            }
            let readable = &source[..source.floor_char_boundary(MAX_FIELD_BYTES)];
            *truncated |= readable.len() < source.len();
            segments.push(self.segment(field, readable, spare.pop(), tokens));
        }
        *written = self.written(posting, segments);
        *lexical_units = count_lexical_units(segments);
    }

    /// The language, by the fields that hold sentences where there are any.
    fn written(&self, posting: &Posting, segments: &[Segment]) -> Written {
        let texts = || {
            let prose = |s: &&Segment| {
                matches!(s.field, Field::Description | Field::Requirements | Field::Title | Field::Benefits)
            };
            segments.iter().filter(prose).map(|s| s.text.as_str())
        };
        let mut written = self.languages.detect(texts());
        if texts().next().is_none() {
            written = self.languages.detect(segments.iter().map(|s| s.text.as_str()));
        }
        if written.language == Language::Unknown
            && let Some(declared) = Language::from_tag(posting.get(Field::Language).trim())
        {
            written.language = declared;
        }
        written
    }

    /// Reads a field, in the `room` of another one.
    fn segment(&self, field: Field, source: &str, room: Option<Segment>, tokens: &mut Vec<Token>) -> Segment {
        let (mut folded, mut entities, mut units) = match room {
            None => Default::default(),
            Some(Segment { text, map, disguises, entities, units, .. }) => {
                (Folded { text, map, disguises }, entities, units)
            }
        };
        match html::stripped(source, &|target| self.finder.reaches_someone(target)) {
            None => self.folder.fold_into(source, &mut folded),
            Some((plain, html_map)) => {
                self.folder.fold_into(&plain, &mut folded);
                folded.map = folded.map.then(&html_map);
                for disguise in &mut folded.disguises {
                    disguise.source = html_map.source(disguise.source.clone());
                }
            }
        }
        let Folded { text, map, disguises } = folded;
        if field == Field::Salary {
            self.finder.find_pay(&text, &mut entities);
        } else {
            self.finder.find(&text, &mut entities);
        }
        tokens.clear();
        self.tokenizer.tokens(&text, tokens);
        place(&text, tokens, &entities, &mut units);
        Segment { field, text, map, disguises, entities, units }
    }
}

/// Fills `units` with the tokens, and with entities in the places of the tokens that they cover.
pub(crate) fn place(text: &str, tokens: &[Token], entities: &[Entity], units: &mut Vec<Unit>) {
    units.clear();
    units.reserve(tokens.len());
    let bytes = text.as_bytes();
    let mut entity = 0;
    // Where the entity stands; behind everything when there is none.
    let place = |entity: usize| entities.get(entity).map_or(usize::MAX..usize::MAX, |e| e.start..e.end);
    let mut next = place(entity);
    let mut placed = usize::MAX;
    let mut last_end = 0;
    let mut after_stop = true;
    for token in tokens {
        let (start, end) = (token.start as usize, token.end as usize);
        while next.end <= start {
            entity += 1;
            next = place(entity);
        }
        let covered = if next.start < end { entities.get(entity) } else { None };
        let starts_sentence = after_stop || breaks(&bytes[last_end.min(start)..start]);
        last_end = end;
        match covered {
            Some(_) if placed == entity => {
                if let Some(unit) = units.last_mut() {
                    unit.end = unit.end.max(token.end);
                }
                continue;
            }
            Some(found) => {
                placed = entity;
                units.push(Unit {
                    start: token.start.min(found.start as u32),
                    end: token.end,
                    hash: token_hash(&found.class()),
                    kind: UnitKind::Entity(entity as u32),
                    starts_sentence,
                });
                after_stop = false;
            }
            None => {
                units.push(Unit {
                    start: token.start,
                    end: token.end,
                    hash: bytes_hash(&bytes[start..end]),
                    kind: UnitKind::Token(token.kind),
                    starts_sentence,
                });
                after_stop = token.kind == TokenKind::Punctuation && stops(text, start..end);
            }
        }
    }
}

/// Whether a line ends between two tokens.
fn breaks(between: &[u8]) -> bool {
    match between {
        [] => false,
        [byte] => *byte == b'\n',
        more => more.contains(&b'\n'),
    }
}

/// Whether punctuation ends a sentence.
fn stops(text: &str, punctuation: Range<usize>) -> bool {
    match text.as_bytes()[punctuation.clone()] {
        [byte] => matches!(byte, b'.' | b'!' | b'?' | b';'),
        _ => text[punctuation].contains(['.', '!', '?', '。', '！', '？', ';', '।', '။', '៕', '۔', '؟', '።']),
    }
}

/// Words and entities, and characters of unspaced scripts as [`halves`].
fn count_lexical_units(segments: &[Segment]) -> usize {
    segments.iter().flat_map(|s| &s.units).map(halves).sum::<usize>() / 2
}
