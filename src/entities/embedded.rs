/*!
The finder that the build compiled from the data files and put into the program.

Start-up unpacks two tables and parses no text; the names of places, which are many, are used where they lie. The bytes
were written by the build of this very program, so they fit its types.
*/

use std::borrow::Cow;

use super::bytes::Tables;
use super::first_words::FirstWords;
use super::gazetteer::Gazetteer;
use super::{Finder, TableError};

/// What the build wrote.
const TABLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/entities.lz4"));
/// The first words of all names.
const FIRST_WORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/first_words.lz4"));
/// The names of places.
const PLACES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/places.bin"));

impl Finder {
    /// Decodes the embedded tables.
    pub fn new() -> Result<Finder, TableError> {
        let tables = unpacked(TABLES)?;
        let mut finder: Finder =
            postcard::from_bytes(&tables).map_err(|cause| TableError::embedded(tables.len(), cause))?;
        let places = Tables::open(PLACES).ok_or_else(|| TableError::places(PLACES.len()))?;
        finder.names.places = Gazetteer(places);
        finder.names.firsts = FirstWords::open(Cow::Owned(unpacked(FIRST_WORDS)?));
        Ok(finder)
    }
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, TableError> {
    lz4_flex::block::decompress_size_prepended(packed).map_err(|cause| TableError::embedded(packed.len(), cause))
}
