/*!
The matcher: all phrases of all lexicons, found in one pass over the units of a text.

Each unit of the text is turned into the few symbols that some phrase asks for (its own text, beginnings of it, the classes
of its entity), and every position that waits advances by them. Positions are (state, where it began, how much of a gap is
left), so the work per unit is bounded by the lexicon and not by the text: nothing is quadratic.
*/

mod build;
mod determine;
mod stored;

pub(crate) use build::Builder;
pub(crate) use stored::Stored;
use stored::View;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

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
pub(crate) struct Seen<'a> {
    /// The unit's own words.
    pub(crate) text: &'a str,
    /// The hash of these, by [`crate::text::ngrams::token_hash`].
    pub(crate) hash: u64,
    /// The classes of its entity.
    pub(crate) classes: &'a [Class],
    /// A sentence ended before it.
    pub(crate) starts_sentence: bool,
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
    /// How many tokens may still be passed over; none where the next element follows at once, be it in a new sentence.
    gap: Option<u8>,
}

/// Room for the work of one text, kept from text to text.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    active: Vec<Active>,
    reached: Vec<Active>,
    symbols: Vec<Symbol>,
    known: Known,
}

/// The symbols of words that were seen before.
#[derive(Debug, Default)]
struct Known {
    /// By the hash of the word, where its symbols stand in `symbols`.
    words: FxHashMap<u64, (u32, u32)>,
    symbols: Vec<Symbol>,
}

impl Known {
    /// Words remembered at most: hostile texts have ever new ones.
    const MOST: usize = 1 << 15;
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

    /// Appends what the phrases in `units` mean to `out`, each once, in the order of their ends.
    pub(crate) fn find<'a>(&self, units: impl Iterator<Item = Seen<'a>>, scratch: &mut Scratch, out: &mut Vec<Found>) {
        let view = self.stored.view();
        let Scratch { active, reached, symbols, known } = scratch;
        active.clear();
        let mut from = out.len();
        for (i, unit) in units.enumerate() {
            let i = i as u32;
            if unit.starts_sentence && !active.is_empty() {
                active.retain(|a| a.gap.is_none());
            }
            let words = if unit.text.is_empty() { &[] } else { known.symbols_of(unit.text, unit.hash, &view) };
            let symbols = match unit.classes {
                [] => words,
                classes => {
                    symbols.clear();
                    symbols.extend(classes.iter().map(|&class| class as Symbol));
                    symbols.extend_from_slice(words);
                    symbols.as_slice()
                }
            };
            advance(&view, active, symbols, &unit, i, reached, out);
            for &symbol in symbols {
                if let Some(outcome) = view.first.get(symbol as usize).checked_sub(1) {
                    follow(&view, outcome, i, i, reached, out);
                }
            }
            keep(active, reached);
            from = settle(out, from);
        }
    }
}

