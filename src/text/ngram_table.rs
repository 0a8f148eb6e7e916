/*!
A table of n-gram weights, by hash.

Which n-grams it holds is told by `fingerprints.rs`. Each has a 16-bit weight; all weights share one scale. It may have a second
weight, of 8 bits and on a scale of its own. An n-gram that is not in the table is taken for one that is with a probability of
at most 8 / 65535 = 1.22e-4.
*/

use super::fingerprints::Fingerprints;

pub use super::fingerprints::capacity;

/// Weights of n-grams by hash.
#[derive(Clone, Debug, PartialEq)]
pub struct NgramTable {
    held: Fingerprints,
    weights: Vec<i16>,
    scale: f64,
    /// Empty where n-grams have one weight only.
    second: Vec<i8>,
    second_scale: f64,
}

impl NgramTable {
    /// A table of `entries` (hash, weight) in so many slots, a power of two, scaled so that the largest weight uses the
    /// whole range.
    ///
    /// The same entries in the same order give the same table. Returns `None` when there are more than [`capacity`]
    /// entries, or when two of them cannot both be placed, which for random hashes at this load does not happen.
    pub fn build(entries: &[(u64, f64)], slots: usize) -> Option<NgramTable> {
        let hashes: Vec<u64> = entries.iter().map(|e| e.0).collect();
        let (held, tenants) = Fingerprints::place(&hashes, slots)?;
        let largest = entries.iter().map(|e| e.1.abs()).fold(0.0, f64::max);
        let scale = if largest > 0.0 { largest / i16::MAX as f64 } else { 1.0 };
        let quantised = |number: usize| (entries[number].1 / scale).round() as i16;
        let weights = tenants.into_iter().map(|tenant| tenant.map_or(0, quantised)).collect();
        Some(NgramTable { held, weights, scale, second: Vec::new(), second_scale: 1.0 })
    }

    /// The same with second weights for some of its n-grams, scaled so that the largest uses the whole range; n-grams that it
    /// does not hold are passed over.
    pub fn with_second(mut self, entries: &[(u64, f64)]) -> NgramTable {
        let held: Vec<(usize, f64)> = entries
            .iter()
            .filter_map(|&(hash, weight)| {
                Some(self.held.find(hash)).filter(|found| found.0).map(|found| (found.1, weight))
            })
            .collect();
        let largest = held.iter().map(|e| e.1.abs()).fold(0.0, f64::max);
        self.second_scale = if largest > 0.0 { largest / f64::from(i8::MAX) } else { 1.0 };
        self.second = vec![0; self.weights.len()];
        for (slot, weight) in held {
            self.second[slot] = (weight / self.second_scale).round() as i8;
        }
        self
    }

    /// A table from its stored parts; `None` when their lengths or the scale are wrong.
    pub fn from_parts(fingerprints: Vec<u16>, weights: Vec<i16>, scale: f64) -> Option<NgramTable> {
        let fits = weights.len() == fingerprints.len() && scale.is_finite() && scale > 0.0;
        let held = Fingerprints::from_slots(fingerprints).filter(|_| fits)?;
        Some(NgramTable { held, weights, scale, second: Vec::new(), second_scale: 1.0 })
    }

    /// The same with stored second weights; `None` when their number or the scale is wrong.
    pub fn with_stored_second(self, second: Vec<i8>, second_scale: f64) -> Option<NgramTable> {
        let fits = second.len() == self.weights.len() && second_scale.is_finite() && second_scale > 0.0;
        fits.then_some(NgramTable { second, second_scale, ..self })
    }

    /// The quantised weight of an n-gram; 0 when the table does not know it.
    #[inline]
    pub fn weight(&self, hash: u64) -> i32 {
        // Most n-grams are in neither bucket.
        match self.held.find(hash) {
            (false, _) => 0,
            (true, slot) => self.weights[slot].into(),
        }
    }

    /// The sums of the quantised weights of n-grams and of their second weights; `weights` are then those of each.
    pub fn weigh(&self, hashes: &[u64], weights: &mut Vec<i16>) -> (i64, i64) {
        weights.clear();
        weights.resize(hashes.len(), 0);
        let (mut sum, mut second) = (0, 0);
        self.held.find_all(hashes, |found| {
            for &(place, slot) in found {
                let weight = self.weights[slot as usize];
                weights[place as usize] = weight;
                sum += i64::from(weight);
            }
            if !self.second.is_empty() {
                second += found.iter().map(|&(_, slot)| i64::from(self.second[slot as usize])).sum::<i64>();
            }
        });
        (sum, second)
    }

    /// The quantised second weight of an n-gram; 0 when the table does not know it.
    pub fn second_weight(&self, hash: u64) -> i32 {
        match self.held.find(hash) {
            (true, slot) if !self.second.is_empty() => self.second[slot].into(),
            _ => 0,
        }
    }

