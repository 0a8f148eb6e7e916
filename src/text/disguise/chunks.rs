/*!
The runs of a text that hold no white space, and what may be hidden in each.

Nearly all runs are words with a comma or a stop behind them: nothing that this step undoes can be in them. What a run
holds is gathered while its end is looked for, and a run that holds no sign, no digit and no letter of a second script is
not looked at again.
*/

use std::ops::Range;

use crate::text::chars::{Properties, properties};

/// One run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Bits of what it holds: those below.
    holds: u8,
}

/// A small letter of ASCII.
const LETTER: u8 = 1;
/// A digit or a sign that stands for a letter.
const LEET: u8 = 2;
/// A sign that is put inside words.
const FILL: u8 = 4;
/// A letter three times in a row.
const TRIPLE: u8 = 8;
/// A character that is not ASCII, or a capital.
const WIDE: u8 = 16;
/// White space ends a run.
const SPACE: u8 = 32;

/// What each byte is.
const BYTES: [u8; 256] = {
    let mut all = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte] = match byte as u8 {
            b' ' | b'\t'..=b'\r' => SPACE,
            b'a'..=b'z' => LETTER,
            b'0' | b'1' | b'3' | b'4' | b'5' | b'7' | b'$' | b'@' | b'!' => LEET,
            b'|' => LEET | FILL,
            b'.' | b'-' | b'_' | b'*' | b'~' | b'^' | b'=' | b'`' | b'/' => FILL,
            b'A'..=b'Z' | 0x80.. => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    all
};

/// What may be hidden in a run; what is false is not there for certain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct May {
    /// Homophones.
    pub(super) homophones: bool,
    /// Digits in words, in a script without spaces.
    pub(super) rows: bool,
    /// Signs inside a word.
    pub(super) inside: bool,
    /// Signs for letters.
    pub(super) leet: bool,
    /// Characters drawn out.
    pub(super) triple: bool,
    /// Letters that look like those of another script, beside Latin ones that do not.
    pub(super) mixed: bool,
    /// Letters that look like those of another script.
    pub(super) foreign: bool,
}

impl May {
    pub(super) fn nothing(self) -> bool {
        self == May::default()
    }
}

impl Chunk {
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// What may be hidden in it; `s` is its text.
    pub(super) fn may_be(self, s: &str) -> May {
        if self.holds & WIDE != 0 {
            return May::of_any(s);
        }
        if self.holds & LETTER == 0 || self.holds & (LEET | FILL | TRIPLE) == 0 {
            return May::default();
        }
        // What stands behind the last word hides nothing, nor does what fills no gap.
        let of = |bytes: &[u8], bit: u8| bytes.iter().any(|&b| BYTES[usize::from(b)] & bit != 0);
        let ends = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'$');
        let bytes = s.as_bytes();
        let word = &bytes[..bytes.iter().rposition(ends).map_or(0, |last| last + 1)];
        let inner = &word[word.iter().position(ends).unwrap_or(0)..];
        May { inside: of(inner, FILL), leet: of(word, LEET), triple: self.holds & TRIPLE != 0, ..May::default() }
    }
}

impl May {
    /// What may be hidden in any run.
    fn of_any(s: &str) -> May {
        let mut may = May::default();
        let (mut latin, mut alike) = (false, false);
        let (mut last, mut before, mut of_last) = ('\0', '\0', Properties::default());
        // A sign is inside a word when pieces stand on both sides of it and nothing else.
        let (mut piece, mut filled) = (false, false);
        for c in s.chars() {
            let of = properties(c);
            may.triple |= last == c && before == c;
            may.leet |= c.is_ascii() && BYTES[c as usize] & LEET != 0;
            may.homophones |= of_last.may_begin_homophone(of);
            (last, before, of_last) = (c, last, of);
            may.rows |= of.is_digit_word();
            latin |= of.is_plain_latin();
            alike |= of.may_be_alike();
            if of.is_in_piece() {
                may.inside |= filled;
                (piece, filled) = (true, false);
            } else {
                filled = piece && of.fills();
                piece &= filled;
            }
        }
        may.mixed = latin && alike;
        may.foreign = alike;
        may
    }
}

/// The runs of a text, in order.
#[derive(Clone, Debug)]
pub(super) struct Chunks<'a> {
    text: &'a str,
    at: usize,
    /// The next one, if it was looked at.
    ahead: Option<Chunk>,
}

impl<'a> Chunks<'a> {
    /// The runs from byte `at` on.
    pub(super) fn new(text: &'a str, at: usize) -> Chunks<'a> {
        Chunks { text, at, ahead: None }
    }

    /// The next run, which stays the next one.
    pub(super) fn peek(&mut self) -> Option<Chunk> {
        if self.ahead.is_none() {
            self.ahead = self.scan();
        }
        self.ahead
    }

    fn scan(&mut self) -> Option<Chunk> {
        let bytes = self.text.as_bytes();
        let mut start = self.at;
        loop {
            let class = BYTES[usize::from(*bytes.get(start)?)];
            if class & SPACE != 0 {
                start += 1;
            } else if let Some(space) = (class & WIDE != 0).then(|| self.wide_space(start)).flatten() {
                start += space;
            } else {
                break;
            }
        }
        let (mut end, mut holds) = (start, 0);
        let (mut last, mut before) = (0, 0);
        while let Some(&byte) = bytes.get(end) {
            let class = BYTES[usize::from(byte)];
            if class & (SPACE | WIDE) != 0 {
                if class & SPACE != 0 || self.wide_space(end).is_some() {
                    break;
                }
                holds |= WIDE;
            }
            holds |= class;
            if byte == last && byte == before && class == LETTER {
                holds |= TRIPLE;
            }
            (last, before) = (byte, last);
            end += 1;
        }
        self.at = end;
        Some(Chunk { start, end, holds })
    }

    /// The length of the white space at byte `at`, if it is some; none also inside a character.
    fn wide_space(&self, at: usize) -> Option<usize> {
        // All white space that is not ASCII begins with one of these bytes.
        if !matches!(self.text.as_bytes()[at], 0xc2 | 0xe1 | 0xe2 | 0xe3) {
            return None;
        }
        let c = self.text.get(at..)?.chars().next()?;
        properties(c).is_white_space().then(|| c.len_utf8())
    }
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        match self.ahead.take() {
            None => self.scan(),
            held => held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn white_space_begins_with_the_bytes_that_are_looked_for() {
        for c in ('\u{80}'..=char::MAX).filter(|c| c.is_whitespace()) {
            assert!(matches!(c.encode_utf8(&mut [0; 4]).as_bytes()[0], 0xc2 | 0xe1 | 0xe2 | 0xe3), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn the_runs_are_those_between_white_space(s in "\\PC{0,20}|[a-c \\n\u{85}\u{a0}\u{2003}\u{3000}é一🔥]{0,30}") {
            let runs: Vec<&str> = Chunks::new(&s, 0).map(|c| &s[c.range()]).collect();
            prop_assert_eq!(runs, s.split_whitespace().collect::<Vec<_>>());
        }

        #[test]
        fn what_is_told_of_ascii_holds_in_general(s in "[a-eA-C0-9$@!|.,:;()_*/+'-]{1,12}") {
            let chunk = Chunks::new(&s, 0).next().unwrap();
            let (quick, any) = (chunk.may_be(&s), May::of_any(&s));
            prop_assert!(!quick.inside || any.inside || s.contains(|c| properties(c).fills()));
            prop_assert!(!quick.leet || any.leet);
            prop_assert!(!quick.triple || any.triple);
        }
    }
}
