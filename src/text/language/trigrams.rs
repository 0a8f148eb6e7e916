/*!
Which language of Latin letters: by alphabets and trigrams, as `whatlang` tells it.

Its tables are a data file here, so that a trigram of the text is looked up once for all languages and not once for each; it
is asked only which script leads, and the tests hold what is told here to what it tells.
*/

use rustc_hash::{FxBuildHasher, FxHashMap};
use whatlang::Script;

use super::Language;

/// The languages of the table.
const LANGUAGES: usize = 13;
/// A trigram that only one of text and language has is so many places away.
const FARTHEST: u32 = 300;
/// Trigrams of a text that count, the most frequent first.
const MOST: usize = 600;

/// What languages are known by.
#[derive(Debug)]
pub(super) struct Trigrams {
    languages: [Language; LANGUAGES],
    /// For each character of an alphabet, the languages that have it: a bit for each.
    alphabets: FxHashMap<char, u16>,
    /// For each trigram, where the languages that have it stand in `places`.
    known: FxHashMap<u64, (u16, u16)>,
    /// A language, by its number, and the place of a trigram among its own.
    places: Vec<(u8, u16)>,
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Told {
    /// [`Language::Unknown`] is one of the neighbours that are not ours.
    pub(super) language: Language,
    /// How clearly it leads, from 0 to 1.
    pub(super) confidence: f64,
}

/// A trigram as one number, in the order of its characters.
#[inline]
fn number([a, b, c]: [char; 3]) -> u64 {
    u64::from(a) << 42 | u64::from(b) << 21 | u64::from(c)
}

/// Whether a character says nothing of the language: a space, a digit, punctuation.
#[inline]
fn is_stop(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphabetic() && c != '\u{7f}'
}

impl Trigrams {
    /// Reads the embedded table.
    pub(super) fn new() -> Trigrams {
        let mut languages = [Language::Unknown; LANGUAGES];
        let mut alphabets = FxHashMap::default();
        let mut all: Vec<(u64, u8, u16)> = Vec::new();
        let lines = include_str!("../data/trigrams.txt").lines().filter(|line| !line.starts_with('#'));
        for (language, line) in (0..).zip(lines) {
            let mut columns = line.split(' ');
            let mut column = || columns.next().unwrap_or_default();
            languages[usize::from(language)] = Language::from_tag(column()).unwrap_or(Language::Unknown);
            column().chars().for_each(|c| *alphabets.entry(c).or_default() |= 1 << language);
            let chars: Vec<char> = column().chars().map(|c| if c == '_' { ' ' } else { c }).collect();
            all.extend((0..).zip(chars.as_chunks().0).map(|(place, &trigram)| (number(trigram), language, place)));
        }
        all.sort_unstable();
        let mut known = FxHashMap::default();
        let mut end = 0;
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            let start = end;
            end += same.len() as u16;
            known.insert(same[0].0, (start, end));
        }
        Trigrams { languages, alphabets, known, places: all.into_iter().map(|(_, l, place)| (l, place)).collect() }
    }

    /// The language of a text; none when most of it is in other letters, or it has none.
    pub(super) fn detect(&self, text: &str) -> Option<Told> {
        if whatlang::detect_script(text) != Some(Script::Latin) {
            return None;
        }
        let text = text.to_lowercase();
        let mut letters = 0u32;
        let mut of_alphabet = [0u32; LANGUAGES];
        let mut by_char = [0u32; 128];
        let mut count: FxHashMap<u64, u32> = FxHashMap::with_capacity_and_hasher(text.len() / 2, FxBuildHasher);
        let [mut first, mut second] = [' ', ' '];
        // A space stands before the text and one behind it.
        for c in text.chars().chain([' ']) {
            let third = if is_stop(c) { ' ' } else { c };
            if third != ' ' {
                letters += 1;
                match by_char.get_mut(third as usize) {
                    Some(count) => *count += 1,
                    None => self.add_letters(third, 1, &mut of_alphabet),
                }
            }
            if !(second == ' ' && (first == ' ' || third == ' ')) {
                *count.entry(number([first, second, third])).or_default() += 1;
            }
            (first, second) = (second, third);
        }
        for (c, &count) in ('\0'..).zip(&by_char).filter(|(_, count)| **count > 0) {
            self.add_letters(c, count, &mut of_alphabet);
        }
        let (trigrams, distances) = self.distances(count);
        Some(self.nearest(letters, of_alphabet, trigrams, distances))
    }

    /// Adds a character to the languages whose alphabets have it.
    fn add_letters(&self, c: char, count: u32, of_alphabet: &mut [u32; LANGUAGES]) {
        let languages = self.alphabets.get(&c).copied().unwrap_or_default();
        for (language, letters) in of_alphabet.iter_mut().enumerate() {
            *letters += count * u32::from(languages >> language & 1);
        }
    }

