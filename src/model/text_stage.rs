/*!
Stage 1: one log-odds from the n-grams of the text.

`t = sum(w_j) / sqrt(n)` over the distinct n-grams of a posting, where `n` counts all of them, known or not
([`crate::text::ngrams::root`]): a posting of which the table knows little gets a `t` near 0, and the verdict then rests on the
signals.
*/

use crate::text::ngram_table::NgramTable;
use crate::text::ngrams::over_root;

/// Slots of the table of stage 1, in two mebibytes, and half of one more for second weights.
pub const SLOTS: usize = 1 << 19;
/// N-grams that it takes at most.
pub const CAPACITY: usize = 470_000;

/// The text logit of a posting, by the hashes of its distinct n-grams, and what their second weights come to, which
/// [`super::vacancy`] reads; `weights` are then the quantised ones of each.
pub fn text_logits(table: &NgramTable, ngrams: &[u64], weights: &mut Vec<i16>) -> (f64, f64) {
    let (sum, second) = table.weigh(ngrams, weights);
    (over_root(sum, table.scale(), ngrams.len()), over_root(second, table.second_scale(), ngrams.len()))
}
