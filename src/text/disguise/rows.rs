/*!
Rows: letters that one sign sets apart inside a run, be it all of the run or a part: `o.n.l.y`, `self-e.m.p.l.o.y.e.d`,
`d'é.c.o.l.e`, `ห.า.ง.า.น`, `招-聘-客-服`.

Where words are written with spaces, a row is one word, and every part of it is one letter. Where they are not, only what
stands between the ends of a row must be: `招.聘.客.服人员`. A long row is certain to hide a word. A short one may be an
abbreviation or a list, unless the same sign sets letters apart elsewhere in the same text for certain.
*/

use std::ops::Range;
use std::slice;

use unicode_script::Script;

use super::clusters::{Class, are_listed, cluster, has_vowels, is_bare_consonant, is_letter_name};
use super::words::{Watchwords, is_contact};
use crate::text::chars::{is_alphanumeric, is_mark, properties, script};

/// So many letters in a row are certain to be a word.
const CERTAIN: usize = 5;
/// Fewer letters in a row are no word at all.
const FEWEST: usize = 4;
/// The same where words are written without spaces.
const CERTAIN_UNSPACED: usize = 4;
/// So long a row may be several words.
pub(super) const SEVERAL_WORDS: usize = 14;
/// So many certain rows tell that a sign sets letters apart.
const TELLING: usize = 2;

/// So many words tell that signs stand for letters.
const TELLING_LEET: usize = 3;
/// What is noted for such a word; it sets nothing apart.
const LEET: char = '0';

/// Letters set apart, and what they say.
#[derive(Debug)]
pub(super) struct Row {
    /// From the first letter to the last.
    pub(super) range: Range<usize>,
    /// What they say, unless it is enough to leave out what stands between them.
    pub(super) words: Option<String>,
    /// What stands between them.
    pub(super) gaps: Vec<Range<usize>>,
    /// The sign between them.
    pub(super) sign: char,
    /// It can be nothing else.
    pub(super) certain: bool,
    /// It is held against the text.
    pub(super) disguise: bool,
}

/// The signs that set letters apart in a text for certain, and how often.
#[derive(Clone, Debug, Default)]
pub(super) struct Signs(Vec<(char, usize)>);

impl Signs {
    /// Notes one more row.
    pub(super) fn note(&mut self, sign: char) {
        match self.0.iter_mut().find(|(known, _)| *known == sign) {
            Some((_, times)) => *times += 1,
            None => self.0.push((sign, 1)),
        }
    }

    /// Notes one more word with signs for letters.
    pub(super) fn note_leet(&mut self) {
        self.note(LEET);
    }

    /// Whether words are written with signs for letters in this text, so that those that are not known are read too.
    pub(super) fn tell_leet(&self) -> bool {
        self.times(LEET) >= TELLING_LEET
    }

    fn times(&self, sign: char) -> usize {
        self.0.iter().find(|(known, _)| *known == sign).map_or(0, |(_, times)| *times)
    }

    /// Whether the sign sets letters apart in this text, so that short rows are read as words too.
    pub(super) fn tell(&self, sign: char) -> bool {
        self.times(sign) >= TELLING
    }
}

/// Where a row stands.
struct Place {
    /// Beside a letter of a script without spaces, with the same sign between.
    amidst: bool,
    /// What follows may be the rest of a host or of a list of initials.
    goes_on: bool,
}

/// A part of a run between signs.
struct Part {
    range: Range<usize>,
    /// The class of its first letter, and where that cluster ends.
    begins: Option<(usize, Class)>,
    /// The class of its last letter, and where that cluster begins.
    ends: Option<(usize, Class)>,
    /// Whether it is one cluster.
    single: bool,
    /// The one sign between it and the next part.
    gap: Option<char>,
}

impl Part {
    /// Whether nothing but the sign stands between it and a row, if that.
    fn touches(&self, row: &[Part], sign: char) -> bool {
        self.gap == Some(sign) || row.first().is_some_and(|first| first.range.start == self.range.end)
    }

    /// Whether that end of it is a letter of a script without spaces.
    fn is_unspaced(end: Option<(usize, Class)>) -> bool {
        end.is_some_and(|(_, class)| class == Class::Unspaced)
    }
}

/// Whether all of a run is words of four letters or more that one sign each sets apart.
pub(super) fn is_words(chunk: &str) -> bool {
    let parts = parts(chunk);
    let mut at = 0;
    while at < parts.len() {
        let sign = parts[at].gap;
        let row =
            parts[at..].iter().take_while(|part| part.single && part.begins.is_some() && part.gap == sign).count();
        // The last letter has another sign behind it, or none.
        let last = parts.get(at + row).filter(|part| part.single && part.begins.is_some());
        if sign.is_none() || last.is_none() || row + 1 < FEWEST {
            return false;
        }
        at += row + 1;
    }
    !parts.is_empty()
}

