/*!
The words that a disguise is undone for.
*/

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::heads::Heads;

/// Joined letters longer than this are left alone: no ad spells a longer phrase letter by letter.
pub(super) const MAX_JOINED: usize = 120;
/// Stands for the letter that a sign covers, in [`Watchwords::masked`].
pub(super) const MASK: char = '\0';
/// No word in a reading has more letters.
const LONGEST: usize = 20;
/// What a word that is not known costs in a reading, and each of its letters; a known one costs ten.
const UNKNOWN: usize = 30;
const UNKNOWN_LETTER: usize = 4;
/// Shorter words are known.
const SHORTEST_UNKNOWN: usize = 4;

/// Words that lures need and filters look for.
#[derive(Debug)]
pub(super) struct Watchwords {
    /// Those of the hand-made list.
    first: FxHashSet<&'static str>,
    words: FxHashSet<&'static str>,
    /// Further words of ads, which only tell where one word ends and the next begins; gathered when first asked for.
    common: OnceLock<FxHashSet<&'static str>>,
    /// What all words begin with, gathered when first asked for.
    heads: OnceLock<Heads>,
    /// Words by their number of characters and first letter.
    shapes: FxHashMap<(usize, char), Vec<&'static str>>,
    /// For the first two letters of ASCII, the set of the lengths that words and their plurals have.
    lengths: Box<[u32; LETTERS * LETTERS]>,
    /// A bit for the hash of each two characters that a word begins with.
    beginnings: Box<[u64; BEGINNINGS / 64]>,
}

/// Letters as words.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    words: Vec<&'a str>,
    /// Whether all of these are known.
    all_known: bool,
}

impl Reading<'_> {
    /// The words with spaces between them, when they can be read so from end to end.
    pub(super) fn known(&self) -> Option<String> {
        (self.all_known && self.words.iter().any(|w| w.chars().count() >= 4)).then(|| self.parts())
    }

    /// The words with spaces between them, known or not.
    pub(super) fn parts(&self) -> String {
        self.words.join(" ")
    }
}

/// How many hashes beginnings have.
const BEGINNINGS: usize = 1 << 13;

/// The place of the two characters that a word begins with.
fn beginning(first: char, second: char) -> usize {
    ((u32::from(first) << 11 ^ u32::from(second)).wrapping_mul(0x9e37_79b1) >> 19) as usize
}

/// The letters of ASCII.
const LETTERS: usize = 26;

/// The number of the first two letters, if these are small ones of ASCII.
fn pair(word: &str) -> Option<usize> {
    match word.as_bytes() {
        [a @ b'a'..=b'z', b @ b'a'..=b'z', ..] => Some(usize::from(a - b'a') * LETTERS + usize::from(b - b'a')),
        _ => None,
    }
}

impl Watchwords {
    pub(super) fn new() -> Watchwords {
        let listed = super::lines(include_str!("../data/watchwords.txt")).flat_map(str::split_whitespace);
        let of_ads = super::lines(include_str!("../data/words.txt"))
            .filter_map(|line| line.split_once(": "))
            .flat_map(|(_, words)| words.split_whitespace());
        let first: FxHashSet<&'static str> = listed.collect();
        let words: FxHashSet<&'static str> = first.iter().copied().chain(of_ads).collect();
        let mut lengths = Box::new([0; LETTERS * LETTERS]);
        for word in &words {
            if let Some(pair) = pair(word) {
                lengths[pair] |= 0b11 << word.len().min(30);
            }
        }
        let mut shapes: FxHashMap<(usize, char), Vec<&'static str>> = FxHashMap::default();
        for word in &words {
            let length = word.chars().count();
            if length >= 4
                && let Some(first) = word.chars().next()
            {
                shapes.entry((length, first)).or_default().push(word);
            }
        }
        // Of several that fit, the first is read: those that lures need most.
        shapes.values_mut().for_each(|words| words.sort_unstable_by_key(|w| (!first.contains(w), *w)));
        let mut beginnings = Box::new([0; BEGINNINGS / 64]);
        for word in &words {
            let mut chars = word.chars();
            if let (Some(first), Some(second)) = (chars.next(), chars.next()) {
                beginnings[beginning(first, second) / 64] |= 1 << (beginning(first, second) % 64);
            }
        }
        Watchwords { first, words, common: OnceLock::new(), heads: OnceLock::new(), shapes, lengths, beginnings }
    }

    /// Whether it is listed, exactly so.
    pub(super) fn lists(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether a listed word may begin with these two characters; "no" is sure.
    pub(super) fn may_begin(&self, first: char, second: char) -> bool {
        let at = beginning(first, second);
        self.beginnings[at / 64] >> (at % 64) & 1 == 1
    }

    /// Whether it is one of the few that filters look for, so that a hyphen inside is one too many.
    pub(super) fn is_first(&self, word: &str) -> bool {
        self.first.contains(word)
    }

    /// A watched word, or its plural.
    pub(super) fn has(&self, word: &str) -> bool {
        self.may_have(word) && (self.lists(word) || word.strip_suffix('s').is_some_and(|w| self.words.contains(w)))
    }

    /// Whether [`Watchwords::has`] may be true; "no" is sure.
    fn may_have(&self, word: &str) -> bool {
        pair(word).is_none_or(|pair| self.lengths[pair] >> word.len().min(31) & 1 == 1)
    }

    /// The first word that has [`MASK`] for one of its inner letters.
    pub(super) fn masked(&self, pattern: &str) -> Option<&'static str> {
        let length = pattern.chars().count();
        let first = pattern.chars().next()?;
        let fits = |word: &&&str| word.chars().zip(pattern.chars()).all(|(w, p)| w == p || p == MASK);
        self.shapes.get(&(length, first))?.iter().find(fits).copied()
    }

