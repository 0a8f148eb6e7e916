/*!
What the phrases ask of a unit, remembered by the word: the words of a feed repeat.

Finding the symbols of a word means a search for it and for every beginning of it that some phrase could ask for. What
comes out, and what the phrases that begin with it wait for next, is kept for the texts that follow. Most words are
nothing to the phrases, and share one entry.
*/

use std::ops::Range;

use super::edges::{Edges, bit};
use super::index::Index;
use super::stored::View;
use super::{FIRST_WORD, Look, Seen, Symbol};
use crate::text::lanes::fetch;

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

/// Units that are looked up at once.
const TOGETHER: usize = 32;

impl Seen {
    /// What a unit is known by.
    #[inline]
    fn key(&self) -> u64 {
        (self.hash ^ self.shape.wrapping_mul(0x9e37_79b9_7f4a_7c15)).max(1)
    }
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
    /// The hashes of beginnings of words that are being met.
    beginnings: Vec<u64>,
}

impl Known {
    /// Places of the table at first; a short posting fills no more than half of them.
    const FEWEST: usize = 1 << 9;
    /// Places of the table that are kept for the next text: 2 MiB.
    const MOST_PLACES: usize = 1 << 17;
    /// Words that are kept for the next text, so that an ordinary one adds no place to the table.
    const MOST: usize = Known::MOST_PLACES / 2 - (1 << 12);
    /// States that are kept for the next text: 3 MiB.
    const MOST_STARTS: usize = 1 << 17;

