/*!
The explanation as a page: the posting with its evidence marked in place, and the whole sum.
*/

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::bars::{Row, signal_rows, term_rows};
use super::pieces::{Piece, pieces};
use super::reasons::{COUNTERFACTUAL, FOR_THE_AD, UNSEEN};
use super::{Explanation, note};
use crate::cli::html::{bar, page};
use crate::cli::table::percent;
use crate::cli::terminal::{harmless, one_line};
use crate::eval::metrics::sigmoid;
use crate::posting::Field;
use crate::score::counterfactual::TEXT;
use crate::verdict::Action;

const STYLE: &str = include_str!("explain.css");
/// Stretches without evidence that are longer than this are folded away in the middle.
const FOLD_FROM: usize = 4_000;
/// Characters that stay on either side of what is folded.
const KEPT: usize = 800;
/// Families with a colour of their own.
const FAMILIES: [&str; 10] = ["pay", "perks", "role", "bar", "place", "process", "contact", "money", "form", "trust"];

pub(super) fn write(explanation: &Explanation<'_>) -> String {
    let verdict = explanation.verdict;
    let title = format!("{}: {}", verdict.action.name(), one_line(&verdict.id));
    let body = html! {
        (head(explanation))
        (posting(explanation))
        (signals(explanation))
        (sum(explanation))
        (for_clear(explanation))
        (for_the_ad(explanation))
        (unseen())
        footer {
            "lurescan " (env!("CARGO_PKG_VERSION")) ", model " (verdict.model)
            ". Colours are families of signals; numbers are signals; positions are those of the original text."
        }
    };
    page(&title, STYLE, &body)
}

fn head(explanation: &Explanation<'_>) -> Markup {
    let verdict = explanation.verdict;
    html! {
        h1 {
            span.badge.(verdict.action.name()) { (verdict.action.name()) } " "
            @if let Some(p) = verdict.probability { (percent(p)) }
        }
        @match verdict.logit {
            Some(logit) => (scale(logit, explanation.review, explanation.block)),
            None => p { "Too little text in a language of ours to say anything." },
        }
        p { (note(verdict.action)) }
        dl {
            dt { "Posting" } dd { (visible(&verdict.id, false)) }
            dt { "Language" } dd { (verdict.language) }
            @for field in Field::ALL {
                @let text = explanation.posting.get(field);
                @if !Field::READ.contains(&field) && !text.trim().is_empty() {
                    dt { (field.name().replace('_', " ")) " (not read)" } dd { bdi { (visible(text, false)) } }
                }
            }
        }
        @if verdict.truncated { p { b { "The text is longer than the limit; only its beginning was read." } } }
    }
}

/// Where the logit lies between the thresholds.
fn scale(logit: f64, review: f64, block: f64) -> Markup {
    let (low, high) = [logit, review, block].iter().fold((-4.0_f64, 4.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
    let at = |value: f64| format!("{:.1}", 20.0 + (value.clamp(low, high) - low) / (high - low) * 680.0);
    let threshold = |name: &'static str, value: f64, y: u32| {
        html! {
            line.(name) x1=(at(value)) x2=(at(value)) y1="18" y2="46" {}
            text x=(at(value)) y=(y) text-anchor="middle" { (name) " from " (percent(sigmoid(value))) }
        }
    };
    let said = format!(
        "Logit {logit:+.3}; review from {review:+.3} ({}), block from {block:+.3} ({})",
        percent(sigmoid(review)),
        percent(sigmoid(block))
    );
    html! {
        svg.scale viewBox="0 0 720 80" role="img" aria-label=(said) {
            rect.track x="20" y="29" width="680" height="6" rx="3" {}
            (threshold("review", review, 12))
            (threshold("block", block, 60))
            circle.now cx=(at(logit)) cy="32" r="7" {}
        }
        p.soft { (said) "." }
    }
}

fn posting(explanation: &Explanation<'_>) -> Markup {
    let verdict = explanation.verdict;
    let rows = signal_rows(verdict, explanation.catalogue);
    let families: BTreeSet<&str> = rows.iter().map(|row| class(&row.family)).collect();
    html! {
        h2 { "The posting" }
        @if !rows.is_empty() {
            ul.legend {
                @for family in FAMILIES.into_iter().chain(["other"]).filter(|f| families.contains(f)) {
                    li { mark class={ "f-" (family) " u-" (family) } { (family) } }
                }
            }
        }
        @for field in Field::READ {
            @let text = explanation.posting.get(field);
            @if !text.trim().is_empty() {
                h3 { (field.name().replace('_', " ")) }
                (marked(explanation, field, &rows))
            }
        }
    }
}

/// The text of a field with its evidence.
fn marked(explanation: &Explanation<'_>, field: Field, rows: &[Row]) -> Markup {
    let text = explanation.posting.get(field);
    html! {
        div.text dir=(direction(text)) {
            @for piece in pieces(explanation.verdict, field.name(), text) {
                @if piece.signals.is_empty() { (plain(piece.text)) } @else { (evidence(&piece, rows)) }
            }
        }
    }
}

/// Colour is the strongest signal's, the underline that of the next family, so that an overlap shows both.
fn evidence(piece: &Piece<'_>, rows: &[Row]) -> Markup {
    let covering: Vec<&Row> = piece.signals.iter().filter_map(|number| rows.get(number - 1)).collect();
    let first = covering.first().map_or("other", |row| class(&row.family));
    let second = covering.iter().map(|row| class(&row.family)).find(|f| *f != first).unwrap_or(first);
    let said: Vec<String> =
        covering.iter().map(|row| format!("{} {} {:+.3}", row.number, row.name, row.contribution)).collect();
    let disguised = covering.iter().any(|row| row.name == "obfuscated_text");
    html! {
        mark class={ "f-" (first) " u-" (second) } title=(said.join("\n")) { (visible(piece.text, disguised)) }
        @for number in &piece.ends { sup { a href={ "#s" (number) } { (number) } } }
    }
}

/// Text without evidence; the middle of a very long stretch is folded away, and opens without a script.
fn plain(text: &str) -> Markup {
    let cut = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte);
    let count = text.chars().count();
    if count <= FOLD_FROM {
        return visible(text, false);
    }
    let (head, tail) = (cut(KEPT), cut(count - KEPT));
    html! {
        (visible(&text[..head], false))
        details { summary { (count - 2 * KEPT) " characters without evidence" } (visible(&text[head..tail], false)) }
        (visible(&text[tail..], false))
    }
}

