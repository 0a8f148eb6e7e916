/*!
What every reader gives, whatever the format.

Finding where a record ends needs the stream and is cheap; making a posting of it needs nothing else and is not. So
readers hand out [`RawRecord`]s, and [`RawRecord::parse`] can run in any thread.
*/

use std::path::Path;
use std::sync::Arc;

use crate::posting::Posting;

use super::board::{self, RawJob};
use super::chat::RawMessage;
use super::jsonl::{self, RawLine};
use super::reject::{Fault, Reject};
use super::xml::{self, RawElement};
use super::{FeedOptions, telegram, whatsapp};

/// Bounds on one record, which bound the memory of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one record in the decoded stream; a longer one is a reject. 16 MiB unless told.
    pub record_bytes: usize,
    /// JSON values, or elements and attributes of XML, in one record; columns of a table. 100,000 unless told.
    pub values: usize,
    /// How many times larger than it was a compressed stream may become, beyond its first 64 MiB. 1,000 unless told.
    pub decompression_ratio: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { record_bytes: 16 << 20, values: 100_000, decompression_ratio: 1000 }
    }
}

/// What a record needs to know of its file.
#[derive(Clone, Debug)]
pub struct Context {
    /// The file as it was named; `-` for stdin. Rejects carry it.
    pub file: Arc<str>,
    /// The bounds on one record.
    pub limits: Limits,
    /// Whether a label that is none makes a reject; see [`FeedOptions::labels`].
    pub(super) labels: bool,
    stem: Arc<str>,
}

impl Context {
    /// The context of a file of this name; `-` is stdin.
    pub fn new(file: &str, limits: Limits) -> Context {
        let stem = match Path::new(file).file_name() {
            Some(name) => Arc::from(&*name.to_string_lossy()),
            None => Arc::from(file),
        };
        Context { file: Arc::from(file), limits, labels: false, stem }
    }

    /// The context of a file that is read with these options.
    pub(super) fn of(file: &str, options: &FeedOptions) -> Context {
        Context { labels: options.labels, ..Context::new(file, options.limits) }
    }

    /// The last component of the file's name.
    pub(super) fn file_name(&self) -> &Arc<str> {
        &self.stem
    }

    /// The id of a record that has none: `<file name>#<number>`.
    pub fn default_id(&self, number: u64) -> String {
        format!("{}#{number}", self.stem)
    }
}

/// A record of a feed: a posting, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A posting with text in it.
    Posting(Box<Posting>),
    /// A record that could not be used.
    Reject(Reject),
}

/// A record as the stream holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum RawRecord {
    /// A job of a board that is still to be parsed.
    Job(RawJob),
    /// A line that is still to be parsed.
    Jsonl(RawLine),
    /// A message of Telegram that is still to be parsed.
    Telegram(RawMessage),
    /// A message of WhatsApp that is still to be parsed.
    WhatsApp(RawMessage),
    /// A record that its reader has parsed already.
    Parsed {
        /// The record's number in the file, from 1.
        number: u64,
        /// Where it starts, in bytes of the decoded stream.
        offset: u64,
        /// Its bytes in the decoded stream.
        length: u64,
        /// The record.
        record: Record,
    },
    /// An element that is still to be parsed.
    Xml(RawElement),
}

impl RawRecord {
    /// The record's number in the file, from 1, counting rejects too.
    pub fn number(&self) -> u64 {
        match self {
            RawRecord::Job(RawJob { line, .. }) | RawRecord::Jsonl(line) => line.number,
            RawRecord::Telegram(message) | RawRecord::WhatsApp(message) => message.line.number,
            RawRecord::Parsed { number, .. } => *number,
            RawRecord::Xml(element) => element.number,
        }
    }

    /// Where the record starts, in bytes of the decoded stream.
    pub fn offset(&self) -> u64 {
        match self {
            RawRecord::Job(RawJob { line, .. }) | RawRecord::Jsonl(line) => line.offset,
            RawRecord::Telegram(message) | RawRecord::WhatsApp(message) => message.line.offset,
            RawRecord::Parsed { offset, .. } => *offset,
            RawRecord::Xml(element) => element.offset,
        }
    }

    /// The record's bytes in the decoded stream, without what ends it.
    pub fn length(&self) -> u64 {
        match self {
            RawRecord::Job(RawJob { line, .. }) | RawRecord::Jsonl(line) => line.bytes.len() as u64,
            RawRecord::Telegram(message) | RawRecord::WhatsApp(message) => message.line.bytes.len() as u64,
            RawRecord::Parsed { length, .. } => *length,
            RawRecord::Xml(element) => element.bytes.len() as u64,
        }
    }

    /// A reject that stands for a whole file.
    pub fn rejected(reject: Reject) -> RawRecord {
        let (number, offset) = (reject.record, reject.offset);
        RawRecord::Parsed { number, offset, length: 0, record: Record::Reject(reject) }
    }

    /// The record itself. Never fails: what cannot be parsed is a reject.
    pub fn parse(self, context: &Context) -> Record {
        match self {
            RawRecord::Job(job) => board::parse(job, context),
            RawRecord::Jsonl(line) => jsonl::parse(line, context),
            RawRecord::Telegram(message) => telegram::parse(message, context),
            RawRecord::WhatsApp(message) => whatsapp::parse(message, context),
            RawRecord::Parsed { record, .. } => record,
            RawRecord::Xml(element) => xml::parse(element, context),
        }
    }
}

/// Where a record of a reader lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
}

impl Place {
    pub(super) fn parsed(self, result: Result<Posting, Fault>, context: &Context, raw: Vec<u8>) -> RawRecord {
        let record = match result {
            Ok(posting) => Record::Posting(Box::new(posting)),
            Err(fault) => Record::Reject(fault.reject(&context.file, self.number, self.offset, raw, self.length)),
        };
        RawRecord::Parsed { number: self.number, offset: self.offset, length: self.length, record }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_the_last_component() {
        let id = |file| Context::new(file, Limits::default()).default_id(3);
        assert_eq!(id("feeds/a.csv.gz"), "a.csv.gz#3");
        assert_eq!(id("a.jsonl"), "a.jsonl#3");
        assert_eq!(id("-"), "-#3");
        assert_eq!(id(".."), "..#3");
    }
}
