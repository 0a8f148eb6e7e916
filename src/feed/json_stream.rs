/*!
JSON that is not one object a line: an array, objects over several lines or one after the other, and an object that
wraps the list of postings.

[`JsonReader`] follows strings and brackets only as far as needed to cut the next record out of the stream; what it cuts
is parsed by the parser of JSON lines, in any thread, so that a posting reads the same in every layout. It holds one
record at most, however long the list. A broken record costs itself: the reader goes on where the next one certainly
begins.
*/

use std::io::{self, BufRead};
use std::sync::Arc;

use super::board::{Employer, RawJob};
use super::bounded::Bounded;
use super::cutter::{Cutter, KEY_KEPT, Step, is_list, is_text};
use super::jsonl::{BOM, RawLine};
use super::record::{Context, Place, RawRecord};
use super::reject::Fault;
use super::walk::Walker;

/// What was opened around the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    List,
    Wrapper,
}

/// Cuts a stream into JSON objects.
pub struct JsonReader<R> {
    walker: Walker<R>,
    context: Context,
    number: u64,
    frames: Vec<Frame>,
    /// Whose the jobs of the list that is open are.
    employer: Option<Arc<Employer>>,
}

impl<R: BufRead> JsonReader<R> {
    /// Reads JSON from a stream of which `offset` bytes were read before.
    pub fn new(reader: R, context: Context, offset: u64) -> JsonReader<R> {
        JsonReader { walker: Walker::new(reader, offset), context, number: 0, frames: Vec::new(), employer: None }
    }

    /// How far the stream was read.
    pub fn offset(&self) -> u64 {
        self.walker.offset
    }

    /// The next record; none at the end.
    ///
    /// # Errors
    ///
    /// When the stream cannot be read.
    pub fn next_raw(&mut self) -> io::Result<Option<RawRecord>> {
        loop {
            self.walker.skip_while(|byte| byte.is_ascii_whitespace() || byte == b',' || byte == b'\x1e')?;
            let Some(byte) = self.walker.peek()? else { return Ok(self.end()) };
            let cut = match (self.frames.last().copied(), byte) {
                (None, b'[') => {
                    self.enter(&[Frame::List]);
                    None
                }
                (Some(Frame::List), b']') | (Some(Frame::Wrapper), b'}') => {
                    self.walker.bump();
                    self.frames.pop();
                    self.employer = None;
                    None
                }
                (None | Some(Frame::List), b'{' | b'[') => self.value(self.frames.len() < 4)?,
                (Some(Frame::Wrapper), b'"') => self.member()?,
                _ => self.junk()?,
            };
            if cut.is_some() {
                return Ok(cut);
            }
        }
    }

    /// What stands at the end of the stream: a list that is not closed is told, because postings may be missing.
    fn end(&mut self) -> Option<RawRecord> {
        if self.frames.is_empty() {
            return None;
        }
        self.frames.clear();
        self.number += 1;
        let place = Place { number: self.number, offset: self.offset(), length: 0 };
        let fault = Fault::new("the stream ends before the list of postings is closed; is the file complete?");
        Some(place.parsed(Err(fault), &self.context, Vec::new()))
    }

    /// One object or array; none when it turned out to be what wraps the postings.
    fn value(&mut self, may_wrap: bool) -> io::Result<Option<RawRecord>> {
        let offset = self.offset();
        let mut cutter = Cutter::new(may_wrap, self.frames.is_empty());
        let mut record = Bounded::new(self.context.limits.record_bytes);
        let ended = self.walker.follow(|chunk| {
            let (used, step) = cutter.run(chunk);
            record.push(&chunk[..used]);
            (used, step)
        })?;
        match ended {
            Step::List { wrappers } => {
                self.frames.extend(std::iter::repeat_n(Frame::Wrapper, wrappers));
                self.frames.push(Frame::List);
                self.employer = match cutter.has_text() && wrappers == 1 {
                    true => Employer::before_jobs(record.bytes(), self.context.limits.values).map(Arc::new),
                    false => None,
                };
                let text = cutter.has_text() && self.employer.is_none();
                return Ok(self.unread(offset, text, cutter.unread_list()));
            }
            Step::EmptyList => return Ok(self.unread(offset, false, cutter.unread_list())),
            // The reject of the record that broke off tells of the end; a second one would count a record too many.
            Step::More => self.frames.clear(),
            Step::End => {}
        }
        let too_deep = cutter.too_deep();
        Ok(Some(self.record(offset, record, too_deep)))
    }

