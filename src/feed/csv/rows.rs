/*!
A stream cut into rows of cells.

csv-core does the automaton, so that quoted line breaks and every kind of line end work on a stream; what is added here
is the bound on a record, and what is done about a quote that nobody closes: it would swallow all rows up to the next
quote, or to the end of the file.
*/

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::feed::record::Context;
use crate::feed::reject::RAW_KEPT;

/// Lines of a row that are looked at to tell whether it swallowed others.
const LINES_TRIED: usize = 1000;

/// Times a stream may be read in all, where quotes that are not closed make it be read again.
const TIMES_READ: u64 = 4;

/// One row in the buffers of [`Rows`].
pub(super) struct Row {
    pub(super) offset: u64,
    pub(super) length: u64,
    /// The line of the stream that it begins on, from 1.
    pub(super) line: u64,
    pub(super) lines: u64,
    pub(super) cells: usize,
    pub(super) too_long: bool,
    /// The stream ended inside a quoted cell.
    pub(super) open: bool,
    /// It is one line, of which a quote would have swallowed the rows behind it.
    pub(super) astray: bool,
}

/// A stream of which a stretch can be read once more.
struct Again<R> {
    reader: R,
    stretch: Vec<u8>,
    at: usize,
}

impl<R: BufRead> Again<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.stretch.len() {
            return Ok(&self.stretch[self.at..]);
        }
        if !self.stretch.is_empty() {
            self.stretch = Vec::new();
            self.at = 0;
        }
        self.reader.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        match self.stretch.is_empty() {
            true => self.reader.consume(bytes),
            false => self.at += bytes,
        }
    }

    /// Unreads the bytes that were read last.
    fn unread(&mut self, bytes: &[u8]) {
        if self.at >= bytes.len() {
            self.at -= bytes.len();
        } else {
            // They came from the stream itself, at least the last of them, so nothing of the stretch is left.
            self.stretch = bytes.to_vec();
            self.at = 0;
        }
    }
}

/// Cuts a stream into rows of cells, and holds one.
pub(super) struct Rows<R> {
    reader: Again<R>,
    pub(super) context: Context,
    core: Reader,
    separator: u8,
    /// Cells that a row has; none while the header is read.
    pub(super) columns: usize,
    pub(super) offset: u64,
    /// The line that is read next, from 1.
    line: u64,
    /// Bytes that are read once more, in all.
    unread: u64,
    pub(super) cells: Vec<u8>,
    pub(super) ends: Vec<usize>,
    pub(super) raw: Vec<u8>,
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(reader: R, separator: u8, context: Context, offset: u64) -> Rows<R> {
        let mut rows = Rows {
            reader: Again { reader, stretch: Vec::new(), at: 0 },
            context,
            core: ReaderBuilder::new().delimiter(separator).build(),
            separator,
            columns: 0,
            offset,
            line: 1,
            unread: 0,
            cells: vec![0; 4096],
            ends: vec![0; 64],
            raw: Vec::new(),
        };
        rows.begin();
        rows
    }

    /// Makes the automaton expect a row.
    fn begin(&mut self) {
        self.core.reset();
        // csv-core strips a byte order mark from its first input, but only if all of it is there, so that what comes out
        // would hang on how the stream was cut. The source has stripped it; an input without room to go to changes
        // nothing but that it was the first.
        self.core.read_record(b"\n", &mut [], &mut []);
    }

    /// A cell of the last row; empty when there is none.
    pub(super) fn cell(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        self.cells.get(start..self.ends[i]).unwrap_or_default()
    }

    pub(super) fn raw_is_blank(&self) -> bool {
        self.raw.trim_ascii().is_empty()
    }

