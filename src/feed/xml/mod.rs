/*!
Job feeds in XML: a posting an element, in whatever document.

The stream is cut into records by an automaton that holds one record at most (`lexer`); a worker thread parses what was
cut out (`element`). Which element is a posting is told from the beginning of the document (`shape`). Names are those
of the alias table, without case and prefix; no element has to be there, and none is lost.

A record that is broken is a reject and the next one is found: a record ends at its end tag, or where the next one
begins; a CDATA section, a comment or a quote that nobody closed is cut at the end tag inside it. Nothing outside of the
stream is ever read, whatever a document type declaration asks for, and no entity is expanded but those of XML and HTML.
*/

mod element;
mod lexer;
mod pushback;
mod shape;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead};

use memchr::memmem;
use serde_json::{Map, Value};

use crate::posting::{Field, Posting};

use super::alias::Target;
use super::assemble::Assembler;
use super::bounded::Bounded;
use super::error::FeedError;
use super::record::{Context, Place, RawRecord, Record};
use super::reject::Fault;
use element::{Reading, resolve};
use lexer::{Lexer, Token};
use pushback::Pushback;
use shape::Shape;

pub(super) use shape::{is_known, root};

/// Bytes that are read a second time at most, in records, to find the records that a broken one has swallowed.
const REREAD_RECORDS: u64 = 16;

/// A record's element, cut out of the stream and still to be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawElement {
    /// The record's number in the file, from 1.
    pub number: u64,
    /// Where its start tag begins, in bytes of the decoded stream.
    pub offset: u64,
    /// The element with its tags.
    pub bytes: Vec<u8>,
    /// The document declares entities of its own.
    declares_entities: bool,
}

/// Cuts a document into records.
pub struct XmlReader<R> {
    reader: Pushback<R>,
    context: Context,
    /// The name of a record's element; none in a document without records.
    name: Option<String>,
    nests: bool,
    lexer: Lexer,
    held: Bounded,
    /// Where the bytes that are held begin.
    start: u64,
    /// How many elements of the record's name are open; 0 outside of records.
    open: u32,
    /// How much was held before the tag that was read last.
    tag_at: u64,
    /// The record is too long, and what did not end in it was left.
    resynced: bool,
    declares_entities: bool,
    number: u64,
    offset: u64,
    rereads: u64,
}

impl<R: BufRead> XmlReader<R> {
    /// Reads a document of which `offset` bytes were read before. `head` is its beginning, as much as could be looked at,
    /// and `whole` tells that there is no more.
    pub fn new(reader: R, head: &[u8], whole: bool, context: Context, offset: u64) -> Result<XmlReader<R>, FeedError> {
        let (name, nests) = match shape::find(head, whole) {
            Shape::Records { name, nests } => (Some(name), nests),
            Shape::Empty => (None, false),
            Shape::Unknown(names) => return Err(FeedError::no_record_element(&context.file, names)),
        };
        let limit = context.limits.record_bytes;
        Ok(XmlReader {
            reader: Pushback::new(reader),
            name,
            nests,
            lexer: Lexer::new(),
            held: Bounded::new(limit),
            start: offset,
            open: 0,
            tag_at: 0,
            resynced: false,
            declares_entities: false,
            number: 0,
            offset,
            rereads: REREAD_RECORDS.saturating_mul(limit as u64),
            context,
        })
    }

