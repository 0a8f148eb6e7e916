/*!
The names of the n-grams in a model's table: one a line in the order of their bytes, which packs best, and packed with xz.

The table is hashed, so what it holds can be listed by these names only; their weights are those of the table.
*/

use std::io::{BufRead, BufReader, Read, Write};

use anyhow::Context;
use lzma_rust2::{XzOptions, XzReader, XzWriter};

use super::artefact::Artefact;
use crate::text::ngrams::name_hash;

/// How hard xz tries: a dictionary of 8 MiB holds all names of a full table, and more than that brings nothing.
const PRESET: u32 = 6;
/// Memory that unpacking may take, in KiB: whoever made a model may ask for any.
const MEMORY: u32 = 64 * 1024;

/// Bytes of names that are read: those of a full table are a tenth of it.
const MOST: u64 = 64 * 1024 * 1024;

/// An n-gram of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its tokens with spaces between them; see [`crate::entities::bag::Ngram::name`].
    pub name: String,
    /// Its hash.
    pub hash: u64,
    /// What the model scores it with, in log-odds before the division by the root of the number of n-grams.
    pub weight: f64,
    /// What its second reading scores it with, likewise.
    pub second: f64,
}

/// The n-grams that a model names, in the order of their names; none where it has no names.
///
/// # Errors
///
/// When the names cannot be unpacked or are no text.
pub fn read(artefact: &Artefact) -> anyhow::Result<Vec<Named>> {
    if artefact.names.is_empty() {
        return Ok(Vec::new());
    }
    let named = |name: String| {
        let hash = name_hash(&name);
        let table = &artefact.table;
        let (weight, second) = (f64::from(table.weight(hash)), f64::from(table.second_weight(hash)));
        Named { name, hash, weight: weight * table.scale(), second: second * table.second_scale() }
    };
    BufReader::new(XzReader::new_mem_limit(&*artefact.names, false, MEMORY).take(MOST))
        .lines()
        .map(|line| line.map(named).with_context(|| format!("model {}: names.txt.xz", artefact.manifest.name)))
        .collect()
}

/// Packs names for [`read`].
///
/// # Errors
///
/// None but what xz has in memory.
pub fn pack(mut names: Vec<&str>) -> std::io::Result<Vec<u8>> {
    names.sort_unstable();
    let mut xz = XzWriter::new(Vec::new(), XzOptions::with_preset(PRESET))?;
    for name in names {
        writeln!(xz, "{name}")?;
    }
    xz.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_model_that_ships_lead_to_its_weights() {
        let artefact = Artefact::embedded().unwrap();
        let named = read(&artefact).unwrap();
        assert_eq!(named.len(), artefact.table.len());
        assert!(named.is_sorted_by(|a, b| a.name < b.name));
        // A weight may be rounded to 0, and few are.
        let nothing = named.iter().filter(|n| n.weight == 0.0).count();
        assert!(nothing < 30, "{nothing}");
        assert_eq!(pack(named.iter().map(|n| n.name.as_str()).collect()).unwrap(), *artefact.names);
    }
}
