/*!
Verdicts as a Parquet file.

Signals are a list of structs and spans a list in each, as they are in the JSON: whoever reads the file can unnest them, and
nobody has to parse text in a column. What has no fixed shape, the fields of the feed under `extra`, is JSON text. Numbers
are doubles, null where there is nothing to say. Row groups end after a number of verdicts that depends on the verdicts
alone, so that the same verdicts are the same bytes.
*/

use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::Column;
use crate::verdict::{SignalVerdict, Span, Term, Verdict};

/// Verdicts of a row group, unless they are long.
const ROWS: usize = 16_384;

/// Bytes of text, about, after which a row group ends.
const LONGEST_GROUP: usize = 32 << 20;

/// What a verdict takes beside its texts.
const OVERHEAD: usize = 256;

/// Makes one file.
pub struct ParquetWriter {
    columns: Vec<Column>,
    rows: Vec<Verdict>,
    bytes: usize,
    file: SerializedFileWriter<Vec<u8>>,
}

impl ParquetWriter {
    /// The columns that nobody asked otherwise of.
    pub fn columns(explain: bool, extra: bool) -> Vec<Column> {
        let wanted = |column: &Column| match column {
            Column::Intercept | Column::Terms => explain,
            Column::Extra => extra,
            _ => true,
        };
        Column::ALL.into_iter().filter(wanted).collect()
    }

    /// Begins a file of these columns, in this order.
    ///
    /// # Errors
    ///
    /// When a column comes twice: then no reader could tell them apart.
    pub fn new(columns: Vec<Column>) -> Result<ParquetWriter> {
        if let Some(twice) = columns.iter().enumerate().find(|(i, column)| columns[..*i].contains(column)) {
            return Err(ParquetError::General(format!("the column {} comes twice", twice.1.name())));
        }
        let fields: String = columns.iter().map(|column| field(*column)).collect();
        let schema = Arc::new(parse_message_type(&format!("message verdicts {{ {fields} }}"))?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("lurescan {}", env!("CARGO_PKG_VERSION")));
        let file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
        Ok(ParquetWriter { columns, rows: Vec::new(), bytes: 0, file })
    }

    /// Adds a verdict.
    ///
    /// # Errors
    ///
    /// Those of the format; memory takes every write.
    pub fn write(&mut self, verdict: Verdict) -> Result<()> {
        self.bytes += OVERHEAD + length(&verdict);
        self.rows.push(verdict);
        if self.rows.len() == ROWS || self.bytes >= LONGEST_GROUP {
            self.end_group()?;
        }
        Ok(())
    }

    /// The bytes that are ready since they were last taken.
    ///
    /// # Errors
    ///
    /// As for [`ParquetWriter::write`].
    pub fn take(&mut self) -> Result<Vec<u8>> {
        self.file.flush()?;
        Ok(std::mem::take(self.file.inner_mut()))
    }

    /// Ends the file: what is left of its bytes.
    ///
    /// # Errors
    ///
    /// As for [`ParquetWriter::write`].
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.end_group()?;
        self.file.into_inner()
    }

    fn end_group(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for column in &self.columns {
            write_column(*column, &rows, &mut group)?;
        }
        group.close().map(drop)
    }
}

impl std::fmt::Debug for ParquetWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetWriter")
            .field("columns", &self.columns)
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

/// Bytes of the texts of a verdict, about.
fn length(verdict: &Verdict) -> usize {
    let spans = verdict
        .signals
        .iter()
        .flat_map(|signal| &signal.spans)
        .chain(&verdict.passage)
        .map(|span| OVERHEAD + span.text.len());
    let terms = verdict.terms.iter().flatten().map(|term| OVERHEAD + term.name.len());
    let extra = if verdict.extra.is_empty() { 0 } else { json(verdict).map_or(0, |text| text.len()) };
    verdict.id.len() + spans.sum::<usize>() + terms.sum::<usize>() + extra
}

