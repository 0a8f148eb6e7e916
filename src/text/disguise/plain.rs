/*!
Where a text hides nothing, so that nothing there is looked at more closely.

Nearly all runs between spaces are plain: letters of one script, two of them or more, and ordinary punctuation behind
them. That is seen by blocks of bytes while a text is ASCII, and by one look into the table of characters where it is not.
What is said here is only that a run has to be looked at or that it has not; what is to be done with it is said in the
other modules of this step, and the tests hold both to the same result.
*/

use std::ops::Range;

use super::letters::Foreign;
use super::{Undisguiser, spelt};
use crate::text::chars::{Properties, properties};
use crate::text::lanes::{BLOCK, Block, low};

/// So many loose runs one after another may be letters set apart: fewer hold too few letters.
const MOST_LOOSE: usize = 3;
/// Punctuation behind a word that is looked through; longer rows of it are rare.
const MOST_BEHIND: usize = 8;

/// How far a text is plain.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plain {
    /// Where the first run begins that has to be looked at, or white space in front of it.
    pub(super) end: usize,
    /// The last run before it, unless that is loose or there is none.
    pub(super) last: Option<Range<usize>>,
}

/// What a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// Nothing is hidden in it.
    Plain,
    /// Nothing is hidden in it alone, but it may be a letter of a word whose letters are set apart.
    Loose,
    /// It has to be looked at.
    Suspect,
}

impl Undisguiser {
    /// How far the text is plain from byte `at`, where a run begins or white space stands. `foreign` tells whether the
    /// text is Latin with look-alikes.
    pub(super) fn plain(&self, text: &str, at: usize, foreign: &Foreign<'_>) -> Plain {
        let mut walk = Walk::new(text, at);
        let mut last = None;
        let mut before: Option<Range<usize>> = None;
        // Loose runs in a row, and where the first of them begins: what follows may belong to the same word.
        let (mut loose, mut loose_from) = (0, at);
        while let Some((range, run)) = walk.next(foreign) {
            let words = &text[range.clone()];
            let may_be_spelt = run == Run::Suspect || self.digits.may_be_spelt(text, range.start);
            // An address in words is known by its second word.
            if let Some(first) = before.take()
                && may_be_spelt
                && spelt::is_at(words)
                && self.mail(text, first.start).is_some()
            {
                return Plain { end: if loose > 0 { loose_from } else { first.start }, last };
            }
            match run {
                Run::Suspect => return Plain { end: if loose > 0 { loose_from } else { range.start }, last },
                Run::Loose => {
                    if loose == 0 {
                        loose_from = range.start;
                    }
                    loose += 1;
                    if loose > MOST_LOOSE || self.number(text, range.clone()).is_some() {
                        return Plain { end: loose_from, last };
                    }
                }
                Run::Plain => {
                    loose = 0;
                    if may_be_spelt && self.number(text, range.clone()).is_some() {
                        return Plain { end: range.start, last };
                    }
                    last = Some(range.clone());
                }
            }
            before = Some(range);
        }
        Plain { end: text.len(), last }
    }
}

/// The runs of a text with what they are.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    /// How many bytes from `at` on the masks tell of.
    left: u32,
    /// White space of ASCII.
    blank: u64,
    /// What is no ASCII.
    wide: u64,
    /// What makes a run of ASCII suspect.
    suspect: u64,
    /// Small letters of ASCII behind others.
    second: u64,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str, at: usize) -> Walk<'a> {
        Walk { text, at, left: 0, blank: 0, wide: 0, suspect: 0, second: 0 }
    }

    /// The next run. One that is suspect is the last.
    #[inline]
    fn next(&mut self, foreign: &Foreign<'_>) -> Option<(Range<usize>, Run)> {
        loop {
            self.forward(self.blank.trailing_ones().min(self.left));
            let length = self.blank.trailing_zeros();
            if length < self.left {
                let within = low(length);
                let range = self.at..self.at + length as usize;
                if self.wide & within != 0 {
                    return Some(self.wide_run(foreign));
                }
                let run = if self.suspect & within != 0 {
                    Run::Suspect
                } else if self.second & within == 0 {
                    Run::Loose
                } else {
                    Run::Plain
                };
                self.forward(length);
                return Some((range, run));
            }
            if self.at >= self.text.len() {
                return None;
            }
            if self.left == BLOCK as u32 {
                return Some(self.wide_run(foreign));
            }
            self.load();
        }
    }

    /// A run of which not all is ASCII, or whose end is out of sight.
    fn wide_run(&mut self, foreign: &Foreign<'_>) -> (Range<usize>, Run) {
        let rest = &self.text[self.at..];
        let (length, run) = run(rest, foreign);
        let range = self.at..self.at + length;
        match u32::try_from(length) {
            Ok(length) if length < self.left => self.forward(length),
            _ => (self.at, self.left) = (range.end, 0),
        }
        (range, run)
    }

    #[inline]
    fn forward(&mut self, bytes: u32) {
        let on = |mask: u64| mask.checked_shr(bytes).unwrap_or(0);
        self.at += bytes as usize;
        self.left -= bytes;
        (self.blank, self.wide) = (on(self.blank), on(self.wide));
        (self.suspect, self.second) = (on(self.suspect), on(self.second));
    }

    /// Fills the masks.
    fn load(&mut self) {
        // Behind the end is white space.
        let mut end = [b' '; BLOCK + 1];
        let rest = &self.text.as_bytes()[self.at..];
        let bytes = match rest.first_chunk() {
            Some(bytes) => bytes,
            None => {
                end[..rest.len()].copy_from_slice(rest);
                &end
            }
        };
        let [here, next] = [0, 1].map(|from| bytes[from..].first_chunk().map(Block::new));
        let (Some(here), Some(next)) = (here, next) else { return };
        let blank = here.mask(|v| v.is(b' ') | v.between(b'\t', b'\r'));
        let letters = here.mask(|v| v.between(b'a', b'z'));
        // These never hide anything, and the others not behind a word.
        let quiet = here.mask(|v| v.between(b'&', b')'));
        let behind = here.mask(|v| v.between(b'&', b'/') | v.between(b':', b'?') | v.is(b'!'));
        let same = here.same(&next);
        let mut ends = behind & blank >> 1;
        for _ in 0..3 {
            ends |= behind & ends >> 1;
        }
        self.left = BLOCK as u32;
        (self.blank, self.wide) = (blank, here.wide());
        self.suspect = letters & same & same >> 1 | !(letters | blank | quiet | ends);
        self.second = letters & letters << 1;
    }
}

