//! What is wrong with a lexicon, and where.

use std::fmt;

/// What is wrong with a lexicon, and where: a line for every fault.
#[derive(Debug)]
pub struct LexiconError {
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    Read { path: String, error: std::io::Error },
    Empty { path: String },
    Faults(Vec<Fault>),
    Compiled(String),
}

/// A fault in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) message: String,
}

impl fmt::Display for LexiconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Read { path, error } => write!(f, "{path}: cannot read the lexicon: {error}"),
            ErrorKind::Empty { path } => {
                write!(f, "{path}: no .toml file in this directory; a lexicon is one file a language")
            }
            ErrorKind::Compiled(message) => write!(f, "the compiled lexicon cannot be used: {message}"),
            ErrorKind::Faults(faults) => {
                for (i, fault) in faults.iter().enumerate() {
                    let end = if i + 1 < faults.len() { "\n" } else { "" };
                    write!(f, "{}:{}: {}{end}", fault.file, fault.line, fault.message)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for LexiconError {}

impl LexiconError {
    /// Whether the files were read and what stands in them is wrong.
    pub fn is_in_the_text(&self) -> bool {
        matches!(self.kind, ErrorKind::Faults(_))
    }

    pub(super) fn read(path: String, error: std::io::Error) -> LexiconError {
        LexiconError { kind: ErrorKind::Read { path, error } }
    }

    pub(super) fn empty(path: String) -> LexiconError {
        LexiconError { kind: ErrorKind::Empty { path } }
    }

    pub(super) fn compiled(message: impl Into<String>) -> LexiconError {
        LexiconError { kind: ErrorKind::Compiled(message.into()) }
    }

    pub(super) fn faults(faults: Vec<Fault>) -> LexiconError {
        LexiconError { kind: ErrorKind::Faults(faults) }
    }
}
