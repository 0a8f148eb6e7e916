/*!
Exports of Telegram Desktop: `result.json` of one chat, or of all chats of an account.

[`TelegramReader`] goes down the objects that hold chats, reads over everything that is no message, and cuts the messages
out one at a time, however large the export. The name of a chat stands before its messages and goes with each of them.
*/

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::posting::{Field, Posting};

use super::bounded::Bounded;
use super::chat::{Pass, PassedOver, RawMessage};
use super::cutter::{Cutter, Step};
use super::json;
use super::jsonl::RawLine;
use super::record::{Context, Place, RawRecord, Record};
use super::reject::Fault;
use super::walk::{Walker, end_of_string};

/// Levels of an export around its messages; a real one has four.
const MOST_FRAMES: usize = 8;

/// Bytes of a key or of a chat's name.
const NAME_KEPT: usize = 1024;

/// What `type` says of a chat.
const CHATS: [&str; 10] = [
    "saved_messages",
    "replies",
    "verification_codes",
    "personal_chat",
    "bot_chat",
    "private_group",
    "private_supergroup",
    "public_supergroup",
    "private_channel",
    "public_channel",
];

/// What was opened around the messages.
enum Frame {
    /// An object that may be a chat: its id, and the name that goes before it.
    Object {
        id: Option<String>,
        name: Option<String>,
    },
    Chats,
    Messages(Arc<str>),
}

/// Cuts an export into messages.
pub struct TelegramReader<R> {
    walker: Walker<R>,
    context: Context,
    number: u64,
    frames: Vec<Frame>,
    passed_over: PassedOver,
}

impl<R: BufRead> TelegramReader<R> {
    /// Reads an export from a stream of which `offset` bytes were read before.
    pub fn new(reader: R, context: Context, offset: u64) -> TelegramReader<R> {
        let passed_over = PassedOver::default();
        TelegramReader { walker: Walker::new(reader, offset), context, number: 0, frames: Vec::new(), passed_over }
    }

    /// How far the stream was read.
    pub fn offset(&self) -> u64 {
        self.walker.offset
    }

    /// What was passed over so far.
    pub fn passed_over(&self) -> PassedOver {
        self.passed_over
    }

    /// The next message with text in it; none at the end.
    ///
    /// # Errors
    ///
    /// When the stream cannot be read.
    pub fn next_raw(&mut self) -> io::Result<Option<RawRecord>> {
        loop {
            self.walker.skip_while(|byte| byte.is_ascii_whitespace() || byte == b',')?;
            let Some(byte) = self.walker.peek()? else { return Ok(self.end()) };
            let cut = match (self.frames.last(), byte) {
                (None | Some(Frame::Chats), b'{') => {
                    self.enter(Frame::Object { id: None, name: None });
                    None
                }
                (Some(Frame::Object { .. }), b'}') | (Some(Frame::Chats | Frame::Messages(_)), b']') => {
                    self.walker.bump();
                    self.frames.pop();
                    None
                }
                (Some(Frame::Object { .. }), b'"') => {
                    self.member()?;
                    None
                }
                (Some(Frame::Messages(chat)), b'{') => {
                    let chat = chat.clone();
                    self.message(chat)?
                }
                _ => Some(self.junk()?),
            };
            if cut.is_some() {
                return Ok(cut);
            }
        }
    }

    /// What stands at the end of the stream: an export that is not closed is told, because messages are missing.
    fn end(&mut self) -> Option<RawRecord> {
        if self.frames.is_empty() {
            return None;
        }
        self.frames.clear();
        self.number += 1;
        let place = Place { number: self.number, offset: self.offset(), length: 0 };
        let fault = Fault::new("the stream ends before the export is closed; is the file complete?");
        Some(place.parsed(Err(fault), &self.context, Vec::new()))
    }

    fn enter(&mut self, frame: Frame) {
        self.walker.bump();
        self.frames.push(frame);
    }

    fn message(&mut self, chat: Arc<str>) -> io::Result<Option<RawRecord>> {
        let offset = self.offset();
        let mut cutter = Cutter::new(false, false);
        let mut record = Bounded::new(self.context.limits.record_bytes);
        let ended = self.walker.follow(|chunk| {
            let (used, step) = cutter.run(chunk);
            record.push(&chunk[..used]);
            (used, step)
        })?;
        if ended == Step::More {
            // The reject of the message that broke off tells of the end.
            self.frames.clear();
        }
        if !record.is_too_long()
            && let Some(pass) = passed_over(record.bytes())
        {
            self.passed_over.count(pass);
            return Ok(None);
        }
        Ok(Some(self.record(offset, record, cutter.too_deep(), chat)))
    }

