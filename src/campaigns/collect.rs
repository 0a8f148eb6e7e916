/*!
From facts to campaigns.
*/

use jiff::Timestamp;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::Facts;
use super::contacts::{MOST_EMPLOYERS, MOST_SHARE, Named};
use super::identity::{self, Elements};
use super::record::{Campaign, ContactCount, PlaceCount, Representative};
use super::representative::nearest;
use crate::entities::PlaceId;
use crate::score::Scorer;
use crate::text::language::Language;
use crate::text::near_duplicates::{Sketch, UnionFind, groups};
use crate::verdict::Action;

/// Takes the facts of postings and makes campaigns of them.
#[derive(Debug, Default)]
pub struct Collector {
    members: Vec<Member>,
    /// Different texts. Copies share one.
    texts: Vec<Sketch>,
    text_of: FxHashMap<u128, u32>,
    contacts: Vec<Named>,
    contact_of: FxHashMap<u64, u32>,
    by_text_alone: bool,
}

/// What is kept of a posting, as small as it can be.
#[derive(Debug)]
struct Member {
    id: Box<str>,
    line: Box<str>,
    text: Option<u32>,
    employer: Option<u64>,
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
        Collector { by_text_alone: true, ..Collector::default() }
    }

    /// Takes a posting.
    pub fn add(&mut self, facts: Facts) {
        let text = (!facts.sketch.is_empty()).then(|| {
            let bytes: Vec<u8> = facts.sketch.iter().flat_map(|hash| hash.to_le_bytes()).collect();
            *self.text_of.entry(xxh3_128(&bytes)).or_insert_with(|| {
                self.texts.push(facts.sketch);
                self.texts.len() as u32 - 1
            })
        });
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
            text,
            employer: facts.employer,
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
        let near = groups(&self.texts);
        let mut union = UnionFind::new(self.members.len());
        let mut first_of: FxHashMap<usize, usize> = FxHashMap::default();
        for (i, member) in self.members.iter().enumerate() {
            if let Some(text) = member.text {
                union.join(*first_of.entry(near[text as usize]).or_insert(i), i);
            }
        }
        let joining = self.joining_contacts(&mut union);
        let mut first_of: FxHashMap<u64, usize> = FxHashMap::default();
        for (i, member) in self.members.iter().enumerate() {
            for key in self.keys(member).filter(|key| joining.contains(key)) {
                union.join(*first_of.entry(key).or_insert(i), i);
            }
        }
        let mut by_root: FxHashMap<usize, Vec<u32>> = FxHashMap::default();
        for i in 0..self.members.len() {
            by_root.entry(union.find(i)).or_default().push(i as u32);
        }
        let several = by_root.into_values().filter(|group| group.len() > 1).collect::<Vec<_>>();
        let (mut campaigns, elements): (Vec<Campaign>, Vec<Elements>) =
            several.into_par_iter().map(|group| self.campaign(group, &joining, scorer)).unzip();
        for (campaign, id) in campaigns.iter_mut().zip(identity::ids(&elements)) {
            campaign.id = id;
        }
        campaigns.sort_unstable_by(|a, b| b.size.cmp(&a.size).then_with(|| a.id.cmp(&b.id)));
        campaigns
    }

    /// What the contacts of a posting join by.
    fn keys(&self, member: &Member) -> impl Iterator<Item = u64> {
        member.contacts.iter().filter_map(|&contact| self.contacts[contact as usize].key)
    }

    /// The keys of contacts that are not common; `near` holds the groups by text.
    fn joining_contacts(&self, near: &mut UnionFind) -> FxHashSet<u64> {
        if self.by_text_alone {
            return FxHashSet::default();
        }
        let mut postings: FxHashMap<u64, usize> = FxHashMap::default();
        for member in &self.members {
            // A number may be given for two services.
            for key in self.keys(member).collect::<FxHashSet<u64>>() {
                *postings.entry(key).or_default() += 1;
            }
        }
        let many = (self.members.len() as f64 * MOST_SHARE).max(MOST_EMPLOYERS as f64);
        let mut employers: FxHashMap<u64, FxHashSet<(bool, u64)>> = FxHashMap::default();
        for (i, member) in self.members.iter().enumerate() {
            for key in self.keys(member).filter(|key| postings[key] as f64 > many) {
                let employer = member.employer.map_or_else(|| (false, near.find(i) as u64), |name| (true, name));
                employers.entry(key).or_default().insert(employer);
            }
        }
        let common = |key: &u64| employers.get(key).is_some_and(|employers| employers.len() > MOST_EMPLOYERS);
        postings.into_keys().filter(|key| !common(key)).collect()
    }

    /// The campaign of these postings, still without its id, and what it can be named by.
    fn campaign(&self, mut group: Vec<u32>, joining: &FxHashSet<u64>, scorer: &Scorer) -> (Campaign, Elements) {
        group.sort_unstable_by(|&a, &b| self.order(a).cmp(&self.order(b)));
        let members: Vec<&Member> = group.iter().map(|&i| &self.members[i as usize]).collect();
        let copies = counted(members.iter().filter_map(|m| m.text));
        let mut texts: Vec<(u32, &[u32], usize)> =
            copies.iter().map(|(&text, &count)| (text, &*self.texts[text as usize], count)).collect();
        texts.sort_unstable_by_key(|&(_, sketch, _)| sketch);
        let sketches: Vec<(&[u32], usize)> = texts.iter().map(|&(_, sketch, count)| (sketch, count)).collect();
        let stands_for_all = texts.get(nearest(&sketches)).map(|&(text, _, _)| text);
        let representative = members.iter().find(|m| m.text == stands_for_all).unwrap_or(&members[0]);
        let distinct = |m: &&Member| self.keys(m).collect::<FxHashSet<u64>>().into_iter().collect();
        let keys: Vec<Vec<u64>> = members.iter().map(distinct).collect();
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
        let member = &self.members[member as usize];
        (&member.id, member.text.map(|text| &self.texts[text as usize]), &member.line)
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
