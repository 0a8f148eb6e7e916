/*!
Signs inside words: `tele💰gram`, `菠.菜`, `カ🐘ンボジア`, `サ〇ート`.

A sign between two words is ordinary, so the word that it breaks must be known, or a part of it must be none that a word
can begin with.
*/

use std::ops::Range;

use unicode_script::Script;

use super::letters::without_leet;
use super::words::{MASK, MAX_JOINED, Watchwords, is_contact};
use crate::text::chars::{is_mark, is_unspaced, properties, script};
use crate::text::fold::is_overlay_mark;

/// A stretch to be written otherwise.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) range: Range<usize>,
    pub(super) word: String,
    /// A hyphen alone is spelling.
    pub(super) disguise: bool,
}

/// Finds the broken words of a chunk.
pub(super) fn whole_words(watchwords: &Watchwords, chunk: &str, out: &mut Vec<Whole>) {
    // The parts of the stretch that pieces and signs make, but for the part that goes on.
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut open = None;
    for (at, c) in chunk.char_indices() {
        let of = properties(c);
        if of.is_in_piece() {
            open.get_or_insert(at);
            continue;
        }
        pieces.extend(open.take().map(|start| start..at));
        if !of.fills() {
            stretch(watchwords, chunk, &pieces, at, out);
            pieces.clear();
        }
    }
    pieces.extend(open.map(|start| start..chunk.len()));
    stretch(watchwords, chunk, &pieces, chunk.len(), out);
}

/// Finds the broken words of a stretch that ends at byte `end`, signs behind the last part included.
fn stretch(watchwords: &Watchwords, chunk: &str, pieces: &[Range<usize>], end: usize, out: &mut Vec<Whole>) {
    let [first, _, ..] = pieces else { return };
    let whole = &chunk[first.start..end];
    if whole.is_ascii() && super::is_address(whole) {
        return;
    }
    if let Some(whole) = join(watchwords, chunk, pieces) {
        out.push(whole);
        return;
    }
    let mut i = 0;
    while i + 1 < pieces.len() {
        let pair = &pieces[i..i + 2];
        let found = if unspaced_before(chunk, pair[0].end) && unspaced_at(chunk, pair[1].start) {
            crossing(watchwords, chunk, pieces, i)
        } else {
            None
        };
        let found = found
            .or_else(|| if pieces.len() > 2 { join(watchwords, chunk, pair) } else { None })
            .or_else(|| impossible_parts(chunk, pair));
        if let Some(whole) = found {
            // Parts that the word has used up are not looked at again.
            while i + 1 < pieces.len() && pieces[i + 1].start < whole.range.end {
                i += 1;
            }
            out.push(whole);
        } else {
            i += 1;
        }
    }
}

/// All pieces as one watched word.
fn join(watchwords: &Watchwords, chunk: &str, pieces: &[Range<usize>]) -> Option<Whole> {
    let range = pieces.first()?.start..pieces.last()?.end;
    if range.len() > MAX_JOINED {
        return None;
    }
    let quiet = |gap: &str| gap.chars().all(|c| !is_pictograph(c));
    // Dots in a row divide.
    if pieces.windows(2).map(|p| &chunk[p[0].end..p[1].start]).any(|gap| quiet(gap) && gap.chars().count() > 1) {
        return None;
    }
    let joined: String = pieces.iter().map(|piece| &chunk[piece.clone()]).collect();
    let known = watchwords.has(&joined).then(|| joined.clone()).or_else(|| without_leet(watchwords, &joined, false));
    if let Some(word) = known {
        if !joined.chars().any(char::is_alphabetic) || joined.chars().count() < 3 {
            return None;
        }
        let shortest = pieces.iter().map(|p| chunk[p.clone()].chars().count()).min()?;
        let signs = || chunk[range.clone()].chars().filter(|&c| fills(c));
        let hyphens = signs().all(|c| c == '-');
        let loud = signs().all(|c| is_pictograph(c) || matches!(c, '*' | '~' | '^' | '•'));
        // `sales.person` lacks a space; `bo/nd` and `tele.gram` do not.
        let short = !hyphens && shortest <= 2 && joined.len() > 4 && chunk[pieces[pieces.len() - 1].clone()] != *"s";
        let broken = loud
            || hyphens && (pieces.len() > 2 || watchwords.is_first(&word))
            || short
            || is_contact(&word)
            || unspaced_before(chunk, pieces[0].end);
        return broken.then_some(Whole { range, word, disguise: !(hyphens && pieces.len() == 2) });
    }
    // One sign in the place of a letter.
    let gap = &chunk[pieces[0].end..pieces[1].start];
    let covers = gap.chars().count() == 1 && gap.chars().all(|c| is_pictograph(c) || matches!(c, '*' | '〇'));
    if pieces.len() == 2 && covers && joined.chars().count() >= 3 && joined.chars().all(char::is_alphabetic) {
        let pattern = format!("{}{MASK}{}", &chunk[pieces[0].clone()], &chunk[pieces[1].clone()]);
        let word = watchwords.masked(&pattern)?.to_owned();
        return Some(Whole { range, word, disguise: true });
    }
    None
}

