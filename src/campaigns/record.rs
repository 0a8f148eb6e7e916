/*!
The output record: what is said about one campaign.
*/

use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::entities::PlaceKind;
use crate::verdict::Action;

/// A group of postings. Serialised as one JSON object with its keys in this order; counts are numbers of postings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Campaign {
    /// The same for the same campaign in another feed, as far as possible.
    pub id: String,
    /// Postings.
    pub size: usize,
    /// The earliest `posted_at`, in UTC; null when no posting states one that can be read.
    pub first_seen: Option<Timestamp>,
    /// The latest `posted_at`.
    pub last_seen: Option<Timestamp>,
    /// What the model says to do with the postings, the severest first.
    #[serde(serialize_with = "map")]
    pub actions: Vec<(&'static str, usize)>,
    /// BCP 47 tags, `und` for unknown.
    #[serde(serialize_with = "map")]
    pub languages: Vec<(&'static str, usize)>,
    /// Places that are named.
    pub places: Vec<PlaceCount>,
    /// Signals that show.
    #[serde(serialize_with = "map")]
    pub signals: Vec<(String, usize)>,
    /// Contacts and links that are given.
    pub contacts: Vec<ContactCount>,
    /// The posting that is nearest to all.
    pub representative: Representative,
    /// The ids of the postings, sorted.
    pub members: Vec<String>,
    /// The model that scored.
    pub model: String,
}

impl Campaign {
    /// How many postings have this action.
    pub fn with_action(&self, action: Action) -> usize {
        self.actions.iter().find(|(name, _)| *name == action.name()).map_or(0, |&(_, count)| count)
    }

    /// The severest action of a posting.
    pub fn severest(&self) -> Action {
        Action::ALL.into_iter().rev().find(|&action| self.with_action(action) > 0).unwrap_or(Action::Abstain)
    }
}

/// A place and how many postings name it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaceCount {
    /// The English name.
    pub name: String,
    /// ISO 3166-1 alpha-2 code, `ZZ` for a region of several countries.
    pub country: String,
    /// What it is.
    #[serde(serialize_with = "place_kind")]
    pub kind: PlaceKind,
    /// Postings.
    pub postings: usize,
}

/// A contact or link and how many postings give it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContactCount {
    /// `email`, `freemail`, `phone`, `wallet`, the chat service, `url` (a form or a shortened link), or `domain`.
    pub kind: &'static str,
    /// As two postings can be compared by it: a number's digits, an account name without its at sign.
    pub value: String,
    /// Postings.
    pub postings: usize,
    /// Postings of these whose action is `review` or `block`.
    pub flagged: usize,
    /// Whether it joins the postings that give it.
    pub joins: bool,
}

/// The posting that stands for a campaign.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Representative {
    /// Its id.
    pub id: String,
    /// Its title or first line.
    pub line: String,
}

fn map<K: AsRef<str>, S: Serializer>(entries: &[(K, usize)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (key, count) in entries {
        map.serialize_entry(key.as_ref(), count)?;
    }
    map.end()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn place_kind<S: Serializer>(kind: &PlaceKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match kind {
        PlaceKind::Country => "country",
        PlaceKind::Capital => "capital",
        PlaceKind::City => "city",
        PlaceKind::Hotspot => "hotspot",
        PlaceKind::Region => "region",
    })
}
