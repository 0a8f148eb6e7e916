/*!
The automaton as bytes of a file, which it runs on as they lie there: nothing is unpacked at start-up.

Numbers are little-endian; most take three bytes, and an edge five, which keeps the file small and the working set in the
cache.
*/

use std::borrow::Cow;
use std::ops::Range;

use super::edges::{bit, filter, hash};
use super::index::{Index, LENGTHS};
use super::{Automaton, FIRST_WORD, Symbol};
use crate::text::lanes::fetch;

/// Symbols, states and outcomes stay below this, so that two of them fit into five bytes.
pub(super) const MOST: usize = 1 << HALF;

/// Where the edges, meanings and waits of each state or outcome begin, fits into three bytes.
const MOST_HELD: usize = (1 << 24) - 1;

/// The bits of an edge that are its symbol; its outcome lies above them.
const HALF: u32 = 20;

/// How many arrays there are.
const ARRAYS: usize = 13;

/// The bytes, and where each array lies in them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stored {
    bytes: Cow<'static, [u8]>,
    at: [Range<usize>; ARRAYS],
}

/// The arrays, typed; see [`Arrays`] for what they hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) first: U24s<'a>,
    pub(super) edge_start: U24s<'a>,
    pub(super) edges: Numbers<'a, 5>,
    pub(super) edge_filter: &'a [u8],
    pub(super) wanted: U24s<'a>,
    pub(super) accept_start: U24s<'a>,
    pub(super) accepts: U24s<'a>,
    pub(super) wait_start: U24s<'a>,
    pub(super) wait_gap: &'a [u8],
    pub(super) wait_state: U24s<'a>,
    pub(super) words: U64s<'a>,
    pub(super) beginnings: U64s<'a>,
    /// Sets of the lengths that beginnings have, by their first two bytes.
    pub(super) lengths: U64s<'a>,
}

/// An array of numbers of `N` bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<'a, const N: usize>(&'a [[u8; N]]);

pub(super) type U24s<'a> = Numbers<'a, 3>;
pub(super) type U64s<'a> = Numbers<'a, 8>;

impl<'a, const N: usize> Numbers<'a, N> {
    fn new(bytes: &'a [u8]) -> Numbers<'a, N> {
        Numbers(bytes.as_chunks().0)
    }

    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(super) fn get(self, at: usize) -> u64 {
        number(&self.0[at])
    }

    /// Asks for a number that will be read.
    #[inline]
    pub(super) fn fetch(self, at: usize) {
        if let Some(number) = self.0.get(at) {
            fetch(number);
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u64> + 'a {
        (0..self.len()).map(move |at| self.get(at))
    }

    #[inline]
    pub(super) fn slice(self, range: Range<usize>) -> Numbers<'a, N> {
        Numbers(&self.0[range])
    }

    /// Where a number of no more than `N` bytes stands in an array that is short: looking through it costs less than
    /// halving it.
    #[inline]
    pub(super) fn position(self, wanted: u64) -> Option<usize> {
        let wanted = wanted.to_le_bytes();
        let bytes: &[u8; N] = wanted.first_chunk()?;
        self.0.iter().position(|held| held == bytes)
    }

    /// The run that belongs to `at`, in an array of starts.
    #[inline]
    pub(super) fn run(self, at: usize) -> Range<usize> {
        self.get(at) as usize..self.get(at + 1) as usize
    }
}

#[inline]
fn number<const N: usize>(bytes: &[u8; N]) -> u64 {
    match *bytes.as_slice() {
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]).into(),
        [a, b, c, d, e] => u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]),
        [a, b, c, d, e, f, g, h] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)),
    }
}

