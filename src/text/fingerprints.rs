/*!
Which n-grams a table holds, by hash, and in which of its slots.

Buckets of four slots; an n-gram may lie in either of two buckets (a bucketized cuckoo table), so that nine of ten slots
can be filled. A slot holds a 16-bit fingerprint. An n-gram that is not in the table meets eight slots and matches one by
chance with a probability of at most 8 / 65535 = 1.22e-4.
*/

use crate::text::lanes::equal_numbers;

/// Slots of a bucket.
const PER_BUCKET: usize = 4;
/// Slots of the largest table: places are told by 16 bits and more of a hash that the fingerprint does not use.
const MOST_SLOTS: usize = 1 << 24;
/// N-grams that are asked for at once: their buckets lie anywhere, and what the processor waits for comes together where
/// nothing that is read hangs on what was read before.
pub(crate) const TOGETHER: usize = 64;

/// How many n-grams a table of so many slots takes.
pub const fn capacity(slots: usize) -> usize {
    slots * 897 / 1000
}

/// The fingerprints of n-grams, slot by slot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fingerprints {
    /// 0 marks an empty slot.
    slots: Vec<u16>,
    /// One less than the buckets, which are a power of two.
    mask: usize,
}

/// Where a hash may lie in buckets of this mask, and its fingerprint.
#[inline]
fn places(hash: u64, mask: usize) -> (usize, usize, u16) {
    // The highest bits but for the largest number, whose remainder is 0, and one more, since 0 is an empty slot.
    let fingerprint = ((hash >> 48) as u16).wrapping_add(1).max(1);
    ((hash as usize) & mask, ((hash >> 16) as usize) & mask, fingerprint)
}

impl Fingerprints {
    /// Places these hashes in so many slots, a power of two; and for each slot, the number of the hash in it.
    ///
    /// The same hashes in the same order give the same table. Returns `None` when there are more than [`capacity`]
    /// hashes, or when two of them cannot both be placed, which for random hashes at this load does not happen.
    pub(crate) fn place(hashes: &[u64], slots: usize) -> Option<(Fingerprints, Vec<Option<usize>>)> {
        if hashes.len() > capacity(slots) || !is_size(slots) {
            return None;
        }
        let mask = slots / PER_BUCKET - 1;
        let mut tenants: Vec<Option<usize>> = vec![None; slots];
        for number in 0..hashes.len() {
            let mut carried = number;
            let mut bucket = places(hashes[number], mask).0;
            let mut placed = false;
            for kick in 0..2_000 {
                let (a, b, _) = places(hashes[carried], mask);
                let free = [a, b]
                    .into_iter()
                    .flat_map(|bucket| bucket * PER_BUCKET..(bucket + 1) * PER_BUCKET)
                    .find(|&slot| tenants[slot].is_none());
                if let Some(slot) = free {
                    tenants[slot] = Some(carried);
                    placed = true;
                    break;
                }
                // Both full: one of the other bucket's tenants has to move on.
                bucket = if bucket == a { b } else { a };
                let slot = bucket * PER_BUCKET + kick % PER_BUCKET;
                carried = tenants[slot].replace(carried)?;
                let (a, b, _) = places(hashes[carried], mask);
                bucket = if a == bucket { a } else { b };
            }
            if !placed {
                return None;
            }
        }
        let slots = tenants.iter().map(|tenant| tenant.map_or(0, |number| places(hashes[number], mask).2)).collect();
        Some((Fingerprints { slots, mask }, tenants))
    }

    /// A table from its slots; `None` when their number is wrong.
    pub(crate) fn from_slots(slots: Vec<u16>) -> Option<Fingerprints> {
        let buckets = slots.len() / PER_BUCKET;
        is_size(slots.len()).then(|| Fingerprints { slots, mask: buckets - 1 })
    }

    /// The fingerprints of all slots, 0 for an empty one.
    pub(crate) fn slots(&self) -> &[u16] {
        &self.slots
    }

    /// Calls with the n-grams that are held, some at once: the place of each among these, and its slot.
    #[inline]
    pub(crate) fn find_all(&self, hashes: &[u64], mut each: impl FnMut(&[(u32, u32)])) {
        for (some, first) in hashes.chunks(TOGETHER).zip((0..).step_by(TOGETHER)) {
            let (mut found, mut count) = ([(0, 0); TOGETHER], 0);
            for (&hash, place) in some.iter().zip(first..) {
                let (is_held, slot) = self.find(hash);
                found[count] = (place, slot as u32);
                count += usize::from(is_held);
            }
            each(&found[..count]);
        }
    }

    /// Whether an n-gram is found, and where; without a branch.
    #[inline]
    pub(crate) fn find(&self, hash: u64) -> (bool, usize) {
        let (a, b, fingerprint) = places(hash, self.mask);
        let buckets: &[[u16; PER_BUCKET]] = self.slots.as_chunks().0;
        let found = equal_numbers([&buckets[a], &buckets[b]], fingerprint);
        let slot = (found | 1 << 15).trailing_zeros() as usize / 2;
        let bucket = if slot < PER_BUCKET { a } else { b };
        (found != 0, bucket * PER_BUCKET + slot % PER_BUCKET)
    }
}

/// Whether a table may have so many slots.
fn is_size(slots: usize) -> bool {
    slots.is_power_of_two() && (PER_BUCKET..=MOST_SLOTS).contains(&slots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::ngrams::token_hash;

    #[test]
    fn each_hash_stands_in_the_slot_that_is_told() {
        let hashes: Vec<u64> = (0..3_500).map(|i| token_hash(&format!("w{i}"))).collect();
        let (placed, tenants) = Fingerprints::place(&hashes, 1 << 12).unwrap();
        let mut met = vec![false; hashes.len()];
        for (slot, tenant) in tenants.iter().enumerate() {
            assert_eq!(tenant.is_some(), placed.slots()[slot] != 0);
            if let Some(number) = *tenant {
                met[number] = true;
                let (found, at) = placed.find(hashes[number]);
                // One before it may have its fingerprint by chance.
                assert!(found && (at == slot || placed.slots()[at] == placed.slots()[slot]), "{number}");
            }
        }
        assert!(met.into_iter().all(|met| met));
        assert_eq!(Fingerprints::from_slots(placed.slots().to_vec()), Some(placed));
    }

    proptest::proptest! {
        #[test]
        fn fingerprints_are_remainders(hash: u64, top: bool) {
            let hash = if top { hash | 0xffff << 48 } else { hash };
            proptest::prop_assert_eq!(u64::from(places(hash, 0).2), (hash >> 48) % 0xffff + 1);
        }
    }

    #[test]
    fn limits_hold() {
        const SLOTS: usize = 1 << 12;
        let too_many: Vec<u64> = (0..=capacity(SLOTS) as u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        assert!(Fingerprints::place(&too_many, SLOTS).is_none());
        assert!(Fingerprints::place(&[], 3).is_none() && Fingerprints::from_slots(vec![0; 3]).is_none());
    }
}