    /// How far the stream was read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next record; none at the end.
    pub fn next_raw(&mut self) -> io::Result<Option<RawRecord>> {
        let limit = self.context.limits.record_bytes as u64 + 1;
        loop {
            let chunk = match self.reader.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                return Ok((self.open > 0).then(|| self.cut_off()));
            }
            let mut at = 0;
            // Bytes from here on are to be held, if any are.
            let mut from = 0;
            let mut cut = None;
            while at < chunk.len() && cut.is_none() {
                // A record is looked at again at the byte that makes it too long, however the stream is cut.
                let room = match self.open > 0 && !self.resynced {
                    true => limit.saturating_sub(self.held.length() + (at - from) as u64),
                    false => u64::MAX,
                };
                if room == 0 {
                    break;
                }
                let end = chunk.len().min(at.saturating_add(usize::try_from(room).unwrap_or(usize::MAX)));
                let (taken, token) = self.lexer.next(&chunk[at..end]);
                at += taken;
                let is_record =
                    || self.name.as_ref().is_some_and(|n| n.as_bytes().eq_ignore_ascii_case(self.lexer.name()));
                match token {
                    None => {}
                    Some(Token::Open) if self.open == 0 => {
                        self.held = Bounded::new(self.context.limits.record_bytes);
                        self.start = self.offset + at as u64;
                        from = at;
                    }
                    Some(Token::Open) => self.tag_at = self.held.length() + (at - from) as u64,
                    Some(Token::Doctype(entities)) => self.declares_entities |= entities,
                    Some(Token::Start | Token::Empty | Token::End) if !is_record() => {}
                    Some(Token::Start | Token::Empty) if self.open > 0 && !self.nests => cut = Some(Cut::BeforeTag),
                    Some(Token::Start) => self.open += 1,
                    Some(Token::Empty) => cut = (self.open == 0).then_some(Cut::Here),
                    Some(Token::End) => {
                        cut = (self.open == 1).then_some(Cut::Here);
                        self.open = self.open.saturating_sub(1);
                    }
                }
            }
            if self.open > 0 || cut.is_some() || self.lexer.in_markup() {
                self.held.push(&chunk[from..at]);
            }
            self.offset += at as u64;
            self.reader.consume(at);
            match cut {
                Some(Cut::Here) => return Ok(Some(self.ended())),
                Some(Cut::BeforeTag) => return Ok(Some(self.ended_by_next())),
                None if self.open > 0 && self.held.is_too_long() && !self.resynced => {
                    // Whatever it is that does not end is left, and the next tag is looked for.
                    self.resynced = true;
                    self.lexer.leave_section();
                }
                None => {}
            }
        }
    }

    /// The record whose end tag was read.
    fn ended(&mut self) -> RawRecord {
        match self.take().finish() {
            Ok(mut bytes) => {
                let next = if self.nests { None } else { self.swallowed(&bytes) };
                if let Some(next) = next.filter(|next| self.may_reread(bytes.len() - next)) {
                    self.read_again(bytes.split_off(next));
                }
                self.raw(bytes)
            }
            Err((fault, start)) => self.reject(fault, start, self.offset - self.start),
        }
    }

    /// The record in which the start tag of the next one was read.
    fn ended_by_next(&mut self) -> RawRecord {
        let tag = self.lexer.tag().to_vec();
        let (length, mut bytes, tag) = match self.take().finish() {
            Ok(mut bytes) => {
                let tag = bytes.split_off(usize::try_from(self.tag_at).unwrap_or(usize::MAX).min(bytes.len()));
                (bytes.len() as u64, bytes, tag)
            }
            Err((_, mut start)) => {
                start.truncate(usize::try_from(self.tag_at).unwrap_or(usize::MAX));
                (self.tag_at, start, tag)
            }
        };
        self.read_again(tag);
        let next = self.swallowed(&bytes).filter(|_| bytes.len() as u64 == length);
        if let Some(next) = next.filter(|next| self.may_reread(bytes.len() - next)) {
            self.read_again(bytes.split_off(next));
            return self.raw(bytes);
        }
        let name = self.name.as_deref().unwrap_or_default();
        self.reject(Fault::new(format!("<{name}> is not closed before the next one begins")), bytes, length)
    }

    /// The record that was not closed when the stream ended.
    fn cut_off(&mut self) -> RawRecord {
        let length = self.offset - self.start;
        match self.take().finish() {
            Ok(mut bytes) => {
                let next = self.swallowed(&bytes).or_else(|| self.next_start(&bytes));
                if let Some(next) = next.filter(|next| self.may_reread(bytes.len() - next)) {
                    self.read_again(bytes.split_off(next));
                    return self.raw(bytes);
                }
                let name = self.name.as_deref().unwrap_or_default();
                self.reject(Fault::new(format!("<{name}> is not closed before the end of the file")), bytes, length)
            }
            Err((fault, start)) => self.reject(fault, start, length),
        }
    }

    /// What is held, and nothing is held any more.
    fn take(&mut self) -> Bounded {
        self.open = 0;
        self.resynced = false;
        self.lexer.reset();
        std::mem::replace(&mut self.held, Bounded::new(self.context.limits.record_bytes))
    }

    fn may_reread(&mut self, bytes: usize) -> bool {
        let left = self.rereads.checked_sub(bytes as u64);
        self.rereads = left.unwrap_or(self.rereads);
        left.is_some()
    }

    fn read_again(&mut self, bytes: Vec<u8>) {
        self.offset -= bytes.len() as u64;
        self.reader.push_back(bytes);
    }

    fn raw(&mut self, bytes: Vec<u8>) -> RawRecord {
        self.number += 1;
        let (number, offset, declares_entities) = (self.number, self.start, self.declares_entities);
        RawRecord::Xml(RawElement { number, offset, bytes, declares_entities })
    }

    fn reject(&mut self, fault: Fault, bytes: Vec<u8>, length: u64) -> RawRecord {
        self.number += 1;
        Place { number: self.number, offset: self.start, length }.parsed(Err(fault), &self.context, bytes)
    }

    /// Where the next record begins in what was taken for one, because a section or a quote in it was not closed: after
    /// its end tag and white space.
    fn swallowed(&self, bytes: &[u8]) -> Option<usize> {
        let end = format!("{}>", self.name.as_deref()?);
        memmem::find_iter(bytes, end.as_bytes()).find_map(|at| {
            let tag = &bytes[memchr::memrchr(b'<', &bytes[..at])?..at];
            let is_end = tag.starts_with(b"</") && (tag.len() == 2 || tag.ends_with(b":"));
            let rest = &bytes[at + end.len()..];
            let next = rest.iter().position(|b| !b.is_ascii_whitespace())?;
            (is_end && self.begins(&rest[next..])).then_some(at + end.len() + next)
        })
    }

    /// Where another record begins in what was taken for one.
    fn next_start(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memchr_iter(b'<', bytes).skip(1).find(|at| self.begins(&bytes[*at..]))
    }

    /// Whether these bytes begin with a record's start tag.
    fn begins(&self, bytes: &[u8]) -> bool {
        let Some(tag) = bytes.strip_prefix(b"<") else { return false };
        let tag = &tag[..tag.len().min(200)];
        let end = tag.iter().position(|b| matches!(b, b'>' | b'/') || b.is_ascii_whitespace());
        let name = end.map(|end| &tag[..end]).and_then(|name| name.rsplit(|b| *b == b':').next());
        name.zip(self.name.as_ref()).is_some_and(|(name, record)| record.as_bytes().eq_ignore_ascii_case(name))
    }
}

