/*!
The phrases that begin at some units, followed through the units ahead.

A phrase that has begun waits in a state, behind a gap of some width or for the very next unit. The units within reach are
asked in turn whether the state leads on by one of their symbols; what is then reached waits in its turn.

The arrays of the automaton are larger than the caches, and where a phrase leads is known only when it is read where it
came from. So the phrases of some units are followed together, each step of all of them before the next of any: what the
next step reads is asked for in this one, and comes while the others are done.
*/

use rustc_hash::FxHashSet;

use super::edges::{Edges, bit_of, hash};
use super::known::{Known, Start, Unit};
use super::stored::{MOST, View};
use super::{Found, Symbol};

/// A phrase that has come to a unit, and the state in which it waits there.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    place: Place,
    start: Start,
}

/// Where a phrase has come to, by the numbers of units.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The unit that it begins with.
    start: u32,
    at: u32,
}

/// A symbol at a unit that a state may lead on by.
#[derive(Clone, Copy, Debug)]
struct Fit {
    place: Place,
    edges: Edges,
    symbol: Symbol,
}

/// The phrases of a text on their way.
pub(super) struct Step<'s, 'v> {
    view: &'s View<'v>,
    known: &'s Known,
    units: &'s [Unit],
    room: &'s mut Room,
    out: &'s mut Vec<Found>,
}

/// Room for the work, kept from text to text.
#[derive(Debug, Default)]
pub(super) struct Room {
    waiting: Vec<Waiting>,
    fits: Vec<Fit>,
    /// Outcomes that were come to.
    outcomes: Vec<(Place, u32)>,
    /// Waits of outcomes, by number.
    waits: Vec<(Place, u32)>,
    /// States to wait in, and their gaps.
    states: Vec<(Place, u32, u8)>,
    reached: Reached,
}

/// Signs and the like that phrases reach over in one place at most, so that many of them in a row cost no more.
pub(super) const MOST_REACHED_OVER: usize = 256;

/// Units whose phrases are followed together.
const TOGETHER: usize = 32;

/// When so many fits are found, they are followed before more are looked for.
const MANY: usize = 128;

