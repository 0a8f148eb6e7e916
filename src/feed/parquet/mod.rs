/*!
Parquet: columns in row groups, as warehouses keep postings.

The file's end says where everything lies, so a Parquet file is read at will and not as a stream: a file on the disk as it
is, and a pipe, or what is compressed around it, from a temporary copy. Of the columns only those are read that someone will
look at, a page of each at a time.

The parquet crate decodes the metadata and what is in the pages; the record and column API of it, without Arrow. It is not
made for hostile input: it allocates what is claimed, and what it does not expect may be a panic
(<https://github.com/apache/arrow-rs/issues/7806>, and the issues that it names). So claims are checked
before it sees them (`thrift`, `pages`), and [`guarded`] is the one place where a panic of it becomes an error.
*/

mod columns;
mod pages;
mod thrift;
mod values;

#[cfg(test)]
mod tests;

use std::cell::Cell as Flag;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parquet::column::reader::get_column_reader;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use serde_json::{Map, Value};

use crate::redact::{self, NAME_TOLD};

use super::assemble::Assembler;
use super::detect;
use super::error::FeedError;
use super::record::{Context, Place, RawRecord};
use super::reject::{Fault, RAW_KEPT, clip};
use super::source::BytesRead;
use columns::{Columns, Root};
use pages::{Gate, Pages, Shape, Source};
use thrift::Wrong;
use values::{Cell, Values};

/// Bytes of a file's metadata. A file of a thousand row groups and a hundred columns has about ten million.
const MOST_METADATA: u64 = 64 << 20;

/// Rows for each byte that is read. Nulls and repetitions cost next to nothing, but every posting has a text of its own.
const MOST_ROWS_A_BYTE: u64 = 1024;

/// Bytes of a pipe that are copied to a temporary file.
const MOST_SPOOLED: u64 = 16 << 30;

/// What stands at the end of a file: the length of the metadata, and the mark.
const TAIL: u64 = 8;

thread_local! {
    static DECODING: Flag<bool> = const { Flag::new(false) };
}

/// Lets panics of the decoder be silent, which are caught and told as errors: the program's hook is asked first whether
/// the thread decodes. To be called once, by a program; a library does not touch what is the program's.
pub fn quiet_decoding() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !DECODING.get() {
            before(panic);
        }
    }));
}

/// Runs what hands bytes of the file to the parquet crate. Nothing that was touched is used after a panic: the reader ends.
fn guarded<T>(run: impl FnOnce() -> Result<T, Wrong>) -> Result<T, Wrong> {
    DECODING.set(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    DECODING.set(false);
    result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it cannot be decoded");
        Err(format!("the data is damaged: {}", clip(text, 200)))
    })
}

