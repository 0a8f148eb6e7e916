/*!
The signals of marked postings, measured: by signal, by language, and overall, with the errors themselves.
*/

use std::collections::BTreeMap;
use std::ops::Range;

use super::marked::{MarkSpan, Marked};
use crate::entities::reading::Reader;
use crate::eval::signals::{Counts, posting, spans};
use crate::posting::Field;
use crate::signals::lexicon::Origin;
use crate::signals::phrases::Phrases;
use crate::signals::{EvidenceSpan, Extractor, Scratch};

/// A place where the extractor and the marks differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The posting.
    pub id: String,
    /// The signal.
    pub signal: String,
    /// Found and not marked; otherwise marked and not found.
    pub false_alarm: bool,
    /// The field; empty for a signal of the posting as a whole.
    pub field: String,
    /// The words, with some text on either side.
    pub context: String,
}

/// Counts at posting level and at span level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    /// By posting.
    pub posting: Counts,
    /// By overlapping span.
    pub span: Counts,
}

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct SignalReport {
    /// By signal, in the order of the catalogue; those that no posting is marked with are left out.
    pub signals: Vec<(String, Pair)>,
    /// By language tag: the number of postings and the counts.
    pub languages: BTreeMap<String, (usize, Pair)>,
    /// All together.
    pub overall: Pair,
    /// Every difference, in the order of the postings.
    pub differences: Vec<Difference>,
}

/// Measures the extractor on marked postings. A signal that none of them is marked with is not measured: nobody looked for it.
pub fn measure(marked: &[Marked], reader: &Reader, extractor: &Extractor) -> SignalReport {
    let catalogue = extractor.catalogue().signals().iter().enumerate();
    let measured: Vec<(usize, &String)> = catalogue
        .map(|(number, signal)| (number, &signal.id))
        .filter(|(_, id)| marked.iter().any(|m| is_marked(m, id)))
        .collect();
    let mut report = SignalReport {
        signals: measured.iter().map(|(_, id)| ((*id).clone(), Pair::default())).collect(),
        ..SignalReport::default()
    };
    let mut scratch = Scratch::default();
    for m in marked {
        let evidence = extractor.extract(reader, &reader.read(&m.posting), &mut scratch);
        let mut total = Pair::default();
        for (row, &(k, id)) in measured.iter().enumerate() {
            let of_signal: Vec<_> = m.spans.iter().filter(|s| s.signal == *id).collect();
            let is_marked = is_marked(m, id);
            let fired = evidence.strengths[k] > 0.0;
            let mut pair = Pair { posting: posting(fired, is_marked), span: Counts::default() };
            for field in Field::READ {
                let text = m.posting.get(field);
                let found: Vec<Range<usize>> = evidence.spans[k]
                    .iter()
                    .filter(|s| s.field == field && fired)
                    .map(|s| text[..s.range.start].chars().count()..text[..s.range.end].chars().count())
                    .collect();
                let truth: Vec<Range<usize>> =
                    of_signal.iter().filter(|s| s.field == field).map(|s| s.start..s.end).collect();
                pair.span.add(spans(&found, &truth));
                let mut differ = |range: &Range<usize>, others: &[Range<usize>], false_alarm: bool| {
                    if spans(std::slice::from_ref(range), others).hits == 0 {
                        report.differences.push(Difference {
                            id: m.posting.id.clone(),
                            signal: id.clone(),
                            false_alarm,
                            field: field.name().to_owned(),
                            context: context(text, range),
                        });
                    }
                };
                found.iter().for_each(|f| differ(f, &truth, true));
                truth.iter().for_each(|t| differ(t, &found, false));
            }
            if of_signal.is_empty() && evidence.spans[k].is_empty() && fired != is_marked {
                report.differences.push(Difference {
                    id: m.posting.id.clone(),
                    signal: id.clone(),
                    false_alarm: fired,
                    field: String::new(),
                    context: "(the posting as a whole)".to_owned(),
                });
            }
            report.signals[row].1.posting.add(pair.posting);
            report.signals[row].1.span.add(pair.span);
            total.posting.add(pair.posting);
            total.span.add(pair.span);
        }
        let (count, pair) = report.languages.entry(m.language.clone()).or_default();
        *count += 1;
        pair.posting.add(total.posting);
        pair.span.add(total.span);
        report.overall.posting.add(total.posting);
        report.overall.span.add(total.span);
    }
    report
}

/// How often a phrase showed, and how often rightly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhraseCounts {
    /// Postings in which it raised its signal.
    pub shown: usize,
    /// Those of them in which it met words that are marked with that signal, or that carry the signal as a whole.
    pub right: usize,
}

/// Counts each phrase that raises a signal over marked postings; those whose signal none is marked with are left out.
pub fn by_phrase<'a>(
    marked: &[Marked],
    reader: &Reader,
    phrases: &'a Phrases,
) -> Vec<(&'a str, &'a Origin, PhraseCounts)> {
    let mut counts: BTreeMap<usize, PhraseCounts> = BTreeMap::new();
    let mut scratch = Scratch::default();
    for m in marked {
        let mut shown: BTreeMap<usize, bool> = BTreeMap::new();
        phrases.shown(&reader.read(&m.posting), &mut scratch, |phrase, signal, span| {
            *shown.entry(phrase).or_default() |= is_marked_there(m, signal, span);
        });
        for (phrase, is_right) in shown {
            let held = counts.entry(phrase).or_default();
            held.shown += 1;
            held.right += usize::from(is_right);
        }
    }
    phrases
        .raising()
        .filter(|(_, signal, _)| marked.iter().any(|m| is_marked(m, signal)))
        .map(|(phrase, signal, origin)| (signal, origin, counts.get(&phrase).copied().unwrap_or_default()))
        .collect()
}

/// Whether a signal is marked on some of these words, or on the posting as a whole.
fn is_marked_there(m: &Marked, id: &str, span: &EvidenceSpan) -> bool {
    let text = m.posting.get(span.field);
    let found = text[..span.range.start].chars().count()..text[..span.range.end].chars().count();
    let here = |s: &MarkSpan| s.signal == id && s.field == span.field && s.start < found.end && found.start < s.end;
    m.spans.iter().any(here) || m.posting_level.iter().any(|whole| whole == id)
}

/// Whether a posting is marked with a signal.
fn is_marked(m: &Marked, id: &str) -> bool {
    m.posting_level.iter().any(|whole| whole == id) || m.spans.iter().any(|s| s.signal == id)
}

/// The words of a range of characters in double brackets, with up to 30 characters on either side.
fn context(text: &str, range: &Range<usize>) -> String {
    const AROUND: usize = 30;
    let chars: Vec<char> = text.chars().map(|c| if c == '\n' { ' ' } else { c }).collect();
    let part = |r: Range<usize>| chars[r.start.min(chars.len())..r.end.min(chars.len())].iter().collect::<String>();
    format!(
        "{}⟦{}⟧{}",
        part(range.start.saturating_sub(AROUND)..range.start),
        part(range.clone()),
        part(range.end..range.end + AROUND)
    )
}
