/*!
What the phrases ask of a unit, remembered by the word: the words of a feed repeat.

Finding the symbols of a word means a search for it and for every beginning of it that some phrase could ask for. What
comes out, and what the phrases that begin with it wait for next, is kept in a small table, two words in each place, so
that new words of a hostile text push out only each other.
*/

use xxhash_rust::xxh3::xxh3_64;

use super::ahead::{Unit, Units};
use super::index::Index;
use super::stored::View;
use super::{FIRST_WORD, Look, MAX_WORD, Seen, Symbol, bit};

/// Symbols of a word that are kept with it; few words have more.
const FEW: usize = 5;

/// What a word is to the phrases.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Word {
    /// What it is known by; 0 where there is none.
    key: u64,
    /// The bits of its symbols.
    pub(super) bits: u64,
    /// The bits of the symbols that phrases which begin with it wait for side by side,
    pub(super) beside: u64,
    /// and behind a gap.
    pub(super) beyond: u64,
    /// Where the states in which these wait begin, and how many they are, first those side by side.
    starts: u32,
    count_beside: u16,
    count_beyond: u16,
    /// The widest of the gaps.
    pub(super) widest: u8,
    /// It is a phrase by itself.
    pub(super) accepted: bool,
    /// Phrases reach over it.
    pub(super) transparent: bool,
    count: u8,
    symbols: [Symbol; FEW],
}

/// A state in which a phrase waits that has begun with a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) wanted: u64,
    pub(super) state: u32,
    pub(super) gap: u8,
}

/// The words that were met.
#[derive(Debug, Default)]
pub(super) struct Known {
    places: Vec<[Word; 2]>,
    /// New words since the table has this size.
    met: usize,
    starts: Vec<Start>,
}

impl Known {
    /// Places at first; a single posting fills no more.
    const FEWEST: usize = 1 << 8;
    /// Places at most: 2 MiB.
    const MOST: usize = 1 << 14;
    /// States that are kept for the next text: 1 MiB.
    const MOST_STARTS: usize = 1 << 16;

    /// Makes ready for a text.
    pub(super) fn begin(&mut self) {
        if self.starts.len() > Known::MOST_STARTS {
            *self = Known::default();
        }
    }

    /// The states in which phrases wait side by side that begin with a word.
    #[inline]
    pub(super) fn beside(&self, word: &Word) -> &[Start] {
        &self.starts[word.starts as usize..][..usize::from(word.count_beside)]
    }

    /// The states in which phrases wait behind a gap that begin with a word.
    #[inline]
    pub(super) fn beyond(&self, word: &Word) -> &[Start] {
        &self.starts[word.starts as usize + usize::from(word.count_beside)..][..usize::from(word.count_beyond)]
    }

    /// Adds a unit to those that are near; `look` is asked about one that is not known.
    #[inline]
    pub(super) fn add<'a>(
        &mut self,
        seen: Seen,
        look: impl FnOnce() -> Look<'a>,
        (view, index): (&View<'_>, &Index),
        near: &mut Units,
    ) {
        let key = (seen.hash ^ seen.shape.wrapping_mul(0x9e37_79b9_7f4a_7c15)).max(1);
        let place = key as usize & self.places.len().wrapping_sub(1);
        let first = near.symbols.len();
        let word = match self.places.get(place) {
            Some([word, _]) | Some([_, word]) if word.key == key => {
                for &symbol in word.symbols.iter().take(usize::from(word.count)) {
                    near.symbols.push(symbol);
                }
                *word
            }
            _ => self.meet(seen.hash, key, look(), (view, index), &mut near.symbols),
        };
        let symbols = (first as u32, near.symbols.len() as u32);
        near.units.push(Unit { word, symbols, starts_sentence: seen.starts_sentence });
    }

    /// Looks a word up, and remembers it. Its symbols are appended to `symbols`.
    #[cold]
    #[inline(never)]
    fn meet(
        &mut self,
        hash: u64,
        key: u64,
        look: Look<'_>,
        (view, index): (&View<'_>, &Index),
        symbols: &mut Vec<Symbol>,
    ) -> Word {
        let first = symbols.len();
        symbols.extend(look.classes.iter().map(|&class| class as Symbol));
        symbols_of(look.text.as_bytes(), hash, (view, index), symbols);
        let own = &symbols[first..];
        let mut word = Word { key, transparent: look.transparent, starts: self.starts.len() as u32, ..Word::default() };
        for &symbol in own {
            word.bits |= bit(symbol);
            let Some(outcome) = view.first.get(symbol as usize).checked_sub(1) else { continue };
            word.accepted |= !view.accept_start.run(outcome as usize).is_empty();
            for k in view.wait_start.run(outcome as usize) {
                let (state, gap) = (view.wait_state.get(k) as u32, view.wait_gap[k]);
                let wanted = view.wanted.get(state as usize);
                if gap == 0 {
                    word.beside |= wanted;
                    word.count_beside += 1;
                } else {
                    word.beyond |= wanted;
                    word.count_beyond += 1;
                    word.widest = word.widest.max(gap);
                }
                self.starts.push(Start { wanted, state, gap });
            }
        }
        self.starts[word.starts as usize..].sort_by_key(|start| start.gap > 0);
        if let Some(few) = word.symbols.get_mut(..own.len()) {
            few.copy_from_slice(own);
            word.count = own.len() as u8;
            self.remember(&word);
        }
        word
    }

    fn remember(&mut self, word: &Word) {
        let size = self.places.len();
        self.met += 1;
        if size == 0 || self.met > 2 * size && size < Known::MOST {
            let larger = vec![Default::default(); (4 * size).clamp(Known::FEWEST, Known::MOST)];
            let smaller = std::mem::replace(&mut self.places, larger);
            for word in smaller.iter().flatten().rev().filter(|word| word.key != 0) {
                self.put(word);
            }
            self.met = 0;
        }
        self.put(word);
    }

    fn put(&mut self, word: &Word) {
        let place = word.key as usize & (self.places.len() - 1);
        let [last, older] = &mut self.places[place];
        *older = *last;
        *last = *word;
    }
}

/// Appends the symbols of a word.
fn symbols_of(word: &[u8], hash: u64, (view, index): (&View<'_>, &Index), symbols: &mut Vec<Symbol>) {
    if word.is_empty() {
        return;
    }
    symbols.extend(index.words.find(view.words, hash).map(|k| FIRST_WORD + k as Symbol));
    if word.len() >= MAX_WORD {
        return;
    }
    let first = FIRST_WORD + view.words.len() as Symbol;
    let mut lengths = index.lengths(view, word);
    while lengths != 0 {
        let length = lengths.trailing_zeros() as usize;
        lengths &= lengths - 1;
        let Some(beginning) = word.get(..length) else { return };
        symbols.extend(index.beginning(view, xxh3_64(beginning)).map(|k| first + k as Symbol));
    }
}