    /// What one unit of a quantised second weight stands for.
    pub fn second_scale(&self) -> f64 {
        self.second_scale
    }

    /// Quantised second weights of all slots; empty where n-grams have one weight only.
    pub fn second_weights(&self) -> &[i8] {
        &self.second
    }

    /// What one unit of a quantised weight stands for.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Fingerprints of all slots, 0 for an empty one.
    pub fn fingerprints(&self) -> &[u16] {
        self.held.slots()
    }

    /// Quantised weights of all slots.
    pub fn weights(&self) -> &[i16] {
        &self.weights
    }

    /// How many n-grams it holds.
    pub fn len(&self) -> usize {
        self.fingerprints().iter().filter(|&&f| f != 0).count()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fingerprints::TOGETHER;
    use crate::text::ngrams::token_hash;

    const SLOTS: usize = 1 << 19;
    const CAPACITY: usize = capacity(SLOTS);

    #[test]
    fn a_full_table_finds_all_it_holds_and_little_else() {
        let entries: Vec<(u64, f64)> =
            (0..CAPACITY).map(|i| (token_hash(&format!("w{i}")), (i % 200) as f64 / 100.0 - 1.0)).collect();
        let table = NgramTable::build(&entries, SLOTS).expect("the load is within the limit");
        assert_eq!(table.len(), CAPACITY);
        // A tenant of the same bucket may share a fingerprint: rare, and bounded like chance matches of the unknown.
        let wrong = entries
            .iter()
            .filter(|(hash, weight)| (table.weight(*hash) as f64 * table.scale() - weight).abs() > table.scale())
            .count();
        assert!(wrong < 40, "{wrong}");
        let unknown = 1_000_000;
        let hits = (0..unknown).filter(|i| table.held.find(token_hash(&format!("x{i}"))).0).count();
        let rate = hits as f64 / unknown as f64;
        assert!(rate < 1.5e-4, "{rate}");
    }

    #[test]
    fn a_sum_is_that_of_the_weights() {
        let hash = |i: usize| token_hash(&format!("w{i}"));
        let entries: Vec<(u64, f64)> = (0..50_000).map(|i| (hash(i), (i % 200) as f64 / 100.0 - 1.0)).collect();
        let table = NgramTable::build(&entries, SLOTS).unwrap();
        for count in [0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 10 * TOGETHER + 7] {
            let hashes: Vec<u64> = (0..count).map(|i| hash(i * 700)).collect();
            let each: Vec<i32> = hashes.iter().map(|&hash| table.weight(hash)).collect();
            let sum: i64 = each.iter().map(|&weight| i64::from(weight)).sum();
            assert!(count == 0 || sum != 0);
            let mut weights = vec![7; 3];
            assert_eq!(table.weigh(&hashes, &mut weights), (sum, 0), "{count}");
            assert!(weights.into_iter().map(i32::from).eq(each), "{count}");
        }
    }

    #[test]
    fn second_weights_stand_beside_the_first() {
        let hash = |i: usize| token_hash(&format!("w{i}"));
        let entries: Vec<(u64, f64)> = (0..5_000).map(|i| (hash(i), (i % 200) as f64 / 100.0 - 1.0)).collect();
        let seconds: Vec<(u64, f64)> = (0..8_000).step_by(3).map(|i| (hash(i), (i % 7) as f64 / 2.0 - 1.0)).collect();
        let table = NgramTable::build(&entries, SLOTS).unwrap();
        let both = table.clone().with_second(&seconds);
        for &(hash, weight) in &seconds[..1_600] {
            let read = f64::from(both.second_weight(hash)) * both.second_scale();
            assert!((read - weight).abs() <= both.second_scale(), "{read} {weight}");
        }
        let hashes: Vec<u64> = (0..6_000).map(hash).collect();
        let sum: i64 = hashes.iter().map(|&hash| i64::from(both.second_weight(hash))).sum();
        let mut weights = Vec::new();
        assert_eq!(both.weigh(&hashes, &mut weights), (table.weigh(&hashes, &mut weights).0, sum));
        assert_ne!(sum, 0);
        let stored = |scale| table.clone().with_stored_second(both.second_weights().to_vec(), scale);
        assert_eq!(stored(both.second_scale()), Some(both.clone()));
        assert!(stored(0.0).is_none() && table.clone().with_stored_second(vec![0], 1.0).is_none());
    }

    #[test]
    fn limits_hold() {
        let too_many: Vec<(u64, f64)> =
            (0..=CAPACITY as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15), 1.0)).collect();
        assert!(NgramTable::build(&too_many, SLOTS).is_none());
        assert!(NgramTable::from_parts(vec![0; 3], vec![0; 3], 1.0).is_none());
        assert!(NgramTable::from_parts(vec![0; SLOTS], vec![0; SLOTS], f64::NAN).is_none());
        assert!(NgramTable::build(&[], SLOTS).unwrap().is_empty());
    }
}
