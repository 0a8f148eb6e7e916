/*!
A posting as the layers above see it: for each field the folded text, the entities, and the units.

A *unit* is a token, or an entity in the place of the tokens it covers: `<money:4>` for `$3,500 a month`. Phrases of the
lexicons and n-grams of the text stage run over the same units.
*/

use std::borrow::Cow;
use std::ops::Range;

use super::{Entity, Finder};
use crate::posting::{Field, Posting};
use crate::text::fold::{Disguise, Folder};
use crate::text::html;
use crate::text::language::{Language, LanguageDetector, Written};
use crate::text::map::OffsetMap;
use crate::text::ngrams::token_hash;
use crate::text::tokenizer::{Token, TokenKind, Tokenizer};

/// A field's text beyond this many bytes is not read; the verdict then says `truncated`.
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
        self.map.source(self.units[range.start].start as usize..self.units[range.end - 1].end as usize)
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
        let mut truncated = false;
        let mut segments = Vec::new();
        let mut tokens = Vec::new();
        for field in Field::READ {
            let source = posting.get(field);
            if source.is_empty() {
                continue;
            }
            let readable = &source[..source.floor_char_boundary(MAX_FIELD_BYTES)];
            truncated |= readable.len() < source.len();
            segments.push(self.segment(field, readable, &mut tokens));
        }
        let written = self.written(posting, &segments);
        Reading { lexical_units: lexical_units(&segments), segments, written, truncated }
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

    fn segment(&self, field: Field, source: &str, tokens: &mut Vec<Token>) -> Segment {
        let (plain, html_map) = html::to_text(source);
        let folded = self.folder.fold(&plain);
        let is_html = matches!(plain, Cow::Owned(_));
        let map = if is_html { folded.map.then(&html_map) } else { folded.map };
        let mut disguises = folded.disguises;
        if is_html {
            for disguise in &mut disguises {
                disguise.source = html_map.source(disguise.source.clone());
            }
        }
        let mut entities = Vec::new();
        if field == Field::Salary {
            self.finder.find_pay(&folded.text, &mut entities);
        } else {
            self.finder.find(&folded.text, &mut entities);
        }
        tokens.clear();
        self.tokenizer.tokens(&folded.text, tokens);
        let units = units(&folded.text, tokens, &entities);
        Segment { field, text: folded.text, map, disguises, entities, units }
    }
}

/// Puts the entities in the places of the tokens that they cover.
fn units(text: &str, tokens: &[Token], entities: &[Entity]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::with_capacity(tokens.len());
    let mut entity = 0;
    let mut placed = usize::MAX;
    let mut last_end = 0;
    let mut after_stop = true;
    for token in tokens {
        let (start, end) = (token.start as usize, token.end as usize);
        while entity < entities.len() && entities[entity].end <= start {
            entity += 1;
        }
        let covered = entities.get(entity).filter(|e| e.start < end);
        let starts_sentence = after_stop || breaks(&text.as_bytes()[last_end.min(start)..start]);
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
                    hash: token_hash(token.text(text)),
                    kind: UnitKind::Token(token.kind),
                    starts_sentence,
                });
                after_stop = token.kind == TokenKind::Punctuation && stops(token.text(text));
            }
        }
    }
    units
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
fn stops(punctuation: &str) -> bool {
    match punctuation.as_bytes() {
        [byte] => matches!(byte, b'.' | b'!' | b'?' | b';'),
        _ => punctuation.contains(['.', '!', '?', '。', '！', '？', ';', '।', '။', '៕', '۔', '؟']),
    }
}

/// Words and entities count one, characters of unspaced scripts a half.
fn lexical_units(segments: &[Segment]) -> usize {
    let mut halves = 0;
    for unit in segments.iter().flat_map(|s| &s.units) {
        halves += match unit.kind {
            UnitKind::Token(TokenKind::Word) | UnitKind::Entity(_) => 2,
            UnitKind::Token(TokenKind::Unspaced) => 1,
            UnitKind::Token(_) => 0,
        };
    }
    halves / 2
}