/// The longest watched word that begins before the sign behind piece `i` and ends after it, in scripts whose words touch.
fn crossing(watchwords: &Watchwords, chunk: &str, pieces: &[Range<usize>], i: usize) -> Option<Whole> {
    const REACH: usize = 10;
    let before: Vec<(usize, char)> = back(chunk, &pieces[..=i]).take(REACH).collect();
    let behind: Vec<(usize, char)> = forth(chunk, &pieces[i + 1..]).take(REACH).collect();
    let mut best: Option<(usize, Whole)> = None;
    for left in 1..=before.len() {
        let next = if left > 1 { before.get(left - 2) } else { behind.first() };
        if !next.is_some_and(|next| watchwords.may_begin(before[left - 1].1, next.1)) {
            continue;
        }
        let mut word: String = before[..left].iter().rev().map(|&(_, c)| c).collect();
        for right in 1..=behind.len() {
            let (at, last) = behind[right - 1];
            word.push(last);
            let next = behind.get(right).is_some_and(|&(_, c)| is_mark(c));
            if !next && best.as_ref().is_none_or(|b| b.0 < left + right) && watchwords.lists(&word) {
                let range = before[left - 1].0..at + last.len_utf8();
                best = Some((left + right, Whole { range, word: word.clone(), disguise: true }));
            }
        }
    }
    best.map(|(_, whole)| whole)
}

fn back<'a>(chunk: &'a str, pieces: &'a [Range<usize>]) -> impl Iterator<Item = (usize, char)> + 'a {
    pieces.iter().rev().flat_map(|p| chunk[p.clone()].char_indices().rev().map(|(i, c)| (p.start + i, c)))
}

fn forth<'a>(chunk: &'a str, pieces: &'a [Range<usize>]) -> impl Iterator<Item = (usize, char)> + 'a {
    pieces.iter().flat_map(|p| chunk[p.clone()].char_indices().map(|(i, c)| (p.start + i, c)))
}

/// Two parts of which the second is none that a word of its script can begin with.
fn impossible_parts(chunk: &str, pair: &[Range<usize>]) -> Option<Whole> {
    let gap = &chunk[pair[0].end..pair[1].start];
    let (left, right) = (&chunk[pair[0].clone()], &chunk[pair[1].clone()]);
    let last = left.chars().next_back()?;
    let mut following = right.chars();
    let first = following.next()?;
    let second = following.next();
    let own = script(first);
    let sign = gap.chars().all(|c| is_pictograph(c) || c == '.');
    let kin = script(last) == own || is_mark(first) || is_mark(last) || last == 'ー';
    // A mark that decorates would not stay on the letter.
    let impossible = is_mark(first) && !is_overlay_mark(first)
        || matches!(first, 'ー' | 'ン' | 'ッ' | 'ャ' | 'ュ' | 'ョ' | 'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ')
        || own == Script::Myanmar && matches!(second, Some('\u{103a}'))
        || own == Script::Khmer && second.is_none() && gap.chars().all(is_pictograph)
        || matches!(first, 'ะ' | 'า' | 'ำ');
    (sign && kin && impossible && pair[1].end - pair[0].start <= MAX_JOINED).then(|| Whole {
        range: pair[0].start..pair[1].end,
        word: format!("{left}{right}"),
        disguise: true,
    })
}

/// Whether words touch, or are written together with what follows them.
fn unspaced(c: char) -> bool {
    is_unspaced(c) || script(c) == Script::Hangul || c == 'ー'
}

fn unspaced_before(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_some_and(unspaced)
}

fn unspaced_at(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_some_and(unspaced)
}

fn fills(c: char) -> bool {
    properties(c).fills()
}

fn is_pictograph(c: char) -> bool {
    properties(c).is_pictograph()
}
