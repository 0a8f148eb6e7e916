use super::*;
use crate::feed::record::Limits;
use crate::feed::tests::{Dribble, Endless, assert_only_the_first_is_too_long};
use crate::posting::Field;
use proptest::prelude::*;
use std::io::BufReader;

fn read(file: &str, export: &str) -> (Vec<Record>, PassedOver) {
    let context = Context::new(file, Limits::default());
    let mut reader = WhatsAppReader::new(export.as_bytes(), context.clone(), 0);
    let records = std::iter::from_fn(|| reader.next_raw().unwrap()).map(|raw| raw.parse(&context)).collect();
    assert_eq!(reader.offset(), export.len() as u64, "everything is read");
    (records, reader.passed_over())
}

fn texts(export: &str) -> Vec<String> {
    let text = |record| match record {
        Record::Posting(posting) => Posting::get(&posting, Field::Description).to_owned(),
        Record::Reject(reject) => format!("!{}", reject.reason),
    };
    read("-", export).0.into_iter().map(text).collect()
}

#[test]
fn notations_of_date_and_time() {
    for stamp in [
        "[12/05/2026, 09:15:02] ",
        "\u{200e}[12/05/2026, 9:15:02\u{202f}PM] ",
        "[12.05.26, 09:15:02] ",
        "[2026-05-12, 09:15:02] ",
        "[2026/05/12 9:15:02] ",
        "[12/5/26 上午9:15:02] ",
        "12.05.26, 09:15 - ",
        "5/12/26, 9:15 AM - ",
        "5/12/26, 9:15\u{202f}AM - ",
        "12/05/2026, 9:15 a. m. - ",
        "12/05/2026, 9:15 p.m. - ",
        "12/05/2026 09:15 - ",
        "12/05/2026 à 09:15 - ",
        "2026. 05. 12. 09:15 - ",
        "12/05/26, 9.15 - ",
        "12-05-2026 09:15 - ",
        "١٢/٥/٢٠٢٦، ٩:١٥ م - ",
    ] {
        let export = format!("{stamp}Example: Cook wanted\n{stamp}\u{200e}~\u{202f}Anna Example: Driver\n");
        let (records, _) = read("-", &export);
        let [Record::Posting(first), Record::Posting(second)] = &records[..] else { panic!("{stamp}: {records:?}") };
        assert_eq!(first.get(Field::Description), "Cook wanted", "{stamp}");
        assert_eq!(first.extra["from"], "Example");
        assert_eq!(second.extra["from"], "Anna Example", "{stamp}");
        let end = stamp.trim_start_matches(is_mark).trim_start_matches('[').trim_end_matches([' ', '-', ']']);
        assert_eq!(first.get(Field::PostedAt), end);
        assert!(is_export(export.as_bytes()), "{stamp}");
    }
    for line in ["12.05.26", "Call 12/05/2026", "1/2, 3:4", "12.05.26, 9:15 Cook", "[1,2]", "", "2026-05-12T09:15"] {
        assert_eq!(Header::of(line), None, "{line}");
    }
}

#[test]
fn messages_over_lines_and_lines_of_the_app() {
    let export = "[12/05/2026, 09:15:02] Jobs: \u{200e}Messages and calls are end-to-end encrypted.\r\n\
        [12/05/2026, 09:15:03] \u{200e}Anna created this group\r\n\
        [12/05/2026, 09:16:02] Anna: Typists wanted:\n\nflight paid\r\n\
        \u{200e}[12/05/2026, 09:17:00] Anna: \u{200e}image omitted\r\n\
        [12/05/2026, 09:18:00] Ben changed the subject to “Jobs: abroad”\r\n\
        [12/05/2026, 09:19:00] +00 000 000: a: b";
    let (records, passed_over) = read("WhatsApp Chat - Jobs/_chat.txt", export);
    let [Record::Posting(first), Record::Posting(second)] = &records[..] else { panic!("{records:?}") };
    assert_eq!((first.id.as_str(), first.get(Field::Description)), ("Jobs/1", "Typists wanted:\n\nflight paid"));
    assert_eq!((second.id.as_str(), second.get(Field::Description)), ("Jobs/2", "a: b"));
    assert_eq!(second.extra["from"], "+00 000 000");
    assert_eq!(passed_over, PassedOver { service: 3, empty: 1 });
}

