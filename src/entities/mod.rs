/*!
What a posting names: money, contacts, links, places, numbers.

The finder reads *folded* text (NFKC, lower case, ASCII digits, no zero-width characters, spaces kept) and reports byte
ranges of it.
*/

pub(crate) mod amount;
pub(crate) mod chars;
pub mod money;
pub(crate) mod tables;
pub(crate) mod vocab;
