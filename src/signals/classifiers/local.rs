/*!
What stands around a word: sums of the weights of the n-grams near it.

An n-gram that a word is part of counts fully for it, and one that stands within [`WITHIN`] units of it counts [`BESIDE`] parts of
[`FULLY`].
*/

use std::ops::Range;

use crate::entities::bag::{APART, Stand};

/// Units on either side within which an n-gram must lie.
pub(crate) const WITHIN: u32 = 4;
/// Parts that an n-gram counts for the words that it is made of.
pub(crate) const FULLY: i32 = 5;
/// Parts that it counts for those beside it.
pub(crate) const BESIDE: i32 = 2;

// What is beside a word stands in its field.
const _: () = assert!(WITHIN <= APART);

/// For every unit, the sum of these weights, in parts; units are counted as [`Stand`] counts them, so fields do not reach into
/// each other.
pub(crate) fn sums(weights: &[(Stand, i8)], units: u32, out: &mut Vec<i32>) {
    out.clear();
    out.resize(units as usize + 1, 0);
    let mut add = |from: u32, to: u32, weight: i32| {
        out[from.min(units) as usize] += weight;
        out[to.min(units) as usize] -= weight;
    };
    for &(stand, weight) in weights {
        let end = stand.at + u32::from(stand.units);
        // The units within reach of its first and of its last one.
        add(end.saturating_sub(WITHIN + 1), stand.at + WITHIN + 1, BESIDE * i32::from(weight));
        add(stand.at, end, (FULLY - BESIDE) * i32::from(weight));
    }
    let mut sum = 0;
    for held in out.iter_mut() {
        sum += *held;
        *held = sum;
    }
    out.pop();
}

/// Those of these sums that are of a field.
pub(crate) fn of_field<'s>(sums: &'s [i32], units: &Range<u32>) -> &'s [i32] {
    &sums[units.start as usize..units.end as usize]
}

/// The largest of these sums in any of the fields; none where there are no units.
pub(crate) fn largest<'a>(sums: &[i32], fields: impl Iterator<Item = &'a Range<u32>>) -> Option<i32> {
    fields.flat_map(|units| of_field(sums, units)).copied().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_unit_has_the_sum_of_what_is_near(
            weights in proptest::collection::vec((0..40u32, 1..4u8, -128..=127i8), 0..40),
            length in 0..44u32,
        ) {
            // N-grams lie within what is read.
            let weights: Vec<(Stand, i8)> = weights
                .into_iter()
                .map(|(at, units, weight)| (Stand { at, units }, weight))
                .filter(|(s, _)| s.at + u32::from(s.units) <= length)
                .collect();
            let mut out = Vec::new();
            sums(&weights, length, &mut out);
            let wanted: Vec<i32> = (0..length)
                .map(|unit| {
                    let parts = |s: &Stand| {
                        let end = s.at + u32::from(s.units);
                        match () {
                            () if (s.at..end).contains(&unit) => FULLY,
                            () if s.at + WITHIN >= unit && end <= unit + WITHIN + 1 => BESIDE,
                            () => 0,
                        }
                    };
                    weights.iter().map(|(s, weight)| parts(s) * i32::from(*weight)).sum()
                })
                .collect();
            prop_assert_eq!(&out, &wanted);
            let fields = [0..length / 3, length / 2..length];
            let in_fields = fields.iter().flat_map(|f| f.clone()).map(|unit| wanted[unit as usize]).max();
            prop_assert_eq!(largest(&out, fields.iter()), in_fields);
        }
    }
}
