/*!
Stage 1: one log-odds from the n-grams of the text.

`t = sum(w_j) / sqrt(n)` over the distinct n-grams of a posting, where `n` counts all of them, known or not: a posting
of which the table knows little gets a `t` near 0, and the verdict then rests on the signals.
*/

use rustc_hash::FxHashSet;

use super::table::NgramTable;
use crate::entities::reading::{Reading, Segment, Unit};
use crate::posting::Field;
use crate::text::ngrams;

/// The fields whose n-grams are read. Names of employers and places would be learnt by heart, and contacts are
/// evidence of another kind.
pub const FIELDS: [Field; 6] =
    [Field::Title, Field::Salary, Field::Description, Field::Requirements, Field::Benefits, Field::CompanyProfile];

/// Room for the work of one posting, kept from posting to posting.
#[derive(Debug, Default)]
pub struct NgramScratch {
    hashes: Vec<u64>,
    seen: FxHashSet<u64>,
}

/// The distinct n-grams of a posting, in the order of their first occurrence: `each(hash, segment, first unit, length)`.
pub fn distinct_ngrams<'a>(
    reading: &'a Reading,
    scratch: &mut NgramScratch,
    mut each: impl FnMut(u64, &'a Segment, usize, usize),
) {
    scratch.seen.clear();
    for segment in reading.segments.iter().filter(|s| FIELDS.contains(&s.field)) {
        scratch.hashes.clear();
        scratch.hashes.extend(segment.units.iter().map(|u| u.hash));
        let seen = &mut scratch.seen;
        ngrams::for_each(&scratch.hashes, |hash, at, n| {
            if seen.insert(hash) {
                each(hash, segment, at, n);
            }
        });
    }
}

/// The name of an n-gram: its tokens with spaces between them, entities by their classes.
pub fn ngram_name(segment: &Segment, units: &[Unit]) -> String {
    units.iter().map(|u| segment.name(u)).collect::<Vec<_>>().join(" ")
}

/// The text logit of a posting, and the number of its distinct n-grams.
pub fn text_logit(table: &NgramTable, reading: &Reading, scratch: &mut NgramScratch) -> (f64, usize) {
    let mut sum = 0i64;
    let mut count = 0usize;
    distinct_ngrams(reading, scratch, |hash, _, _, _| {
        sum += table.weight(hash) as i64;
        count += 1;
    });
    if count == 0 {
        return (0.0, 0);
    }
    (sum as f64 * table.scale() / (count as f64).sqrt(), count)
}
