/*!
What is wrong in a marked file, where, and what to do about it.
*/

use std::fmt;
use std::path::Path;

use super::marks::MarkFault;
use super::part::{HEADER_FIELDS, KEYS, SHORTEST, known_languages};

/// Something wrong in a marked file.
#[derive(Debug)]
pub struct MarkedError {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) id: String,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Io(std::io::Error),
    NoFiles,
    Family,
    NoPostings,
    BeforeFirst(String),
    NoId,
    IdLanguage { language: String },
    IdWriter { family: String },
    DuplicateId { first: String },
    NoEndOfHeader,
    HeaderLine(String),
    Key(String),
    KeyTwice(String),
    Missing(&'static str),
    Label(String),
    Language(String),
    Romanised(String),
    UnknownSignal { signal: String, known: usize },
    Mark { field: &'static str, fault: MarkFault },
    MarkInKey(&'static str),
    Short(usize),
}

impl MarkedError {
    pub(super) fn of_file(file: &Path, kind: Kind) -> MarkedError {
        MarkedError { file: file.display().to_string(), line: 0, id: String::new(), kind }
    }
}

impl fmt::Display for MarkedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        f.write_str(": ")?;
        if !self.id.is_empty() {
            write!(f, "{}: ", self.id)?;
        }
        match &self.kind {
            Kind::Io(e) => write!(f, "cannot be read: {e}"),
            Kind::NoFiles => f.write_str("no .txt file of marked postings in this directory"),
            Kind::Family => f.write_str(
                "the family (the file's name) begins neither with `r` (train) nor with `t` (test); rename the file",
            ),
            Kind::NoPostings => f.write_str("no posting: none of the lines begins with `=== `"),
            Kind::BeforeFirst(text) => {
                write!(
                    f,
                    "{text:?} stands before the first posting; only lines that begin with `#` may, and `lexicons: mended`"
                )
            }
            Kind::NoId => f.write_str("`===` without an id; write `=== language-writer-number`"),
            Kind::IdLanguage { language } => {
                write!(
                    f,
                    "the id does not begin with the posting's language {language:?}; ids are language-writer-number"
                )
            }
            Kind::IdWriter { family } => {
                write!(f, "the id's writer is not that of the family {family:?}; ids are language-writer-number")
            }
            Kind::DuplicateId { first } => write!(f, "the id was used before, at {first}; ids are unique"),
            Kind::NoEndOfHeader => f.write_str("the header does not end: no line is `---`"),
            Kind::HeaderLine(line) => write!(f, "the header line {line:?} is not `key: value`"),
            Kind::Key(key) => {
                let fields = HEADER_FIELDS.iter().map(|f| f.name());
                let known: Vec<&str> = KEYS.into_iter().chain(fields).collect();
                write!(f, "the header has no key {key:?}; the keys are {}", known.join(", "))
            }
            Kind::KeyTwice(key) => write!(f, "the header has the key {key:?} twice"),
            Kind::Missing(key) => write!(f, "the header has no {key:?}, which is required"),
            Kind::Label(value) => {
                write!(f, "label: {value:?} must be 0 (honest), 1 (scam) or none (what teaches signals only)")
            }
            Kind::Language(value) => {
                let tags: Vec<&str> = known_languages().collect();
                write!(f, "language: {value:?} is none of {}", tags.join(", "))
            }
            Kind::Romanised(value) => write!(f, "romanised: {value:?} must be yes or left out"),
            Kind::UnknownSignal { signal, known } => {
                write!(f, "no signal {signal:?} among the {known} of the catalogue; `lurescan signals` lists them")
            }
            Kind::Mark { field, fault } => write!(f, "{field}: {fault}"),
            Kind::MarkInKey(key) => write!(f, "{key}: has a mark; marks stand in the text of the posting only"),
            Kind::Short(chars) => {
                write!(
                    f,
                    "title and description: have {chars} characters, at least {SHORTEST} are wanted; write more, or take it out"
                )
            }
        }
    }
}

// Its words hold those of its cause, which a source would repeat.
impl std::error::Error for MarkedError {}
