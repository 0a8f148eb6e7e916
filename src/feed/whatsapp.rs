/*!
Exports of WhatsApp: `_chat.txt` of iOS, `WhatsApp Chat with NAME.txt` of Android.

A message begins with a line that has a date, a time and a sender; lines without them belong to the message before. How
date and time are written follows the phone's language, so they are told by their form and not by a list of notations.
[`WhatsAppReader`] holds one message, and of the line after it no more than its start.
*/

use std::io::{self, BufRead};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::posting::Posting;

use super::bounded::Bounded;
use super::chat::{Pass, PassedOver, RawMessage};
use super::jsonl::RawLine;
use super::record::{Context, Place, RawRecord, Record};
use super::reject::Fault;
use super::walk::Walker;

/// Bytes of a line that tell whether a message begins with it.
const START: usize = 512;

/// Characters of a sender's name.
const SENDER: usize = 100;

/// Characters of a line that the app wrote.
const SERVICE: usize = 250;

/// Cuts an export into messages.
pub struct WhatsAppReader<R> {
    walker: Walker<R>,
    context: Context,
    number: u64,
    /// The start of the line that ended the message before.
    next: Vec<u8>,
    chat: Arc<str>,
    at_first: bool,
    passed_over: PassedOver,
}

impl<R: BufRead> WhatsAppReader<R> {
    /// Reads an export from a stream of which `offset` bytes were read before.
    pub fn new(reader: R, context: Context, offset: u64) -> WhatsAppReader<R> {
        let chat = Arc::from(chat(&context.file));
        let (walker, passed_over) = (Walker::new(reader, offset), PassedOver::default());
        WhatsAppReader { walker, context, number: 0, next: Vec::new(), chat, at_first: true, passed_over }
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
            let offset = self.walker.offset - self.next.len() as u64;
            let mut record = Bounded::new(self.context.limits.record_bytes);
            let begun = std::mem::take(&mut self.next);
            record.push(&begun);
            self.rest_of_line(&begun, &mut record)?;
            loop {
                let start = self.start_of_line()?;
                if start.is_empty() || Header::of(&String::from_utf8_lossy(&start)).is_some() {
                    self.next = start;
                    break;
                }
                record.push(&start);
                self.rest_of_line(&start, &mut record)?;
            }
            if record.length() == 0 || record.bytes().trim_ascii().is_empty() && !record.is_too_long() {
                if self.next.is_empty() {
                    return Ok(None);
                }
                continue;
            }
            let is_first = std::mem::take(&mut self.at_first);
            if !record.is_too_long()
                && let Some(pass) = passed_over(record.bytes(), is_first)
            {
                self.passed_over.count(pass);
                continue;
            }
            self.number += 1;
            let (number, length) = (self.number, record.length());
            return Ok(Some(match record.finish() {
                Ok(bytes) => {
                    RawRecord::WhatsApp(RawMessage { line: RawLine { number, offset, bytes }, chat: self.chat.clone() })
                }
                Err((fault, start)) => Place { number, offset, length }.parsed(Err(fault), &self.context, start),
            }));
        }
    }

    /// The start of the next line, with its line feed where it is that short; empty at the end of the stream.
    fn start_of_line(&mut self) -> io::Result<Vec<u8>> {
        let mut start = Vec::new();
        self.walker.take(|chunk| {
            let room = START - start.len();
            let piece = &chunk[..room.min(chunk.len())];
            let piece = memchr::memchr(b'\n', piece).map_or(piece, |feed| &piece[..=feed]);
            start.extend_from_slice(piece);
            (piece.len(), start.len() == START || start.ends_with(b"\n"))
        })?;
        Ok(start)
    }

    fn rest_of_line(&mut self, start: &[u8], record: &mut Bounded) -> io::Result<()> {
        if start.is_empty() || start.ends_with(b"\n") {
            return Ok(());
        }
        self.walker.take(|chunk| {
            let feed = memchr::memchr(b'\n', chunk);
            let piece = &chunk[..feed.map_or(chunk.len(), |feed| feed + 1)];
            record.push(piece);
            (piece.len(), feed.is_some())
        })?;
        Ok(())
    }
}

