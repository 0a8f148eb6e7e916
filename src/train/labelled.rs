/*!
Labelled postings of any origin: marked files and feeds, read into one set.
*/

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use serde_json::Value;

use super::marked::{self, MarkedError};
use crate::feed::{Feed, FeedError, FeedOptions, Record};
use crate::posting::{Field, Posting};
use crate::signals::catalogue::Catalogue;
use crate::text::near_duplicates::UnionFind;

/// A posting of a labelled set, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The posting.
    pub posting: Posting,
    /// File and line, or file and record.
    pub place: String,
    /// The marked signals and on how many stretches of words each; none when the set has no marks.
    pub signals: Option<Vec<(String, usize)>>,
}

/// Labelled postings.
#[derive(Debug, Default)]
pub struct LabelledSet {
    /// The postings, in reading order.
    pub items: Vec<Item>,
    /// Records that could not be used, and what is wrong with others, in the words of an error message.
    pub faults: Vec<String>,
    /// Whether it came from marked files, all of it.
    pub marked: bool,
}

/// A file could not be read.
#[derive(Debug)]
pub struct LabelledError(Kind);

#[derive(Debug)]
enum Kind {
    Feed(FeedError),
    Marked(MarkedError),
}

impl fmt::Display for LabelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Feed(e) => e.fmt(f),
            Kind::Marked(e) => e.fmt(f),
        }
    }
}

// Its words hold those of its cause, which a source would repeat.
impl std::error::Error for LabelledError {}

/// Reads marked files, directories of them, and feeds of every format that `lurescan score` reads.
///
/// # Errors
///
/// When a path cannot be read. What is wrong inside is in [`LabelledSet::faults`].
pub fn read(paths: &[PathBuf], catalogue: &Catalogue) -> Result<LabelledSet, LabelledError> {
    let (marked, feeds): (Vec<PathBuf>, Vec<PathBuf>) = paths.iter().cloned().partition(|p| p.is_dir() || is_marked(p));
    let mut set = LabelledSet { marked: feeds.is_empty(), ..LabelledSet::default() };
    if !marked.is_empty() {
        let parsed = marked::read(&marked, catalogue).map_err(|e| LabelledError(Kind::Marked(e)))?;
        set.faults.extend(parsed.errors.iter().map(|e| e.to_string()));
        for found in parsed.postings {
            let count = |id: &str| found.spans.iter().filter(|s| s.signal == id).count();
            let signals = found.signals(catalogue).into_iter().map(|id| (id.to_owned(), count(id))).collect();
            set.items.push(Item { place: found.place(), posting: found.posting, signals: Some(signals) });
        }
    }
    for path in &feeds {
        let failed = |e| LabelledError(Kind::Feed(e));
        let feed = Feed::open(path, &FeedOptions { labels: true, ..FeedOptions::default() }).map_err(failed)?;
        for (i, record) in feed.enumerate() {
            match record.map_err(failed)? {
                Record::Posting(posting) => {
                    let place = format!("{} record {}", path.display(), i + 1);
                    let signals = compiled_signals(&posting, &place, catalogue, &mut set.faults);
                    set.items.push(Item { posting: *posting, place, signals });
                }
                Record::Reject(reject) => {
                    let field = reject.field.as_deref().map(|f| format!("{f}: ")).unwrap_or_default();
                    set.faults.push(format!("{} record {}: {field}{}", reject.file, reject.record, reject.reason));
                }
            }
        }
    }
    Ok(set)
}

/// Told by the first lines; a file that cannot be read is left to the feed reader, which says why.
fn is_marked(path: &PathBuf) -> bool {
    use std::io::Read;
    if path.extension().is_none_or(|e| e != "txt") {
        return false;
    }
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(64 * 1024).read_to_end(&mut start));
    read.is_ok() && marked::is_marked(&String::from_utf8_lossy(&start))
}

/// The signals of a compiled corpus (`dataset import --signals`), checked against catalogue and text.
fn compiled_signals(
    posting: &Posting,
    place: &str,
    catalogue: &Catalogue,
    faults: &mut Vec<String>,
) -> Option<Vec<(String, usize)>> {
    let list = posting.extra.get("signals")?.as_array()?;
    let mut out = Vec::new();
    for entry in list {
        let Some(id) = entry.get("id").and_then(Value::as_str) else { continue };
        if catalogue.find(id).is_none() {
            faults.push(format!("{place}: {}: no signal {id:?} in the catalogue", posting.id));
            continue;
        }
        let spans = entry.get("spans").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for span in spans {
            if !agrees(posting, span) {
                faults.push(format!("{place}: {}: {id}: the span {span} is not what the field says there", posting.id));
            }
        }
        out.push((id.to_owned(), spans.len()));
    }
    Some(out)
}

fn agrees(posting: &Posting, span: &Value) -> bool {
    let number = |key: &str| span.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let field = span.get("field").and_then(Value::as_str).and_then(Field::from_name);
    let (Some(field), Some(start), Some(end), Some(text)) =
        (field, number("start"), number("end"), span.get("text").and_then(Value::as_str))
    else {
        return false;
    };
    start <= end && posting.get(field).chars().skip(start).take(end - start).eq(text.chars())
}

/// The value of a column of the record, whether a field of ours or another; none when it is empty.
pub fn column(posting: &Posting, name: &str) -> Option<String> {
    let text = match Field::from_name(name) {
        Some(field) => posting.get(field).to_owned(),
        None => match posting.extra.get(name)? {
            Value::String(text) => text.clone(),
            Value::Null => return None,
            value => value.to_string(),
        },
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Joins groups with the postings that share a value of one of the columns.
pub fn joined<'p>(
    groups: &[usize],
    postings: impl Iterator<Item = &'p Posting> + Clone,
    columns: &[String],
) -> Vec<usize> {
    let mut union = UnionFind::new(groups.len());
    for (i, &group) in groups.iter().enumerate() {
        union.join(group, i);
    }
    for name in columns {
        let mut first: HashMap<String, usize> = HashMap::new();
        for (i, posting) in postings.clone().enumerate() {
            if let Some(value) = column(posting, name) {
                union.join(*first.entry(value).or_insert(i), i);
            }
        }
    }
    (0..groups.len()).map(|i| union.find(i)).collect()
}
