/*!
Letters that stand for others: those that look the same in another script, and digits and signs.
*/

use std::cell::OnceCell;

use rustc_hash::FxHashMap;
use unicode_script::Script;

use super::words::Watchwords;
use crate::text::chars::{is_alphabetic, looks_latin, properties, script};

/// Letters of other scripts by the letters that they look like.
#[derive(Debug)]
pub(super) struct LookAlikes {
    to_latin: FxHashMap<char, char>,
    to_cyrillic: FxHashMap<char, char>,
}

impl LookAlikes {
    pub(super) fn new() -> LookAlikes {
        let mut to_latin = FxHashMap::default();
        let mut to_cyrillic = FxHashMap::default();
        for line in super::lines(include_str!("../data/lookalikes.txt")) {
            let mut columns = line.split_whitespace();
            let latin = columns.next().and_then(|c| c.chars().next());
            for c in columns.flat_map(str::chars) {
                if let Some(latin) = latin {
                    to_latin.insert(c, latin);
                    if script(c) == Script::Cyrillic {
                        to_cyrillic.entry(latin).or_insert(c);
                    }
                }
            }
        }
        LookAlikes { to_latin, to_cyrillic }
    }

    /// Whether the text is Latin and all its Cyrillic and Greek letters look Latin.
    pub(super) fn is_latin_in_disguise(&self, text: &str) -> bool {
        if text.is_ascii() {
            return false;
        }
        let mut latin = 0;
        for c in text.chars() {
            match script(c) {
                Script::Latin => latin += 1,
                Script::Cyrillic | Script::Greek if !looks_latin(c) => return false,
                _ => {}
            }
        }
        latin >= 10
    }

    /// The letters as Latin ones, when all of them look so.
    pub(super) fn latin(&self, letters: &str) -> Option<String> {
        letters.chars().map(|c| if c.is_ascii() { Some(c) } else { self.to_latin.get(&c).copied() }).collect()
    }

    /// A word of mixed scripts in one of them, when its letters look alike. `foreign`: the text around it is Latin, and
    /// its Cyrillic or Greek words are made of look-alikes alone.
    pub(super) fn one_script(&self, word: &str, foreign: bool, watchwords: &Watchwords) -> Option<String> {
        let mut latin = 0;
        let mut other = 0;
        for c in word.chars() {
            let of = properties(c);
            latin += usize::from(of.is_plain_latin());
            other += usize::from(!of.is_plain_latin() && !of.is_common());
        }
        if other == 0 || latin == 0 && !foreign || latin + other < 3 || is_two_words(word) {
            return None;
        }
        let all_latin = word.chars().all(|c| c.is_ascii() || looks_latin(c) || script(c) == Script::Latin);
        if all_latin {
            let plain: String = word.chars().map(|c| *self.to_latin.get(&c).unwrap_or(&c)).collect();
            // A Greek or Russian name in capitals may look Latin as a whole. The dotless i is Latin; many Turkish words end so.
            let is_mixed = latin > 0 && word.chars().any(|c| !matches!(script(c), Script::Latin | Script::Common));
            let is_hidden = is_mixed && plain.len() > 3 || !word.ends_with('ı') && watchwords.has(&plain);
            return is_hidden.then_some(plain);
        }
        let cyrillic = || word.chars().any(|c| script(c) == Script::Cyrillic);
        let all_cyrillic = || word.chars().all(|c| script(c) == Script::Cyrillic || self.to_cyrillic.contains_key(&c));
        (latin <= other && cyrillic() && all_cyrillic())
            .then(|| word.chars().map(|c| *self.to_cyrillic.get(&c).unwrap_or(&c)).collect())
    }
}

/// Whether a text is Latin in disguise, found out when it is first asked.
#[derive(Debug)]
pub(super) struct Foreign<'a> {
    look_alikes: &'a LookAlikes,
    text: &'a str,
    told: OnceCell<bool>,
}

impl<'a> Foreign<'a> {
    pub(super) fn new(look_alikes: &'a LookAlikes, text: &'a str) -> Foreign<'a> {
        Foreign { look_alikes, text, told: OnceCell::new() }
    }

    pub(super) fn is_so(&self) -> bool {
        *self.told.get_or_init(|| self.look_alikes.is_latin_in_disguise(self.text))
    }
}

/// Whether the script changes once, with three letters or more on either side: two words that lack a space.
fn is_two_words(word: &str) -> bool {
    let mut runs = [0usize; 2];
    let mut changes = 0;
    let mut last = None;
    for script in word.chars().map(script).filter(|s| !matches!(s, Script::Common | Script::Inherited)) {
        changes += usize::from(last.is_some_and(|l| l != script));
        if changes > 1 {
            return false;
        }
        runs[changes] += 1;
        last = Some(script);
    }
    changes == 1 && runs.iter().all(|&n| n >= 3)
}