/// The name of the chat, as far as the name of the file tells it.
fn chat(file: &str) -> String {
    let path = Path::new(file);
    let stem = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut name = stem(path).unwrap_or_else(|| file.to_owned());
    for extension in [".bz2", ".gz", ".xz", ".zst", ".txt"] {
        name.truncate(name.strip_suffix(extension).map_or(name.len(), str::len));
    }
    // The archive of an iPhone has a `_chat.txt` in every chat's folder.
    if name == "_chat" {
        name = path.parent().and_then(stem).unwrap_or(name);
    }
    for prefix in ["WhatsApp Chat with ", "WhatsApp Chat - "] {
        if let Some(rest) = name.strip_prefix(prefix) {
            return rest.to_owned();
        }
    }
    name
}

/// The line that a message begins with.
#[derive(Debug, PartialEq, Eq)]
struct Header<'a> {
    /// Date and time, as they are written.
    stamp: &'a str,
    /// What comes after them: sender and text, or what the app has to say.
    rest: &'a str,
}

impl<'a> Header<'a> {
    fn of(line: &'a str) -> Option<Header<'a>> {
        let line = line.trim_start_matches(is_mark);
        let (line, bracketed) = match line.strip_prefix('[') {
            Some(line) => (line, true),
            None => (line, false),
        };
        let mut scan = Scan(line);
        let separator = {
            scan.digits(1..=4)?;
            let separator = scan.one_of(&['/', '.', '-'])?;
            scan.space();
            scan.digits(1..=2)?;
            separator
        };
        scan.one_of(&[separator])?;
        scan.space();
        scan.digits(1..=4)?;
        scan.one_of(&['.']);
        let comma = scan.one_of(&[',', '،']).is_some();
        if !scan.space() && !comma {
            return None;
        }
        // 上午9:15 and 午後9:15 have the half of the day before the hour.
        scan.letters(4);
        scan.space();
        scan.digits(1..=2)?;
        let colon = scan.one_of(&[':', '.'])?;
        scan.digits(2..=2)?;
        if scan.one_of(&[colon]).is_some() {
            scan.digits(2..=2)?;
        }
        let mut half = Scan(scan.0);
        half.space();
        half.letters(8);
        half.space();
        half.letters(8);
        let end = |scan: &Scan<'a>| match bracketed {
            true => scan.0.strip_prefix(']').map(|rest| rest.strip_prefix(' ').unwrap_or(rest)),
            false => scan.0.strip_prefix(" - ").or_else(|| scan.0.strip_prefix("- ")),
        };
        let (rest, after) = match end(&scan) {
            Some(rest) => (rest, scan.0),
            None => (end(&half)?, half.0),
        };
        Some(Header { stamp: line[..line.len() - after.len()].trim_end(), rest })
    }

    /// Sender and text; none for what the app has to say.
    fn message(&self) -> Option<(&'a str, &'a str)> {
        let line = self.rest.lines().next().unwrap_or_default();
        let colon = line.find(": ").or_else(|| line.strip_suffix(':').map(str::len))?;
        let sender = line[..colon].trim_matches(|c: char| is_mark(c) || c == '~' || c.is_whitespace());
        // A group's new name is quoted in what the app says of it, and may have a colon inside.
        let is_name = !sender.is_empty() && sender.chars().count() <= SENDER && !sender.contains(['"', '“', '”', '«']);
        let text = &self.rest[colon + 1..];
        is_name.then(|| (sender, text.strip_prefix(' ').unwrap_or(text)))
    }
}

/// Marks of direction, which the app puts before what it writes itself, and of byte order.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn digits(&mut self, allowed: std::ops::RangeInclusive<usize>) -> Option<()> {
        let count = self.0.chars().take_while(|c| c.is_numeric()).count();
        let end = self.0.char_indices().nth(count).map_or(self.0.len(), |(at, _)| at);
        self.0 = &self.0[end..];
        allowed.contains(&count).then_some(())
    }

    fn one_of(&mut self, wanted: &[char]) -> Option<char> {
        let first = self.0.trim_start_matches(is_mark).chars().next().filter(|c| wanted.contains(c))?;
        self.0 = &self.0.trim_start_matches(is_mark)[first.len_utf8()..];
        Some(first)
    }

    /// White space of any kind, and marks; false when there is none.
    fn space(&mut self) -> bool {
        let rest = self.0.trim_start_matches(|c: char| is_mark(c) || c.is_whitespace() && c != '\n');
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found
    }

    fn letters(&mut self, most: usize) {
        let letters = self.0.chars().take_while(|c| c.is_alphabetic() || *c == '.').take(most);
        let bytes = letters.map(char::len_utf8).sum();
        self.0 = &self.0[bytes..];
    }
}

