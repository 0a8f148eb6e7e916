/*!
Folding: one form for all the ways in which the same words are written, evasion undone.

Two steps. The first goes character by character: NFKC, lower case, digits of all scripts to ASCII, quotes and dashes to
one form, invisible characters and stacked marks dropped. The second (`disguise`) goes word by word and undoes
what only words show: look-alike letters, leet, letters set apart, signs inside words, homophones. Both keep offsets,
and both note what looked like a disguise: innocent uses of the same means (joiners in Indic text and emoji, zero-width
spaces between Khmer or Thai words, bold Unicode letters) are folded without a note.
*/

mod alone;
mod case;
mod forms;

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, is_nfkc_quick};

use super::chars::is_alphanumeric;
use super::disguise::Undisguiser;
use super::map::OffsetMap;
use super::spelling::{is_reading_mark, letter};
use alone::Alone;
use case::alternating_case;
use forms::one_form;

/// A folded text, the way back, and the disguises that were taken off.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// From the folded text to the text that was folded.
    pub map: OffsetMap,
    /// What looked like a disguise, by where it stands in the text that was folded.
    pub disguises: Vec<Disguise>,
}

/// A stretch of text that was written so as to escape a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Disguise {
    /// Byte range in the text before folding.
    pub source: Range<usize>,
    /// The means.
    pub kind: DisguiseKind,
}

/// The means by which words are disguised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisguiseKind {
    /// An invisible character between letters.
    ZeroWidth,
    /// Combining marks heaped on letters.
    StackedMarks,
    /// Letters of another script that look the same.
    LookAlike,
    /// Letters set apart by spaces, dots or hyphens.
    SetApart,
    /// Digits and signs for letters.
    Leet,
    /// Emoji or other signs inside a word.
    Inside,
    /// aLtErNaTiNg case.
    AlternatingCase,
    /// Another word that sounds like, or stands for, the name of a chat service.
    Homophone,
    /// A telephone number in words.
    SpeltOut,
}

/// Folds texts. Made once, shared by threads.
#[derive(Debug)]
pub struct Folder {
    undisguiser: Undisguiser,
    alone: Alone,
}

impl Default for Folder {
    fn default() -> Folder {
        Folder::new()
    }
}

impl Folder {
    /// Reads the embedded tables.
    pub fn new() -> Folder {
        Folder { undisguiser: Undisguiser::new(), alone: Alone::new() }
    }

    /// Folds `source`.
    pub fn fold(&self, source: &str) -> Folded {
        let mut folded = Folded::default();
        self.fold_into(source, &mut folded);
        folded
    }

    /// As [`Folder::fold`], in the room of a text that was folded before.
    pub fn fold_into(&self, source: &str, folded: &mut Folded) {
        let Folded { text, map, disguises } = folded;
        disguises.clear();
        fold_characters(source, &self.alone, text, map, disguises);
        alternating_case(source, disguises);
        if let Some((undone, second)) = self.undisguiser.undo(text, map, disguises) {
            *text = undone;
            *map = second.then(map);
        }
    }
}

/// The first step: character by character.
fn fold_characters(source: &str, alone: &Alone, text: &mut String, map: &mut OffsetMap, disguises: &mut Vec<Disguise>) {
    let bytes = source.as_bytes();
    text.clear();
    text.reserve(source.len());
    map.clear();
    let mut at = 0;
    while at < bytes.len() {
        // ASCII that no mark can attach to is folded by bytes.
        if begins_ascii(&bytes[at..]) {
            let run = at + ascii_length(&bytes[at..]);
            let plain_end = if run < bytes.len() { run - 1 } else { run };
            push_ascii(&source[at..plain_end], at, text, map);
            at = plain_end;
            continue;
        }
        // Characters that stand alone. What stays as it is is copied by the run.
        let (mut same, mut mapped) = (at, at);
        let mut chars = source[at..].chars();
        let mut next = chars.next().map(|c| (c, alone.form(c)));
        while let Some((c, form)) = next {
            let following = chars.next().map(|c| (c, alone.form(c)));
            if following.is_some_and(|(_, form)| form.continues()) {
                break;
            }
            let end = at + c.len_utf8();
            if !form.is_only(c) {
                let Some(to) = form.to() else { break };
                text.push_str(&source[same..at]);
                text.push(to);
                same = end;
                if to.len_utf8() != end - at {
                    map.copied(mapped, at - mapped);
                    map.rewritten(at..end, to.len_utf8());
                    mapped = end;
                }
            }
            at = end;
            next = following.filter(|(c, _)| !c.is_ascii() || !begins_ascii(&bytes[at..]));
        }
        text.push_str(&source[same..at]);
        map.copied(mapped, at - mapped);
        if next.is_none() {
            continue;
        }
        let end = cluster_end(source, at, alone);
        if alone.stays(&source[at..end]) {
            text.push_str(&source[at..end]);
            map.rewritten(at..end, end - at);
        } else {
            fold_cluster(source, at..end, text, map, disguises);
        }
        at = end;
    }
}

/// Whether `bytes` begin with as much ASCII as is worth going by bytes.
#[inline]
fn begins_ascii(bytes: &[u8]) -> bool {
    let is_ascii = |first: &[u8; 8]| u64::from_le_bytes(*first) & 0x8080_8080_8080_8080 == 0;
    bytes.first_chunk().map_or_else(|| bytes.is_ascii(), is_ascii)
}

/// How much of `bytes` is ASCII before the first byte that is not.
fn ascii_length(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let mut length = 0;
    while let Some(block) = bytes[length..].first_chunk::<BLOCK>()
        && block.is_ascii()
    {
        length += BLOCK;
    }
    length + bytes[length..].iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len() - length)
}