impl<'s, 'v> Step<'s, 'v> {
    /// Ready for the units of a text; what is found is appended to `out`.
    pub(super) fn new(
        (view, known): (&'s View<'v>, &'s Known),
        units: &'s [Unit],
        room: &'s mut Room,
        out: &'s mut Vec<Found>,
    ) -> Step<'s, 'v> {
        Step { view, known, units, room, out }
    }

    /// Finds the phrases that begin at each unit.
    pub(super) fn run(&mut self) {
        for first in (0..self.units.len()).step_by(TOGETHER) {
            let end = self.units.len().min(first + TOGETHER);
            for at in first..end {
                if self.units[at].begins {
                    self.begin(at);
                }
                if self.room.fits.len() >= MANY {
                    self.follow(first);
                }
            }
            self.follow(first);
            while !self.room.waiting.is_empty() {
                while self.room.fits.len() < MANY
                    && let Some(Waiting { place, start }) = self.room.waiting.pop()
                {
                    self.look_ahead(place, &start);
                }
                self.follow(first);
            }
            self.room.reached.clear();
        }
    }

    /// Begins the phrases of the unit `at`.
    #[inline]
    fn begin(&mut self, at: usize) {
        let known = self.known;
        let word = known.word(self.units[at].word);
        let place = Place { start: at as u32, at: at as u32 };
        if word.accepted {
            for &symbol in known.symbols(self.units[at].symbols) {
                if let Some(outcome) = self.view.first.get(symbol as usize).checked_sub(1) {
                    self.complete(outcome as usize, place);
                }
            }
        }
        // A phrase that goes on with the very next unit asks no other, unless that one is reached over.
        match self.units.get(at + 1) {
            Some(next) if next.transparent => {
                for start in known.beside(word) {
                    self.look_farther(place, at + 1, 1, start);
                }
            }
            Some(next) if word.beside & next.bits != 0 => {
                for start in known.beside(word).iter().filter(|start| start.wanted & next.bits != 0) {
                    self.fit(place.start, at + 1, next, start);
                }
            }
            _ => {}
        }
        for start in known.beyond(word) {
            self.look_ahead(place, start);
        }
    }

    /// Goes on from a place with all that fits a state: side by side, or behind a gap.
    #[inline]
    fn look_ahead(&mut self, place: Place, state: &Start) {
        let units = self.units;
        let at = place.at as usize;
        let reach = usize::from(state.gap) + 1;
        // Where nothing lies between that is reached over, and no sentence ends, reach is counted in units.
        let plain = reach.min(units[at].plain as usize);
        for (number, unit) in units[at + 1..][..plain].iter().enumerate() {
            if state.wanted & unit.bits != 0 {
                self.fit(place.start, at + 1 + number, unit, state);
            }
        }
        if plain < reach && at + 1 + plain < units.len() {
            self.look_farther(place, at + 1 + plain, reach - plain, state);
        }
    }

    /// As [`Step::look_ahead`], from the unit `at` on, so many units that are not reached over.
    #[inline(never)]
    fn look_farther(&mut self, place: Place, at: usize, mut reach: usize, state: &Start) {
        let mut over = 0;
        for (number, unit) in self.units[at..].iter().enumerate() {
            // No gap reaches over the end of a sentence.
            if unit.starts_sentence && state.gap > 0 {
                return;
            }
            if state.wanted & unit.bits != 0 {
                self.fit(place.start, at + number, unit, state);
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

    /// Enters the symbols of the unit `at` that a state may lead on by.
    #[inline]
    fn fit(&mut self, start: u32, at: usize, unit: &Unit, state: &Start) {
        for &symbol in self.known.symbols(unit.symbols) {
            let hash = hash(symbol);
            if state.wanted & bit_of(hash) != 0 {
                self.view.fetch_filter(state.edges, hash);
                self.room.fits.push(Fit { place: Place { start, at: at as u32 }, edges: state.edges, symbol });
            }
        }
    }

    /// Goes from all fits by the edges of their symbols, where there are any, to where phrases wait then. `first` is the
    /// first of the units whose phrases are followed together.
    fn follow(&mut self, first: usize) {
        let view = self.view;
        let Room { waiting, fits, outcomes, waits, states, reached } = &mut *self.room;
        // What most fits come to is no edge, and which does is hard to guess: so nothing branches here.
        let mut kept = 0;
        for k in 0..fits.len() {
            let fit = fits[k];
            fits[kept] = fit;
            kept += usize::from(view.may_have(fit.edges, hash(fit.symbol)));
        }
        fits.truncate(kept);
        for fit in &*fits {
            view.fetch_edge(fit.edges, fit.symbol);
        }
        for fit in fits.drain(..) {
            if let Some(outcome) = view.outcome(fit.edges, fit.symbol) {
                view.wait_start.fetch(outcome as usize);
                view.accept_start.fetch(outcome as usize);
                outcomes.push((fit.place, outcome));
            }
        }
        for &(_, outcome) in &*outcomes {
            view.fetch_wait(view.wait_start.get(outcome as usize) as usize);
        }
        outcomes.retain(|&(place, outcome)| {
            let run = view.wait_start.run(outcome as usize);
            // What is only completed twice is one find in the end.
            let is_new = run.is_empty() || reached.insert(place, first, outcome);
            if is_new {
                waits.extend(run.map(|wait| (place, wait as u32)));
            }
            is_new
        });
        for (place, wait) in waits.drain(..) {
            let state = view.wait_state.get(wait as usize) as u32;
            view.fetch_state(state as usize);
            states.push((place, state, view.wait_gap[wait as usize]));
        }
        waiting.extend(states.drain(..).map(|(place, state, gap)| Waiting { place, start: view.start(state, gap) }));
        for k in 0..self.room.outcomes.len() {
            let (place, outcome) = self.room.outcomes[k];
            self.complete(outcome as usize, place);
        }
        self.room.outcomes.clear();
    }

    /// Enters what an outcome completes.
    #[inline]
    fn complete(&mut self, outcome: usize, place: Place) {
        for k in self.view.accept_start.run(outcome) {
            let meaning = self.view.accepts.get(k) as u32;
            self.out.push(Found { end: place.at + 1, start: place.start, meaning });
        }
    }
}

/// The outcomes that were reached by the phrases of some units, and where.
#[derive(Debug)]
struct Reached {
    /// By their keys, 0 where nothing is; half of it is empty at least.
    few: [u64; Reached::PLACES],
    count: usize,
    more: FxHashSet<u64>,
}

impl Default for Reached {
    fn default() -> Reached {
        Reached { few: [0; Reached::PLACES], count: 0, more: FxHashSet::default() }
    }
}

impl Reached {
    const PLACES: usize = 256;

    /// Whether an outcome is reached in a place for the first time.
    #[inline]
    fn insert(&mut self, place: Place, first: usize, outcome: u32) -> bool {
        const { assert!(MOST << 32 <= 1 << 52 && TOGETHER <= 1 << 11) };
        let unit = u64::from(place.start) - first as u64;
        let key = 1 << 63 | unit << 52 | u64::from(outcome) << 32 | u64::from(place.at);
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize;
        loop {
            match &mut self.few[at % Reached::PLACES] {
                held if *held == key => return false,
                free @ 0 if self.count < Reached::PLACES / 2 => {
                    *free = key;
                    self.count += 1;
                    return true;
                }
                0 => return self.more.insert(key),
                _ => at += 1,
            }
        }
    }

    fn clear(&mut self) {
        if self.count > 0 {
            self.few.fill(0);
            self.count = 0;
        }
        if !self.more.is_empty() {
            self.more.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_outcome_is_reached_for_the_first_time_once(
            rounds in proptest::collection::vec(proptest::collection::vec((0..3u32, 0..4u32, 0..40u32), 0..600), 1..3),
            first in 0..1000u32,
        ) {
            let mut reached = Reached::default();
            for round in rounds {
                let mut reference = FxHashSet::default();
                for (start, ahead, outcome) in round {
                    let place = Place { start: first + start, at: first + start + ahead };
                    let is_new = reference.insert((place.start, place.at, outcome));
                    prop_assert_eq!(reached.insert(place, first as usize, outcome), is_new);
                }
                reached.clear();
            }
        }
    }
}
