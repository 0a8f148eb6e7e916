/*!
Verdicts as JSON lines.

The whole record, which is what feeds are answered with, is written by hand: its keys are constants, and its strings are
copied where nothing in them is escaped. It is what `serde` makes of a [`Verdict`] to the byte.
*/

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Column;
use crate::verdict::{Span, Verdict};

/// Writes one JSON object a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonlWriter {
    columns: Option<Vec<Column>>,
}

impl JsonlWriter {
    /// A writer of these keys only, in this order; each is written even where the whole record would leave it out.
    pub fn with_columns(columns: Vec<Column>) -> JsonlWriter {
        JsonlWriter { columns: Some(columns) }
    }

    /// Writes a verdict and a line feed.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn write(&self, verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
        match &self.columns {
            None => whole(verdict, out)?,
            Some(columns) => serde_json::to_writer(&mut *out, &Selected { verdict, columns })?,
        }
        out.write_all(b"\n")
    }
}

/// Writes a verdict with all its keys.
fn whole(verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
    string("{\"id\":", &verdict.id, out)?;
    value(",\"probability\":", &verdict.probability, out)?;
    string(",\"action\":", verdict.action.name(), out)?;
    value(",\"logit\":", &verdict.logit, out)?;
    string(",\"language\":", &verdict.language, out)?;
    out.write_all(b",\"signals\":[")?;
    for (i, signal) in verdict.signals.iter().enumerate() {
        string(if i == 0 { "{\"id\":" } else { ",{\"id\":" }, &signal.id, out)?;
        value(",\"strength\":", &signal.strength, out)?;
        value(",\"contribution\":", &signal.contribution, out)?;
        spans(",\"spans\":[", &signal.spans, out)?;
        out.write_all(b"}")?;
    }
    string("],\"model\":", &verdict.model, out)?;
    if let Some(intercept) = &verdict.intercept {
        value(",\"intercept\":", intercept, out)?;
    }
    if let Some(terms) = &verdict.terms {
        value(",\"terms\":", terms, out)?;
    }
    if !verdict.extra.is_empty() {
        value(",\"extra\":", &verdict.extra, out)?;
    }
    if verdict.truncated {
        out.write_all(b",\"truncated\":true")?;
    }
    if verdict.as_vacancy {
        out.write_all(b",\"as_vacancy\":true")?;
    }
    if !verdict.passage.is_empty() {
        spans(",\"passage\":[", &verdict.passage, out)?;
    }
    out.write_all(b"}")
}

/// Writes places behind their key.
fn spans(key: &str, spans: &[Span], out: &mut impl Write) -> io::Result<()> {
    out.write_all(key.as_bytes())?;
    for (i, span) in spans.iter().enumerate() {
        string(if i == 0 { "{\"field\":" } else { ",{\"field\":" }, &span.field, out)?;
        value(",\"start\":", &span.start, out)?;
        value(",\"end\":", &span.end, out)?;
        string(",\"text\":", &span.text, out)?;
        out.write_all(b"}")?;
    }
    out.write_all(b"]")
}

/// Writes a value behind its key.
fn value(key: &str, value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    out.write_all(key.as_bytes())?;
    Ok(serde_json::to_writer(out, value)?)
}

/// Writes a string behind its key.
fn string(key: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
    let escaped = |any, &b: &u8| any | (b < 0x20) | (b == b'"') | (b == b'\\');
    if text.as_bytes().iter().fold(false, escaped) {
        return value(key, &text, out);
    }
    out.write_all(key.as_bytes())?;
    out.write_all(b"\"")?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\"")
}

struct Selected<'a> {
    verdict: &'a Verdict,
    columns: &'a [Column],
}

impl Serialize for Selected<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let v = self.verdict;
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for column in self.columns {
            let key = column.name();
            match column {
                Column::Id => map.serialize_entry(key, &v.id)?,
                Column::Probability => map.serialize_entry(key, &v.probability)?,
                Column::Action => map.serialize_entry(key, &v.action)?,
                Column::Logit => map.serialize_entry(key, &v.logit)?,
                Column::Language => map.serialize_entry(key, &v.language)?,
                Column::Signals => map.serialize_entry(key, &v.signals)?,
                Column::Model => map.serialize_entry(key, &v.model)?,
                Column::Intercept => map.serialize_entry(key, &v.intercept)?,
                Column::Terms => map.serialize_entry(key, &v.terms)?,
                Column::Extra => map.serialize_entry(key, &v.extra)?,
                Column::Truncated => map.serialize_entry(key, &v.truncated)?,
                Column::AsVacancy => map.serialize_entry(key, &v.as_vacancy)?,
                Column::Passage => map.serialize_entry(key, &v.passage)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verdict::{Action, SignalVerdict, Term};

    fn text() -> impl Strategy<Value = String> {
        "\\PC{0,12}|[a\"\\\\\u{0}\n\u{1f}\u{7f}é/]{0,6}"
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        let span = (text(), any::<usize>(), 0..300usize, text());
        prop::collection::vec(span.prop_map(|(field, start, end, text)| Span { field, start, end, text }), 0..3)
    }

    fn signal() -> impl Strategy<Value = SignalVerdict> {
        (text(), any::<f64>(), 0.0..1.0, spans()).prop_map(|(id, strength, contribution, spans)| SignalVerdict {
            id,
            strength,
            contribution,
            spans,
        })
    }

    proptest! {
        #[test]
        fn the_whole_record_is_what_serde_makes_of_it(
            (id, language, model) in (text(), text(), text()),
            action in prop::sample::select(Action::ALL.to_vec()),
            (probability, logit, intercept) in any::<(Option<f64>, Option<f64>, Option<f64>)>(),
            signals in prop::collection::vec(signal(), 0..3),
            terms in prop::option::of(prop::collection::vec((text(), text(), any::<f64>()), 0..3)),
            extra in prop::collection::vec((text(), any::<Option<bool>>()), 0..3),
            (truncated, as_vacancy) in any::<(bool, bool)>(),
            passage in spans(),
        ) {
            let term = |(name, kind, contribution)| Term { name, kind, contribution };
            let verdict = Verdict {
                id, probability, action, logit, language, signals, model, intercept, truncated, as_vacancy, passage,
                terms: terms.map(|terms| terms.into_iter().map(term).collect()),
                extra: extra.into_iter().map(|(name, value)| (name, value.into())).collect(),
            };
            let mut written = Vec::new();
            JsonlWriter::default().write(&verdict, &mut written).unwrap();
            prop_assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string(&verdict).unwrap() + "\n");
        }
    }
}
