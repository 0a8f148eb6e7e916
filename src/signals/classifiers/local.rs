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

/// For every unit of a field, the sum of these weights, in parts; `units` are those of the field, and weights of others are
/// passed over.
pub(crate) fn sums(weights: &[(Stand, i8)], units: &Range<u32>, out: &mut Vec<i32>) {
    out.clear();
    out.resize(units.len() + 1, 0);
    let mut add = |from: u32, to: u32, weight: i32| {
        let place = |unit: u32| (unit.clamp(units.start, units.end) - units.start) as usize;
        out[place(from)] += weight;
        out[place(to)] -= weight;
    };
    for &(stand, weight) in weights.iter().filter(|(stand, _)| units.contains(&stand.at)) {
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

/// The largest of these sums in any of the fields; none where there are no units.
pub(crate) fn largest<'a>(
    weights: &[(Stand, i8)],
    mut fields: impl Iterator<Item = &'a Range<u32>>,
    room: &mut Vec<i32>,
) -> Option<i32> {
    if weights.is_empty() {
        return fields.any(|units| !units.is_empty()).then_some(0);
    }
    fields
        .filter_map(|units| {
            sums(weights, units, room);
            room.iter().copied().max()
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_unit_has_the_sum_of_what_is_near(
            weights in proptest::collection::vec((0..40u32, 1..4u8, -128..=127i8), 0..40),
            start in 0..30u32,
            length in 0..30u32,
        ) {
            let units = start..start + length;
            // N-grams lie within their field.
            let weights: Vec<(Stand, i8)> = weights
                .into_iter()
                .map(|(at, units, weight)| (Stand { at, units }, weight))
                .filter(|(s, _)| !units.contains(&s.at) || s.at + u32::from(s.units) <= units.end)
                .collect();
            let mut out = Vec::new();
            sums(&weights, &units, &mut out);
            let wanted: Vec<i32> = units
                .clone()
                .map(|unit| {
                    let parts = |s: &Stand| {
                        let end = s.at + u32::from(s.units);
                        match () {
                            () if !units.contains(&s.at) => 0,
                            () if (s.at..end).contains(&unit) => FULLY,
                            () if s.at + WITHIN >= unit && end <= unit + WITHIN + 1 => BESIDE,
                            () => 0,
                        }
                    };
                    weights.iter().map(|(s, weight)| parts(s) * i32::from(*weight)).sum()
                })
                .collect();
            prop_assert_eq!(out, wanted);
        }
    }
}
