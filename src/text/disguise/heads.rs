//! What words begin with: with the first few letters of most rows of letters no word begins.

/// The beginnings of all words and of their plurals: a bit for the hash of each that is long enough to tell anything.
#[derive(Debug)]
pub(super) struct Heads(Box<[u64]>);

/// Bits of a place: 64 KiB in all.
const BITS: u32 = 19;

/// The hash of a beginning that is a letter longer.
fn longer(hash: u64, letter: char) -> u64 {
    (hash ^ u64::from(letter)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn place(hash: u64) -> (usize, u64) {
    let place = hash >> (u64::BITS - BITS);
    ((place / 64) as usize, 1 << (place % 64))
}

impl Heads {
    /// Shorter beginnings tell nothing.
    pub(super) const SHORTEST: usize = 4;

    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Heads {
        let mut heads = vec![0; (1 << BITS) / 64].into_boxed_slice();
        for word in words {
            let mut hash = 0;
            for (before, letter) in word.chars().chain(['s']).enumerate() {
                hash = longer(hash, letter);
                if before + 1 >= Heads::SHORTEST {
                    let (place, bit) = place(hash);
                    heads[place] |= bit;
                }
            }
        }
        Heads(heads)
    }

    /// With how many of these letters a word may begin at most; "no more" is sure, but for the shortest.
    pub(super) fn reach(&self, letters: impl Iterator<Item = char>) -> usize {
        let mut hash = 0;
        let mut reach = 0;
        for letter in letters {
            hash = longer(hash, letter);
            let (place, bit) = place(hash);
            if reach + 1 >= Heads::SHORTEST && self.0[place] & bit == 0 {
                break;
            }
            reach += 1;
        }
        reach
    }
}
