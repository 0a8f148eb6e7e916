/*!
Near-duplicates: groups of texts that share most of their 4-word shingles.

Two texts are near-duplicates when the Jaccard similarity of their shingle sets is at least [`SIMILARITY`]; groups are
the connected components. Candidates come from MinHash bands that miss such a pair with a probability under one in a
million, and every candidate is verified on the sets themselves, so that no group is joined by chance.

What is kept of a text is its [`Sketch`], at most 2 KiB, and four bytes for each band, so that millions of texts fit into
memory. Everything is done in an order that the sketches themselves give: the order of the texts changes nothing.

Crates for this (gaoya, probminhash, datasketch-minhash-lsh) keep whole signatures in maps, 5 KB a text at these bands,
and join what the signatures look like; none verifies candidates on the sets. The sets are the definition here.
*/

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::ngrams::extend_hash;

/// Words in a shingle.
pub const SHINGLE: usize = 4;
/// The least Jaccard similarity of near-duplicates.
pub const SIMILARITY: f64 = 0.6;
/// Shingles that are kept of a text. A text with fewer is compared exactly; of a longer one, these are a random sample,
/// by which similarity is estimated with a standard error under 0.022.
pub const KEPT: usize = 512;

/// Bands of rows: a pair at the threshold meets in a band with probability 1 - (1 - 0.6^3)^60 > 1 - 5e-7.
const BANDS: usize = 60;
const ROWS: usize = 3;
/// With how many others of its bucket a text is compared. Only a crowd that shares a part of its text and is otherwise
/// different has more; its members lie in the order of their other bands, so that those alike are neighbours.
const NEIGHBOURS: usize = 64;

/// What is kept of a text: its [`KEPT`] smallest shingle hashes, sorted. Empty for a text that says too little.
pub type Sketch = Box<[u32]>;

/// The sketch of a text, from the hashes of its words.
pub fn sketch(words: &[u64]) -> Sketch {
    let join = |w: &[u64]| {
        let hash = w.iter().fold(0, |h, &t| extend_hash(h, t));
        ((hash ^ (hash >> 32)).wrapping_mul(0xc4ce_b9fe_1a85_ec53) >> 32) as u32
    };
    let mut out: Vec<u32> = match words.len() {
        0 => Vec::new(),
        n if n < SHINGLE => vec![join(words)],
        _ => words.windows(SHINGLE).map(join).collect(),
    };
    out.sort_unstable();
    out.dedup();
    out.truncate(KEPT);
    out.into_boxed_slice()
}

/// The Jaccard similarity of the texts of two sketches.
pub fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    // Of a sketch that was cut nothing is known beyond its end.
    let end = |s: &[u32]| if s.len() < KEPT { u32::MAX } else { s.last().copied().unwrap_or_default() };
    let limit = end(a).min(end(b));
    let (mut i, mut j, mut both, mut all) = (0, 0, 0u32, 0u32);
    while i < a.len() && j < b.len() && a[i].min(b[j]) <= limit {
        all += 1;
        let order = a[i].cmp(&b[j]);
        both += u32::from(order.is_eq());
        i += usize::from(order.is_le());
        j += usize::from(order.is_ge());
    }
    let rest = |s: &[u32], from: usize| s[from..].iter().take_while(|&&hash| hash <= limit).count() as u32;
    all += rest(a, i) + rest(b, j);
    f64::from(both) / f64::from(all.max(1))
}

/// Whether two texts are near-duplicates.
fn are_near(a: &[u32], b: &[u32]) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    // A set is at most as similar to a larger one as their sizes are.
    let sizes_fit = long.len() == KEPT || short.len() as f64 >= SIMILARITY * long.len() as f64;
    sizes_fit && jaccard(a, b) >= SIMILARITY
}