/// A text, escaped, in which what acts without being seen is shown by its number; in a disguise, also what only hides.
fn visible(text: &str, disguised: bool) -> Markup {
    let hides = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{180e}');
    let shown_by_number = |c: char| !matches!(c, '\n' | '\t') && harmless(c) != c || disguised && hides(c);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut parts: Vec<(&str, Option<char>)> = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| shown_by_number(*c)) {
        parts.push((&text[start..at], Some(c)));
        start = at + c.len_utf8();
    }
    parts.push((&text[start..], None));
    html! {
        @for (words, hidden) in parts {
            (words)
            @if let Some(c) = hidden { span.code { (format!("U+{:04X}", u32::from(c))) } }
        }
    }
}

/// The way most letters of a text run; a text that begins with a Latin word may still be Arabic.
fn direction(text: &str) -> &'static str {
    let mut balance = 0i64;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        use unicode_script::{Script, UnicodeScript};
        let right_to_left =
            matches!(c.script(), Script::Arabic | Script::Hebrew | Script::Syriac | Script::Thaana | Script::Nko);
        balance += if right_to_left { 1 } else { -1 };
    }
    match balance {
        1.. => "rtl",
        0 => "auto",
        _ => "ltr",
    }
}

fn class(family: &str) -> &str {
    FAMILIES.into_iter().find(|known| *known == family).unwrap_or("other")
}

fn signals(explanation: &Explanation<'_>) -> Markup {
    let rows = signal_rows(explanation.verdict, explanation.catalogue);
    let largest = largest(explanation);
    let abstains = explanation.verdict.action == Action::Abstain;
    html! {
        h2 { "Signals" }
        @if rows.is_empty() {
            p { "None." }
        } @else {
            div.scroll { table {
                thead { tr { th { "#" } th { "signal" } th.n { "strength" } th.n { "adds" } th { "" } th { "fires when" } } }
                tbody {
                    @for (row, signal) in rows.iter().zip(&explanation.verdict.signals) {
                        tr id={ "s" (row.number) } {
                            td { (row.number) }
                            td { mark class={ "f-" (class(&row.family)) " u-" (class(&row.family)) } { (row.name) } br; span.soft { (row.family) } }
                            td.n { (format!("{:.2}", signal.strength)) }
                            td.n { @if abstains { "" } @else { (format!("{:+.3}", row.contribution)) } }
                            td { @if !abstains { (bar(row.contribution, largest)) } }
                            td { (definition(explanation, &row.name)) }
                        }
                    }
                }
            } }
            p.soft {
                "A signal says what the text says, not what the posting is: honest postings carry many of these. Strength "
                "is how plainly it is said; a signal that adds nothing by itself may count in a combination below."
            }
        }
    }
}

fn definition(explanation: &Explanation<'_>, id: &str) -> Markup {
    let found = explanation.catalogue.find(id).map(|s| explanation.catalogue.get(s));
    html! {
        @if let Some(signal) = found {
            (signal.fires_when)
            @if !signal.not_when.is_empty() { br; span.soft { "Not when: " (signal.not_when) } }
        }
    }
}