/// What the run is that `rest` begins with, and its length.
fn run(rest: &str, foreign: &Foreign<'_>) -> (usize, Run) {
    const SUSPECT: (usize, Run) = (0, Run::Suspect);
    let mut length = rest.len();
    let (mut last, mut before) = ('\0', '\0');
    let mut of_last = Properties::default();
    // What some character is, what two are, and whether Latin letters are among them.
    let (mut some, mut two, mut latin) = (Properties::default(), Properties::default(), false);
    for (at, c) in rest.char_indices() {
        let of = properties(c);
        if of.is_sign() {
            if is_blank(c) {
                length = at;
                break;
            }
            let behind = &rest[at + c.len_utf8()..];
            if let Some(more) = only_behind(c, behind) {
                // What stands behind a word parts no letters.
                if !two.is_loose_letter() {
                    some = some | of;
                }
                length = at + 1 + more;
                break;
            }
            if !of.fills() || c == '|' || of_last.is_in_piece() && begins_piece(behind) {
                return SUSPECT;
            }
        }
        if c == last && last == before
            || of.is_digit_word() && of_last.is_digit_word()
            || of_last.may_begin_homophone(of)
        {
            return SUSPECT;
        }
        latin |= of.is_plain_latin();
        two = two | some & of;
        some = some | of;
        (last, before, of_last) = (c, last, of);
    }
    if some.may_be_alike() && (latin || foreign.is_so()) {
        return SUSPECT;
    }
    // Two letters that nothing parts stand side by side, but for marks.
    if some.is_not_loose() || two.is_loose_letter() && !some.separates() {
        (length, Run::Plain)
    } else if some.separates() {
        SUSPECT
    } else {
        (length, Run::Loose)
    }
}

/// White space of ASCII.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// Whether `c` stands behind a word and nothing but its like follows in the run: how many bytes.
fn only_behind(c: char, rest: &str) -> Option<usize> {
    let is_behind = |b: u8| matches!(b, b'&'..=b'/' | b':'..=b'?' | b'!');
    let more = rest.bytes().take(MOST_BEHIND).take_while(|&b| is_behind(b)).count();
    let ended = rest.as_bytes().get(more).is_none_or(|&b| is_blank(b.into()));
    (u8::try_from(c).is_ok_and(is_behind) && ended).then_some(more)
}

/// Whether a part of a word follows, signs that part words left out.
fn begins_piece(rest: &str) -> bool {
    rest.chars().map(properties).find(|of| !of.fills()).is_some_and(Properties::is_in_piece)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::fold::Disguise;
    use crate::text::map::OffsetMap;

    fn pieces() -> impl Strategy<Value = String> {
        let pieces = [
            "a", "b", "at", "(at)", "[at]", "@", "dot", "gmail", "com", "x.y", "one", "two", "three", "o", "oh", "plus",
            "+", "double", "7", "1", "5", "30,000", "tele", "gram", "telegram", "line", "id", ":", "h0t", "the", "office",
            "zapл", "pa", "работа", "к", "г.", "а", "е", "о", "один", "два", "три", "के", "म", "में", "काम", "ب", "ین", "งาน",
            "นนน", "ด่วน", "หนึ่ง", "招", "聘", "加", "賴", "微", "信", "v", "一", "二", "🔥", "❤", "・", "·", "۔", ".", ",", "-",
            "/", "!", "|", "$", "\"", "(", ")", "'", "İ", "é", "ß", "việc", "aaa", " ", " ", " ", " ", " ", "  ", "\n", "\u{2003}",
            "\u{1680}", "\t", "a sentence that is long enough to fill a block of bytes and some more of it",
        ];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|all| all.concat())
    }

    /// What a layer gives where every run is looked at, and where plain ones are passed over.
    fn both(text: &str) -> [(Option<(String, OffsetMap)>, Vec<Disguise>); 2] {
        let undisguiser = Undisguiser::new();
        let base = OffsetMap::identity(text.len());
        let (mut all, mut some) = (Vec::new(), Vec::new());
        let slow = undisguiser.layer_but(text, &base, &mut all, |at, _| Plain { end: at, last: None });
        let quick = undisguiser.layer(text, &base, &mut some);
        [(slow, all), (quick, some)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn nothing_is_hidden_where_a_text_is_plain(text in pieces()) {
            let [slow, quick] = both(&text);
            prop_assert_eq!(slow, quick);
        }

        #[test]
        fn nor_in_any_other_text(text in "\\PC{0,90}|[a-e .,!'()&0-5@$-]{0,200}|([a-e]{1,3}[ .,-]){0,60}") {
            let [slow, quick] = both(&text);
            prop_assert_eq!(slow, quick);
        }
    }
}
