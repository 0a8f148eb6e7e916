use super::*;
use crate::feed::record::Limits;
use crate::feed::tests::{Dribble, Endless, assert_only_the_first_is_too_long};
use proptest::prelude::*;
use serde_json::json;
use std::io::BufReader;

fn read(export: &[u8]) -> (Vec<Record>, PassedOver) {
    let context = Context::new("dir/result.json", Limits::default());
    let mut reader = TelegramReader::new(export, context.clone(), 0);
    let records = std::iter::from_fn(|| reader.next_raw().unwrap()).map(|raw| raw.parse(&context)).collect();
    assert_eq!(reader.offset(), export.len() as u64, "everything is read");
    (records, reader.passed_over())
}

fn postings(export: &Value) -> Vec<Posting> {
    let (records, _) = read(export.to_string().as_bytes());
    let posting = |record| match record {
        Record::Posting(posting) => *posting,
        Record::Reject(reject) => panic!("{}", reject.reason),
    };
    records.into_iter().map(posting).collect()
}

fn chat(messages: Value) -> Value {
    json!({"name": "Jobs", "type": "public_channel", "id": 7, "messages": messages})
}

#[test]
fn a_message_is_a_posting() {
    let posting = &postings(&chat(json!([{
        "id": 12, "type": "message", "date": "2026-05-12T09:15:02", "from": "Example Jobs", "from_id": "channel7",
        "text": ["Typists, ", {"type": "text_link", "text": "apply", "href": "https://apply.example.com/x"}, " or ",
            {"type": "link", "text": "https://example.com"}],
        "text_entities": [{"type": "plain", "text": "Typists, "}],
        "inline_bot_buttons": [[{"type": "url", "text": "Write", "data": "https://example.org"}, {"type": "callback"}]]
    }])))[0];
    assert_eq!(posting.id, "Jobs/12");
    let description = "Typists, apply (https://apply.example.com/x) or https://example.com";
    assert_eq!(posting.get(Field::Description), description);
    assert_eq!(posting.get(Field::PostedAt), "2026-05-12T09:15:02");
    assert_eq!(posting.get(Field::Source), "Jobs");
    assert_eq!(posting.get(Field::Contact), "Write (https://example.org)");
    assert_eq!(posting.extra["from"], "Example Jobs");
    assert!(!posting.extra.contains_key("text_entities"));
}

#[test]
fn what_is_no_text_of_a_person_is_passed_over_and_counted() {
    let export = chat(json!([
        {"id": 1, "type": "service", "action": "join_group_by_link", "text": ""},
        {"id": 2, "type": "message", "photo": "photos/1.jpg", "text": ""},
        {"id": 3, "type": "message", "text": [{"type": "bold", "text": " \n"}]},
        {"id": 4, "type": "message", "text": "", "text_entities": [{"type": "plain", "text": "Cook"}]},
        {"id": 5, "type": "service", "text": "Typists"},
    ]));
    let (records, passed_over) = read(export.to_string().as_bytes());
    let texts = records.iter().map(|record| match record {
        Record::Posting(posting) => posting.get(Field::Description),
        Record::Reject(reject) => &reject.reason,
    });
    assert_eq!(texts.collect::<Vec<_>>(), ["Cook", "Typists"]);
    assert_eq!(passed_over, PassedOver { service: 1, empty: 2 });
}

#[test]
fn all_chats_of_an_account() {
    let one = |id, text| json!([{"id": id, "type": "message", "text": text}]);
    let export = json!({
        "about": "Here is the data you requested.", "personal_information": {"messages": [{"id": 9}]},
        "contacts": {"list": [{"first_name": "]"}]},
        "chats": {"about": "x", "list": [
            {"name": "A \"b\"", "type": "private_group", "id": 1, "messages": one(5, "Cook")},
            {"type": "saved_messages", "id": 2, "messages": one(6, "Driver")},
        ]},
        "left_chats": {"about": "x", "list": [{"name": null, "messages": one(7, "Clerk")}]},
    });
    let ids: Vec<String> = postings(&export).into_iter().map(|posting| posting.id).collect();
    assert_eq!(ids, ["A \"b\"/5", "2/6", "result.json/7"]);
}