#[test]
fn placeholders_are_passed_over_and_what_only_looks_like_one_is_not() {
    for (text, marked) in [
        ("<Media omitted>", false),
        ("<Medien ausgeschlossen>", false),
        ("<Без медиафайлов>", false),
        ("<省略多媒体文件>", false),
        ("<attached: 00000012-PHOTO-2026-05-12-09-15-02.jpg>", false),
        ("IMG-20260512-WA0001.jpg (file attached)", false),
        ("sticker omitted", true),
        ("null", false),
    ] {
        assert!(is_placeholder(text, marked), "{text}");
    }
    for (text, marked) in [
        ("<Telegram @jobs_demo>", false),
        ("<Typists wanted, 3000 a month>", false),
        ("<Jobs: https://example.com>", false),
        ("IMG-20260512-WA0001.jpg (file attached)\nTypists wanted", false),
        ("Typists wanted abroad, flight and a room for all paid", true),
        ("write to +00 000", true),
        ("image omitted", false),
    ] {
        assert!(!is_placeholder(text, marked), "{text}");
    }
}

#[test]
fn a_line_of_the_app_that_is_none_is_read() {
    let lure = "Typists wanted abroad, flight paid, write to @jobs_demo0";
    let export = format!(
        "12.05.26, 09:15 - Anna: Hello\n12.05.26, 09:15 - {lure}\n12.05.26, 09:16 - Ben joined\n\
         12.05.26, 09:17 - Ben joined\nand wants typists\n"
    );
    assert_eq!(texts(&export), ["Hello", lure, "Ben joined\nand wants typists"]);
}

#[test]
fn names_of_chats() {
    assert_eq!(chat("a/WhatsApp Chat with Jobs abroad.txt.gz"), "Jobs abroad");
    assert_eq!(chat("a/WhatsApp Chat - Jobs/_chat.txt"), "Jobs");
    assert_eq!(chat("_chat.txt"), "_chat");
    assert_eq!(chat("-"), "-");
}

#[test]
fn a_posting_that_begins_with_a_date_is_no_export() {
    assert!(!is_export(b"12.05.26, 09:15 - Typists wanted\nflight paid\n"));
    assert!(is_export(b"12.05.26, 09:15 - Anna joined\n12.05.26, 09:16 - Ben joined"));
}

#[test]
fn lines_before_the_first_message_are_a_reject() {
    let texts = texts("\n \nhello\n12.05.26, 09:15 - Anna: Cook\n");
    assert!(texts[0].starts_with("!lines before the first message"), "{texts:?}");
    assert_eq!(texts[1..], ["Cook"]);
    assert!(self::texts("\n\n").is_empty());
}

#[test]
fn an_endless_message_is_not_held() {
    let stream = Endless::new(b"12.05.26, 09:15 - A: ", b'x', 50 << 20, b"\n12.05.26, 09:16 - B: Cook\n");
    let context = Context::new("-", Limits { record_bytes: 1 << 20, ..Limits::default() });
    let mut reader = WhatsAppReader::new(BufReader::with_capacity(64 * 1024, stream), context.clone(), 0);
    assert_only_the_first_is_too_long(|| reader.next_raw().unwrap().map(|raw| raw.parse(&context)));
}

proptest! {
    #[test]
    fn any_text_comes_out(texts in prop::collection::vec("[^\r]{0,700}[^\r\\s]", 1..5), ios: bool, chunk in 1usize..700) {
        // What the app itself writes, and a line that a message begins with, are told apart by their form alone.
        prop_assume!(texts.iter().all(|text| !text.starts_with('\u{200e}') && !is_placeholder(text.trim(), false)));
        prop_assume!(texts.iter().all(|text| text.lines().skip(1).all(|line| Header::of(line).is_none())));
        let line = |text: &String| match ios {
            true => format!("[12/05/2026, 09:15:02] Anna: {text}\r\n"),
            false => format!("5/12/26, 9:15\u{202f}AM - Anna: {text}\n"),
        };
        let export: String = texts.iter().map(line).collect();
        let context = Context::new("-", Limits::default());
        let stream = BufReader::with_capacity(chunk, Dribble::new(export.into_bytes(), vec![chunk]));
        let mut reader = WhatsAppReader::new(stream, context.clone(), 0);
        let mut read = Vec::new();
        while let Some(raw) = reader.next_raw().unwrap() {
            let Record::Posting(posting) = raw.parse(&context) else { panic!() };
            read.push(posting.get(Field::Description).to_owned());
        }
        prop_assert_eq!(read, texts);
    }
}