    /// A member of the object around the list: another list is entered, everything else is read over, and told where it
    /// may hold postings.
    fn member(&mut self) -> io::Result<Option<RawRecord>> {
        let offset = self.offset();
        let key = self.string()?;
        self.walker.skip_while(|byte| byte.is_ascii_whitespace() || byte == b':')?;
        match self.walker.peek()? {
            Some(b'[') if is_list(&key) => self.enter(&[Frame::List]),
            Some(byte @ (b'{' | b'[')) => {
                let mut cutter = if byte == b'[' { Cutter::beside(&key) } else { Cutter::new(false, false) };
                if self.walker.follow(|chunk| cutter.run(chunk))? == Step::More {
                    return Ok(self.end());
                }
                return Ok(self.unread(offset, false, cutter.unread_list()));
            }
            Some(b'"') => {
                self.string()?;
                return Ok(self.unread(offset, is_text(&key), None));
            }
            _ => self.walker.skip_while(|byte| !matches!(byte, b',' | b'}'))?,
        }
        Ok(None)
    }

    /// Reads over a string; gives its first bytes as they are written, without the quotes.
    fn string(&mut self) -> io::Result<Vec<u8>> {
        let mut start = Bounded::new(KEY_KEPT);
        self.walker.string(&mut start)?;
        Ok(start.bytes()[..start.bytes().len().min(KEY_KEPT)].to_vec())
    }

    /// What is no object: up to where a record may begin or the list may end.
    fn junk(&mut self) -> io::Result<Option<RawRecord>> {
        let offset = self.offset();
        let mut record = Bounded::new(self.context.limits.record_bytes);
        let (mut in_string, mut escaped, mut first) = (false, false, true);
        while let Some(byte) = self.walker.peek()? {
            let ends = matches!(byte, b'\n') || !in_string && matches!(byte, b',' | b']' | b'}' | b'{' | b'[');
            if ends && !first {
                break;
            }
            in_string ^= byte == b'"' && !escaped;
            escaped = in_string && byte == b'\\' && !escaped;
            first = false;
            record.push(&[byte]);
            self.walker.bump();
        }
        // Files that begin with a byte order mark get concatenated.
        if record.bytes() == BOM {
            return Ok(None);
        }
        Ok(Some(self.record(offset, record, None)))
    }

    /// Tells of a text, or of another list of what may be postings, beside the list: nothing is passed over in silence.
    fn unread(&mut self, offset: u64, text: bool, list: Option<&[u8]>) -> Option<RawRecord> {
        const TEXT: &str = "the object around the list of postings has a text of its own, which is not read; \
                            write it as a posting of its own if it is one";
        const LIST: &str = "objects with a title or a text stand in a list beside that of the postings, under a name that \
                            is not known, and are not read; call the list jobs, or write them as a feed of their own";
        let fault = match list.map(String::from_utf8_lossy) {
            None if !text => return None,
            None => Fault::new(TEXT),
            Some(list) if text => Fault::of(&list, format!("{LIST}; and {TEXT}")),
            Some(list) => Fault::of(&list, LIST),
        };
        self.number += 1;
        let place = Place { number: self.number, offset, length: self.offset() - offset };
        Some(place.parsed(Err(fault), &self.context, Vec::new()))
    }

    fn record(&mut self, offset: u64, record: Bounded, too_deep: Option<Fault>) -> RawRecord {
        self.number += 1;
        let (number, length) = (self.number, record.length());
        let place = Place { number, offset, length };
        match (record.finish(), too_deep) {
            (Ok(bytes), None) => {
                let line = RawLine { number, offset, bytes };
                match &self.employer {
                    Some(employer) => RawRecord::Job(RawJob { line, employer: employer.clone() }),
                    None => RawRecord::Jsonl(line),
                }
            }
            (Ok(bytes), Some(fault)) => place.parsed(Err(fault), &self.context, bytes),
            (Err((fault, start)), _) => place.parsed(Err(fault), &self.context, start),
        }
    }

