/*!
What n-grams are made of: the units that the scorer reads, or fewer, or others.

A model is fitted on what the scorer reads, and on nothing else. The other choices are there to be compared with it
([`super::text_designs`]): whether punctuation, classes of entities and longer n-grams earn their place.
*/

use crate::entities::bag::Ngram;
use crate::entities::reading::{Reader, Reading, UnitKind, place};
use crate::text::ngrams::ORDER;
use crate::text::tokenizer::TokenKind;

/// How money, contacts, places and numbers appear among the units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityUnits {
    /// As the class of each, such as `<money:4>`.
    Classes,
    /// As the tokens that they are written with.
    AsWritten,
    /// Not at all.
    LeftOut,
}

/// A choice of units and of the length of n-grams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units {
    /// The longest n-gram; at most [`ORDER`].
    pub order: usize,
    /// Whether long words are met by their beginnings too.
    pub beginnings: bool,
    /// Whether runs of punctuation and of signs are units.
    pub punctuation: bool,
    /// What entities are.
    pub entities: EntityUnits,
}

impl Default for Units {
    fn default() -> Units {
        Units { order: ORDER, beginnings: true, punctuation: true, entities: EntityUnits::Classes }
    }
}

impl Units {
    /// Whether an n-gram is among those chosen.
    pub(super) fn has(&self, ngram: Ngram) -> bool {
        match ngram {
            Ngram::Units(_, n) => n <= self.order,
            Ngram::Beginning(..) => self.beginnings,
        }
    }

    /// Leaves only the chosen units in a reading.
    pub(super) fn choose(&self, reading: &mut Reading, reader: &Reader) {
        for segment in &mut reading.segments {
            if self.entities == EntityUnits::AsWritten {
                let mut tokens = Vec::new();
                reader.tokenizer.tokens(&segment.text, &mut tokens);
                place(&segment.text, &tokens, &[], &mut segment.units);
            }
            segment.units.retain(|unit| match unit.kind {
                UnitKind::Entity(_) => self.entities != EntityUnits::LeftOut,
                UnitKind::Token(TokenKind::Punctuation | TokenKind::Sign) => self.punctuation,
                UnitKind::Token(_) => true,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posting::Posting;

    fn chosen(units: Units) -> Vec<String> {
        let reader = crate::train::reader();
        let mut reading = reader.read(&Posting::from_text("a", "Earn $3,500 a month !!! Write to us"));
        units.choose(&mut reading, &reader);
        reading.segments.iter().flat_map(|s| s.units.iter().map(|u| s.name(u).into_owned())).collect()
    }

    #[test]
    fn each_choice_leaves_its_units() {
        let classes = chosen(Units::default());
        assert_eq!(classes, ["earn", "<money:4>", "a", "month", "!!!", "write", "to", "us"]);
        let written = chosen(Units { entities: EntityUnits::AsWritten, ..Units::default() });
        assert_eq!(written, ["earn", "$", "3,500", "a", "month", "!!!", "write", "to", "us"]);
        let words = chosen(Units { punctuation: false, entities: EntityUnits::LeftOut, ..Units::default() });
        assert_eq!(words, ["earn", "a", "month", "write", "to", "us"]);
    }
}
