//! Which postings of a corpus are kept together.

use rustc_hash::FxHashMap;

use super::{Raw, text_of};
use crate::posting::Field;
use crate::text::near_duplicates::UnionFind;

/// Joins groups by the values of columns, within each domain; and by employer, when `employers`.
pub(super) fn join(raws: &[Raw], start: &[usize], columns: &[&str], employers: bool) -> Vec<usize> {
    let mut union = UnionFind::new(raws.len());
    for (i, &g) in start.iter().enumerate() {
        union.join(i, g);
    }
    let mut first: FxHashMap<(usize, usize, String), usize> = FxHashMap::default();
    for (i, raw) in raws.iter().enumerate() {
        let mut keys: Vec<(usize, String)> = columns
            .iter()
            .enumerate()
            .filter_map(|(k, column)| Some((k, text_of(raw.posting.extra.get(*column))?)))
            .collect();
        if employers {
            for (k, field) in [Field::Company, Field::CompanyProfile].into_iter().enumerate() {
                let name = raw.posting.get(field).trim().to_lowercase();
                if !name.is_empty() {
                    keys.push((columns.len() + k, name));
                }
            }
        }
        for (k, value) in keys {
            let at = *first.entry((raw.domain, k, value)).or_insert(i);
            union.join(at, i);
        }
    }
    (0..raws.len()).map(|i| union.find(i)).collect()
}
