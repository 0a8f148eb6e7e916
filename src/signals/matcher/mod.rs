/*!
The matcher: all phrases of all lexicons, found in one pass over the units of a text.

Each unit of the text is turned into the few symbols that some phrase asks for (its own text, beginnings of it, the classes
of its entity), and every position that waits advances by them. Positions are (state, where it began, how much of a gap is
left), so the work per unit is bounded by the lexicon and not by the text: nothing is quadratic. Most phrases that a unit
begins are left at once, because nothing that they wait for stands within reach.
*/

mod ahead;
mod build;
mod determine;
mod edges;
mod index;
mod known;
mod stored;

pub(crate) use build::Builder;
pub(crate) use stored::Stored;

use ahead::{Ahead, Coming, Unit, Units};
use edges::Edges;
use index::Index;
use known::Known;
use stored::View;

/// Classes of entities that patterns may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub(crate) enum Class {
    Money,
    Number,
    Age,
    Place,
    Country,
    Hotspot,
    Contact,
    Telegram,
    Whatsapp,
    Phone,
    Email,
    Freemail,
    Url,
}

impl Class {
    const ALL: [(&'static str, Class); 13] = [
        ("money", Class::Money),
        ("number", Class::Number),
        ("age", Class::Age),
        ("place", Class::Place),
        ("country", Class::Country),
        ("hotspot", Class::Hotspot),
        ("contact", Class::Contact),
        ("telegram", Class::Telegram),
        ("whatsapp", Class::Whatsapp),
        ("phone", Class::Phone),
        ("email", Class::Email),
        ("freemail", Class::Freemail),
        ("url", Class::Url),
    ];

    pub(crate) fn from_name(name: &str) -> Option<Class> {
        Class::ALL.iter().find(|(n, _)| *n == name).map(|(_, c)| *c)
    }

    pub(crate) fn names() -> Vec<&'static str> {
        Class::ALL.iter().map(|(n, _)| *n).collect()
    }
}

/// What the matcher sees of a unit of the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// The hash of its own words, by [`crate::text::ngrams::token_hash`].
    pub(crate) hash: u64,
    /// Units that agree in their words and in this look alike.
    pub(crate) shape: u64,
    /// A sentence ended before it.
    pub(crate) starts_sentence: bool,
}

/// What else the matcher must know of a unit; it is asked once for all that look alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look<'a> {
    /// Its own words.
    pub(crate) text: &'a str,
    /// The classes of its entity.
    pub(crate) classes: &'static [Class],
    /// A hyphen, an emoji, a star: phrases reach over it.
    pub(crate) transparent: bool,
}

/// What a phrase in the units `start..end` means, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) end: u32,
    pub(crate) start: u32,
    pub(crate) meaning: u32,
}

type Symbol = u32;

/// Words longer than this match no beginning: the cost of a unit stays bounded.
const MAX_WORD: usize = 64;
/// The symbols below are classes.
const FIRST_WORD: Symbol = Class::ALL.len() as Symbol;

/// The compiled phrases.
#[derive(Clone, Debug)]
pub(crate) struct Automaton {
    stored: Stored,
    index: Index,
}

/// The bit that stands for a symbol in a set of 64.
fn bit(symbol: Symbol) -> u64 {
    1 << (symbol.wrapping_mul(0x9e37_79b1) >> 26)
}

/// A position in the text that waits in a state.
#[derive(Clone, Copy, Debug)]
struct Active {
    /// The bits of the symbols that the state waits for: most units have none of them.
    wanted: u64,
    state: u32,
    start: u32,
    /// How many tokens may still be passed over, behind a gap.
    left: u8,
}

impl Active {
    /// Where it began, and its state.
    #[inline]
    fn place(&self) -> u64 {
        u64::from(self.start) << 32 | u64::from(self.state)
    }
}

/// Positions that wait, and those that the unit adds which is looked at.
#[derive(Debug, Default)]
struct Waiting {
    active: Vec<Active>,
    reached: Vec<Active>,
}

