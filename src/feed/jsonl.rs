/*!
JSON, one object a line.

[`Splitter`] finds the lines and holds at most one of them; [`parse`] makes a record of a line and needs no stream, so
that it can run in any thread.
*/

use std::cell::LazyCell;
use std::io::{self, BufRead};

use serde_json::{Map, Value};

use crate::posting::Posting;

use super::alias::{self, Target};
use super::assemble::Assembler;
use super::bounded::Bounded;
use super::json;
use super::jsonld;
use super::record::{Context, Place, RawRecord, Record};
use super::reject::Fault;

/// The UTF-8 byte order mark.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// A line that is not blank, without its line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawLine {
    /// The record's number in the file, from 1.
    pub number: u64,
    /// Where the line starts, in bytes of the decoded stream.
    pub offset: u64,
    /// The line.
    pub bytes: Vec<u8>,
}

/// Cuts a stream into lines.
pub struct Splitter<R> {
    reader: R,
    context: Context,
    number: u64,
    offset: u64,
}

impl<R: BufRead> Splitter<R> {
    /// Reads lines from a stream of which `offset` bytes were read before.
    pub fn new(reader: R, context: Context, offset: u64) -> Splitter<R> {
        Splitter { reader, context, number: 0, offset }
    }

    /// How far the stream was read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next line that is not blank; none at the end. A line over the limit comes as a reject, and was never held in
    /// memory as a whole.
    pub fn next_raw(&mut self) -> io::Result<Option<RawRecord>> {
        loop {
            let offset = self.offset;
            let mut line = Bounded::new(self.context.limits.record_bytes);
            let mut ended = false;
            while !ended {
                let chunk = match self.reader.fill_buf() {
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    chunk => chunk?,
                };
                if chunk.is_empty() {
                    break;
                }
                let feed = memchr::memchr(b'\n', chunk);
                let piece = &chunk[..feed.unwrap_or(chunk.len())];
                line.push(piece);
                ended = feed.is_some();
                let used = piece.len() + usize::from(ended);
                self.offset += used as u64;
                self.reader.consume(used);
            }
            let length = line.length();
            if !ended && length == 0 {
                return Ok(None);
            }
            if !line.is_too_long() && without_bom(line.bytes()).trim_ascii().is_empty() {
                continue;
            }
            self.number += 1;
            let number = self.number;
            return Ok(Some(match line.finish() {
                Ok(bytes) => RawRecord::Jsonl(RawLine { number, offset, bytes }),
                Err((fault, start)) => Place { number, offset, length }.parsed(Err(fault), &self.context, start),
            }));
        }
    }
}

/// The record of a line.
pub fn parse(line: RawLine, context: &Context) -> Record {
    match posting(&line, context) {
        Ok(posting) => Record::Posting(Box::new(posting)),
        Err(fault) => {
            let length = line.bytes.len() as u64;
            Record::Reject(fault.reject(&context.file, line.number, line.offset, line.bytes, length))
        }
    }
}

fn posting(line: &RawLine, context: &Context) -> Result<Posting, Fault> {
    // Only what is not UTF-8 is looked at again, to say where.
    let text = match simdutf8::basic::from_utf8(&line.bytes) {
        Ok(text) => text,
        Err(_) => std::str::from_utf8(&line.bytes).map_err(|e| Fault::not_utf8(None, e))?,
    };
    // Files that begin with a byte order mark get concatenated, so it can stand before any line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut object = json::object(text, context.limits.values).map_err(|e| Fault::new(e.to_string()))?;
    let raw_members = LazyCell::new(|| json::raw_members(text));
    for (name, value) in &mut object {
        // A float has 16 digits at most; an id keeps those that it was written with.
        if value.is_f64()
            && alias::resolve(name) == Some(Target::Id)
            && let Some(raw) = raw_members.get(name)
        {
            *value = Value::String(raw.get().to_owned());
        }
    }
    assembled(jsonld::posting(object)?, context, line.number)
}

/// The posting of an object's members, in the record of this number.
pub(super) fn assembled(mut object: Map<String, Value>, context: &Context, number: u64) -> Result<Posting, Fault> {
    let mut assembler = Assembler::new(context);
    if let Some(dialect) = alias::dialect(|name| object.contains_key(name)) {
        for (name, target) in dialect.names {
            let value = match name.split_once('.') {
                // The object stays in `extra` as it is.
                Some((outer, inner)) => inner
                    .split('.')
                    .try_fold(object.get(outer), |value, name| Some(value?.get(name)))
                    .flatten()
                    .cloned(),
                None => object.shift_remove(*name),
            };
            if let Some(value) = value {
                assembler.put((*name).to_owned(), Some(*target), value)?;
            }
        }
    }
    for (name, value) in object {
        let target = alias::resolve(&name);
        assembler.put(name, target, value)?;
    }
    assembler.finish(|| context.default_id(number))
}

