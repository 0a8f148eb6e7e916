/*!
Tables: values with a header, separated by commas, tabs, semicolons or bars.

A header says which columns are read, and each row becomes a posting or a reject. Rows are parsed where they are read:
their end is known only once they are parsed.
*/

mod rows;
mod shape;

use std::collections::HashMap;
use std::io::{self, BufRead};

use serde_json::Value;

use crate::posting::{Field, Posting};

use super::alias::{self, Target};
use super::assemble::Assembler;
use super::error::FeedError;
use super::record::{Context, Place, RawRecord};
use super::reject::{Fault, RAW_KEPT};
use rows::{Row, Rows};
pub(super) use shape::{is_header, is_table, separator, separator_of_rows, told_separator};

/// Reads rows.
pub struct CsvReader<R> {
    rows: Rows<R>,
    columns: Vec<Column>,
    header: Vec<String>,
    number: u64,
}

/// A column by its name.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) target: Option<Target>,
}

impl<R: BufRead> CsvReader<R> {
    /// Reads the header from a stream of which `offset` bytes were read before. A stream without a byte is a table
    /// without rows.
    pub fn new(reader: R, separator: u8, context: Context, offset: u64) -> Result<CsvReader<R>, FeedError> {
        let file = context.file.clone();
        let limits = context.limits;
        let mut rows = Rows::new(reader, separator, context, offset);
        let mut header = rows.next_row(limits.values);
        if let Ok(Some(_)) = header
            && told_separator(&rows.raw).is_some()
        {
            header = rows.next_row(limits.values);
        }
        let Some(header) = header.map_err(|e| FeedError::read(&file, rows.offset, e))? else {
            return Ok(CsvReader { rows, columns: Vec::new(), header: Vec::new(), number: 0 });
        };
        if header.too_long {
            return Err(FeedError::header_too_long(&file, limits.record_bytes));
        }
        if header.cells > limits.values {
            return Err(FeedError::too_many_columns(&file, limits.values));
        }
        if header.open {
            return Err(FeedError::header_not_closed(&file));
        }
        let mut names = Vec::with_capacity(header.cells);
        for i in 0..header.cells {
            match std::str::from_utf8(rows.cell(i)) {
                Ok(name) => names.push(name.trim().to_owned()),
                Err(_) => return Err(FeedError::header_not_text(&file, i + 1)),
            }
        }
        let header = names.clone();
        let columns = columns(names);
        if !columns.iter().any(|column| is_text(column.target)) {
            return Err(FeedError::no_text_column(&file, columns.into_iter().map(|c| c.name).collect()));
        }
        rows.columns = columns.len();
        Ok(CsvReader { rows, columns, header, number: 0 })
    }

    /// How far the stream was read.
    pub fn offset(&self) -> u64 {
        self.rows.offset
    }

    /// The next row; none at the end.
    pub fn next_raw(&mut self) -> io::Result<Option<RawRecord>> {
        loop {
            let Some(row) = self.rows.next_row(self.columns.len())? else { return Ok(None) };
            // A line of spaces is a blank line, unless a column alone may well be blank.
            if self.columns.len() > 1 && row.cells == 1 && row.length <= RAW_KEPT as u64 && self.rows.raw_is_blank() {
                continue;
            }
            self.number += 1;
            let place = Place { number: self.number, offset: row.offset, length: row.length };
            let result = self.posting(&row);
            let context = &self.rows.context;
            let raw =
                if result.is_err() { self.rows.raw[..self.rows.raw.len().min(RAW_KEPT)].to_vec() } else { Vec::new() };
            return Ok(Some(place.parsed(result, context, raw)));
        }
    }

    fn posting(&self, row: &Row) -> Result<Posting, Fault> {
        let lines = if row.lines > 1 {
            format!(" (it goes over {} lines; a quote that is not closed?)", row.lines)
        } else {
            String::new()
        };
        let context = &self.rows.context;
        if row.astray {
            return Err(Fault::new(format!(
                "a quote on line {} is not closed; the line is set aside, and reading goes on at the next one",
                row.line
            )));
        }
        if row.too_long {
            let mut fault = Fault::too_long(row.length, context.limits.record_bytes);
            fault.reason.push_str(&lines);
            return Err(fault);
        }
        if row.open {
            return Err(Fault::new(format!("a quoted cell is not closed before the end of the file{lines}")));
        }
        if row.cells != self.columns.len() {
            let (cells, columns) = (row.cells, self.columns.len());
            return Err(Fault::new(format!("the row has {cells} cells, the header {columns}{lines}")));
        }
        if self.header.iter().enumerate().all(|(i, name)| self.rows.cell(i).trim_ascii() == name.as_bytes()) {
            return Err(Fault::new("the row is the header again; were tables put one after the other?"));
        }
        let mut assembler = Assembler::new(context);
        for (i, column) in self.columns.iter().enumerate() {
            let cell = std::str::from_utf8(self.rows.cell(i)).map_err(|e| Fault::not_utf8(Some(&column.name), e))?;
            if !cell.is_empty() {
                assembler.put(column.name.clone(), column.target, Value::String(cell.to_owned()))?;
            }
        }
        assembler.finish(|| context.default_id(self.number))
    }
}

