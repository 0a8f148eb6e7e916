/*!
Numbers in words: two thousand, 一万三, डेढ़ लाख, двести пятьдесят тысяч, laki mbili na elfu hamsini.

Words either add (five, twenty) or multiply what came before them (hundred, thousand). One rule reads them all: a number
is a row of terms, each smaller than what the one before it leaves room for; a multiplier gathers the smaller terms in
front of it into one. Swahili puts its multipliers in front, so there the words behind fill them. Three habits of speech
are rows of the table: a half behind a multiplier ("triệu rưỡi"), a half in front ("साढ़े तीन"), and a last digit that
counts tenths of the multiplier before it (一万三 is 13,000).
*/

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::amount::Literal;
use super::chars::{Joins, char_at, joins, skip_blanks};
use super::tables::{Factor, Tables};
use super::vocab::{Hit, Side, Vocab};

/// More terms than this no spoken number has.
const MOST_TERMS: usize = 8;
/// More words than this no spoken number has.
const MOST_WORDS: usize = 24;

/// What a word does in a spoken number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Numeral {
    /// It adds its value.
    Unit {
        /// How much.
        value: f64,
        /// Behind a multiplier it counts tenths of that.
        tail: bool,
        /// It carries the word for "and", so that smaller units may stand in front of it (خمسة وعشرون).
        joined: bool,
    },
    /// It multiplies what is smaller and in front of it. Those from a thousand up stand among the multipliers.
    Scale(f64),
    /// It multiplies what is behind it.
    Ahead(f64),
    /// Half of the multiplier in front.
    Half,
    /// It adds so much to the next unit.
    More(f64),
    /// And.
    Join,
}

/// The section of the data file.
#[derive(Deserialize)]
pub(crate) struct NumeralFile {
    units: Vec<UnitRow>,
    scales: Vec<ScaleRow>,
    ahead: Vec<ScaleRow>,
    more: Vec<ScaleRow>,
    half: Vec<String>,
    join: Vec<String>,
}

#[derive(Deserialize)]
struct UnitRow {
    from: f64,
    step: f64,
    #[serde(default)]
    tail: bool,
    #[serde(default)]
    and: String,
    words: Vec<String>,
}

#[derive(Deserialize)]
struct ScaleRow {
    value: f64,
    words: Vec<String>,
}

impl NumeralFile {
    /// The dictionary of the section. A row of units counts on from its first value by its step; spellings of one value
    /// are parted by a bar.
    pub(crate) fn vocab(&self) -> Vocab<Numeral> {
        let mut entries: Vec<(Cow<'static, str>, Numeral)> = Vec::new();
        for row in &self.units {
            for (place, words) in row.words.iter().enumerate() {
                let value = row.from + row.step * place as f64;
                for word in words.split('|').filter(|word| !word.is_empty()) {
                    entries.push((word.to_owned().into(), Numeral::Unit { value, tail: row.tail, joined: false }));
                    if !row.and.is_empty() {
                        let word = format!("{}{word}", row.and);
                        entries.push((word.into(), Numeral::Unit { value, tail: row.tail, joined: true }));
                    }
                }
            }
        }
        let mut add = |rows: &[ScaleRow], kind: fn(f64) -> Numeral| {
            for row in rows {
                entries.extend(row.words.iter().map(|word| (word.clone().into(), kind(row.value))));
            }
        };
        add(&self.scales, Numeral::Scale);
        add(&self.ahead, Numeral::Ahead);
        add(&self.more, Numeral::More);
        entries.extend(self.half.iter().map(|word| (word.clone().into(), Numeral::Half)));
        entries.extend(self.join.iter().map(|word| (word.clone().into(), Numeral::Join)));
        Vocab::new(Side::Start, entries)
    }

    /// The words that a spoken number may begin with, the multipliers of `tables` among them.
    pub(crate) fn starts(tables: &Tables) -> impl Iterator<Item = Cow<'static, str>> + '_ {
        let numerals = tables.numerals.words().filter(|(_, kind)| !matches!(kind, Numeral::Half | Numeral::Join));
        // Short letters such as k and tr are no words.
        let long = |word: &str| word.len() > 3 || !word.is_ascii() || word == "mil";
        let factors = tables.factors.words().filter(move |(word, factor)| long(word) && factor.per.is_none());
        numerals.map(|(word, _)| word.to_owned().into()).chain(factors.map(|(word, _)| word.to_owned().into()))
    }
}

/// A number in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelled {
    /// The number in front of the last multiplier, or the whole one where several terms add up.
    pub(crate) literal: Literal,
    /// The largest multiplier.
    pub(crate) factor: Option<Factor>,
    /// What it all amounts to.
    pub(crate) value: f64,
}

