/*!
The sum behind a logit, as bars: signals, the intercept, all other terms.
*/

use super::{dim, line};
use crate::cli::terminal::{DIM, HEADING, Look, clip, fit, of_family, one_line, width, wrap};
use crate::signals::catalogue::Catalogue;
use crate::verdict::Verdict;

/// Why a signal that was found may add nothing.
const NOTHING_ALONE: &str = "A signal at +0.000 adds nothing by itself, since honest postings carry it as often; with others it counts, in the \
                             combinations below.";
/// Terms that have a bar of their own; the others are summed.
const TERMS_SHOWN: usize = 12;
/// Columns of a bar on either side of its axis.
const HALF: usize = 12;
/// Columns of a name, where there is room.
const NAME: usize = 24;
/// Columns of all else in a row without bar and words.
const NUMBERS: usize = 4 + 1 + 1 + 4 + 1 + 8;

/// A part of the sum.
pub(super) struct Row {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) family: String,
    /// What it is, for a term.
    pub(super) kind: &'static str,
    strength: Option<f64>,
    pub(super) contribution: f64,
    words: String,
}

pub(super) fn write(verdict: &Verdict, catalogue: &Catalogue, look: &Look, out: &mut String) {
    let signals = signal_rows(verdict, catalogue);
    let terms = term_rows(verdict, TERMS_SHOWN);
    let intercept = verdict.intercept.unwrap_or(0.0);
    let start = plain_row("intercept", "", intercept);
    let largest = signals.iter().chain(&terms).chain([&start]).map(|r| r.contribution.abs()).fold(0.0, f64::max);
    let draw = |row: &Row, out: &mut String| row_line(row, largest, look, out);
    let heading = |text: &str, out: &mut String| line(out, format_args!("\n{}", look.paint(HEADING, text)));

    heading("signals", out);
    if signals.is_empty() {
        line(out, format_args!("  none"));
    }
    signals.iter().for_each(|row| draw(row, out));
    let Some(logit) = verdict.logit else { return };
    if !verdict.as_vacancy && verdict.signals.iter().any(|s| s.contribution == 0.0) {
        dim(NOTHING_ALONE, look, out);
    }
    heading("intercept and terms", out);
    draw(&start, out);
    terms.iter().for_each(|row| draw(row, out));
    heading("sum", out);
    // An empty sum of floats is -0.
    let total = |rows: &[Row]| rows.iter().map(|r| r.contribution).sum::<f64>() + 0.0;
    let (signals, terms) = (total(&signals), total(&terms));
    let whole = format!("  intercept {intercept:+.3}  signals {signals:+.3}  terms {terms:+.3}  =  logit {logit:+.3}");
    if width(&whole) <= look.width {
        line(out, format_args!("{whole}"));
    } else {
        for (name, value) in [("intercept", intercept), ("signals", signals), ("terms", terms), ("= logit", logit)] {
            line(out, format_args!("  {name:<10} {value:+8.3}"));
        }
    }
}

/// The families of a verdict's signals, each in its colour.
pub(super) fn legend(verdict: &Verdict, catalogue: &Catalogue, look: &Look, out: &mut String) {
    let rows = signal_rows(verdict, catalogue);
    let mut families: Vec<&str> = rows.iter().map(|row| row.family.as_str()).filter(|f| !f.is_empty()).collect();
    families.sort_unstable();
    families.dedup();
    if !look.colour || families.is_empty() {
        return;
    }
    for text in wrap(&families.join(" "), look.width) {
        let painted: Vec<_> = text.split(' ').map(|family| look.paint(of_family(family), family)).collect();
        line(out, format_args!("{}", painted.join(" ")));
    }
}

/// The signals of a verdict, numbered from 1.
pub(super) fn signal_rows(verdict: &Verdict, catalogue: &Catalogue) -> Vec<Row> {
    let row = |(number, signal): (usize, &crate::verdict::SignalVerdict)| {
        let family = catalogue.find(&signal.id).map_or(String::new(), |s| catalogue.get(s).family.clone());
        // The marks show all of them; the legend only reminds.
        let words: Vec<String> = signal
            .spans
            .iter()
            .take(3)
            .map(|span| format!("\"{}\"", clip(&one_line(&span.text.chars().take(120).collect::<String>()), 30)))
            .collect();
        Row {
            number: number.to_string(),
            name: signal.id.clone(),
            family,
            kind: "signal",
            strength: Some(signal.strength),
            contribution: signal.contribution,
            words: words.join(" "),
        }
    };
    (1..).zip(&verdict.signals).map(row).collect()
}