/// The group of each text, numbered by its first member. Texts with an empty sketch stay alone.
pub fn groups<S: AsRef<[u32]> + Sync>(texts: &[S]) -> Vec<usize> {
    let mut union = UnionFind::new(texts.len());
    // Exact copies first: reposts by the hundred would make every band a crowd.
    let mut first_of: FxHashMap<&[u32], usize> = FxHashMap::default();
    for (i, text) in texts.iter().map(AsRef::as_ref).enumerate().filter(|(_, text)| !text.is_empty()) {
        union.join(*first_of.entry(text).or_insert(i), i);
    }
    let mut distinct: Vec<usize> = first_of.into_values().collect();
    distinct.par_sort_unstable_by_key(|&i| texts[i].as_ref());
    let sketches: Vec<&[u32]> = distinct.iter().map(|&i| texts[i].as_ref()).collect();
    let mut near = components(&sketches);
    for k in 0..distinct.len() {
        union.join(distinct[near.find(k)], distinct[k]);
    }
    (0..texts.len()).map(|i| union.find(i)).collect()
}

/// The components of sketches that are all different.
fn components(sketches: &[&[u32]]) -> UnionFind {
    let mut union = UnionFind::new(sketches.len());
    let salts = Salts::new();
    let keys: Vec<[u32; BANDS]> = sketches.par_iter().map(|sketch| salts.bands(sketch)).collect();
    for band in 0..BANDS {
        let mut order: Vec<(u32, u32)> = (0..).zip(&keys).map(|(k, key)| (key[band], k)).collect();
        order.par_sort_unstable();
        let roots: Vec<u32> = (0..sketches.len()).map(|k| union.find(k) as u32).collect();
        let buckets: Vec<&[(u32, u32)]> = order.chunk_by(|a, b| a.0 == b.0).filter(|b| b.len() > 1).collect();
        let joins: Vec<(u32, u32)> =
            buckets.par_iter().flat_map_iter(|bucket| joins_of_bucket(bucket, band, &keys, &roots, sketches)).collect();
        for (a, b) in joins {
            union.join(a as usize, b as usize);
        }
    }
    union
}

/// The pairs of a bucket that join groups which were apart.
fn joins_of_bucket(
    bucket: &[(u32, u32)],
    band: usize,
    keys: &[[u32; BANDS]],
    roots: &[u32],
    sketches: &[&[u32]],
) -> Vec<(u32, u32)> {
    let mut joins = Vec::new();
    let root = |k: u32| roots[k as usize];
    if bucket.iter().all(|&(_, k)| root(k) == root(bucket[0].1)) {
        return joins;
    }
    let mut members: Vec<u32> = bucket.iter().map(|&(_, k)| k).collect();
    if members.len() > NEIGHBOURS {
        members.sort_by_key(|&k| {
            let key = &keys[k as usize];
            [1, 2, 3, 4].map(|next| key[(band + next) % BANDS])
        });
    }
    let mut local = UnionFind::new(members.len());
    let mut first_of: FxHashMap<u32, usize> = FxHashMap::default();
    for (i, &k) in members.iter().enumerate() {
        local.join(*first_of.entry(root(k)).or_insert(i), i);
    }
    for (i, &a) in members.iter().enumerate() {
        for (j, &b) in members.iter().enumerate().skip(i + 1).take(NEIGHBOURS) {
            if local.find(i) != local.find(j) && are_near(sketches[a as usize], sketches[b as usize]) {
                local.join(i, j);
                joins.push((a, b));
            }
        }
    }
    joins
}

/// The hash functions of the MinHash signature.
struct Salts([u32; BANDS * ROWS]);