/// The letter that a sign stands for in leet; `1`, `!` and `|` may also be an `l`.
pub(super) fn leet(c: char) -> Option<char> {
    Some(match c {
        '$' | '5' => 's',
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '7' => 't',
        _ => return None,
    })
}

/// Longer words are not read without leet signs.
pub(super) const LONGEST_LEET: usize = 32;

/// So many signs in a word are read each by itself; more of them all in the same way.
const MOST_READ: u32 = 4;

/// The readings of a word's leet signs: each sign that may be an `i` or an `l` as either. The first has `i` throughout,
/// the second `l`.
pub(super) fn readings(word: &str) -> Vec<String> {
    let read = |ells: u32| -> String {
        let mut nth = 0;
        let letter = |c| {
            if !is_i_or_l(c) {
                return leet(c).unwrap_or(c);
            }
            nth += 1;
            if ells >> (nth - 1).min(31) & 1 == 1 { 'l' } else { 'i' }
        };
        word.chars().map(letter).collect()
    };
    let signs = word.chars().filter(|&c| is_i_or_l(c)).count() as u32;
    let between = if (2..=MOST_READ).contains(&signs) { 1..(1 << signs) - 1 } else { 0..0 };
    [0, u32::MAX].into_iter().chain(between).map(read).collect()
}

fn is_i_or_l(c: char) -> bool {
    matches!(c, '1' | '!' | '|')
}

/// `word` with letters for leet signs, when that makes it a watched word or when it can be nothing else. `told`: other
/// words of the text are written so, and it may be any word.
pub(super) fn without_leet(watchwords: &Watchwords, word: &str, told: bool) -> Option<String> {
    if word.len() > LONGEST_LEET || !word.bytes().any(|b| !b.is_ascii_lowercase()) {
        return None;
    }
    let word = word.trim_end_matches(['!', '|']);
    let (mut length, mut letters, mut signs) = (0, 0, 0);
    for c in word.chars() {
        length += 1;
        letters += usize::from(is_alphabetic(c));
        signs += usize::from(leet(c).is_some());
    }
    // Another digit makes it a number or the name of a product.
    if signs == 0 || letters < 2 || letters + signs < length {
        return None;
    }
    let shortest = if word.contains(['@', '$']) { 3 } else { 4 };
    if letters + signs < shortest {
        return None;
    }
    let chars: Vec<char> = word.chars().collect();
    // `experience5` and `50ft` are two things run together.
    let lead = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    let tail = chars.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    if lead > 1 || tail > 1 || signs == 1 && tail == 1 && matches!(chars[chars.len() - 1], '5' | '1' | '7') {
        return None;
    }
    let readings = readings(word);
    let known = |is_known: &dyn Fn(&str) -> bool| readings.iter().find(|w| is_known(w)).cloned();
    if let Some(word) = known(&|w| watchwords.has(w)) {
        return Some(word);
    }
    // A digit behind a word or one that leads it may be a number.
    let number = signs == 1 && (tail == 1 || matches!(chars[0], '4' | '5' | '7'));
    if told && !number && !word.contains('!') {
        return known(&|w| watchwords.is_common(w)).or_else(|| readings.into_iter().next());
    }
    // Two signs or more that no product name has, each between letters, are a disguise whatever the word.
    let inner = (1..chars.len().saturating_sub(1))
        .filter(|&i| matches!(chars[i], '$' | '@' | '0' | '1' | '3' | '4'))
        .filter(|&i| is_alphabetic(chars[i - 1]) && is_alphabetic(chars[i + 1]));
    let tight = inner.count() == signs && signs >= 2 && letters >= 2 * signs;
    let marked = chars.iter().any(|c| matches!(c, '$' | '@'));
    let hard = |c: char| c.is_ascii_lowercase() && !"aeiou".contains(c);
    // Digits alone only for two different vowels between consonants: `f4ct0ry`.
    let vowels = letters >= 4
        && (1..chars.len() - 1).all(|i| !chars[i].is_ascii_digit() || hard(chars[i - 1]) && hard(chars[i + 1]))
        && chars.iter().filter(|c| c.is_ascii_digit()).any(|c| Some(c) != chars.iter().find(|c| c.is_ascii_digit()));
    (tight && (marked || vowels)).then(|| readings.into_iter().next()).flatten()
}
