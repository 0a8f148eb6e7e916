/*!
Letters set apart: `t.e.l.e.g.r.a.m`, `w h a t s a p p`, `C a m b.o.d i a`.
*/

use std::cell::LazyCell;
use std::ops::Range;

use super::chunks::{Chunk, Chunks};
use super::clusters::{Class, are_listed, are_words, behind, cluster, has_vowels, is_bare_consonant};
use super::letters::{LookAlikes, leet, readings};
use super::rows::{Row, SEVERAL_WORDS, Signs};
use super::words::{MAX_JOINED, Reading, Watchwords, is_contact};
use crate::text::around::{closes, opens};
use crate::text::chars::{is_alphabetic, is_alphanumeric, properties};

/// A run of set-apart letters has no more chunks.
const MOST_APART: usize = 120;
/// Fewer letters are not joined.
const FEWEST_LETTERS: usize = 4;
/// So many letters are joined whatever they say.
const CERTAIN: usize = 6;
/// The same where a letter is as much as a syllable.
const CERTAIN_SYLLABLES: usize = 5;

/// Whether a chunk has letters, or signs for letters, and no two of them side by side.
pub(super) fn is_loose(chunk: &str) -> bool {
    // Nearly all chunks are words, and need no trimming to be seen to be.
    let is_word =
        |chunk: &str| matches!(chunk.as_bytes(), [a, b, ..] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric());
    if is_word(chunk) {
        return false;
    }
    let chunk = chunk.trim_start_matches(opens).trim_end_matches(closes);
    if is_word(chunk) {
        return false;
    }
    let (mut at, mut after_letter) = (0, false);
    while let Some(c) = chunk[at..].chars().next() {
        if let Some(length) = unit(c, &chunk[at..]) {
            if after_letter {
                return false;
            }
            after_letter = true;
            at += length;
        } else if separates(c) {
            after_letter = false;
            at += c.len_utf8();
        } else {
            return false;
        }
    }
    chunk.len() <= MAX_JOINED * 2
}

/// The loose run of chunks that begins with this one, as far as it may be one word or several.
pub(super) fn run(text: &str, first: Chunk, chunks: &mut Chunks<'_>, run: &mut Vec<Chunk>) {
    run.clear();
    run.push(first);
    let mut end = first.end;
    let mut class = class_of(&text[first.range()]);
    while run.len() < MOST_APART
        && text[end..].starts_with(' ')
        && !text[..end].ends_with(closes)
        && !stops(text, run, class)
        && let Some(next) = chunks.peek()
        && next.start == end + 1
        && !text[next.start..].starts_with(opens)
        && is_loose(&text[next.range()])
        && let of_next = class_of(&text[next.range()])
        && are_kin(class, of_next)
    {
        class = class.or(of_next);
        end = next.end;
        run.push(next);
        chunks.next();
    }
}

/// Whether the stop behind the last letter ends the sentence: there was none behind the letters before.
fn stops(text: &str, run: &[Chunk], class: Option<Class>) -> bool {
    let stop = |chunk: &Chunk| text[chunk.range()].ends_with('.') && class_of(&text[chunk.range()]).is_some();
    match run {
        [.., before, last] => stop(last) && (!stop(before) || class == Some(Class::Unspaced)),
        [last] => stop(last) && class == Some(Class::Unspaced),
        [] => false,
    }
}

/// Whether chunks of these classes may be of one word. Signs and digits stand for letters in all but unspaced scripts.
fn are_kin(class: Option<Class>, next: Option<Class>) -> bool {
    let is_unspaced = |class| class == Some(Class::Unspaced);
    class == next || (class.is_none() || next.is_none()) && !is_unspaced(class) && !is_unspaced(next)
}

/// The class of the first letter of a chunk.
fn class_of(chunk: &str) -> Option<Class> {
    chunk.chars().find_map(Class::of)
}

