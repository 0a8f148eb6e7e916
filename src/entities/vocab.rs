/*!
A small dictionary that answers "which of these words begins (or ends) here", longest first.

The tables of this module are looked up only at places that something else has found: the start of a word, the edges of
a number. An automaton over the whole text would visit every byte and report words that are cut by longer ones, so that
each hit had to be checked for its edges afterwards; here the edges are part of the search, and the longest word *that
stands between edges* wins ("line" is found in "line apple" although "line app" is in the table). A set of the
first bytes and one of the first three turn away nearly every word of running text.
*/

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::chars::{char_at, char_before, edge_after, edge_before, is_letter};
use crate::text::spelling::{is_silent, letter};

/// Most bits of a gate; 8 KiB, which stays in the first-level cache.
const MOST_GATE_BITS: usize = 1 << 16;
/// Fewest bits of a gate.
const FEWEST_GATE_BITS: usize = 1 << 10;
/// How many letters an inflected ending may add to a stem.
const LONGEST_ENDING: usize = 8;

/// Hashes the three-byte keys; they are already spread by [`key`].
#[derive(Clone, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }
    fn write_u32(&mut self, value: u32) {
        self.0 = u64::from(value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// One word of a [`Vocab`].
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Word<T> {
    text: Box<str>,
    /// The byte at the end that it is not filed under: most words of a bucket are told by it to be others.
    far: u8,
    /// The word may go on with an ending.
    stem: bool,
    value: T,
}

/// A word found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit<T> {
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
    /// What the table says of the word.
    pub(crate) value: T,
}

/// Which end of the words is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Side {
    /// Words are found by where they begin.
    Start,
    /// Words are found by where they end.
    End,
}

/// Words and what they stand for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Vocab<T> {
    side: Side,
    /// The bytes that words begin (or end) with.
    edges: [u64; 4],
    gate: Vec<u64>,
    words: Vec<Word<T>>,
    buckets: HashMap<u32, (u32, u32), BuildHasherDefault<Spread>>,
}

impl<T: Copy> Vocab<T> {
    /// A dictionary of the given words. Words are folded as the text is; one that ends in `*` is a stem that may carry
    /// an ending. Of equal words the first one stays.
    pub(crate) fn new(side: Side, entries: impl IntoIterator<Item = (Cow<'static, str>, T)>) -> Vocab<T> {
        let mut words: Vec<Word<T>> = Vec::new();
        for (text, value) in entries {
            let (text, stem) = match text {
                Cow::Borrowed(text) => match text.strip_suffix('*') {
                    Some(stem) => (Cow::Borrowed(stem), true),
                    None => (Cow::Borrowed(text), false),
                },
                Cow::Owned(text) => match text.strip_suffix('*') {
                    Some(stem) => (Cow::Owned(stem.to_owned()), true),
                    None => (Cow::Owned(text), false),
                },
            };
            let text: Box<str> = fold(text).into();
            let far = match side {
                Side::Start => text.as_bytes().last(),
                Side::End => text.as_bytes().first(),
            };
            if let Some(&far) = far {
                words.push(Word { text, far, stem, value });
            }
        }
        let key_of = |word: &Word<T>| match side {
            Side::Start => head_key(word.text.as_bytes(), 0),
            Side::End => tail_key(word.text.as_bytes(), word.text.len()),
        };
        // Longest first within a bucket; the sort is stable, so the first of equal words stays first.
        words.sort_by_cached_key(|word| (key_of(word), usize::MAX - word.text.len()));
        let bits = (words.len() * 32).next_power_of_two().clamp(FEWEST_GATE_BITS, MOST_GATE_BITS);
        let mut gate = vec![0u64; bits / 64];
        let mut edges = [0; 4];
        let mut buckets: HashMap<u32, (u32, u32), _> = HashMap::default();
        for (index, word) in words.iter().enumerate() {
            let key = key_of(word);
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            buckets.entry(key).and_modify(|range| range.1 = index + 1).or_insert((index, index + 1));
            set(&mut gate, key);
            let edge = key as u8;
            edges[usize::from(edge / 64)] |= 1 << (edge % 64);
        }
        Vocab { side, edges, gate, words, buckets }
    }

    /// The words and what they stand for.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&str, T)> {
        self.words.iter().map(|word| (&*word.text, word.value))
    }

