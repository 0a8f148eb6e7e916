/*!
Records that could not be used.

A feed of millions of postings always has a few broken records. They are set aside with all that is needed to find and
mend them, and never stop the run.
*/

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::redact;

/// Bytes of the raw record that a reject keeps.
pub const RAW_KEPT: usize = 64 * 1024;

/// Characters of the name of the field at fault; the longest that are known have so many parts.
const FIELD_KEPT: usize = 60;

/// Characters of a reason: an excerpt of hostile input must not make the reason as long as the record.
const REASON_KEPT: usize = 600;

/// A record that could not be used, and why.
///
/// Serialised as one JSON object with the keys `file, record, offset, field, reason, raw` (`raw` in base64), and
/// `raw_truncated` only where the raw bytes were cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The file as it was named; `-` for stdin.
    pub file: Arc<str>,
    /// The record's number in the file, from 1, counting rejects too.
    pub record: u64,
    /// Where the record starts, in bytes of the decoded (decompressed) stream.
    pub offset: u64,
    /// The field at fault, by the name that the feed uses.
    pub field: Option<String>,
    /// What is wrong, with value and limit where there is one.
    pub reason: String,
    /// The record as it stood in the stream, at most [`RAW_KEPT`] bytes.
    pub raw: Vec<u8>,
    /// True when the record was longer than `raw`.
    pub raw_truncated: bool,
}

/// What is wrong with a record, before anything knows where the record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: Option<String>,
    pub(super) reason: String,
}

impl Fault {
    pub(super) fn new(reason: impl Into<String>) -> Fault {
        Fault { field: None, reason: reason.into() }
    }

    pub(super) fn of(field: &str, reason: impl Into<String>) -> Fault {
        Fault { field: Some(redact::told(field, FIELD_KEPT)), reason: reason.into() }
    }

    pub(super) fn too_long(length: u64, limit: usize) -> Fault {
        Fault::new(format!(
            "the record has {length} bytes; the limit is {limit} bytes a record (raise it with --max-record-bytes)"
        ))
    }

    pub(super) fn not_utf8(field: Option<&str>, error: std::str::Utf8Error) -> Fault {
        let at = error.valid_up_to();
        match field {
            Some(field) => Fault::of(field, format!("not valid UTF-8 at byte {at} of the cell")),
            None => Fault::new(format!("not valid UTF-8 at byte {at} of the record")),
        }
    }

    /// The reject of this fault. `raw` may be the start of a record of `length` bytes, or all of it.
    pub(super) fn reject(self, file: &Arc<str>, record: u64, offset: u64, mut raw: Vec<u8>, length: u64) -> Reject {
        let raw_truncated = length > RAW_KEPT as u64 || (raw.len() as u64) < length;
        raw.truncate(RAW_KEPT);
        raw.shrink_to_fit();
        let reason = clip(&self.reason, REASON_KEPT).into_owned();
        Reject { file: file.clone(), record, offset, field: self.field, reason, raw, raw_truncated }
    }
}

/// At most `max` characters of a text that came from outside, for use in a message.
pub(super) fn clip(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

impl Serialize for Reject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6 + usize::from(self.raw_truncated)))?;
        map.serialize_entry("file", &*self.file)?;
        map.serialize_entry("record", &self.record)?;
        map.serialize_entry("offset", &self.offset)?;
        map.serialize_entry("field", &self.field)?;
        map.serialize_entry("reason", &self.reason)?;
        map.serialize_entry("raw", &STANDARD.encode(&self.raw))?;
        if self.raw_truncated {
            map.serialize_entry("raw_truncated", &true)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_with_the_keys_in_order() {
        let reject =
            Fault::of("description", "an object").reject(&"feeds/a.jsonl".into(), 3, 120, b"{\xff".to_vec(), 2);
        assert_eq!(
            serde_json::to_string(&reject).unwrap(),
            r#"{"file":"feeds/a.jsonl","record":3,"offset":120,"field":"description","reason":"an object","raw":"e/8="}"#
        );
    }

    #[test]
    fn the_raw_record_is_cut_and_says_so() {
        let raw = vec![b'x'; RAW_KEPT + 1];
        let reject = Fault::new("too long").reject(&"-".into(), 1, 0, raw, RAW_KEPT as u64 + 1);
        assert_eq!((reject.raw.len(), reject.raw_truncated), (RAW_KEPT, true));
        assert!(serde_json::to_string(&reject).unwrap().ends_with(r#","raw_truncated":true}"#));
        let whole = Fault::new("x").reject(&"-".into(), 1, 0, vec![b'x'; RAW_KEPT], RAW_KEPT as u64);
        assert!(!whole.raw_truncated);
    }

    #[test]
    fn reasons_are_cut_at_a_character() {
        assert_eq!(clip("ééé", 3), "ééé");
        assert_eq!(clip("éééé", 3), "ééé…");
        let reject = Fault::new("é".repeat(100_000)).reject(&"-".into(), 1, 0, Vec::new(), 0);
        assert_eq!(reject.reason.chars().count(), REASON_KEPT + 1);
    }
}
