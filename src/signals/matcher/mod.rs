/*!
The matcher: all phrases of all lexicons, found in one pass over the units of a text.

The phrases form one nondeterministic automaton without empty moves. Each unit of the text is turned into the few symbols
that some phrase asks for (its own text, prefixes of it, the classes of its entity), and every active position advances
by them. Positions are (node, where it began, how much of a gap is left), so the work per unit is bounded by the lexicon
and not by the text: nothing is quadratic.
*/

mod build;
mod stored;

pub(crate) use build::Builder;
pub(crate) use stored::Stored;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Classes of entities that patterns may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
pub(crate) struct Seen<'a> {
    /// The unit's own words; empty for an entity of several tokens.
    pub(crate) text: &'a str,
    /// The classes of its entity.
    pub(crate) classes: &'a [Class],
    /// A sentence ended before it.
    pub(crate) starts_sentence: bool,
    /// A hyphen, an emoji, a star: phrases reach over it.
    pub(crate) transparent: bool,
}

/// A phrase that was found: units `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) phrase: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

type Node = u32;
type Symbol = u32;

/// Words longer than this match no prefix: the cost of a unit stays bounded.
const MAX_WORD: usize = 64;

/// The compiled phrases. Runs of the arrays belong to nodes and edges: node `n` has the edges
/// `edge_start[n]..edge_start[n + 1]`, sorted by symbol, and edge `e` the targets `target_start[e]..target_start[e + 1]`.
#[derive(Debug, Default)]
pub(crate) struct Automaton {
    edge_start: Vec<u32>,
    edge_symbol: Vec<Symbol>,
    target_start: Vec<u32>,
    targets: Vec<Node>,
    accept_start: Vec<u32>,
    accepts: Vec<u32>,
    gap_start: Vec<u32>,
    gap_wide: Vec<u32>,
    gap_beyond: Vec<Node>,
    exact: FxHashMap<u64, Symbol>,
    prefixes: FxHashMap<u64, Symbol>,
    prefix_lengths: Vec<usize>,
}

/// A position in the automaton. `gap` tokens may still be passed over before the next element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Active {
    node: Node,
    start: u32,
    gap: u8,
}

/// Room for the work of one text, kept from text to text.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    active: Vec<Active>,
    next: Vec<Active>,
    symbols: Vec<Symbol>,
}

impl Automaton {
    fn nodes(&self) -> usize {
        self.edge_start.len().saturating_sub(1)
    }

    /// The largest number of a phrase.
    pub(crate) fn last_phrase(&self) -> Option<u32> {
        self.accepts.iter().copied().max()
    }

