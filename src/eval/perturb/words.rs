//! Words, and what is done to them.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use unicode_normalization::char::is_combining_mark;
use unicode_script::Script;
use unicode_segmentation::UnicodeSegmentation;

use super::Perturbation;
use crate::text::chars::{is_alphabetic, is_unspaced, script};

/// Shorter words stay.
const LETTERS: usize = 4;
/// Where nothing parts words, so many characters are disguised together or not at all.
const PIECE: usize = 4;
const SHARE: f64 = 0.5;
/// Emoji that lures use.
pub(super) const EMOJI: [&str; 6] = ["🔥", "💰", "✅", "⭐", "❤", "✈️"];
/// The first letters of mathematical alphabets that have no holes: bold, sans bold, monospace.
const MATHEMATICAL: [u32; 3] = [0x1d400, 0x1d5d4, 0x1d670];
/// Latin letters and the Cyrillic ones drawn like them.
const LOOK_ALIKES: [(char, char); 22] = [
    ('a', 'а'),
    ('c', 'с'),
    ('e', 'е'),
    ('i', 'і'),
    ('j', 'ј'),
    ('o', 'о'),
    ('p', 'р'),
    ('s', 'ѕ'),
    ('x', 'х'),
    ('y', 'у'),
    ('A', 'А'),
    ('B', 'В'),
    ('C', 'С'),
    ('E', 'Е'),
    ('H', 'Н'),
    ('K', 'К'),
    ('M', 'М'),
    ('O', 'О'),
    ('P', 'Р'),
    ('T', 'Т'),
    ('X', 'Х'),
    ('Y', 'У'),
];

/// Half of the words of `text` in this disguise.
pub(super) fn disguise(how: Perturbation, text: &str, rng: &mut impl Rng) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (part, is_plain) in parts(text) {
        match is_plain {
            true => part_of(how, part, rng, &mut out),
            false => out.push_str(part),
        }
    }
    out
}

/// The text in parts: white space, tags, addresses and all that has digits or signs inside (false), and plain words with
/// their punctuation (true).
pub(super) fn parts(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let tag = || {
            let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
            rest.find('>').filter(|_| is_tag).map(|end| end + 1)
        };
        let (end, is_plain) = match first {
            '<' if let Some(end) = tag() => (end, false),
            c if c.is_whitespace() => (rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()), false),
            c => {
                let from = c.len_utf8();
                let end = rest[from..].find(|c: char| c.is_whitespace() || c == '<').map_or(rest.len(), |e| from + e);
                (end, is_plain(&rest[..end]))
            }
        };
        let (part, after) = rest.split_at(end);
        rest = after;
        Some((part, is_plain))
    })
}

/// Whether a run without white space is neither an address nor a handle nor a number.
fn is_plain(run: &str) -> bool {
    let inner = run.trim_matches(|c: char| !c.is_alphanumeric());
    !run.contains(['@', '&', '/', '_', '\\', '='])
        && !inner.contains(['.', ':'])
        && !inner.chars().any(|c| c.is_ascii_digit())
}

/// Disguises words of a run of letters and punctuation.
fn part_of(how: Perturbation, run: &str, rng: &mut impl Rng, out: &mut String) {
    let is_of_word = |c: char| is_alphabetic(c) || is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}');
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let inside = is_of_word(first);
        let end = rest.find(|c: char| is_of_word(c) != inside).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        let letters: Vec<&str> = word.graphemes(true).collect();
        if !inside || letters.len() < LETTERS {
            out.push_str(word);
            continue;
        }
        let size = if is_unspaced(first) { PIECE } else { letters.len() };
        for (i, piece) in letters.chunks(size).enumerate() {
            if piece.len() > 1 && rng.random_bool(SHARE) {
                // Set-apart letters of neighbours would run together otherwise.
                if i > 0 && how == Perturbation::Spaced {
                    out.push(' ');
                }
                word_of(how, piece, rng, out);
            } else {
                out.extend(piece.iter().copied());
            }
        }
    }
}

