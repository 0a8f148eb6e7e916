/*!
One element into the named values that every format ends in.

An element that holds text is a string, one that holds elements is an object, elements of one name are an array: what
the partner's JSON would be. quick-xml parses; what is added here is what feeds need that XML does not allow: names
without case, `&` that stands for itself, HTML that was pasted in without CDATA.
*/

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use crate::feed::alias::{self, Target};
use crate::feed::reject::{Fault, clip};
use crate::posting::Field;
use crate::text::html;

use super::shape::is_prose;

/// Elements inside elements of a record; serde_json allows as many.
const DEEPEST: usize = 127;
/// Longest name of an entity that is looked up.
const LONGEST_ENTITY: usize = 40;
/// Key of the text of an element that has attributes or elements too.
pub(super) const TEXT: &str = "#text";

/// HTML elements by which markup in a text is told from elements of the feed.
#[rustfmt::skip]
const HTML: [&str; 39] = [
    "a", "article", "b", "big", "blockquote", "br", "center", "code", "dd", "div", "dl", "dt", "em", "font", "h1",
    "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "section", "small", "span", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
];

/// How a record is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Elements, attributes and values in a record.
    pub(super) max_values: usize,
    /// The document declares entities of its own, which are never expanded.
    pub(super) declares_entities: bool,
}

/// The children and attributes of the one element of a text.
pub(super) fn members(text: &str, reading: Reading) -> Result<Map<String, Value>, Fault> {
    let mut document = Document::new(text, reading);
    loop {
        match document.event()? {
            Event::Start(start) => {
                let value = document.element(&start, None, 1)?;
                return document.end().map(|()| object(value));
            }
            Event::Empty(start) => {
                let mut attributes = Map::new();
                document.attributes(&start, &mut attributes)?;
                return document.end().map(|()| attributes);
            }
            Event::Eof => return Err(document.fault("there is no element in it")),
            _ => {}
        }
    }
}

/// A record whose element holds nothing but text is no more than that text.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        value => Map::from_iter([(TEXT.to_owned(), value)]),
    }
}

struct Document<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    reading: Reading,
    left: usize,
}

impl<'t> Document<'t> {
    fn new(text: &'t str, reading: Reading) -> Document<'t> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        // Ends are compared here: names have no case, and in pasted HTML `<br>` and `<li>` have no end.
        config.allow_unmatched_ends = true;
        config.check_end_names = false;
        Document { text, reader, reading, left: reading.max_values }
    }

    fn at(&self) -> usize {
        self.reader.buffer_position() as usize
    }

    fn fault(&self, what: impl std::fmt::Display) -> Fault {
        Fault::new(format!("the XML is broken at byte {} of the record: {what}", self.at()))
    }