fn push_ascii(s: &str, at: usize, text: &mut String, map: &mut OffsetMap) {
    let from = text.len();
    text.push_str(s);
    text[from..].make_ascii_lowercase();
    map.copied(at, s.len());
}

/// The end of the stretch from `at` that normalizes by itself: nothing after it composes with anything in it.
fn cluster_end(source: &str, at: usize, alone: &Alone) -> usize {
    let mut chars = source[at..].char_indices();
    chars.next();
    chars.find(|&(_, c)| !alone.form(c).continues()).map_or(source.len(), |(i, _)| at + i)
}

/// Whether normalization may join `c` to what stands before it.
fn continues(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    if canonical_combining_class(c) != 0 || is_ignorable(c) {
        return true;
    }
    let mut first = None;
    decompose_compatible(c, |d| {
        first.get_or_insert(d);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) != 0 || is_nfkc_quick(std::iter::once(first)) == IsNormalized::Maybe
}

fn fold_cluster(
    source: &str,
    range: Range<usize>,
    text: &mut String,
    map: &mut OffsetMap,
    disguises: &mut Vec<Disguise>,
) {
    let from = text.len();
    let mut base = None;
    let mut dropped = 0;
    let cluster = &source[range.clone()];
    for c in cluster.chars().filter(|&c| !is_ignorable(c)).nfkc().flat_map(char::to_lowercase) {
        let c = letter(one_form(c));
        if is_overlay_mark(c) && base.is_some_and(takes_no_loose_marks) || is_reading_mark(c) {
            dropped += is_overlay_mark(c) as usize;
            // Of a heap of marks the first may have composed with the letter: it is heaped like the rest.
            if let Some(bare) = base.and_then(|letter| under_heap(letter, c))
                && text[from..].ends_with(base.unwrap_or_default())
            {
                text.pop();
                text.push(bare);
                base = Some(bare);
            }
            continue;
        }
        if canonical_combining_class(c) == 0 {
            base = Some(c);
        }
        text.push(c);
    }
    if dropped > 1 {
        disguises.push(Disguise { source: range.clone(), kind: DisguiseKind::StackedMarks });
    }
    if let Some((i, _)) = cluster.char_indices().find(|&(_, c)| is_zero_width(c)) {
        let at = range.start + i;
        // A mark may stand between the letter and the sign; looking further would cost more than linear time.
        let before = source[..at].char_indices().rev().take(4).find(|&(_, c)| !is_ignorable(c) && !is_reading_mark(c));
        let after = source[at..].chars().take(8).find(|&c| !is_ignorable(c));
        let sign = source[at..].chars().next().unwrap_or_default();
        if let (Some((start, b)), Some(a)) = (before, after)
            && hides_between(b, sign)
            && hides_between(a, sign)
            // Where two lines were run together the sign is what is left of the break.
            && !(b.is_lowercase() && a.is_uppercase())
        {
            disguises.push(Disguise { source: word_around(source, start..range.end), kind: DisguiseKind::ZeroWidth });
        }
    }
    let folded = &text[from..];
    if folded.len() == cluster.len() && folded.chars().count() == 1 {
        map.copied(range.start, cluster.len());
    } else {
        let len = folded.len();
        map.rewritten(range, len);
    }
}

/// Characters that show nothing: dropped wherever they stand.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The ignorable characters that can hide inside a word. Soft hyphens are left out: typesetters put them there.
fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}')
}

/// Letters of scripts that have no use for invisible characters between them.
fn hides_between(c: char, sign: char) -> bool {
    // Joiners spell in Persian, Urdu and Indic words; Thai and Lao know only the space of no width.
    if matches!(sign, '\u{200b}' | '\u{2060}' | '\u{feff}')
        && matches!(c, '\u{620}'..='\u{6d3}' | '\u{900}'..='\u{bff}')
    {
        return true;
    }
    if sign != '\u{200b}' && matches!(c, '\u{e01}'..='\u{eff}') {
        return true;
    }
    c.is_ascii_alphanumeric()
        || matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{52f}' | '\u{1e00}'..='\u{1eff}' | '\u{3040}'..='\u{30ff}'
            | '\u{4e00}'..='\u{9fff}')
}

/// The range with the rest of the word, as far as a word reaches.
fn word_around(source: &str, range: Range<usize>) -> Range<usize> {
    const REACH: usize = 20;
    let inside = |c: &char| is_alphanumeric(*c) || is_ignorable(*c) || canonical_combining_class(*c) != 0;
    let before: usize = source[..range.start].chars().rev().take(REACH).take_while(inside).map(char::len_utf8).sum();
    let behind: usize = source[range.end..].chars().take(REACH).take_while(inside).map(char::len_utf8).sum();
    range.start - before..range.end + behind
}

/// Marks that decorate or strike through; the ones that spell have composed with their letter before.
pub(super) fn is_overlay_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20f0}' | '\u{fe20}'..='\u{fe2f}')
}

/// The letter without its marks when one more is heaped on it; none where languages write both (Yoruba `ọ̀`, `ẹ́`).
fn under_heap(letter: char, mark: char) -> Option<char> {
    if !is_overlay_mark(mark) || matches!((letter, mark), ('ẹ' | 'ọ', '\u{300}' | '\u{301}' | '\u{304}')) {
        return None;
    }
    let mut bare = None;
    decompose_compatible(letter, |c| {
        bare.get_or_insert(c);
    });
    bare.filter(|&bare| bare != letter)
}

fn takes_no_loose_marks(base: char) -> bool {
    base.is_ascii() || matches!(base, '\u{80}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}' | '\u{2000}'..='\u{2bff}')
}

#[cfg(test)]
mod tests;
