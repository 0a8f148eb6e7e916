/*!
What ends the reading of a file.

A record that cannot be used is a [`Reject`] and reading goes on. A [`FeedError`] means that the rest of
the file cannot be read at all: it is missing, it breaks off inside a compressed frame, or nothing says which of its
columns hold text.
*/

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::posting::Field;
use crate::redact::{self, NAME_TOLD};

use super::alias;
use super::reject::{Fault, Reject, clip};

/// How many of a header's columns an error lists.
const COLUMNS_LISTED: usize = 40;

/// A file could not be read, or not to its end.
#[derive(Debug)]
pub struct FeedError {
    file: Arc<str>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Open(io::Error),
    Directory,
    Read { offset: u64, source: io::Error },
    Foreign { what: &'static str, instead: &'static str },
    NoTextColumn { columns: Vec<String> },
    Parquet { wrong: String },
    Archive { wrong: String },
    TooManyColumns { limit: usize },
    HeaderTooLong { limit: usize },
    HeaderNotText { column: usize },
    HeaderNotClosed,
    NoRecordElement { names: Vec<String> },
}

impl FeedError {
    /// The file's name as it was given; `-` for stdin.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// True when the file was not there.
    pub fn is_not_found(&self) -> bool {
        matches!(&self.kind, Kind::Open(e) if e.kind() == io::ErrorKind::NotFound)
    }

    /// True when the file could not be opened or read; what is in it is not at fault.
    pub fn is_unreadable(&self) -> bool {
        matches!(&self.kind, Kind::Open(_) | Kind::Read { .. })
    }

    pub(super) fn open(file: &Arc<str>, source: io::Error) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::Open(source) }
    }

    pub(super) fn directory(file: &Arc<str>) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::Directory }
    }

    pub(super) fn read(file: &Arc<str>, offset: u64, source: io::Error) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::Read { offset, source } }
    }

    pub(super) fn foreign(file: &Arc<str>, what: &'static str, instead: &'static str) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::Foreign { what, instead } }
    }

    pub(super) fn no_text_column(file: &Arc<str>, columns: Vec<String>) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::NoTextColumn { columns } }
    }

    pub(super) fn parquet(file: &Arc<str>, wrong: String) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::Parquet { wrong } }
    }

    pub(super) fn archive(file: &Arc<str>, wrong: String) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::Archive { wrong } }
    }

    /// The reject that stands for a whole file, as its first record: one of many files that cannot be read ends no run.
    pub fn reject(&self) -> Reject {
        let whole = self.to_string();
        let reason = whole.strip_prefix(&format!("{}: ", self.file)).unwrap_or(&whole);
        Fault::new(reason).reject(&self.file, 1, 0, Vec::new(), 0)
    }

    pub(super) fn no_record_element(file: &Arc<str>, names: Vec<String>) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::NoRecordElement { names } }
    }

    pub(super) fn too_many_columns(file: &Arc<str>, limit: usize) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::TooManyColumns { limit } }
    }

    pub(super) fn header_too_long(file: &Arc<str>, limit: usize) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::HeaderTooLong { limit } }
    }

    pub(super) fn header_not_text(file: &Arc<str>, column: usize) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::HeaderNotText { column } }
    }

    pub(super) fn header_not_closed(file: &Arc<str>) -> FeedError {
        FeedError { file: file.clone(), kind: Kind::HeaderNotClosed }
    }
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = if &*self.file == "-" { "stdin" } else { &self.file };
        match &self.kind {
            Kind::Open(e) if e.kind() == io::ErrorKind::NotFound => write!(f, "{file}: there is no such file"),
            Kind::Open(e) => write!(f, "{file}: cannot be opened: {e}"),
            Kind::Directory => write!(f, "{file}: is a directory; name the files in it"),
            Kind::Read { offset, source } => {
                write!(f, "{file}: cannot be read on after byte {offset} of its decoded content: {source}")
            }
            Kind::Foreign { what, instead } => write!(f, "{file}: {what}; {instead}"),
            Kind::Parquet { wrong } | Kind::Archive { wrong } => write!(f, "{file}: {}", clip(wrong, 600)),
            Kind::NoTextColumn { columns } => {
                write!(f, "{file}: line 1: no column of the header is known to hold text. ")?;
                if columns.iter().any(|column| is_content(column)) {
                    let count = columns.len();
                    write!(f, "Its {count} cells are not shown, as they look like a posting; put a header above them")?;
                } else {
                    f.write_str("The columns are: ")?;
                    for (i, column) in columns.iter().take(COLUMNS_LISTED).enumerate() {
                        write!(f, "{}{:?}", if i == 0 { "" } else { ", " }, redact::told(column, NAME_TOLD))?;
                    }
                    if columns.len() > COLUMNS_LISTED {
                        write!(f, " and {} more", columns.len() - COLUMNS_LISTED)?;
                    }
                    f.write_str(". Rename one")?;
                }
                f.write_str(", or say --input-format text if the whole is one posting. The accepted names are")?;
                accepted_names(f)
            }
            Kind::NoRecordElement { names } => {
                let names: Vec<_> = names.iter().map(|name| format!("<{}>", redact::told(name, NAME_TOLD))).collect();
                write!(
                    f,
                    "{file}: no element at the beginning of the document holds a title or a text under a known name. \
                     The elements are: {}. The accepted names of what an element of a posting holds are",
                    names.join(", ")
                )?;
                accepted_names(f)
            }
            Kind::TooManyColumns { limit } => {
                write!(
                    f,
                    "{file}: line 1: the header has more than {limit} columns; is this a table of postings? --max-values N allows more"
                )
            }
            Kind::HeaderTooLong { limit } => {
                write!(
                    f,
                    "{file}: line 1: the header is longer than the limit of {limit} bytes a record; a quote that is not closed?"
                )
            }
            Kind::HeaderNotText { column } => {
                write!(f, "{file}: line 1: the name of column {column} is not valid UTF-8; convert the file to UTF-8")
            }
            Kind::HeaderNotClosed => {
                write!(f, "{file}: line 1: a quoted column name in the header is not closed before the end of the file")
            }
        }
    }
}

/// Whether the cell of a first line is no name of a column, but what stands in one.
fn is_content(cell: &str) -> bool {
    cell.chars().nth(NAME_TOLD).is_some() || redact::is_masked(cell)
}

fn accepted_names(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for field in Field::READ {
        write!(f, "\n  {}: {}", field.name(), alias::names(field).collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}

// Its words hold those of its cause, which a source would repeat.
impl std::error::Error for FeedError {}