/// One term of a sum.
#[derive(Clone, Copy, Debug, Default)]
struct Term {
    value: f64,
    /// What follows must be smaller than this.
    room: f64,
    end: usize,
}

/// The terms so far.
#[derive(Default)]
struct Sum {
    terms: [Term; MOST_TERMS],
    count: usize,
}

impl Sum {
    fn last(&self) -> Option<&Term> {
        self.terms.get(self.count.checked_sub(1)?)
    }

    fn push(&mut self, value: f64, room: f64, end: usize) -> bool {
        let fits = self.last().is_none_or(|last| value < last.room);
        match self.terms.get_mut(self.count) {
            Some(term) if fits => {
                *term = Term { value, room, end };
                self.count += 1;
                true
            }
            _ => false,
        }
    }

    /// Gathers the terms smaller than `scale` into one that many times as large.
    fn gather(&mut self, scale: f64, end: usize) -> bool {
        let mut sum = 0.0;
        let mut count = self.count;
        while let Some(term) = count.checked_sub(1).and_then(|last| self.terms.get(last)).filter(|t| t.value < scale) {
            sum += term.value;
            count -= 1;
        }
        self.count = count;
        self.push(if sum == 0.0 { scale } else { sum * scale }, scale, end)
    }
}

/// The number in words that begins at byte `at`. One that begins with a multiplier ("thousands of") is a number only
/// beside a currency: then `digits` of the literal is 1, otherwise 0.
pub(crate) fn spelled(tables: &Tables, text: &str, at: usize) -> Option<Spelled> {
    let mut sum = Sum::default();
    let mut factor: Option<Factor> = None;
    // The multiplier just read, the half waiting for its unit, and the multiplier in front that waits for its units.
    let (mut scale, mut more, mut filling) = (None, None, None::<(f64, usize)>);
    let mut vague = false;
    let mut from = at;
    for words in 0..MOST_WORDS {
        let Some((numeral, found, end)) = word(tables, text, from, words > 0) else { break };
        // "25 triệu một tháng": what begins a period is no part of the number.
        if words > 0 && tables.periods_behind.find(text, skip_blanks(text, from, 2)).is_some() {
            break;
        }
        let before = scale.take();
        match numeral {
            Numeral::Unit { value, tail, joined } => {
                let value = value + more.take().unwrap_or(0.0);
                match (before, filling) {
                    (Some(before), _) if tail && value < 10.0 && tail_ends(tables, text, end) => {
                        sum.push(value * before / 10.0, 0.0, end);
                        break;
                    }
                    (_, Some((ahead, first))) => {
                        // Units fill the multiplier in front of them: "elfu hamsini na tano".
                        let filled = sum.last().filter(|_| sum.count > first).map_or(0.0, |term| term.value / ahead);
                        if filled != 0.0 && value >= room(filled) {
                            break;
                        }
                        sum.count = sum.count.min(first);
                        if !sum.push((filled + value) * ahead, ahead, end) {
                            break;
                        }
                    }
                    _ => {
                        let ones = sum.last().map(|last| last.value);
                        let swapped = ones.filter(|ones| joined && *ones < 10.0 && (20.0..100.0).contains(&value));
                        let value = value + swapped.unwrap_or(0.0);
                        sum.count -= usize::from(swapped.is_some());
                        if !sum.push(value, if swapped.is_some() { 0.0 } else { room(value) }, end) {
                            break;
                        }
                    }
                }
            }
            Numeral::Scale(by) => {
                vague |= words == 0 && by >= 100.0;
                if filling.is_some() || !sum.gather(by, end) {
                    break;
                }
                if let Some(found) = found {
                    factor = factor.filter(|factor| factor.value >= found.value).or(Some(found));
                }
                scale = (by >= 100.0).then_some(by);
            }
            Numeral::Ahead(by) => {
                // "elfu mia mbili" is two hundred thousand, "elfu moja mia mbili" a thousand two hundred.
                let found = tables.factors_ahead.find(text, end).map(|hit| hit.value);
                factor = factor.filter(|factor| factor.value >= by).or(found);
                let nested = filling.filter(|(outer, first)| sum.count == *first && by < *outer);
                filling = Some((nested.map_or(1.0, |(outer, _)| outer) * by, sum.count));
            }
            Numeral::Half => {
                let half = before.or(filling.map(|(ahead, _)| ahead));
                // "dua setengah juta" is two and a half, in front of the multiplier; "ألفين ونص" half a thousand more.
                let last = sum.last().map_or(0.0, |term| room(term.value));
                let half = half.unwrap_or(if last >= 100.0 { last } else { 1.0 });
                if let Some(term) = sum.count.checked_sub(1).and_then(|last| sum.terms.get_mut(last)) {
                    term.value += half / 2.0;
                    term.end = end;
                    vague = false;
                }
                if half > 1.0 {
                    break;
                }
            }
            Numeral::More(by) => more = Some(by),
            Numeral::Join => {
                if sum.count == 0 {
                    break;
                }
            }
        }
        from = end;
    }
    let terms = sum.terms.get(..sum.count)?;
    let last = terms.last()?;
    let value: f64 = terms.iter().map(|term| term.value).sum();
    let head = if terms.len() == 1 { factor.map_or(value, |factor| value / factor.value) } else { value };
    let digits = usize::from(vague && terms.len() == 1);
    let literal = Literal::spelled(at, last.end, head, digits);
    Some(Spelled { literal, factor, value })
}