/// Every part of the logit, and their sum.
fn sum(explanation: &Explanation<'_>) -> Markup {
    let verdict = explanation.verdict;
    let Some(logit) = verdict.logit else { return html! {} };
    let largest = largest(explanation);
    let line = |name: Markup, kind: &str, value: f64| {
        html! {
            tr {
                td.w { (name) } td.soft { (kind) }
                td.n { (format!("{value:+.3}")) } td { (bar(value, largest)) }
            }
        }
    };
    let signals: f64 = verdict.signals.iter().map(|s| s.contribution).sum::<f64>() + 0.0;
    html! {
        h2 { "The sum" }
        div.scroll { table {
            thead { tr { th { "part" } th { "kind" } th.n { "adds to the logit" } th { "" } } }
            tbody {
                (line(html! { "intercept" }, "what every posting starts from", verdict.intercept.unwrap_or(0.0)))
                (line(html! { "all signals above" }, "signals", signals))
                @for row in term_rows(verdict, usize::MAX) {
                    (line(html! { bdi { (visible(&row.name, false)) } }, row.kind, row.contribution))
                }
                tr.sum {
                    td { "logit" } td { "probability " (percent(sigmoid(logit))) }
                    td.n { (format!("{logit:+.3}")) } td { (bar(logit, largest.max(logit.abs()))) }
                }
            }
        } }
    }
}

fn largest(explanation: &Explanation<'_>) -> f64 {
    let verdict = explanation.verdict;
    let terms = verdict.terms.iter().flatten().map(|t| t.contribution);
    let all = verdict.signals.iter().map(|s| s.contribution).chain(terms).chain(verdict.intercept);
    all.fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

fn for_clear(explanation: &Explanation<'_>) -> Markup {
    let Some(found) = explanation.for_clear else { return html! {} };
    html! {
        h2 { "What would have to be absent for " code { "clear" } }
        @if found.sets.is_empty() {
            p { "Nothing that this posting shows: the threshold lies below what every posting starts from." }
        } @else {
            p { (explanation.sets_said()) }
            table {
                thead { tr { th { "without" } th.n { "logit" } th.n { "probability" } } }
                tbody {
                    @for set in &found.sets {
                        tr {
                            td {
                                @for (i, name) in set.without.iter().enumerate() {
                                    @if i > 0 { " and " }
                                    @match explanation.number(name) {
                                        Some(number) => { a href={ "#s" (number) } { (number) " " (name) } }
                                        None if name == TEXT => "all that the wording adds",
                                        None => (name),
                                    }
                                }
                            }
                            td.n { (format!("{:+.3}", set.logit)) }
                            td.n { (percent(set.probability)) }
                        }
                    }
                }
            }
            p.soft { (COUNTERFACTUAL) }
        }
    }
}

fn for_the_ad(explanation: &Explanation<'_>) -> Markup {
    let found = explanation.for_the_ad();
    html! {
        h2 { "What speaks for the ad" }
        @if found.is_empty() {
            p { "Nothing was found." }
        } @else {
            ul {
                @for (number, name, contribution) in found {
                    li {
                        @match number {
                            Some(number) => { a href={ "#s" (number) } { (number) " " (name) } }
                            None => bdi { (visible(name, false)) },
                        }
                        " " (format!("{contribution:+.3}"))
                    }
                }
            }
        }
        p.soft { (FOR_THE_AD) }
    }
}

fn unseen() -> Markup {
    html! {
        h2 { "What this cannot see" }
        ul { @for text in UNSEEN { li { (text) } } }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use scraper::{ElementRef, Html, Node, Selector};

    use super::*;
    use crate::cli::explain::tests::verdict_with;
    use crate::model::artefact::Artefact;
    use crate::posting::Posting;
    use crate::score::{ScoreOptions, Scorer};
    use crate::signals::catalogue::Catalogue;

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

    #[test]
    fn overlaps_show_both_families() {
        let posting = Posting::from_text("a", "a free flight now");
        let verdict = verdict_with("description", &[("free_travel", 2, 13), ("high_pay", 7, 17)]);
        let catalogue = Catalogue::embedded();
        let explanation = Explanation {
            posting: &posting,
            verdict: &verdict,
            catalogue: &catalogue,
            review: 0.0,
            block: 1.0,
            for_clear: None,
        };
        let rows = signal_rows(&verdict, &catalogue);
        let html = marked(&explanation, Field::Description, &rows).into_string();
        let mark = |classes: &str, title: &str, text: &str| {
            format!(r#"<mark class="{classes}" title="{title}">{text}</mark>"#)
        };
        let (travel, pay) = ("1 free_travel +1.000", "2 high_pay +1.000");
        let expected = format!(
            r##"<div class="text" dir="ltr">a {}{}<sup><a href="#s1">1</a></sup>{}<sup><a href="#s2">2</a></sup></div>"##,
            mark("f-perks u-perks", travel, "free "),
            mark("f-perks u-pay", &format!("{travel}\n{pay}"), "flight"),
            mark("f-pay u-pay", pay, " now"),
        );
        assert_eq!(html, expected);
    }

    #[test]
    fn most_letters_decide_the_direction() {
        assert_eq!(direction("WhatsApp: مطلوب موظفين خدمة عملاء"), "rtl");
        assert_eq!(direction("Typists wanted, مطلوب"), "ltr");
        assert_eq!(direction("+00 555 0100"), "auto");
    }
}
