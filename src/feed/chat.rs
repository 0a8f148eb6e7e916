/*!
What the exports of chats share: a message is a record, and what is no message of a person is passed over and counted.
*/

use std::sync::Arc;

use crate::posting::{Field, Posting};

use super::jsonl::RawLine;
use super::record::{Context, Record};
use super::reject::Fault;

/// Entries of a chat that are no postings and no rejects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// What the app itself wrote: somebody joined, the group has a new name.
    pub service: u64,
    /// Messages without text: pictures, voice, stickers.
    pub empty: u64,
}

/// Why an entry is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Service,
    Empty,
}

impl PassedOver {
    pub(super) fn count(&mut self, pass: Pass) {
        match pass {
            Pass::Service => self.service += 1,
            Pass::Empty => self.empty += 1,
        }
    }
}

/// A message as the export holds it, still to be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMessage {
    /// The message; its number counts the messages of the file that are not passed over.
    pub line: RawLine,
    /// The name of the chat.
    pub chat: Arc<str>,
}

impl RawMessage {
    /// A posting of a message's text, without what each export calls differently.
    pub(super) fn posting(&self, id: &str, text: String, posted_at: &str) -> Posting {
        let mut posting = Posting::from_text(format!("{}/{id}", self.chat), text);
        posting.set(Field::Source, &*self.chat);
        posting.set(Field::PostedAt, posted_at);
        posting
    }

    /// The record of what came of the message.
    pub(super) fn record(self, result: Result<Posting, Fault>, context: &Context) -> Record {
        let RawLine { number, offset, bytes } = self.line;
        match result {
            Ok(posting) => Record::Posting(Box::new(posting)),
            Err(fault) => {
                let length = bytes.len() as u64;
                Record::Reject(fault.reject(&context.file, number, offset, bytes, length))
            }
        }
    }
}
