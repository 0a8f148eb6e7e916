use std::io::Write;
use std::path::PathBuf;

use rawzip::ZipArchiveWriter;

use super::*;
use crate::feed::Record;
use crate::posting::Field;

const LINE: &[u8] = b"{\"title\":\"Cook\",\"description\":\"We cook.\"}\n";

fn zip(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for (name, bytes) in members {
        let (mut entry, config) = archive.new_file(*name).compression_method(method).start().unwrap();
        if method == CompressionMethod::DEFLATE {
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
            let mut writer = config.wrap(encoder);
            writer.write_all(bytes).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(descriptor).unwrap();
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(bytes).unwrap();
            let (_, descriptor) = writer.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
    }
    archive.finish().unwrap()
}

/// Titles and reasons of rejects, each behind its file's name; and what ends it before its end.
fn read(bytes: &[u8], options: &FeedOptions) -> (Vec<String>, Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let path: PathBuf = dir.path().join("a.zip");
    std::fs::write(&path, bytes).unwrap();
    let short = |text: &str| text.replace(&*path.to_string_lossy(), "a.zip");
    let mut feed = match Feed::open(&path, options) {
        Ok(feed) => feed,
        Err(error) => return (Vec::new(), Some(short(&error.to_string()))),
    };
    let mut records = Vec::new();
    while let Some(record) = feed.next() {
        records.push(match record {
            Ok(Record::Posting(posting)) => short(&format!("{}: {}", feed.context().file, posting.get(Field::Title))),
            Ok(Record::Reject(reject)) => short(&format!("{}: {}", reject.file, reject.reason)),
            Err(error) => return (records, Some(short(&error.to_string()))),
        });
    }
    (records, None)
}

#[test]
fn each_member_that_is_a_feed_is_read_in_order() {
    let csv = b"title,body\nBaker,We bake.\n";
    let members: [(&str, &[u8]); 9] = [
        ("__MACOSX/._b.jsonl", LINE),
        ("b.jsonl", LINE),
        (".hidden.jsonl", LINE),
        ("deep/down/a.csv", csv),
        ("deep/LICENSE", b"Anyone may read this text."),
        ("no-extension", LINE),
        ("empty.jsonl", b""),
        ("aa/bb/etc/c.jsonl", LINE),
        ("bell\x07.jsonl", LINE),
    ];
    for method in [CompressionMethod::STORE, CompressionMethod::DEFLATE] {
        let mut bytes = zip(&members, method);
        for at in 0..bytes.len() {
            // What wrote the archive would not write such a name.
            if bytes[at..].starts_with(b"aa/bb/") {
                bytes[at..at + 6].copy_from_slice(b"../../");
            }
        }
        let (records, error) = read(&bytes, &FeedOptions::default());
        assert_eq!(error, None);
        assert_eq!(
            records,
            [
                "a.zip/b.jsonl: Cook",
                "a.zip/deep/down/a.csv: Baker",
                "a.zip/no-extension: Cook",
                "a.zip/../../etc/c.jsonl: Cook",
                "a.zip/bell\u{fffd}.jsonl: Cook",
            ]
        );
    }
}

#[test]
fn what_cannot_be_read_is_one_reject_and_the_rest_is_read() {
    let nested = zip(&[("a.jsonl", LINE)], CompressionMethod::STORE);
    let members: [(&str, &[u8]); 4] =
        [("in.zip", &nested), ("x.jsonl", LINE), ("columns.csv", b"a,b\n1,2\n"), ("z.jsonl", LINE)];
    let mut bytes = zip(&members, CompressionMethod::STORE);
    // Of x.jsonl: that it is encrypted, in both of its headers.
    for (mark, flags) in [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)] {
        let name = bytes.windows(7).enumerate().filter(|(_, window)| window == b"x.jsonl").map(|(at, _)| at);
        let header = if flags == 6 { 30 } else { 46 };
        let at = name.map(|at| at - header).find(|at| bytes[*at..].starts_with(mark)).unwrap();
        bytes[at + flags] |= 1;
    }
    let (records, error) = read(&bytes, &FeedOptions::default());
    assert_eq!(error, None);
    assert_eq!(records.len(), 4);
    assert!(records[0].starts_with("a.zip/in.zip: is a zip archive"), "{records:?}");
    assert!(records[1].starts_with("a.zip/x.jsonl: the member is encrypted"), "{records:?}");
    assert!(records[2].starts_with("a.zip/columns.csv: line 1: no column"), "{records:?}");
    assert_eq!(records[3], "a.zip/z.jsonl: Cook");
    let other = zip(&[("x.jsonl", LINE)], CompressionMethod::BZIP2);
    let (records, error) = read(&other, &FeedOptions::default());
    assert!(records[0].contains("compressed by method 12 (BZIP2)") && error.is_none(), "{records:?}");
}

