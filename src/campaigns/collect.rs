/*!
From facts to campaigns.
*/

use jiff::Timestamp;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::xxh3_64;

use super::Facts;
use super::contacts::Named;
use super::identity::{self, Elements};
use super::join::{Joined, Joiner};
use super::record::{Campaign, ContactCount, PlaceCount, Representative};
use super::representative::nearest;
use crate::entities::PlaceId;
use crate::score::Scorer;
use crate::text::language::Language;
use crate::verdict::Action;

/// Takes the facts of postings and makes campaigns of them.
#[derive(Debug, Default)]
pub struct Collector {
    members: Vec<Member>,
    joiner: Joiner,
    contacts: Vec<Named>,
    contact_of: FxHashMap<u64, u32>,
}

/// What is kept of a posting, as small as it can be.
#[derive(Debug)]
struct Member {
    id: Box<str>,
    line: Box<str>,
    posted_at: Option<Timestamp>,
    language: Language,
    action: Action,
    signals: Box<[u16]>,
    places: Box<[PlaceId]>,
    contacts: Box<[u32]>,
}

impl Collector {
    /// A collector that joins postings by their text alone, and not by contacts.
    pub fn by_text_alone() -> Collector {
        Collector { joiner: Joiner::by_text_alone(), ..Collector::default() }
    }

    /// Takes a posting.
    pub fn add(&mut self, facts: Facts) {
        self.joiner.add(facts.ties);
        let contacts = facts.contacts.into_iter().map(|named| {
            let hash = xxh3_64(format!("{}\0{}", named.kind, named.value).as_bytes());
            *self.contact_of.entry(hash).or_insert_with(|| {
                self.contacts.push(named);
                self.contacts.len() as u32 - 1
            })
        });
        self.members.push(Member {
            contacts: contacts.collect(),
            id: facts.id.into(),
            line: facts.line.into(),
            posted_at: facts.posted_at,
            language: facts.language,
            action: facts.action,
            signals: facts.signals.into(),
            places: facts.places.into(),
        });
    }

    /// How many postings were taken.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether no posting was taken.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The campaigns of two postings and more, the largest first. `scorer` is the one that the facts were found with.
    pub fn finish(self, scorer: &Scorer) -> Vec<Campaign> {
        let Joined { groups, joining } = self.joiner.join();
        let mut by_group: FxHashMap<usize, Vec<u32>> = FxHashMap::default();
        for (i, group) in (0..).zip(groups) {
            by_group.entry(group).or_default().push(i);
        }
        let several = by_group.into_values().filter(|group| group.len() > 1).collect::<Vec<_>>();
        let (mut campaigns, elements): (Vec<Campaign>, Vec<Elements>) =
            several.into_par_iter().map(|group| self.campaign(group, &joining, scorer)).unzip();
        for (campaign, id) in campaigns.iter_mut().zip(identity::ids(&elements)) {
            campaign.id = id;
        }
        campaigns.sort_unstable_by(|a, b| b.size.cmp(&a.size).then_with(|| a.id.cmp(&b.id)));
        campaigns
    }

