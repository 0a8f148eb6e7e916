/*!
Counts: by label, kind, language, family and split, by field, by signal.
*/

use std::collections::BTreeMap;

use serde::Serialize;

use crate::posting::Field;
use crate::signals::catalogue::Catalogue;
use crate::train::labelled::{LabelledSet, column};

/// Postings of one value of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The value.
    pub name: String,
    /// Of label 1.
    pub scams: usize,
    /// Of label 0.
    pub honest: usize,
    /// Without a label.
    pub unlabelled: usize,
    /// Of the test split.
    pub test: usize,
}

impl Count {
    /// All of them.
    pub fn all(&self) -> usize {
        self.scams + self.honest + self.unlabelled
    }

    fn add(&mut self, label: Option<bool>, test: bool) {
        match label {
            Some(true) => self.scams += 1,
            Some(false) => self.honest += 1,
            None => self.unlabelled += 1,
        }
        self.test += usize::from(test);
    }
}

/// How often a field holds text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldShare {
    /// The field.
    pub field: &'static str,
    /// Share of the scams, 0 to 1.
    pub scams: f64,
    /// Share of the honest postings, 0 to 1.
    pub honest: f64,
}

impl FieldShare {
    /// How far apart the shares are.
    pub fn gap(&self) -> f64 {
        (self.scams - self.honest).abs()
    }
}

/// How often a signal is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignalCount {
    /// The signal.
    pub id: String,
    /// Scams that carry it.
    pub scams: usize,
    /// Honest postings that carry it.
    pub honest: usize,
    /// Stretches of words.
    pub spans: usize,
}

/// All counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Balance {
    /// All postings.
    pub total: Count,
    /// By split.
    pub splits: Vec<Count>,
    /// By kind.
    pub kinds: Vec<Count>,
    /// By language, declared or told by the text.
    pub languages: Vec<Count>,
    /// By family: the column `group`.
    pub families: Vec<Count>,
    /// By field.
    pub fields: Vec<FieldShare>,
    /// By signal, in the catalogue's order; empty when the set has no marks.
    pub signals: Vec<SignalCount>,
}

/// Counts a set; `languages` are those of the rows.
pub fn balance(set: &LabelledSet, catalogue: &Catalogue, languages: &[&str]) -> Balance {
    let by = |value: &dyn Fn(usize) -> Option<String>| -> Vec<Count> {
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        for (i, item) in set.items.iter().enumerate() {
            if let Some(name) = value(i) {
                let is_test = column(&item.posting, "split").is_some_and(|s| s == "test");
                let count = counts.entry(name.clone()).or_insert_with(|| Count { name, ..Count::default() });
                count.add(item.posting.label, is_test);
            }
        }
        counts.into_values().collect()
    };
    let of_column = |name: &'static str| by(&|i| column(&set.items[i].posting, name));
    let largest_first = |mut counts: Vec<Count>| {
        counts.sort_by_key(|c| std::cmp::Reverse(c.all()));
        counts
    };
    // Kinds of scam before kinds of honest posting.
    let mut kinds = largest_first(of_column("kind"));
    kinds.sort_by_key(|c| c.scams == 0);
    Balance {
        total: by(&|_| Some("all".into())).pop().unwrap_or_default(),
        splits: of_column("split"),
        kinds,
        languages: largest_first(by(&|i| Some(languages[i].to_owned()))),
        families: of_column("group"),
        fields: fields(set),
        signals: signals(set, catalogue),
    }
}

fn fields(set: &LabelledSet) -> Vec<FieldShare> {
    let share = |field: Field, label: bool| {
        let of_label = || set.items.iter().filter(|i| i.posting.label == Some(label));
        let present = of_label().filter(|i| !i.posting.get(field).is_empty()).count();
        present as f64 / of_label().count().max(1) as f64
    };
    Field::READ
        .into_iter()
        .chain([Field::EmploymentType])
        .map(|field| FieldShare { field: field.name(), scams: share(field, true), honest: share(field, false) })
        .filter(|s| s.scams + s.honest > 0.0)
        .collect()
}

fn signals(set: &LabelledSet, catalogue: &Catalogue) -> Vec<SignalCount> {
    if set.items.iter().all(|i| i.signals.is_none()) {
        return Vec::new();
    }
    let mut counts: BTreeMap<&str, SignalCount> = BTreeMap::new();
    for item in &set.items {
        for (id, spans) in item.signals.iter().flatten() {
            let count = counts.entry(id).or_default();
            match item.posting.label {
                Some(true) => count.scams += 1,
                Some(false) => count.honest += 1,
                None => {}
            }
            count.spans += spans;
        }
    }
    let entry = |id: &String| SignalCount { id: id.clone(), ..counts.get(id.as_str()).cloned().unwrap_or_default() };
    catalogue.signals().iter().map(|s| entry(&s.id)).collect()
}