#[test]
fn a_broken_message_costs_itself_and_a_broken_end_is_told() {
    let (records, _) = read(br#"{"name":"J","messages":[{"id":1,"text":},7,{"id":2,"text":"Cook"},{"id":3"#);
    let told: Vec<String> = records
        .iter()
        .map(|record| match record {
            Record::Posting(posting) => posting.id.clone(),
            Record::Reject(reject) => format!("{}: {}", reject.record, reject.reason),
        })
        .collect();
    assert!(told[0].starts_with("1: expected value"), "{told:?}");
    assert!(told[1].starts_with("2: not a message"), "{told:?}");
    assert_eq!(told[2], "J/2");
    assert!(told[3].starts_with("4: EOF") && told.len() == 4, "{told:?}");
    let (records, _) = read(br#"{"name":"J","messages":[{"id":1,"text":"Cook"}"#);
    assert!(matches!(&records[1], Record::Reject(r) if r.reason.starts_with("the stream ends before the export")));
}

#[test]
fn an_endless_message_is_not_held() {
    let stream = Endless::new(b"{\"messages\":[{\"text\":\"", b'x', 50 << 20, b"\"},{\"id\":2,\"text\":\"Cook\"}]}");
    let context = Context::new("-", Limits { record_bytes: 1 << 20, ..Limits::default() });
    let mut reader = TelegramReader::new(BufReader::with_capacity(64 * 1024, stream), context.clone(), 0);
    assert_only_the_first_is_too_long(|| reader.next_raw().unwrap().map(|raw| raw.parse(&context)));
}

#[test]
fn exports_are_told_from_other_json() {
    let whole = chat(json!([])).to_string();
    for end in 0..whole.len() {
        assert_ne!(is_export(&whole.as_bytes()[..end]), Some(false), "{}", &whole[..end]);
    }
    assert_eq!(is_export(whole.as_bytes()), Some(true));
    for (text, expected) in [
        ("{\"about\": \"Here is the data you requested. Remember\", \"contacts\"", true),
        ("{\n \"chats\": {", true),
        ("{\"type\":\"personal_chat\",\"id\":1,\"messages\":[", true),
        ("{\"name\":\"Cook\",\"type\":\"full-time\",", false),
        ("{\"messages\":[", false),
        ("{\"id\":1,\"text\":\"x\"}", false),
        ("{\"id\":1}", false),
        ("[]", false),
    ] {
        assert_eq!(is_export(text.as_bytes()), Some(expected), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_comes_out(texts in prop::collection::vec(".{0,20}\\PC[\\x00-\\x{ffff}]{0,40}", 1..5), pretty: bool, in_pieces: bool) {
        prop_assume!(texts.iter().all(|text| !text.trim().is_empty()));
        let message = |text: &String| {
            let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
            let (a, b) = text.split_at(middle);
            json!({"id": 1, "type": "message", "text": if in_pieces { json!([a, {"type": "bold", "text": b}]) } else { json!(text) }})
        };
        let export = chat(texts.iter().map(message).collect());
        let export = if pretty { serde_json::to_string_pretty(&export) } else { serde_json::to_string(&export) }.unwrap();
        let context = Context::new("f.json", Limits::default());
        let stream = BufReader::with_capacity(1, Dribble::new(export.into_bytes(), vec![1]));
        let mut reader = TelegramReader::new(stream, context.clone(), 0);
        let mut read = Vec::new();
        while let Some(raw) = reader.next_raw().unwrap() {
            let Record::Posting(posting) = raw.parse(&context) else { panic!() };
            read.push(posting.get(Field::Description).to_owned());
        }
        prop_assert_eq!(read, texts);
    }

    #[test]
    fn anything_is_read_to_its_end(text in r#"[\[\]{}",:\\a1\n ]{0,40}|\{"(messages|chats|list)":[\[{](\{"text":"b"\},|[\[\]{}",:\\]){0,12}"#) {
        read(text.as_bytes());
    }
}
