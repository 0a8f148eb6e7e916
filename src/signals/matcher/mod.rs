/*!
The matcher: all phrases of all lexicons, found in the units of a text.

Each unit of the text is turned into the few symbols that some phrase asks for (its own text, beginnings of it, the classes
of its entity). Where a unit begins phrases, the units ahead are asked for what these phrases wait for, as far as their gaps
are wide, and again from each unit that fits. What was reached from one beginning is not gone on from twice, so the work per
unit is bounded by the lexicon and not by the text: nothing is quadratic. Of most beginnings nothing that is waited for
stands within reach, which a look at a set of bits tells.
*/

mod build;
mod determine;
mod edges;
mod index;
mod known;
mod step;
mod stored;

pub(crate) use build::Builder;
pub(crate) use stored::Stored;

use index::Index;
use known::{Known, Unit, count_plain};
use step::{Room, Step};

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
#[derive(Clone, Copy, Debug, Default)]
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

/// Room for the work of one text, kept from text to text of the same automaton.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    known: Known,
    seen: Vec<Seen>,
    units: Vec<Unit>,
    room: Room,
}

impl Scratch {
    /// The room of a text of more units than this is given back.
    const LONGEST_KEPT: usize = 1 << 16;
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

    /// Appends what the phrases in `units` mean to `out`, each once, in the order of their ends. `look` tells how
    /// the unit of a number looks.
    pub(crate) fn find<'a>(
        &self,
        units: impl Iterator<Item = Seen>,
        look: impl Fn(usize) -> Look<'a>,
        scratch: &mut Scratch,
        out: &mut Vec<Found>,
    ) {
        let view = &self.stored.view();
        let Scratch { known, seen, units: text, room } = scratch;
        known.begin();
        seen.clear();
        seen.extend(units);
        text.clear();
        known.units(seen, look, (view, &self.index), text);
        count_plain(text);
        let from = out.len();
        Step::new((view, known), text, room, out).run();
        settle(out, from);
        if text.capacity() > Scratch::LONGEST_KEPT {
            *seen = Vec::new();
            *text = Vec::new();
        }
    }
}

/// Sorts what was found from `from` on; two ways to the same meaning are one find.
fn settle(out: &mut Vec<Found>, from: usize) {
    if out.len() > from + 1 {
        out[from..].sort_unstable_by_key(|f| (u64::from(f.end) << 32 | u64::from(f.start), f.meaning));
        let mut kept = from + 1;
        for k in from + 1..out.len() {
            if out[k] != out[kept - 1] {
                out[kept] = out[k];
                kept += 1;
            }
        }
        out.truncate(kept);
    }
}

#[cfg(test)]
mod tests;
