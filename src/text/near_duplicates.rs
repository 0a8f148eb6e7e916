/*!
Near-duplicates: groups of texts that share most of their 4-word shingles.

Two texts are near-duplicates when the Jaccard similarity of their shingle sets is at least [`SIMILARITY`]; groups are
the connected components. Candidates come from MinHash bands that miss such a pair with a probability under one in a
million, and every candidate is verified on the sets themselves, so that no group is joined by chance.
*/

use rustc_hash::{FxHashMap, FxHashSet};

use super::ngrams::{extend_hash, token_hash};

/// Words in a shingle.
pub const SHINGLE: usize = 4;
/// The least Jaccard similarity of near-duplicates.
pub const SIMILARITY: f64 = 0.6;

/// Bands of rows: a pair at the threshold meets in a band with probability 1 - (1 - 0.6^3)^60 > 1 - 5e-7.
const BANDS: usize = 60;
const ROWS: usize = 3;

/// The shingles of a text: lower-case words, digits masked. Texts shorter than a shingle have one.
pub fn shingles(text: &str) -> Vec<u64> {
    let words: Vec<u64> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|w| {
            let masked: String =
                w.chars().map(|c| if c.is_numeric() { '0' } else { c }).flat_map(char::to_lowercase).collect();
            token_hash(&masked)
        })
        .collect();
    let join = |w: &[u64]| w.iter().fold(0, |h, &t| extend_hash(h, t));
    let mut out: Vec<u64> = if words.is_empty() {
        Vec::new()
    } else if words.len() < SHINGLE {
        vec![join(&words)]
    } else {
        words.windows(SHINGLE).map(join).collect()
    };
    out.sort_unstable();
    out.dedup();
    out
}

/// The group of each text, by its shingles; groups are numbered by their first member. Texts without words stay alone.
pub fn groups(texts: &[Vec<u64>]) -> Vec<usize> {
    let mut union = UnionFind::new(texts.len());
    // Exact copies first: reposts by the hundred would make every band a crowd.
    let mut first_of: FxHashMap<&[u64], usize> = FxHashMap::default();
    let mut distinct = Vec::new();
    for (i, set) in texts.iter().enumerate() {
        if set.is_empty() {
            continue;
        }
        match first_of.get(set.as_slice()) {
            Some(&first) => union.join(first, i),
            None => {
                first_of.insert(set, i);
                distinct.push(i);
            }
        }
    }
    let signatures: Vec<Vec<u64>> = distinct.iter().map(|&i| signature(&texts[i])).collect();
    let mut checked = FxHashSet::default();
    for band in 0..BANDS {
        let mut buckets: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        for (k, signature) in signatures.iter().enumerate() {
            let key = signature[band * ROWS..(band + 1) * ROWS].iter().fold(0, |h, &m| extend_hash(h, m));
            buckets.entry(key).or_default().push(k);
        }
        let mut crowded: Vec<Vec<usize>> = buckets.into_values().filter(|b| b.len() > 1).collect();
        crowded.sort_unstable();
        for bucket in crowded {
            for (n, &a) in bucket.iter().enumerate() {
                for &b in &bucket[n + 1..] {
                    let (i, j) = (distinct[a], distinct[b]);
                    if union.find(i) != union.find(j)
                        && checked.insert((i, j))
                        && jaccard(&texts[i], &texts[j]) >= SIMILARITY
                    {
                        union.join(i, j);
                    }
                }
            }
        }
    }
    (0..texts.len()).map(|i| union.find(i)).collect()
}

/// The Jaccard similarity of two sorted sets.
pub fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                both += 1;
                i += 1;
                j += 1;
            }
        }
    }
    both as f64 / (a.len() + b.len() - both).max(1) as f64
}

fn signature(set: &[u64]) -> Vec<u64> {
    (0..BANDS * ROWS)
        .map(|k| {
            let salt = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            set.iter()
                .map(|&s| {
                    let x = (s ^ salt).wrapping_mul(0xff51_afd7_ed55_8ccd);
                    (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53)
                })
                .min()
                .unwrap_or(0)
        })
        .collect()
}

/// Disjoint sets; the representative of a set is its smallest member.
#[derive(Clone, Debug)]
pub struct UnionFind {
    parent: Vec<usize>,
}

impl UnionFind {
    /// `n` sets of one member each.
    pub fn new(n: usize) -> UnionFind {
        UnionFind { parent: (0..n).collect() }
    }

    /// The representative of the set that `i` is in.
    pub fn find(&mut self, i: usize) -> usize {
        let mut root = i;
        while self.parent[root] != root {
            root = self.parent[root];
        }
        let mut at = i;
        while self.parent[at] != root {
            at = std::mem::replace(&mut self.parent[at], root);
        }
        root
    }

    /// Makes one set of the two that `i` and `j` are in.
    pub fn join(&mut self, i: usize, j: usize) {
        let (i, j) = (self.find(i), self.find(j));
        self.parent[i.max(j)] = i.min(j);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_copies_meet_and_others_do_not() {
        let base = "we are hiring customer service agents for our office in the centre with good pay and two meals a day call now";
        let texts: Vec<Vec<u64>> = [
            base.to_owned(),
            base.replace("two", "three"),
            "an accountant with five years of practice for our head office in munich please send a cv".to_owned(),
            base.replace("pay 3", "pay 9").to_uppercase(),
            String::new(),
            String::new(),
        ]
        .iter()
        .map(|t| shingles(t))
        .collect();
        assert_eq!(groups(&texts), [0, 0, 2, 0, 4, 5]);
    }

    #[test]
    fn digits_are_masked() {
        assert_eq!(shingles("pay 3500 or 20 a day"), shingles("pay 9999 or 31 a day"));
        assert_ne!(shingles("pay 3500 or 20 a day"), shingles("pay 350 or 20 a day"));
    }
}