/// Finds the rows of a run; `known` tells which signs set letters apart elsewhere.
pub(super) fn rows(watchwords: &Watchwords, chunk: &str, known: &Signs, out: &mut Vec<Row>) {
    // Four letters with the same sign between them; beyond ASCII three, or any where signs are known to part letters.
    let may_be = match chunk.is_ascii() {
        true => chunk.as_bytes().windows(5).any(|w| w[0] == w[2] && w[2] == w[4] && fills(w[0].into())),
        false => !known.0.is_empty() || has_sign_twice(chunk),
    };
    if !may_be {
        return;
    }
    let parts = parts(chunk);
    let mut at = 0;
    while at + 1 < parts.len() {
        let (part, next) = (&parts[at], &parts[at + 1]);
        let (Some(sign), Some((_, left)), Some((_, right))) = (part.gap, part.ends, next.begins) else {
            at += 1;
            continue;
        };
        let is_unspaced = left == Class::Unspaced;
        if is_unspaced != (right == Class::Unspaced) {
            // Two scripts meet.
            if known.times(sign) > 0 && (part.single || next.single) {
                let range = part.range.end..next.range.start;
                out.push(Row {
                    range: range.clone(),
                    words: None,
                    gaps: vec![range],
                    sign,
                    certain: false,
                    disguise: false,
                });
            }
            at += 1;
            continue;
        }
        if !(is_unspaced || part.single && next.single) {
            at += 1;
            continue;
        }
        let mut last = at + 1;
        while parts[last].gap == Some(sign)
            && parts[last].single
            && let Some(next) = parts.get(last + 1)
            && next.begins.is_some_and(|(_, class)| (class == Class::Unspaced) == is_unspaced)
            && (is_unspaced || next.single)
        {
            last += 1;
        }
        let row = &parts[at..=last];
        // Signs for letters in a row are read where all of it is.
        let is_leet = |part: &Part| part.begins.is_none() && part.range.len() == 1;
        if at > 0 && parts[at - 1].gap == Some(sign) && is_leet(&parts[at - 1])
            || parts[last].gap == Some(sign) && parts.get(last + 1).is_some_and(is_leet)
        {
            at = last;
            continue;
        }
        out.extend(match is_unspaced {
            true => unspaced(chunk, row, sign, known),
            false => {
                let before = at.checked_sub(1).map(|before| &parts[before]);
                let behind = parts.get(last + 1).filter(|_| parts[last].gap == Some(sign));
                let place = Place {
                    // In the midst of a script without spaces a word may be as short as two letters.
                    amidst: before.is_some_and(|part| part.touches(row, sign) && Part::is_unspaced(part.ends))
                        || parts.get(last + 1).is_some_and(|part| {
                            parts[last].touches(slice::from_ref(part), sign) && Part::is_unspaced(part.begins)
                        }),
                    goes_on: sign == '.'
                        && (behind.is_some_and(|part| !Part::is_unspaced(part.begins))
                            || left == Class::Indic && chunk[parts[last].range.end..].starts_with('.')),
                };
                word(watchwords, chunk, row, sign, known, left, place)
            }
        });
        at = last;
    }
}

/// Whether one sign may stand in a run twice; "no" is sure.
fn has_sign_twice(chunk: &str) -> bool {
    let mut met = 0u64;
    for c in chunk.chars().filter(|&c| fills(c)) {
        let sign = 1 << (c as u32 % 64);
        if met & sign != 0 {
            return true;
        }
        met |= sign;
    }
    false
}

/// A row in a script whose words are written with spaces.
fn word(
    watchwords: &Watchwords,
    chunk: &str,
    row: &[Part],
    sign: char,
    known: &Signs,
    class: Class,
    Place { amidst, goes_on }: Place,
) -> Option<Row> {
    let letters = row.len();
    let told = known.tell(sign);
    // An abbreviation has no letter without its vowel.
    let goes_on = goes_on
        && !told
        && !(class == Class::Indic && row.iter().any(|part| ends_in_virama(&chunk[part.range.clone()])));
    let enough = if class == Class::Alphabet || class == Class::Arabic { CERTAIN } else { FEWEST };
    if letters < FEWEST && !(amidst && known.times(sign) > 0) || goes_on && letters < CERTAIN {
        return None;
    }
    let clusters = row.iter().map(|part| &chunk[part.range.clone()]);
    let word: String = clusters.clone().collect();
    let listed = are_listed(clusters);
    let whole = letters >= enough
        && !listed
        && !(class == Class::Indic && goes_on)
        && (class != Class::Alphabet || has_vowels(&word));
    let known_word = watchwords.has(&word);
    let told = (told || amidst && known.times(sign) > 0) && !(listed && letters >= FEWEST);
    // Four letters may be a name, or a part of a longer word.
    if !(whole || told || known_word && (letters >= enough || is_contact(&word))) {
        return None;
    }
    let several = || {
        let words = watchwords.segment(&word).filter(|_| letters >= SEVERAL_WORDS)?;
        (words.split(' ').count() > 2 && words.split(' ').all(|word| word.chars().count() > 2)).then_some(words)
    };
    let words = if known_word { word } else { several().unwrap_or(word) };
    let certain = letters >= enough && (whole || known_word);
    Some(Row {
        range: row[0].range.start..row[letters - 1].range.end,
        words: Some(words),
        gaps: Vec::new(),
        sign,
        certain,
        disguise: true,
    })
}

