/*!
The sum behind a logit, as bars: signals, the intercept, all other terms.
*/

use super::line;
use crate::cli::terminal::{DIM, HEADING, Look, clip, fit, of_family, one_line, width};
use crate::signals::catalogue::Catalogue;
use crate::verdict::Verdict;

/// Terms that have a bar of their own; the others are summed.
const TERMS_SHOWN: usize = 12;
/// Columns of a bar on either side of its axis.
const HALF: usize = 12;
/// Columns of a name.
const NAME: usize = 24;

struct Row {
    number: String,
    name: String,
    family: String,
    strength: Option<f64>,
    contribution: f64,
    words: String,
}

pub(super) fn write(verdict: &Verdict, catalogue: &Catalogue, look: &Look, out: &mut String) {
    let signals = signal_rows(verdict, catalogue);
    let terms = term_rows(verdict);
    let intercept = verdict.intercept.unwrap_or(0.0);
    let start = plain_row("intercept", intercept);
    let largest = signals.iter().chain(&terms).chain([&start]).map(|r| r.contribution.abs()).fold(0.0, f64::max);
    let draw = |row: &Row, out: &mut String| row_line(row, largest, look, out);
    let heading = |text: &str, out: &mut String| line(out, format_args!("\n{}", look.paint(HEADING, text)));

    heading("signals", out);
    if signals.is_empty() {
        line(out, format_args!("  none"));
    }
    signals.iter().for_each(|row| draw(row, out));
    let Some(logit) = verdict.logit else { return };
    heading("intercept and terms", out);
    draw(&start, out);
    terms.iter().for_each(|row| draw(row, out));
    heading("sum", out);
    // An empty sum of floats is -0.
    let total = |rows: &[Row]| rows.iter().map(|r| r.contribution).sum::<f64>() + 0.0;
    line(
        out,
        format_args!(
            "  intercept {intercept:+.3}  signals {:+.3}  terms {:+.3}  =  logit {logit:+.3}",
            total(&signals),
            total(&terms)
        ),
    );
}

fn signal_rows(verdict: &Verdict, catalogue: &Catalogue) -> Vec<Row> {
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
            strength: Some(signal.strength),
            contribution: signal.contribution,
            words: words.join(" "),
        }
    };
    (1..).zip(&verdict.signals).map(row).collect()
}

fn term_rows(verdict: &Verdict) -> Vec<Row> {
    let terms = verdict.terms.as_deref().unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    let (mut weaker, mut rest) = (0usize, 0.0);
    for term in terms {
        let name = match term.kind.as_str() {
            "ngram" => format!("\"{}\"", one_line(&term.name.chars().take(200).collect::<String>())),
            _ => term.name.clone(),
        };
        if term.kind != "ngram" || rows.len() < TERMS_SHOWN {
            rows.push(plain_row(&name, term.contribution));
        } else {
            weaker += 1;
            rest += term.contribution;
        }
    }
    if weaker > 0 {
        rows.push(plain_row(&format!("({weaker} weaker n-grams)"), rest));
    }
    rows
}

fn plain_row(name: &str, contribution: f64) -> Row {
    let (number, family, words) = Default::default();
    Row { number, name: name.to_owned(), family, strength: None, contribution, words }
}

fn row_line(row: &Row, largest: f64, look: &Look, out: &mut String) {
    let name = fit(&row.name, NAME);
    let name = if row.family.is_empty() { name.into() } else { look.paint(of_family(&row.family), name) };
    let strength = row.strength.map_or_else(String::new, |s| format!("{s:.2}"));
    let (number, contribution) = (&row.number, row.contribution);
    let start = format!("{number:>4} {name} {strength:>4} {contribution:+8.3} ");
    let columns = 4 + 1 + NAME + 1 + 4 + 1 + 8 + 1;
    // A narrow terminal gets no bars, and then no words.
    let mut text = start;
    let mut left = look.width.saturating_sub(columns);
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
