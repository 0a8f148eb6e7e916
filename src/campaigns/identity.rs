/*!
Names of campaigns that stay.

A campaign in tomorrow's feed has other postings, so a name made of any one of them would be gone with it. What stays is
the text that its copies have in common. The *core* of a campaign are the shingles of at least half of its different
texts; its id is a hash of the [`ELEMENTS`] of them whose hashes are smallest. Two feeds give a campaign the same id with
about the probability, squared, that a shingle of one core is in the other too: nearly always while copies differ here and
there, and never depending on how many copies a feed holds, in which order, or what their ids are.

Two campaigns that share boilerplate may share the smallest shingles too; those whose ids would be the same take further
shingles, one by one, until they differ. A campaign without a text in common is named by the contacts of at least half of
its postings, and then by all of them.
*/

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Elements in an id.
const ELEMENTS: usize = 2;
/// How many of the smallest shingles of a text are looked at, and how many of a core are kept.
const SMALLEST: usize = 64;

/// What a campaign can be named by, the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Elements(Vec<u64>);

impl Elements {
    /// The elements of a campaign of these different texts, with the keys of the contacts of each posting. `last` tells it
    /// from any other where all else fails.
    pub(super) fn of(texts: &[&[u32]], contacts: &[&[u64]], last: u64) -> Elements {
        let shingles = texts.iter().flat_map(|text| text.iter().take(SMALLEST).copied().map(u64::from));
        // Beyond the last shingle that is looked at of some text, the others' count for too little.
        let full = texts.iter().filter(|text| text.len() > SMALLEST).map(|text| u64::from(text[SMALLEST - 1]));
        let limit = full.min().unwrap_or(u64::MAX);
        let mut elements = common(shingles.filter(|&s| s <= limit), texts.len().div_ceil(2));
        elements.truncate(SMALLEST);
        let named = || contacts.iter().copied().flatten().copied();
        elements.extend(common(named(), contacts.len().div_ceil(2)));
        elements.extend(common(named(), 1));
        elements.push(last);
        Elements(elements)
    }

    fn id(&self, length: usize) -> String {
        let bytes: Vec<u8> = self.0.iter().take(length).flat_map(|e| e.to_le_bytes()).collect();
        format!("{:016x}", xxh3_64(&bytes))
    }
}

/// The values that occur at least this often, ascending.
fn common(values: impl Iterator<Item = u64>, least: usize) -> Vec<u64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.chunk_by(|a, b| a == b).filter(|run| run.len() >= least.max(1)).map(|run| run[0]).collect()
}

/// The id of each campaign; no two are the same.
pub(super) fn ids(campaigns: &[Elements]) -> Vec<String> {
    let mut lengths = vec![ELEMENTS; campaigns.len()];
    loop {
        let ids: Vec<String> = campaigns.iter().zip(&lengths).map(|(c, &length)| c.id(length)).collect();
        let mut holders: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (i, id) in ids.iter().enumerate() {
            holders.entry(id).or_default().push(i);
        }
        let mut all_differ = true;
        for shared in holders.into_values().filter(|holders| holders.len() > 1) {
            for i in shared {
                if lengths[i] < campaigns[i].0.len() {
                    lengths[i] += 1;
                    all_differ = false;
                }
            }
        }
        if all_differ {
            return ids;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_core_of_the_texts() {
        let core: Vec<u32> = (1..100).map(|i| i * 1_000).collect();
        let copy = |n: u32| -> Vec<u32> {
            let mut text: Vec<u32> = core.iter().copied().filter(|s| !(s / 1_000 + n).is_multiple_of(10)).collect();
            text.extend((0..10).map(|i| i * 7_000 + n));
            text.sort_unstable();
            text
        };
        let of = |numbers: std::ops::Range<u32>| {
            let texts: Vec<Vec<u32>> = numbers.map(copy).collect();
            ids(&[Elements::of(&texts.iter().map(Vec::as_slice).collect::<Vec<_>>(), &[], 0)])
        };
        assert_eq!(of(1..21), of(31..45));
        assert_ne!(of(1..21), ids(&[Elements::of(&[&[5, 6, 7]], &[], 0)]));
    }

    #[test]
    fn ids_that_would_be_the_same_are_made_longer() {
        let of = |texts: &[&[u32]]| Elements::of(texts, &[], 9);
        let (a, b, c) = (of(&[&[1, 2, 3, 4]]), of(&[&[1, 2, 3, 5]]), of(&[&[6, 7]]));
        let alone: Vec<String> = [&a, &b, &c].map(|e| ids(std::slice::from_ref(e)).remove(0)).into();
        assert_eq!(alone[0], alone[1]);
        let together = ids(&[a, b, c]);
        assert_ne!(together[0], together[1]);
        assert_eq!(together[2], alone[2]);
    }

    #[test]
    fn without_a_text_contacts_give_the_name() {
        let of = |contacts: &[&[u64]]| ids(&[Elements::of(&[], contacts, 0)]);
        assert_eq!(of(&[&[3, 5], &[3], &[3, 5]]), of(&[&[3, 5], &[5, 3]]));
        assert_ne!(of(&[&[3], &[3]]), of(&[&[4], &[4]]));
    }
}
