/*!
Plain text: the whole of a file, or of stdin, as one posting.
*/

use std::io::{self, BufRead};

use crate::posting::Posting;

use super::record::{Context, Place, RawRecord};
use super::reject::Fault;
use super::walk::Walker;

/// Reads a stream as one posting.
pub struct TextReader<R> {
    walker: Walker<R>,
    context: Context,
    start: u64,
    done: bool,
}

impl<R: BufRead> TextReader<R> {
    /// Reads text from a stream of which `offset` bytes were read before.
    pub fn new(reader: R, context: Context, offset: u64) -> TextReader<R> {
        TextReader { walker: Walker::new(reader, offset), context, start: offset, done: false }
    }

    /// How far the stream was read.
    pub fn offset(&self) -> u64 {
        self.walker.offset
    }

    /// The posting; none when there is not a byte, and after it.
    pub fn next_raw(&mut self) -> io::Result<Option<RawRecord>> {
        if self.done {
            return Ok(None);
        }
        let text = self.walker.rest(self.context.limits.record_bytes)?;
        self.done = true;
        let place = Place { number: 1, offset: self.start, length: text.length() };
        if place.length == 0 {
            return Ok(None);
        }
        let bytes = match text.finish() {
            Ok(bytes) => bytes,
            Err((fault, start)) => return Ok(Some(place.parsed(Err(fault), &self.context, start))),
        };
        Ok(Some(match String::from_utf8(bytes) {
            Ok(text) if text.trim().is_empty() => {
                place.parsed(Err(Fault::new("no text but white space")), &self.context, text.into_bytes())
            }
            Ok(text) => {
                let posting = Posting::from_text(self.context.default_id(1), text);
                place.parsed(Ok(posting), &self.context, Vec::new())
            }
            Err(e) => {
                let fault = Fault::not_utf8(None, e.utf8_error());
                place.parsed(Err(fault), &self.context, e.into_bytes())
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::record::{Limits, Record};
    use crate::feed::reject::RAW_KEPT;
    use crate::feed::tests::Endless;
    use crate::posting::Field;
    use std::io::BufReader;

    fn read(bytes: &[u8], limit: usize) -> Option<Record> {
        let context = Context::new("dir/post.txt", Limits { record_bytes: limit, ..Limits::default() });
        let mut reader = TextReader::new(bytes, context.clone(), 0);
        let record = reader.next_raw().unwrap();
        assert_eq!(reader.next_raw().unwrap(), None);
        record.map(|raw| raw.parse(&context))
    }

    #[test]
    fn the_whole_is_one_posting() {
        let Some(Record::Posting(posting)) = read(b"Typist wanted\r\n\nflight paid\n", 100) else { panic!() };
        assert_eq!(
            (posting.id.as_str(), posting.get(Field::Description)),
            ("post.txt#1", "Typist wanted\r\n\nflight paid\n")
        );
        assert_eq!(read(b"", 100), None);
    }

    #[test]
    fn what_is_no_text_is_a_reject() {
        let reason = |bytes, limit| match read(bytes, limit) {
            Some(Record::Reject(reject)) => reject.reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason(b"caf\xe9", 100), "not valid UTF-8 at byte 3 of the record");
        assert_eq!(reason(b" \n", 100), "no text but white space");
        assert!(reason(b"hello", 4).starts_with("the record has 5 bytes; the limit is 4 bytes"));
    }

    #[test]
    fn a_text_of_100_megabytes_is_not_held() {
        let stream = Endless::new(b"", b'x', 100 << 20, b"");
        let context = Context::new("-", Limits { record_bytes: 1 << 20, ..Limits::default() });
        let mut reader = TextReader::new(BufReader::with_capacity(64 * 1024, stream), context.clone(), 0);
        let Record::Reject(reject) = reader.next_raw().unwrap().unwrap().parse(&context) else { panic!() };
        assert!(reject.raw_truncated && reject.raw.capacity() < 2 * RAW_KEPT);
    }
}
