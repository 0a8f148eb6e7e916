/*!
Why a label store could not be used.
*/

use std::fmt;
use std::path::{Path, PathBuf};

/// An error of a label store: the file, and what is the matter with it.
#[derive(Debug)]
pub struct StoreError {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A file of another program.
    Foreign(String),
    /// Written by a later version.
    Newer { found: i64, known: i64 },
    /// No file, where one is needed.
    Missing,
    /// What SQLite's own check says.
    Damaged(String),
    /// A stored posting or word that cannot be read back.
    Record { row: String, reason: String },
    /// A decision that must not be stored.
    Refused(String),
    /// Anything else that SQLite reports.
    Sqlite(rusqlite::Error),
}

impl StoreError {
    pub(super) fn new(path: &Path, kind: Kind) -> StoreError {
        StoreError { path: path.to_owned(), kind }
    }

    /// An error of SQLite, told apart by what a user can do about it.
    pub(super) fn sqlite(path: &Path, error: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode;
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Kind::Foreign("it is no SQLite file".to_owned()),
            Some(ErrorCode::DatabaseCorrupt) => Kind::Damaged(error.to_string()),
            _ => Kind::Sqlite(error),
        };
        StoreError::new(path, kind)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.kind {
            Kind::Foreign(what) => {
                write!(f, "is no label store: {what}; name another file, or one that does not exist yet")
            }
            Kind::Newer { found, known } => write!(
                f,
                "is a label store of schema {found}, and this version reads schemas up to {known}; update lurescan"
            ),
            Kind::Missing => f.write_str("there is no such label store; `lurescan review` makes one"),
            Kind::Damaged(what) => {
                write!(
                    f,
                    "the label store is damaged ({what}); restore a copy, or save what is left with `sqlite3 .recover`"
                )
            }
            Kind::Record { row, reason } => write!(f, "{row} cannot be read back: {reason}"),
            Kind::Refused(reason) => f.write_str(reason),
            Kind::Sqlite(e) => write!(f, "the label store cannot be used: {e}"),
        }
    }
}

// Its words hold those of its cause, which a source would repeat.
impl std::error::Error for StoreError {}
