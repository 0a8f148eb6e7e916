//! Verdicts as JSON lines.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Column;
use crate::verdict::Verdict;

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
            None => serde_json::to_writer(&mut *out, verdict)?,
            Some(columns) => serde_json::to_writer(&mut *out, &Selected { verdict, columns })?,
        }
        out.write_all(b"\n")
    }
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
            }
        }
        map.end()
    }
}