    fn record(&mut self, offset: u64, record: Bounded, too_deep: Option<Fault>, chat: Arc<str>) -> RawRecord {
        self.number += 1;
        let (number, length) = (self.number, record.length());
        let place = Place { number, offset, length };
        match (record.finish(), too_deep) {
            (Ok(bytes), None) => RawRecord::Telegram(RawMessage { line: RawLine { number, offset, bytes }, chat }),
            (Ok(bytes), Some(fault)) => place.parsed(Err(fault), &self.context, bytes),
            (Err((fault, start)), _) => place.parsed(Err(fault), &self.context, start),
        }
    }

    /// A member of an object around the messages.
    fn member(&mut self) -> io::Result<()> {
        let key = self.string()?;
        self.walker.skip_while(|byte| byte.is_ascii_whitespace() || byte == b':')?;
        let may_enter = self.frames.len() < MOST_FRAMES;
        match (key.as_deref(), self.walker.peek()?) {
            (Some("messages"), Some(b'[')) => {
                let chat = self.chat();
                self.enter(Frame::Messages(chat));
            }
            (Some("chats" | "left_chats" | "list"), Some(b'[')) if may_enter => self.enter(Frame::Chats),
            (Some("chats" | "left_chats"), Some(b'{')) if may_enter => {
                self.enter(Frame::Object { id: None, name: None });
            }
            (_, Some(b'{' | b'[')) => {
                let mut cutter = Cutter::new(false, false);
                self.walker.follow(|chunk| cutter.run(chunk))?;
            }
            (_, Some(b'"')) => {
                let value = self.string()?;
                if let (Some("name"), Some(Frame::Object { name, .. })) = (key.as_deref(), self.frames.last_mut()) {
                    *name = value.filter(|name| !name.trim().is_empty());
                }
            }
            _ => {
                let mut value = Vec::new();
                self.walker.take(|chunk| {
                    let end = chunk.iter().position(|byte| matches!(byte, b',' | b'}'));
                    let piece = &chunk[..end.unwrap_or(chunk.len())];
                    value.extend_from_slice(&piece[..piece.len().min(NAME_KEPT - value.len().min(NAME_KEPT))]);
                    (piece.len(), end.is_some())
                })?;
                if let (Some("id"), Some(Frame::Object { id, .. })) = (key.as_deref(), self.frames.last_mut()) {
                    *id = Some(String::from_utf8_lossy(value.trim_ascii()).into_owned());
                }
            }
        }
        Ok(())
    }

    /// What the ids of a chat's messages begin with.
    fn chat(&self) -> Arc<str> {
        match self.frames.last() {
            Some(Frame::Object { name: Some(name), .. }) => Arc::from(name.trim()),
            Some(Frame::Object { id: Some(id), .. }) => Arc::from(id.as_str()),
            _ => self.context.file_name().clone(),
        }
    }