fn without_bom(line: &[u8]) -> &[u8] {
    line.strip_prefix(BOM).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::record::Limits;
    use crate::feed::reject::{RAW_KEPT, Reject};
    use crate::feed::tests::{Dribble, Endless};
    use crate::posting::Field;
    use std::io::BufReader;

    fn records(bytes: &[u8], limits: Limits) -> Vec<Record> {
        let context = Context::new("f.jsonl", limits);
        let mut splitter = Splitter::new(bytes, context.clone(), 0);
        std::iter::from_fn(|| splitter.next_raw().unwrap()).map(|raw| raw.parse(&context)).collect()
    }

    fn one(bytes: &[u8]) -> Record {
        let mut records = records(bytes, Limits::default());
        assert_eq!(records.len(), 1);
        records.remove(0)
    }

    fn posting(bytes: &[u8]) -> Posting {
        match one(bytes) {
            Record::Posting(posting) => *posting,
            Record::Reject(reject) => panic!("{reject:?}"),
        }
    }

    fn reject(bytes: &[u8]) -> Reject {
        match one(bytes) {
            Record::Posting(posting) => panic!("{posting:?}"),
            Record::Reject(reject) => reject,
        }
    }

    #[test]
    fn lines_blank_lines_and_line_ends() {
        let text =
            b"\xef\xbb\xbf{\"text\":\"a\"}\r\n\n \t\r\n{\"text\":\"b\"}\n\xef\xbb\xbf{\"id\":\"x\",\"text\":\"c\"}";
        let ids: Vec<_> = records(text, Limits::default())
            .into_iter()
            .map(|record| match record {
                Record::Posting(posting) => (posting.id.clone(), posting.get(Field::Description).to_owned()),
                Record::Reject(reject) => panic!("{reject:?}"),
            })
            .collect();
        let expected = [("f.jsonl#1", "a"), ("f.jsonl#2", "b"), ("x", "c")];
        assert_eq!(ids, expected.map(|(id, text)| (id.to_owned(), text.to_owned())));
        assert!(records(b"", Limits::default()).is_empty());
        assert!(records(b"\xef\xbb\xbf\n\n", Limits::default()).is_empty());
    }

    #[test]
    fn broken_records_are_set_aside_with_place_and_cause() {
        let text =
            b"{\"text\":\"a\"}\n{\"text\":\"b\n[1]\n{\"text\":\"caf\xe9\"}\n{\"text\":\"a\0b\"}\n{\"text\":\"e\"}\n";
        let records = records(text, Limits::default());
        let rejects: Vec<_> = records
            .iter()
            .filter_map(|record| match record {
                Record::Reject(r) => Some((r.record, r.offset, r.reason.as_str(), r.raw.as_slice())),
                Record::Posting(_) => None,
            })
            .collect();
        assert_eq!(records.len(), 6);
        assert_eq!(rejects.len(), 4);
        assert!(rejects[0].2.starts_with("EOF while parsing a string"), "{}", rejects[0].2);
        assert_eq!((rejects[0].0, rejects[0].1, rejects[0].3), (2, 13, &b"{\"text\":\"b"[..]));
        assert!(rejects[1].2.contains("expected a JSON object"));
        assert_eq!(rejects[2].2, "not valid UTF-8 at byte 12 of the record");
        assert!(rejects[3].2.contains("control character"));
        for (_, offset, _, raw) in rejects {
            assert_eq!(&text[offset as usize..][..raw.len()], raw);
        }
    }

    #[test]
    fn hostile_strings_and_depths_make_short_reasons() {
        let long = format!("\"{}\"", "x".repeat(100_000));
        assert!(reject(long.as_bytes()).reason.len() < 1000);
        let deep = format!("{{\"text\":{}", "[".repeat(100_000));
        assert!(reject(deep.as_bytes()).reason.contains("recursion limit"));
        let many = format!("{{\"text\":\"a\",\"b\":[{}0]}}", "0,".repeat(100_000));
        assert!(reject(many.as_bytes()).reason.starts_with("more than 100000 values"));
    }

    #[test]
    fn escapes() {
        assert_eq!(posting(br#"{"text":"a\u0000b"}"#).get(Field::Description), "a\0b");
        assert_eq!(posting(br#"{"text":"a\ud83d"}"#).get(Field::Description), "a\u{fffd}");
        assert_eq!(posting(br#"{"text":"\ud83d\ude00"}"#).get(Field::Description), "\u{1f600}");
        assert_eq!(posting(br#"{"text":"a","text":"b"}"#).get(Field::Description), "b");
    }

    #[test]
    fn ids_keep_their_digits() {
        for id in ["7", "-7", "18446744073709551615", "123456789012345678901234567890", "1.50", "1e3"] {
            assert_eq!(posting(format!("{{\"id\": {id}, \"text\":\"a\"}}").as_bytes()).id, id);
        }
    }

    #[test]
    fn a_line_over_the_limit_is_read_over() {
        let limits = Limits { record_bytes: 20, ..Limits::default() };
        let text = b"{\"text\":\"01234567890\"}\n{\"text\":\"012345678\"}\r\n{\"text\":\"0123456789\"}\n\n";
        let records = records(text, limits);
        assert_eq!(records.len(), 3);
        let Record::Reject(reject) = &records[0] else { panic!("{records:?}") };
        assert_eq!(
            reject.reason,
            "the record has 22 bytes; the limit is 20 bytes a record (raise it with --max-record-bytes)"
        );
        assert_eq!((reject.raw.as_slice(), reject.raw_truncated), (&text[..22], false));
        assert!(matches!(records[1], Record::Reject(_)), "a carriage return counts");
        assert!(matches!(records[2], Record::Reject(_)));
    }

    #[test]
    fn a_line_of_100_megabytes_is_not_held() {
        let stream = Endless::new(b"{\"text\":\"", b'x', 100 << 20, b"\"}\n{\"text\":\"next\"}\n");
        let context = Context::new("-", Limits { record_bytes: 1 << 20, ..Limits::default() });
        let mut splitter = Splitter::new(BufReader::with_capacity(64 * 1024, stream), context.clone(), 0);
        let RawRecord::Parsed { record: Record::Reject(reject), length, .. } = splitter.next_raw().unwrap().unwrap()
        else {
            panic!("the line is over the limit")
        };
        assert_eq!((length, reject.raw.len(), reject.raw_truncated), ((100 << 20) + 11, RAW_KEPT, true));
        assert!(reject.raw.capacity() < 2 * RAW_KEPT);
        let next = splitter.next_raw().unwrap().unwrap();
        assert_eq!((next.number(), next.offset()), (2, (100 << 20) + 12));
        assert!(matches!(next.parse(&context), Record::Posting(_)));
    }

    #[test]
    fn boards_that_nest_what_they_say_are_read() {
        let p = posting(
            br#"{"id":"7","name":"Cook","refNumber":"R","company":{"identifier":"A","name":"Acme"},"releasedDate":"2026-09-14T08:30:00.000Z","typeOfEmployment":{"id":"permanent","label":"Full-time"},"jobAd":{"sections":{"jobDescription":{"title":"Job","text":"Fry."},"qualifications":{"title":"You","text":"Taste."},"companyDescription":{"title":"We","text":"We cook."},"additionalInformation":{"title":"More","text":"Call."}}}}"#,
        );
        let get = |field| p.get(field);
        assert_eq!((p.id.as_str(), get(Field::Title), get(Field::Company)), ("7", "Cook", "Acme"));
        assert_eq!((get(Field::Description), get(Field::Requirements)), ("Fry.\nCall.", "Taste."));
        assert_eq!((get(Field::CompanyProfile), get(Field::EmploymentType)), ("We cook.", "Full-time"));
        let p = posting(
            br#"{"MatchedObjectId":"9","MatchedObjectDescriptor":{"PositionTitle":"Clerk","OrganizationName":"Office","PositionLocationDisplay":"Here","PositionRemuneration":[{"MinimumRange":"40000","MaximumRange":"50000","RateIntervalCode":"PA"}],"PositionSchedule":[{"Name":"Full-time"}],"QualificationSummary":"Reading.","UserArea":{"Details":{"JobSummary":"File.","MajorDuties":["Sort.","Count."],"HowToApply":"Write."}}}}"#,
        );
        let get = |field| p.get(field);
        assert_eq!((p.id.as_str(), get(Field::Title), get(Field::Company)), ("9", "Clerk", "Office"));
        assert_eq!((get(Field::Salary), get(Field::Location)), ("40000-50000 per year", "Here"));
        assert_eq!((get(Field::Description), get(Field::Contact)), ("File.\nSort.\nCount.", "Write."));
        assert_eq!((get(Field::Requirements), get(Field::EmploymentType)), ("Reading.", "Full-time"));
    }

    #[test]
    fn interruptions_are_no_errors() {
        let stream =
            BufReader::with_capacity(3, Dribble::new(b"{\"text\":\"a\"}\n".to_vec(), vec![1, 2]).interrupted());
        let mut splitter = Splitter::new(stream, Context::new("-", Limits::default()), 0);
        assert_eq!(splitter.next_raw().unwrap().unwrap().length(), 12);
        assert_eq!(splitter.next_raw().unwrap(), None);
    }
}
