/*!
Where a state leads by a symbol, found by hash.

A phrase that has begun asks for the words that can follow, and most are not among some hundred edges of its state. So
the edges of a state that is asked again are put into a table by the hash of their symbols; a feed asks few of all states.
*/

use super::Symbol;
use super::stored::View;

/// The tables of the states that were asked.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// For each state, where its slots begin and the binary logarithm of how many there are; how often it was asked while
    /// it has none.
    states: Vec<u32>,
    /// Sixteen bits of a symbol's hash, and one more than the number of its edge; 0 for none.
    slots: Vec<u32>,
}

/// Bits of a logarithm.
const SIZE: u32 = 5;
/// A state that was asked so often gets a table.
const OFTEN: u32 = 2;

impl Edges {
    /// Looking through so few edges costs less than making a table.
    const FEW: usize = 8;
    /// Slots that are kept for the next text: 4 MiB.
    const MOST: usize = 1 << 20;

    /// Makes ready for a text.
    pub(super) fn begin(&mut self, view: &View<'_>) {
        if self.states.len() != view.wanted.len() || self.slots.len() > Edges::MOST {
            self.states = vec![0; view.wanted.len()];
            self.slots.clear();
            // No state's slots begin at 0.
            self.slots.push(0);
        }
    }

    /// The outcome of a symbol in a state.
    #[inline]
    pub(super) fn outcome(&mut self, view: &View<'_>, state: u32, symbol: Symbol) -> Option<u32> {
        let table = self.states[state as usize];
        if table <= OFTEN {
            return self.search(view, state, symbol);
        }
        let bits = table & ((1 << SIZE) - 1);
        let slots = &self.slots[(table >> SIZE) as usize..];
        let hash = hash(symbol);
        let mut slot = (hash >> (u32::BITS - bits)) as usize;
        loop {
            let held = slots[slot & ((1 << bits) - 1)];
            if held == 0 {
                return None;
            }
            if held >> 16 == hash & 0xffff {
                let edge = view.edge_start.get(state as usize) as usize + (held & 0xffff) as usize - 1;
                if view.edge_symbol.get(edge) == u64::from(symbol) {
                    return Some(view.edge_outcome.get(edge) as u32);
                }
            }
            slot += 1;
        }
    }

    /// The outcome of a symbol in a state that has no table, unless it gets one.
    #[inline(never)]
    fn search(&mut self, view: &View<'_>, state: u32, symbol: Symbol) -> Option<u32> {
        let edges = view.edge_start.run(state as usize);
        let symbols = view.edge_symbol.slice(edges.clone());
        let edge = if symbols.len() <= Edges::FEW {
            symbols.position(u64::from(symbol))?
        } else {
            let asked = &mut self.states[state as usize];
            if *asked < OFTEN {
                *asked += 1;
            } else if symbols.len() < usize::from(u16::MAX) {
                self.make(view, state);
            }
            symbols.find(u64::from(symbol))?
        };
        Some(view.edge_outcome.get(edges.start + edge) as u32)
    }

    /// Makes the table of a state.
    fn make(&mut self, view: &View<'_>, state: u32) {
        let symbols = view.edge_symbol.slice(view.edge_start.run(state as usize));
        let size = (2 * symbols.len()).next_power_of_two();
        let start = self.slots.len();
        self.slots.resize(start + size, 0);
        let slots = &mut self.slots[start..];
        for (number, symbol) in (1..).zip(symbols.iter()) {
            let hash = hash(symbol as Symbol);
            let mut slot = (hash >> (u32::BITS - size.ilog2())) as usize;
            while slots[slot & (size - 1)] != 0 {
                slot += 1;
            }
            slots[slot & (size - 1)] = hash << 16 | number;
        }
        self.states[state as usize] = (start as u32) << SIZE | size.ilog2();
    }
}

#[inline]
fn hash(symbol: Symbol) -> u32 {
    symbol.wrapping_mul(0x9e37_79b1)
}