/// The length of what stands for one letter at the beginning of `rest`, whose first character is `c`.
fn unit(c: char, rest: &str) -> Option<usize> {
    match cluster(rest) {
        Some((length, _)) => Some(length),
        None => is_letter(c).then(|| c.len_utf8() + behind(c, &rest[c.len_utf8()..])),
    }
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
pub(super) fn join(
    watchwords: &Watchwords,
    look_alikes: &LookAlikes,
    text: &str,
    run: &[Chunk],
    known: &Signs,
) -> Option<Row> {
    // Four letters at least, whatever is left out.
    if run.iter().map(|chunk| chunk.range().len()).sum::<usize>() < FEWEST_LETTERS {
        return None;
    }
    let spread = |run: &[Chunk]| Spread::of(text, run)?.row(watchwords, look_alikes, text, known);
    // A digit that stands apart on either side is a number, unless the letters lack it.
    let is_number = |chunk: &Chunk| {
        let chunk = &text[chunk.range()];
        chunk.bytes().any(|b| b.is_ascii_digit()) && !chunk.contains(['$', '@']) && class_of(chunk).is_none()
    };
    if let (Some(from), Some(to)) = (run.iter().position(|c| !is_number(c)), run.iter().rposition(|c| !is_number(c)))
        && to - from + 1 < run.len()
        && let Some(row) = spread(&run[from..=to])
    {
        return Some(row);
    }
    let n = run.len();
    spread(run).or_else(|| spread(run.get(1..)?)).or_else(|| spread(run.get(..n - 1)?))
}

/// The letters of a run.
struct Spread {
    letters: Vec<Range<usize>>,
    chunks: usize,
    class: Class,
}

impl Spread {
    fn of(text: &str, run: &[Chunk]) -> Option<Spread> {
        let (first, last) = (run.first()?, run.last()?);
        // Most runs of digits are numbers: without a letter they say nothing.
        let class = class_of(&text[first.start..last.end])?;
        let mut letters = Vec::new();
        let mut at = first.start;
        while at < last.end
            && let Some(c) = text[at..].chars().next()
        {
            match unit(c, &text[at..last.end]) {
                Some(length) => {
                    letters.push(at..at + length);
                    at += length;
                }
                None => at += c.len_utf8(),
            }
        }
        let real = letters.iter().filter(|at| text[at.start..].starts_with(is_alphabetic)).count();
        let enough = letters.len() >= FEWEST_LETTERS
            && match class {
                Class::Unspaced => run.len() == letters.len(),
                Class::Alphabet => real >= 2 && real * 2 >= letters.len(),
                _ => real == letters.len(),
            }
            && (class == Class::Unspaced || last.end - first.start <= MAX_JOINED * 4);
        enough.then_some(Spread { letters, chunks: run.len(), class })
    }

    fn row(&self, watchwords: &Watchwords, look_alikes: &LookAlikes, text: &str, known: &Signs) -> Option<Row> {
        let letters = self.letters.len();
        let range = self.letters[0].start..self.letters[letters - 1].end;
        let clusters = self.letters.iter().map(|at| &text[at.clone()]);
        let alone = || is_alone_on_its_line(text, &range);
        if self.class == Class::Unspaced {
            if are_listed(clusters.clone()) || letters < CERTAIN_SYLLABLES && clusters.clone().all(is_bare_consonant) {
                return None;
            }
            let gaps = self.letters.windows(2).map(|pair| pair[0].end..pair[1].start).collect();
            let disguise = !alone();
            return Some(Row { range, words: None, gaps, sign: ' ', certain: disguise, disguise });
        }
        let joined: String = clusters.collect();
        // What no space parts is one word, if it is not long.
        let one_word = self.chunks == 1 && letters < SEVERAL_WORDS;
        let reading = LazyCell::new(|| watchwords.read(&joined));
        let read = |letters: &str| {
            if one_word { watchwords.has(letters).then(|| letters.to_owned()) } else { watchwords.segment(letters) }
        };
        let first = if watchwords.has(&joined) {
            Some(joined.clone())
        } else if one_word || !watchwords.may_be_known(&joined) {
            None
        } else {
            reading.as_ref().and_then(Reading::known)
        };
        let words = first
            .or_else(|| readings(&joined).iter().filter(|r| **r != joined).find_map(|r| read(r)))
            .or_else(|| read(&look_alikes.latin(&joined).filter(|latin| *latin != joined)?))
            .or_else(|| {
                self.whatever_it_is(text, &joined, known).then(|| match self.class {
                    Class::Alphabet | Class::Arabic if self.chunks > 1 => {
                        reading.as_ref().map_or_else(|| joined.clone(), Reading::parts)
                    }
                    _ => joined.clone(),
                })
            })?;
        // Four dotted letters may be a name: read as a word where they spell one, and held against nobody.
        let may_be_a_name = self.chunks == 1 && letters < 5 && !is_contact(&words);
        let disguise = !may_be_a_name && (self.chunks == 1 || is_contact(&words) || !alone());
        let certain = disguise && self.chunks == letters && letters >= CERTAIN_SYLLABLES;
        Some(Row { range, words: Some(words), gaps: Vec::new(), sign: ' ', certain, disguise })
    }

    /// Whether letters are set apart as no abbreviation and no list is, so that they are joined though the word is not
    /// known.
    fn whatever_it_is(&self, text: &str, joined: &str, known: &Signs) -> bool {
        let letters = self.letters.len();
        let clusters = || self.letters.iter().map(|at| &text[at.clone()]);
        let each = self.chunks == letters;
        if !joined.chars().all(|c| is_alphabetic(c) || properties(c).is_mark()) {
            return false;
        }
        let told = each && known.tell(' ');
        match self.class {
            Class::Arabic => self.chunks >= FEWEST_LETTERS,
            Class::Alphabet => {
                (self.chunks == 1 && letters >= 5 || each && letters >= CERTAIN || told)
                    && !are_listed(clusters())
                    && has_vowels(joined)
            }
            Class::Indic | Class::Hangul | Class::Unspaced => {
                (letters >= CERTAIN_SYLLABLES && (self.chunks == 1 || each) || told)
                    && !are_listed(clusters())
                    && !are_words(clusters())
            }
        }
    }
}

/// Whether nothing else is written on the line.
fn is_alone_on_its_line(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].chars().rev().find(|&c| c == '\n' || is_alphanumeric(c));
    let behind = text[range.end..].chars().find(|&c| c == '\n' || is_alphanumeric(c));
    before.is_none_or(|c| c == '\n') && behind.is_none_or(|c| c == '\n')
}