    /// The words, and whether they may go on with an ending.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&[u8], bool)> {
        self.words.iter().map(|word| (word.text.as_bytes(), word.stem))
    }

    /// The longest word that begins at byte `at` (or ends there, for [`Side::End`]) and stands between edges.
    #[inline]
    pub(crate) fn find(&self, text: &str, at: usize) -> Option<Hit<T>> {
        self.find_where::<false>(text, at)
    }

    /// As [`Vocab::find`], for the inside of a run of letters: the word may touch what stands before it.
    pub(crate) fn find_touching(&self, text: &str, at: usize) -> Option<Hit<T>> {
        self.find_where::<true>(text, at)
    }

    #[inline]
    fn find_where<const TOUCHING: bool>(&self, text: &str, at: usize) -> Option<Hit<T>> {
        let bytes = text.as_bytes();
        let (first, before) = match self.side {
            Side::Start => (*bytes.get(at)?, at.checked_sub(1).map(|before| bytes[before])),
            Side::End => (*bytes.get(at.checked_sub(1)?)?, None),
        };
        if self.edges[usize::from(first / 64)] >> (first % 64) & 1 == 0 {
            return None;
        }
        // Most places of a text are inside a word, where none of another begins.
        if !TOUCHING && first.is_ascii_alphabetic() && before.is_some_and(|before| before.is_ascii_alphabetic()) {
            return None;
        }
        let full = match self.side {
            Side::Start => head_key(bytes, at),
            Side::End => tail_key(bytes, at),
        };
        // A word of one or two bytes is filed under the key of those bytes alone.
        let two = full & 0x0200_ffff | 0x0200_0000;
        let one = full & 0x0000_00ff | 0x0100_0000;
        let (three_set, two_set, one_set) = (get(&self.gate, full), get(&self.gate, two), get(&self.gate, one));
        if !(three_set | two_set | one_set) {
            return None;
        }
        let length = full >> 24;
        if three_set
            && length == 3
            && let Some(hit) = self.search::<TOUCHING>(text, at, full)
        {
            return Some(hit);
        }
        if two_set
            && length >= 2
            && let Some(hit) = self.search::<TOUCHING>(text, at, two)
        {
            return Some(hit);
        }
        if one_set && length >= 1 { self.search::<TOUCHING>(text, at, one) } else { None }
    }

    fn search<const TOUCHING: bool>(&self, text: &str, at: usize, key: u32) -> Option<Hit<T>> {
        let &(from, to) = self.buckets.get(&key)?;
        let bytes = text.as_bytes();
        for word in &self.words[from as usize..to as usize] {
            let length = word.text.len();
            let (start, end, far) = match self.side {
                Side::Start => (at, at + length, at + length - 1),
                Side::End => match at.checked_sub(length) {
                    Some(start) => (start, at, start),
                    None => continue,
                },
            };
            if bytes.get(far) != Some(&word.far) || bytes.get(start..end) != Some(word.text.as_bytes()) {
                continue;
            }
            let (Some(first), Some(last)) = (word.text.chars().next(), word.text.chars().next_back()) else { continue };
            if !TOUCHING && !edge_before(char_before(text, start), first) {
                continue;
            }
            if edge_after(last, char_at(text, end)) {
                return Some(Hit { start, end, value: word.value });
            }
            if word.stem
                && let Some(end) = end_of_ending(text, end)
            {
                return Some(Hit { start, end, value: word.value });
            }
        }
        None
    }

    /// The first word found at any character from `from` to `to`.
    pub(crate) fn find_in(&self, text: &str, from: usize, to: usize) -> Option<Hit<T>> {
        let window = text.get(from..to)?;
        window.char_indices().find_map(|(offset, _)| self.find(text, from + offset).filter(|hit| hit.end <= to))
    }

    /// The last word found at any character from `from` to `to`.
    pub(crate) fn find_last_in(&self, text: &str, from: usize, to: usize) -> Option<Hit<T>> {
        let window = text.get(from..to)?;
        let mut last: Option<Hit<T>> = None;
        for (offset, _) in window.char_indices() {
            // A word inside the one just found is not a later one.
            if last.as_ref().is_some_and(|hit| from + offset < hit.end) {
                continue;
            }
            if let Some(hit) = self.find(text, from + offset).filter(|hit| hit.end <= to) {
                last = Some(hit);
            }
        }
        last
    }
}

/// The end of the word that goes on at `at`, unless its ending is too long to be one.
fn end_of_ending(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let mut letters = 0;
    for (offset, c) in rest.char_indices() {
        if !is_letter(c) {
            return Some(at + offset);
        }
        letters += 1;
        if letters > LONGEST_ENDING {
            return None;
        }
    }
    Some(text.len())
}