/// A column in the language of schemas.
fn field(column: Column) -> &'static str {
    match column {
        Column::Id => "required binary id (STRING);",
        Column::Probability => "optional double probability;",
        Column::Action => "required binary action (STRING);",
        Column::Logit => "optional double logit;",
        Column::Language => "required binary language (STRING);",
        Column::Signals => {
            "required group signals (LIST) { repeated group list { required group element {
                required binary id (STRING); required double strength; required double contribution;
                required group spans (LIST) { repeated group list { required group element {
                    required binary field (STRING); required int64 start; required int64 end; required binary text (STRING);
                } } }
            } } }"
        }
        Column::Model => "required binary model (STRING);",
        Column::Intercept => "optional double intercept;",
        Column::Terms => {
            "optional group terms (LIST) { repeated group list { required group element {
                required binary name (STRING); required binary kind (STRING); required double contribution;
            } } }"
        }
        Column::Extra => "optional binary extra (JSON);",
        Column::Truncated => "required boolean truncated;",
        Column::AsVacancy => "required boolean as_vacancy;",
        Column::Passage => {
            "required group passage (LIST) { repeated group list { required group element {
                required binary field (STRING); required int64 start; required int64 end; required binary text (STRING);
            } } }"
        }
    }
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn write_column(column: Column, rows: &[Verdict], group: &mut Group<'_>) -> Result<()> {
    match column {
        Column::Id => put::<ByteArrayType>(group, Leaf::required(rows, |row| text(&row.id))),
        Column::Probability => put::<DoubleType>(group, Leaf::optional(rows, |row| row.probability)),
        Column::Action => put::<ByteArrayType>(group, Leaf::required(rows, |row| text(row.action.name()))),
        Column::Logit => put::<DoubleType>(group, Leaf::optional(rows, |row| row.logit)),
        Column::Language => put::<ByteArrayType>(group, Leaf::required(rows, |row| text(&row.language))),
        Column::Signals => write_signals(rows, group),
        Column::Model => put::<ByteArrayType>(group, Leaf::required(rows, |row| text(&row.model))),
        Column::Intercept => put::<DoubleType>(group, Leaf::optional(rows, |row| row.intercept)),
        Column::Terms => {
            fn terms(row: &Verdict) -> Option<&[Term]> {
                row.terms.as_deref()
            }
            put::<ByteArrayType>(group, Leaf::list(rows, 1, terms, |term| text(&term.name)))?;
            put::<ByteArrayType>(group, Leaf::list(rows, 1, terms, |term| text(&term.kind)))?;
            put::<DoubleType>(group, Leaf::list(rows, 1, terms, |term| term.contribution))
        }
        Column::Extra => put::<ByteArrayType>(group, Leaf::optional(rows, |row| json(row).map(|json| text(&json)))),
        Column::Truncated => put::<BoolType>(group, Leaf::required(rows, |row| row.truncated)),
        Column::AsVacancy => put::<BoolType>(group, Leaf::required(rows, |row| row.as_vacancy)),
        Column::Passage => {
            fn passage(row: &Verdict) -> Option<&[Span]> {
                Some(&row.passage)
            }
            put::<ByteArrayType>(group, Leaf::list(rows, 0, passage, |span| text(&span.field)))?;
            put::<Int64Type>(group, Leaf::list(rows, 0, passage, |span| span.start as i64))?;
            put::<Int64Type>(group, Leaf::list(rows, 0, passage, |span| span.end as i64))?;
            put::<ByteArrayType>(group, Leaf::list(rows, 0, passage, |span| text(&span.text)))
        }
    }
}

