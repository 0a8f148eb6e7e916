//! Which language: by script, by function words, and by trigrams.

use rustc_hash::FxHashMap;
use whatlang::{Detector, Lang};

use super::Language;
use super::letters::{Counts, Letters};
use super::words::Words;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The language, if it could be told.
    pub language: Language,
    /// Whether most letters are of a script that one of our languages uses.
    pub supported_script: bool,
}

/// Letters that decide; more say nothing new.
const SAMPLE: usize = 3000;

/// Words that decide, where function words do.
const MOST_WORDS: usize = 600;

/// Tells languages. Made once, shared by threads.
#[derive(Debug)]
pub struct LanguageDetector {
    latin: Detector,
    /// For each function word, the languages that have it: a bit for each.
    stopwords: FxHashMap<&'static str, u32>,
    /// A bit for the beginning and length of each, by their hash.
    beginnings: [u64; BEGINNINGS / 64],
}

/// How many hashes beginnings have.
const BEGINNINGS: usize = 1 << 12;

/// The place of a word's first two bytes and its length.
#[inline]
fn beginning(word: &str) -> usize {
    let (first, second) = match *word.as_bytes() {
        [first, second, ..] => (first, second),
        [first] => (first, 0),
        [] => (0, 0),
    };
    ((u32::from(first) | u32::from(second) << 8 | (word.len() as u32) << 16).wrapping_mul(0x9e37_79b1) >> 20) as usize
}

impl Default for LanguageDetector {
    fn default() -> LanguageDetector {
        LanguageDetector::new()
    }
}

impl LanguageDetector {
    /// Reads the embedded tables.
    pub fn new() -> LanguageDetector {
        // Neighbours that are not ours are let in so that they are told from ours.
        let latin = Detector::with_allowlist(vec![
            Lang::Eng,
            Lang::Vie,
            Lang::Ind,
            Lang::Tgl,
            Lang::Por,
            Lang::Spa,
            Lang::Fra,
            Lang::Deu,
            Lang::Ita,
            Lang::Nld,
            Lang::Pol,
            Lang::Tur,
            Lang::Ron,
        ]);
        let mut stopwords = FxHashMap::default();
        for (tag, words) in include_str!("../data/stopwords.txt").lines().filter_map(|l| l.split_once(':')) {
            let Some(language) = Language::from_tag(tag) else { continue };
            for word in words.split_whitespace() {
                *stopwords.entry(word).or_default() |= 1 << language as u32;
            }
        }
        let mut beginnings = [0; BEGINNINGS / 64];
        for word in stopwords.keys() {
            beginnings[beginning(word) / 64] |= 1 << (beginning(word) % 64);
        }
        LanguageDetector { latin, stopwords, beginnings }
    }

    /// What the folded texts of a posting's fields, read one after another, are written in.
    pub fn detect<'a>(&self, texts: impl Iterator<Item = &'a str> + Clone) -> Written {
        let mut letters = Letters::none();
        let mut left = SAMPLE;
        for text in texts.clone() {
            left = letters.add(text, left);
        }
        let count = Counts::of(&letters);
        let letters = count.latin + count.unspaced() + count.other_ours + count.foreign;
        if letters == 0 {
            return Written { language: Language::Unknown, supported_script: false };
        }
        let supported_script = count.foreign * 2 < letters;
        // One character of an unspaced script says as much as three letters.
        let language = match count.leading() {
            Some((language, weight)) if weight * 3 > count.latin => self.within_script(language, texts, &count),
            _ if count.latin * 2 >= letters && count.is_strange(count.latin) => Language::Unknown,
            _ if count.latin * 2 >= letters => self.latin_language(texts),
            _ => Language::Unknown,
        };
        Written { language, supported_script }
    }

    /// Tells apart the languages that share the leading script.
    fn within_script<'a>(
        &self,
        language: Language,
        texts: impl Iterator<Item = &'a str> + Clone,
        count: &Counts,
    ) -> Language {
        match language {
            Language::ZhHans if count.kana > 0 && count.kana * 4 > count.han => Language::Ja,
            Language::ZhHans if count.traditional > count.simplified => Language::ZhHant,
            Language::Hi => {
                let among = [Language::Hi, Language::Ne, Language::Unknown];
                self.by_stopwords(texts, &among).unwrap_or(Language::Hi)
            }
            Language::Ar if count.urdu * 50 > count.arabic => Language::Ur,
            Language::Ar if count.is_strange(count.arabic) => Language::Unknown,
            // Russian ads of Central Asia hold Kazakh and Uzbek words.
            Language::Ru if count.strange * 25 > count.cyrillic => Language::Unknown,
            other => other,
        }
    }

    fn latin_language<'a>(&self, texts: impl Iterator<Item = &'a str> + Clone) -> Language {
        const LATIN: [Language; 10] = [
            Language::En,
            Language::Vi,
            Language::Id,
            Language::Ms,
            Language::Tl,
            Language::Pt,
            Language::Es,
            Language::Fr,
            Language::Sw,
            Language::Unknown,
        ];
        if let Some(language) = self.by_stopwords(texts.clone(), &LATIN) {
            return language;
        }
        let mut sample = String::new();
        for text in texts {
            sample.extend(text.chars().take(SAMPLE - sample.len().min(SAMPLE)));
            sample.push(' ');
        }
        let Some(info) = self.latin.detect(&sample).filter(|i| i.confidence() > 0.5 || sample.len() > 200) else {
            return Language::Unknown;
        };
        match info.lang() {
            Lang::Eng => Language::En,
            Lang::Vie => Language::Vi,
            Lang::Ind => Language::Id,
            Lang::Tgl => Language::Tl,
            Lang::Por => Language::Pt,
            Lang::Spa => Language::Es,
            Lang::Fra => Language::Fr,
            _ => Language::Unknown,
        }
    }

    /// The language whose function words are the most frequent, when it leads clearly.
    fn by_stopwords<'a>(&self, texts: impl Iterator<Item = &'a str>, among: &[Language]) -> Option<Language> {
        let mut hits = [0usize; Language::ALL.len()];
        let mut words = 0;
        'texts: for text in texts {
            for word in Words::new(text) {
                words += 1;
                if words > MOST_WORDS {
                    break 'texts;
                }
                let at = beginning(word);
                let may = self.beginnings[at / 64] >> (at % 64) & 1 == 1;
                let mut languages = if may { self.stopwords.get(word).copied().unwrap_or(0) } else { 0 };
                while languages != 0 {
                    hits[languages.trailing_zeros() as usize] += 1;
                    languages &= languages - 1;
                }
            }
        }
        // The one with the most, of equal ones the first, and then the best of the others.
        let best = |but: Option<Language>| {
            let others = among.iter().filter(|&&l| Some(l) != but).map(|&l| (hits[l as usize], l));
            others.reduce(|best, next| if next.0 > best.0 { next } else { best })
        };
        let first = best(None)?;
        let second = best(Some(first.1))?;
        (first.0 >= 2 && first.0 * 4 > second.0 * 5).then_some(first.1)
    }
}