/// Whether a name stands for what is read.
pub(super) fn is_text(target: Option<Target>) -> bool {
    target.and_then(Target::field).is_some_and(|field| Field::READ.contains(&field))
}

/// Columns of a header. Those without a name are named by their place, and those that no alias maps and that come twice
/// get a number, so that `extra` keeps them apart.
pub(super) fn columns(names: Vec<String>) -> Vec<Column> {
    let mut seen = HashMap::<String, usize>::new();
    let mut columns = Vec::with_capacity(names.len());
    for (i, name) in names.into_iter().enumerate() {
        let target = alias::resolve(&name);
        let name = if name.is_empty() { format!("column {}", i + 1) } else { name };
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        let name = if *times > 1 { format!("{name}#{times}") } else { name };
        columns.push(Column { name, target });
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::record::{Limits, Record};
    use crate::feed::reject::Reject;
    use crate::feed::tests::Endless;
    use serde_json::json;
    use std::io::BufReader;

    fn open(bytes: &[u8], limits: Limits) -> Result<CsvReader<&[u8]>, FeedError> {
        CsvReader::new(bytes, separator(bytes).unwrap_or(b','), Context::new("f.csv", limits), 0)
    }

    fn records(bytes: &[u8]) -> Vec<Record> {
        let context = Context::new("f.csv", Limits::default());
        let mut reader = open(bytes, Limits::default()).unwrap();
        std::iter::from_fn(|| reader.next_raw().unwrap()).map(|raw| raw.parse(&context)).collect()
    }

    fn postings(bytes: &[u8]) -> Vec<Posting> {
        let posting = |record| match record {
            Record::Posting(posting) => *posting,
            Record::Reject(reject) => panic!("{reject:?}"),
        };
        records(bytes).into_iter().map(posting).collect()
    }

    fn rejects(bytes: &[u8]) -> Vec<Reject> {
        let reject = |record| match record {
            Record::Posting(_) => None,
            Record::Reject(reject) => Some(reject),
        };
        records(bytes).into_iter().filter_map(reject).collect()
    }

    #[test]
    fn rows_become_postings() {
        let p = postings(b"job_id,Title,fraudulent,weight,department,description\r\n7,Cook,1,2.5,,\"Fry, \"\"daily\"\"\nat night\"\r\n\r\n,Typist,0,,Sales,\"\"\n");
        assert_eq!(p.len(), 2);
        assert_eq!((p[0].id.as_str(), p[0].label, p[0].get(Field::Title)), ("7", Some(true), "Cook"));
        assert_eq!(p[0].get(Field::Description), "Fry, \"daily\"\nat night");
        assert_eq!(json!(p[0].extra), json!({"weight": "2.5"}));
        assert_eq!((p[1].id.as_str(), p[1].label), ("f.csv#2", Some(false)));
        assert_eq!(json!(p[1].extra), json!({"department": "Sales"}));
    }

    #[test]
    fn separators_and_line_ends() {
        for (text, salary) in [
            (&b"title\tsalary\nCook\t1,000\n"[..], "1,000"),
            (b"title;salary\rCook;1,000\r", "1,000"),
            (b"title,salary\n\n\nCook,\"1,000\"", "1,000"),
        ] {
            let p = postings(text);
            assert_eq!((p.len(), p[0].get(Field::Title), p[0].get(Field::Salary)), (1, "Cook", salary));
        }
        assert_eq!(postings(b"title,salary\n  \nCook,1\n").len(), 1, "a line of spaces is blank");
    }

    #[test]
    fn tables_without_rows() {
        assert!(records(b"").is_empty());
        assert!(records(b"\n\r\n").is_empty());
        assert!(records(b"id,title").is_empty());
    }

    #[test]
    fn a_header_without_text_is_an_error_that_lists_the_names() {
        let error = open(b"id,inhalt,weight\n1,x,2\n", Limits::default()).err().unwrap().to_string();
        assert!(error.starts_with("f.csv: line 1: no column"), "{error}");
        assert!(error.contains("\"id\", \"inhalt\", \"weight\""), "{error}");
        assert!(error.contains("description: description, job_description"), "{error}");
        assert!(open(b"title,caf\xe9\n", Limits::default()).err().unwrap().to_string().contains("column 2"));
        let few = Limits { values: 3, ..Limits::default() };
        assert!(open(b"title,a,b,c\n", few).err().unwrap().to_string().contains("more than 3 columns"));
        assert!(open(b"title,\"a\n", Limits::default()).err().unwrap().to_string().contains("not closed"));
    }

    #[test]
    fn ragged_rows_name_both_counts() {
        let r = rejects(b"id,title,salary\n1,a\n2,b,3\n3,c,4,5\n4,\"d\n\nx\"\n");
        let reasons: Vec<_> = r.iter().map(|r| (r.record, r.reason.as_str())).collect();
        assert_eq!(reasons[0], (1, "the row has 2 cells, the header 3"));
        assert_eq!(reasons[1], (3, "the row has 4 cells, the header 3"));
        assert_eq!(
            reasons[2],
            (4, "the row has 2 cells, the header 3 (it goes over 3 lines; a quote that is not closed?)")
        );
        assert_eq!((r[1].offset, r[1].raw.as_slice()), (26, &b"3,c,4,5"[..]));
    }

    #[test]
    fn many_cells_are_only_counted() {
        let mut text = b"id,title\n".to_vec();
        text.resize(text.len() + 300_000, b',');
        assert_eq!(rejects(&text)[0].reason, "the row has 300001 cells, the header 2");
        let mut reader = open(&text, Limits::default()).unwrap();
        reader.next_raw().unwrap();
        assert!(reader.rows.ends.len() < 1000);
    }

    #[test]
    fn cells_that_are_no_text_or_not_closed() {
        let r = rejects(b"id,title,desc\n1,\xc3,\xa9\n2,a,\"b\n3,c,d\n");
        assert_eq!(
            (r[0].field.as_deref(), r[0].reason.as_str()),
            (Some("title"), "not valid UTF-8 at byte 0 of the cell")
        );
        assert!(r[1].reason.starts_with("a quote on line 3 is not closed"), "{}", r[1].reason);
        assert_eq!(r.len(), 2);
        let r = rejects(b"id,title,desc\n2,a,\"b\nc, and\n");
        assert!(r[0].reason.starts_with("a quoted cell is not closed"), "{}", r[0].reason);
        assert_eq!(r.len(), 1, "no line of it is a row");
        assert!(postings(b"id,title\n2,\"b\"")[0].id == "2", "a quote that is closed at the very end");
    }

    /// The numbers of the rows that are postings, and of those that are not.
    fn parted(bytes: &[u8], limits: Limits) -> (Vec<String>, Vec<Reject>) {
        let context = Context::new("f.csv", limits);
        let mut reader = open(bytes, limits).unwrap();
        let (mut ids, mut rejects) = (Vec::new(), Vec::new());
        while let Some(raw) = reader.next_raw().unwrap() {
            match raw.parse(&context) {
                Record::Posting(posting) => ids.push(posting.id),
                Record::Reject(reject) => rejects.push(reject),
            }
        }
        assert_eq!(reader.offset(), bytes.len() as u64);
        (ids, rejects)
    }

    #[test]
    fn a_quote_that_is_not_closed_swallows_no_rows() {
        let limits = Limits::default();
        let text = b"id,title,desc\n1,\"5 trucks,a\n2,b,c\n3,d,\"e\nf, \"\"g\"\"\"\n4,h,i\n";
        let (ids, rejects) = parted(text, limits);
        assert_eq!(ids, ["2", "3", "4"], "closed by the quote that opens a cell of another row");
        assert_eq!((rejects.len(), rejects[0].record, rejects[0].offset), (1, 1, 14));
        assert_eq!(rejects[0].raw, b"1,\"5 trucks,a");
        let text = b"id,title\r\n1,\"a\r\n2,b\r\n\r\n3,\"c\r\n4,d";
        let (ids, rejects) = parted(text, limits);
        assert_eq!((ids, rejects.len()), (vec!["2".to_owned(), "4".to_owned()], 2));
        assert_eq!(rejects[1].raw, b"3,\"c");
        let (ids, rejects) = parted(b"text\n\"5 trucks\nb\nc\n", limits);
        assert_eq!((ids.len(), rejects.len()), (2, 1));
        let (ids, rejects) = parted(b"id,title\n1,\"he said \"go\n\"\n2,b\n3,\"c\n,d\"\n", limits);
        assert_eq!(
            (ids.len(), rejects.len()),
            (3, 1),
            "a quote within a text, and lines of a cell that look like a row"
        );
    }

    #[test]
    fn a_quote_is_looked_for_no_further_than_a_record_may_go() {
        let mut text = b"id,title\n0,\"a\n".to_vec();
        for i in 1..2000 {
            text.extend_from_slice(format!("{i},title\n").as_bytes());
        }
        let limits = Limits { record_bytes: 100, ..Limits::default() };
        let (ids, rejects) = parted(&text, limits);
        assert_eq!((ids.len(), rejects.len()), (1999, 1));
        // Every line opens a quote that the next closes and opens again.
        let mut text = b"id,title,desc\n".to_vec();
        for _ in 0..50_000 {
            text.extend_from_slice(b"1,x\",\",y\n");
        }
        parted(&text, Limits::default());
    }

    #[test]
    fn excel_tells_the_separator() {
        for text in ["sep=;\r\ntitle;salary\r\nCook;1,000\r\n", "\"sep=;\"\ntitle;salary\nCook;1,000\n"] {
            let text = text.as_bytes();
            let mut reader = CsvReader::new(text, b';', Context::new("f.csv", Limits::default()), 0).unwrap();
            let Some(RawRecord::Parsed { record: Record::Posting(posting), .. }) = reader.next_raw().unwrap() else {
                panic!("a posting")
            };
            assert_eq!((posting.id.as_str(), posting.get(Field::Salary)), ("f.csv#1", "1,000"));
        }
    }

    #[test]
    fn a_header_that_comes_again_is_no_posting() {
        let r = rejects(b"id,title\n1,a\nid, title\n2,b\n");
        assert_eq!((r.len(), r[0].record), (1, 2));
        assert!(r[0].reason.starts_with("the row is the header again"), "{}", r[0].reason);
    }

    #[test]
    fn a_million_columns_are_an_error() {
        let header = format!("title{}", ",x".repeat(1_000_000));
        let error = open(header.as_bytes(), Limits::default()).err().unwrap().to_string();
        assert!(error.contains("more than 100000 columns"), "{error}");
    }

    #[test]
    fn nameless_and_repeated_columns_stay_apart() {
        let p = postings(b",title,x,x,weight,title\n1,a,2,3,4,b\n");
        assert_eq!(p[0].get(Field::Title), "a");
        assert_eq!(json!(p[0].extra), json!({"column 1": "1", "x": "2", "x#2": "3", "weight": "4", "title#2": "b"}));
    }

    #[test]
    fn a_row_over_the_limit_is_read_to_its_end() {
        let limits = Limits { record_bytes: 16, ..Limits::default() };
        let mut reader =
            open(b"id,title\n1,a\n2,\"01234567890\nx\"\n3,01234567890123\n4,0123456789012", limits).unwrap();
        let lengths: Vec<_> = std::iter::from_fn(|| reader.next_raw().unwrap())
            .map(|raw| (raw.length(), matches!(raw.parse(&Context::new("", limits)), Record::Posting(_))))
            .collect();
        assert_eq!(lengths, [(3, true), (17, false), (16, true), (15, true)]);
    }

    #[test]
    fn a_cell_of_100_megabytes_is_not_held() {
        let stream = Endless::new(b"id,title\n1,\"", b'x', 100 << 20, b"\"\n2,next\n");
        let context = Context::new("-", Limits { record_bytes: 1 << 20, ..Limits::default() });
        let mut reader = CsvReader::new(BufReader::with_capacity(64 * 1024, stream), b',', context.clone(), 0).unwrap();
        let raw = reader.next_raw().unwrap().unwrap();
        assert_eq!(raw.length(), (100 << 20) + 4);
        let Record::Reject(reject) = raw.parse(&context) else { panic!("the row is over the limit") };
        assert!(reject.raw_truncated && reject.raw.len() == RAW_KEPT);
        assert!(reader.rows.cells.len() <= 4 << 20, "{}", reader.rows.cells.len());
        assert!(matches!(reader.next_raw().unwrap().unwrap().parse(&context), Record::Posting(_)));
    }
}