/// Room for the work of one text, kept from text to text of the same automaton.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Positions whose next element follows at once, be it in a new sentence; and those behind a gap.
    beside: Waiting,
    beyond: Waiting,
    known: Known,
    edges: Edges,
    near: Units,
    ahead: Ahead,
}

impl Automaton {
    /// The arrays that it runs on.
    pub(crate) fn stored(&self) -> &Stored {
        &self.stored
    }

    /// The largest number of a meaning.
    pub(crate) fn last_meaning(&self) -> Option<u32> {
        self.stored.view().accepts.iter().max().map(|last| last as u32)
    }

    /// Appends what the phrases in `units` mean to `out`, each once, in the order of their ends. Each unit comes with how it
    /// looks.
    pub(crate) fn find<'a, L: FnOnce() -> Look<'a>>(
        &self,
        mut units: impl Iterator<Item = (Seen, L)>,
        scratch: &mut Scratch,
        out: &mut Vec<Found>,
    ) {
        let view = &self.stored.view();
        let Scratch { beside, beyond, known, edges, near, ahead } = scratch;
        beside.active.clear();
        beyond.active.clear();
        near.clear();
        known.begin();
        edges.begin(view);
        let mut from = out.len();
        let mut done = 0;
        let mut at = 0;
        while !near.ended {
            near.drop(done);
            while near.units.len() < Units::MOST {
                let Some((seen, look)) = units.next() else {
                    near.ended = true;
                    break;
                };
                known.add(seen, look, (view, &self.index), near);
            }
            done = near.ready();
            let mut step = Step { view, near, known, ahead, edges, at, beside, beyond, out };
            for (number, unit) in near.units[..done].iter().enumerate() {
                step.take(number, unit);
                if step.out.len() > from {
                    from = settle(step.out, from);
                }
                step.at += 1;
            }
            at = step.at;
        }
    }
}

/// The work at one unit.
struct Step<'s, 'v> {
    view: &'s View<'v>,
    near: &'s Units,
    known: &'s Known,
    ahead: &'s mut Ahead,
    edges: &'s mut Edges,
    /// Its place in the text.
    at: u32,
    beside: &'s mut Waiting,
    beyond: &'s mut Waiting,
    out: &'s mut Vec<Found>,
}

impl Step<'_, '_> {
    /// Takes every position that waits, and every phrase that begins here, a unit further.
    #[inline]
    fn take(&mut self, number: usize, unit: &Unit) {
        self.ahead.of(self.near, number, unit);
        if !self.beside.active.is_empty() {
            for k in 0..self.beside.active.len() {
                self.go_on(unit, self.beside.active[k]);
            }
            if !unit.word.transparent {
                self.beside.active.clear();
            }
        }
        if !self.beyond.active.is_empty() {
            self.pass(unit);
        }
        self.begin(unit);
        self.beside.keep();
        self.beyond.keep();
    }

    /// Enters the phrases that begin here and are whole, or go on with what stands ahead.
    #[inline]
    fn begin(&mut self, unit: &Unit) {
        let word = &unit.word;
        if word.accepted {
            for &symbol in self.near.symbols(unit) {
                if let Some(outcome) = self.view.first.get(symbol as usize).checked_sub(1) {
                    self.complete(outcome as usize, self.at);
                }
            }
        }
        let known = self.known;
        if word.beside & self.ahead.beside.bits != 0 {
            for start in known.beside(word) {
                self.wait(start.wanted, start.state, self.at, 0);
            }
        }
        if word.beyond != 0 && word.beyond & self.ahead.beyond(self.near, word.widest).bits != 0 {
            for start in known.beyond(word) {
                self.wait(start.wanted, start.state, self.at, start.gap);
            }
        }
    }

