/*!
What joins postings, whoever asks: [`Collector`](super::Collector) for the campaigns of a feed, a review queue for that of
the posting on the screen.
*/

use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::contacts::{self, MOST_EMPLOYERS, MOST_SHARE, Named};
use crate::entities::reading::{Reader, Reading};
use crate::posting::{Field, Posting};
use crate::text::near_duplicates::{self, Sketch, UnionFind};

/// By what a posting may be joined with others.
#[derive(Clone, Debug, Default)]
pub struct Ties {
    sketch: Sketch,
    /// A hash of the employer's name.
    employer: Option<u64>,
    /// What its contacts join by, each once: a number may be given for two services.
    keys: Box<[u64]>,
}

impl Ties {
    /// The ties of a posting that `reader` has read.
    pub fn of(reader: &Reader, posting: &Posting, reading: &Reading) -> Ties {
        Ties::with(reader, posting, reading, &contacts::of_reading(reading))
    }

    /// The same, where its contacts are known.
    pub(super) fn with(reader: &Reader, posting: &Posting, reading: &Reading, contacts: &[Named]) -> Ties {
        let employer = posting.get(Field::Company).trim().to_lowercase();
        let mut keys: Vec<u64> = contacts.iter().filter_map(|named| named.key).collect();
        keys.sort_unstable();
        keys.dedup();
        Ties {
            sketch: reader.sketch(reading),
            employer: (!employer.is_empty()).then(|| xxh3_64(employer.as_bytes())),
            keys: keys.into(),
        }
    }
}

/// Takes the ties of postings and joins them.
#[derive(Debug, Default)]
pub struct Joiner {
    postings: Vec<Tied>,
    /// Different texts. Copies share one.
    texts: Vec<Sketch>,
    text_of: FxHashMap<u128, u32>,
    by_text_alone: bool,
}

/// The ties that are kept of a posting.
#[derive(Debug)]
struct Tied {
    text: Option<u32>,
    employer: Option<u64>,
    keys: Box<[u64]>,
}

/// Postings, joined.
#[derive(Debug)]
pub(super) struct Joined {
    /// The group of each posting, numbered by its first member.
    pub(super) groups: Vec<usize>,
    /// The keys of contacts that join.
    pub(super) joining: FxHashSet<u64>,
}

impl Joiner {
    /// A joiner that goes by texts alone, and not by contacts.
    pub fn by_text_alone() -> Joiner {
        Joiner { by_text_alone: true, ..Joiner::default() }
    }

    /// Takes a posting.
    pub fn add(&mut self, ties: Ties) {
        let Ties { sketch, employer, keys } = ties;
        let text = (!sketch.is_empty()).then(|| {
            let bytes: Vec<u8> = sketch.iter().flat_map(|hash| hash.to_le_bytes()).collect();
            *self.text_of.entry(xxh3_128(&bytes)).or_insert_with(|| {
                self.texts.push(sketch);
                self.texts.len() as u32 - 1
            })
        });
        self.postings.push(Tied { text, employer, keys });
    }

    /// The group of each posting in the order they were taken, numbered by its first member.
    pub fn groups(&self) -> Vec<usize> {
        self.join().groups
    }

    /// The number of a posting's text; none of one that says too little to be known again.
    pub(super) fn text(&self, posting: usize) -> Option<u32> {
        self.postings[posting].text
    }

    /// The sketch of a text.
    pub(super) fn sketch(&self, text: u32) -> &[u32] {
        &self.texts[text as usize]
    }

    /// What the contacts of a posting join by.
    pub(super) fn keys(&self, posting: usize) -> &[u64] {
        &self.postings[posting].keys
    }

    pub(super) fn join(&self) -> Joined {
        let near = near_duplicates::groups(&self.texts);
        let mut union = UnionFind::new(self.postings.len());
        let mut first_of: FxHashMap<usize, usize> = FxHashMap::default();
        for (i, posting) in self.postings.iter().enumerate() {
            if let Some(text) = posting.text {
                union.join(*first_of.entry(near[text as usize]).or_insert(i), i);
            }
        }
        let joining = self.joining(&mut union);
        let mut first_of: FxHashMap<u64, usize> = FxHashMap::default();
        for (i, posting) in self.postings.iter().enumerate() {
            for key in posting.keys.iter().filter(|key| joining.contains(key)) {
                union.join(*first_of.entry(*key).or_insert(i), i);
            }
        }
        Joined { groups: (0..self.postings.len()).map(|i| union.find(i)).collect(), joining }
    }

    /// The keys of contacts that are not common; `near` holds the groups by text.
    fn joining(&self, near: &mut UnionFind) -> FxHashSet<u64> {
        if self.by_text_alone {
            return FxHashSet::default();
        }
        let mut counts: FxHashMap<u64, usize> = FxHashMap::default();
        for key in self.postings.iter().flat_map(|posting| &posting.keys) {
            *counts.entry(*key).or_default() += 1;
        }
        let many = (self.postings.len() as f64 * MOST_SHARE).max(MOST_EMPLOYERS as f64);
        let mut employers: FxHashMap<u64, FxHashSet<(bool, u64)>> = FxHashMap::default();
        for (i, posting) in self.postings.iter().enumerate() {
            for key in posting.keys.iter().filter(|key| counts[key] as f64 > many) {
                let employer = posting.employer.map_or_else(|| (false, near.find(i) as u64), |name| (true, name));
                employers.entry(*key).or_default().insert(employer);
            }
        }
        let common = |key: &u64| employers.get(key).is_some_and(|employers| employers.len() > MOST_EMPLOYERS);
        counts.into_keys().filter(|key| !common(key)).collect()
    }
}
