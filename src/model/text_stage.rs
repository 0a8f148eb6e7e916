/*!
Stage 1: one log-odds from the n-grams of the text.

`t = sum(w_j) / sqrt(n)` over the distinct n-grams of a posting, where `n` counts all of them, known or not: a posting
of which the table knows little gets a `t` near 0, and the verdict then rests on the signals.
*/

use crate::text::ngram_table::NgramTable;

/// Slots of the table of stage 1, in two mebibytes.
pub const SLOTS: usize = 1 << 19;
/// N-grams that it takes at most.
pub const CAPACITY: usize = 470_000;

/// The text logit of a posting, by the hashes of its distinct n-grams.
pub fn text_logit(table: &NgramTable, ngrams: &[u64]) -> f64 {
    table.sum(ngrams) as f64 * table.scale() / (ngrams.len().max(1) as f64).sqrt()
}
