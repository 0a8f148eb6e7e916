use super::*;
use crate::feed::{Feed, FeedOptions, Record};

const SAMPLE: &str = "\u{feff}# family r1-a: a hand\n\n=== en-r1-001\nlabel: 1\nkind: compound_loud\nlanguage: en\n\
    form: social post\ntitle: [[desk_role|Customer service]] x20: Bangkok\nsalary: [[high_pay|USD 2,500]]\n\
    signals: vague_role, vague_role\n---\n\nWe are hiring.\r\n[[free_travel,free_lodging|Flight, \
    [[tourist_visa|visa]] and dorm]] on us \u{1f600}\n\n[[chat_contact|Telegram @x]]\n\n=== th-r1-002\nlabel: 0\n\
    kind: warning\nlanguage: th\nromanised: yes\n---\nระวัง [[warning_context|มิจฉาชีพ]]\n";

fn parse_as(file: &str, text: &str) -> Parsed {
    parse(file, text, &Catalogue::embedded())
}

fn errors(text: &str) -> String {
    parse_as("x/r1-a.txt", text).errors.iter().map(|e| e.to_string()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_file_says_that_lexicons_were_mended_on_it() {
    let mended = |text: &str| {
        assert!(is_marked(text));
        let parsed = parse_as("r1-a.txt", text);
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        parsed.postings.iter().map(|marked| marked.posting.extra.contains_key(MENDED)).collect::<Vec<_>>()
    };
    let sample = SAMPLE.trim_start_matches('\u{feff}');
    assert_eq!(mended(sample), [false, false]);
    assert_eq!(mended(&format!("# whose it is\nlexicons: mended\n\n{sample}")), [true, true]);
    let wrong = errors(&format!("lexicons: read\n{sample}"));
    assert!(wrong.contains("\"lexicons: read\" stands before the first posting"), "{wrong}");
}

#[test]
fn postings_come_with_fields_and_spans() {
    let parsed = parse_as("dir/r1-a.txt", SAMPLE);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let [first, second] = parsed.postings.as_slice() else { panic!("{:?}", parsed.postings) };
    assert_eq!((first.posting.id.as_str(), first.posting.label, first.line), ("en-r1-001", Some(true), 3));
    assert_eq!(first.posting.get(Field::Title), "Customer service x20: Bangkok");
    assert_eq!(
        first.posting.get(Field::Description),
        "We are hiring.\nFlight, visa and dorm on us \u{1f600}\n\nTelegram @x"
    );
    assert_eq!(
        (first.family.as_str(), first.split, first.form.as_deref()),
        ("r1-a", Split::Train, Some("social post"))
    );
    assert_eq!(first.posting_level, ["vague_role"]);
    assert_eq!(
        first.signals(&Catalogue::embedded()),
        ["high_pay", "free_travel", "free_lodging", "desk_role", "vague_role", "chat_contact", "tourist_visa"]
    );
    for span in first.spans.iter().chain(&second.spans) {
        let posting = if first.spans.contains(span) { &first.posting } else { &second.posting };
        let words: String = posting.get(span.field).chars().skip(span.start).take(span.end - span.start).collect();
        assert_eq!(words, span.text);
    }
    assert!(second.romanised && !first.romanised);
    assert_eq!(second.posting.extra.get("group"), Some(&json!("r1-a")));
}

#[test]
fn a_compiled_posting_is_read_back_by_the_feed_reader() {
    let catalogue = Catalogue::embedded();
    let marked = parse_as("t9-a.txt", &SAMPLE.replace("-r1-", "-t9-")).postings;
    let lines: Vec<String> =
        marked.iter().map(|m| serde_json::to_string(&m.record(&catalogue, true)).unwrap() + "\n").collect();
    assert!(
        lines[0].contains(
            r#""signals":[{"id":"high_pay","spans":[{"field":"salary","start":0,"end":9,"text":"USD 2,500"}]}"#
        ),
        "{}",
        lines[0]
    );
    assert!(lines[0].contains(r#"{"id":"vague_role","spans":[]}"#) && lines[0].contains(r#""split":"test""#));
    let stream = Box::new(std::io::Cursor::new(lines.concat().into_bytes()));
    let feed = Feed::from_reader("c.jsonl", stream, &FeedOptions::default()).unwrap();
    for (record, marked) in feed.zip(&marked) {
        let Record::Posting(mut back) = record.unwrap() else { panic!("a reject") };
        for key in ["form", "romanised", "signals"] {
            back.extra.shift_remove(key);
        }
        assert_eq!(*back, marked.posting);
    }
    assert!(!marked[0].record(&catalogue, false).contains_key("signals"));
}

#[test]
fn every_fault_is_named_with_file_and_line() {
    let replaced = |from: &str, to: &str| errors(&SAMPLE.replacen(from, to, 1));
    assert!(replaced("label: 1", "label: 2").starts_with("x/r1-a.txt:4: en-r1-001: label: \"2\" must be 0"));
    assert!(replaced("kind: compound_loud\n", "").contains("no \"kind\""));
    assert!(replaced("language: en", "language: xx").contains("\"xx\" is none of en, zh-Hans"));
    assert!(replaced("language: en", "language: fr").contains(":3: en-r1-001: the id does not begin with"));
    assert!(replaced("en-r1-001", "en-r2-001").contains("the id's writer"));
    assert!(replaced("form:", "fomr:").contains(":7: en-r1-001: the header has no key \"fomr\""));
    assert!(replaced("form: social post", "form").contains(":7: en-r1-001: the header line \"form\""));
    assert!(
        replaced("form: social post", "title: x").contains(":8: en-r1-001: the header has the key \"title\" twice")
    );
    assert!(replaced("romanised: yes", "romanised: no").contains("must be yes"));
    assert!(replaced("chat_contact|", "chat|").contains(":16: en-r1-001: no signal \"chat\" among the 39"));
    assert!(replaced("signals: vague_role", "signals: vague").contains(":10: en-r1-001: no signal \"vague\""));
    assert!(replaced("@x]]", "@x").contains(":16: en-r1-001: description: the mark of chat_contact is not closed"));
    assert!(replaced("---", "--").contains("no line is `---`") || !replaced("---", "--").is_empty());
    assert!(replaced("# family", "family").contains(":1: \"family r1-a: a hand\" stands before"));
    assert!(replaced("kind: compound_loud", "kind: [[high_pay|x]]").contains(":5: en-r1-001: kind: has a mark"));
    assert!(
        errors("=== en-r1-001\nlabel: 0\nkind: a\nlanguage: en\n---\nshort\n")
            .contains(":6: en-r1-001: title and description: have 5")
    );
    assert_eq!(errors("=== en-r1-001\nlabel: 0\nkind: a\nlanguage: en\ntitle: Night cashier\n---\n"), "");
    assert!(errors("nothing").contains("none of the lines begins"));
    assert!(parse_as("notes.txt", SAMPLE).errors[0].to_string().starts_with("notes.txt: the family"));
}

#[test]
fn what_teaches_signals_only_has_no_label_and_says_so() {
    let parsed = parse_as("r1-a.txt", &SAMPLE.replacen("label: 1", "label: none", 1));
    assert!(parsed.errors.is_empty());
    assert_eq!((parsed.postings[0].posting.label, parsed.postings[1].posting.label), (None, Some(false)));
    assert!(!parsed.postings[0].spans.is_empty());
}

#[test]
fn a_posting_with_a_fault_is_left_out_and_the_others_are_read() {
    let parsed = parse_as("r1-a.txt", &SAMPLE.replacen("label: 1", "label: yes", 1));
    assert_eq!((parsed.postings.len(), parsed.errors.len()), (1, 1));
}

#[test]
fn an_id_is_used_once_in_all_files() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["r1-a.txt", "r1-b.txt"] {
        std::fs::write(dir.path().join(name), SAMPLE).unwrap();
    }
    let parsed = read(&[dir.path().to_owned()], &Catalogue::embedded()).unwrap();
    assert_eq!((parsed.postings.len(), parsed.errors.len()), (2, 2));
    assert!(parsed.errors[0].to_string().contains("r1-b.txt:3: en-r1-001: the id was used before, at"));
    let empty = tempfile::tempdir().unwrap();
    assert!(read(&[empty.path().to_owned()], &Catalogue::embedded()).unwrap_err().to_string().contains("no .txt file"));
    assert!(read(&[empty.path().join("none")], &Catalogue::embedded()).is_err());
}

#[test]
fn marked_files_are_told_by_their_first_line() {
    assert!(is_marked(SAMPLE));
    assert!(!is_marked("id,title\n=== x"));
    assert!(!is_marked(""));
}