/// What is in the sum beside intercept and signals, with so many n-grams by name.
pub(super) fn term_rows(verdict: &Verdict, shown: usize) -> Vec<Row> {
    let terms = verdict.terms.as_deref().unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    let (mut weaker, mut rest) = (0usize, 0.0);
    for term in terms {
        let name = match term.kind.as_str() {
            "ngram" | "vacancy" => format!("\"{}\"", one_line(&term.name.chars().take(200).collect::<String>())),
            _ => term.name.clone(),
        };
        let kind = match term.kind.as_str() {
            "ngram" => "words",
            "vacancy" => "words of a vacancy",
            "composite" => "combination of signals",
            "passage" => "beside the whole posting",
            _ => "",
        };
        if !matches!(term.kind.as_str(), "ngram" | "vacancy") || rows.len() < shown {
            rows.push(plain_row(&name, kind, term.contribution));
        } else {
            weaker += 1;
            rest += term.contribution;
        }
    }
    if weaker > 0 {
        rows.push(plain_row(&format!("({weaker} weaker n-grams)"), "words", rest));
    }
    rows
}

fn plain_row(name: &str, kind: &'static str, contribution: f64) -> Row {
    let (number, family, words) = Default::default();
    Row { number, name: name.to_owned(), family, kind, strength: None, contribution, words }
}

fn row_line(row: &Row, largest: f64, look: &Look, out: &mut String) {
    let columns = look.width.saturating_sub(NUMBERS).clamp(8, NAME);
    let name = fit(&row.name, columns);
    let name = if row.family.is_empty() { name.into() } else { look.paint(of_family(&row.family), name) };
    let strength = row.strength.map_or_else(String::new, |s| format!("{s:.2}"));
    let (number, contribution) = (&row.number, row.contribution);
    let start = format!("{number:>4} {name} {strength:>4} {contribution:+8.3} ");
    // A narrow terminal gets no words, and then no bars, and then shorter names.
    let mut text = start;
    let mut left = look.width.saturating_sub(NUMBERS + columns + 1);
    if left > 2 * HALF {
        text.push_str(&bar(contribution, largest));
        left -= 2 * HALF + 1;
    }
    if left > 12 && !row.words.is_empty() {
        let words = clip(&row.words, left - 2);
        debug_assert!(width(&words) <= left - 2);
        text.push_str("  ");
        text.push_str(&look.paint(DIM, words));
    }
    line(out, format_args!("{}", text.trim_end()));
}

/// A bar from an axis in the middle: to the right what speaks for a scam, to the left what speaks against.
fn bar(value: f64, largest: f64) -> String {
    let eighths = if largest > 0.0 { (value.abs() / largest * (HALF * 8) as f64).round() as usize } else { 0 };
    let (full, part) = (eighths / 8, eighths % 8);
    if value < 0.0 {
        // Blocks that fill from the right do not exist in eighths; halves are shown.
        let half = if part >= 4 { "▐" } else { "" };
        let filled = full + usize::from(!half.is_empty());
        format!("{:blank$}{half}{}│{:HALF$}", "", "█".repeat(full), "", blank = HALF.saturating_sub(filled))
    } else {
        let half = if part > 0 { ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][part] } else { "" };
        let filled = full + usize::from(!half.is_empty());
        format!("{:HALF$}│{}{half}{:blank$}", "", "█".repeat(full), "", blank = HALF.saturating_sub(filled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        for value in [-4.0, -3.9, -0.7, 0.0, 0.01, 0.8, 4.0] {
            assert_eq!(width(&bar(value, 4.0)), 2 * HALF + 1, "{value}");
        }
        assert_eq!(bar(4.0, 4.0), format!("{}│{}", " ".repeat(12), "█".repeat(12)));
        assert_eq!(bar(-2.0, 4.0), format!("{}{}│{}", " ".repeat(6), "█".repeat(6), " ".repeat(12)));
        assert_eq!(bar(0.0, 0.0), format!("{}│{}", " ".repeat(12), " ".repeat(12)));
    }
}