/// Why a message is passed over. What has no header is not: parsing it will tell what is wrong.
fn passed_over(message: &[u8], is_first: bool) -> Option<Pass> {
    let message = std::str::from_utf8(message).ok()?;
    let header = Header::of(message)?;
    let Some((_, text)) = header.message() else {
        return (is_first || is_service(header.rest)).then_some(Pass::Service);
    };
    let text = text.trim();
    match text.strip_prefix('\u{200e}') {
        // The first is the notice of encryption, which iOS puts under the name of the chat.
        Some(_) if is_first => Some(Pass::Service),
        marked => is_placeholder(marked.unwrap_or(text), marked.is_some()).then_some(Pass::Empty),
    }
}

/// Whether a line without a sender is the app's own. Strictly, because a person may write what looks like the start of
/// such a line into a message, and what comes after it would not be scored.
fn is_service(text: &str) -> bool {
    let text = text.trim();
    text.chars().count() <= SERVICE && !text.contains(['\n', '@']) && !text.contains("//")
}

/// Whether a text stands for a picture, a voice message or the like. Told by its form, because every language of the app
/// has its own words; and strictly, because what hides behind that form is not scored.
fn is_placeholder(text: &str, marked: bool) -> bool {
    if text.is_empty() || text == "null" {
        return true;
    }
    if text.contains(['\n', '@']) || text.contains("//") {
        return false;
    }
    let is_file = |name: &str| {
        let name = name.trim_start_matches(is_mark).trim();
        !name.contains(' ') && name.rsplit_once('.').is_some_and(|(_, end)| (2..=4).contains(&end.len()))
    };
    // IMG-20260512-WA0001.jpg (file attached)
    if let Some((name, note)) = text.split_once(" (")
        && note.ends_with(')')
        && name.contains("-WA")
    {
        return is_file(name);
    }
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    // <attached: 00000012-PHOTO-2026-05-12-09-15-02.jpg>
    if let Some((_, name)) = inner.and_then(|inner| inner.split_once(": ")) {
        return is_file(name);
    }
    let words = inner.unwrap_or(text);
    // <Media omitted>, and of iOS: image omitted
    (inner.is_some() || marked)
        && words.chars().count() <= 40
        && words.chars().all(|c| !c.is_numeric() && !matches!(c, ':' | '/' | '+'))
}

/// The record of a message.
pub(super) fn parse(message: RawMessage, context: &Context) -> Record {
    let result = posting(&message);
    message.record(result, context)
}

fn posting(message: &RawMessage) -> Result<Posting, Fault> {
    let line = &message.line;
    let entry = std::str::from_utf8(&line.bytes).map_err(|e| Fault::not_utf8(None, e))?;
    let no_message = || Fault::new("lines before the first message: none begins with a date, a time and a sender");
    let header = Header::of(entry).ok_or_else(no_message)?;
    let (sender, text) = header.message().map_or((None, header.rest), |(sender, text)| (Some(sender), text));
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let mut posting = message.posting(&line.number.to_string(), text.to_owned(), header.stamp);
    if let Some(sender) = sender {
        posting.extra.insert("from".to_owned(), Value::from(sender));
    }
    Ok(posting)
}

/// Whether a stream whose first line is a message's begins an export: with a sender, or with a second such line, since a
/// posting may well begin with a date.
pub(super) fn is_export(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines().skip_while(|line| line.trim().is_empty());
    let Some(first) = lines.next().and_then(Header::of) else { return false };
    first.message().is_some() || lines.any(|line| Header::of(line).is_some())
}

/// Whether a line may be the first of an export.
pub(super) fn may_begin(line: &[u8]) -> bool {
    Header::of(&String::from_utf8_lossy(&line[..line.len().min(START)])).is_some()
}

#[cfg(test)]
mod tests;