impl Salts {
    fn new() -> Salts {
        let mut state = 0u64;
        Salts([(); BANDS * ROWS].map(|()| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let x = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (x >> 32) as u32
        }))
    }

    /// The key of each band.
    fn bands(&self, sketch: &[u32]) -> [u32; BANDS] {
        let mut least = [u32::MAX; BANDS * ROWS];
        for &hash in sketch {
            for (least, salt) in least.iter_mut().zip(&self.0) {
                let x = (hash ^ salt).wrapping_mul(0x85eb_ca6b);
                *least = (*least).min((x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35));
            }
        }
        let mut keys = [0; BANDS];
        for (key, rows) in keys.iter_mut().zip(least.chunks_exact(ROWS)) {
            *key = (rows.iter().fold(0, |h, &m| extend_hash(h, u64::from(m))) >> 32) as u32;
        }
        keys
    }
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
    use proptest::prelude::*;

    use super::*;
    use crate::text::ngrams::token_hash;

    fn of(text: &str) -> Sketch {
        sketch(&text.split_whitespace().map(token_hash).collect::<Vec<_>>())
    }

    #[test]
    fn near_copies_meet_and_others_do_not() {
        let base = "we are hiring customer service agents for our office in the centre with good pay and two meals a day call now";
        let texts = [
            base.to_owned(),
            base.replace("two", "three"),
            "an accountant with five years of practice for our head office in munich please send a cv".to_owned(),
            base.replace("now", "today"),
            String::new(),
            String::new(),
        ]
        .map(|t| of(&t));
        assert_eq!(groups(&texts), [0, 0, 2, 0, 4, 5]);
    }

    #[test]
    fn short_sets_are_compared_exactly_and_long_ones_by_a_sample() {
        let words: Vec<u64> = (0..4_000).map(|i| token_hash(&i.to_string())).collect();
        let (a, b) = (sketch(&words[..103]), sketch(&words[50..153]));
        assert_eq!((a.len(), b.len()), (100, 100));
        assert_eq!(jaccard(&a, &b), 50.0 / 150.0);
        let (a, b) = (sketch(&words[..3_003]), sketch(&words[600..3_603]));
        assert_eq!((a.len(), b.len()), (KEPT, KEPT));
        assert!((jaccard(&a, &b) - 2_400.0 / 3_600.0).abs() < 0.07, "{}", jaccard(&a, &b));
        let (short, long) = (sketch(&words[..403]), sketch(&words[..803]));
        assert!((jaccard(&short, &long) - 0.5).abs() < 0.07);
    }

    #[test]
    fn a_pair_at_the_threshold_is_found() {
        // Sets of 80 shingles that share 60: 60 / 100 of their union.
        let mut found = 0;
        for round in 0..200 {
            let words: Vec<u64> = (0..200).map(|i| token_hash(&format!("{round} {i}"))).collect();
            let joined = groups(&[sketch(&words[..83]), sketch(&words[20..103])]);
            found += usize::from(joined == [0, 0]);
        }
        assert_eq!(found, 200);
    }

    #[test]
    fn a_crowd_that_shares_a_third_of_its_text_costs_little_and_stays_apart() {
        let shared: Vec<u64> = (0..40).map(|i| token_hash(&format!("s{i}"))).collect();
        let texts: Vec<Sketch> = (0..1_500)
            .map(|n| {
                let own = (0..60).map(|i| token_hash(&format!("{} {i}", n / 2)));
                let last = token_hash(&format!("last {n}"));
                sketch(&shared.iter().copied().chain(own).chain([last]).collect::<Vec<_>>())
            })
            .collect();
        let groups = groups(&texts);
        assert!((0..1_500).all(|i| groups[i] == i / 2 * 2));
    }

    proptest! {
        #[test]
        fn the_order_of_the_texts_changes_no_group(seed in 0u64..1_000, size in 2usize..40) {
            use rand::{SeedableRng, seq::SliceRandom};
            let texts: Vec<Sketch> = (0..size as u64)
                .map(|n| {
                    let word = |i: u64| token_hash(&format!("{} {i}", if i % (5 + n % 9) == 4 { n } else { seed + n % 4 }));
                    sketch(&(0..30 + n).map(word).collect::<Vec<_>>())
                })
                .collect();
            let mut order: Vec<usize> = (0..size).collect();
            order.shuffle(&mut rand_chacha::ChaCha8Rng::seed_from_u64(seed));
            let shuffled: Vec<&Sketch> = order.iter().map(|&i| &texts[i]).collect();
            let (straight, other) = (groups(&texts), groups(&shuffled));
            for (i, &x) in order.iter().enumerate() {
                for (j, &y) in order.iter().enumerate() {
                    prop_assert_eq!(straight[x] == straight[y], other[i] == other[j]);
                }
            }
        }
    }
}
