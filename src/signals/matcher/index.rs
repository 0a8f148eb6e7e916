//! Where hashes stand in the sorted arrays of a lexicon: made when it is opened, so that no search halves all of one.

use super::MAX_WORD;
use super::stored::{U64s, View};
use crate::text::lanes::fetch;

/// Where words and beginnings stand.
#[derive(Clone, Debug)]
pub(super) struct Index {
    pub(super) words: Places,
    pub(super) beginnings: Places,
    /// A set of the hashes of beginnings: most that a word could have are none.
    held: Vec<u64>,
}

/// Bits of the set of beginnings: sixteen or more for each of those that ship.
const HELD: u32 = 18;

/// Sets of lengths, one for each hash of the first two bytes of a beginning.
pub(super) const LENGTHS: usize = 1 << 10;

/// Which set tells the lengths of the beginnings that start with these bytes.
#[inline]
pub(super) fn lengths_at(first: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(first).wrapping_mul(0x9e37) >> 6)
}

/// The hash of a beginning that is a byte longer.
#[inline]
pub(super) fn longer(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Index {
    pub(super) fn of(view: &View<'_>) -> Index {
        let mut held = vec![0; 1 << (HELD - 6)];
        for hash in view.beginnings.iter() {
            held[(hash >> (70 - HELD)) as usize] |= 1 << (hash >> (64 - HELD) & 63);
        }
        Index { words: Places::of(view.words), beginnings: Places::of(view.beginnings), held }
    }

    /// Calls `f` with the hash of each beginning that a word may have, the shortest first, and asks for its place. A long
    /// word has none, so that the cost of a unit stays bounded.
    #[inline]
    pub(super) fn beginnings(&self, view: &View<'_>, word: &[u8], mut f: impl FnMut(u64)) {
        let Some(&first) = word.first_chunk().filter(|_| word.len() < MAX_WORD) else { return };
        let mut lengths = view.lengths.get(lengths_at(first)) & u64::MAX >> (63 - word.len());
        let (mut hash, mut hashed) = (0, 0);
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            hash = word[hashed..length].iter().fold(hash, |hash, &byte| longer(hash, byte));
            hashed = length;
            if self.held[(hash >> (70 - HELD)) as usize] >> (hash >> (64 - HELD) & 63) & 1 != 0 {
                self.beginnings.fetch_place(hash);
                f(hash);
            }
        }
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
    const TOGETHER: usize = 8;

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

    /// Asks for what [`Places::fetch`] reads.
    #[inline]
    pub(super) fn fetch_place(&self, wanted: u64) {
        fetch(&self.starts[(wanted >> self.shift) as usize]);
    }

    /// Asks for what [`Places::find`] reads.
    #[inline]
    pub(super) fn fetch(&self, hashes: U64s<'_>, wanted: u64) {
        hashes.fetch(self.starts[(wanted >> self.shift) as usize] as usize);
    }

    /// Where a hash stands in the array that this was made of.
    #[inline]
    pub(super) fn find(&self, hashes: U64s<'_>, wanted: u64) -> Option<usize> {
        let place = (wanted >> self.shift) as usize;
        let (start, end) = (self.starts[place] as usize, self.starts[place + 1] as usize);
        hashes.slice(start..end).position(wanted).map(|at| start + at)
    }
}