/// A temporary copy of a stream.
pub(super) fn spooled(stream: &mut impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    let copied = io::copy(&mut stream.take(MOST_SPOOLED + 1), &mut file)?;
    if copied > MOST_SPOOLED {
        return Err(io::Error::other(format!(
            "Parquet from a pipe is copied to a temporary file first, and it has more than the limit of {MOST_SPOOLED} bytes; name the file instead"
        )));
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Reads rows.
pub(super) struct ParquetReader {
    source: Arc<Source>,
    metadata: ParquetMetaData,
    columns: Columns,
    context: Context,
    /// The row group that comes next, and the one that is being read.
    next_group: usize,
    group: Group,
    number: u64,
    /// Bytes of the values of all rows so far.
    offset: u64,
}

/// A row group that is being read.
#[derive(Default)]
struct Group {
    /// The values of each leaf of each root.
    values: Vec<Vec<Box<dyn Values>>>,
    rows: u64,
    done: u64,
    /// Where it begins in the file.
    start: u64,
}

impl ParquetReader {
    /// Reads the metadata. With `known_only`, columns whose names are not known are not read.
    pub(super) fn new(
        file: File,
        read: BytesRead,
        context: Context,
        known_only: bool,
    ) -> Result<ParquetReader, FeedError> {
        let name = context.file.clone();
        let wrong = |wrong: Wrong| FeedError::parquet(&name, wrong);
        let source = Source::new(file, read).map_err(|e| FeedError::read(&name, 0, e))?;
        let metadata = metadata(&source).map_err(wrong)?;
        let schema = metadata.file_metadata().schema_descr();
        if schema.num_columns() > context.limits.values {
            let (columns, limit) = (schema.num_columns(), context.limits.values);
            return Err(wrong(format!("it has {columns} columns; the limit is {limit} (raise it with --max-values)")));
        }
        let columns = guarded(|| Ok(Columns::of(schema, known_only))).map_err(wrong)?;
        if !columns.has_text() {
            let names = schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
            return Err(FeedError::no_text_column(&name, names));
        }
        let groups = metadata.row_groups().iter().map(|group| u64::try_from(group.num_rows()).ok());
        let rows = groups.sum::<Option<u64>>();
        let stated = metadata.file_metadata().num_rows();
        if rows.is_none() || rows != u64::try_from(stated).ok() {
            return Err(wrong(format!("it is said to have {stated} rows, which those of its row groups are not")));
        }
        let group = Group::default();
        Ok(ParquetReader {
            source: Arc::new(source),
            metadata,
            columns,
            context,
            next_group: 0,
            group,
            number: 0,
            offset: 0,
        })
    }

    /// Bytes of the values that were read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// What is not read, and why.
    pub(super) fn notice(&self) -> Option<String> {
        const LISTED: usize = 5;
        let skipped = &self.columns.skipped;
        let listed: Vec<_> = skipped.iter().take(LISTED).map(|name| redact::told(name, NAME_TOLD)).collect();
        let more =
            skipped.len().checked_sub(LISTED + 1).map_or(String::new(), |more| format!(" and {} more", more + 1));
        (!skipped.is_empty()).then(|| format!("columns that are not read: {}{more}", listed.join(", ")))
    }

    /// The next row; none at the end.
    pub(super) fn next_raw(&mut self) -> io::Result<Option<RawRecord>> {
        loop {
            if self.group.done < self.group.rows {
                let cells = guarded(|| self.row()).map_err(|wrong| self.damaged(wrong))?;
                return Ok(Some(self.record(cells)));
            }
            guarded(|| self.end_group()).map_err(|wrong| self.damaged(wrong))?;
            if self.next_group == self.metadata.num_row_groups() {
                self.source.count_rest();
                return Ok(None);
            }
            self.next_group += 1;
            self.group = guarded(|| self.open_group(self.next_group - 1)).map_err(|wrong| self.damaged(wrong))?;
        }
    }

    fn damaged(&self, wrong: Wrong) -> io::Error {
        let wrong = clip(&wrong, 500);
        io::Error::new(io::ErrorKind::InvalidData, format!("row group {}: {wrong}", self.next_group))
    }

    fn open_group(&self, at: usize) -> Result<Group, Wrong> {
        let group = self.metadata.row_group(at);
        let leaves = || self.columns.roots.iter().flat_map(|root| &root.leaves);
        let bytes = leaves().map(|leaf| u64::try_from(group.column(leaf.column).compressed_size()).unwrap_or(0));
        let bytes = bytes.fold(0_u64, u64::saturating_add).min(self.source.length);
        let rows = u64::try_from(group.num_rows()).map_err(|e| e.to_string())?;
        if rows > bytes.saturating_mul(MOST_ROWS_A_BYTE) {
            return Err(format!(
                "it claims {rows} rows in {bytes} bytes of columns that are read; the limit is {MOST_ROWS_A_BYTE} rows a byte"
            ));
        }
        let held = Arc::default();
        let mut values = Vec::with_capacity(self.columns.roots.len());
        for root in &self.columns.roots {
            let open = |leaf: &columns::Leaf| {
                let chunk = group.column(leaf.column);
                let column = chunk.column_descr_ptr();
                let shape = Shape {
                    physical: column.physical_type(),
                    definition: column.max_def_level(),
                    repetition: column.max_rep_level(),
                };
                let gate = Arc::new(Gate::default());
                let pages = Pages::new(self.source.clone(), chunk, shape, gate.clone(), Arc::clone(&held))
                    .map_err(|wrong| format!("column {:?}: {wrong}", column.path().string()))?;
                let reader = get_column_reader(column.clone(), Box::new(pages));
                Ok(values::values(reader, &column, leaf.kind, gate, self.context.limits.record_bytes as u64))
            };
            values.push(root.leaves.iter().map(open).collect::<Result<Vec<_>, Wrong>>()?);
        }
        let start = leaves().map(|leaf| group.column(leaf.column).data_page_offset()).min();
        let start = start.and_then(|start| u64::try_from(start).ok()).unwrap_or(0);
        Ok(Group { values, rows, done: 0, start })
    }

    /// The cells of the next row, for each leaf of each root.
    fn row(&mut self) -> Result<Vec<Vec<Cell>>, Wrong> {
        let (done, rows) = (self.group.done, self.group.rows);
        let mut cells = Vec::with_capacity(self.group.values.len());
        for (root, values) in self.columns.roots.iter().zip(&mut self.group.values) {
            let mut of_root = Vec::with_capacity(values.len());
            for values in values {
                let cell = values.next().map_err(|wrong| format!("column {:?}: {wrong}", root.name))?;
                let short = || format!("column {:?}: it ends after {done} of {rows} rows", root.name);
                of_root.push(cell.ok_or_else(short)?);
            }
            cells.push(of_root);
        }
        self.group.done += 1;
        Ok(cells)
    }

    /// All rows that were stated are read: there are no more of them.
    fn end_group(&mut self) -> Result<(), Wrong> {
        let rows = self.group.rows;
        for (root, values) in self.columns.roots.iter().zip(&mut self.group.values) {
            for values in values {
                if values.next().map_err(|wrong| format!("column {:?}: {wrong}", root.name))?.is_some() {
                    return Err(format!("column {:?}: it goes on after the {rows} rows that are stated", root.name));
                }
            }
        }
        self.group = Group::default();
        Ok(())
    }

    fn record(&mut self, cells: Vec<Vec<Cell>>) -> RawRecord {
        self.number += 1;
        let length = cells.iter().flatten().map(Cell::length).sum();
        let place = Place { number: self.number, offset: self.group.start, length };
        self.offset += length;
        let result = self.posting(&cells, length);
        let raw = if result.is_err() { self.raw(&cells, length) } else { Vec::new() };
        place.parsed(result, &self.context, raw)
    }

    fn posting(&self, cells: &[Vec<Cell>], length: u64) -> Result<crate::posting::Posting, Fault> {
        let limits = &self.context.limits;
        if length > limits.record_bytes as u64 {
            return Err(Fault::too_long(length, limits.record_bytes));
        }
        let values = |cell: &Cell| match cell {
            Cell::Value(Value::Array(items)) => items.len() + 1,
            _ => 1,
        };
        if cells.iter().flatten().map(values).sum::<usize>() > limits.values {
            return Err(Fault::new(format!(
                "more than {} values in one record (raise it with --max-values)",
                limits.values
            )));
        }
        let mut assembler = Assembler::new(&self.context);
        for (root, cells) in self.columns.roots.iter().zip(cells) {
            let value = value(root, cells).map_err(|e| Fault::not_utf8(Some(&root.name), e))?;
            // As in a table, what is null is not there.
            if !value.is_null() {
                assembler.put(root.name.clone(), root.target, value)?;
            }
        }
        assembler.finish(|| self.context.default_id(self.number))
    }

    /// The row as JSON, for its reject; what is no text as base64.
    fn raw(&self, cells: &[Vec<Cell>], length: u64) -> Vec<u8> {
        if length > RAW_KEPT as u64 {
            return Vec::new();
        }
        let lossy = |root: &Root, cells: &[Cell]| {
            let mend = |cell: &Cell| match cell {
                Cell::Text(bytes, _) => Cell::Value(String::from_utf8_lossy(bytes.data()).into()),
                cell => cell.clone(),
            };
            value(root, &cells.iter().map(mend).collect::<Vec<_>>()).unwrap_or_default()
        };
        let roots = self.columns.roots.iter().zip(cells);
        let row: Map<_, _> = roots.map(|(root, cells)| (root.name.clone(), lossy(root, cells))).collect();
        serde_json::to_vec(&row).unwrap_or_default()
    }
}

/// The value of a root: a column's, or an object of those that are there.
fn value(root: &Root, cells: &[Cell]) -> Result<Value, std::str::Utf8Error> {
    let text = root.target.is_some();
    if let ([leaf], [cell]) = (&root.leaves[..], cells)
        && leaf.path.is_empty()
    {
        return cell.value(text);
    }
    let mut object = Map::new();
    for (leaf, cell) in root.leaves.iter().zip(cells) {
        if *cell != Cell::Null {
            insert(&mut object, &leaf.path, cell.value(text)?);
        }
    }
    Ok(if object.is_empty() { Value::Null } else { Value::Object(object) })
}

fn insert(object: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => drop(object.insert(name.clone(), value)),
        [name, rest @ ..] => {
            let inner = object.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// The metadata at the end of a file.
fn metadata(source: &Source) -> Result<ParquetMetaData, Wrong> {
    let io = |e: io::Error| format!("cannot be read: {e}");
    if source.length < TAIL + detect::PARQUET.len() as u64 {
        return Err(format!("is no Parquet file: it has {} bytes", source.length));
    }
    let tail = source.bytes(source.length - TAIL, TAIL).map_err(io)?;
    let length = tail.first_chunk().map_or(0, |length| u64::from(u32::from_le_bytes(*length)));
    match &tail[4..] {
        detect::PARQUET => {}
        b"PARE" => return Err("is an encrypted Parquet file; decrypt it".to_owned()),
        _ => return Err("is no Parquet file, or breaks off: the mark PAR1 at its end is missing".to_owned()),
    }
    let most = source.length - TAIL - detect::PARQUET.len() as u64;
    if length > most.min(MOST_METADATA) {
        return Err(format!(
            "its metadata is said to have {length} bytes; there is room for {most}, and the limit is {MOST_METADATA}"
        ));
    }
    let bytes = source.bytes(source.length - TAIL - length, length).map_err(io)?;
    let decoded = thrift::check_footer(&bytes)
        .and_then(|()| guarded(|| ParquetMetaDataReader::decode_metadata(&bytes).map_err(|e| e.to_string())));
    decoded.map_err(|wrong| format!("its metadata is damaged: {}", clip(&wrong, 300)))
}