    /// Lets the positions behind gaps see the unit; those whose gap is used up go.
    fn pass(&mut self, unit: &Unit) {
        // No gap reaches over the end of a sentence.
        if unit.starts_sentence {
            self.beyond.active.clear();
            return;
        }
        let mut kept = 0;
        for k in 0..self.beyond.active.len() {
            let mut a = self.beyond.active[k];
            if a.wanted & unit.word.bits != 0 {
                self.go_on(unit, a);
            }
            if !unit.word.transparent {
                if a.left == 0 {
                    continue;
                }
                a.left -= 1;
            }
            self.beyond.active[kept] = a;
            kept += 1;
        }
        self.beyond.active.truncate(kept);
    }

    /// Takes a position further by the symbols of the unit.
    fn go_on(&mut self, unit: &Unit, a: Active) {
        let view = self.view;
        for &symbol in self.near.symbols(unit) {
            if a.wanted & bit(symbol) != 0
                && let Some(outcome) = self.edges.outcome(view, a.state, symbol)
            {
                self.complete(outcome as usize, a.start);
                for k in view.wait_start.run(outcome as usize) {
                    let state = view.wait_state.get(k) as u32;
                    let wanted = view.wanted.get(state as usize);
                    self.wait(wanted, state, a.start, view.wait_gap[k]);
                }
            }
        }
    }

    /// Enters what an outcome completes.
    #[inline]
    fn complete(&mut self, outcome: usize, start: u32) {
        for k in self.view.accept_start.run(outcome) {
            self.out.push(Found { end: self.at + 1, start, meaning: self.view.accepts.get(k) as u32 });
        }
    }

    /// Lets a position wait in a state, behind a gap or side by side, if something that it waits for comes.
    #[inline]
    fn wait(&mut self, wanted: u64, state: u32, start: u32, gap: u8) {
        let coming = if gap == 0 { self.ahead.beside } else { self.ahead.beyond(self.near, gap) };
        if wanted & coming.bits != 0 && self.comes(wanted, state, coming) {
            let waiting = if gap == 0 { &mut *self.beside } else { &mut *self.beyond };
            waiting.reached.push(Active { wanted, state, start, left: gap });
        }
    }

    /// Whether something comes that is waited for, as far as it is known.
    #[inline]
    fn comes(&mut self, wanted: u64, state: u32, coming: Coming) -> bool {
        coming.open
            || self
                .ahead
                .symbols(self.near, coming)
                .iter()
                .any(|&symbol| wanted & bit(symbol) != 0 && self.edges.outcome(self.view, state, symbol).is_some())
    }
}

impl Waiting {
    /// Adds the positions that were reached. A state reached twice from the same start keeps its widest gap.
    #[inline]
    fn keep(&mut self) {
        if !self.reached.is_empty() {
            self.add();
        }
    }

    fn add(&mut self) {
        /// Looking for each among the others costs less than sorting them while there are no more pairs than this.
        const FEW: usize = 256;
        let Waiting { active, reached } = self;
        if reached.len() * (active.len() + reached.len()) > FEW {
            active.append(reached);
            active.sort_unstable_by_key(|a| (a.place(), std::cmp::Reverse(a.left)));
            active.dedup_by_key(|a| a.place());
            return;
        }
        for &new in reached.iter() {
            match active.iter_mut().rev().find(|a| a.place() == new.place()) {
                Some(held) => held.left = held.left.max(new.left),
                None => active.push(new),
            }
        }
        reached.clear();
    }
}

/// Sorts what was found from `from` on; two ways to the same meaning are one find. Returns where it ends.
fn settle(out: &mut Vec<Found>, from: usize) -> usize {
    if out.len() > from + 1 {
        out[from..].sort_unstable();
        let mut kept = from + 1;
        for k in from + 1..out.len() {
            if out[k] != out[kept - 1] {
                out[kept] = out[k];
                kept += 1;
            }
        }
        out.truncate(kept);
    }
    out.len()
}

#[cfg(test)]
mod tests;
