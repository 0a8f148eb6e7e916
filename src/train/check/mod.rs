/*!
`lurescan dataset check`: whether a labelled set can be trusted to teach and to measure.

Schema and marks, what is there twice, how labels and fields are balanced, and the artefact classifiers, which see only
what ought not to tell a scam from an honest posting. What breaks a stated limit is a [`Report::findings`] entry.
*/

pub mod artefacts;
mod balance;
mod content;
pub mod forms;
mod label_errors;

use serde::Serialize;

pub use artefacts::Artefact;
use artefacts::Rows;
pub use balance::{Balance, Count, FieldShare, SignalCount};
pub use content::{Group, Repeated, Twice};
pub use label_errors::LabelError;

use super::labelled::{LabelledSet, column, joined};
use crate::entities::reading::{Reader, Reading};
use crate::posting::{Field, Posting};
use crate::signals::catalogue::Catalogue;
use crate::text::ngrams;
use crate::text::tokenizer::Tokenizer;

/// The area under the ROC curve that length, punctuation and contact form must stay under.
pub const ARTEFACT_LIMIT: f64 = 0.60;
/// How much more often, as a share of postings, a field may stand in one label than in the other.
pub const FIELD_LIMIT: f64 = 0.10;

/// How a set is checked.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckOptions {
    /// Columns of which postings of one value are kept in one fold, beside near-duplicates. A column that no posting has
    /// is passed over.
    pub by: Vec<String>,
    /// Seed of folds and intervals.
    pub seed: u64,
    /// Whether the artefact classifiers are run; they take most of the time.
    pub artefacts: bool,
    /// Whether probable label errors are looked for.
    pub label_errors: bool,
}

