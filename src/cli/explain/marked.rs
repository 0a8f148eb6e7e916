/*!
A posting's text as markup: escaped, with its evidence marked in place.
*/

use maud::{Markup, html};
use unicode_script::{Script, UnicodeScript};

use super::bars::Row;
use super::pieces::{Piece, pieces};
use crate::cli::terminal::harmless;
use crate::verdict::Verdict;

/// Stretches without evidence that are longer than this are folded away in the middle.
const FOLD_FROM: usize = 4_000;
/// Characters that stay on either side of what is folded.
const KEPT: usize = 800;
/// Families with a colour of their own.
pub(super) const FAMILIES: [&str; 10] =
    ["pay", "perks", "role", "bar", "place", "process", "contact", "money", "form", "trust"];

/// The text of a field with its evidence.
pub(super) fn marked(verdict: &Verdict, field: &str, text: &str, rows: &[Row]) -> Markup {
    html! {
        div.text dir=(direction(text)) {
            @for piece in pieces(verdict, field, text) {
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
pub(super) fn visible(text: &str, disguised: bool) -> Markup {
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

pub(super) fn class(family: &str) -> &str {
    FAMILIES.into_iter().find(|known| *known == family).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::explain::bars::signal_rows;
    use crate::cli::explain::tests::verdict_with;
    use crate::signals::catalogue::Catalogue;

    #[test]
    fn overlaps_show_both_families() {
        let verdict = verdict_with("description", &[("free_travel", 2, 13), ("high_pay", 7, 17)]);
        let catalogue = Catalogue::embedded();
        let rows = signal_rows(&verdict, &catalogue);
        let html = marked(&verdict, "description", "a free flight now", &rows).into_string();
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