/// Where a record was found to end.
enum Cut {
    /// Where the stream was read to.
    Here,
    /// Before the tag that was read last.
    BeforeTag,
}

/// The record of an element.
pub fn parse(element: RawElement, context: &Context) -> Record {
    match posting(&element, context) {
        Ok(posting) => Record::Posting(Box::new(posting)),
        Err(fault) => {
            let length = element.bytes.len() as u64;
            Record::Reject(fault.reject(&context.file, element.number, element.offset, element.bytes, length))
        }
    }
}

fn posting(element: &RawElement, context: &Context) -> Result<Posting, Fault> {
    let text = std::str::from_utf8(&element.bytes).map_err(|e| Fault::not_utf8(None, e))?;
    let reading = Reading { max_values: context.limits.values, declares_entities: element.declares_entities };
    let members = element::members(text, reading)?;
    let nested = members.values().any(Value::is_object);
    match assemble(members, context, element.number) {
        // Some feeds group the fields of a posting: `<job><basics><title>`. Such a record is parsed twice, so that none
        // of the others is copied.
        Err(fault) if nested => {
            assemble(ungrouped(element::members(text, reading)?), context, element.number).map_err(|_| fault)
        }
        result => result,
    }
}

fn assemble(mut members: Map<String, Value>, context: &Context, number: u64) -> Result<Posting, Fault> {
    let mut assembler = Assembler::new(context);
    // RSS: the whole text, of which the description is often the beginning.
    if let Some((name, text)) = members.shift_remove_entry("content:encoded") {
        assembler.put(name, Some(Target::Whole(Field::Description)), text)?;
    }
    let untitled = !members.keys().any(|name| resolve(name) == Some(Target::Whole(Field::Title)));
    for (name, value) in members {
        let target = match name.as_str() {
            element::TEXT => Some(Target::Whole(Field::Description)),
            // What else would be the name of a posting?
            "name" if untitled && value.is_string() => Some(Target::Whole(Field::Title)),
            name => resolve(name),
        };
        assembler.put(name, target, value)?;
    }
    assembler.finish(|| context.default_id(number))
}

/// The members of a record and of the objects in it, as far as their names are not taken.
fn ungrouped(members: Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    let mut groups = Vec::new();
    for (name, value) in members {
        match value {
            Value::Object(inner) => groups.push(inner),
            value => {
                all.insert(name, value);
            }
        }
    }
    for (name, value) in groups.into_iter().flatten() {
        all.entry(name).or_insert(value);
    }
    all
}