fn ends_in_virama(cluster: &str) -> bool {
    cluster.ends_with(['\u{94d}', '\u{9cd}', '\u{bcd}'])
}

/// A row in a script whose words touch: its ends may be parts of longer stretches.
fn unspaced(chunk: &str, row: &[Part], sign: char, known: &Signs) -> Option<Row> {
    let (first, last) = (row.first()?, row.last()?);
    let range = first.ends?.0..last.begins?.0;
    let inner = row[1..row.len() - 1].iter().map(|part| part.range.clone());
    let ends = [range.start..first.range.end, last.range.start..range.end];
    let clusters = ends[..1].iter().cloned().chain(inner).chain(ends[1..].iter().cloned()).map(|at| &chunk[at]);
    // No word begins with a mark.
    let torn = row[1..].iter().any(|part| chunk[part.range.clone()].starts_with(is_mark));
    // Four Chinese characters by themselves are as much as a list of four.
    let alone = row.len() == CERTAIN_UNSPACED
        && first.single
        && last.single
        && chunk[range.clone()].chars().all(|c| script(c) == Script::Han || c == sign);
    // At the ends may stand what an abbreviation is run together with.
    let mut whole = row.iter().filter(|part| part.single).map(|part| &chunk[part.range.clone()]);
    let certain = (row.len() >= CERTAIN_UNSPACED && !alone || torn && row.len() > 2)
        && is_no_list_sign(sign)
        && !whole.all(|cluster| is_bare_consonant(cluster) || is_letter_name(cluster))
        && !are_listed(clusters.clone());
    let told = || {
        known.times(sign) > 0
            // In Chinese and Japanese a stop may stand between two sentences.
        && (row.len() > 2 || first.single || last.single || !chunk[range.start..].starts_with(is_of_the_far_east))
        && !(sign == '.' && chunk[range.end..].starts_with('.') && clusters.clone().all(is_bare_consonant))
            && (row.len() < CERTAIN_UNSPACED || !are_listed(clusters))
    };
    if !(certain || told()) {
        return None;
    }
    let gaps = row.windows(2).map(|pair| pair[0].range.end..pair[1].range.start).collect();
    Some(Row { range, words: None, gaps, sign, certain, disguise: true })
}

/// Whether a sign is none that real lists of short words have between them.
fn is_no_list_sign(sign: char) -> bool {
    !matches!(sign, '/' | '|' | '·' | '•' | '=' | '〇' | '۔')
}

fn is_of_the_far_east(c: char) -> bool {
    c == 'ー' || matches!(script(c), Script::Han | Script::Hiragana | Script::Katakana)
}

/// The parts of a run.
fn parts(chunk: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    while let Some(c) = chunk[at..].chars().next() {
        if !is_of_part(c) {
            let end = at + c.len_utf8();
            if fills(c)
                && let Some(last) = parts.last_mut()
                && last.range.end == at
                && chunk[end..].starts_with(is_of_part)
            {
                last.gap = Some(c);
            }
            at = end;
            continue;
        }
        let start = at;
        let mut part = Part { range: start..start, begins: None, ends: None, single: true, gap: None };
        while let Some(c) = chunk[at..].chars().next()
            && is_of_part(c)
        {
            let (length, class) = match cluster(&chunk[at..]) {
                Some((length, class)) => (length, Some(class)),
                None => (c.len_utf8(), None),
            };
            // Where a script without spaces meets another, one part ends.
            let is_unspaced = |class| class == Some(Class::Unspaced);
            if at > start && is_unspaced(class) != is_unspaced(part.ends.map(|(_, class)| class)) {
                break;
            }
            part.ends = class.map(|class| (at, class));
            if at == start {
                part.begins = class.map(|class| (at + length, class));
            } else {
                part.single = false;
            }
            at += length;
        }
        part.range.end = at;
        parts.push(part);
    }
    parts
}

fn is_of_part(c: char) -> bool {
    is_alphanumeric(c) && c != '〇' || is_mark(c) || matches!(c, '@' | '$')
}

fn fills(c: char) -> bool {
    properties(c).fills()
}
