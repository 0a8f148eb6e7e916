/*!
Which format a stream has.

A known extension decides, because whoever named the file meant it; without one the first bytes do. What is certainly no
format of ours is refused rather than scored as one long text.
*/

use std::io::{self, Read};

use super::csv;
use super::cutter::{Cutter, Step};
use super::input_format::{InputFormat, extension};
use super::source::Peeked;
use super::xml;
use super::{telegram, whatsapp};

/// What a stream was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Json,
    Jsonl,
    Csv { separator: u8 },
    Html,
    Telegram,
    Text,
    WhatsApp,
    Xml,
    Foreign { what: &'static str, instead: &'static str },
}

/// The first bytes of a Parquet file, and its last.
pub(super) const PARQUET: &[u8] = b"PAR1";

/// Whether a stream is to be read as Parquet, which is not done from its beginning to its end.
pub(super) fn is_parquet<R: Read>(asked: InputFormat, stream: &mut Peeked<R>) -> io::Result<bool> {
    if asked != InputFormat::Auto {
        return Ok(asked == InputFormat::Parquet);
    }
    while stream.head().len() < PARQUET.len() && PARQUET.starts_with(stream.head()) && stream.peek_more()? {}
    Ok(stream.head().starts_with(PARQUET))
}

/// First bytes of formats that are not read, what they are, and what to do.
const FOREIGN: [(&[u8], &str, &str); 9] = [
    (
        b"PK\x03\x04",
        "is a zip archive (or an Office file) within a stream, which is read from its end",
        "unpack it, name the archive as a FILE, or save the sheet as CSV",
    ),
    (b"PARE", "is an encrypted Parquet file", "decrypt it"),
    (b"\xfd7zXZ\0", "is compressed twice", "decompress it once"),
    (b"BZh91AY&SY", "is compressed twice", "decompress it once"),
    (b"\x1f\x8b", "is compressed twice", "decompress it once"),
    (b"\x28\xb5\x2f\xfd", "is compressed twice", "decompress it once"),
    (b"%PDF-", "is a PDF file", "convert it to text"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Office file", "save it as CSV or text"),
    (b"SQLite format 3\0", "is an SQLite database", "export the table as CSV"),
];

/// Of what is text only because it is nothing else, though its name says that it is no text.
const NO_PARQUET: Found =
    Found::Foreign { what: "is no Parquet file, though its name says so", instead: "is it complete?" };
const NO_ZIP: Found = Found::Foreign { what: "is no zip archive, though its name says so", instead: "is it complete?" };

/// First elements of pages.
const PAGES: [&[u8]; 4] = [b"html", b"head", b"body", b"script"];

/// Tells the format of a stream from what is asked for, the file's name and the first bytes. The stream's byte order
/// mark is read over already.
pub(super) fn detect<R: Read>(asked: InputFormat, name: &str, stream: &mut Peeked<R>) -> io::Result<Found> {
    match (asked, extension(name).as_str()) {
        (InputFormat::Html, _) => Ok(Found::Html),
        (InputFormat::Json, _) => Ok(Found::Json),
        (InputFormat::Jsonl, _) => Ok(Found::Jsonl),
        (InputFormat::Telegram, _) => Ok(Found::Telegram),
        (InputFormat::Text, _) => Ok(Found::Text),
        (InputFormat::Xml, _) => Ok(Found::Xml),
        (InputFormat::WhatsApp, _) => Ok(Found::WhatsApp),
        (InputFormat::Parquet, _) => {
            Ok(Found::Foreign { what: "is no Parquet file", instead: "leave --input-format out" })
        }
        (InputFormat::Csv, extension) => csv_found(extension, stream),
        (InputFormat::Auto, extension) => {
            let start = stream.find(0, |byte| !byte.is_ascii_whitespace())?;
            let first = start.map(|at| stream.head()[at]);
            if let Some((what, instead)) = foreign(stream)? {
                return Ok(Found::Foreign { what, instead });
            }
            if let Some(found) = chat_found(extension, first, stream)? {
                return Ok(found);
            }
            match extension {
                "txt" => Ok(Found::Text),
                "csv" | "tsv" | "tab" | "psv" => csv_found(extension, stream),
                "xml" | "rss" | "atom" => Ok(Found::Xml),
                "htm" | "html" | "xhtml" => Ok(Found::Html),
                "jsonl" | "ndjson" => lines_found(start, stream),
                "json" => json_found(start, stream),
                _ if matches!(first, Some(b'{' | b'[')) => json_found(start, stream),
                _ if first == Some(b'<') => marked_up(stream),
                _ => {
                    let line = first_line(stream)?;
                    // A table of which no column is known is refused, as one that is named as a table is.
                    let is_table = csv::is_header(line)
                        || csv::told_separator(line).is_some()
                        || csv::is_table(stream.peek_all()?);
                    match extension {
                        _ if is_table => csv_found(extension, stream),
                        "parquet" => Ok(NO_PARQUET),
                        "zip" => Ok(NO_ZIP),
                        _ => Ok(Found::Text),
                    }
                }
            }
        }
    }
}

/// An export of a chat. Its name says no more than that it is JSON or text.
fn chat_found<R: Read>(extension: &str, first: Option<u8>, stream: &mut Peeked<R>) -> io::Result<Option<Found>> {
    if matches!(extension, "jsonl" | "ndjson" | "csv" | "tsv" | "tab" | "psv") {
        return Ok(None);
    }
    if first == Some(b'{') && extension != "txt" {
        let is_export = loop {
            match telegram::is_export(stream.head()) {
                None if stream.peek_more()? => {}
                decided => break decided == Some(true),
            }
        };
        return Ok(is_export.then_some(Found::Telegram));
    }
    if extension == "json" || !whatsapp::may_begin(first_line(stream)?) {
        return Ok(None);
    }
    while !whatsapp::is_export(stream.head()) {
        if !stream.peek_more()? {
            return Ok(None);
        }
    }
    Ok(Some(Found::WhatsApp))
}

fn csv_found<R: Read>(extension: &str, stream: &mut Peeked<R>) -> io::Result<Found> {
    let line = first_line(stream)?;
    if let Some(separator) = csv::told_separator(line) {
        return Ok(Found::Csv { separator });
    }
    let separator = match extension {
        "tsv" | "tab" => b'\t',
        "psv" => b'|',
        _ => match csv::separator(line) {
            Some(separator) => separator,
            None => csv::separator_of_rows(stream.peek_all()?),
        },
    };
    Ok(Found::Csv { separator })
}

/// A file that is named as JSON lines: an array, and an object that goes on in the next line, are none.
fn lines_found<R: Read>(start: Option<usize>, stream: &mut Peeked<R>) -> io::Result<Found> {
    let Some(start) = start else { return Ok(Found::Jsonl) };
    let spread = match stream.head()[start] {
        b'[' => true,
        b'{' => {
            let next = stream.find(start + 1, |byte| !matches!(byte, b' ' | b'\t' | b'\r'))?;
            next.is_some_and(|at| stream.head()[at] == b'\n')
        }
        _ => false,
    };
    Ok(if spread { Found::Json } else { Found::Jsonl })
}

/// JSON lines, unless the first line shows that lines mean nothing: JSON lines lose less to a broken record.
fn json_found<R: Read>(start: Option<usize>, stream: &mut Peeked<R>) -> io::Result<Found> {
    if lines_found(start, stream)? == Found::Json {
        return Ok(Found::Json);
    }
    let Some(start) = start.filter(|at| stream.head()[*at] == b'{') else { return Ok(Found::Jsonl) };
    let end = stream.find(start, |byte| byte == b'\n')?;
    let head = stream.head();
    let line = &head[start..end.unwrap_or(head.len())];
    let mut cutter = Cutter::new(true, true);
    let (used, step) = cutter.run(line);
    let lines = match (step, end) {
        (Step::List { .. } | Step::EmptyList, _) => false,
        (Step::End, _) => !line[used..].trim_ascii_start().starts_with(b"{"),
        // Cut off within a string, or before another object, it is a broken line and not one that goes on. Only here
        // is more than the line looked at: a slow pipe of JSON lines is not waited for.
        (Step::More, Some(end)) if !cutter.is_in_string() => {
            let after = stream.find(end + 1, |byte| !byte.is_ascii_whitespace())?;
            after.is_none_or(|at| stream.head()[at] == b'{')
        }
        (Step::More, _) => true,
    };
    Ok(if lines { Found::Jsonl } else { Found::Json })
}

/// What begins with a `<`: a feed, a page, or a posting that begins with markup.
fn marked_up<R: Read>(stream: &mut Peeked<R>) -> io::Result<Found> {
    let head = stream.peek_all()?;
    let start = head.trim_ascii_start();
    let declared = start.starts_with(b"<?xml");
    let is_page = |root: &Vec<u8>| PAGES.iter().any(|page| root.eq_ignore_ascii_case(page));
    let doctype = b"<!doctype html";
    let is_html = start.get(..doctype.len()).is_some_and(|start| start.eq_ignore_ascii_case(doctype));
    Ok(match xml::root(head) {
        root if is_html || root.as_ref().is_some_and(is_page) => Found::Html,
        Some(root) if declared || xml::is_known(&root) => Found::Xml,
        None if declared => Found::Xml,
        _ => Found::Text,
    })
}

/// The first line that is not blank, as far as one may look.
fn first_line<R: Read>(stream: &mut Peeked<R>) -> io::Result<&[u8]> {
    let start = stream.find(0, |byte| !matches!(byte, b'\r' | b'\n'))?.unwrap_or(0);
    let end = stream.find(start, |byte| matches!(byte, b'\r' | b'\n'))?;
    let head = stream.head();
    Ok(&head[start..end.unwrap_or(head.len())])
}

fn foreign<R: Read>(stream: &mut Peeked<R>) -> io::Result<Option<(&'static str, &'static str)>> {
    loop {
        let head = stream.head();
        if let Some((_, what, instead)) = FOREIGN.iter().find(|(mark, ..)| head.starts_with(mark)) {
            return Ok(Some((what, instead)));
        }
        let undecided = FOREIGN.iter().any(|(mark, ..)| head.len() < mark.len() && mark.starts_with(head));
        if !undecided || !stream.peek_more()? {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::jsonl::BOM;

    fn auto(name: &str, bytes: &[u8]) -> Found {
        let mut stream = Peeked::new(bytes);
        stream.skip(BOM).unwrap();
        detect(InputFormat::Auto, name, &mut stream).unwrap()
    }

    const COMMA: Found = Found::Csv { separator: b',' };
    const TAB: Found = Found::Csv { separator: b'\t' };

    #[test]
    fn the_first_bytes_tell() {
        assert_eq!(auto("-", b"{\"id\":1}\n"), Found::Jsonl);
        assert_eq!(auto("-", b"\xef\xbb\xbf \r\n {\"id\":1}"), Found::Jsonl);
        assert_eq!(auto("-", b"id,text\n1,x\n"), COMMA);
        assert_eq!(auto("-", b"\n\n\"id\",\"Job Title\"\r\n1,x\n"), COMMA);
        assert_eq!(auto("-", b"id\ttext\n"), TAB);
        assert_eq!(auto("-", b"id;title;salary\n"), Found::Csv { separator: b';' });
        assert_eq!(auto("-", b"id|title|salary\n"), Found::Csv { separator: b'|' });
        assert_eq!(auto("-", b"sep=;\r\nid;text\r\n"), Found::Csv { separator: b';' });
        assert_eq!(auto("a.tsv", b"sep=,\nid,text\n"), COMMA);
        assert_eq!(auto("-", b"id,url,weight\n"), Found::Text, "no column holds text");
        assert_eq!(auto("-", b"title\nCook\n"), Found::Text, "one word is no header");
        assert_eq!(auto("-", b"Typist, driver, cook wanted\nSalary, room\n"), Found::Text);
        let long = format!("title,{}\n", "come to work for us ".repeat(5));
        assert_eq!(auto("-", long.as_bytes()), Found::Text);
        assert_eq!(auto("-", b""), Found::Text);
        assert_eq!(auto("-", "х".repeat(100_000).as_bytes()), Found::Text);
    }

    #[test]
    fn extensions_decide() {
        assert_eq!(auto("a.txt", b"id,text\n"), Found::Text);
        assert_eq!(auto("a.txt.gz", b"{\"id\":1}"), Found::Text);
        assert_eq!(auto("a.CSV", b"description\nx\n"), COMMA);
        assert_eq!(auto("a.tsv.zst", b"a,b\n"), TAB);
        assert_eq!(auto("a.psv", b"a,b\n"), Found::Csv { separator: b'|' });
        assert_eq!(auto("a.csv", b"text\nCook, grill\nfry\n"), TAB, "a comma would tear the first row");
        assert_eq!(auto("a.csv", b"text\n\"Cook, grill\"\nfry\n"), COMMA, "quoted commas tear nothing");
        assert_eq!(auto("a.csv", b"nom;ort\nKoch, gut;Ulm\nx;y\n"), Found::Csv { separator: b';' });
        assert_eq!(auto("dir.csv/a", b"hello"), Found::Text);
        assert_eq!(auto("a.ndjson", b"broken"), Found::Jsonl);
        assert_eq!(auto("a.json", b"{\"a\": 1}"), Found::Jsonl);
        assert_eq!(auto("csv", b"hello"), Found::Text);
        assert_eq!(auto("gz", b"hello"), Found::Text);
        assert_eq!(auto("b.jsonl", b""), Found::Jsonl);
        assert_eq!((auto("b.parquet", b"PAR"), auto("b.zip.gz", b"")), (NO_PARQUET, NO_ZIP));
        assert_eq!(auto("b.parquet", b"{\"id\":1}"), Found::Jsonl);
    }

    #[test]
    fn what_is_not_read_is_refused() {
        let refused = |name, bytes| matches!(auto(name, bytes), Found::Foreign { .. });
        assert_eq!(auto("-", b" [\n{}]"), Found::Json);
        assert_eq!(auto("a.jsonl", b"[{}]"), Found::Json);

        assert!(refused("-", b"PK\x03\x04..."));
        assert!(!refused("-", b"P"));
        assert!(!refused("-", b"<p>Typist wanted</p>"));
    }

    #[test]
    fn json_over_lines_is_told_from_json_lines() {
        for text in ["{\r\n  \"a\": 1\n}", "{\"a\": 1,\n\"b\": 2}", "{\"jobs\":[{\"a\":1}]}", "{\"a\":1} {\"b\":1}"] {
            assert_eq!(auto("a.json", text.as_bytes()), Found::Json, "{text}");
            assert_eq!(auto("-", text.as_bytes()), Found::Json, "{text}");
        }
        for text in
            ["{\"a\":1}\n{\"b\":1}", "{\"a\":\"b\n{\"b\":1}", "{\"a\":1,\n{\"b\":1}", "{\"a\":1", "{\"data\":[1]}\n"]
        {
            assert_eq!(auto("-", text.as_bytes()), Found::Jsonl, "{text}");
        }
    }

    #[test]
    fn documents_of_postings_are_told_from_pages() {
        for text in [
            "<?xml version=\"1.0\"?><whatever>",
            "\u{feff}<source><publisher/>",
            "\n <!-- feed --> <jobs>",
            "<!DOCTYPE source><source>",
            "<a:rss>",
            "<?xml version='1.0'?>",
        ] {
            assert_eq!(auto("-", text.as_bytes()), Found::Xml, "{text}");
        }
        for text in ["<p>Typist wanted</p>", "<", "<3 typists", "<b"] {
            assert_eq!(auto("-", text.as_bytes()), Found::Text, "{text}");
        }
        for text in [
            "<html>",
            "<?xml version='1.0'?><!DOCTYPE html><HTML>",
            "\n<!doctype HTML><title>Jobs</title>",
            "<!-- saved --><html lang=en>",
            "<script type=\"application/ld+json\">{}",
        ] {
            assert_eq!(auto("-", text.as_bytes()), Found::Html, "{text}");
        }
        assert_eq!(auto("a.htm", b"Typist wanted"), Found::Html);
        assert_eq!(auto("a.xml.gz", b"hello"), Found::Xml);
        assert_eq!(auto("a.txt", b"<jobs>"), Found::Text);
    }

    #[test]
    fn exports_of_chats_are_told_by_their_content() {
        let telegram = b"{\n \"name\": \"J\",\n \"type\": \"public_channel\",\n \"id\": 1,\n \"messages\": [";
        for name in ["result.json", "-"] {
            assert_eq!(auto(name, telegram), Found::Telegram);
        }
        assert_eq!(auto("a.jsonl", telegram), Found::Json);
        for name in ["_chat.txt", "-", "a"] {
            assert_eq!(auto(name, b"[12/05/2026, 09:15:02] Anna: Cook wanted\n"), Found::WhatsApp);
        }
        assert_eq!(auto("a.txt", b"12.05.26, 09:15 - Cook wanted\n"), Found::Text);
    }

    #[test]
    fn asking_overrides() {
        let mut stream = Peeked::new(&b"[1]\n"[..]);
        assert_eq!(detect(InputFormat::Jsonl, "a.csv", &mut stream).unwrap(), Found::Jsonl);
        assert_eq!(detect(InputFormat::Text, "a.csv", &mut stream).unwrap(), Found::Text);
        let mut stream = Peeked::new(&b"a\ttitle\n"[..]);
        assert_eq!(detect(InputFormat::Csv, "a.txt", &mut stream).unwrap(), TAB);
    }
}