#[test]
fn archives_that_lie_are_refused() {
    let options = FeedOptions::default();
    let good = zip(&[("a.jsonl", LINE), ("b.jsonl", LINE)], CompressionMethod::STORE);
    let find = |bytes: &[u8], what: &[u8], nth: usize| {
        bytes.windows(what.len()).enumerate().filter(|(_, w)| *w == what).map(|(at, _)| at).nth(nth).unwrap()
    };
    // Another name where the member stands.
    let mut renamed = good.clone();
    let at = find(&renamed, b"b.jsonl", 0);
    renamed[at] = b'c';
    assert!(read(&renamed, &options).1.unwrap().contains("has another name where it stands"));
    // Both entries of the directory show the same member.
    let mut twice = good.clone();
    let second = find(&twice, b"PK\x01\x02", 1);
    twice[second + 42..second + 46].fill(0);
    twice[second + 46] = b'a';
    assert!(read(&twice, &options).1.unwrap().contains("members lie over each other"));
    // More members than there are.
    let mut more = good.clone();
    let end = find(&more, b"PK\x05\x06", 0);
    (more[end + 8], more[end + 10]) = (3, 3);
    assert!(read(&more, &options).1.unwrap().contains("says 3 members and has 2"));
    // Another length, another checksum, other bytes: the first member is read on to where it shows.
    for (from, to) in [(24, 25), (16, 17)] {
        let mut wrong = good.clone();
        let first = find(&wrong, b"PK\x01\x02", 0);
        wrong[first + from..first + to].fill(0x01);
        let (_, error) = read(&wrong, &options);
        assert!(error.as_ref().is_some_and(|e| e.contains("a.zip/a.jsonl: cannot be read on")), "{error:?}");
    }
    // Every cut, and a flip of every byte: an error, a reject or the same, and never a panic.
    for at in 0..good.len() {
        read(&good[..at], &options);
        let mut flipped = good.clone();
        flipped[at] ^= 0x41;
        read(&flipped, &options);
    }
}

#[test]
fn what_grows_out_of_all_proportion_ends() {
    let spaces = vec![b' '; 80 << 20];
    let bomb = zip(&[("a.jsonl", &spaces)], CompressionMethod::DEFLATE);
    let (records, error) = read(&bomb, &FeedOptions::default());
    let error = error.unwrap();
    assert!(records.is_empty() && error.contains("more than 1000 times as large"), "{error}");
}

#[test]
fn other_files_in_the_shape_of_an_archive_are_told() {
    let sheet = zip(
        &[("xl/a.xml", b"<a/>"), ("xl/b.xml", b"<b/>"), ("[Content_Types].xml", b"<c/>")],
        CompressionMethod::DEFLATE,
    );
    assert!(read(&sheet, &FeedOptions::default()).1.unwrap().contains("is an Office file"));
    let none = zip(&[("LICENSE", b"Anyone may read this.")], CompressionMethod::STORE);
    assert!(read(&none, &FeedOptions::default()).1.unwrap().contains("without a feed in it"));
    assert!(read(b"PK\x03\x04rest", &FeedOptions::default()).1.unwrap().contains("damaged or cut off"));
    assert!(read(&zip(&[], CompressionMethod::STORE), &FeedOptions::default()).1.unwrap().contains("without a feed"));
    let piped = Feed::from_reader("-", Box::new(io::Cursor::new(sheet)), &FeedOptions::default()).unwrap_err();
    assert!(piped.to_string().contains("name the archive as a FILE"), "{piped}");
}
