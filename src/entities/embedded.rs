/*!
The finder that the build compiled from the data files and put into the program.

Start-up unpacks one table and parses no text; the names of places, which are many, are used where they lie. The bytes
were written by the build of this very program, so they fit its types.
*/

use std::fmt::Display;

use super::bytes::Tables;
use super::gazetteer::Gazetteer;
use super::{Finder, TableError};

/// What the build wrote.
const TABLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/entities.lz4"));
/// The names of places.
const PLACES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/places.bin"));

impl Finder {
    /// Decodes the embedded tables.
    pub fn new() -> Result<Finder, TableError> {
        let broken = |cause: &dyn Display| TableError::embedded(TABLES.len(), cause);
        let tables = lz4_flex::block::decompress_size_prepended(TABLES).map_err(|cause| broken(&cause))?;
        let mut finder: Finder = postcard::from_bytes(&tables).map_err(|cause| broken(&cause))?;
        let places = Tables::open(PLACES).ok_or_else(|| TableError::places(PLACES.len()))?;
        finder.names.places = Gazetteer(places);
        Ok(finder)
    }
}