    fn event(&mut self) -> Result<Event<'t>, Fault> {
        self.reader.read_event().map_err(|e| {
            Fault::new(format!("the XML is broken at byte {} of the record: {e}", self.reader.error_position()))
        })
    }

    fn spend(&mut self) -> Result<(), Fault> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            Fault::new(format!(
                "more than {} elements and attributes in one record (raise it with --max-values)",
                self.reading.max_values
            ))
        })?;
        Ok(())
    }

    /// Nothing but white space and comments may follow.
    fn end(&mut self) -> Result<(), Fault> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim_ascii().is_empty() => {}
                _ => return Err(self.fault("something follows the end of its element")),
            }
        }
    }

    /// The value of an element of which the start tag was read. `target` is what its name stands for.
    fn element(&mut self, start: &BytesStart<'t>, target: Option<Target>, depth: usize) -> Result<Value, Fault> {
        if depth > DEEPEST {
            return Err(self.fault(format_args!("elements are nested more than {DEEPEST} deep")));
        }
        let content = self.at();
        let mut members = Map::new();
        self.attributes(start, &mut members)?;
        let attributes = members.len();
        let mut text = String::new();
        let prose = target.is_some_and(is_prose);
        loop {
            match self.event()? {
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::CData(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(name) => self.reference(&name, &mut text)?,
                Event::Start(child) | Event::Empty(child) if prose && is_html(child.name().as_ref()) => {
                    let end = self.reader.read_to_end(start.to_end().name());
                    let end = end.map_err(|_| self.fault(unclosed(start.name().as_ref())))?.end as usize;
                    text = without_cdata(&self.text[content..end]).into_owned();
                    members.retain(|_, _| false);
                    return Ok(Value::String(text));
                }
                Event::Start(child) => {
                    self.spend()?;
                    let target = resolve(child.name().as_ref());
                    let value = self.element(&child, target, depth + 1)?;
                    add(&mut members, child.name().as_ref(), value);
                }
                Event::Empty(child) => {
                    self.spend()?;
                    let mut inner = Map::new();
                    self.attributes(&child, &mut inner)?;
                    let value = if inner.is_empty() { Value::String(String::new()) } else { Value::Object(inner) };
                    add(&mut members, child.name().as_ref(), value);
                }
                Event::End(end) if end.name().as_ref().eq_ignore_ascii_case(start.name().as_ref()) => break,
                Event::End(end) => {
                    let (end, start) = (end.name(), start.name());
                    let (end, start) = (clip(end.as_ref(), 60), clip(start.as_ref(), 60));
                    return Err(self.fault(format_args!("</{end}> where </{start}> is expected")));
                }
                Event::Eof => return Err(self.fault(unclosed(start.name().as_ref()))),
                Event::DocType(_) => return Err(self.fault("a document type declaration inside of a record")),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            }
        }
        if members.is_empty() {
            return Ok(Value::String(text));
        }
        if !text.trim().is_empty() {
            // `<salary currency="EUR">1000</salary>`: an amount among the parts of a pay, and else a text.
            let amount = matches!(target, Some(Target::Whole(Field::Salary))) && text.trim().parse::<f64>().is_ok();
            let key = if amount && !members.contains_key("value") { "value" } else { TEXT };
            members.insert(key.to_owned(), Value::String(text));
        } else if attributes == 0 && members.len() == 1 {
            return Ok(list(start.name().as_ref(), members));
        }
        Ok(Value::Object(members))
    }

    fn attributes(&mut self, tag: &BytesStart<'_>, members: &mut Map<String, Value>) -> Result<(), Fault> {
        for attribute in tag.html_attributes().with_checks(false) {
            self.spend()?;
            let attribute = attribute.map_err(|e| self.fault(e))?;
            let name = attribute.key.as_ref();
            if name != "xmlns" && !name.starts_with("xmlns:") {
                let value = self.unescape(&attribute.value)?;
                add(members, name, Value::String(value));
            }
        }
        Ok(())
    }

    fn unescape(&self, raw: &str) -> Result<String, Fault> {
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('&') {
            text.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.find(';').filter(|end| *end <= LONGEST_ENTITY) {
                Some(end) => {
                    self.reference(&rest[..end], &mut text)?;
                    rest = &rest[end + 1..];
                }
                None => text.push('&'),
            }
        }
        text.push_str(rest);
        Ok(text)
    }

    /// Adds what `&name;` stands for. What is no name of anything stands for itself, as in HTML; but where the document
    /// declares entities nobody can say what it stands for.
    fn reference(&self, name: &str, text: &mut String) -> Result<(), Fault> {
        if let Some(number) = name.strip_prefix('#') {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            match code {
                Ok(code) => text.push(char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}')),
                Err(_) => as_written(name, text),
            }
        } else if let Some(known) = html::named(name.as_bytes()) {
            text.push_str(known);
        } else if self.reading.declares_entities && is_entity_name(name) {
            return Err(Fault::new(format!(
                "the entity &{}; is not one of XML or HTML; the document declares entities of its own, and these are \
                 not expanded: write its text instead",
                clip(name, 60)
            )));
        } else {
            as_written(name, text);
        }
        Ok(())
    }
}

fn as_written(name: &str, text: &mut String) {
    text.push('&');
    text.push_str(name);
    text.push(';');
}

fn is_entity_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

fn unclosed(name: &str) -> String {
    format!("<{}> is not closed", clip(name, 60))
}

/// What a name stands for, with or without its prefix.
pub(super) fn resolve(name: &str) -> Option<Target> {
    alias::resolve(name).or_else(|| alias::resolve(name.rsplit_once(':')?.1))
}

fn is_html(name: &str) -> bool {
    HTML.iter().any(|tag| tag.eq_ignore_ascii_case(name))
}

/// Adds a member; where a name comes again its values are an array.
fn add(members: &mut Map<String, Value>, name: &str, value: Value) {
    match members.get_mut(name) {
        None => {
            members.insert(name.to_owned(), value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// `<skills><skill>a</skill><skill>b</skill></skills>` is a list, and no object with a skill in it.
fn list(name: &str, members: Map<String, Value>) -> Value {
    let lower = name.to_ascii_lowercase();
    let of_it = |child: &str| {
        let child = child.to_ascii_lowercase();
        let plural = child.strip_suffix('y').is_some_and(|stem| lower.strip_prefix(stem) == Some("ies"));
        plural
            || lower.strip_prefix(child.as_str()) == Some("s")
            || matches!(child.as_str(), "item" | "li" | "entry" | "element")
    };
    match members.keys().next().is_some_and(|child| of_it(child)) {
        true => match members.into_iter().next() {
            Some((_, Value::Array(items))) => Value::Array(items),
            Some((_, value)) => Value::Array(vec![value]),
            None => Value::Null,
        },
        false => Value::Object(members),
    }
}

/// HTML that was pasted into a document may hold CDATA sections, whose text is meant literally but hardly ever is.
fn without_cdata(html: &str) -> Cow<'_, str> {
    if html.contains("<![CDATA[") {
        Cow::Owned(html.replace("<![CDATA[", "").replace("]]>", ""))
    } else {
        Cow::Borrowed(html)
    }
}