/// Lets every position that waits see a unit: those that it takes further are `reached`, those whose gap is used up go.
fn advance(
    view: &View<'_>,
    active: &mut Vec<Active>,
    symbols: &[Symbol],
    unit: &Seen<'_>,
    at: u32,
    reached: &mut Vec<Active>,
    out: &mut Vec<Found>,
) {
    if active.is_empty() {
        return;
    }
    let here = symbols.iter().fold(0, |set, &symbol| set | bit(symbol));
    let mut kept = 0;
    for k in 0..active.len() {
        let a = &mut active[k];
        if a.wanted & here != 0 {
            let edges = view.edge_start.run(a.state as usize);
            let held = view.edge_symbol.slice(edges.clone());
            for &symbol in symbols.iter().filter(|&&symbol| a.wanted & bit(symbol) != 0) {
                if let Some(edge) = held.find(u64::from(symbol)) {
                    follow(view, view.edge_outcome.get(edges.start + edge), a.start, at, reached, out);
                }
            }
        }
        if !unit.transparent {
            match a.gap.and_then(|gap| gap.checked_sub(1)) {
                None => continue,
                less => a.gap = less,
            }
        }
        if kept < k {
            active[kept] = active[k];
        }
        kept += 1;
    }
    active.truncate(kept);
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

/// Enters what an outcome completes, and the states that then wait.
fn follow(view: &View<'_>, outcome: u64, start: u32, at: u32, reached: &mut Vec<Active>, out: &mut Vec<Found>) {
    let outcome = outcome as usize;
    for k in view.accept_start.run(outcome) {
        out.push(Found { end: at + 1, start, meaning: view.accepts.get(k) as u32 });
    }
    for k in view.wait_start.run(outcome) {
        let state = view.wait_state.get(k) as u32;
        let gap = Some(view.wait_gap[k]).filter(|&gap| gap > 0);
        reached.push(Active { wanted: view.wanted.get(state as usize), state, start, gap });
    }
}

/// Adds the positions that were reached. A state reached twice from the same start keeps its widest gap, and none.
fn keep(active: &mut Vec<Active>, reached: &mut Vec<Active>) {
    /// Looking for the one among so few costs less than sorting them.
    const FEW: usize = 12;
    if active.len() + reached.len() > FEW {
        active.append(reached);
        active.sort_unstable_by_key(|a| (a.state, a.start, std::cmp::Reverse(a.gap)));
        active.dedup_by_key(|a| (a.state, a.start, a.gap.is_some()));
        return;
    }
    for &new in reached.iter() {
        let same = |a: &&mut Active| (a.state, a.start, a.gap.is_some()) == (new.state, new.start, new.gap.is_some());
        match active.iter_mut().find(same) {
            Some(held) => held.gap = held.gap.max(new.gap),
            None => active.push(new),
        }
    }
    reached.clear();
}

impl Known {
    /// The symbols of a word's own text.
    fn symbols_of(&mut self, word: &str, hash: u64, view: &View<'_>) -> &[Symbol] {
        let bytes = word.as_bytes();
        if let Some(&(start, end)) = self.words.get(&hash) {
            return &self.symbols[start as usize..end as usize];
        }
        if self.words.len() >= Known::MOST {
            self.words.clear();
            self.symbols.clear();
        }
        let start = self.symbols.len();
        self.symbols.extend(view.words.find(hash).map(|k| FIRST_WORD + k as Symbol));
        if bytes.len() < MAX_WORD {
            let first = FIRST_WORD + view.words.len() as Symbol;
            let mut lengths = lengths_of(bytes, view);
            while lengths != 0 {
                let length = lengths.trailing_zeros() as usize;
                lengths &= lengths - 1;
                if let Some(beginning) = bytes.get(..length) {
                    self.symbols.extend(view.beginnings.find(xxh3_64(beginning)).map(|k| first + k as Symbol));
                }
            }
        }
        self.words.insert(hash, (start as u32, self.symbols.len() as u32));
        &self.symbols[start..]
    }
}

/// The lengths that beginnings of a word can have, as a set.
fn lengths_of(word: &[u8], view: &View<'_>) -> u64 {
    let of = |start: [u8; 2]| {
        let key = u64::from(u16::from_be_bytes(start));
        let (mut low, mut high) = (0, view.lengths.len() / 2);
        while low < high {
            let middle = (low + high) / 2;
            if view.lengths.get(2 * middle) < key { low = middle + 1 } else { high = middle }
        }
        if 2 * low < view.lengths.len() && view.lengths.get(2 * low) == key { view.lengths.get(2 * low + 1) } else { 0 }
    };
    let second = word.get(1).copied().unwrap_or_default();
    // A beginning of one byte has no second one.
    of([word[0], second]) | if second == 0 { 0 } else { of([word[0], 0]) }
}

#[cfg(test)]
mod tests {
    use super::build::GAP_PLACE;
    use super::*;
    use crate::signals::pattern::{self, Element, Pattern};
    use crate::text::fold::Folder;
    use crate::text::ngrams::token_hash;
    use crate::text::tokenizer::Tokenizer;

    fn seen(word: &str) -> Seen<'_> {
        let text = word.trim_start_matches('^');
        Seen {
            text,
            hash: token_hash(text),
            classes: if text == "$" { &[Class::Money] } else { &[] },
            starts_sentence: word.starts_with('^'),
            transparent: text == "-",
        }
    }

    fn found(patterns: &[&str], words: &str) -> Vec<(u32, u32, u32)> {
        let mut builder = Builder::default();
        for (i, p) in patterns.iter().enumerate() {
            builder.add(&pattern::parse(p, &Folder::new(), &Tokenizer::default()).unwrap(), i as u32).unwrap();
        }
        let mut out = Vec::new();
        let units = words.split(' ').map(seen);
        builder.build().unwrap().find(units, &mut Scratch::default(), &mut out);
        out.into_iter().map(|f| (f.meaning, f.start, f.end)).collect()
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
        assert_eq!(found(&["pick ..2 border"], "pick a b ^border"), []);
        assert_eq!(found(&["pick border"], "pick ^border"), [(0, 0, 2)]);
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

    /// All ends of a row of elements from unit `at`, found by trying everything.
    fn ends(row: &[Element], units: &[Seen<'_>], at: usize, gap: Option<u8>) -> Vec<usize> {
        match row {
            [] => vec![at],
            [Element::Gap(wide), rest @ ..] => ends(rest, units, at, Some(gap.unwrap_or(0).saturating_add(*wide))),
            [element, rest @ ..] => {
                let Some(unit) = units.get(at).filter(|unit| gap.is_none() || !unit.starts_sentence) else {
                    return vec![];
                };
                let fits = match element {
                    Element::Exact(text) => unit.text == text,
                    Element::Prefix(text) => unit.text.starts_with(text.as_str()),
                    Element::Class(class) => unit.classes.contains(class),
                    Element::Gap(_) => false,
                };
                let mut found = if fits { ends(rest, units, at + 1, None) } else { vec![] };
                if unit.transparent {
                    found.extend(ends(row, units, at + 1, gap));
                } else if let Some(left) = gap.and_then(|gap| gap.checked_sub(1)) {
                    found.extend(ends(row, units, at + 1, Some(left)));
                }
                found
            }
        }
    }

    /// The rows of elements that a pattern stands for.
    fn rows(pattern: &Pattern) -> Vec<Vec<Element>> {
        match pattern {
            Pattern::Element(element) => vec![vec![element.clone()]],
            Pattern::Either(parts) => parts.iter().flat_map(rows).collect(),
            Pattern::Optional(part) => rows(part).into_iter().chain([vec![]]).collect(),
            Pattern::Sequence(parts) => parts.iter().fold(vec![vec![]], |heads, part| {
                let tails = rows(part);
                heads.iter().flat_map(|head| tails.iter().map(|tail| [head.clone(), tail.clone()].concat())).collect()
            }),
        }
    }

    proptest::proptest! {
        #[test]
        fn finds_what_trying_everything_finds(
            patterns in proptest::collection::vec("(a|b|ab\\*|\\(a\\|b c\\|<money>\\))( \\[(a|b|\\.\\.1|ab\\*)\\]| \\.\\.[123]| (a|b|ab|<money>|ab\\*)){0,4}( (a|b|c))", 1..6),
            words in proptest::collection::vec("\\^?(a|b|ab|abc|c|-|\\$)", 0..12),
        ) {
            let parsed: Vec<Pattern> =
                patterns.iter().map(|p| pattern::parse(p, &Folder::new(), &Tokenizer::default()).unwrap()).collect();
            let mut builder = Builder::default();
            for (i, pattern) in parsed.iter().enumerate() {
                builder.add(pattern, i as u32).unwrap();
            }
            let units: Vec<Seen<'_>> = words.iter().map(|w| seen(w)).collect();
            let mut out = Vec::new();
            builder.build().unwrap().find(units.iter().copied(), &mut Scratch::default(), &mut out);
            let mut wanted = Vec::new();
            for (i, pattern) in parsed.iter().enumerate() {
                for row in rows(pattern) {
                    for start in 0..units.len() {
                        // A phrase begins with its first word, not with a sign before it.
                        let first = ends(&row[..1], &units[..start + 1], start, None);
                        if first.contains(&(start + 1)) {
                            let found = ends(&row[1..], &units, start + 1, None).into_iter();
                            wanted.extend(found.map(|end| Found { end: end as u32, start: start as u32, meaning: i as u32 }));
                        }
                    }
                }
            }
            wanted.sort_unstable();
            wanted.dedup();
            proptest::prop_assert_eq!(out, wanted);
        }
    }

    #[test]
    fn repetition_does_not_multiply_the_work() {
        let text = "free ".repeat(20_000);
        assert_eq!(found(&["free ..12 flight", "free free ..12 flight"], text.trim()), []);
    }
}
