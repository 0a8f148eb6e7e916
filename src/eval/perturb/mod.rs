/*!
Perturbations: postings as somebody would write them who wants to escape a filter.

Each is a pure function from text and random numbers to text, so that one seed gives one table. Only the fields that
signals are read from change; ids, labels and all that describes the record stay. Words are disguised whole or not at
all: half of those that have four letters or more. Tags and entities of HTML, addresses and handles stay as they are,
since a lure whose contact nobody can use catches nobody.
*/

mod added;
mod robustness;
mod words;

use rand::Rng;

use crate::posting::{Field, Posting};
use crate::text::language::Language;

pub use robustness::{Case, Figures, Outcome, Robustness, measure};

/// A way to change a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Perturbation {
    /// Latin letters in full width.
    FullWidth,
    /// Latin letters of the mathematical alphabets.
    Mathematical,
    /// aLtErNaTiNg case.
    AlternatingCase,
    /// Invisible spaces between letters.
    ZeroWidth,
    /// Soft hyphens between letters.
    SoftHyphen,
    /// Combining marks heaped on letters.
    StackedMarks,
    /// Latin letters for Cyrillic ones and the other way round.
    LookAlike,
    /// Letters spaced apart.
    Spaced,
    /// Letters dotted apart.
    Dotted,
    /// Letters hyphenated apart.
    Hyphenated,
    /// Digits and signs for letters.
    Leet,
    /// An emoji inside the word.
    EmojiInside,
    /// What sounds like the name of a chat service instead of the name; every one, as there are few.
    Homophone,
    /// 200 words of honest postings of the same language at the end.
    Padding,
    /// A licence number, a warning of scams and a company's mail address at the end.
    Exculpatory,
    /// Emoji after words.
    Emoji,
    /// Upper case throughout.
    UpperCase,
}

impl Perturbation {
    /// Every one, in the order of tables.
    pub const ALL: [Perturbation; 17] = [
        Perturbation::FullWidth,
        Perturbation::Mathematical,
        Perturbation::AlternatingCase,
        Perturbation::ZeroWidth,
        Perturbation::SoftHyphen,
        Perturbation::StackedMarks,
        Perturbation::LookAlike,
        Perturbation::Spaced,
        Perturbation::Dotted,
        Perturbation::Hyphenated,
        Perturbation::Leet,
        Perturbation::EmojiInside,
        Perturbation::Homophone,
        Perturbation::Padding,
        Perturbation::Exculpatory,
        Perturbation::Emoji,
        Perturbation::UpperCase,
    ];

    /// Its name in tables and options.
    pub const fn name(self) -> &'static str {
        match self {
            Perturbation::FullWidth => "full-width",
            Perturbation::Mathematical => "mathematical",
            Perturbation::AlternatingCase => "alternating-case",
            Perturbation::ZeroWidth => "zero-width",
            Perturbation::SoftHyphen => "soft-hyphen",
            Perturbation::StackedMarks => "stacked-marks",
            Perturbation::LookAlike => "look-alike",
            Perturbation::Spaced => "spaced-apart",
            Perturbation::Dotted => "dotted-apart",
            Perturbation::Hyphenated => "hyphenated-apart",
            Perturbation::Leet => "leet",
            Perturbation::EmojiInside => "emoji-inside",
            Perturbation::Homophone => "homophone",
            Perturbation::Padding => "padding",
            Perturbation::Exculpatory => "exculpatory",
            Perturbation::Emoji => "emoji",
            Perturbation::UpperCase => "upper-case",
        }
    }

    /// The perturbation of this name.
    pub fn from_name(name: &str) -> Option<Perturbation> {
        Perturbation::ALL.into_iter().find(|p| p.name() == name)
    }

    /// A text with this disguise. What is appended to a posting changes no text by itself.
    pub fn disguise(self, text: &str, rng: &mut impl Rng) -> String {
        match self {
            Perturbation::Padding | Perturbation::Exculpatory => text.to_owned(),
            Perturbation::UpperCase => added::upper_case(text),
            Perturbation::Emoji => added::emoji(text, rng),
            Perturbation::Homophone => added::homophones(text, rng),
            _ => words::disguise(self, text, rng),
        }
    }

    /// The posting, perturbed. `donors`: honest postings of the same language, the first of which pad it.
    pub fn apply<'a>(
        self,
        posting: &Posting,
        language: Language,
        donors: impl Iterator<Item = &'a Posting>,
        rng: &mut impl Rng,
    ) -> Posting {
        let mut perturbed = posting.clone();
        let end = match self {
            Perturbation::Padding => added::padding(donors),
            Perturbation::Exculpatory => added::exculpatory(language).to_owned(),
            _ => {
                for field in Field::READ {
                    perturbed.set(field, self.disguise(posting.get(field), rng));
                }
                return perturbed;
            }
        };
        if !end.is_empty() {
            perturbed.add_line(Field::Description, &end);
        }
        perturbed
    }
}

#[cfg(test)]
mod tests;
