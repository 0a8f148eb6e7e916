/*!
What is in the set twice: ids, texts, near-copies, sentences.
*/

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::entities::shingles::near_duplicates;
use crate::posting::{Field, Posting};
use crate::train;
use crate::train::labelled::{Item, LabelledSet, column};

/// Columns of width that a sentence must have to be worth a report; a Han character is two columns wide.
const SENTENCE_WIDTH: usize = 26;

/// Postings that belong together, by id and place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Id and place of each.
    pub members: Vec<String>,
    /// Whether they are of different families (values of the column `group`), or the set has none.
    pub across_families: bool,
    /// Whether they stand in different splits.
    pub across_splits: bool,
}

/// A sentence that more than one posting has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repeated {
    /// The sentence, in lower case.
    pub sentence: String,
    /// The postings' ids, each once.
    pub ids: Vec<String>,
}

/// Everything that is there twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Twice {
    /// Ids that several postings have, with the places.
    pub ids: Vec<(String, Vec<String>)>,
    /// Postings of the same text.
    pub texts: Vec<Group>,
    /// Groups of near-duplicates, beyond those of the same text.
    pub near: Vec<Group>,
    /// Sentences.
    pub sentences: Vec<Repeated>,
}

/// Finds what is there twice; the groups of near-duplicates come with it, by row.
pub fn twice(set: &LabelledSet) -> (Twice, Vec<usize>) {
    let items = &set.items;
    let near = near_duplicates(&train::reader(), items.iter().map(|i| &i.posting));
    let mut out = Twice::default();
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_text: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut by_group: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        by_id.entry(&item.posting.id).or_default().push(i);
        by_text.entry(whole(&item.posting)).or_default().push(i);
        by_group.entry(near[i]).or_default().push(i);
    }
    let several = |rows: &&Vec<usize>| rows.len() > 1;
    let place = |i: &usize| items[*i].place.clone();
    out.ids = by_id
        .iter()
        .filter(|(_, rows)| rows.len() > 1)
        .map(|(id, rows)| (id.to_string(), rows.iter().map(place).collect()))
        .collect();
    out.texts = by_text.values().filter(several).map(|rows| group(items, rows)).collect();
    out.texts.sort_by(|a, b| a.members.cmp(&b.members));
    let is_one_text = |rows: &Vec<usize>| {
        let first = whole(&items[rows[0]].posting);
        rows.iter().all(|&i| whole(&items[i].posting) == first)
    };
    out.near = by_group.values().filter(several).filter(|r| !is_one_text(r)).map(|rows| group(items, rows)).collect();
    out.sentences = sentences(items);
    (out, near)
}

/// All that is read of a posting, white space evened out.
fn whole(posting: &Posting) -> String {
    let words = Field::READ.into_iter().flat_map(|f| posting.get(f).split_whitespace());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

fn group(items: &[Item], rows: &[usize]) -> Group {
    let differ = |name: &str| {
        let of = |i: &usize| column(&items[*i].posting, name);
        let first = of(&rows[0]);
        (rows.iter().any(|i| of(i) != first), first.is_none())
    };
    let (families, no_family) = differ("group");
    let (across_splits, _) = differ("split");
    Group {
        members: rows.iter().map(|&i| format!("{} ({})", items[i].posting.id, items[i].place)).collect(),
        across_families: families || no_family,
        across_splits,
    }
}

/// Sentences of some length that stand in several postings.
fn sentences(items: &[Item]) -> Vec<Repeated> {
    let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
    for (i, item) in items.iter().enumerate() {
        for sentence in item.posting.get(Field::Description).split(ends_sentence) {
            let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            if sentence.width() >= SENTENCE_WIDTH && sentence.chars().any(char::is_alphabetic) {
                let rows = seen.entry(sentence).or_default();
                if rows.last() != Some(&i) {
                    rows.push(i);
                }
            }
        }
    }
    let mut out: Vec<Repeated> = seen
        .into_iter()
        .filter(|(_, rows)| rows.len() > 1)
        .map(|(sentence, rows)| {
            let ids = rows.into_iter().map(|i| items[i].posting.id.clone()).collect();
            Repeated { sentence, ids }
        })
        .collect();
    out.sort_by(|a, b| b.ids.len().cmp(&a.ids.len()).then_with(|| a.sentence.cmp(&b.sentence)));
    out
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '\n' | '\r' | '.' | '!' | '?' | '。' | '！' | '？' | '।' | '॥' | '။' | '၊' | '។' | '؟' | '۔')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(id: &str, family: Option<&str>, text: &str) -> Item {
        let mut posting = Posting::from_text(id, text);
        if let Some(family) = family {
            posting.extra.insert("group".into(), json!(family));
            posting.extra.insert("split".into(), json!(if family.starts_with('t') { "test" } else { "train" }));
        }
        Item { place: format!("f:{id}"), posting, signals: None }
    }

    #[test]
    fn copies_are_found_and_placed() {
        let long = "We look for a calm cook who can run a small kitchen by the lake. Bring your own knives please";
        let items = vec![
            item("a", Some("r1-a"), long),
            item("b", Some("t1-a"), &format!("{long}!")),
            item("c", Some("r1-a"), &long.to_uppercase()),
            item("c", None, "Something else, said in a few words only. bring your own   Knives please"),
            item("d", None, "短句。我们正在招聘有经验的厨师和服务员"),
            item("e", None, "我们正在招聘有经验的厨师和服务员！"),
        ];
        let (twice, near) = twice(&LabelledSet { items, ..LabelledSet::default() });
        assert_eq!(twice.ids, [("c".to_string(), vec!["f:c".to_string(), "f:c".to_string()])]);
        assert_eq!(twice.texts.len(), 1);
        assert_eq!(twice.texts[0].members, ["a (f:a)", "c (f:c)"]);
        assert!(!twice.texts[0].across_families && !twice.texts[0].across_splits);
        assert_eq!(twice.near.len(), 2);
        assert_eq!(
            twice.near[1].members,
            ["d (f:d)", "e (f:e)"],
            "a script without spaces is compared by its characters"
        );
        assert!(twice.near[0].across_families && twice.near[0].across_splits);
        assert_eq!(near, [0, 0, 0, 3, 4, 4]);
        let found: Vec<(&str, usize)> = twice.sentences.iter().map(|r| (r.sentence.as_str(), r.ids.len())).collect();
        assert_eq!(found[0], ("bring your own knives please", 4));
        assert!(found.contains(&("我们正在招聘有经验的厨师和服务员", 2)));
    }
}