    /// Makes ready for a text.
    pub(super) fn begin(&mut self) {
        if self.met.len() > Known::MOST_PLACES || self.starts.capacity() > 2 * Known::MOST_STARTS {
            *self = Known::default();
        }
        if self.count > Known::MOST || self.starts.len() > Known::MOST_STARTS {
            self.met.fill(Met::default());
            self.count = 0;
            self.words.clear();
            self.symbols.clear();
            self.starts.clear();
        }
        if self.words.is_empty() {
            self.words.push(Word::default());
            self.met.resize(self.met.len().max(Known::FEWEST), Met::default());
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

    /// Appends what units are; `look` is asked about those that are not known. Of some units at once everything is asked
    /// for before anything is read, since most of it lies far from the processor.
    pub(super) fn units<'a>(
        &mut self,
        seen: &[Seen],
        look: impl Fn(usize) -> Look<'a>,
        (view, index): (&View<'_>, &Index),
        out: &mut Vec<Unit>,
    ) {
        for (first, some) in (0..).step_by(TOGETHER).zip(seen.chunks(TOGETHER)) {
            for seen in some {
                fetch(&self.met[seen.key() as usize & (self.met.len() - 1)]);
            }
            let (mut numbers, mut unknown, mut count) = ([0; TOGETHER], [0; TOGETHER], 0);
            for (at, seen) in some.iter().enumerate() {
                match self.number(seen.key()) {
                    Some(number) => numbers[at] = number,
                    None => {
                        index.words.fetch_place(seen.hash);
                        unknown[count] = at;
                        count += 1;
                    }
                }
            }
            if count > 0 {
                self.meet(some, &unknown[..count], |at| look(first + at), (view, index), &mut numbers);
            }
            for &number in &numbers[..some.len()] {
                fetch(&self.words[number as usize]);
            }
            out.extend(some.iter().zip(numbers).map(|(seen, number)| {
                let word = &self.words[number as usize];
                // What the phrases will ask.
                if let Some(symbol) = self.symbols.get(word.symbols.start as usize) {
                    fetch(symbol);
                }
                if let Some(start) = self.starts.get(word.starts as usize) {
                    fetch(start);
                }
                Unit {
                    bits: word.bits,
                    word: number,
                    symbols: word.symbols,
                    plain: 0,
                    transparent: word.transparent,
                    starts_sentence: seen.starts_sentence,
                    begins: word.accepted || word.count_beside + word.count_beyond > 0,
                }
            }));
        }
    }

    /// The number of a word that was met.
    #[inline]
    fn number(&self, key: u64) -> Option<u32> {
        let mut place = key as usize;
        loop {
            let met = self.met[place & (self.met.len() - 1)];
            if met.key == key {
                return Some(met.word);
            }
            if met.key == 0 {
                return None;
            }
            place += 1;
        }
    }

    /// Looks up and remembers the `unknown` ones of `some` units, and enters their numbers. Each step is done for all of
    /// them before the next, so that what lies far away comes together.
    #[cold]
    #[inline(never)]
    fn meet<'a>(
        &mut self,
        some: &[Seen],
        unknown: &[usize],
        look: impl Fn(usize) -> Look<'a>,
        (view, index): (&View<'_>, &Index),
        numbers: &mut [u32; TOGETHER],
    ) {
        let (mut looks, mut ends) = ([Look::default(); TOGETHER], [0; TOGETHER]);
        self.beginnings.clear();
        for (k, &at) in unknown.iter().enumerate() {
            index.words.fetch(view.words, some[at].hash);
            looks[k] = look(at);
            index.beginnings(view, looks[k].text.as_bytes(), |hash| self.beginnings.push(hash));
            ends[k] = self.beginnings.len();
        }
        for &hash in &self.beginnings {
            index.beginnings.fetch(view.beginnings, hash);
        }
        let (word, symbol) = (self.words.len(), self.symbols.len());
        let mut beginnings = 0;
        for (k, &at) in unknown.iter().enumerate() {
            let sought = std::mem::replace(&mut beginnings, ends[k])..ends[k];
            // One of them may be another.
            numbers[at] = match self.number(some[at].key()) {
                Some(number) => number,
                None => self.remember_word(&some[at], &looks[k], sought, (view, index)),
            };
        }
        self.begin_phrases(word, symbol, view);
    }

    /// Remembers a word with its symbols, of which the beginnings are `sought`. Returns its number.
    fn remember_word(
        &mut self,
        seen: &Seen,
        look: &Look<'_>,
        sought: Range<usize>,
        (view, index): (&View<'_>, &Index),
    ) -> u32 {
        let first = self.symbols.len();
        self.symbols.extend(look.classes.iter().map(|&class| class as Symbol));
        if !look.text.is_empty() {
            self.symbols.extend(index.words.find(view.words, seen.hash).map(|k| FIRST_WORD + k as Symbol));
        }
        let behind_words = FIRST_WORD + view.words.len() as Symbol;
        let sought = self.beginnings[sought].iter();
        let found = sought.filter_map(|&hash| index.beginnings.find(view.beginnings, hash));
        self.symbols.extend(found.map(|k| behind_words + k as Symbol));
        let symbols = &self.symbols[first..];
        let number = if symbols.is_empty() && !look.transparent {
            0
        } else {
            self.words.push(Word {
                bits: symbols.iter().fold(0, |bits, &symbol| bits | bit(symbol)),
                symbols: Symbols { start: first as u32, count: symbols.len() as u32 },
                transparent: look.transparent,
                ..Word::default()
            });
            self.words.len() as u32 - 1
        };
        for &symbol in symbols {
            view.first.fetch(symbol as usize);
        }
        self.remember(Met { key: seen.key(), word: number });
        number
    }

    /// Finds what the phrases wait for that begin with the words from the number `word` on, whose symbols are those from
    /// `symbol` on.
    fn begin_phrases(&mut self, word: usize, symbol: usize, view: &View<'_>) {
        self.fetch_starts(symbol, view);
        for word in &mut self.words[word..] {
            let symbols = &self.symbols[word.symbols.start as usize..][..word.symbols.count as usize];
            word.starts = self.starts.len() as u32;
            for behind_gap in [false, true] {
                for &symbol in symbols {
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
        }
    }

    /// Asks for what the states are read from in which phrases wait that begin with the symbols from `first` on.
    fn fetch_starts(&self, first: usize, view: &View<'_>) {
        let outcomes = || {
            let outcomes = self.symbols[first..].iter().map(|&symbol| view.first.get(symbol as usize));
            outcomes.filter_map(|outcome| outcome.checked_sub(1)).map(|outcome| outcome as usize)
        };
        for outcome in outcomes() {
            view.wait_start.fetch(outcome);
            view.accept_start.fetch(outcome);
        }
        for outcome in outcomes() {
            view.fetch_wait(view.wait_start.get(outcome) as usize);
        }
        for wait in outcomes().flat_map(|outcome| view.wait_start.run(outcome)) {
            view.fetch_state(view.wait_state.get(wait) as usize);
        }
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
