//! The words of a chunk, leet signs among their letters.

use std::ops::Range;

use super::letters::{LONGEST_LEET, leet};
use crate::text::chars::properties;

/// The stretches of letters and leet signs in a chunk.
pub(super) fn words(chunk: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let inside = is_of_word;
        let start = at + chunk[at..].find(inside)?;
        let end = chunk[start..].find(|c| !inside(c)).map_or(chunk.len(), |n| start + n);
        at = end;
        Some(start..end)
    })
}

/// Those of [`words`] that hold a leet sign and are not too long to be read without it.
pub(super) fn leet_words(chunk: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let sign = at + chunk.as_bytes()[at..].iter().position(|&b| leet(b.into()).is_some())?;
            let within = |chars: &mut dyn Iterator<Item = char>| -> usize {
                chars.take(LONGEST_LEET + 1).take_while(|&c| is_of_word(c)).map(char::len_utf8).sum()
            };
            let start = sign - within(&mut chunk[..sign].chars().rev());
            let end = sign + within(&mut chunk[sign..].chars());
            at = sign + 1;
            if end - start <= LONGEST_LEET {
                at = end;
                return Some(start..end);
            }
        }
    })
}

/// Whether `c` is a letter, a sign for one, or a mark.
fn is_of_word(c: char) -> bool {
    let of = properties(c);
    of.is_alphanumeric() || of.is_mark() || leet(c).is_some()
}