impl Stored {
    /// The automaton's bytes, which [`Stored::new`] reads again.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.at[0].start..self.at[ARRAYS - 1].end]
    }

    /// The length of each array.
    pub(crate) fn lengths(&self) -> Vec<usize> {
        self.at.iter().map(Range::len).collect()
    }

    /// Arrays that lie one after another in `bytes` from `start`; none when they do not fill the rest.
    pub(crate) fn new(bytes: Cow<'static, [u8]>, start: usize, lengths: &[usize]) -> Option<Stored> {
        let mut at = <[Range<usize>; ARRAYS]>::default();
        let mut end = start;
        if lengths.len() != ARRAYS {
            return None;
        }
        for (range, length) in at.iter_mut().zip(lengths) {
            *range = end..end.checked_add(*length)?;
            end = range.end;
        }
        (end == bytes.len()).then_some(Stored { bytes, at })
    }

    pub(super) fn view(&self) -> View<'_> {
        let array = |k: usize| &self.bytes[self.at[k].clone()];
        View {
            first: Numbers::new(array(0)),
            edge_start: Numbers::new(array(1)),
            edges: Numbers::new(array(2)),
            edge_filter: array(3),
            wanted: Numbers::new(array(4)),
            accept_start: Numbers::new(array(5)),
            accepts: Numbers::new(array(6)),
            wait_start: Numbers::new(array(7)),
            wait_gap: array(8),
            wait_state: Numbers::new(array(9)),
            words: Numbers::new(array(10)),
            beginnings: Numbers::new(array(11)),
            lengths: Numbers::new(array(12)),
        }
    }
}

impl View<'_> {
    /// Asks for a wait, which will be read.
    #[inline]
    pub(super) fn fetch_wait(&self, wait: usize) {
        self.wait_state.fetch(wait);
        if let Some(gap) = self.wait_gap.get(wait) {
            fetch(gap);
        }
    }

    /// Asks for what [`View::start`] reads of a state.
    #[inline]
    pub(super) fn fetch_state(&self, state: usize) {
        self.edge_start.fetch(state);
        self.wanted.fetch(state);
    }

    /// The symbol of an edge.
    #[inline]
    pub(super) fn edge_symbol(&self, edge: usize) -> Symbol {
        (self.edges.get(edge) & (MOST as u64 - 1)) as Symbol
    }

    /// What an edge leads to.
    #[inline]
    pub(super) fn edge_outcome(&self, edge: usize) -> u32 {
        (self.edges.get(edge) >> HALF) as u32
    }
}

impl Automaton {
    /// The automaton of stored arrays. Checks that nothing points outside, so that a damaged file cannot make the
    /// matcher fail; one that was `verified` before is taken as it is.
    pub(crate) fn of(stored: Stored, verified: bool) -> Result<Automaton, &'static str> {
        let v = stored.view();
        let below = |numbers: U24s<'_>, bound: usize| numbers.iter().all(|n| n < bound as u64);
        let runs = |starts: U24s<'_>, of: usize| {
            starts.len() > 0
                && starts.iter().zip(starts.iter().skip(1)).all(|(a, b)| a <= b)
                && starts.get(starts.len() - 1) == of as u64
        };
        let states = v.wanted.len();
        let outcomes = v.accept_start.len().saturating_sub(1);
        let whole = v.edge_start.len() == states + 1
            && v.wait_start.len() == outcomes + 1
            && v.edges.len() == v.edge_filter.len()
            && v.wait_gap.len() == v.wait_state.len()
            && v.first.len() == FIRST_WORD as usize + v.words.len() + v.beginnings.len()
            && v.lengths.len() == LENGTHS;
        let sound = || {
            runs(v.edge_start, v.edges.len())
                && runs(v.accept_start, v.accepts.len())
                && runs(v.wait_start, v.wait_state.len())
                && below(v.first, outcomes + 1)
                && (0..v.edges.len()).all(|edge| (v.edge_outcome(edge) as usize) < outcomes)
                && below(v.wait_state, states)
        };
        if whole && (verified || sound()) {
            let index = Index::of(&stored.view());
            Ok(Automaton { stored, index })
        } else {
            Err("the phrases of the lexicon are damaged")
        }
    }
}

