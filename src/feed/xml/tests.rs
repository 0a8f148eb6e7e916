use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::feed::record::Limits;
use crate::feed::reject::{RAW_KEPT, Reject};
use crate::feed::tests::{Dribble, Endless};

fn open<R: BufRead>(stream: R, head: &[u8], limits: Limits) -> XmlReader<R> {
    XmlReader::new(stream, head, true, Context::new("f.xml", limits), 0).unwrap()
}

fn records(document: &str) -> Vec<Record> {
    let mut reader = open(document.as_bytes(), document.as_bytes(), Limits::default());
    let context = reader.context.clone();
    std::iter::from_fn(|| reader.next_raw().unwrap()).map(|raw| raw.parse(&context)).collect()
}

fn postings(document: &str) -> Vec<Posting> {
    let posting = |record| match record {
        Record::Posting(posting) => *posting,
        Record::Reject(reject) => panic!("{reject:?}"),
    };
    records(document).into_iter().map(posting).collect()
}

fn rejects(document: &str) -> (usize, Vec<Reject>) {
    let records = records(document);
    let rejects = records.iter().filter_map(|record| match record {
        Record::Reject(reject) => Some(reject.clone()),
        Record::Posting(_) => None,
    });
    (records.len(), rejects.collect())
}

/// The posting of a document with one record, `<job>` around this.
fn one(content: &str) -> Posting {
    let mut postings = postings(&format!("<source><job><title>T</title>{content}</job></source>"));
    assert_eq!(postings.len(), 1);
    postings.remove(0)
}

fn titles(document: &str) -> Vec<String> {
    let title = |record: Record| match record {
        Record::Posting(posting) => posting.get(Field::Title).to_owned(),
        Record::Reject(_) => "-".to_owned(),
    };
    records(document).into_iter().map(title).collect()
}

#[test]
fn a_feed_of_the_usual_kind() {
    let p = postings(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<source><publisher>P</publisher>\n<job>\n\
         <TITLE><![CDATA[Typist & clerk]]></TITLE><date><![CDATA[Mon, 05 Oct 2026 09:30:00 GMT]]></date>\
         <referencenumber>7</referencenumber><company>Acme &amp; Sons</company><city>Mae Sot</city>\
         <country>TH</country><salary_min>1000</salary_min><salary_max>2000</salary_max><currency>USD</currency>\
         <description>&lt;p&gt;Caf&eacute; &#233;&#xE9; R&D &nosuch; a&b;&lt;/p&gt;</description>\
         <email>a@acme.example</email><category>Office</category></job>\n</source>",
    );
    assert_eq!(p.len(), 1);
    let get = |field| p[0].get(field);
    assert_eq!((p[0].id.as_str(), get(Field::Title), get(Field::Company)), ("7", "Typist & clerk", "Acme & Sons"));
    assert_eq!(get(Field::Description), "<p>Café éé R&D &nosuch; a&b;</p>");
    assert_eq!((get(Field::Location), get(Field::Salary)), ("Mae Sot, TH", "USD 1000-2000"));
    assert_eq!(get(Field::Contact), "a@acme.example");
    assert_eq!(json!(p[0].extra), json!({"category": "Office"}));
}

#[test]
fn nested_elements_and_attributes_are_put_together() {
    let p = one("<location><city>Cagliari</city><region/><country code='IT'>Italy</country></location>\
         <salary currency='EUR' period='MONTH'><min>1000</min><max>1500</max></salary>\
         <company><name>Acme</name><url>https://acme.example</url></company>\
         <skills><skill>typing</skill><skill>English</skill></skills>");
    assert_eq!(p.get(Field::Location), "Cagliari, Italy");
    assert_eq!(p.get(Field::Salary), "EUR 1000-1500 per month");
    assert_eq!(p.get(Field::Company), "Acme");
    assert_eq!(p.get(Field::Requirements), "typing\nEnglish");
    assert_eq!(p.extra["company"], json!({"name": "Acme", "url": "https://acme.example"}));
    let p = one("<salary currency='EUR'>1000</salary>");
    assert_eq!(p.get(Field::Salary), "EUR 1000");
    let p = one("<salary currency='EUR'>30 an hour</salary><link rel='x' href='https://a.example'/>");
    assert_eq!((p.get(Field::Salary), p.get(Field::Url)), ("30 an hour", "https://a.example"));
    let p = postings("<rows><row id='7' title='Cook &amp; baker' a='&quot;'/></rows>");
    assert_eq!((p[0].id.as_str(), p[0].get(Field::Title), &p[0].extra["a"]), ("7", "Cook & baker", &json!("\"")));
}