/// What may be added to a unit: ones to tens, tens to hundreds.
fn room(value: f64) -> f64 {
    let round = [1000.0, 100.0, 10.0].into_iter().find(|round| value % round == 0.0);
    round.unwrap_or(0.0)
}

/// What a last digit behind a multiplier, or a half, adds to a number in digits: 2 triệu rưỡi, 3 หมื่นห้า.
pub(crate) fn tenth_or_half(tables: &Tables, text: &str, at: usize, factor: f64) -> Option<(f64, usize)> {
    let (numeral, _, end) = word(tables, text, at, true)?;
    match numeral {
        _ if tables.periods_behind.find(text, skip_blanks(text, at, 2)).is_some() => None,
        Numeral::Half => Some((factor / 2.0, end)),
        Numeral::Unit { value, tail: true, .. } if value < 10.0 && tail_ends(tables, text, end) => {
            Some((value * factor / 10.0, end))
        }
        _ => None,
    }
}

/// Whether the number ends behind the digit that ends at `end`, and the digit counts no days.
fn tail_ends(tables: &Tables, text: &str, end: usize) -> bool {
    let next = word(tables, text, end, true);
    next.is_none_or(|(numeral, ..)| !matches!(numeral, Numeral::Scale(_) | Numeral::Unit { .. }))
        && tables.units.find(text, skip_blanks(text, end, 2)).is_none()
}

/// The word of a number at `at`, behind blanks and, where the writing runs on, inside a run of Hangul.
fn word(tables: &Tables, text: &str, at: usize, inside: bool) -> Option<(Numeral, Option<Factor>, usize)> {
    let from = if inside { skip_blanks(text, at, 2) } else { at };
    let touching = inside && from == at && char_at(text, at).is_some_and(|c| joins(c) == Joins::Hangul);
    fn find<T: Copy>(vocab: &Vocab<T>, text: &str, at: usize, touching: bool) -> Option<Hit<T>> {
        if touching { vocab.find_touching(text, at) } else { vocab.find(text, at) }
    }
    if let Some(hit) = find(&tables.numerals, text, from, touching) {
        return Some((hit.value, None, hit.end));
    }
    let hit = find(&tables.factors, text, from, touching).filter(|hit| !hit.value.tight && hit.value.per.is_none())?;
    Some((Numeral::Scale(hit.value.value), Some(hit.value), hit.end))
}