    /// Letters as known words with spaces between them, when they can be read so from end to end.
    pub(super) fn segment(&self, letters: &str) -> Option<String> {
        if self.has(letters) {
            return Some(letters.to_owned());
        }
        if self.may_be_known(letters) { self.read(letters)?.known() } else { None }
    }

    /// Whether a reading of letters may be known from end to end, which has one word at least that is not short; "no" is
    /// sure.
    pub(super) fn may_be_known(&self, letters: &str) -> bool {
        self.reaches(letters).iter().any(|&reach| reach >= Heads::SHORTEST)
    }

    /// For each letter, how many a known word that begins with it has at most; short ones are not told.
    fn reaches(&self, letters: &str) -> Vec<usize> {
        let each = letters.char_indices();
        // In short rows all is looked up, which costs less than gathering the heads.
        if letters.chars().count() <= LONGEST {
            return each.map(|_| LONGEST).collect();
        }
        let heads = self.heads.get_or_init(|| Heads::of(self.words.iter().chain(self.common()).copied()));
        each.map(|(at, _)| heads.reach(letters[at..].chars().take(LONGEST))).collect()
    }

    /// The cheapest reading of letters as words, in doubt as one; none where they are too many or too few.
    pub(super) fn read<'a>(&self, letters: &'a str) -> Option<Reading<'a>> {
        let places: Vec<usize> = letters.char_indices().map(|(at, _)| at).chain([letters.len()]).collect();
        let n = places.len() - 1;
        if n > MAX_JOINED {
            return None;
        }
        let reaches = self.reaches(letters);
        // best[i]: what the cheapest reading of the first i letters costs, and where its last word begins.
        let mut best: Vec<(usize, usize, bool)> = vec![(0, 0, true)];
        for end in 1..=n {
            let mut found = (usize::MAX, 0, false);
            for start in end.saturating_sub(LONGEST)..end {
                let length = end - start;
                let may_be_known = length < Heads::SHORTEST || length <= reaches[start];
                let known = if may_be_known { self.cost(&letters[places[start]..places[end]], length) } else { None };
                let unknown = (length >= SHORTEST_UNKNOWN).then_some(UNKNOWN + UNKNOWN_LETTER * length);
                if let Some(cost) = known.or(unknown) {
                    let cost = best[start].0.saturating_add(cost);
                    if cost < found.0 {
                        found = (cost, start, known.is_some());
                    }
                }
            }
            best.push(found);
        }
        if best[n].0 == usize::MAX {
            return None;
        }
        let (mut words, mut all_known, mut end) = (Vec::new(), true, n);
        while end > 0 {
            let (_, start, known) = best[end];
            words.push(&letters[places[start]..places[end]]);
            all_known &= known;
            end = start;
        }
        words.reverse();
        Some(Reading { words, all_known })
    }

    /// What a known word of so many letters costs in a reading: short ones also stand inside others by chance.
    fn cost(&self, word: &str, letters: usize) -> Option<usize> {
        let known = match letters {
            0..=2 => is_connector(word),
            _ => self.has(word) || self.is_common(word),
        };
        known.then_some(match letters {
            0..=2 => 13,
            3 => 20,
            4 => 16,
            _ => 10,
        })
    }

    /// Whether it is a word of ads that is no longer than those that are set apart.
    pub(super) fn is_common(&self, word: &str) -> bool {
        self.common().contains(word)
    }

    fn common(&self) -> &FxHashSet<&'static str> {
        let common = || super::lines(include_str!("../data/common.txt")).flat_map(str::split_whitespace).collect();
        self.common.get_or_init(common)
    }
}

/// Words so short that they say nothing by themselves.
fn is_connector(word: &str) -> bool {
    matches!(
        word,
        "to" | "in"
            | "on"
            | "us"
            | "me"
            | "we"
            | "a"
            | "is"
            | "at"
            | "no"
            | "i"
            | "e"
            | "o"
            | "y"
            | "u"
            | "и"
            | "в"
            | "с"
            | "к"
            | "у"
            | "о"
            | "я"
            | "а"
            | "و"
    )
}

/// The names of chat services, which nobody sets apart for looks.
pub(super) fn is_contact(words: &str) -> bool {
    ["telegram", "whatsapp", "wechat", "viber", "zalo", "weixin", "kakao", "телеграм", "ватсап"]
        .iter()
        .any(|name| words.contains(name))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static WATCHWORDS: LazyLock<Watchwords> = LazyLock::new(Watchwords::new);

    proptest::proptest! {
        #[test]
        fn no_known_word_is_longer_than_its_heads_say(letters in "(job|jobs|telegram|about|wages?|x|ab|a|о|работа|и){1,12}") {
            let watchwords = &*WATCHWORDS;
            let places: Vec<usize> = letters.char_indices().map(|(at, _)| at).chain([letters.len()]).collect();
            for (i, reach) in watchwords.reaches(&letters).into_iter().enumerate() {
                for (length, &end) in places[i..].iter().enumerate().skip(reach.max(Heads::SHORTEST - 1) + 1) {
                    proptest::prop_assert!(length > LONGEST || watchwords.cost(&letters[places[i]..end], length).is_none());
                }
            }
            let known = watchwords.read(&letters).and_then(|reading| reading.known());
            proptest::prop_assert!(known.is_none() || watchwords.may_be_known(&letters));
        }
    }
}