#[test]
fn other_wrappers_prefixes_and_groups() {
    let rss = "<rss xmlns:g='x'><channel><title>Jobs</title><item><title>Cook</title><description>Fry</description>\
         <content:encoded><![CDATA[<p>Fry and grill</p>]]></content:encoded><g:location>Leith</g:location>\
         <guid isPermaLink='false'>77</guid></item></channel></rss>";
    let p = postings(rss);
    assert_eq!((p[0].get(Field::Description), p[0].get(Field::Location)), ("<p>Fry and grill</p>", "Leith"));
    assert_eq!((p[0].id.as_str(), &p[0].extra["description"]), ("77", &json!("Fry")));
    let p = postings(
        "<jobs><job><basics><title>Cook</title></basics><body><text>Fry</text></body></job>\
         <job><title>x</title></job></jobs>",
    );
    assert_eq!((p[0].get(Field::Title), p[0].get(Field::Description)), ("", "Fry"), "what is read is not regrouped");
    let p = postings("<jobs><job><title>x</title></job><job><basics><title>Cook</title><x>1</x></basics></job></jobs>");
    assert_eq!((p[1].get(Field::Title), json!(p[1].extra)), ("Cook", json!({"x": "1"})));
    let personio = "<workzag-jobs><position><id>3</id><name>Cook</name><jobDescriptions><jobDescription>\
         <name>Tasks</name><value>Fry</value></jobDescription><jobDescription><name>You</name><value>Calm</value>\
         </jobDescription></jobDescriptions></position></workzag-jobs>";
    let p = postings(personio);
    assert_eq!((p[0].get(Field::Title), p[0].get(Field::Description)), ("Cook", "Fry\nCalm"));
    let p = postings("<jobs><job>just a text</job><job><title>x</title></job></jobs>");
    assert_eq!(p[0].get(Field::Description), "just a text");
    assert_eq!(records("<source><publisher>P</publisher></source>").len(), 0);
}

#[test]
fn html_that_was_pasted_in_is_text() {
    let p =
        one("<description>Fry<br>and <b>grill</b><ul><li>one<li>two</ul>&amp; more</description><city>Leith</city>");
    assert_eq!(p.get(Field::Description), "Fry<br>and <b>grill</b><ul><li>one<li>two</ul>&amp; more");
    assert_eq!(p.get(Field::Location), "Leith");
    let p = one("<description><p><![CDATA[Fry]]></p></description>");
    assert_eq!(p.get(Field::Description), "<p>Fry</p>");
}

#[test]
fn broken_records_do_not_cost_the_next() {
    for (broken, reason) in [
        ("<job><title>a</titel></job>", "</titel> where </title> is expected"),
        ("<job><title>a</job>", "</job> where </title> is expected"),
        ("<job><title>a</title>", "<job> is not closed before the next one begins"),
        ("<job><title><![CDATA[a</title></job>", "broken at byte"),
        ("<job><title>a</title><!-- </job>", "broken at byte"),
        ("<job id=\"1><title>a</title></job>", "broken at byte"),
        ("<job><a/></job>", "no text in any field that is read; names that are not known: a"),
        ("<job/>", "no text in any field"),
        ("<job><title>caf\u{fffd}</title><!DOCTYPE x></job>", "document type declaration inside"),
    ] {
        for (before, after) in [("", ""), ("<job><title>before</title></job>\n", "<job><title>last</title></job>")] {
            let document =
                format!("<jobs>{before}{broken}\n<job><title><![CDATA[next]]></title></job><!-- -->{after}</jobs>");
            let (count, rejects) = rejects(&document);
            let expected = if before.is_empty() { 2 } else { 4 };
            assert_eq!((count, rejects.len()), (expected, 1), "{document}: {rejects:?}");
            let reject = &rejects[0];
            assert!(reject.reason.contains(reason), "{document}: {}", reject.reason);
            assert_eq!(reject.raw.trim_ascii_end(), broken.as_bytes());
            assert_eq!(&document.as_bytes()[reject.offset as usize..][..reject.raw.len()], &reject.raw[..]);
        }
    }
    assert_eq!(titles("<jobs><job><title>a</title></job><job><title>b</title>"), ["a", "-"]);
    assert_eq!(titles("<jobs><job><title>a</title></job><job><title><![CDATA[b</jobs>"), ["a", "-"]);
}

#[test]
fn an_open_section_at_the_end_gives_back_what_it_swallowed() {
    let document = "<jobs><job><title>a</title></job><job><title><![CDATA[b</title></job>\n<job><title>c</title></job>\
         <job><title>d</title></job></jobs>";
    assert_eq!(titles(document), ["a", "-", "c", "d"]);
}

#[test]
fn elements_in_their_like_belong_to_one_record() {
    assert_eq!(
        titles("<items><item><title>a</title><item>x</item></item><item><title>b</title></item></items>"),
        ["a", "b"]
    );
}

#[test]
fn entities_are_not_expanded_and_nothing_is_fetched() {
    let document = "<!DOCTYPE jobs [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>\
         <jobs><job><title>&b;</title></job><job><title>&f;</title></job><job><title>R&amp;D &hellip; a & b</title></job>\
         <job title='&a;'/></jobs>";
    let (count, rejects) = rejects(document);
    assert_eq!((count, rejects.len()), (4, 3));
    assert!(rejects[0].reason.starts_with("the entity &b; is not one of XML or HTML"), "{}", rejects[0].reason);
    assert_eq!(titles(document)[2], "R&D … a & b");
}

