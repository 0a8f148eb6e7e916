//! Verdicts as a table with a header, separated by commas (RFC 4180, with line feeds).

use super::Column;
use crate::verdict::Verdict;

/// Writes one row a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvWriter {
    columns: Vec<Column>,
}

impl Default for CsvWriter {
    fn default() -> CsvWriter {
        CsvWriter { columns: Column::OF_A_TABLE.to_vec() }
    }
}

impl CsvWriter {
    /// A writer of these columns; none when one of them does not fit a cell.
    pub fn with_columns(columns: Vec<Column>) -> Option<CsvWriter> {
        columns.iter().all(|c| c.fits_a_cell()).then_some(CsvWriter { columns })
    }

    /// Writes the header.
    pub fn header(&self, out: &mut Vec<u8>) {
        for (i, column) in self.columns.iter().enumerate() {
            separate(i, out);
            out.extend_from_slice(column.name().as_bytes());
        }
        out.push(b'\n');
    }

    /// Writes a row.
    pub fn write(&self, verdict: &Verdict, out: &mut Vec<u8>) {
        for (i, column) in self.columns.iter().enumerate() {
            separate(i, out);
            match column {
                Column::Id => cell(&verdict.id, out),
                Column::Probability => number(verdict.probability, out),
                Column::Action => cell(verdict.action.name(), out),
                Column::Logit => number(verdict.logit, out),
                Column::Language => cell(&verdict.language, out),
                Column::Signals => {
                    for (k, signal) in verdict.signals.iter().enumerate() {
                        if k > 0 {
                            out.push(b' ');
                        }
                        out.extend_from_slice(signal.id.as_bytes());
                    }
                }
                Column::Model => cell(&verdict.model, out),
                Column::Intercept => number(verdict.intercept, out),
                Column::Truncated => flag(verdict.truncated, out),
                Column::AsVacancy => flag(verdict.as_vacancy, out),
                Column::Terms | Column::Extra | Column::Passage => {}
            }
        }
        out.push(b'\n');
    }
}

fn separate(i: usize, out: &mut Vec<u8>) {
    if i > 0 {
        out.push(b',');
    }
}

/// As in the JSON lines; an empty cell for null.
fn number(value: Option<f64>, out: &mut Vec<u8>) {
    if let Some(value) = value
        && let Ok(text) = serde_json::to_string(&value)
    {
        out.extend_from_slice(text.as_bytes());
    }
}

fn flag(value: bool, out: &mut Vec<u8>) {
    cell(if value { "true" } else { "false" }, out);
}

fn cell(text: &str, out: &mut Vec<u8>) {
    // A blank at either end is quoted as well, because some readers trim.
    let quoted = text.contains([',', '"', '\n', '\r']) || text.trim() != text || text.is_empty();
    if !quoted {
        return out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
    for (i, piece) in text.split('"').enumerate() {
        if i > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(piece.as_bytes());
    }
    out.push(b'"');
}
