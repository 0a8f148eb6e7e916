/*!
What can be wrong with the tables of entities.
*/

use std::fmt;

/// A table of entities that cannot be read.
#[derive(Debug)]
pub struct TableError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// The table that the build put into the program.
    Embedded { size: usize, cause: String },
    /// A data file; the cause names line and column.
    File { table: &'static str, cause: toml::de::Error },
    /// The names of places do not fill the lengths that their table states, or are too many for it.
    Places { size: usize },
}

impl TableError {
    pub(crate) fn embedded(size: usize, cause: impl fmt::Display) -> TableError {
        TableError { kind: Kind::Embedded { size, cause: cause.to_string() } }
    }

    pub(crate) fn file(table: &'static str, cause: toml::de::Error) -> TableError {
        TableError { kind: Kind::File { table, cause } }
    }

    pub(crate) fn places(size: usize) -> TableError {
        TableError { kind: Kind::Places { size } }
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Embedded { size, cause } => write!(
                f,
                "the embedded tables of entities ({size} bytes) cannot be decoded: {cause}; build the program again from \
                 clean sources"
            ),
            Kind::File { table, cause } => write!(f, "the table {table} cannot be read: {cause}; correct that line"),
            Kind::Places { size } => write!(
                f,
                "the table of place names ({size} bytes) does not have the lengths it states; it holds at most 4 GiB of names"
            ),
        }
    }
}

// Its words hold those of its cause, which a source would repeat.
impl std::error::Error for TableError {}
