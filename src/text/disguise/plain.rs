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
    pub(super) fn plain(&self, walk: &mut Walk<'_>, at: usize, foreign: &Foreign<'_>) -> Plain {
        walk.at = at;
        let text = walk.text;
        let mut last = None;
        let mut before: Option<Range<usize>> = None;
        // Loose runs in a row, and where the first of them begins: what follows may belong to the same word.
        let (mut loose, mut loose_from) = (0, at);
        // An address in words is known by its second word.
        let is_address = |before: &Option<Range<usize>>, second: Range<usize>| {
            before.as_ref().is_some_and(|first| spelt::is_at(&text[second]) && self.mail(text, first.start).is_some())
        };
        loop {
            // Runs that are plain to see.
            let mut starts = walk.plain_starts();
            if starts != 0 {
                let blank = walk.blank;
                let range = |start: u32| {
                    let length = (blank >> start).trailing_zeros();
                    walk.block + start as usize..walk.block + (start + length) as usize
                };
                let first = starts.trailing_zeros();
                let mut previous = None;
                let newest = range(63 - starts.leading_zeros());
                while starts != 0 {
                    let start = starts.trailing_zeros();
                    starts &= starts - 1;
                    if self.digits.may_be_spelt(text, walk.block + start as usize) {
                        let run = range(start);
                        // The run before it, in this block or from the one before.
                        let before = if start == first { before.clone() } else { previous.map(range) };
                        if is_address(&before, run.clone()) {
                            let from = before.map_or(run.start, |before| before.start);
                            return Plain { end: if start == first && loose > 0 { loose_from } else { from }, last };
                        }
                        if self.number(text, run.clone()).is_some() {
                            return Plain {
                                end: run.start,
                                last: before.filter(|_| start != first || loose == 0).or(last),
                            };
                        }
                    }
                    previous = Some(start);
                }
                (loose, walk.at) = (0, newest.end);
                (before, last) = (Some(newest.clone()), Some(newest));
            }
            let Some((range, run)) = walk.next(foreign) else { return Plain { end: text.len(), last } };
            let may_be_spelt = run == Run::Suspect || self.digits.may_be_spelt(text, range.start);
            if may_be_spelt && is_address(&before, range.clone()) {
                let from = before.map_or(range.start, |before| before.start);
                return Plain { end: if loose > 0 { loose_from } else { from }, last };
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
    }
}

/// A way through a text, a block at a time.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    text: &'a str,
    /// How far it was gone.
    at: usize,
    /// Where the block begins that the masks tell of; none was read where that is behind the text.
    block: usize,
    /// White space of ASCII.
    blank: u64,
    /// What is no ASCII.
    wide: u64,
    /// What makes a run of ASCII suspect.
    suspect: u64,
    /// Small letters of ASCII behind others.
    second: u64,
    /// Letters and digits of ASCII.
    letters: u64,
    digits: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str) -> Walk<'a> {
        let block = usize::MAX;
        Walk { text, at: 0, block, blank: 0, wide: 0, suspect: 0, second: 0, letters: 0, digits: 0 }
    }

    /// How far in the block the way is; none where another block has to be read.
    #[inline]
    fn place(&self) -> Option<u32> {
        self.at.checked_sub(self.block).filter(|&place| place < BLOCK).map(|place| place as u32)
    }

    /// Where the runs begin that are plain, end in the block, and stand before the first other one.
    #[inline]
    fn plain_starts(&mut self) -> u64 {
        if self.at >= self.text.len() {
            return 0;
        }
        let place = match self.place() {
            Some(place) if self.blank >> place != 0 => place,
            _ => {
                self.load();
                0
            }
        };
        let ahead = u64::MAX << place;
        let blank = self.blank & ahead;
        if blank == 0 {
            return 0;
        }
        let starts = !self.blank & (self.blank << 1 | 1 << place) & ahead;
        // Added to the bytes that are no second letters, a start goes on to the end of its run where there is none.
        let loose = (!self.blank & !self.second & ahead).wrapping_add(starts) & blank;
        let bad = (self.suspect | self.wide | loose) & ahead;
        let ended = starts & low(63 - blank.leading_zeros());
        match bad.trailing_zeros() {
            64 => ended,
            first => {
                let before = starts & (low(first) | 1 << first);
                if before == 0 { 0 } else { ended & low(63 - before.leading_zeros()) }
            }
        }
    }

    /// The next run. One that is suspect is the last.
    fn next(&mut self, foreign: &Foreign<'_>) -> Option<(Range<usize>, Run)> {
        loop {
            if self.at >= self.text.len() {
                return None;
            }
            let Some(place) = self.place() else {
                self.load();
                continue;
            };
            let blank = self.blank >> place;
            let (gap, left) = (blank.trailing_ones(), BLOCK as u32 - place);
            if gap > 0 {
                self.at += gap as usize;
                continue;
            }
            let length = blank.trailing_zeros();
            if length >= left {
                if place == 0 {
                    return Some(self.wide_run(foreign));
                }
                self.load();
                continue;
            }
            let within = low(length) << place;
            if self.wide & within != 0 {
                return Some(self.wide_run(foreign));
            }
            let range = self.at..self.at + length as usize;
            self.at = range.end;
            let run = if self.suspect & within != 0 {
                // Numbers hide nothing; a single digit may stand for a letter.
                if self.letters & within != 0 {
                    Run::Suspect
                } else if self.digits & self.digits << 1 & within != 0 {
                    Run::Plain
                } else if self.suspect & within & !self.digits == 0 {
                    Run::Loose
                } else {
                    Run::Suspect
                }
            } else if self.second & within == 0 {
                Run::Loose
            } else {
                Run::Plain
            };
            return Some((range, run));
        }
    }

    /// A run of which not all is ASCII, or whose end is out of sight.
    fn wide_run(&mut self, foreign: &Foreign<'_>) -> (Range<usize>, Run) {
        let (length, run) = run(&self.text[self.at..], foreign);
        let range = self.at..self.at + length;
        self.at = range.end;
        (range, run)
    }

    /// Fills the masks with the block that begins here.
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
        let (Some(here), Some(next)) = (bytes.first_chunk().map(Block::new), bytes.last_chunk().map(Block::new)) else {
            return;
        };
        let blank = here.mask(|v| v.is(b' ') | v.between(b'\t', b'\r'));
        let letters = here.mask(|v| v.between(b'a', b'z'));
        let digits = here.mask(|v| v.between(b'0', b'9'));
        // These never hide anything, and the others not behind a word.
        let quiet = here.mask(|v| v.between(b'&', b')'));
        let behind = here.mask(|v| v.between(b'&', b'/') | v.between(b':', b'?') | v.is(b'!'));
        let same = here.same(&next);
        let mut ends = behind & blank >> 1;
        for _ in 0..3 {
            ends |= behind & ends >> 1;
        }
        self.block = self.at;
        (self.blank, self.wide) = (blank, here.wide());
        self.suspect = letters & same & same >> 1 | !(letters | blank | quiet | ends | self.wide);
        self.second = letters & letters << 1;
        let capitals = here.mask(|v| v.between(b'A', b'Z'));
        (self.letters, self.digits) = (letters | capitals, digits);
    }
}