/// The arrays in the making.
#[derive(Default)]
pub(super) struct Arrays {
    /// For each symbol, one more than the outcome that it has where a phrase begins; 0 for none.
    pub(super) first: Vec<u32>,
    /// For each state, where its edges begin; and their symbols, in the order of their hashes, and outcomes.
    edges: (Vec<u32>, Vec<u32>, Vec<u32>),
    /// For each state, the filter of its edges.
    filters: Vec<u8>,
    /// For each state, the bits of the symbols on its edges.
    wanted: Vec<u32>,
    /// For each outcome, where its meanings begin; and these.
    accepts: (Vec<u32>, Vec<u32>),
    /// For each outcome, where the states that then wait begin; and the widths of their gaps, and these.
    waits: (Vec<u32>, Vec<u8>, Vec<u32>),
    /// Hashes of the words that are asked for, in order: symbols from [`FIRST_WORD`] on.
    pub(super) words: Vec<u64>,
    /// Hashes of the beginnings that are asked for, in order: the symbols behind the words.
    pub(super) beginnings: Vec<u64>,
    /// For the first two bytes of a beginning, by [`lengths_at`], the set of the lengths that such beginnings have.
    pub(super) lengths: Vec<u64>,
}

impl Arrays {
    pub(super) fn new() -> Arrays {
        Arrays { lengths: vec![0; LENGTHS], ..Arrays::default() }
    }

    /// Adds a state.
    pub(super) fn state(&mut self, edges: &[(u32, u32)]) {
        let mut edges = edges.to_vec();
        edges.sort_unstable_by_key(|edge| hash(edge.0));
        self.edges.0.push(self.edges.1.len() as u32);
        self.edges.1.extend(edges.iter().map(|e| e.0));
        self.edges.2.extend(edges.iter().map(|e| e.1));
        self.filters.extend(filter(edges.iter().map(|e| e.0)));
        self.wanted.push(edges.iter().fold(0, |set, e| set | bit(e.0) as u32));
    }

    /// Adds an outcome.
    pub(super) fn outcome(&mut self, accepts: &[u32], waits: &[(u8, u32)]) {
        self.accepts.0.push(self.accepts.1.len() as u32);
        self.accepts.1.extend(accepts);
        self.waits.0.push(self.waits.1.len() as u32);
        self.waits.1.extend(waits.iter().map(|w| w.0));
        self.waits.2.extend(waits.iter().map(|w| w.1));
    }

    /// The automaton.
    pub(super) fn finish(mut self) -> Result<Automaton, String> {
        self.edges.0.push(self.edges.1.len() as u32);
        self.accepts.0.push(self.accepts.1.len() as u32);
        self.waits.0.push(self.waits.1.len() as u32);
        if self.first.len() > MOST {
            return Err(format!("its phrases hold {} words, more than {MOST}", self.first.len()));
        }
        let longest = self.edges.1.len().max(self.accepts.1.len()).max(self.waits.1.len());
        if longest > MOST_HELD {
            return Err(format!("its phrases make {longest} steps from word to word, more than {MOST_HELD}"));
        }
        let edges =
            self.edges.1.iter().zip(&self.edges.2).map(|(&symbol, &to)| u64::from(symbol) | u64::from(to) << HALF);
        let edges = edges.flat_map(|edge| edge.to_le_bytes().into_iter().take(5)).collect::<Vec<u8>>();
        let u24s =
            |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes().into_iter().take(3)).collect::<Vec<u8>>();
        let u64s = |numbers: &[u64]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
        let arrays: [Vec<u8>; ARRAYS] = [
            u24s(&self.first),
            u24s(&self.edges.0),
            edges,
            self.filters,
            u24s(&self.wanted),
            u24s(&self.accepts.0),
            u24s(&self.accepts.1),
            u24s(&self.waits.0),
            self.waits.1,
            u24s(&self.waits.2),
            u64s(&self.words),
            u64s(&self.beginnings),
            u64s(&self.lengths),
        ];
        let sizes = arrays.each_ref().map(Vec::len);
        let stored = Stored::new(Cow::Owned(arrays.concat()), 0, &sizes).ok_or("the arrays do not fit together")?;
        Ok(Automaton::of(stored, false)?)
    }
}
