/*!
What the phrases ask of a unit, remembered by the word: the words of a feed repeat.

Finding the symbols of a word means a search for it and for every beginning of it that some phrase could ask for. What
comes out, and what the phrases that begin with it wait for next, is kept for the texts that follow. Most words are
nothing to the phrases, and share one entry.
*/

use super::edges::{Edges, bit};
use super::index::Index;
use super::stored::View;
use super::{FIRST_WORD, Look, MAX_WORD, Seen, Symbol};

/// What a word is to the phrases.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Word {
    /// The bits of its symbols.
    bits: u64,
    /// The bits of the symbols that phrases which begin with it wait for side by side.
    pub(super) beside: u64,
    symbols: Symbols,
    /// Where the states in which phrases wait that begin with it begin; how many wait side by side, and behind these how
    /// many behind a gap.
    starts: u32,
    count_beside: u32,
    count_beyond: u32,
    /// It is a phrase by itself.
    pub(super) accepted: bool,
    /// Phrases reach over it.
    transparent: bool,
}

/// Where the symbols of a word begin, and how many they are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Symbols {
    start: u32,
    count: u32,
}

/// A state in which a phrase waits that has begun with a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// The bits of the symbols on its edges.
    pub(super) wanted: u64,
    pub(super) edges: Edges,
    pub(super) gap: u8,
}

/// A unit of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// The bits of its symbols.
    pub(super) bits: u64,
    /// The number of its word.
    pub(super) word: u32,
    pub(super) symbols: Symbols,
    /// How many units follow it before a sentence ends, and before one that phrases reach over.
    pub(super) plain: u32,
    /// Phrases reach over it.
    pub(super) transparent: bool,
    /// A sentence ended before it.
    pub(super) starts_sentence: bool,
    /// Phrases begin with it.
    pub(super) begins: bool,
}

/// Counts for each unit how many plain ones follow.
pub(super) fn count_plain(units: &mut [Unit]) {
    let mut plain = 0;
    for unit in units.iter_mut().rev() {
        unit.plain = plain;
        plain = if unit.transparent || unit.starts_sentence { 0 } else { plain + 1 };
    }
}

/// A word that was met: what it is known by, and its number. No key is 0.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    key: u64,
    word: u32,
}

/// The words that were met.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By their keys, in a table of which half is empty at least.
    met: Vec<Met>,
    count: usize,
    /// The first is nothing to any phrase.
    words: Vec<Word>,
    symbols: Vec<Symbol>,
    starts: Vec<Start>,
}

impl Known {
    /// Places of the table at first; a short posting fills no more than half of them.
    const FEWEST: usize = 1 << 9;
    /// Words that are kept for the next text: 2 MiB.
    const MOST: usize = 1 << 16;
    /// States that are kept for the next text: 3 MiB.
    const MOST_STARTS: usize = 1 << 17;

    /// Makes ready for a text.
    pub(super) fn begin(&mut self) {
        if self.count > Known::MOST || self.starts.len() > Known::MOST_STARTS {
            *self = Known::default();
        }
        if self.words.is_empty() {
            self.words.push(Word::default());
            self.met.resize(Known::FEWEST, Met::default());
        }
    }

    /// A word by its number.
    #[inline]
    pub(super) fn word(&self, number: u32) -> &Word {
        &self.words[number as usize]
    }

    /// The symbols of a word.
    #[inline]
    pub(super) fn symbols(&self, of: Symbols) -> &[Symbol] {
        &self.symbols[of.start as usize..][..of.count as usize]
    }

    /// The states in which phrases wait side by side that begin with a word.
    #[inline]
    pub(super) fn beside(&self, word: &Word) -> &[Start] {
        &self.starts[word.starts as usize..][..word.count_beside as usize]
    }

    /// The states in which phrases wait behind a gap that begin with a word.
    #[inline]
    pub(super) fn beyond(&self, word: &Word) -> &[Start] {
        &self.starts[(word.starts + word.count_beside) as usize..][..word.count_beyond as usize]
    }

    /// What a unit is; `look` is asked about one that is not known.
    #[inline]
    pub(super) fn unit<'a>(
        &mut self,
        seen: Seen,
        look: impl FnOnce() -> Look<'a>,
        (view, index): (&View<'_>, &Index),
    ) -> Unit {
        let key = (seen.hash ^ seen.shape.wrapping_mul(0x9e37_79b9_7f4a_7c15)).max(1);
        let mut place = key as usize;
        let number = loop {
            let met = self.met[place & (self.met.len() - 1)];
            if met.key == key {
                break met.word;
            }
            if met.key == 0 {
                break self.meet(seen.hash, key, look(), (view, index));
            }
            place += 1;
        };
        let word = &self.words[number as usize];
        Unit {
            bits: word.bits,
            word: number,
            symbols: word.symbols,
            plain: 0,
            transparent: word.transparent,
            starts_sentence: seen.starts_sentence,
            begins: word.accepted || word.count_beside + word.count_beyond > 0,
        }
    }

    /// Looks a word up, and remembers it. Returns its number.
    #[cold]
    #[inline(never)]
    fn meet(&mut self, hash: u64, key: u64, look: Look<'_>, (view, index): (&View<'_>, &Index)) -> u32 {
        let first = self.symbols.len();
        self.symbols.extend(look.classes.iter().map(|&class| class as Symbol));
        let text = look.text.as_bytes();
        if !text.is_empty() {
            self.symbols.extend(index.words.find(view.words, hash).map(|k| FIRST_WORD + k as Symbol));
        }
        if text.len() < MAX_WORD {
            let behind_words = FIRST_WORD + view.words.len() as Symbol;
            index.beginnings(view, text, |k| self.symbols.push(behind_words + k as Symbol));
        }
        let mut word = Word {
            symbols: Symbols { start: first as u32, count: (self.symbols.len() - first) as u32 },
            starts: self.starts.len() as u32,
            transparent: look.transparent,
            ..Word::default()
        };
        for &symbol in &self.symbols[first..] {
            word.bits |= bit(symbol);
        }
        for behind_gap in [false, true] {
            for &symbol in &self.symbols[first..] {
                let Some(outcome) = view.first.get(symbol as usize).checked_sub(1) else { continue };
                word.accepted |= !view.accept_start.run(outcome as usize).is_empty();
                for k in view.wait_start.run(outcome as usize) {
                    let (state, gap) = (view.wait_state.get(k) as u32, view.wait_gap[k]);
                    if (gap > 0) == behind_gap {
                        self.starts.push(view.start(state, gap));
                    }
                }
            }
            let waiting = &self.starts[word.starts as usize..];
            if behind_gap {
                word.count_beyond = waiting.len() as u32 - word.count_beside;
            } else {
                word.count_beside = waiting.len() as u32;
                word.beside = waiting.iter().fold(0, |wanted, start| wanted | start.wanted);
            }
        }
        let number = if word.symbols.count > 0 || word.transparent {
            self.words.push(word);
            self.words.len() as u32 - 1
        } else {
            0
        };
        self.remember(Met { key, word: number });
        number
    }

    fn remember(&mut self, met: Met) {
        self.count += 1;
        if 2 * self.count > self.met.len() {
            let larger = vec![Met::default(); 4 * self.met.len()];
            for met in std::mem::replace(&mut self.met, larger).into_iter().filter(|met| met.key != 0) {
                self.put(met);
            }
        }
        self.put(met);
    }

    fn put(&mut self, met: Met) {
        let mut place = met.key as usize;
        while self.met[place & (self.met.len() - 1)].key != 0 {
            place += 1;
        }
        let end = self.met.len() - 1;
        self.met[place & end] = met;
    }
}
