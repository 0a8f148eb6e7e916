/*!
Pages in HTML: the schema.org postings that a page embeds for search engines.

Job pages carry their posting a second time in a script of type `application/ld+json`, because search engines require
it. That copy is read; the page around it, with its menus and other offers, is not. A page is read as a whole, up to the
limit of a record, and cut into tokens by the HTML standard's own rules, so that a script that is commented out or quoted
in an attribute is none.
*/

use std::collections::VecDeque;
use std::io::{self, BufRead};

use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::bounded::Bounded;
use super::record::{Context, Place, RawRecord};
use super::reject::{Fault, RAW_KEPT};
use super::walk::Walker;
use super::{json, jsonl, jsonld};

/// The type of a script that holds JSON-LD.
const JSON_LD: &[u8] = b"application/ld+json";

/// What authoring tools put around a script so that old browsers do not show it.
const GUARDS: [(&str, &str); 4] =
    [("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"), ("<![CDATA[", "]]>")];

/// Reads the postings of a page.
pub struct HtmlReader<R> {
    walker: Walker<R>,
    context: Context,
    start: u64,
    number: u64,
    is_read: bool,
    records: VecDeque<RawRecord>,
}

impl<R: BufRead> HtmlReader<R> {
    /// Reads a page from a stream of which `offset` bytes were read before.
    pub fn new(reader: R, context: Context, offset: u64) -> HtmlReader<R> {
        let walker = Walker::new(reader, offset);
        HtmlReader { walker, context, start: offset, number: 0, is_read: false, records: VecDeque::new() }
    }

    /// How far the stream was read.
    pub fn offset(&self) -> u64 {
        self.walker.offset
    }

    /// The next posting; none at the end. A page without postings is one reject.
    ///
    /// # Errors
    ///
    /// When the stream cannot be read.
    pub fn next_raw(&mut self) -> io::Result<Option<RawRecord>> {
        if !self.is_read {
            self.is_read = true;
            let page = self.walker.rest(self.context.limits.record_bytes)?;
            if page.length() > 0 {
                self.read(page);
            }
        }
        Ok(self.records.pop_front())
    }

    fn read(&mut self, page: Bounded) {
        let length = page.length();
        let page = match page.finish() {
            Ok(page) => page,
            Err((fault, start)) => return self.reject(fault, 0, length, start),
        };
        let mut others = jsonld::Others::default();
        for Script { at, text } in scripts(&page) {
            let (place, length) = (at as u64, text.len() as u64);
            let text = String::from_utf8_lossy(&text);
            match json::value(unguarded(&text), self.context.limits.values) {
                Ok(document) => {
                    let postings = jsonld::postings(&document);
                    if postings.is_empty() {
                        others.note(&document);
                    }
                    for posting in postings {
                        self.number += 1;
                        let place = Place { number: self.number, offset: self.start + place, length };
                        let result = jsonl::assembled(posting, &self.context, place.number);
                        let raw = match result {
                            Ok(_) => Vec::new(),
                            Err(_) => text.as_bytes()[..text.len().min(RAW_KEPT)].to_vec(),
                        };
                        self.records.push_back(place.parsed(result, &self.context, raw));
                    }
                }
                // What is broken and speaks of no posting is no posting that is lost.
                Err(error) if text.contains("JobPosting") => {
                    let fault = Fault::new(format!("the JSON-LD of a JobPosting is broken: {error}"));
                    self.reject(fault, place, length, text.into_owned().into_bytes());
                }
                Err(_) => {}
            }
        }
        if self.records.is_empty() {
            let fault = match others.types() {
                types if types.is_empty() => "the page holds no JobPosting in JSON-LD".to_owned(),
                types => format!("the page holds no JobPosting in JSON-LD, only {types}"),
            };
            self.reject(Fault::new(fault + "; --input-format text reads its text"), 0, length, page);
        }
    }

    fn reject(&mut self, fault: Fault, at: u64, length: u64, bytes: Vec<u8>) {
        self.number += 1;
        let place = Place { number: self.number, offset: self.start + at, length };
        self.records.push_back(place.parsed(Err(fault), &self.context, bytes));
    }
}