    /// How many trigrams of a text count, and how far from the places that they have in each language they stand in the
    /// text, where the most frequent come first.
    fn distances(&self, count: FxHashMap<u64, u32>) -> (u32, [u32; LANGUAGES]) {
        let mut counted: Vec<(u32, u64)> = count.into_iter().map(|(trigram, count)| (count, trigram)).collect();
        counted.sort_unstable_by(|a, b| b.cmp(a));
        counted.truncate(MOST);
        // What a language has in common with the text makes it nearer; places far apart make it farther.
        let mut nearer = [0i32; LANGUAGES];
        for (place, (_, trigram)) in (0..).zip(&counted) {
            let Some(&(start, end)) = self.known.get(trigram) else { continue };
            for &(language, known) in &self.places[usize::from(start)..usize::from(end)] {
                nearer[usize::from(language)] += FARTHEST as i32 - (i32::from(known) - place).abs();
            }
        }
        let trigrams = counted.len() as u32;
        // A short text cannot have all trigrams of a language.
        let all = FARTHEST * FARTHEST - FARTHEST.saturating_sub(trigrams) * FARTHEST;
        let distance = |nearer: i32| all.saturating_add_signed(-nearer).min(FARTHEST * FARTHEST);
        (trigrams, nearer.map(distance))
    }

    /// The language whose alphabet and trigrams fit best, of equal ones that whose alphabet does.
    fn nearest(&self, letters: u32, of_alphabet: [u32; LANGUAGES], trigrams: u32, distances: [u32; LANGUAGES]) -> Told {
        // The longer the text, the less the alphabet says.
        let weight = (-(f64::from(letters) / 300.0) + 2.0 / 3.0).clamp(1.0 / 3.0, 2.0 / 3.0);
        let farthest = trigrams * FARTHEST;
        let mut scores = of_alphabet.iter().zip(distances).enumerate().map(|(language, (&of_alphabet, distance))| {
            let fits = (2 * of_alphabet).saturating_sub(letters);
            let alphabet = f64::from(fits) / f64::from(letters);
            let near = f64::from(farthest - distance) / f64::from(farthest);
            (alphabet * weight + near * (1.0 - weight), fits, language)
        });
        let mut best = scores.next().unwrap_or_default();
        let mut second: f64 = 0.0;
        for next in scores {
            if (next.0, next.1) > (best.0, best.1) {
                second = best.0;
                best = next;
            } else {
                second = second.max(next.0);
            }
        }
        Told { language: self.languages[best.2], confidence: confidence(best.0, second, trigrams) }
    }
}

/// How clearly the best score leads: the more trigrams there are, the less a lead has to be.
fn confidence(best: f64, second: f64, trigrams: u32) -> f64 {
    if best == 0.0 || second == 0.0 {
        return best;
    }
    let clear = 3.0 / f64::from(trigrams) + 0.015;
    let lead = (best - second) / second;
    if lead > clear { 1.0 } else { lead / clear }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use whatlang::{Detector, Lang};

    use super::*;

    /// What the crate tells.
    fn reference(text: &str) -> Option<Told> {
        use Lang::{Deu, Eng, Fra, Ind, Ita, Nld, Pol, Por, Ron, Spa, Tgl, Tur, Vie};
        static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
            Detector::with_allowlist(vec![Eng, Vie, Ind, Tgl, Por, Spa, Fra, Deu, Ita, Nld, Pol, Tur, Ron])
        });
        let info = DETECTOR.detect(text).filter(|info| info.script() == Script::Latin)?;
        let language = match info.lang() {
            Eng => Language::En,
            Vie => Language::Vi,
            Ind => Language::Id,
            Tgl => Language::Tl,
            Por => Language::Pt,
            Spa => Language::Es,
            Fra => Language::Fr,
            _ => Language::Unknown,
        };
        Some(Told { language, confidence: info.confidence() })
    }

    fn words() -> impl Strategy<Value = String> {
        let words = include_str!("../data/stopwords.txt").split([' ', ':', '\n']).filter(|word| !word.is_empty());
        let words: Vec<&str> =
            words.chain(["für", "nicht", "więcej", "è", "che", "değil", "și", "het", "İş"]).collect();
        prop::collection::vec(prop::sample::select(words), 0..300).prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn the_crate_tells_the_same(
            words in words(),
            others in "\\PC{0,40}|[a-zA-Zéạğżșñ ,.0-9İıŞ]{0,60}|[ab ]{0,9}|[a-zà-ỹ]{0,200}( [a-z]{0,7}){0,200}",
        ) {
            static TRIGRAMS: LazyLock<Trigrams> = LazyLock::new(Trigrams::new);
            for text in [&words, &others, &format!("{words} {others}")] {
                prop_assert_eq!(TRIGRAMS.detect(text), reference(text), "{}", text);
            }
        }
    }
}
