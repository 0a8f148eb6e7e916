/*!
The phrases that begin at one unit, followed through the units ahead.

A phrase that has begun waits in a state, behind a gap of some width or for the very next unit. The units within reach are
asked in turn whether the state leads on by one of their symbols; what is then reached waits in its turn.
*/

use rustc_hash::FxHashSet;

use super::edges::{Edges, bit_of, hash};
use super::known::{Known, Start, Unit};
use super::stored::View;
use super::{Found, Symbol};

/// A phrase that has come to a unit, and the state in which it waits there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    at: usize,
    start: Start,
}

/// The phrases that begin at one unit.
pub(super) struct Step<'s, 'v> {
    view: &'s View<'v>,
    known: &'s Known,
    units: &'s [Unit],
    /// The place of the unit in the text.
    start: usize,
    room: &'s mut Room,
    out: &'s mut Vec<Found>,
}

/// Room for the work, kept from text to text.
#[derive(Debug, Default)]
pub(super) struct Room {
    waiting: Vec<Waiting>,
    reached: Reached,
}

/// Signs and the like that phrases reach over in one place at most, so that many of them in a row cost no more.
pub(super) const MOST_REACHED_OVER: usize = 256;

impl<'s, 'v> Step<'s, 'v> {
    /// Ready for the units of a text; what is found is appended to `out`.
    pub(super) fn new(
        (view, known): (&'s View<'v>, &'s Known),
        units: &'s [Unit],
        room: &'s mut Room,
        out: &'s mut Vec<Found>,
    ) -> Step<'s, 'v> {
        Step { view, known, units, start: 0, room, out }
    }

    /// Finds the phrases that begin at each unit.
    pub(super) fn run(&mut self) {
        let (units, known) = (self.units, self.known);
        for (at, unit) in units.iter().enumerate() {
            if !unit.begins {
                continue;
            }
            self.start = at;
            let word = known.word(unit.word);
            if word.accepted {
                self.accept(unit);
            }
            // A phrase that goes on with the very next unit asks no other, unless that one is reached over.
            match units.get(at + 1) {
                Some(next) if next.transparent => {
                    for start in known.beside(word) {
                        self.look_farther(at + 1, 1, start);
                    }
                }
                Some(next) if word.beside & next.bits != 0 => {
                    for start in known.beside(word).iter().filter(|start| start.wanted & next.bits != 0) {
                        self.fit(at + 1, next, start);
                    }
                }
                _ => {}
            }
            let mut beyond = known.beyond(word).iter().map(|&start| Waiting { at, start });
            while let Some(Waiting { at, start }) = beyond.next().or_else(|| self.room.waiting.pop()) {
                self.look_ahead(at, &start);
            }
            self.room.reached.clear();
        }
    }

    /// Enters what a unit is by itself.
    fn accept(&mut self, unit: &Unit) {
        for &symbol in self.known.symbols(unit.symbols) {
            if let Some(outcome) = self.view.first.get(symbol as usize).checked_sub(1) {
                self.complete(outcome as usize, self.start);
            }
        }
    }

    /// Goes on from the unit `at` with all that fits a state: side by side, or behind a gap.
    #[inline]
    fn look_ahead(&mut self, at: usize, state: &Start) {
        let units = self.units;
        let reach = usize::from(state.gap) + 1;
        // Where nothing lies between that is reached over, and no sentence ends, reach is counted in units.
        let plain = reach.min(units[at].plain as usize);
        for (number, unit) in units[at + 1..][..plain].iter().enumerate() {
            if state.wanted & unit.bits != 0 {
                self.fit(at + 1 + number, unit, state);
            }
        }
        if plain < reach && at + 1 + plain < units.len() {
            self.look_farther(at + 1 + plain, reach - plain, state);
        }
    }

    /// As [`Step::look_ahead`], from the unit `at` on, so many units that are not reached over.
    #[inline(never)]
    fn look_farther(&mut self, at: usize, mut reach: usize, state: &Start) {
        let mut over = 0;
        for (number, unit) in self.units[at..].iter().enumerate() {
            // No gap reaches over the end of a sentence.
            if unit.starts_sentence && state.gap > 0 {
                return;
            }
            if state.wanted & unit.bits != 0 {
                self.fit(at + number, unit, state);
            }
            if unit.transparent {
                over += 1;
            } else {
                reach -= 1;
            }
            if reach == 0 || over > MOST_REACHED_OVER {
                return;
            }
        }
    }

    /// Takes a state further by the symbols of the unit `at`.
    #[inline]
    fn fit(&mut self, at: usize, unit: &Unit, state: &Start) {
        let known = self.known;
        for &symbol in known.symbols(unit.symbols) {
            let hash = hash(symbol);
            if state.wanted & bit_of(hash) != 0 && self.view.may_have(state.edges, hash) {
                self.follow(at, state.edges, symbol);
            }
        }
    }

    /// Goes by the edge of a symbol, if there is one, to an outcome at the unit `at`.
    #[inline(never)]
    fn follow(&mut self, at: usize, edges: Edges, symbol: Symbol) {
        let view = self.view;
        let Some(outcome) = view.outcome(edges, symbol) else { return };
        let waits = view.wait_start.run(outcome as usize);
        // What is only completed twice is one find in the end.
        if waits.is_empty() || self.room.reached.insert(at, outcome) {
            self.complete(outcome as usize, at);
            for k in waits {
                self.room
                    .waiting
                    .push(Waiting { at, start: view.start(view.wait_state.get(k) as u32, view.wait_gap[k]) });
            }
        }
    }

    /// Enters what an outcome at the unit `at` completes.
    #[inline]
    fn complete(&mut self, outcome: usize, at: usize) {
        for k in self.view.accept_start.run(outcome) {
            let meaning = self.view.accepts.get(k) as u32;
            self.out.push(Found { end: at as u32 + 1, start: self.start as u32, meaning });
        }
    }
}

/// The outcomes that were reached from one unit, and where.
#[derive(Debug, Default)]
pub(super) struct Reached {
    few: Vec<u64>,
    more: FxHashSet<u64>,
}

impl Reached {
    /// Looking through so many costs less than a set.
    const FEW: usize = 16;

    /// Whether an outcome is reached at a unit for the first time.
    #[inline]
    fn insert(&mut self, at: usize, outcome: u32) -> bool {
        let reached = (at as u64) << 32 | u64::from(outcome);
        if self.few.contains(&reached) {
            return false;
        }
        if self.few.len() < Reached::FEW {
            self.few.push(reached);
            return true;
        }
        self.more.insert(reached)
    }

    fn clear(&mut self) {
        self.few.clear();
        if !self.more.is_empty() {
            self.more.clear();
        }
    }
}
