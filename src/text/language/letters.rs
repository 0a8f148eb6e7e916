//! The letters of a posting, counted by script.

use unicode_script::Script;

use super::Language;
use crate::text::chars::{SCRIPTS, properties};
use crate::text::lanes::{BLOCK, Block, Lanes};

/// The letters of a posting by script, those of neighbours together.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) latin: usize,
    pub(super) han: usize,
    pub(super) kana: usize,
    hangul: usize,
    pub(super) simplified: usize,
    pub(super) traditional: usize,
    thai: usize,
    lao: usize,
    khmer: usize,
    myanmar: usize,
    devanagari: usize,
    bengali: usize,
    tamil: usize,
    pub(super) arabic: usize,
    pub(super) urdu: usize,
    pub(super) cyrillic: usize,
    pub(super) strange: usize,
    pub(super) other_ours: usize,
    pub(super) foreign: usize,
}

/// The letters of a posting.
pub(super) struct Letters {
    /// By the number of the script.
    by_script: [u32; 256],
    /// The sum of what each tells, by `Properties::telling`.
    telling: u64,
}

impl Letters {
    pub(super) fn none() -> Letters {
        Letters { by_script: [0; 256], telling: 0 }
    }

    /// Adds those of a text, so many at most, and no more than fit into 16 bits of all texts together. Returns how many more
    /// may follow.
    pub(super) fn add(&mut self, text: &str, mut left: usize) -> usize {
        let latin = usize::from(properties('a').script_number());
        let mut rest = text;
        while left > 0 && !rest.is_empty() {
            // Letters of plain ASCII are counted by the block.
            if let Some(block) = rest.as_bytes().first_chunk::<BLOCK>()
                && left >= BLOCK
                && block.is_ascii()
            {
                let letters = |v: Lanes| v.between(b'a', b'z') | v.between(b'A', b'Z');
                let letters = Block::new(block).mask(letters).count_ones();
                self.by_script[latin] += letters;
                left -= letters as usize;
                rest = &rest[BLOCK..];
                continue;
            }
            let mut chars = rest.chars();
            for c in chars.by_ref().take(BLOCK) {
                let of = properties(c);
                if !of.is_alphabetic() {
                    continue;
                }
                self.by_script[usize::from(of.script_number())] += 1;
                self.telling += of.telling();
                left -= 1;
                if left == 0 {
                    return 0;
                }
            }
            rest = chars.as_str();
        }
        left
    }
}

impl Counts {
    /// What letters of the scripts there are.
    pub(super) fn of(letters: &Letters) -> Counts {
        let told = |what: u32| usize::from((letters.telling >> (16 * what)) as u16);
        let mut count =
            Counts { simplified: told(0), traditional: told(1), urdu: told(2), strange: told(3), ..Counts::default() };
        for (&script, &letters) in SCRIPTS.iter().zip(&letters.by_script).filter(|(_, letters)| **letters > 0) {
            *match script {
                Script::Latin => &mut count.latin,
                Script::Han => &mut count.han,
                Script::Hiragana | Script::Katakana => &mut count.kana,
                Script::Hangul => &mut count.hangul,
                Script::Thai => &mut count.thai,
                Script::Lao => &mut count.lao,
                Script::Khmer => &mut count.khmer,
                Script::Myanmar => &mut count.myanmar,
                Script::Devanagari => &mut count.devanagari,
                Script::Bengali => &mut count.bengali,
                Script::Tamil => &mut count.tamil,
                Script::Arabic => &mut count.arabic,
                Script::Cyrillic => &mut count.cyrillic,
                Script::Common | Script::Inherited => &mut count.other_ours,
                // Of languages whose words the model learnt, while no lexicon reads them.
                Script::Ethiopic
                | Script::Gujarati
                | Script::Gurmukhi
                | Script::Kannada
                | Script::Malayalam
                | Script::Sinhala
                | Script::Telugu => &mut count.other_ours,
                _ => &mut count.foreign,
            } += letters as usize;
        }
        count
    }

    /// Whether so many of the letters of a script are those of other languages that the text is in one of them. A name or
    /// two do not make it so.
    pub(super) fn is_strange(&self, of_script: usize) -> bool {
        self.strange >= 3 && self.strange * 100 > of_script
    }

    pub(super) fn unspaced(&self) -> usize {
        self.leading_counts().iter().map(|(_, n)| n).sum()
    }

    fn leading_counts(&self) -> [(Language, usize); 11] {
        [
            (Language::ZhHans, self.han + self.kana),
            (Language::Ko, self.hangul),
            (Language::Th, self.thai),
            (Language::Lo, self.lao),
            (Language::Km, self.khmer),
            (Language::My, self.myanmar),
            (Language::Hi, self.devanagari),
            (Language::Bn, self.bengali),
            (Language::Ta, self.tamil),
            (Language::Ar, self.arabic),
            (Language::Ru, self.cyrillic),
        ]
    }

    pub(super) fn leading(&self) -> Option<(Language, usize)> {
        self.leading_counts().into_iter().max_by_key(|&(_, n)| n).filter(|&(_, n)| n > 0)
    }
}
