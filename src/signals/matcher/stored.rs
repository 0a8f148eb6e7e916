//! The automaton as bytes of a file.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{Automaton, Symbol};

/// An automaton as it is stored: arrays of little-endian numbers, so that reading it is copying it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stored<'a> {
    #[serde(borrow)]
    arrays: [&'a [u8]; 12],
}

impl Automaton {
    /// The arrays as bytes.
    pub(crate) fn to_bytes(&self) -> Vec<Vec<u8>> {
        let a = self;
        let u32s = |v: &[u32]| v.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
        let table = |map: &FxHashMap<u64, Symbol>| {
            let mut rows: Vec<(u64, Symbol)> = map.iter().map(|(k, v)| (*k, *v)).collect();
            rows.sort_unstable();
            rows.iter().flat_map(|(k, v)| k.to_le_bytes().into_iter().chain(v.to_le_bytes())).collect::<Vec<u8>>()
        };
        let lengths: Vec<u32> = a.prefix_lengths.iter().map(|&l| l as u32).collect();
        vec![
            u32s(&a.edge_start),
            u32s(&a.edge_symbol),
            u32s(&a.target_start),
            u32s(&a.targets),
            u32s(&a.accept_start),
            u32s(&a.accepts),
            u32s(&a.gap_start),
            u32s(&a.gap_wide),
            u32s(&a.gap_beyond),
            table(&a.exact),
            table(&a.prefixes),
            u32s(&lengths),
        ]
    }
}

impl<'a> Stored<'a> {
    pub(crate) fn of(arrays: &'a [Vec<u8>]) -> Option<Stored<'a>> {
        let slices: Vec<&[u8]> = arrays.iter().map(Vec::as_slice).collect();
        Some(Stored { arrays: slices.try_into().ok()? })
    }
}

impl TryFrom<Stored<'_>> for Automaton {
    type Error = &'static str;

    /// Checks that nothing points outside, so that a damaged file cannot make the matcher fail.
    fn try_from(s: Stored<'_>) -> Result<Automaton, &'static str> {
        let u32s =
            |k: usize| -> Vec<u32> { s.arrays[k].as_chunks().0.iter().map(|c| u32::from_le_bytes(*c)).collect() };
        let table = |k: usize| -> FxHashMap<u64, Symbol> {
            let rows = s.arrays[k].as_chunks::<12>().0;
            let number = |c: &[u8; 12]| {
                let (key, value) = c.split_at(8);
                (
                    u64::from_le_bytes(key.try_into().unwrap_or_default()),
                    u32::from_le_bytes(value.try_into().unwrap_or_default()),
                )
            };
            rows.iter().map(number).collect()
        };
        let a = Automaton {
            edge_start: u32s(0),
            edge_symbol: u32s(1),
            target_start: u32s(2),
            targets: u32s(3),
            accept_start: u32s(4),
            accepts: u32s(5),
            gap_start: u32s(6),
            gap_wide: u32s(7),
            gap_beyond: u32s(8),
            exact: table(9),
            prefixes: table(10),
            prefix_lengths: u32s(11).into_iter().map(|l| l as usize).collect(),
        };
        let nodes = a.nodes() as u32;
        let runs = |starts: &[u32], of: usize| starts.is_sorted() && starts.last().is_some_and(|&l| l as usize == of);
        let whole = runs(&a.edge_start, a.edge_symbol.len())
            && runs(&a.target_start, a.targets.len())
            && runs(&a.accept_start, a.accepts.len())
            && runs(&a.gap_start, a.gap_wide.len())
            && a.accept_start.len() == a.edge_start.len()
            && a.gap_start.len() == a.edge_start.len()
            && a.target_start.len() == a.edge_symbol.len() + 1
            && a.gap_beyond.len() == a.gap_wide.len()
            && a.gap_wide.iter().all(|&w| w < 256)
            && a.targets.iter().chain(&a.gap_beyond).all(|&n| n < nodes);
        if whole { Ok(a) } else { Err("the phrases of the lexicon are damaged") }
    }
}