    /// The campaign of these postings, still without its id, and what it can be named by.
    fn campaign(&self, mut group: Vec<u32>, joining: &FxHashSet<u64>, scorer: &Scorer) -> (Campaign, Elements) {
        group.sort_unstable_by(|&a, &b| self.order(a).cmp(&self.order(b)));
        let members: Vec<&Member> = group.iter().map(|&i| &self.members[i as usize]).collect();
        let text = |&member: &u32| self.joiner.text(member as usize);
        let mut texts: Vec<(u32, &[u32], usize)> = counted(group.iter().filter_map(text))
            .into_iter()
            .map(|(text, count)| (text, self.joiner.sketch(text), count))
            .collect();
        texts.sort_unstable_by_key(|&(_, sketch, _)| sketch);
        let sketches: Vec<(&[u32], usize)> = texts.iter().map(|&(_, sketch, count)| (sketch, count)).collect();
        let stands_for_all = texts.get(nearest(&sketches)).map(|&(text, _, _)| text);
        let representative = members[group.iter().position(|member| text(member) == stands_for_all).unwrap_or(0)];
        let keys: Vec<&[u64]> = group.iter().map(|&member| self.joiner.keys(member as usize)).collect();
        let bare: Vec<&[u32]> = sketches.iter().map(|s| s.0).collect();
        let elements = Elements::of(&bare, &keys, xxh3_64(members[0].id.as_bytes()));
        let times = || members.iter().filter_map(|m| m.posted_at);
        let actions = counted(members.iter().map(|m| m.action));
        let severest_first = Action::ALL.into_iter().rev();
        let catalogue = scorer.extractor().catalogue().signals();
        let signals = counted(members.iter().flat_map(|m| m.signals.iter().copied()));
        let campaign = Campaign {
            id: String::new(),
            size: members.len(),
            first_seen: times().min(),
            last_seen: times().max(),
            actions: severest_first.filter_map(|a| Some((a.name(), *actions.get(&a)?))).collect(),
            languages: most_first(counted(members.iter().map(|m| m.language.tag()))),
            places: places(&members, scorer),
            signals: most_first(
                signals.into_iter().map(|(s, count)| (catalogue[usize::from(s)].id.clone(), count)).collect(),
            ),
            contacts: self.contacts(&members, joining),
            representative: Representative { id: representative.id.to_string(), line: representative.line.to_string() },
            members: members.iter().map(|m| m.id.to_string()).collect(),
            model: scorer.model_name().to_owned(),
        };
        (campaign, elements)
    }

    /// Of postings with the same id too the order is that of their content, and not that of the feed.
    fn order(&self, member: u32) -> impl Ord {
        let text = self.joiner.text(member as usize).map(|text| self.joiner.sketch(text));
        let member = &self.members[member as usize];
        (&member.id, text, &member.line)
    }

    fn contacts(&self, members: &[&Member], joining: &FxHashSet<u64>) -> Vec<ContactCount> {
        let flagged = members.iter().filter(|m| matches!(m.action, Action::Review | Action::Block));
        let flagged = counted(flagged.flat_map(|m| m.contacts.iter().copied()));
        let all = counted(members.iter().flat_map(|m| m.contacts.iter().copied()));
        let count = |(contact, postings): (u32, usize)| {
            let Named { kind, value, key } = &self.contacts[contact as usize];
            let (flagged, joins) = (flagged.get(&contact), key.is_some_and(|key| joining.contains(&key)));
            ContactCount { kind, value: value.clone(), postings, flagged: flagged.copied().unwrap_or(0), joins }
        };
        let mut contacts: Vec<ContactCount> = all.into_iter().map(count).collect();
        contacts.sort_unstable_by(|a, b| {
            b.postings.cmp(&a.postings).then_with(|| (a.kind, &a.value).cmp(&(b.kind, &b.value)))
        });
        contacts
    }
}

fn places(members: &[&Member], scorer: &Scorer) -> Vec<PlaceCount> {
    let counts = counted(members.iter().flat_map(|m| m.places.iter().copied()));
    let row = |(place, postings)| {
        let row = scorer.reader().finder().place(place)?;
        Some(PlaceCount { name: row.name.to_owned(), country: row.country.to_owned(), kind: row.kind, postings })
    };
    let mut places: Vec<PlaceCount> = counts.into_iter().filter_map(row).collect();
    places.sort_unstable_by(|a, b| {
        b.postings.cmp(&a.postings).then_with(|| (&a.name, &a.country).cmp(&(&b.name, &b.country)))
    });
    places
}

fn counted<T: std::hash::Hash + Eq>(values: impl Iterator<Item = T>) -> FxHashMap<T, usize> {
    let mut counts = FxHashMap::default();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

/// The most frequent first, and equals by name.
fn most_first<K: Ord>(counts: FxHashMap<K, usize>) -> Vec<(K, usize)> {
    let mut entries: Vec<(K, usize)> = counts.into_iter().collect();
    entries.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    entries
}
