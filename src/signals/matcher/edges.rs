/*!
Where a state leads by a symbol.

A phrase that has begun asks for the words that can follow, and most that come are not among the hundred edges of its
state. So every edge has a byte of a filter, in which the edges of a state have set a bit each: seven of eight symbols that
have no edge are told by one look. Edges lie in the order of their symbols' hashes, which are spread evenly, so that the
others are looked for where they should be.
*/

use super::Symbol;
use super::known::Start;
use super::stored::View;
use crate::text::lanes::fetch;

/// Looking through so few edges costs less than a search.
const FEW: usize = 8;

/// Spreads symbols evenly over 32 bits; no two have the same hash.
#[inline]
pub(super) fn hash(symbol: Symbol) -> u32 {
    symbol.wrapping_mul(0x9e37_79b1)
}

/// Bits of the sets of symbols that states ask for: they are stored in three bytes.
const SET: usize = 24;

/// The bit that stands for a symbol in a set of 24.
#[inline]
pub(super) fn bit(symbol: Symbol) -> u64 {
    bit_of(hash(symbol))
}

/// As [`bit`], by the hash of the symbol.
#[inline]
pub(super) fn bit_of(hash: u32) -> u64 {
    1 << spread(hash, SET)
}

/// Where the edges of a state lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edges {
    start: u32,
    count: u32,
}

/// Where among so many a hash lies, if they are spread evenly.
#[inline]
fn spread(hash: u32, over: usize) -> usize {
    ((u64::from(hash) * over as u64) >> 32) as usize
}

/// The filter of a state with edges by these symbols: a byte for each.
pub(super) fn filter(symbols: impl ExactSizeIterator<Item = Symbol>) -> Vec<u8> {
    let bits = 8 * symbols.len();
    let mut filter = vec![0; symbols.len()];
    for symbol in symbols {
        let bit = spread(hash(symbol), bits);
        filter[bit / 8] |= 1 << (bit % 8);
    }
    filter
}

impl View<'_> {
    /// A state in which a phrase waits behind a gap, with what is asked of it again and again.
    #[inline]
    pub(super) fn start(&self, state: u32, gap: u8) -> Start {
        let edges = self.edge_start.run(state as usize);
        let edges = Edges { start: edges.start as u32, count: edges.len() as u32 };
        Start { wanted: self.wanted.get(state as usize), edges, gap }
    }

    /// Whether one of the edges may have the symbol of this hash; "no" is sure.
    #[inline]
    pub(super) fn may_have(&self, edges: Edges, hash: u32) -> bool {
        let bit = spread(hash, 8 * edges.count as usize);
        self.edge_filter.get(edges.start as usize + bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 != 0)
    }

    /// Asks for what [`View::may_have`] will read.
    #[inline]
    pub(super) fn fetch_filter(&self, edges: Edges, hash: u32) {
        if let Some(byte) = self.edge_filter.get(edges.start as usize + spread(hash, edges.count as usize)) {
            fetch(byte);
        }
    }

    /// Asks for what [`View::outcome`] will read.
    #[inline]
    pub(super) fn fetch_edge(&self, edges: Edges, symbol: Symbol) {
        let within = if edges.count as usize <= FEW { 0 } else { spread(hash(symbol), edges.count as usize) };
        self.edges.fetch(edges.start as usize + within);
    }

    /// The outcome of a symbol, if one of the edges has it.
    #[inline]
    pub(super) fn outcome(&self, edges: Edges, symbol: Symbol) -> Option<u32> {
        let (start, count) = (edges.start as usize, edges.count as usize);
        let edge = if count <= FEW {
            (0..count).position(|edge| self.edge_symbol(start + edge) == symbol)?
        } else {
            self.search(start, count, symbol)?
        };
        Some(self.edge_outcome(start + edge))
    }

    /// Which of the edges from `start` on has a symbol.
    fn search(&self, start: usize, count: usize, symbol: Symbol) -> Option<usize> {
        let wanted = hash(symbol);
        let held = |edge: usize| hash(self.edge_symbol(start + edge));
        let mut edge = spread(wanted, count);
        while edge > 0 && held(edge) > wanted {
            edge -= 1;
        }
        while edge < count && held(edge) < wanted {
            edge += 1;
        }
        (edge < count && held(edge) == wanted).then_some(edge)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Builder, Look, Scratch, Seen};
    use crate::signals::pattern;
    use crate::text::fold::Folder;
    use crate::text::ngrams::token_hash;
    use crate::text::tokenizer::Tokenizer;

    /// A state of many edges leads by each of them, and by no other.
    #[test]
    fn every_edge_of_a_large_state_is_found() {
        let words: Vec<String> = (0..700).map(|n| format!("w{n}")).collect();
        let mut builder = Builder::default();
        for (n, word) in words.iter().enumerate() {
            let pattern = pattern::parse(&format!("begin {word}"), &Folder::new(), &Tokenizer::default()).unwrap();
            builder.add(&pattern, n as u32).unwrap();
            let alone = pattern::parse(&format!("other{n} {word}x"), &Folder::new(), &Tokenizer::default()).unwrap();
            builder.add(&alone, 1000 + n as u32).unwrap();
        }
        let automaton = builder.build().unwrap();
        for (n, word) in words.iter().enumerate() {
            for (second, found) in [(word.clone(), 1), (format!("{word}x"), 0)] {
                let texts = ["begin", &second];
                let seen = texts.map(|text| Seen { hash: token_hash(text), shape: 0, starts_sentence: false });
                let look = |at: usize| Look { text: texts[at], classes: &[], transparent: false };
                let mut out = Vec::new();
                automaton.find(seen.into_iter(), look, &mut Scratch::default(), &mut out);
                assert_eq!(out.len(), found, "{second}");
                assert!(out.iter().all(|f| f.meaning == n as u32));
            }
        }
    }
}
