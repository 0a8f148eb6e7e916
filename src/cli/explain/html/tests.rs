//! The page, parsed back as a browser does.

use std::sync::LazyLock;

use proptest::prelude::*;
use scraper::{ElementRef, Html, Node, Selector};

use super::*;
use crate::model::artefact::Artefact;
use crate::posting::Posting;
use crate::score::{ScoreOptions, Scorer};

static SCORER: LazyLock<Scorer> = LazyLock::new(|| {
    let options = ScoreOptions { explain: true, ..ScoreOptions::default() };
    Scorer::new(Artefact::embedded().unwrap(), &[], &options).unwrap()
});

fn page_of(posting: &Posting) -> String {
    let verdict = SCORER.score(posting);
    let for_clear = SCORER.for_clear(posting);
    write(&Explanation::new(posting, &verdict, &SCORER, for_clear.as_ref()))
}

/// What a browser makes of a marked text: without the numbers of signals, with the characters behind their codes.
fn read_back(element: ElementRef<'_>, out: &mut String) {
    for child in element.children() {
        match (child.value(), ElementRef::wrap(child)) {
            (Node::Text(text), _) => out.push_str(text),
            (_, Some(inner)) if inner.value().name() == "sup" || inner.value().name() == "summary" => {}
            (_, Some(inner)) if inner.value().classes().any(|c| c == "code") => {
                let code: String = inner.text().collect();
                out.push(u32::from_str_radix(&code[2..], 16).ok().and_then(char::from_u32).unwrap());
            }
            (_, Some(inner)) => read_back(inner, out),
            _ => {}
        }
    }
}

fn texts(page: &Html) -> Vec<String> {
    let marked = Selector::parse("div.text").unwrap();
    let text = |element| {
        let mut out = String::new();
        read_back(element, &mut out);
        out
    };
    page.select(&marked).map(text).collect()
}

/// Texts with all that could end an element, an attribute or a comment, and with words that carry signals.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any::<String>(),
        any::<char>().prop_map(String::from),
        proptest::sample::select(vec![
            "</div>",
            "</mark>",
            "<script>alert(1)</script>",
            "\"",
            "' onclick=",
            "<!--",
            "-->",
            "]]>",
            "&amp;",
            "&#0;",
            "</style>",
            "</title>",
            "<img src=x onerror=alert(1)>",
            "free flight",
            "Telegram @jobs_demo0",
            "no experience",
            "Te\u{200b}legram",
            "مجانا تذكرة",
            "招聘打字员包机票",
            "\u{202e}",
            "\0",
            "\r\n",
            "\r",
            "\u{feff}",
            " ",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

const ELEMENTS: &str = "html head meta title style body main h1 h2 h3 p b span svg rect line circle text dl dt dd bdi ul li \
    mark div sup a details summary table thead tbody tr th td br code footer";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_text_breaks_out_of_the_markup(id in hostile(), title in hostile(), text in hostile(), url in hostile()) {
        let mut posting = Posting::from_text(id, text);
        posting.set(Field::Title, title);
        posting.set(Field::Url, url);
        let source = page_of(&posting);
        let page = Html::parse_document(&source);
        let expected: Vec<String> = [Field::Title, Field::Description]
            .map(|field| posting.get(field))
            .into_iter()
            .filter(|text| !text.trim().is_empty())
            .map(|text| text.replace("\r\n", "\n").replace('\r', "\n"))
            .collect();
        prop_assert_eq!(texts(&page), expected);
        for element in page.tree.nodes().filter_map(ElementRef::wrap) {
            let name = element.value().name();
            prop_assert!(ELEMENTS.split(' ').any(|known| known == name), "{}", name);
            for (attribute, value) in element.value().attrs() {
                prop_assert!(!attribute.starts_with("on") && attribute != "src", "{attribute}");
                prop_assert!(attribute != "href" || value.starts_with("#s"), "{}", value);
            }
        }
    }
}

#[test]
fn long_stretches_without_evidence_are_folded_and_kept() {
    let text = format!("free flight {} Telegram @jobs_demo0", "plain words here. ".repeat(2_000));
    let page = Html::parse_document(&page_of(&Posting::from_text("a", text.clone())));
    assert_eq!(texts(&page), [text]);
    let summary = Selector::parse("details summary").unwrap();
    assert_eq!(page.select(&summary).count(), 1);
}
