/*!
The queue: every different text of a feed with its score, and the order in which they are looked at.

A text is held once, as the JSON that the store would keep, and is scored again when it is shown, so that a hundred
thousand postings take little more memory than their text.
*/

use std::collections::HashMap;

use super::decision::Scored;
use super::record;
use crate::campaigns::join::{Joiner, Ties};
use crate::posting::Posting;
use crate::text::near_duplicates::UnionFind;
use crate::verdict::{Action, Verdict};

/// A text of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The id of the first posting with this text.
    pub id: Box<str>,
    /// By which it is known again.
    pub text_hash: Box<str>,
    /// The posting, as stores keep it.
    pub record: Box<str>,
    /// What the model says.
    pub scored: Scored,
    /// The log-odds; none where the model abstained.
    pub logit: Option<f64>,
    /// Ids of the signals that fired.
    pub signals: Box<[Box<str>]>,
    /// How many postings have this text.
    pub copies: usize,
}

impl Item {
    /// Of a posting and its verdict.
    pub fn new(posting: &Posting, verdict: &Verdict) -> Item {
        Item {
            id: posting.id.as_str().into(),
            text_hash: record::text_hash(posting).into(),
            record: record::to_json(posting).into(),
            scored: Scored::of(verdict),
            logit: verdict.logit,
            signals: verdict.signals.iter().map(|s| s.id.as_str().into()).collect(),
            copies: 1,
        }
    }

    /// The posting. A record that was made here is read back; if it were not, it would be shown as an empty posting.
    pub fn posting(&self) -> Posting {
        record::from_json(&self.record).unwrap_or_default()
    }
}

/// What is shown of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// This signal fired.
    pub signal: Option<String>,
    /// This is the action.
    pub action: Option<Action>,
    /// This is the language.
    pub language: Option<String>,
    /// These words occur, in any case.
    pub words: Option<String>,
}

impl Filter {
    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        *self == Filter::default()
    }

    /// Whether an item is shown.
    pub fn shows(&self, item: &Item) -> bool {
        self.signal.as_ref().is_none_or(|s| item.signals.iter().any(|id| **id == **s))
            && self.action.is_none_or(|a| item.scored.action == a)
            && self.language.as_ref().is_none_or(|l| item.scored.language == *l)
            && self.words.as_ref().is_none_or(|words| contains(item, words))
    }
}

fn contains(item: &Item, words: &str) -> bool {
    let words = words.to_lowercase();
    // A quick look at the stored text first: only quotes, backslashes and control characters stand differently there.
    let plain = !words.contains(|c: char| c.is_control() || matches!(c, '"' | '\\'));
    if plain && !item.record.to_lowercase().contains(&words) {
        return false;
    }
    let posting = item.posting();
    let has = |text: &str| text.to_lowercase().contains(&words);
    has(&posting.id) || crate::posting::Field::ALL.into_iter().any(|field| has(posting.get(field)))
}

/// Every different text of a feed.
#[derive(Debug, Default)]
pub struct Queue {
    items: Vec<Item>,
    places: HashMap<Box<str>, usize>,
    joiner: Joiner,
    /// The place of each posting that `joiner` took.
    place_of: Vec<usize>,
}

/// The campaigns of a queue, as `lurescan campaigns` finds them in its feed.
#[derive(Debug)]
pub struct Groups {
    /// The group of each place, numbered by its first.
    of: Vec<usize>,
    members: HashMap<usize, Vec<usize>>,
}

impl Groups {
    /// The places of the campaign that a place is in, in the order of the feed.
    pub fn members(&self, place: usize) -> &[usize] {
        self.of.get(place).and_then(|group| self.members.get(group)).map_or(&[], Vec::as_slice)
    }
}

impl Queue {
    /// Adds a posting; a text that is there already counts one copy more.
    pub fn push(&mut self, item: Item, ties: Ties) {
        let place = match self.places.get(&item.text_hash) {
            Some(&at) => {
                self.items[at].copies += item.copies;
                at
            }
            None => {
                self.places.insert(item.text_hash.clone(), self.items.len());
                self.items.push(item);
                self.items.len() - 1
            }
        };
        self.joiner.add(ties);
        self.place_of.push(place);
    }

    /// The items, in the order of the feed.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The place of a text.
    pub fn find(&self, text_hash: &str) -> Option<usize> {
        self.places.get(text_hash).copied()
    }

    /// The campaigns.
    pub fn groups(&self) -> Groups {
        let mut union = UnionFind::new(self.items.len());
        let mut first_of: HashMap<usize, usize> = HashMap::new();
        for (group, &place) in self.joiner.groups().into_iter().zip(&self.place_of) {
            union.join(*first_of.entry(group).or_insert(place), place);
        }
        let of: Vec<usize> = (0..self.items.len()).map(|place| union.find(place)).collect();
        let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
        for (place, &group) in of.iter().enumerate() {
            members.entry(group).or_default().push(place);
        }
        Groups { of, members }
    }