/// The word as a folded text shows it.
pub(crate) fn fold(text: Cow<'static, str>) -> Cow<'static, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            text
        };
    }
    let stays = |c: char| !c.is_uppercase() && letter(c) == c && !is_silent(c);
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes && text.chars().all(stays) {
        return text;
    }
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    Cow::Owned(lower.nfkc().filter(|&c| !is_silent(c)).map(letter).collect())
}

/// Up to three bytes from `at` on, and how many there were.
#[inline]
fn head_key(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(at..) {
        Some([a, b, c, ..]) => u32::from(*a) | u32::from(*b) << 8 | u32::from(*c) << 16 | 3 << 24,
        Some([a, b]) => u32::from(*a) | u32::from(*b) << 8 | 2 << 24,
        Some([a]) => u32::from(*a) | 1 << 24,
        _ => 0,
    }
}

/// Up to three bytes before `at`, the last one first, and how many there were.
#[inline]
fn tail_key(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(..at) {
        Some([.., c, b, a]) => u32::from(*a) | u32::from(*b) << 8 | u32::from(*c) << 16 | 3 << 24,
        Some([b, a]) => u32::from(*a) | u32::from(*b) << 8 | 2 << 24,
        Some([a]) => u32::from(*a) | 1 << 24,
        _ => 0,
    }
}

/// The bit of a key; the number of bits is a power of two.
#[inline]
fn slot(gate: &[u64], key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> 16) as usize & (gate.len() * 64 - 1)
}

#[inline]
fn get(gate: &[u64], key: u32) -> bool {
    let slot = slot(gate, key);
    gate.get(slot / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
}

fn set(gate: &mut [u64], key: u32) {
    let slot = slot(gate, key);
    if let Some(word) = gate.get_mut(slot / 64) {
        *word |= 1 << (slot % 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocab(side: Side, words: &[&'static str]) -> Vocab<usize> {
        Vocab::new(side, words.iter().enumerate().map(|(index, word)| (Cow::Borrowed(*word), index)))
    }

    #[test]
    fn the_longest_word_between_edges_wins() {
        let names = vocab(Side::Start, &["line", "line app", "k", "rs"]);
        assert_eq!(names.find("line apple", 0).map(|hit| hit.end), Some(4));
        assert_eq!(names.find("line app!", 0).map(|hit| hit.end), Some(8));
        assert_eq!(names.find("liner", 0), None);
        assert_eq!(names.find("k", 0).map(|hit| hit.value), Some(2));
        assert_eq!(names.find("kg", 0), None);
        assert_eq!(names.find("rs.", 0).map(|hit| hit.value), Some(3));
    }

    #[test]
    fn words_are_found_by_their_end() {
        let signs = vocab(Side::End, &["$", "us$", "usd"]);
        assert_eq!(signs.find("us$800", 3).map(|hit| hit.start), Some(0));
        assert_eq!(signs.find("pays $800", 6).map(|hit| hit.start), Some(5));
        assert_eq!(signs.find("xusd800", 4), None);
    }

    #[test]
    fn stems_take_endings() {
        let names = vocab(Side::Start, &["камбодж*"]);
        let text = "в камбодже, да";
        assert_eq!(names.find(text, 3).map(|hit| &text[hit.start..hit.end]), Some("камбодже"));
        assert_eq!(names.find("камбоджийскоговорящий", 0), None);
    }

    /// The longest word at a place, found by trying each.
    fn tried(words: &[&str], side: Side, text: &str, at: usize) -> Option<(usize, usize)> {
        let places = words.iter().filter_map(|word| {
            let (start, end) = match side {
                Side::Start => (at, at + word.len()),
                Side::End => (at.checked_sub(word.len())?, at),
            };
            let fits = text.get(start..end) == Some(*word)
                && edge_before(char_before(text, start), word.chars().next()?)
                && edge_after(word.chars().next_back()?, char_at(text, end));
            fits.then_some((start, end))
        });
        places.max_by_key(|(start, end)| end - start)
    }

    proptest::proptest! {
        #[test]
        fn finds_what_trying_each_word_finds(text in "([a-c]|ab|€|é|ก|กา|1|\\$| |баб){0,10}") {
            let words = ["a", "ab", "abc", "b c", "cab", "€", "€a", "é", "éa", "ก", "กา", "ก1", "ба", "баб", "$", "a$", "1"];
            for side in [Side::Start, Side::End] {
                let vocab = vocab(side, &words);
                for at in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
                    let found = vocab.find(&text, at).map(|hit| (hit.start, hit.end));
                    proptest::prop_assert_eq!(found, tried(&words, side, &text, at), "{:?} {}", side, at);
                }
            }
        }
    }
}