    /// A string that begins here; none when it is too long or broken.
    fn string(&mut self) -> io::Result<Option<String>> {
        let mut text = Bounded::new(NAME_KEPT);
        text.push(b"\"");
        if self.walker.string(&mut text)? {
            text.push(b"\"");
        }
        Ok(text.finish().ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// What cannot stand here: up to where a message may begin or a list may end.
    fn junk(&mut self) -> io::Result<RawRecord> {
        let offset = self.offset();
        let mut record = Bounded::new(self.context.limits.record_bytes);
        let mut first = true;
        self.walker.take(|chunk| {
            let ends = |byte: &u8| matches!(byte, b'\n' | b',' | b']' | b'}' | b'{' | b'[');
            let from = usize::from(std::mem::take(&mut first));
            let end = chunk[from..].iter().position(ends).map(|end| end + from);
            let used = end.unwrap_or(chunk.len());
            record.push(&chunk[..used]);
            (used, end.is_some())
        })?;
        self.number += 1;
        let place = Place { number: self.number, offset, length: record.length() };
        let fault = Fault::new("not a message, where the export of a chat holds one");
        Ok(place.parsed(Err(fault), &self.context, record.bytes().to_vec()))
    }
}

/// The members that say whether a message is one.
#[derive(Deserialize)]
struct Glance<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text_entities: Option<&'a RawValue>,
}

/// Why a message is passed over. A broken one is not: parsing it will tell what is wrong.
fn passed_over(message: &[u8]) -> Option<Pass> {
    let glance: Glance<'_> = serde_json::from_slice(message).ok()?;
    let is_empty = |raw: Option<&RawValue>| match raw.map(RawValue::get) {
        None => true,
        // Most messages begin with a letter, and need no second parsing to be seen to have a text.
        Some(raw) if raw.starts_with('"') && raw[1..].starts_with(char::is_alphanumeric) => false,
        Some(raw) => serde_json::from_str::<Value>(raw).is_ok_and(|value| text(&value).trim().is_empty()),
    };
    // What the app itself writes has no text; what has one is read, whatever it calls itself.
    let empty = is_empty(glance.text) && is_empty(glance.text_entities);
    empty.then_some(if glance.kind == "service" { Pass::Service } else { Pass::Empty })
}

/// The record of a message.
pub(super) fn parse(message: RawMessage, context: &Context) -> Record {
    let result = posting(&message, context);
    message.record(result, context)
}

fn posting(message: &RawMessage, context: &Context) -> Result<Posting, Fault> {
    let json = std::str::from_utf8(&message.line.bytes).map_err(|e| Fault::not_utf8(None, e))?;
    let mut members = json::object(json, context.limits.values).map_err(|e| Fault::new(e.to_string()))?;
    let mut body = members.shift_remove("text").map_or(String::new(), |value| text(&value));
    if body.trim().is_empty() {
        body = members.get("text_entities").map_or(String::new(), text);
    }
    // The same text again, in other pieces.
    members.shift_remove("text_entities");
    if body.trim().is_empty() {
        return Err(Fault::of("text", "the message has no text"));
    }
    let id = match members.shift_remove("id") {
        Some(Value::Number(id)) => id.to_string(),
        Some(Value::String(id)) => id,
        _ => message.line.number.to_string(),
    };
    let date = match members.shift_remove("date") {
        Some(Value::String(date)) => date,
        _ => String::new(),
    };
    let mut posting = message.posting(&id, body, &date);
    if let Some(buttons) = members.get("inline_bot_buttons") {
        for line in addresses(buttons) {
            posting.add_line(Field::Contact, &line);
        }
    }
    posting.extra = members;
    Ok(posting)
}

/// The text of a message: a string, or a list of strings and of pieces that have a text and may hide an address.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(pieces) => pieces.iter().map(text).collect(),
        Value::Object(piece) => {
            let shown = piece.get("text").and_then(Value::as_str).unwrap_or_default();
            match piece.get("href").and_then(Value::as_str) {
                Some(href) if href != shown => format!("{shown} ({href})"),
                _ => shown.to_owned(),
            }
        }
        _ => String::new(),
    }
}

/// The buttons under a message that open an address, a line each.
fn addresses(rows: &Value) -> Vec<String> {
    let buttons = rows.as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
    buttons
        .filter(|button| button.get("type").and_then(Value::as_str) == Some("url"))
        .filter_map(|button| {
            let member = |name| button.get(name).and_then(Value::as_str);
            Some(format!("{} ({})", member("text").unwrap_or_default(), member("data")?))
        })
        .collect()
}

/// Whether a stream begins as an export does; none when more of it must be seen.
pub(super) fn is_export(head: &[u8]) -> Option<bool> {
    let mut rest = Sniff(head.trim_ascii_start());
    if !rest.byte(b'{')? {
        return Some(false);
    }
    let mut is_chat = false;
    loop {
        let key = match rest.string()? {
            Some(key) => key,
            None => return Some(false),
        };
        if !rest.byte(b':')? {
            return Some(false);
        }
        match key.as_str() {
            "about" => {
                return Some(rest.string()?.is_some_and(|about| about.starts_with("Here is the data you requested")));
            }
            "chats" => return rest.byte(b'{'),
            "messages" => return Some(is_chat && rest.byte(b'[')?),
            "name" | "type" if rest.next()? == b'"' => {
                let value = rest.string()?.unwrap_or_default();
                let known = CHATS.contains(&value.as_str());
                if key == "type" && !known {
                    return Some(false);
                }
                is_chat |= key == "type";
            }
            "name" | "id" => {
                while !matches!(rest.next()?, b',' | b'}') {
                    rest.0 = &rest.0[1..];
                }
            }
            _ => return Some(false),
        }
        if !rest.byte(b',')? {
            return Some(false);
        }
    }
}

/// The start of a stream; everything is none where it ends too early.
struct Sniff<'a>(&'a [u8]);

impl Sniff<'_> {
    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.trim_ascii_start();
        self.0.first().copied()
    }

    fn byte(&mut self, wanted: u8) -> Option<bool> {
        let found = self.next()? == wanted;
        self.0 = &self.0[usize::from(found)..];
        Some(found)
    }

    /// A string; the inner none is something else.
    fn string(&mut self) -> Option<Option<String>> {
        if self.next()? != b'"' {
            return Some(None);
        }
        let end = end_of_string(&self.0[1..], &mut false)?;
        let (string, rest) = self.0.split_at(end + 2);
        self.0 = rest;
        Some(serde_json::from_slice(string).ok())
    }
}

#[cfg(test)]
mod tests;
