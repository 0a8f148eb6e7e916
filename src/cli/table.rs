/*!
Verdicts for people: a line each, cut to the width of the terminal.
*/

use super::terminal::{DIM, HEADING, Look, clip, fit, of_action, one_line, width};
use crate::verdict::{SignalVerdict, Verdict};

const ACTION: usize = 7;
const PROBABILITY: usize = 6;
const LANGUAGE: usize = 7;
/// Columns of a signal's words.
const WORDS: usize = 28;

/// Writes verdicts as lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    look: Look,
}

impl Table {
    pub(crate) fn new(look: Look) -> Table {
        Table { look }
    }

    fn id_width(&self) -> usize {
        (self.look.width / 6).clamp(8, 24)
    }

    pub(crate) fn header(&self, out: &mut Vec<u8>) {
        let line = format!(
            "{} {} {} {} SIGNALS",
            fit("ACTION", ACTION),
            format_args!("{:>PROBABILITY$}", "PROB"),
            fit("ID", self.id_width()),
            fit("LANG", LANGUAGE)
        );
        out.extend_from_slice(self.look.paint(HEADING, line).as_bytes());
        out.push(b'\n');
    }

    pub(crate) fn write(&self, verdict: &Verdict, out: &mut Vec<u8>) {
        let look = &self.look;
        let probability = verdict.probability.map_or_else(|| "-".to_owned(), percent);
        let line = format!(
            "{} {probability:>PROBABILITY$} {} {} ",
            look.paint(of_action(verdict.action), fit(verdict.action.name(), ACTION)),
            fit(&one_line(&verdict.id), self.id_width()),
            look.paint(DIM, fit(&verdict.language, LANGUAGE)),
        );
        out.extend_from_slice(line.as_bytes());
        let used = ACTION + PROBABILITY + self.id_width() + LANGUAGE + 4;
        self.signals(verdict, look.width.saturating_sub(used), out);
        out.push(b'\n');
    }

    /// As many signals as there is room for, with their words where they fit, and how many more there are.
    fn signals(&self, verdict: &Verdict, columns: usize, out: &mut Vec<u8>) {
        let mut used = 0;
        for (i, signal) in verdict.signals.iter().enumerate() {
            let left = verdict.signals.len() - i - 1;
            let separator = if i > 0 { ", " } else { "" };
            let mut words = words(signal);
            // Room for the number of those that are left has to stay.
            let room = columns.saturating_sub(used + if left > 0 { 4 } else { 0 });
            let bare = separator.len() + signal.id.len();
            let mut full = bare + words.as_ref().map_or(0, |w| 1 + width(w));
            if full > room {
                words = None;
                full = bare;
            }
            if full > room {
                if i == 0 {
                    out.extend_from_slice(clip(&signal.id, room).as_bytes());
                    if left > 0 {
                        out.extend_from_slice(format!(" +{left}").as_bytes());
                    }
                } else {
                    out.extend_from_slice(format!(" +{}", left + 1).as_bytes());
                }
                return;
            }
            used += full;
            out.extend_from_slice(separator.as_bytes());
            out.extend_from_slice(signal.id.as_bytes());
            if let Some(words) = words {
                out.push(b' ');
                out.extend_from_slice(self.look.paint(DIM, words).as_bytes());
            }
        }
    }
}

/// The words of a signal's first span, in quotes.
fn words(signal: &SignalVerdict) -> Option<String> {
    let span = signal.spans.first()?;
    // Only the beginning shows, so only the beginning is worked on.
    let start: String = span.text.chars().take(WORDS * 4).collect();
    Some(format!("\"{}\"", clip(&one_line(&start), WORDS)))
}

/// A probability as people read it; never 0 % or 100 %, which no model can know.
pub(crate) fn percent(p: f64) -> String {
    match 100.0 * p {
        p if p < 0.05 => "<0.1%".to_owned(),
        p if p >= 99.95 => ">99.9%".to_owned(),
        p => format!("{p:.1}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Action, Span};

    fn verdict(signals: &[(&str, &str)]) -> Verdict {
        let signals = signals
            .iter()
            .map(|(id, words)| SignalVerdict {
                id: (*id).to_owned(),
                strength: 1.0,
                contribution: 1.0,
                spans: vec![Span { field: "title".into(), start: 0, end: 1, text: (*words).to_owned() }],
            })
            .collect();
        Verdict {
            id: "招聘\u{1b}[2J广告一二三四五六七八九十一二三四".into(),
            probability: Some(0.973),
            action: Action::Block,
            logit: Some(3.6),
            language: "zh-Hans".into(),
            signals,
            model: "m".into(),
            intercept: None,
            terms: None,
            extra: Default::default(),
            truncated: false,
            as_vacancy: false,
            passage: Vec::new(),
        }
    }

    #[test]
    fn lines_are_cut_to_the_width() {
        let many: Vec<(&str, &str)> =
            [("free_travel", "free flight"), ("chat_contact", "Telegram @x\u{1b}[0m")].repeat(9);
        for columns in 40..200 {
            let table = Table::new(Look { colour: false, width: columns });
            for signals in [&many[..], &many[..2], &many[..1], &[]] {
                let mut out = Vec::new();
                table.write(&verdict(signals), &mut out);
                let line = String::from_utf8(out).unwrap();
                assert!(width(line.trim_end()) <= columns, "{columns}: {line:?}");
                assert!(!line.contains('\u{1b}') && line.starts_with("block    97.3% 招"), "{line:?}");
            }
        }
    }

    #[test]
    fn certainty_is_never_shown() {
        assert_eq!([0.0001, 0.5, 0.99999].map(percent), ["<0.1%", "50.0%", ">99.9%"]);
    }
}