/// The content of a script, and where it begins in the page.
struct Script {
    at: usize,
    text: Vec<u8>,
}

/// The scripts of a page that hold JSON-LD.
fn scripts(page: &[u8]) -> Vec<Script> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut scripts = Vec::new();
    let mut open: Option<Script> = None;
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) if *tag.name == b"script"[..] => {
                let kind = tag.attributes.get(&b"type"[..]);
                let is_json_ld = kind.is_some_and(|kind| {
                    let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default();
                    kind.trim_ascii().eq_ignore_ascii_case(JSON_LD)
                });
                open = is_json_ld.then(|| Script { at: tag.span.end, text: Vec::new() });
            }
            Token::String(text) => {
                if let Some(script) = &mut open {
                    script.text.extend_from_slice(&text);
                }
            }
            Token::EndTag(tag) if *tag.name == b"script"[..] => scripts.extend(open.take()),
            _ => {}
        }
    }
    // A page that was cut off within a script: its JSON is broken, and is told so.
    scripts.extend(open);
    scripts
}

/// The text of a script without what guards it from browsers, and without a semicolon at its end.
fn unguarded(text: &str) -> &str {
    let mut text = text.trim();
    for (before, after) in GUARDS {
        if let Some(rest) = text.strip_prefix(before) {
            text = rest.strip_suffix(after).unwrap_or(rest).trim();
        }
    }
    text.trim_end_matches(';')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::record::{Limits, Record};
    use crate::feed::tests::{Dribble, Endless};
    use crate::posting::Field;
    use proptest::prelude::*;
    use serde_json::json;
    use std::io::BufReader;

    fn read(page: &str) -> Vec<Record> {
        let context = Context::new("dir/job.html", Limits::default());
        let mut reader = HtmlReader::new(page.as_bytes(), context.clone(), 0);
        let records = std::iter::from_fn(|| reader.next_raw().unwrap()).map(|raw| raw.parse(&context)).collect();
        assert_eq!(reader.offset(), page.len() as u64, "everything is read");
        records
    }

    fn titles(page: &str) -> Vec<String> {
        let title = |record| match record {
            Record::Posting(posting) => posting.get(Field::Title).to_owned(),
            Record::Reject(reject) => format!("!{}", reject.reason),
        };
        read(page).into_iter().map(title).collect()
    }

    fn script(json: &str) -> String {
        format!("<script type=\"application/ld+json\">{json}</script>")
    }

    fn cook() -> String {
        script(r#"{"@type":"JobPosting","title":"Cook"}"#)
    }

    #[test]
    fn scripts_are_found_as_browsers_find_them() {
        for page in [
            format!("<!DOCTYPE html><html><head>{}</head><body>Driver</body></html>", cook()),
            format!("<SCRIPT id=x TYPE='Application/LD+JSON; charset=utf-8'>{}", &cook()[35..]),
            format!("<script>if (a < b) {{ x = '<!-- {{\"@type\":\"JobPosting\"}}' }}</script>{}", cook()),
            format!("<p title='{}'>{}", script("{\"@type\":\"JobPosting\",\"title\":\"Driver\"}"), cook()),
            format!("<!-- {} -->{}", script("{\"@type\":\"JobPosting\",\"title\":\"Driver\"}"), cook()),
            format!("<title><script type=\"application/ld+json\">{{}}</title>{}", cook()),
        ] {
            assert_eq!(titles(&page), ["Cook"], "{page}");
        }
    }

    #[test]
    fn what_stands_around_the_json_is_put_up_with() {
        for text in [
            "\n//<![CDATA[\n{\"@type\":\"JobPosting\",\"title\":\"Cook\"}\n//]]>\n",
            "<!-- [{\"@type\":\"JobPosting\",\"title\":\"Cook\"}] -->",
            "/*<![CDATA[*/{\"@type\":\"JobPosting\",\"title\":\"Cook\"};/*]]>*/",
            "{\"@type\":\"JobPosting\",\"title\":\"Cook\"};",
            "{\"@type\":\"JobPosting\",\"title\":\"Cook\",\"description\":\"a\nb\tc\"}",
        ] {
            assert_eq!(titles(&script(text)), ["Cook"], "{text}");
        }
    }

    #[test]
    fn every_posting_of_a_page_is_a_record_with_its_place() {
        let list = json!({"@type": "ItemList", "itemListElement": [
            {"@type": "ListItem", "item": {"@type": "JobPosting", "title": "Clerk"}},
            {"@type": "ListItem", "item": {"@type": "JobPosting"}}]});
        let page = format!("<html>{}\n{}", cook(), script(&list.to_string()));
        let records = read(&page);
        let [Record::Posting(cook), Record::Posting(clerk), Record::Reject(empty)] = &records[..] else {
            panic!("{records:?}")
        };
        assert_eq!((cook.id.as_str(), clerk.id.as_str()), ("job.html#1", "job.html#2"));
        assert_eq!(empty.record, 3);
        assert!(page[empty.offset as usize..].starts_with("{\"@type\":\"ItemList\""));
        assert!(empty.reason.starts_with("no text in any field"), "{}", empty.reason);
    }

    #[test]
    fn a_page_without_a_posting_is_a_reject_that_says_so() {
        let told = titles("<html><body>We hire!</body></html>");
        assert_eq!(told, ["!the page holds no JobPosting in JSON-LD; --input-format text reads its text"]);
        let told = titles(&script("{\"@graph\":[{\"@type\":\"WebSite\"}]}"));
        assert!(told[0].starts_with("!the page holds no JobPosting in JSON-LD, only WebSite;"), "{told:?}");
        let told = titles(&format!("{}{}", cook(), script("{\"@type\":\"JobPosting\",\"title\":")));
        assert_eq!(told[0], "Cook");
        assert!(told[1].starts_with("!the JSON-LD of a JobPosting is broken: EOF"), "{told:?}");
        assert_eq!(titles(&script("{\"@type\":\"JobPosting\",\"title\":\"Co").replace("</script>", "")).len(), 1);
        assert!(titles("").is_empty());
    }

    #[test]
    fn an_endless_page_is_not_held() {
        let stream = Endless::new(b"<html>", b'x', 50 << 20, b"</html>");
        let context = Context::new("-", Limits { record_bytes: 1 << 20, ..Limits::default() });
        let mut reader = HtmlReader::new(BufReader::with_capacity(64 * 1024, stream), context.clone(), 0);
        let Record::Reject(reject) = reader.next_raw().unwrap().unwrap().parse(&context) else { panic!() };
        assert!(reject.reason.contains("the limit is 1048576 bytes"), "{}", reject.reason);
        assert_eq!(reader.next_raw().unwrap(), None);
    }

    proptest! {
        #[test]
        fn any_text_comes_out(title in "\\PC[\\x00-\\x{ffff}]{0,40}", size in 1usize..40) {
            prop_assume!(!title.trim().is_empty());
            let json = json!({"@type": "JobPosting", "title": title}).to_string().replace('<', "\\u003c");
            let page = format!("<!DOCTYPE html><html><body><p>Jobs & more{}", script(&json));
            let context = Context::new("-", Limits::default());
            let stream = BufReader::with_capacity(size, Dribble::new(page.into_bytes(), vec![size]));
            let mut reader = HtmlReader::new(stream, context.clone(), 0);
            let Record::Posting(posting) = reader.next_raw().unwrap().unwrap().parse(&context) else { panic!() };
            prop_assert_eq!(posting.get(Field::Title), title);
        }

        #[test]
        fn anything_is_one_record_at_least(page in r#"(<script type="application/ld\+json">|</script>|<!--|-->|\{"@type":"JobPosting"|[\{\}\[\]":,<>a-z ]){1,20}"#) {
            prop_assert!(!read(&page).is_empty());
        }
    }
}