/// What the run is that `rest` begins with, and its length.
fn run(rest: &str, foreign: &Foreign<'_>) -> (usize, Run) {
    const SUSPECT: (usize, Run) = (0, Run::Suspect);
    let mut length = rest.len();
    let (mut last, mut before) = ('\0', '\0');
    let mut of_last = Properties::default();
    // What some character is, and what two are.
    let (mut some, mut two) = (Properties::default(), Properties::default());
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        let of = properties(c);
        if of.goes_on(of_last) {
            return SUSPECT;
        }
        if of.is_sign() {
            let behind = chars.as_str();
            let at = rest.len() - behind.len() - c.len_utf8();
            if is_blank(c) {
                length = at;
                break;
            }
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
        if c == last && last == before {
            return SUSPECT;
        }
        // What hangs on a virama is no second letter.
        two = if of_last.links() { two } else { two | some & of };
        some = some | of;
        (last, before, of_last) = (c, last, of);
    }
    if some.may_be_alike() && (some.is_plain_latin() || foreign.is_so()) {
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
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::text::disguise::rows::Signs;
    use crate::text::fold::Disguise;
    use crate::text::map::OffsetMap;

    /// What disguises are made of, and what only looks like it.
    const PIECES: &str = "a b at (at) [at] @ dot gmail com x.y one two three o oh plus + double 7 1 5 30,000 tele gram \
                          telegram line id : h0t the office zapл pa работа к г. а е о один два три के म में काम ب ین งาน นนน \
                          ด่วน หนึ่ง 招 聘 加 賴 微 信 v 一 二 〇 🔥 ❤ ・ · ۔ . , - / ! | $ \" ( ) ' İ é ß việc aaa";

    fn pieces() -> impl Strategy<Value = String> {
        let mut pieces: Vec<&str> = PIECES.split(' ').collect();
        pieces.extend([" "; 30]);
        pieces.extend(["  ", "\n", "\t", "\u{2003}", "\u{1680}"]);
        pieces.push("a sentence that is long enough to fill a block of bytes, and then some more of it");
        prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|all| all.concat())
    }

    /// The text without a layer, and the disguises in it.
    type Layer = (Option<(String, OffsetMap)>, Vec<Disguise>);

    /// What a layer gives where every run is looked at, and where plain ones are passed over.
    fn both(text: &str) -> [Layer; 2] {
        static UNDISGUISER: LazyLock<Undisguiser> = LazyLock::new(Undisguiser::new);
        let undisguiser = &*UNDISGUISER;
        let base = OffsetMap::identity(text.len());
        let (mut all, mut some) = (Vec::new(), Vec::new());
        let slow = undisguiser
            .layer_but(text, &base, &mut all, &mut Signs::default(), |_, at, _| Plain { end: at, last: None });
        let quick = undisguiser.layer(text, &base, &mut some, &mut Signs::default());
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
