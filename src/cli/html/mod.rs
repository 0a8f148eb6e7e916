/*!
What every HTML page of ours is: one file that needs nothing else.

A page may show the words of a scammer, and it may be opened years from now on a machine without a network. So it has no
script, asks for nothing from outside (its content policy forbids both), and every text goes through the templates'
escaping. Colours follow the reader's light or dark setting and stay on paper.
*/

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Colours, type and tables that all pages share.
const STYLE: &str = include_str!("page.css");
/// Nothing may be fetched, run, framed or sent; styles stand in the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A whole page. `style` is CSS of this kind of page, beside what all share.
pub(crate) fn page(title: &str, style: &'static str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(style)) }
            }
            body { main { (body) } }
        }
    };
    page.into_string() + "\n"
}

/// A bar: to the right of the axis what speaks for a scam, to the left what speaks against.
pub(crate) fn bar(value: f64, largest: f64) -> Markup {
    let length = if largest > 0.0 { (value.abs() / largest).min(1.0) * 49.0 } else { 0.0 };
    let (class, x) = if value < 0.0 { ("good", 50.0 - length) } else { ("bad", 50.0) };
    html! {
        svg.bar viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect.(class) x=(format!("{x:.2}")) y="1" width=(format!("{length:.2}")) height="8" {}
            line.axis x1="50" x2="50" y1="0" y2="10" vector-effect="non-scaling-stroke" {}
        }
    }
}
