/*!
The words that a disguise is undone for.
*/

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

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
    /// Words by their number of characters and first letter.
    shapes: FxHashMap<(usize, char), Vec<&'static str>>,
    /// For the first two letters of ASCII, the set of the lengths that words and their plurals have.
    lengths: Box<[u32; LETTERS * LETTERS]>,
    /// A bit for the hash of each two characters that a word begins with.
    beginnings: Box<[u64; BEGINNINGS / 64]>,
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
        Watchwords { first, words, common: OnceLock::new(), shapes, lengths, beginnings }
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
        let (words, all_known) = self.read(letters)?;
        (all_known && words.iter().any(|w| w.chars().count() >= 4)).then(|| words.join(" "))
    }

    /// Letters as words with spaces between them, some of which are not known; in doubt one word.
    pub(super) fn parts(&self, letters: &str) -> String {
        self.read(letters).map_or_else(|| letters.to_owned(), |(words, _)| words.join(" "))
    }

    /// The cheapest reading of letters as words, and whether all of these are known.
    fn read<'a>(&self, letters: &'a str) -> Option<(Vec<&'a str>, bool)> {
        let places: Vec<usize> = letters.char_indices().map(|(at, _)| at).chain([letters.len()]).collect();
        let n = places.len() - 1;
        if n > MAX_JOINED {
            return None;
        }
        // best[i]: what the cheapest reading of the first i letters costs, and where its last word begins.
        let mut best: Vec<(usize, usize, bool)> = vec![(0, 0, true)];
        for end in 1..=n {
            let mut found = (usize::MAX, 0, false);
            for start in end.saturating_sub(LONGEST)..end {
                let word = &letters[places[start]..places[end]];
                let known = self.cost(word, end - start);
                let unknown = (end - start >= SHORTEST_UNKNOWN).then_some(UNKNOWN + UNKNOWN_LETTER * (end - start));
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
        Some((words, all_known))
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
        let common = || super::lines(include_str!("../data/common.txt")).flat_map(str::split_whitespace).collect();
        self.common.get_or_init(common).contains(word)
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
