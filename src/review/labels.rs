/*!
Decisions as a training set: one labelled posting a text, with a group that no fold may part.
*/

use std::collections::{BTreeMap, HashMap};

use super::decision::{Label, Sampling, Standing};
use super::error::StoreError;
use super::store::Store;
use crate::entities::reading::Reader;
use crate::entities::shingles;
use crate::posting::Posting;
use crate::text::near_duplicates::UnionFind;
use crate::text::tokenizer::Tokenizer;

/// The column that names the group.
const GROUP: &str = "group";

/// What all moderators together say of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consensus {
    /// More say so than say the opposite.
    Agreed(bool),
    /// As many say scam as say honest.
    Split,
    /// Nobody was sure.
    Unsure,
}

/// What the decisions about one text come to: each moderator counts once, and those who are unsure do not count.
pub fn consensus<'a>(decisions: impl IntoIterator<Item = &'a Standing>) -> Consensus {
    let (mut scam, mut honest) = (0, 0);
    for decision in decisions {
        match decision.label {
            Label::Scam => scam += 1,
            Label::Honest => honest += 1,
            Label::Unsure => {}
        }
    }
    match (scam, honest) {
        (0, 0) => Consensus::Unsure,
        (s, h) if s == h => Consensus::Split,
        (s, h) => Consensus::Agreed(s > h),
    }
}

/// The labelled postings of a store.
#[derive(Debug, Default)]
pub struct TrainingSet {
    /// One posting a text, in the order they were first decided, with `label`, and `group`, `reason` and `sampling` among
    /// their other columns.
    pub postings: Vec<Posting>,
    /// Texts left out because as many say scam as say honest.
    pub split: usize,
    /// Texts left out because nobody was sure.
    pub unsure: usize,
}

/// Makes the training set of a store.
///
/// Near-duplicates, and postings that had the same `group` before, get the same group, so that no copy of what a model
/// was trained on measures it. The group's name comes from its texts, not from the order they were decided in.
///
/// # Errors
///
/// When the store cannot be read.
pub fn training_set(store: &Store) -> Result<TrainingSet, StoreError> {
    let standing = store.standing()?;
    let mut texts: BTreeMap<&str, Vec<&Standing>> = BTreeMap::new();
    for decision in &standing {
        texts.entry(&decision.text_hash).or_default().push(decision);
    }
    let mut set = TrainingSet::default();
    let mut agreed = Vec::new();
    for (hash, decisions) in texts {
        match consensus(decisions.iter().copied()) {
            Consensus::Agreed(scam) => agreed.push((decisions[0].number, hash, scam, decisions)),
            Consensus::Split => set.split += 1,
            Consensus::Unsure => set.unsure += 1,
        }
    }
    agreed.sort_unstable_by_key(|a| a.0);
    for (_, hash, scam, decisions) in &agreed {
        let mut posting = store.posting(hash)?;
        posting.label = Some(*scam);
        let wanted = if *scam { Label::Scam } else { Label::Honest };
        let reason = decisions.iter().rev().filter(|d| d.label == wanted).find_map(|d| d.reason);
        let random = decisions.iter().any(|d| d.chosen.sampling == Sampling::Random);
        let sampling = if random { Sampling::Random } else { decisions[0].chosen.sampling };
        if let Some(reason) = reason {
            posting.extra.insert("reason".to_owned(), reason.name().into());
        }
        posting.extra.insert("sampling".to_owned(), sampling.name().into());
        set.postings.push(posting);
    }
    let hashes: Vec<&str> = agreed.iter().map(|a| a.1).collect();
    let names = group_names(&set.postings, &hashes);
    for (posting, name) in set.postings.iter_mut().zip(names) {
        posting.extra.insert(GROUP.to_owned(), name.into());
    }
    Ok(set)
}

fn group_names(postings: &[Posting], hashes: &[&str]) -> Vec<String> {
    let mut union = UnionFind::new(postings.len());
    let near = shingles::near_duplicates(&Reader::new(Tokenizer::default()), postings.iter());
    for (i, group) in near.into_iter().enumerate() {
        union.join(group, i);
    }
    let mut first: HashMap<String, usize> = HashMap::new();
    for (i, posting) in postings.iter().enumerate() {
        if let Some(own) = posting.extra.get(GROUP).filter(|v| v.is_string() || v.is_number()) {
            union.join(*first.entry(own.to_string()).or_insert(i), i);
        }
    }
    let roots: Vec<usize> = (0..postings.len()).map(|i| union.find(i)).collect();
    let mut least: HashMap<usize, &str> = HashMap::new();
    for (&root, &hash) in roots.iter().zip(hashes) {
        least.entry(root).and_modify(|held| *held = hash.min(held)).or_insert(hash);
    }
    roots.iter().map(|root| format!("labels-{}", &least[root][..16])).collect()
}
