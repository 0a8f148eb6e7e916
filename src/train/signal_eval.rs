/*!
The signals of marked postings, measured: by signal, by language, and overall, with the errors themselves.
*/

use std::collections::BTreeMap;
use std::ops::Range;

use super::marked::Marked;
use crate::entities::reading::Reader;
use crate::eval::signals::{Counts, posting, spans};
use crate::posting::Field;
use crate::signals::{Extractor, Scratch};

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
    let is_marked = |id: &String, m: &Marked| m.posting_level.contains(id) || m.spans.iter().any(|s| s.signal == *id);
    let catalogue = extractor.catalogue().signals().iter().enumerate();
    let measured: Vec<(usize, &String)> = catalogue
        .map(|(number, signal)| (number, &signal.id))
        .filter(|(_, id)| marked.iter().any(|m| is_marked(id, m)))
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
            let is_marked = is_marked(id, m);
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