/// One word in disguise.
fn word_of(how: Perturbation, letters: &[&str], rng: &mut impl Rng, out: &mut String) {
    match how {
        Perturbation::FullWidth => {
            let wide = |c: char| if c.is_ascii_alphabetic() { shifted(c, 0xfee0) } else { c };
            out.extend(letters.iter().flat_map(|l| l.chars()).map(wide));
        }
        Perturbation::Mathematical => {
            let first = *MATHEMATICAL.choose(rng).expect("there are some");
            let styled = |c: char| match c {
                'A'..='Z' => shifted(c, first - 'A' as u32),
                'a'..='z' => shifted(c, first + 26 - 'a' as u32),
                c => c,
            };
            out.extend(letters.iter().flat_map(|l| l.chars()).map(styled));
        }
        Perturbation::AlternatingCase => {
            let first = usize::from(rng.random_bool(0.5));
            for (i, letter) in letters.iter().enumerate() {
                match i % 2 == first {
                    true => out.push_str(&letter.to_uppercase()),
                    false => out.push_str(&letter.to_lowercase()),
                }
            }
        }
        Perturbation::ZeroWidth => {
            let sign = *["\u{200b}", "\u{2060}", "\u{feff}"].choose(rng).expect("there are some");
            between(letters, rng, sign, out);
        }
        Perturbation::SoftHyphen => between(letters, rng, "\u{ad}", out),
        Perturbation::StackedMarks => {
            for letter in letters {
                out.push_str(letter);
                if letter.chars().any(|c| matches!(script(c), Script::Latin | Script::Cyrillic)) {
                    let marks = rng.random_range(2..=4);
                    out.extend((0..marks).map(|_| shifted('\u{300}', rng.random_range(0..0x30))));
                }
            }
        }
        Perturbation::LookAlike => some(letters, rng, out, |letter| {
            let c = one(letter)?;
            LOOK_ALIKES.iter().find_map(|&(latin, cyrillic)| match c {
                c if c == latin => Some(cyrillic),
                c if c == cyrillic => Some(latin),
                _ => None,
            })
        }),
        Perturbation::Leet => some(letters, rng, out, |letter| {
            Some(match one(letter)?.to_ascii_lowercase() {
                'a' => '@',
                'e' => '3',
                'i' | 'l' => '1',
                'o' => '0',
                's' => '$',
                _ => return None,
            })
        }),
        Perturbation::Spaced => out.push_str(&letters.join(" ")),
        Perturbation::Dotted => out.push_str(&letters.join(".")),
        Perturbation::Hyphenated => out.push_str(&letters.join("-")),
        Perturbation::EmojiInside => {
            let at = rng.random_range(1..letters.len());
            out.extend(letters[..at].iter().copied());
            out.push_str(EMOJI.choose(rng).expect("there are some"));
            out.extend(letters[at..].iter().copied());
        }
        Perturbation::Homophone
        | Perturbation::Padding
        | Perturbation::Exculpatory
        | Perturbation::Emoji
        | Perturbation::UpperCase => out.extend(letters.iter().copied()),
    }
}

fn shifted(c: char, by: u32) -> char {
    char::from_u32(c as u32 + by).unwrap_or(c)
}

/// The character of a letter that is one character.
fn one(letter: &str) -> Option<char> {
    let mut chars = letter.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// `sign` in some of the gaps, and in one for certain.
fn between(letters: &[&str], rng: &mut impl Rng, sign: &str, out: &mut String) {
    let certain = rng.random_range(1..letters.len());
    for (i, letter) in letters.iter().enumerate() {
        if i == certain || i > 0 && rng.random_bool(SHARE) {
            out.push_str(sign);
        }
        out.push_str(letter);
    }
}

/// Some of the letters that `with` replaces, and one for certain.
fn some(letters: &[&str], rng: &mut impl Rng, out: &mut String, with: impl Fn(&str) -> Option<char>) {
    let can: Vec<usize> = (0..letters.len()).filter(|&i| with(letters[i]).is_some()).collect();
    let certain = can.choose(rng).copied();
    for (i, letter) in letters.iter().enumerate() {
        match with(letter) {
            Some(c) if certain == Some(i) || rng.random_bool(SHARE) => out.push(c),
            _ => out.push_str(letter),
        }
    }
}