impl Default for CheckOptions {
    fn default() -> CheckOptions {
        CheckOptions { by: vec!["group".into()], seed: 1, artefacts: true, label_errors: false }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Postings that could be read.
    pub postings: usize,
    /// Whether they came from marked files.
    pub marked: bool,
    /// What is wrong with records, marks and ids, in the words of an error message.
    pub faults: Vec<String>,
    /// What is there twice.
    pub twice: Twice,
    /// Counts and shares.
    pub balance: Balance,
    /// The artefact classifiers.
    pub artefacts: Vec<Artefact>,
    /// How many groups the folds of the classifiers keep together.
    pub fold_groups: usize,
    /// Probable label errors, the surest first; empty unless they were asked for.
    pub label_errors: Vec<LabelError>,
    /// What breaks a stated limit or rule.
    pub findings: Vec<String>,
}

/// Checks a set.
pub fn check(set: &LabelledSet, catalogue: &Catalogue, options: &CheckOptions) -> Report {
    let mut faults = set.faults.clone();
    for item in set.items.iter().filter(|i| i.posting.label.is_none() && i.signals.is_none()) {
        faults.push(format!("{}: {}: no label; it must be 0 or 1", item.place, item.posting.id));
    }
    let (twice, near) = content::twice(set);
    let reader = Reader::new(Tokenizer::default());
    let rows: Vec<Row> = set.items.iter().map(|item| Row::of(&item.posting, &reader, options.artefacts)).collect();
    let languages: Vec<&str> = rows.iter().map(|r| r.language.as_str()).collect();
    let balance = balance::balance(set, catalogue, &languages);
    let groups = joined(&near, set.items.iter().map(|i| &i.posting), &options.by);
    let (artefacts, fold_groups) =
        if options.artefacts { classifiers(set, rows, &groups, options.seed) } else { (Vec::new(), 0) };
    let label_errors = match options.label_errors {
        true => label_errors::label_errors(set, &reader, &groups, options.seed),
        false => Vec::new(),
    };
    let mut report = Report {
        postings: set.items.len(),
        marked: set.marked,
        faults,
        twice,
        balance,
        artefacts,
        fold_groups,
        label_errors,
        findings: Vec::new(),
    };
    report.findings = findings(&report);
    report
}

/// What the classifiers see of a posting.
struct Row {
    language: String,
    lengths: Vec<f64>,
    punctuation: Vec<f64>,
    contacts: Vec<f64>,
    fields: Vec<f64>,
    bag: Vec<u64>,
}

impl Row {
    fn of(posting: &Posting, reader: &Reader, artefacts: bool) -> Row {
        let declared = column(posting, Field::Language.name());
        if !artefacts && let Some(language) = declared {
            let none = Vec::new;
            return Row {
                language,
                lengths: none(),
                punctuation: none(),
                contacts: none(),
                fields: none(),
                bag: Vec::new(),
            };
        }
        let reading = reader.read(posting);
        Row {
            language: declared.unwrap_or_else(|| reading.written.language.tag().to_owned()),
            lengths: forms::lengths(posting),
            punctuation: forms::punctuation(posting),
            contacts: forms::contact_forms(posting, &reading),
            fields: forms::fields(posting),
            bag: bag(&reading),
        }
    }
}

/// The distinct word n-grams of a posting, entities by their classes.
fn bag(reading: &Reading) -> Vec<u64> {
    let mut out = Vec::new();
    for segment in &reading.segments {
        let units: Vec<u64> = segment.units.iter().map(|u| u.hash).collect();
        ngrams::for_each(&units, |hash, _, _| out.push(hash));
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The rows of one run of the classifiers.
struct Subset {
    labels: Vec<bool>,
    groups: Vec<usize>,
    strata: Vec<usize>,
    rows: Vec<usize>,
    seed: u64,
}

impl Subset {
    fn dense(&self, all: &[Row], columns: impl Fn(&Row) -> &Vec<f64>) -> Option<artefacts::Area> {
        self.as_rows().dense(&self.rows.iter().map(|&i| columns(&all[i]).clone()).collect::<Vec<_>>())
    }

    fn bags(&self, all: &[Row]) -> Option<artefacts::Area> {
        self.as_rows().bags(&self.rows.iter().map(|&i| all[i].bag.as_slice()).collect::<Vec<_>>())
    }

    fn as_rows(&self) -> Rows<'_> {
        Rows { labels: &self.labels, groups: &self.groups, strata: &self.strata, seed: self.seed }
    }
}

/// All classifiers, on all labelled postings and on the English ones; and how many groups the folds have.
fn classifiers(set: &LabelledSet, all: Vec<Row>, groups: &[usize], seed: u64) -> (Vec<Artefact>, usize) {
    let mut languages: Vec<&str> = all.iter().map(|r| r.language.as_str()).collect();
    languages.sort_unstable();
    languages.dedup();
    let subset = |only: Option<&str>| {
        let mut out = Subset { labels: vec![], groups: vec![], strata: vec![], rows: vec![], seed };
        for (i, item) in set.items.iter().enumerate() {
            let Some(label) = item.posting.label else { continue };
            if only.is_none_or(|language| language == all[i].language) {
                out.labels.push(label);
                out.groups.push(groups[i]);
                out.strata.push(languages.binary_search(&all[i].language.as_str()).unwrap_or(0));
                out.rows.push(i);
            }
        }
        out
    };
    let (whole, english) = (subset(None), subset(Some("en")));
    type Columns = fn(&Row) -> &Vec<f64>;
    let dense: [(&'static str, Option<f64>, Columns); 4] = [
        ("length only", Some(ARTEFACT_LIMIT), |r| &r.lengths),
        ("punctuation only", Some(ARTEFACT_LIMIT), |r| &r.punctuation),
        ("contact form only", Some(ARTEFACT_LIMIT), |r| &r.contacts),
        ("field presence only", None, |r| &r.fields),
    ];
    let mut out: Vec<Artefact> = dense
        .into_iter()
        .map(|(name, limit, columns)| Artefact {
            name,
            limit,
            overall: whole.dense(&all, columns),
            english: english.dense(&all, columns),
        })
        .collect();
    out.push(Artefact { name: "word n-grams", limit: None, overall: whole.bags(&all), english: english.bags(&all) });
    let mut distinct = whole.groups.clone();
    distinct.sort_unstable();
    distinct.dedup();
    (out, distinct.len())
}

fn findings(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    let mut say = |count: usize, what: &str| {
        if count > 0 {
            out.push(format!("{count} {what}"));
        }
    };
    say(report.faults.len(), "faults of schema, marks or labels");
    say(report.twice.ids.len(), "ids that several postings have");
    say(report.twice.texts.len(), "texts that several postings have");
    say(
        report.twice.near.iter().filter(|g| g.across_families).count(),
        if report.balance.families.is_empty() {
            "groups of near-duplicates"
        } else {
            "groups of near-duplicates across families"
        },
    );
    if report.marked {
        say(report.twice.sentences.len(), "sentences that several postings have");
    }
    for share in report.balance.fields.iter().filter(|f| f.gap() > FIELD_LIMIT) {
        out.push(format!(
            "the field {} stands in {:.0} % of the scams and {:.0} % of the honest postings; the limit is {:.0} points apart",
            share.field,
            100.0 * share.scams,
            100.0 * share.honest,
            100.0 * FIELD_LIMIT
        ));
    }
    let has_one = |c: &&Count| (c.scams == 0) != (c.honest == 0);
    for count in report.balance.languages.iter().filter(|c| report.marked && has_one(c)) {
        out.push(format!("the language {} has postings of one label only", count.name));
    }
    for count in report.balance.kinds.iter().filter(|c| c.scams > 0 && c.honest > 0) {
        out.push(format!("the kind {} has postings of both labels", count.name));
    }
    for artefact in report.artefacts.iter().filter(|a| a.is_over()) {
        let show = |area: Option<artefacts::Area>| area.map_or("none".to_owned(), |a| format!("{:.3}", a.value));
        out.push(format!(
            "{}: area under the ROC curve {} overall, {} within English; the limit is {ARTEFACT_LIMIT:.2}",
            artefact.name,
            show(artefact.overall),
            show(artefact.english)
        ));
    }
    out
}

#[cfg(test)]
mod tests;