    /// The next row that is no empty line. The ends of `keep` cells are kept, more are only counted.
    pub(super) fn next_row(&mut self, keep: usize) -> io::Result<Option<Row>> {
        if !self.skip_line_ends()? {
            return Ok(None);
        }
        let limit = self.context.limits.record_bytes as u64;
        let mut row = Row {
            offset: self.offset,
            length: 0,
            line: self.line,
            lines: 1,
            cells: 0,
            too_long: false,
            open: false,
            astray: false,
        };
        let (mut written, mut ends, mut uncounted) = (0, 0, 0);
        self.raw.clear();
        loop {
            let chunk = match self.reader.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            let at_end = chunk.is_empty();
            // At the end of the stream a line end is added: only the automaton knows whether it is inside quotes, and a
            // line end that ends no row tells. (A clone cannot be asked: csv-core 0.1.13 loses its classes in cloning.)
            let input = if at_end && !row.open { b"\n" } else { chunk };
            let (result, read, wrote, ended) =
                self.core.read_record(input, &mut self.cells[written..], &mut self.ends[ends..]);
            let read = if at_end { 0 } else { read };
            row.open |= at_end && result == ReadRecordResult::InputEmpty;
            let read_bytes = &chunk[..read];
            let kept = if row.too_long { RAW_KEPT.saturating_sub(self.raw.len()) } else { read };
            self.raw.extend_from_slice(&read_bytes[..read.min(kept)]);
            let last = read_bytes.last().copied();
            let lines = memchr::memchr_iter(b'\n', read_bytes).count() as u64;
            row.lines += lines;
            self.line += lines;
            row.length += read as u64;
            self.offset += read as u64;
            self.reader.consume(read);
            written += wrote;
            ends += ended;
            let done = result == ReadRecordResult::Record;
            if done && !at_end {
                // What ends the row is no part of it.
                row.length -= 1;
                row.lines -= u64::from(last == Some(b'\n'));
            }
            let breaks_limit = row.length > limit && !row.too_long;
            row.too_long |= breaks_limit;
            if (breaks_limit || done && !row.too_long) && row.lines > 1 && self.swallows(done && !row.open) {
                return Ok(Some(self.first_line(row)));
            }
            if done || row.too_long {
                self.raw.truncate(usize::try_from(row.length).unwrap_or(RAW_KEPT));
            }
            match result {
                ReadRecordResult::Record => {
                    row.cells = uncounted + ends;
                    return Ok(Some(row));
                }
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull if !row.too_long => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if ends <= keep => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => {
                    uncounted += ends - keep;
                    ends = keep;
                }
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull => {}
            }
            if row.too_long {
                // The rest is read over: nothing of it is kept, so the buffers need not grow.
                written = 0;
            }
        }
    }

    /// Whether the row of several lines that was read swallowed others: a quote of it is not closed, or is closed by what
    /// would open a cell of another row, and a line of it is a row by itself.
    fn swallows(&self, closed: bool) -> bool {
        let is_row = |line: &&[u8]| !line.trim_ascii().is_empty() && cells(line, self.separator).0 == self.columns;
        let again = self.unread + self.raw.len() as u64;
        if self.columns == 0 || again > TIMES_READ * self.offset + self.context.limits.record_bytes as u64 {
            return false;
        }
        let lines = self.raw.split(|byte| *byte == b'\n').skip(1);
        match closed {
            true => {
                cells(&self.raw, self.separator).1
                    && lines.filter(|line| !line.trim_ascii().is_empty()).last().is_some_and(|line| is_row(&line))
            }
            false => lines.take(LINES_TRIED).any(|line| is_row(&line)),
        }
    }

    /// Of a row that swallowed others only the first line, so that the next is read as a row.
    fn first_line(&mut self, row: Row) -> Row {
        let end = memchr::memchr(b'\n', &self.raw).map_or(self.raw.len(), |at| at + 1);
        let others = &self.raw[end..];
        self.reader.unread(others);
        self.offset -= others.len() as u64;
        self.unread += others.len() as u64;
        self.line = row.line + 1;
        self.begin();
        self.raw.truncate(end - 1);
        if self.raw.last() == Some(&b'\r') {
            self.raw.pop();
        }
        Row { length: self.raw.len() as u64, lines: 1, too_long: false, open: false, astray: true, ..row }
    }

    /// Reads over line ends; false at the end of the stream.
    fn skip_line_ends(&mut self) -> io::Result<bool> {
        loop {
            let chunk = match self.reader.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                return Ok(false);
            }
            let ends = chunk.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let found = ends < chunk.len();
            self.line += memchr::memchr_iter(b'\n', &chunk[..ends]).count() as u64;
            self.offset += ends as u64;
            self.reader.consume(ends);
            if found {
                return Ok(true);
            }
        }
    }
}

/// The cells of the row that a text begins with, and whether one of them goes on behind the quote that closes it.
fn cells(text: &[u8], separator: u8) -> (usize, bool) {
    let (mut cells, mut goes_on, mut at) = (1, false, 0);
    loop {
        if text.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match memchr::memchr(b'"', &text[at..]) {
                    Some(quote) => at += quote + 1,
                    None => return (cells, goes_on),
                }
                // Two quotes stand for one.
                match text.get(at) {
                    Some(b'"') => at += 1,
                    _ => break,
                }
            }
            goes_on |= text.get(at).is_some_and(|byte| *byte != separator && !matches!(byte, b'\r' | b'\n'));
        }
        match memchr::memchr3(separator, b'\r', b'\n', &text[at..]) {
            Some(end) if text[at + end] == separator => {
                cells += 1;
                at += end + 1;
            }
            _ => return (cells, goes_on),
        }
    }
}
