/*!
Letters set apart: `t.e.l.e.g.r.a.m`, `w h a t s a p p`, `C a m b.o.d i a`.
*/

use std::ops::Range;

use unicode_script::Script;

use super::chunks::Chunk;
use super::letters::{LookAlikes, leet, readings};
use super::words::{MAX_JOINED, Watchwords, is_contact};
use crate::text::chars::{is_alphabetic, is_alphanumeric, is_mark, properties, script};

/// Fewer letters are not joined.
const FEWEST_LETTERS: usize = 4;

/// What set-apart letters say.
pub(super) struct Joined {
    pub(super) range: Range<usize>,
    pub(super) words: String,
    /// Not only a headline in spaced letters.
    pub(super) disguise: bool,
}

/// Whether a chunk has letters, or signs for letters, and no two of them side by side.
pub(super) fn is_loose(chunk: &str) -> bool {
    // Nearly all chunks are words, and need no trimming to be seen to be.
    let is_word =
        |chunk: &str| matches!(chunk.as_bytes(), [a, b, ..] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric());
    if is_word(chunk) {
        return false;
    }
    let chunk = chunk.trim_start_matches(['"', '(', '「', '[']).trim_end_matches(closes);
    if is_word(chunk) {
        return false;
    }
    let mut after_letter = false;
    for c in chunk.chars() {
        if is_letter(c) {
            if after_letter {
                return false;
            }
            after_letter = true;
        } else if separates(c) {
            after_letter = false;
        } else if !(after_letter && is_mark(c)) {
            return false;
        }
    }
    chunk.len() <= MAX_JOINED * 2
}

/// Punctuation that may stand behind a word.
pub(super) fn closes(c: char) -> bool {
    matches!(c, '"' | ')' | ']' | '」' | ':' | ',' | '!' | '?')
}

fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_lowercase() || matches!(c, '$' | '@') || c.is_ascii_digit() && leet(c).is_some();
    }
    properties(c).is_loose_letter()
}

fn separates(c: char) -> bool {
    properties(c).separates()
}

/// What the loose chunks of a run say together; a word of one letter may stand before or behind.
pub(super) fn join(watchwords: &Watchwords, look_alikes: &LookAlikes, text: &str, run: &[Chunk]) -> Option<Joined> {
    let whole = run.first()?.start..run.last()?.end;
    if whole.len() > MAX_JOINED * 4 {
        return None;
    }
    // Four letters at least, whatever is left out.
    if run.iter().map(|chunk| chunk.range().len()).sum::<usize>() < FEWEST_LETTERS {
        return None;
    }
    let spread = |run: &[Chunk]| -> Option<Joined> {
        let (first, last) = (run.first()?, run.last()?);
        let piece = &text[first.start..last.end];
        let joined: String = piece.chars().filter(|&c| is_letter(c) || is_mark(c)).collect();
        let letters = joined.chars().filter(|&c| is_letter(c)).count();
        let real = joined.chars().filter(|&c| is_alphabetic(c)).count();
        if letters < FEWEST_LETTERS || real < 2 || real * 2 < letters {
            return None;
        }
        let start = first.start + piece.find(is_letter)?;
        let end = first.start + piece.trim_end_matches(|c| separates(c) || closes(c)).len();
        let words = watchwords
            .segment(&joined)
            .or_else(|| readings(&joined).iter().find_map(|reading| watchwords.segment(reading)))
            .or_else(|| watchwords.segment(&look_alikes.latin(&joined).filter(|latin| *latin != joined)?))
            .or_else(|| whatever_it_is(&joined, letters, run.len()).then(|| joined.clone()))?;
        // Four dotted letters may be a name: read as a word where they spell one, and held against nobody.
        let may_be_a_name = run.len() == 1 && letters < 5 && !is_contact(&words);
        let disguise =
            !may_be_a_name && (run.len() == 1 || is_contact(&words) || !is_alone_on_its_line(text, &(start..end)));
        Some(Joined { range: start..end, words, disguise })
    };
    let n = run.len();
    spread(run).or_else(|| spread(&run[1..])).or_else(|| spread(&run[..n - 1]))
}

/// Whether letters are set apart as no abbreviation and no list is, so that they are joined though the word is not known.
fn whatever_it_is(joined: &str, letters: usize, chunks: usize) -> bool {
    let arabic = joined.chars().all(|c| script(c) == Script::Arabic);
    if arabic {
        return letters >= 4 && chunks >= 4;
    }
    let in_order = joined.as_bytes().windows(2).all(|w| w[0] <= w[1]);
    let vowels = joined.chars().filter(|c| "aeiouyаеиоуыэюя".contains(*c)).count();
    let set_apart = chunks == 1 && letters >= 5 || chunks == letters && letters >= 6;
    set_apart && joined.chars().all(char::is_alphabetic) && !in_order && vowels * 5 >= letters
}

/// Whether nothing else is written on the line.
fn is_alone_on_its_line(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].chars().rev().find(|&c| c == '\n' || is_alphanumeric(c));
    let behind = text[range.end..].chars().find(|&c| c == '\n' || is_alphanumeric(c));
    before.is_none_or(|c| c == '\n') && behind.is_none_or(|c| c == '\n')
}
