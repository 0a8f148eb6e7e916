/*!
What a posting names: money, contacts, links, places, numbers.

The finder reads *folded* text (NFKC, lower case, ASCII digits, no zero-width characters, plain quotes and dashes, spaces
kept) and reports byte ranges of it. One pass looks at every byte once; what costs more runs only where its sign stands:
money and telephone numbers at a digit, mail and handles at an `@`, links at `://` or at a dot inside a word. Names are
looked up where a word begins, in one dictionary. All words, signs, names and rates are rows of the files in `data/`.
*/

pub(crate) mod amount;
pub mod bag;
mod bytes;
pub(crate) mod chars;
mod class;
mod contact;
mod embedded;
mod entity;
mod error;
mod finder;
mod first_words;
mod gazetteer;
mod gazetteer_make;
mod inflection;
mod link;
mod mail;
mod money;
mod numerals;
mod part;
mod pass;
pub mod passages;
mod period;
mod phone;
mod places;
pub mod reading;
pub mod shingles;
pub(crate) mod tables;
mod tables_contact;
pub(crate) mod vocab;

pub use class::Class;
pub use contact::{Contact, ContactKind};
pub use entity::{Entity, EntityKind, NumberShape};
pub use error::TableError;
pub use finder::Finder;
pub use link::{Link, LinkKind};
pub use money::Money;
pub use period::Period;
pub use places::{Place, PlaceId, PlaceKind};
pub use tables::{Currency, CurrencyCode};

#[cfg(test)]
mod contact_tests;
#[cfg(test)]
mod tests;