#[test]
fn depth_and_numbers_are_bounded() {
    let deep = format!("<jobs><job><title>a</title>{}{}</job></jobs>", "<a>".repeat(50_000), "</a>".repeat(50_000));
    assert!(rejects(&deep).1[0].reason.contains("nested more than 127 deep"));
    let wide = format!("<jobs><job><title>a</title>{}</job></jobs>", "<a/>".repeat(100_001));
    assert!(rejects(&wide).1[0].reason.starts_with("more than 100000 elements and attributes"));
    let attributes: String = (0..100_001).map(|i| format!(" a{i}=''")).collect();
    let wide = format!("<jobs><job{attributes}><title>a</title></job></jobs>");
    assert!(rejects(&wide).1[0].reason.starts_with("more than 100000 elements and attributes"));
}

#[test]
fn a_record_over_the_limit_is_read_to_its_end() {
    let limits = Limits { record_bytes: 60, ..Limits::default() };
    let long = "x".repeat(100);
    for bad in [
        format!("<job><title>{long}</title></job>"),
        format!("<job><title><![CDATA[{long}</title></job>"),
        format!("<job><title>{long}</title>"),
        format!("<job><a b='{long}"),
        format!("<job a='{long}>"),
    ] {
        let document = format!("<jobs>{bad}<job><title>b</title></job></jobs>");
        let mut reader = open(document.as_bytes(), b"<jobs><job><title>", limits);
        let context = reader.context.clone();
        let raw = reader.next_raw().unwrap().unwrap();
        assert_eq!(raw.length(), bad.len() as u64, "{document}");
        assert!(matches!(raw.parse(&context), Record::Reject(_)));
        let Record::Posting(next) = reader.next_raw().unwrap().unwrap().parse(&context) else { panic!("{document}") };
        assert_eq!(next.get(Field::Title), "b");
    }
}

#[test]
fn an_element_of_100_megabytes_is_not_held() {
    let head = b"<jobs><job><title>";
    let stream = Endless::new(head, b'x', 100 << 20, b"</title></job><!-- --><job><title>next</title></job>");
    let limits = Limits { record_bytes: 1 << 20, ..Limits::default() };
    let mut reader = open(std::io::BufReader::with_capacity(64 * 1024, stream), head, limits);
    let context = reader.context.clone();
    let raw = reader.next_raw().unwrap().unwrap();
    assert_eq!(raw.length(), (100 << 20) + 26);
    let Record::Reject(reject) = raw.parse(&context) else { panic!("the record is over the limit") };
    assert!(reject.raw_truncated && reject.raw.len() == RAW_KEPT);
    assert!(matches!(reader.next_raw().unwrap().unwrap().parse(&context), Record::Posting(_)));
}

#[test]
fn what_is_swallowed_again_and_again_costs_no_quadratic_time() {
    let many = "<job><title><![CDATA[".repeat(200_000);
    let mut reader = open(many.as_bytes(), many.as_bytes(), Limits { record_bytes: 100_000, ..Limits::default() });
    let mut count = 0;
    while reader.next_raw().unwrap().is_some() {
        count += 1;
    }
    assert!(count > 1);
    assert_eq!(reader.offset(), many.len() as u64);
}

fn soup() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "<job>",
        "</job>",
        "<job/>",
        "<title>",
        "</title>",
        "Cook",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<",
        ">",
        "&",
        "&amp;",
        "&x;",
        "\"",
        " a='b'",
        "<job id='",
        "<?x",
        "?>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]>",
        "<br>",
        "</jobs>",
        "é",
        "<description>",
        "</description>",
        "<JOB>",
        "<n:job>",
        "]",
        "-",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_panics(text in soup(), limit in 10usize..300, size in 1usize..20) {
        let document = format!("<jobs><job><title>first</title></job>{text}</jobs>");
        let limits = Limits { record_bytes: limit, values: 50, ..Limits::default() };
        let run = |stream: Box<dyn BufRead>| {
            let mut reader = open(stream, document.as_bytes(), limits);
            let context = reader.context.clone();
            let mut seen = Vec::new();
            while let Some(raw) = reader.next_raw().unwrap() {
                seen.push((raw.number(), raw.offset(), raw.length(), raw.parse(&context)));
            }
            seen
        };
        let whole = run(Box::new(std::io::Cursor::new(document.clone().into_bytes())));
        let mut end = 0;
        for (i, (number, offset, length, record)) in whole.iter().enumerate() {
            prop_assert_eq!(*number, i as u64 + 1);
            prop_assert!(*offset >= end, "records overlap");
            end = offset + length;
            prop_assert!(end <= document.len() as u64);
            if let Record::Reject(reject) = record {
                prop_assert_eq!(&reject.raw[..], &document.as_bytes()[*offset as usize..end as usize]);
            }
        }
        let cut = Dribble::new(document.clone().into_bytes(), vec![size, 1, 7]);
        prop_assert_eq!(run(Box::new(std::io::BufReader::with_capacity(16, cut))), whole);
    }
}
