//! Where hashes stand in the sorted arrays of a lexicon: made when it is opened, so that no search halves all of one.

use super::stored::{U64s, View};

/// Where words and beginnings stand.
#[derive(Clone, Debug)]
pub(super) struct Index {
    pub(super) words: Places,
    beginnings: Places,
    /// A set of the hashes of beginnings: most that a word could have are none.
    held: Vec<u64>,
    /// For each first byte of beginnings, where the sets of their lengths stand.
    lengths: Vec<u16>,
}

/// Bits of the set of beginnings: eight for each of those that ship.
const HELD: u32 = 17;

impl Index {
    pub(super) fn of(view: &View<'_>) -> Index {
        let mut lengths = Vec::with_capacity(257);
        for at in 0..view.lengths.len() / 2 {
            let first = (view.lengths.get(2 * at) >> 8) as usize & 0xff;
            while lengths.len() <= first {
                lengths.push(at as u16);
            }
        }
        lengths.resize(257, (view.lengths.len() / 2) as u16);
        let mut held = vec![0; 1 << (HELD - 6)];
        for hash in view.beginnings.iter() {
            held[(hash >> (70 - HELD)) as usize] |= 1 << (hash >> (64 - HELD) & 63);
        }
        Index { words: Places::of(view.words), beginnings: Places::of(view.beginnings), held, lengths }
    }

    /// The lengths of the beginnings that start as a word does, as a set.
    pub(super) fn lengths(&self, view: &View<'_>, word: &[u8]) -> u64 {
        let Some(&first) = word.first() else { return 0 };
        let key = |second| u64::from(u16::from_be_bytes([first, second]));
        let wanted = key(word.get(1).copied().unwrap_or_default());
        let (mut low, mut high) = (self.lengths[usize::from(first)], self.lengths[usize::from(first) + 1]);
        let held = |at: u16| view.lengths.get(2 * usize::from(at));
        let set = |at: u16| view.lengths.get(2 * usize::from(at) + 1);
        // A beginning of one byte has no second one, and stands first.
        let alone = if low < high && held(low) == key(0) { set(low) } else { 0 };
        while low < high {
            let middle = low.midpoint(high);
            if held(middle) < wanted { low = middle + 1 } else { high = middle }
        }
        let more = usize::from(low) < view.lengths.len() / 2 && held(low) == wanted;
        alone | if more { set(low) } else { 0 }
    }

    /// Where the hash of a beginning stands.
    #[inline]
    pub(super) fn beginning(&self, view: &View<'_>, hash: u64) -> Option<usize> {
        let held = self.held[(hash >> (70 - HELD)) as usize] >> (hash >> (64 - HELD) & 63) & 1;
        if held == 0 { None } else { self.beginnings.find(view.beginnings, hash) }
    }
}

/// Where the hashes stand that begin with the same bits.
#[derive(Clone, Debug)]
pub(super) struct Places {
    starts: Vec<u32>,
    /// By so many bits a hash is shifted to its place.
    shift: u32,
}

impl Places {
    /// Hashes in one place, about.
    const TOGETHER: usize = 16;

    fn of(hashes: U64s<'_>) -> Places {
        let bits = (hashes.len() / Places::TOGETHER).checked_ilog2().unwrap_or_default().clamp(1, 20);
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut at = 0;
        for place in 0..1u64 << bits {
            // Hashes are spread evenly, so that few steps lead from where the next place should begin to where it does.
            at = (at + (hashes.len() >> bits)).min(hashes.len());
            while at > 0 && hashes.get(at - 1) >> shift >= place {
                at -= 1;
            }
            while at < hashes.len() && hashes.get(at) >> shift < place {
                at += 1;
            }
            starts.push(at as u32);
        }
        starts.push(hashes.len() as u32);
        Places { starts, shift }
    }

    /// Where a hash stands in the array that this was made of.
    #[inline]
    pub(super) fn find(&self, hashes: U64s<'_>, wanted: u64) -> Option<usize> {
        let place = (wanted >> self.shift) as usize;
        let (start, end) = (self.starts[place] as usize, self.starts[place + 1] as usize);
        hashes.slice(start..end).find(wanted).map(|at| start + at)
    }
}
