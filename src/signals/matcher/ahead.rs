/*!
What stands ahead of a unit, as far as phrases look.

A phrase waits for words that mostly do not come. Whether one of them comes is told before it waits: the symbols of the
units ahead, as many as its gap is wide, are asked for at once. Their bits, put together, answer for most.
*/

use super::Symbol;
use super::known::Word;

/// A unit of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) word: Word,
    /// Where its symbols stand among those that are near.
    pub(super) symbols: (u32, u32),
    /// A sentence ended before it.
    pub(super) starts_sentence: bool,
}

/// Some units of a text, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) units: Vec<Unit>,
    pub(super) symbols: Vec<Symbol>,
    /// No unit follows the last of them.
    pub(super) ended: bool,
}

impl Units {
    /// Units that lie here at once at most.
    pub(super) const MOST: usize = 256;
    /// Units that must lie ahead of the one that is looked at, unless the text ends. What lies farther is not known to be
    /// missing.
    const AHEAD: usize = 32;

    pub(super) fn clear(&mut self) {
        self.units.clear();
        self.symbols.clear();
        self.ended = false;
    }

    /// Drops the first `done` units.
    pub(super) fn drop(&mut self, done: usize) {
        self.units.drain(..done);
        let cut = self.units.first().map_or(self.symbols.len() as u32, |unit| unit.symbols.0);
        self.symbols.drain(..cut as usize);
        for unit in &mut self.units {
            unit.symbols = (unit.symbols.0 - cut, unit.symbols.1 - cut);
        }
    }

    /// How many of the units can be looked at.
    pub(super) fn ready(&self) -> usize {
        if self.ended { self.units.len() } else { self.units.len().saturating_sub(Units::AHEAD) }
    }

    /// The symbols of a unit.
    #[inline]
    pub(super) fn symbols(&self, unit: &Unit) -> &[Symbol] {
        &self.symbols[unit.symbols.0 as usize..unit.symbols.1 as usize]
    }
}

/// What a phrase can go on with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Coming {
    /// The bits of the symbols ahead.
    pub(super) bits: u64,
    /// Where these symbols end.
    end: u32,
    /// More may come that is not known.
    pub(super) open: bool,
}

/// What stands ahead of one unit, gathered as far as it is asked for.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Where the symbols ahead begin.
    start: u32,
    /// The unit ahead that was not looked at yet.
    next: usize,
    /// The next unit, and those before it that phrases reach over.
    pub(super) beside: Coming,
    /// For each width of a gap, the units that it and the one behind it can reach.
    beyond: [Coming; Ahead::WIDEST],
    known: usize,
}

impl Ahead {
    /// Wider gaps arise only where gaps follow each other.
    const WIDEST: usize = 16;

    /// Looks ahead of this unit.
    #[inline]
    pub(super) fn of(&mut self, near: &Units, number: usize, unit: &Unit) {
        self.start = unit.symbols.1;
        self.next = number + 1;
        self.known = 0;
        self.beside = match near.units.get(number + 1) {
            Some(next) if !next.word.transparent => Coming { bits: next.word.bits, end: next.symbols.1, open: false },
            _ => reached_over(near, number + 1),
        };
    }

    /// The symbols of what is coming.
    #[inline]
    pub(super) fn symbols<'n>(&self, near: &'n Units, coming: Coming) -> &'n [Symbol] {
        &near.symbols[self.start as usize..coming.end as usize]
    }

    /// What a phrase can go on with behind a gap of some width.
    #[inline]
    pub(super) fn beyond(&mut self, near: &Units, gap: u8) -> Coming {
        let gap = usize::from(gap);
        if gap >= Ahead::WIDEST {
            return Coming { bits: u64::MAX, end: self.start, open: true };
        }
        if self.known <= gap {
            self.look_on(near, gap);
        }
        self.beyond[gap]
    }

    /// Looks over so many more units that are not transparent. No gap reaches into the next sentence.
    #[inline(never)]
    fn look_on(&mut self, near: &Units, gap: usize) {
        let mut coming = match self.known.checked_sub(1) {
            Some(last) => self.beyond[last],
            None => Coming { end: self.start, ..Coming::default() },
        };
        for place in &mut self.beyond[self.known..=gap] {
            loop {
                let Some(unit) = near.units.get(self.next) else {
                    if !near.ended {
                        coming.bits = u64::MAX;
                        coming.open = true;
                    }
                    break;
                };
                if unit.starts_sentence {
                    break;
                }
                coming.bits |= unit.word.bits;
                coming.end = unit.symbols.1;
                self.next += 1;
                if !unit.word.transparent {
                    break;
                }
            }
            *place = coming;
        }
        self.known = gap + 1;
    }
}

/// The units from one on that phrases reach over, and the one behind them.
#[inline(never)]
fn reached_over(near: &Units, from: usize) -> Coming {
    let mut coming = Coming { end: near.symbols.len() as u32, ..Coming::default() };
    for unit in near.units.get(from..).unwrap_or_default() {
        coming.bits |= unit.word.bits;
        if !unit.word.transparent {
            return Coming { end: unit.symbols.1, ..coming };
        }
    }
    if near.ended { coming } else { Coming { bits: u64::MAX, open: true, ..coming } }
}