    /// Places in the order of falling probability; where the model abstained comes last, in the order of the feed.
    pub fn by_probability(&self) -> Vec<usize> {
        self.by(|item| item.logit.map(|l| -l))
    }

    /// Places in the order of falling uncertainty; where the model abstained comes last.
    pub fn by_uncertainty(&self) -> Vec<usize> {
        self.by(|item| item.logit.map(f64::abs))
    }

    fn by(&self, key: impl Fn(&Item) -> Option<f64>) -> Vec<usize> {
        let mut order: Vec<(f64, usize)> =
            self.items.iter().enumerate().map(|(i, item)| (key(item).unwrap_or(f64::INFINITY), i)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        order.into_iter().map(|(_, i)| i).collect()
    }

    /// Places by the number of postings in their campaign, the largest first; a campaign's members come together, the likeliest
    /// scam first.
    pub fn by_campaign(&self, groups: &Groups) -> Vec<usize> {
        let groups = &groups.of;
        let mut sizes: HashMap<usize, usize> = HashMap::new();
        for (item, group) in self.items.iter().zip(groups) {
            *sizes.entry(*group).or_default() += item.copies;
        }
        let mut order = self.by_probability();
        order.sort_by_key(|&i| (std::cmp::Reverse(sizes[&groups[i]]), groups[i]));
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::reading::Reader;
    use crate::text::tokenizer::Tokenizer;

    fn item(id: &str, text: &str, logit: Option<f64>) -> Item {
        let posting = Posting::from_text(id, text);
        let verdict = Verdict {
            id: id.into(),
            probability: logit.map(crate::eval::metrics::sigmoid),
            action: if logit.is_some() { Action::Review } else { Action::Abstain },
            logit,
            language: "en".into(),
            signals: vec![],
            model: "m".into(),
            intercept: None,
            terms: None,
            extra: Default::default(),
            truncated: false,
            as_vacancy: false,
            passage: Vec::new(),
        };
        Item::new(&posting, &verdict)
    }

    fn queue(items: &[(&str, &str, Option<f64>)]) -> Queue {
        let reader = Reader::new(Tokenizer::default());
        let mut queue = Queue::default();
        for (id, text, logit) in items {
            let posting = Posting::from_text(*id, *text);
            queue.push(item(id, text, *logit), Ties::of(&reader, &posting, &reader.read(&posting)));
        }
        queue
    }

    #[test]
    fn orders() {
        let long = "free flight and a room for typists in the city of glass";
        let queue = queue(&[
            ("a", "one", Some(-3.0)),
            ("b", "hm", None),
            ("c", &format!("{long} call 555-0100"), Some(0.5)),
            ("d", &format!("{long} call 555-0199"), Some(4.0)),
            ("e", "ONE ", Some(-3.0)),
            ("f", "two: Telegram @demo_hr00", Some(0.6)),
            ("g", "contact t.me/demo_hr00 now", Some(-4.0)),
        ]);
        assert_eq!(queue.items().len(), 6, "a and e are one text");
        assert_eq!(queue.items()[0].copies, 2);
        assert_eq!(queue.by_probability(), [3, 4, 2, 0, 5, 1]);
        assert_eq!(queue.by_uncertainty(), [2, 4, 0, 3, 5, 1]);
        let groups = queue.groups();
        let members = [0, 1, 2, 3, 4, 5].map(|place| groups.members(place));
        assert_eq!(members, [&[0][..], &[1], &[2, 3], &[2, 3], &[4, 5], &[4, 5]], "a text, and a contact");
        assert_eq!(queue.by_campaign(&groups), [0, 3, 2, 4, 5, 1], "two postings each, then the one alone");
    }

    #[test]
    fn filters_add_up() {
        let item = item("x-1", "Say \"Fly\" und Grüße", Some(1.0));
        let words = |w: &str| Filter { words: Some(w.into()), ..Filter::default() };
        for found in ["say \"fly\"", "GRÜSSE", "grüße", "X-1"] {
            assert_eq!(words(found).shows(&item), found != "GRÜSSE", "{found}");
        }
        assert!(!words("fields").shows(&item), "the names of the stored form are no text");
        assert!(Filter::default().shows(&item) && Filter::default().is_empty());
        let filter = Filter { action: Some(Action::Block), ..words("fly") };
        assert!(!filter.shows(&item));
        assert!(!Filter { signal: Some("free_travel".into()), ..Filter::default() }.shows(&item));
        assert!(!Filter { language: Some("de".into()), ..Filter::default() }.shows(&item));
    }
}
