/*!
What holds for every format, and the streams that the readers' tests share.
*/

use std::io::{self, Read, Write};

use proptest::prelude::*;

use super::*;
use crate::posting::Field;

/// Gives a stream in pieces of given sizes, over and over.
pub(super) struct Dribble {
    bytes: Vec<u8>,
    at: usize,
    sizes: Vec<usize>,
    turn: usize,
    interrupted: bool,
}

impl Dribble {
    pub(super) fn new(bytes: Vec<u8>, sizes: Vec<usize>) -> Dribble {
        Dribble { bytes, at: 0, sizes, turn: 0, interrupted: false }
    }

    /// Every second read is interrupted by a signal.
    pub(super) fn interrupted(self) -> Dribble {
        Dribble { interrupted: true, ..self }
    }
}

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.interrupted && self.turn.is_multiple_of(2) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let size = self.sizes[self.turn % self.sizes.len()].clamp(1, buffer.len().max(1));
        let read = (&self.bytes[self.at..]).read(&mut buffer[..size])?;
        self.at += read;
        Ok(read)
    }
}

/// A long run of one byte between two texts, made while it is read.
pub(super) struct Endless(io::Chain<io::Chain<&'static [u8], io::Take<io::Repeat>>, &'static [u8]>);

impl Endless {
    pub(super) fn new(before: &'static [u8], byte: u8, times: u64, after: &'static [u8]) -> Endless {
        Endless(before.chain(io::repeat(byte).take(times)).chain(after))
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// Of two records, the first is longer than a mebibyte, which is the limit.
pub(super) fn assert_only_the_first_is_too_long(mut next: impl FnMut() -> Option<Record>) {
    assert!(matches!(next(), Some(Record::Reject(r)) if r.reason.contains("the limit is 1048576 bytes")));
    assert!(matches!(next(), Some(Record::Posting(_))));
    assert_eq!(next(), None);
}

fn options(format: InputFormat) -> FeedOptions {
    FeedOptions { format, ..FeedOptions::default() }
}

fn read(name: &str, stream: impl Read + Send + 'static, options: &FeedOptions) -> Result<Vec<Record>, FeedError> {
    Feed::from_reader(name, Box::new(stream), options)?.collect()
}

fn texts(records: &[Record]) -> Vec<&str> {
    records
        .iter()
        .map(|record| match record {
            Record::Posting(posting) => posting.get(Field::Description),
            Record::Reject(reject) => reject.reason.as_str(),
        })
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// The line `{"text":"a"}`, as xz writes it; the crate that reads it is built without its encoder.
const XZ_A: &[u8] = b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01\x16\x00\x00\x00t/\xe5\xa3\
    \x01\x00\x0c{\x22text\x22:\x22a\x22}\x0a\x00\x00\x00\x00Q\x14\xaa\xeb\
    \x9fOE\xd4\x00\x01%\x0dq\x19\xc4\xb6\x1f\xb6\xf3}\x01\x00\x00\x00\x00\x04YZ";
/// The line `{"text":"b"}`, with the check that is a SHA-256.
const XZ_B: &[u8] = b"\xfd7zXZ\x00\x00\x0a\xe1\xfb\x0c\xa1\x02\x00!\x01\x16\x00\x00\x00t/\xe5\xa3\
    \x01\x00\x0c{\x22text\x22:\x22b\x22}\x0a\x00\x00\x00\x00\xf8P+\xc0\
    }LAer\x11\x86\x17;$\x00'Q\xa5\x1f\x84\xc4D6\x13\x1a\xc0\xe5\xfd\
    %\x09@\xcc\x00\x01=\x0d(\x81\xdf4\x18\x9bK\x9a\x01\x00\x00\x00\x00\x0aYZ";

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compression_is_told_by_the_first_bytes() {
    let line = b"{\"text\":\"a\"}\n";
    let other = b"{\"text\":\"b\"}\n";
    for stream in [
        [&line[..], other].concat(),
        gzip(&[&line[..], other].concat()),
        [gzip(line), gzip(other)].concat(),
        zstd(&[&line[..], other].concat()),
        [zstd(line), b"\x50\x2a\x4d\x18\x01\0\0\0x".to_vec(), zstd(other)].concat(),
        gzip(&[b"\xef\xbb\xbf", &line[..], other].concat()),
        bzip2(&[&line[..], other].concat()),
        [bzip2(line), bzip2(other)].concat(),
        [XZ_A, XZ_B].concat(),
    ] {
        for sizes in [vec![1], vec![3, 1], vec![100_000]] {
            let stream = Dribble::new(stream.clone(), sizes).interrupted();
            let records = read("-", stream, &FeedOptions::default()).unwrap();
            assert_eq!(texts(&records), ["a", "b"]);
        }
    }
}

#[test]
fn a_stream_that_breaks_off_gives_what_came_before_and_an_error() {
    let lines = (0..50_000u64).map(|i| format!("{{\"id\":{i},\"text\":\"{}\"}}\n", i * i)).collect::<String>();
    for whole in [gzip(lines.as_bytes()), zstd(lines.as_bytes()), bzip2(lines.as_bytes())] {
        let cut = whole[..whole.len() / 2].to_vec();
        let mut feed = Feed::from_reader("f.gz", Box::new(io::Cursor::new(cut)), &options(InputFormat::Jsonl)).unwrap();
        let good = feed.by_ref().take_while(|record| matches!(record, Ok(Record::Posting(_)))).count();
        assert!(good > 1000);
        assert!(feed.next().is_none(), "an error ends the feed");
        let error = read("f.gz", io::Cursor::new(whole[..whole.len() / 2].to_vec()), &options(InputFormat::Jsonl));
        assert!(error.unwrap_err().to_string().starts_with("f.gz: cannot be read on after byte "));
    }
}

#[test]
fn a_text_that_begins_like_a_compressed_file_is_a_text() {
    for text in ["B", "BZ", "BZh", "BZh9", "BZhang hires typists", "BZh91AY"] {
        let records = read("-", text.as_bytes(), &FeedOptions::default()).unwrap();
        assert_eq!(texts(&records), [text]);
    }
    let damaged = [&XZ_A[..20], &[0xff; 8], &XZ_A[28..]].concat();
    let error = read("a.xz", io::Cursor::new(damaged), &options(InputFormat::Jsonl)).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[test]
fn what_grows_out_of_all_proportion_is_not_read_on() {
    let bomb = gzip(&[&b" ".repeat(1023)[..], b"\n"].concat().repeat(80 << 10));
    let read = |ratio| {
        let limits = Limits { decompression_ratio: ratio, ..Limits::default() };
        read("b.gz", io::Cursor::new(bomb.clone()), &FeedOptions { limits, ..options(InputFormat::Jsonl) })
    };
    let error = read(100).unwrap_err().to_string();
    assert!(error.contains("more than 100 times as large as it is compressed"), "{error}");
    assert!(error.contains("--max-decompression-ratio"), "{error}");
    assert!(read(1_000_000).unwrap().is_empty());
}

#[test]
fn files_are_opened_or_the_error_names_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.csv.gz");
    std::fs::write(&path, gzip(b"title,body\nCook,Fry\n,\n")).unwrap();
    let mut feed = Feed::open(&path, &FeedOptions::default()).unwrap();
    assert_eq!((feed.format(), feed.size()), (InputFormat::Csv, Some(path.metadata().unwrap().len())));
    let Some(Ok(Record::Posting(posting))) = feed.next() else { panic!() };
    assert_eq!(posting.id, "jobs.csv.gz#1");
    let Some(Ok(Record::Reject(reject))) = feed.next() else { panic!() };
    assert_eq!((reject.record, &*reject.file), (2, path.to_str().unwrap()));
    assert_eq!(reject.reason, "no text in any field that is read");
    assert!(feed.next().is_none() && feed.next().is_none());
    assert_eq!((Some(feed.bytes_read().get()), feed.offset()), (feed.size(), 22));

    let missing = dir.path().join("none.jsonl");
    let error = Feed::open(&missing, &FeedOptions::default()).err().unwrap();
    assert!(error.is_not_found());
    assert_eq!(error.to_string(), format!("{}: there is no such file", missing.display()));
    let error = Feed::open(dir.path(), &FeedOptions::default()).err().unwrap();
    assert!(error.to_string().ends_with(": is a directory; name the files in it"));

    for name in ["empty.jsonl", "empty.csv", "empty.txt", "empty", "empty.gz"] {
        let path = dir.path().join(name);
        std::fs::write(&path, b"").unwrap();
        assert_eq!(Feed::open(&path, &FeedOptions::default()).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn what_a_header_spoils_is_an_error_and_an_array_is_read() {
    let error = read("a.csv", &b"a,b\n1,2\n"[..], &FeedOptions::default()).unwrap_err();
    assert!(error.to_string().contains("no column of the header"));
    let records = read("-", &b"[{\"text\":\"a\"}]"[..], &FeedOptions::default()).unwrap();
    assert_eq!(texts(&records), ["a"]);
    let records = read("-", &b"[1]\n{\"text\":\"a\"}"[..], &options(InputFormat::Jsonl)).unwrap();
    assert_eq!(records.len(), 2, "who asks for lines gets lines");
}

#[test]
fn byte_order_marks_are_no_content() {
    let csv = b"\xef\xbb\xbf\"title\",body\nCook,Fry\n".to_vec();
    for sizes in [vec![1], vec![1000]] {
        let records = read("-", Dribble::new(csv.clone(), sizes), &FeedOptions::default()).unwrap();
        let [Record::Posting(posting)] = &records[..] else { panic!("{records:?}") };
        assert_eq!((posting.get(Field::Title), posting.id.as_str()), ("Cook", "-#1"));
    }
    let records = read("-", &b"\xef\xbb\xbfTypist"[..], &FeedOptions::default()).unwrap();
    assert_eq!(texts(&records), ["Typist"]);
}

#[test]
fn a_slow_pipe_gives_each_line_as_it_comes() {
    struct Pipe(std::sync::mpsc::Receiver<u8>);
    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            // Fails instead of waiting: nothing may be read that is not needed.
            buffer[0] = self.0.try_recv().map_err(|_| io::Error::other("read too far"))?;
            Ok(1)
        }
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let send = |line: &str| line.bytes().for_each(|byte| sender.send(byte).unwrap());
    send("{\"text\":\"a\"}\n");
    let mut feed = Feed::from_reader("-", Box::new(Pipe(receiver)), &FeedOptions::default()).unwrap();
    assert_eq!(texts(&[feed.next().unwrap().unwrap()]), ["a"]);
    send("{\"text\":\"b\"}\n");
    assert_eq!(texts(&[feed.next().unwrap().unwrap()]), ["b"]);
}

#[test]
fn records_can_be_parsed_in_another_thread() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let mut feed = sent(Feed::from_reader("-", Box::new(&b"{\"text\":\"a\"}\n"[..]), &FeedOptions::default()).unwrap());
    let raw = feed.next_raw().unwrap().unwrap();
    let context = feed.context().clone();
    let record = std::thread::spawn(move || raw.parse(&context)).join().unwrap();
    assert_eq!(texts(&[record]), ["a"]);
}

/// Bytes that look enough like a feed to reach past the first check.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "\n", "\r\n", "\r", ",", "\t", ";", "\"", "\"\"", "{", "}", "[", "]", ":", "\\", "\\ud800", "\\u0000", " ",
            "\"text\":", "\"id\":", "text,title,label\n", "{\"text\":\"a\"}\n", "{\"label\":2}\n", "1e999", "0", "null",
            "\u{feff}", "é", "\0", "a", "Typist wanted",
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn any_format() -> impl Strategy<Value = InputFormat> {
    proptest::sample::select(InputFormat::ALL.to_vec())
}

proptest! {
    #[test]
    fn nothing_panics_and_every_record_is_counted(bytes in soup(), format in any_format(), limit in 1usize..200) {
        let options = FeedOptions { format, limits: Limits { record_bytes: limit, values: 50, ..Limits::default() }, ..FeedOptions::default() };
        if let Ok(mut feed) = Feed::from_reader("f", Box::new(io::Cursor::new(bytes.clone())), &options) {
            let mut number = 0;
            let mut end = 0;
            let utf8 = bytes.first() != Some(&0) && bytes.get(1) != Some(&0) && std::str::from_utf8(&bytes).is_ok();
            while let Some(raw) = feed.next_raw() {
                let Ok(raw) = raw else { break };
                number += 1;
                prop_assert_eq!(raw.number(), number);
                prop_assert!(raw.offset() >= end, "records do not overlap");
                end = raw.offset() + raw.length();
                prop_assert!(!utf8 || end <= bytes.len() as u64);
                let (offset, length) = (raw.offset(), raw.length());
                match raw.parse(&feed.context().clone()) {
                    Record::Posting(posting) => prop_assert!(!posting.has_no_text() && !posting.id.is_empty()),
                    Record::Reject(reject) => {
                        prop_assert_eq!((reject.record, reject.offset), (number, offset));
                        // Offsets are of the decoded stream; only there that of a text in UTF-8 is what was given.
                        if utf8 {
                            prop_assert_eq!(&reject.raw[..], &bytes[offset as usize..(offset + length) as usize]);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_way_a_stream_is_cut_does_not_matter(
        bytes in soup(),
        format in any_format(),
        sizes in proptest::collection::vec(1usize..9, 1..4),
        limit in 1usize..200,
    ) {
        let options = FeedOptions { format, limits: Limits { record_bytes: limit, values: 50, ..Limits::default() }, ..FeedOptions::default() };
        let whole = read("f", io::Cursor::new(bytes.clone()), &options).map_err(|e| e.to_string());
        let cut = read("f", Dribble::new(bytes, sizes), &options).map_err(|e| e.to_string());
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn what_is_written_as_a_table_is_read_back(
        rows in proptest::collection::vec(("[a-z\",;\t\r\n é]{0,12}", "[a-z\",\r\n]{0,8}x"), 0..8),
        separator in proptest::sample::select(vec![',', '\t', ';']),
        line_end in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let quote = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = format!("title{separator}body{line_end}");
        for (title, body) in &rows {
            text += &format!("{}{separator}{}{line_end}", quote(title), quote(body));
        }
        let records = read("-", io::Cursor::new(text.into_bytes()), &FeedOptions::default()).unwrap();
        prop_assert_eq!(records.len(), rows.len());
        for (record, (title, body)) in records.iter().zip(&rows) {
            let Record::Posting(posting) = record else { panic!("{record:?}") };
            let title = if title.trim().is_empty() { "" } else { title.as_str() };
            prop_assert_eq!((posting.get(Field::Title), posting.get(Field::Description)), (title, body.as_str()));
        }
    }

    #[test]
    fn lines_written_by_serde_json_are_read_back(texts in proptest::collection::vec(any::<String>(), 0..8)) {
        let lines: String = texts.iter().map(|text| format!("{}\n", serde_json::json!({"t": 0, "text": text}))).collect();
        let records = read("-", io::Cursor::new(lines.into_bytes()), &options(InputFormat::Jsonl)).unwrap();
        prop_assert_eq!(records.len(), texts.len());
        for (record, text) in records.iter().zip(&texts) {
            match record {
                Record::Posting(posting) => prop_assert_eq!(posting.get(Field::Description), text),
                Record::Reject(reject) => prop_assert!(text.trim().is_empty(), "{}", reject.reason),
            }
        }
    }
}
