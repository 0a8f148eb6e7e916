/*!
Telephone numbers and mail addresses in words: `plus six zero one two ...`, `anna at gmail dot com`.
*/

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::text::chars::is_digit_word;

/// Fewer digits in words are an ordinary number, or a list.
const FEWEST_DIGITS: usize = 7;
/// No telephone number has more.
const MOST_DIGITS: usize = 20;

/// The words for digits.
#[derive(Debug)]
pub(super) struct Digits {
    words: FxHashMap<&'static str, char>,
    /// For the first byte of each word that a number may begin with, the set of their lengths.
    lengths: [u32; 256],
    /// A bit for each beginning, of three bytes, of a word for a digit or for `@`, by its hash.
    beginnings: [u64; BEGINNINGS / 64],
}

/// How many hashes beginnings have.
const BEGINNINGS: usize = 1 << 12;

/// The place of a beginning.
#[inline]
fn beginning([first, second, third]: [u8; 3]) -> usize {
    let bytes = u32::from(first) | u32::from(second) << 8 | u32::from(third) << 16;
    (bytes.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

/// The words for `@`.
const AT: [&str; 10] = ["at", "(at)", "[at]", "{at}", "@", "arroba", "arobase", "собака", "собачка", "aroba"];

/// What may stand in front of the first digit.
const LEADS: [&str; 4] = ["plus", "+", "double", "triple"];

impl Digits {
    pub(super) fn new() -> Digits {
        let mut words = FxHashMap::default();
        for (digit, names) in super::lines(include_str!("../data/digits.txt")).filter_map(|l| l.split_once(": ")) {
            if let Some(digit) = digit.chars().next() {
                words.extend(names.split_whitespace().map(|name| (name, digit)));
            }
        }
        let mut lengths = [0; 256];
        for word in words.keys().copied().chain(LEADS) {
            lengths[usize::from(word.as_bytes()[0])] |= 1 << word.len().min(31);
        }
        let mut beginnings = [0; BEGINNINGS / 64];
        let mut set = |bytes| beginnings[beginning(bytes) / 64] |= 1 << (beginning(bytes) % 64);
        for word in words.keys().copied().chain(LEADS).chain(AT) {
            match *word.as_bytes() {
                [a, b, c, ..] => set([a, b, c]),
                // White space follows, whose first byte is one of these.
                [a, b] => (b'\t'..=b'\r').chain([b' ', 0xc2, 0xe1, 0xe2, 0xe3]).for_each(|space| set([a, b, space])),
                _ => {}
            }
        }
        Digits { words, lengths, beginnings }
    }

    fn of(&self, chunk: &str) -> Option<char> {
        let word = chunk.trim_end_matches([',', '-', '.']);
        self.words.get(word).copied().or_else(|| word.chars().next().filter(|c| c.is_ascii_digit() && word.len() == 1))
    }

    /// The number that begins with this chunk, and how many of the chunks it takes.
    pub(super) fn number<'a>(&self, mut chunks: impl Iterator<Item = &'a str>) -> Option<(String, usize)> {
        let mut number = String::new();
        let (mut taken, mut words, mut times) = (0, 0, 1);
        let mut end = 0;
        while number.len() < MOST_DIGITS && taken < 2 * MOST_DIGITS {
            let Some(chunk) = chunks.next() else { break };
            taken += 1;
            match chunk {
                "plus" | "+" if number.is_empty() => {
                    number.push('+');
                    continue;
                }
                "double" | "triple" => {
                    times = if chunk == "double" { 2 } else { 3 };
                    continue;
                }
                _ => {}
            }
            let Some(digit) = self.of(chunk) else { break };
            words += usize::from(!chunk.starts_with(|c: char| c.is_ascii_digit()));
            number.extend(std::iter::repeat_n(digit, times));
            times = 1;
            end = taken;
        }
        let digits = number.trim_start_matches('+').len();
        (digits >= FEWEST_DIGITS && words >= FEWEST_DIGITS - 2 && end > 0).then_some((number, end))
    }

    /// Whether a chunk of two bytes or more that begins at byte `at` may be a word for a digit or for `@`; "no" is sure.
    #[inline]
    pub(super) fn may_be_spelt(&self, text: &str, at: usize) -> bool {
        text.as_bytes()[at..].first_chunk::<4>().is_none_or(|&[a, b, c, _]| {
            let at = beginning([a, b, c]);
            self.beginnings[at / 64] >> (at % 64) & 1 == 1
        })
    }

    /// Whether a number in words may begin with this chunk.
    pub(super) fn begins(&self, chunk: &str) -> bool {
        let may = |&first: &u8| self.lengths[usize::from(first)] >> chunk.len().min(31) & 1 == 1;
        chunk.as_bytes().first().is_some_and(may) && (LEADS.contains(&chunk) || self.words.contains_key(chunk))
    }

    /// Rows of characters that are digits in words, in scripts without spaces.
    pub(super) fn rows(&self, chunk: &str) -> Option<(Range<usize>, String)> {
        let mut number = String::new();
        let mut start = 0;
        let mut buffer = [0; 4];
        for (i, c) in chunk.char_indices() {
            match is_digit_word(c).then(|| self.words.get(&*c.encode_utf8(&mut buffer))).flatten() {
                Some(&digit) => {
                    if number.is_empty() {
                        start = i;
                    }
                    number.push(digit);
                }
                None if number.len() >= FEWEST_DIGITS => return Some((start..i, number)),
                None => number.clear(),
            }
        }
        // Weekdays and lists count upwards.
        let counted = number.starts_with("1234567");
        (number.len() >= FEWEST_DIGITS && !counted).then_some((start..chunk.len(), number))
    }
}

/// Whether the chunk is a word for `@`.
pub(super) fn is_at(chunk: &str) -> bool {
    AT.contains(&chunk)
}

/// Whether the first word of `rest` may be a word for `@`; "no" is sure.
pub(super) fn may_begin_at(rest: &str) -> bool {
    let mut bytes = rest.bytes().skip_while(|b| matches!(b, b' ' | b'\t'..=b'\r'));
    // What follows white space that is no ASCII is not looked at.
    bytes.next().is_some_and(|first| {
        matches!(first, 0xc2 | 0xe1 | 0xe2 | 0xe3) || AT.iter().any(|word| word.as_bytes()[0] == first)
    })
}

/// The address `local at domain dot ending` as it is written, and how many chunks it takes. The chunks begin with the
/// local part.
pub(super) fn mail<'a>(mut chunks: impl Iterator<Item = &'a str>) -> Option<(String, usize)> {
    let plain = |s: &str| {
        !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+'))
    };
    let local = chunks.next().filter(|s| plain(s) && s.len() >= 2)?;
    chunks.next().filter(|s| is_at(s))?;
    let domain = chunks.next().filter(|s| plain(s))?;
    let mut address = String::new();
    let mut taken = 3;
    let mut dots = usize::from(domain.contains('.') && !domain.ends_with('.'));
    while let Some(dot) = chunks.next() {
        if !matches!(
            dot,
            "dot" | "(dot)" | "[dot]" | "{dot}" | "punto" | "ponto" | "point" | "точка" | "titik" | "chấm"
        ) {
            break;
        }
        let Some(label) = chunks.next() else { break };
        let word = label.trim_end_matches(['.', ',', '!', ')', ';']);
        if !(plain(word) && (2..=8).contains(&word.len())) {
            break;
        }
        if address.is_empty() {
            address = format!("{local}@{domain}");
        }
        address.push('.');
        address.push_str(word);
        taken += 2;
        dots += 2;
        if word.len() < label.len() {
            break;
        }
    }
    // "meet us at acme.com" is a place; a sign between spaces is an address at a provider.
    (dots >= 2).then_some((address, taken))
}