    fn enter(&mut self, frames: &[Frame]) {
        self.frames.extend_from_slice(frames);
        self.walker.bump();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::record::{Limits, Record};
    use crate::feed::tests::{Dribble, Endless};
    use crate::posting::Field;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::io::BufReader;

    /// The records as they were cut, or `!` and the reason for those that are rejects already.
    fn cut(bytes: &[u8]) -> Vec<String> {
        let mut reader = JsonReader::new(bytes, Context::new("f.json", Limits::default()), 0);
        let records: Vec<_> = std::iter::from_fn(|| reader.next_raw().unwrap()).collect();
        assert_eq!(reader.offset(), bytes.len() as u64, "everything is read");
        for (number, record) in (1..).zip(&records) {
            assert_eq!(record.number(), number);
            if let RawRecord::Jsonl(line) = record {
                assert!(bytes[line.offset as usize..].starts_with(&line.bytes));
            }
        }
        records
            .into_iter()
            .map(|record| match record {
                RawRecord::Jsonl(line) => String::from_utf8_lossy(&line.bytes).into_owned(),
                RawRecord::Parsed { record: Record::Reject(reject), .. } => format!("!{}", reject.reason),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_text_beside_the_list_is_told() {
        for text in [r#"{"description":"x","jobs":[{"body":"a"}]}"#, r#"{"data":[{"body":"a"}],"text":"x"}"#] {
            let records = cut(text.as_bytes());
            assert_eq!(records.len(), 2, "{records:?}");
            assert!(records.iter().any(|r| r == r#"{"body":"a"}"#), "{records:?}");
            assert!(records.iter().any(|r| r.starts_with("!the object around the list of postings has a text")));
        }
    }

    #[test]
    fn a_list_of_postings_under_another_name_is_told() {
        for (text, told) in [
            (r#"{"featured":[{"id":1,"title":"x"}],"jobs":[{"body":"a"}]}"#, 1),
            (r#"{"jobs":[{"body":"a"}],"featured":[{"job":{"text":"x"}}],"more":[{"title":"x"}]}"#, 2),
            (r#"{"n":[{"k":1}],"featured":[{"title":"x"}],"data":{"links":[{"href":"x"}],"jobs":[{"body":"a"}]}}"#, 1),
            (r#"{"facets":[{"name":"title","values":["text",{"count":1}]}],"jobs":[{"body":"a"}],"links":[{}]}"#, 0),
        ] {
            let records = cut(text.as_bytes());
            assert_eq!(records.iter().filter(|record| *record == r#"{"body":"a"}"#).count(), 1, "{records:?}");
            let rejects = records.iter().filter(|record| record.starts_with("!objects with a title or a text"));
            assert_eq!((rejects.count(), records.len()), (told, 1 + told), "{records:?}");
        }
        assert_eq!(cut(br#"{"featured":[{"title":"x"}],"jobs":[]}"#).len(), 1);
        assert_eq!(cut(br#"{"jobs":[],"featured":[{"title":"x"}]}"#).len(), 1);
        let both = cut(br#"{"description":"x","featured":[{"title":"x"}],"jobs":[{"body":"a"}]}"#);
        assert!(both.len() == 2 && both[0].contains("text of its own"), "{both:?}");
        let record = r#"{"id":1,"featured":[{"title":"x"}],"text":"a"}"#;
        assert_eq!(cut(record.as_bytes()), [record]);
    }

    #[test]
    fn layouts() {
        let two = [r#"{"a":"]}\"{"}"#, r#"{"b":[{}]}"#];
        for text in [
            format!("[{},{}]", two[0], two[1]),
            format!("\n[\n  {} ,\n  {}\n]\n", two[0], two[1]),
            format!("{}{}", two[0], two[1]),
            format!("{}\n\n{}\n", two[0], two[1]),
            format!("[{}][{}]", two[0], two[1]),
            format!("{}\u{feff}{}", two[0], two[1]),
            format!(r#"{{"meta":{{"n":[2]}},"jobs":[{},{}],"next":"]","more":[{{}}],"k":1}}"#, two[0], two[1]),
            format!(r#"{{"data":{{"results":[{},{}]}},"x":null}}"#, two[0], two[1]),
            format!(r#"{{"jobs":[{}],"postings":[{}]}}"#, two[0], two[1]),
        ] {
            assert_eq!(cut(text.as_bytes()), two, "{text}");
        }
        assert_eq!(cut(b"[]"), [""; 0]);
        assert_eq!(cut(b"{\"jobs\":[], \"total\":0}"), [""; 0]);
        assert_eq!(cut(b"{\n \"text\": \"a\"\n}"), ["{\n \"text\": \"a\"\n}"]);
    }

    #[test]
    fn jobs_of_a_board_have_its_employer() {
        let text =
            br#"{"name":"Acme","description":"We cook.","jobs":[{"title":"Cook"},{"title":"Clerk","company":"B"}]}
            {"jobs":[{"title":"Driver"}]}"#;
        let context = Context::new("f.json", Limits::default());
        let mut reader = JsonReader::new(&text[..], context.clone(), 0);
        let read: Vec<_> = std::iter::from_fn(|| reader.next_raw().unwrap())
            .map(|raw| match raw.parse(&context) {
                Record::Posting(p) => {
                    [Field::Title, Field::Company, Field::CompanyProfile].map(|f| p.get(f).to_owned())
                }
                Record::Reject(reject) => panic!("{reject:?}"),
            })
            .collect();
        assert_eq!(read, [["Cook", "Acme", "We cook."], ["Clerk", "B", "We cook."], ["Driver", "", ""]]);
    }

    #[test]
    fn a_record_with_lists_in_it_stays_whole() {
        for text in [
            r#"{"id":1,"data":[{"k":1}],"text":"x"}"#,
            r#"{"description":"x","items":[{"k":1}]}"#,
            r#"{"jobs":["cook","driver"],"text":"x"}"#,
            r#"{"data":[],"text":"x"}"#,
            r#"{"jobs":[],"title":"Cook"}"#,
            r#"{"title":"Cook","jobs":[]}"#,
            r#"{"data":{"title":"Cook"}}"#,
        ] {
            assert_eq!(cut(text.as_bytes()), [text]);
        }
    }

    #[test]
    fn after_a_broken_record_the_next_is_read() {
        assert_eq!(cut(br#"[{"a":1,{"b":2},{"c":3}]"#), [r#"{"a":1,"#, r#"{"b":2}"#, r#"{"c":3}"#]);
        assert_eq!(cut(br#"[{"a":[1},{"b":2}]"#), [r#"{"a":[1}"#, r#"{"b":2}"#]);
        assert_eq!(cut(br#"[{"b":2},{"a":1]"#), [r#"{"b":2}"#, r#"{"a":1"#]);
        assert_eq!(cut(b"[{\"a\":\"x},\n{\"b\":2}]"), ["{\"a\":\"x},\n", "{\"b\":2}"]);
        assert_eq!(cut(br#"[7,"a,]",[{}],{"b":2}]"#), ["7", "\"a,]\"", "[{}]", r#"{"b":2}"#]);
        assert_eq!(cut(b"[{\"a\":\"\xff\"},{\"b\":2}]")[1], r#"{"b":2}"#);
    }

    #[test]
    fn what_breaks_off_is_told_once() {
        assert_eq!(cut(br#"[{"a":1},{"b""#), [r#"{"a":1}"#, r#"{"b""#]);
        let cut = cut(br#"{"jobs":[{"a":1},"#);
        assert_eq!(cut[0], r#"{"a":1}"#);
        assert!(cut[1].starts_with("!the stream ends before the list") && cut.len() == 2);
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("[{{\"a\":{}{}}},{{\"b\":2}}]", "[".repeat(100_000), "]".repeat(100_000));
        let cut = cut(deep.as_bytes());
        assert_eq!(cut[0], "!the record is nested 100001 levels deep; the limit is 127 levels");
        assert_eq!(cut[1], r#"{"b":2}"#);
    }

    #[test]
    fn an_endless_string_is_not_held() {
        let stream = Endless::new(b"[{\"a\":\"", b'x', 50 << 20, b"\"},{\"b\":2}]");
        let context = Context::new("-", Limits { record_bytes: 1 << 20, ..Limits::default() });
        let mut reader = JsonReader::new(BufReader::with_capacity(64 * 1024, stream), context.clone(), 0);
        let Record::Reject(reject) = reader.next_raw().unwrap().unwrap().parse(&context) else { panic!() };
        assert!(reject.reason.contains("the limit is 1048576 bytes"), "{}", reject.reason);
        let Some(RawRecord::Jsonl(line)) = reader.next_raw().unwrap() else { panic!() };
        assert_eq!(line.bytes, b"{\"b\":2}");
        assert_eq!(reader.next_raw().unwrap(), None);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            r#"[\[\]{}",:\\a\n é😀]{0,8}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-c\"\\\\]{0,3}", inner), 0..4)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn elements_are_those_of_serde_json(values in prop::collection::vec(value(), 0..6), pretty: bool, wrapped: bool) {
            let all = if wrapped { json!({"n": {"a": "]"}, "jobs": values, "z": [1]}) } else { json!(values) };
            // A list of which the first is no object wraps no postings.
            prop_assume!(!wrapped || values.first().is_none_or(Value::is_object));
            let text = if pretty { serde_json::to_string_pretty(&all) } else { serde_json::to_string(&all) }.unwrap();
            let read: Vec<Value> = cut(text.as_bytes()).iter().map(|text| serde_json::from_str(text).unwrap()).collect();
            prop_assert_eq!(read, values);
        }

        #[test]
        fn anything_is_read_to_its_end_however_it_comes(text in r#"[\[\]{}",:\\a1\n ]{0,60}|\[(\{"a":"b"\},|[\[\]{}",:\\]){0,12}|\{"jobs":\[[\[\]{}",:a]{0,40}"#) {
            let whole = cut(text.as_bytes());
            let context = Context::new("f.json", Limits::default());
            let mut reader = JsonReader::new(BufReader::with_capacity(1, Dribble::new(text.clone().into_bytes(), vec![1])), context, 0);
            let mut count = 0;
            while reader.next_raw().unwrap().is_some() {
                count += 1;
            }
            prop_assert_eq!(count, whole.len());
        }
    }
}