    /// Appends every phrase that occurs in `units` to `out`, in the order of their ends.
    pub(crate) fn find<'a>(&self, units: impl Iterator<Item = Seen<'a>>, scratch: &mut Scratch, out: &mut Vec<Found>) {
        scratch.active.clear();
        for (i, unit) in units.enumerate() {
            let i = i as u32;
            if unit.starts_sentence {
                scratch.active.retain(|a| a.gap == 0);
            }
            scratch.symbols.clear();
            self.symbols_of(&unit, &mut scratch.symbols);
            scratch.next.clear();
            for k in 0..scratch.active.len() {
                let active = scratch.active[k];
                for s in 0..scratch.symbols.len() {
                    self.advance(active.node, active.start, scratch.symbols[s], i, &mut scratch.next, out);
                }
                if unit.transparent {
                    scratch.next.push(active);
                } else if active.gap > 0 {
                    scratch.next.push(Active { gap: active.gap - 1, ..active });
                }
            }
            for s in 0..scratch.symbols.len() {
                self.advance(0, i, scratch.symbols[s], i, &mut scratch.next, out);
            }
            // The same node reached twice from the same start keeps its widest gap.
            scratch.next.sort_unstable_by_key(|a| (a.node, a.start, std::cmp::Reverse(a.gap)));
            scratch.next.dedup_by_key(|a| (a.node, a.start));
            std::mem::swap(&mut scratch.active, &mut scratch.next);
        }
    }

    fn symbols_of(&self, unit: &Seen<'_>, out: &mut Vec<Symbol>) {
        out.extend(unit.classes.iter().map(|&c| c as Symbol));
        if unit.text.is_empty() {
            return;
        }
        let bytes = unit.text.as_bytes();
        out.extend(self.exact.get(&xxh3_64(bytes)));
        if bytes.len() > MAX_WORD {
            return;
        }
        for &length in self.prefix_lengths.iter().take_while(|&&l| l <= bytes.len()) {
            out.extend(self.prefixes.get(&xxh3_64(&bytes[..length])));
        }
    }

    fn advance(&self, from: Node, start: u32, symbol: Symbol, at: u32, next: &mut Vec<Active>, out: &mut Vec<Found>) {
        let edges = self.edge_start[from as usize] as usize..self.edge_start[from as usize + 1] as usize;
        let Ok(edge) = self.edge_symbol[edges.clone()].binary_search(&symbol) else { return };
        let edge = edges.start + edge;
        for &node in &self.targets[self.target_start[edge] as usize..self.target_start[edge + 1] as usize] {
            let run = |starts: &[u32]| starts[node as usize] as usize..starts[node as usize + 1] as usize;
            let accepts = &self.accepts[run(&self.accept_start)];
            out.extend(accepts.iter().map(|&phrase| Found { phrase, start, end: at + 1 }));
            self.reach(node, start, 0, next);
        }
    }

    /// A position, and those beyond the gaps that begin there: a gap may follow a gap where what stood between was left out.
    fn reach(&self, node: Node, start: u32, gap: u8, next: &mut Vec<Active>) {
        next.push(Active { node, start, gap });
        for g in self.gap_start[node as usize] as usize..self.gap_start[node as usize + 1] as usize {
            self.reach(self.gap_beyond[g], start, gap.saturating_add(self.gap_wide[g] as u8), next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::build::GAP_PLACE;
    use super::*;
    use crate::signals::pattern;
    use crate::text::fold::Folder;
    use crate::text::tokenizer::Tokenizer;

    fn found(patterns: &[&str], words: &str) -> Vec<(u32, u32, u32)> {
        let mut builder = Builder::default();
        for (i, p) in patterns.iter().enumerate() {
            builder.add(&pattern::parse(p, &Folder::new(), &Tokenizer::default()).unwrap(), i as u32).unwrap();
        }
        let mut out = Vec::new();
        let units = words.split(' ').map(|w| Seen {
            text: w.trim_start_matches('^'),
            classes: if w == "$" { &[Class::Money] } else { &[] },
            starts_sentence: w.starts_with('^'),
            transparent: w == "-",
        });
        builder.build().find(units, &mut Scratch::default(), &mut out);
        out.into_iter().map(|f| (f.phrase, f.start, f.end)).collect()
    }

    #[test]
    fn phrases_are_found_where_they_stand() {
        assert_eq!(found(&["free flight", "flight"], "a free flight now"), [(0, 1, 3), (1, 2, 3)]);
        assert_eq!(found(&["free flight"], "free - flight"), [(0, 0, 3)]);
        assert_eq!(found(&["earn <money>"], "earn $"), [(0, 0, 2)]);
        assert_eq!(found(&["train*"], "training trai"), [(0, 0, 1)]);
        assert_eq!(found(&["free flight"], "free the flight"), []);
    }

    #[test]
    fn gaps_end_with_the_sentence_and_with_their_width() {
        assert_eq!(found(&["pick ..2 border"], "pick a b border"), [(0, 0, 4)]);
        assert_eq!(found(&["pick ..2 border"], "pick border"), [(0, 0, 2)]);
        assert_eq!(found(&["pick ..2 border"], "pick a b c border"), []);
        assert_eq!(found(&["pick ..2 border"], "pick a ^border"), []);
        assert_eq!(found(&["pick ..2 [at] ..1 border"], "pick a b c border"), [(0, 0, 5)]);
        assert_eq!(found(&["pick ..2 [at] ..1 border"], "pick border"), [(0, 0, 2)]);
    }

    #[test]
    fn alternatives_and_options_share_their_ends() {
        let pattern = &["(free|paid) [return] (flight|air ticket) [and room]"];
        assert_eq!(found(pattern, "paid return air ticket and room"), [(0, 0, 4), (0, 0, 6)]);
        assert_eq!(found(pattern, "free flight and rooms"), [(0, 0, 2)]);
    }

    #[test]
    fn phrases_that_cannot_be_are_refused() {
        for (p, message) in [
            ("[free]", "it can match nothing at all"),
            ("..3 free", GAP_PLACE),
            ("[a] ..3 free", GAP_PLACE),
            ("free ..3", GAP_PLACE),
            ("free [..3]", GAP_PLACE),
        ] {
            let pattern = pattern::parse(p, &Folder::new(), &Tokenizer::default()).unwrap();
            assert_eq!(Builder::default().add(&pattern, 0).unwrap_err(), message, "{p}");
        }
    }

    #[test]
    fn repetition_does_not_multiply_the_work() {
        let text = "free ".repeat(20_000);
        assert_eq!(found(&["free ..12 flight", "free free ..12 flight"], text.trim()), []);
    }
}
