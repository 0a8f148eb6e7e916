/*!
The finder that the build compiled from the data files and put into the program.

Start-up decodes one table and parses no text. The decoded bytes were written by the build of this very program, so they
fit its types.
*/

use super::{Finder, TableError};

/// What the build wrote.
const TABLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/entities.bin"));

impl Finder {
    /// Decodes the embedded tables.
    pub fn new() -> Result<Finder, TableError> {
        postcard::from_bytes(TABLES).map_err(|cause| TableError::embedded(TABLES.len(), cause))
    }
}
