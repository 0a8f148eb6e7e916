/*!
The language of a posting, among the languages that signals are read in.

Most of our languages are known by their script. Those that share one are told apart by `whatlang`'s trigrams, and by
function words where it does not know the language (Malay, Swahili) or the text is short. A text that fits none is
[`Language::Unknown`]; nothing in the score depends on the answer by itself.
*/

mod detector;
mod letters;
#[cfg(test)]
mod tests;
mod words;

pub use detector::{LanguageDetector, Written};

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Language {
    En,
    ZhHans,
    ZhHant,
    Th,
    Vi,
    Id,
    Ms,
    Tl,
    Hi,
    Ur,
    Bn,
    Ta,
    Ne,
    My,
    Km,
    Lo,
    Ru,
    Pt,
    Es,
    Fr,
    Sw,
    Ar,
    Ja,
    Ko,
    /// None of ours, or too short to say.
    Unknown,
}

impl Language {
    /// Every language, [`Language::Unknown`] last.
    pub const ALL: [Language; 25] = [
        Language::En,
        Language::ZhHans,
        Language::ZhHant,
        Language::Th,
        Language::Vi,
        Language::Id,
        Language::Ms,
        Language::Tl,
        Language::Hi,
        Language::Ur,
        Language::Bn,
        Language::Ta,
        Language::Ne,
        Language::My,
        Language::Km,
        Language::Lo,
        Language::Ru,
        Language::Pt,
        Language::Es,
        Language::Fr,
        Language::Sw,
        Language::Ar,
        Language::Ja,
        Language::Ko,
        Language::Unknown,
    ];

    /// The tag in records: BCP 47, `und` for unknown.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::ZhHans => "zh-Hans",
            Language::ZhHant => "zh-Hant",
            Language::Th => "th",
            Language::Vi => "vi",
            Language::Id => "id",
            Language::Ms => "ms",
            Language::Tl => "tl",
            Language::Hi => "hi",
            Language::Ur => "ur",
            Language::Bn => "bn",
            Language::Ta => "ta",
            Language::Ne => "ne",
            Language::My => "my",
            Language::Km => "km",
            Language::Lo => "lo",
            Language::Ru => "ru",
            Language::Pt => "pt",
            Language::Es => "es",
            Language::Fr => "fr",
            Language::Sw => "sw",
            Language::Ar => "ar",
            Language::Ja => "ja",
            Language::Ko => "ko",
            Language::Unknown => "und",
        }
    }

    /// The language of a tag.
    pub fn from_tag(tag: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|l| l.tag() == tag)
    }
}