fn write_signals(rows: &[Verdict], group: &mut Group<'_>) -> Result<()> {
    fn signals(row: &Verdict) -> Option<&[SignalVerdict]> {
        Some(&row.signals)
    }
    put::<ByteArrayType>(group, Leaf::list(rows, 0, signals, |signal| text(&signal.id)))?;
    put::<DoubleType>(group, Leaf::list(rows, 0, signals, |signal| signal.strength))?;
    put::<DoubleType>(group, Leaf::list(rows, 0, signals, |signal| signal.contribution))?;
    put::<ByteArrayType>(group, Leaf::spans(rows, |span| text(&span.field)))?;
    put::<Int64Type>(group, Leaf::spans(rows, |span| span.start as i64))?;
    put::<Int64Type>(group, Leaf::spans(rows, |span| span.end as i64))?;
    put::<ByteArrayType>(group, Leaf::spans(rows, |span| text(&span.text)))
}

fn text(text: &str) -> ByteArray {
    ByteArray::from(text)
}

fn json(verdict: &Verdict) -> Option<String> {
    if verdict.extra.is_empty() { None } else { serde_json::to_string(&verdict.extra).ok() }
}

/// The values of a column in a row group, and the levels that say where they are.
struct Leaf<V> {
    values: Vec<V>,
    /// How much of the way from the row to the value is there.
    definition: Vec<i16>,
    /// Which list goes on: 0 begins a row.
    repetition: Vec<i16>,
}

impl<V> Leaf<V> {
    fn new() -> Leaf<V> {
        Leaf { values: Vec::new(), definition: Vec::new(), repetition: Vec::new() }
    }

    fn push(&mut self, value: Option<V>, definition: i16, repetition: i16) {
        self.values.extend(value);
        self.definition.push(definition);
        self.repetition.push(repetition);
    }

    fn required(rows: &[Verdict], value: impl Fn(&Verdict) -> V) -> Leaf<V> {
        Leaf { values: rows.iter().map(value).collect(), ..Leaf::new() }
    }

    fn optional(rows: &[Verdict], value: impl Fn(&Verdict) -> Option<V>) -> Leaf<V> {
        let mut leaf = Leaf::new();
        for row in rows {
            let value = value(row);
            let there = i16::from(value.is_some());
            leaf.push(value, there, 0);
        }
        leaf
    }

    /// Of a list, whose level is `empty` when it is there and has nothing in it: 0 where every row has one, 1 where it may
    /// be missing.
    fn list<T>(
        rows: &[Verdict],
        empty: i16,
        items: impl Fn(&Verdict) -> Option<&[T]>,
        value: impl Fn(&T) -> V,
    ) -> Leaf<V> {
        let mut leaf = Leaf::new();
        for row in rows {
            match items(row) {
                None => leaf.push(None, 0, 0),
                Some([]) => leaf.push(None, empty, 0),
                Some(items) => {
                    for (i, item) in items.iter().enumerate() {
                        leaf.push(Some(value(item)), empty + 1, i16::from(i > 0));
                    }
                }
            }
        }
        leaf
    }

    fn spans(rows: &[Verdict], value: impl Fn(&Span) -> V) -> Leaf<V> {
        let mut leaf = Leaf::new();
        for row in rows {
            if row.signals.is_empty() {
                leaf.push(None, 0, 0);
            }
            for (i, signal) in row.signals.iter().enumerate() {
                let begins = i16::from(i > 0);
                if signal.spans.is_empty() {
                    leaf.push(None, 1, begins);
                }
                for (j, span) in signal.spans.iter().enumerate() {
                    leaf.push(Some(value(span)), 2, if j > 0 { 2 } else { begins });
                }
            }
        }
        leaf
    }
}

fn put<T: DataType>(group: &mut Group<'_>, leaf: Leaf<T::T>) -> Result<()> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema has less columns than are written".to_owned()));
    };
    // A column in which every value is there has no levels.
    let [definition, repetition] = [&leaf.definition, &leaf.repetition].map(|l| (!l.is_empty()).then_some(&l[..]));
    column.typed::<T>().write_batch(&leaf.values, definition, repetition)?;
    column.close()
}
