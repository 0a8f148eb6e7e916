/*!
Text: from the bytes of a field to tokens, with the way back kept.

HTML to text, folding, language, tokens, n-grams. Every step carries an offset map and the maps compose, so that what is
found in the folded text is shown in the text that the moderator sees. This layer knows postings and nothing above.
*/

pub(crate) mod around;
pub(crate) mod chars;
mod compiled;
mod definition;
mod disguise;
pub(crate) mod fingerprints;
pub mod fold;
pub mod html;
pub(crate) mod lanes;
pub mod language;
pub mod map;
pub mod near_duplicates;
pub mod ngram_table;
pub mod ngrams;
pub(crate) mod spelling;
pub mod tokenizer;

pub(crate) use disguise::homophones;
