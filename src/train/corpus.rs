/*!
A labelled corpus, read once: what every fold is fitted and measured on.

Rows come from any feed that has labels, and from the marked families of `datasets/lures`. What is marked and has no label
teaches signals, and is no row. Each row carries its weight,
its domain (the file it came from, or the corpus), its language, and two groupings: *campaigns* (near-duplicates and
employers), by which rows are weighted, and *groups* (campaigns, author families and the group columns of the data),
which no fold parts.
*/

mod groups;
mod names;
mod read_row;
mod sequence;
mod vocabulary;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rayon::prelude::*;
use serde_json::{Value, json};

use groups::join;
use read_row::ReadRow;
use sequence::Marks;
pub use sequence::Sequence;
use vocabulary::Vocabulary;

use super::marked;
use super::signal_fit::{can_fit, cross_fit};
use super::units::Units;
use crate::entities::passages::Place;
use crate::entities::reading::Reader;
use crate::entities::shingles::near_duplicates;
use crate::feed::{Feed, FeedOptions, Record, Reject};
use crate::model::artefact::sha256;
use crate::model::verdict_stage::spoken_by_passage;
use crate::posting::{Field, Posting};
use crate::redact::{self, NAME_TOLD};
use crate::signals::catalogue::SignalId;
use crate::signals::classifiers::Classifiers;
use crate::signals::{Evidence, Extractor, Scratch};
use crate::text::language::Language;

/// Columns whose value weighs a row.
const WEIGHT_COLUMNS: [&str; 3] = ["weight", "prior_weight", "sample_weight"];
/// Columns whose value names a campaign: an employer, or near-duplicates.
const CAMPAIGN_COLUMNS: [&str; 3] = ["employer_group", "near_dup_cluster", "campaign"];
/// Columns whose value names a group of postings that are not independent.
const GROUP_COLUMNS: [&str; 2] = ["group", "family"];
/// The column that names who wrote a posting: folds keep together what one hand wrote.
const WRITER_COLUMN: &str = "writer";
/// Columns that an error lists.
const COLUMNS_TOLD: usize = 40;

/// Rejects of a feed that are told before the rest is only counted.
const REJECTS_TOLD: usize = 3;
/// The domain of marked families.
pub const LURES: &str = "lures";

/// A labelled posting.
#[derive(Clone, Debug)]
pub struct Row {
    /// The posting, for names and errors.
    pub posting: Posting,
    /// Is it a scam?
    pub label: bool,
    /// How many postings it stands for.
    pub weight: f64,
    /// Index into [`Corpus::domains`].
    pub domain: usize,
    /// The language that was recognised, or that the data states.
    pub language: Language,
    /// The kind of posting, where the data says.
    pub kind: String,
    /// Rows of one campaign are near-duplicates or of one employer.
    pub campaign: usize,
    /// Near-duplicates only.
    pub near_duplicate: usize,
    /// Near-duplicates, and what the data's group columns say that one author wrote.
    pub author_family: usize,
    /// Near-duplicates, rows of one employer and of one author family: what figures are resampled by.
    pub group: usize,
    /// Groups, and what one writer wrote: never parted by a fold.
    pub together: usize,
    /// Distinct n-grams, as numbers of the corpus's vocabulary.
    pub ngrams: Vec<u32>,
    /// The same without company profile and benefits, where the posting has them.
    pub bare_ngrams: Option<Vec<u32>>,
    /// What the posting shows.
    pub evidence: Evidence,
    /// The signals that it is marked with, on words or as a whole, if it is of the marked families.
    pub marks: Option<Vec<SignalId>>,
    /// Its n-grams where they stand, and what is marked where; only while classifiers of signals are fitted.
    pub sequence: Option<Sequence>,
    /// Its passages; none where n-grams are made of other units than the scorer's.
    pub passages: Vec<Passage>,
}

/// A passage of a row.
#[derive(Clone, Debug)]
pub struct Passage {
    /// Distinct n-grams, as numbers of the corpus's vocabulary.
    pub ngrams: Vec<u32>,
    /// What shows in it.
    pub evidence: Evidence,
    /// The signals that words in it are marked with, if it is of the marked families.
    pub told: Vec<SignalId>,
    /// Where it stands.
    pub places: Vec<Place>,
}

impl Row {
    /// Whether it is marked with a signal, on words or as a whole.
    pub(super) fn has_mark(&self, signal: SignalId) -> bool {
        self.marks.as_ref().is_some_and(|marks| marks.contains(&signal))
    }

    /// The units of each field that is read; none where it is not known where its n-grams stand.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Range<u32>> + Clone {
        self.sequence.iter().flat_map(|sequence| &sequence.fields)
    }

    /// The posting's logit as the scorer has it: what `logit` makes of n-grams and evidence, of the whole or of the strongest
    /// passage, or what the whole says as a vacancy.
    pub fn logit(&self, vacancy: Option<f64>, logit: impl Fn(&[u32], &Evidence) -> f64) -> f64 {
        let of_passage = |p: &Passage| spoken_by_passage(logit(&p.ngrams, &p.evidence));
        let of_parts = self.passages.iter().filter_map(of_passage).chain(vacancy);
        of_parts.fold(logit(&self.ngrams, &self.evidence), f64::max)
    }
}

/// Labelled postings, read.
#[derive(Debug, Default)]
pub struct Corpus {
    /// The rows, in the order of the files.
    pub rows: Vec<Row>,
    /// Names of the domains.
    pub domains: Vec<String>,
    /// Hashes of the n-grams, by number.
    pub vocabulary: Vec<u64>,
    /// The classifiers by which signals were read, beside the phrases.
    pub classifiers: Classifiers,
    /// What was read: files, checksums, counts, notes.
    pub provenance: Vec<Value>,
}

/// How to read a corpus.
#[derive(Clone, Debug, Default)]
pub struct CorpusOptions {
    /// Reads only the families of this split of the marked corpus.
    pub split: Option<marked::Split>,
    /// The column that weighs rows, instead of the known ones.
    pub weight_column: Option<String>,
    /// A further column whose value names a group.
    pub group_column: Option<String>,
    /// Fields that are blanked in every posting before anything is read.
    pub blank: Vec<Field>,
    /// What n-grams are made of; the scorer reads the default, so a model is fitted on no other.
    pub units: Units,
    /// Labelled postings that come from no feed, each set under the path it was read from.
    pub labelled: Vec<(PathBuf, Vec<Posting>)>,
    /// Signals are read by the classifiers that the extractor has, and none are fitted on what is marked.
    pub keep_classifiers: bool,
    /// The seed of the folds by which classifiers are fitted.
    pub seed: u64,
    /// What is told of the records of each feed that are set aside.
    pub tell: Option<fn(SetAside)>,
}

/// Records that give no row.
#[derive(Clone, Copy, Debug)]
pub enum SetAside<'a> {
    /// One of the first rejects of a feed.
    Reject(&'a Reject),
    /// All of a feed, at its end; only where there are any.
    All {
        /// The feed.
        path: &'a Path,
        /// Its records, those set aside among them.
        records: usize,
        /// Records that could not be used.
        rejects: usize,
        /// Postings without a label.
        unlabelled: usize,
    },
}

/// A row before reading.
struct Raw {
    posting: Posting,
    domain: usize,
    marks: Option<Marks>,
}

impl Corpus {
    /// Reads files of labelled postings and directories of marked families.
    pub fn load(
        paths: &[PathBuf],
        options: &CorpusOptions,
        reader: &Reader,
        extractor: &Extractor,
    ) -> anyhow::Result<Corpus> {
        let mut corpus = Corpus::default();
        let mut raws = Vec::new();
        for path in paths {
            if is_marked(path) {
                corpus.load_marked(path, options, extractor, &mut raws)?;
            } else {
                corpus.load_feed(path, options, &mut raws)?;
            }
        }
        for (path, postings) in &options.labelled {
            corpus.take(path, postings, &mut raws);
        }
        if raws.iter().all(|raw| raw.posting.label.is_none()) {
            let labelled = options.labelled.iter().map(|l| &l.0);
            let names: Vec<String> = paths.iter().chain(labelled).map(|p| p.display().to_string()).collect();
            bail!("no labelled posting in {}", names.join(", "));
        }
        for (what, column) in [("weight", &options.weight_column), ("group", &options.group_column)] {
            if let Some(column) = column {
                expect_column(&raws, what, column)?;
            }
        }
        for raw in &mut raws {
            for &field in &options.blank {
                raw.posting.set(field, "");
            }
        }
        corpus.read(raws, options, reader, extractor)?;
        Ok(corpus)
    }

    fn domain(&mut self, name: &str) -> usize {
        self.domains.iter().position(|d| d == name).unwrap_or_else(|| {
            self.domains.push(name.to_owned());
            self.domains.len() - 1
        })
    }

    fn load_marked(
        &mut self,
        path: &Path,
        options: &CorpusOptions,
        extractor: &Extractor,
        raws: &mut Vec<Raw>,
    ) -> anyhow::Result<()> {
        let domain = self.domain(LURES);
        let before = raws.len();
        let parsed = marked::read(&[path.to_owned()], extractor.catalogue())?;
        if let Some(error) = parsed.errors.into_iter().next() {
            return Err(error.into());
        }
        let wanted = parsed.postings.into_iter().filter(|m| options.split.is_none_or(|s| s == m.split));
        let catalogue = extractor.catalogue();
        raws.extend(wanted.map(|m| {
            let marks = Marks::of(&m, catalogue);
            Raw { posting: m.posting, domain, marks: Some(marks) }
        }));
        let unlabelled = raws[before..].iter().filter(|raw| raw.posting.label.is_none()).count();
        self.provenance.push(json!({
            "path": path.file_name().unwrap_or(path.as_os_str()).to_string_lossy(),
            "domain": LURES,
            "sha256": checksum(path)?,
            "split": options.split.map(|s| s.name()),
            "postings": raws.len() - before - unlabelled,
            "without_label": unlabelled,
        }));
        Ok(())
    }

    fn load_feed(&mut self, path: &Path, options: &CorpusOptions, raws: &mut Vec<Raw>) -> anyhow::Result<()> {
        let bytes = std::fs::read(path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or("data").to_owned();
        let domain = self.domain(&stem);
        let (before, mut rejects, mut unlabelled, mut blanked) = (raws.len(), 0, 0, 0);
        for record in Feed::open(path, &FeedOptions { labels: true, ..FeedOptions::default() })? {
            match record? {
                Record::Posting(posting) if posting.label.is_none() => unlabelled += 1,
                Record::Posting(mut posting) => {
                    blanked += usize::from(blank_location(&mut posting));
                    raws.push(Raw { posting: *posting, domain, marks: None });
                }
                Record::Reject(reject) => {
                    rejects += 1;
                    if let Some(tell) = options.tell.filter(|_| rejects <= REJECTS_TOLD) {
                        tell(SetAside::Reject(&reject));
                    }
                }
            }
        }
        if let Some(tell) = options.tell.filter(|_| rejects + unlabelled > 0) {
            let records = raws.len() - before + rejects + unlabelled;
            tell(SetAside::All { path, records, rejects, unlabelled });
        }
        self.provenance.push(json!({
            "path": name,
            "domain": stem,
            "sha256": sha256(&bytes),
            "postings": raws.len() - before,
            "rejects": rejects,
            "without_label": unlabelled,
            "location_blanked": blanked,
        }));
        Ok(())
    }

    /// Takes in postings that were labelled elsewhere.
    fn take(&mut self, path: &Path, postings: &[Posting], raws: &mut Vec<Raw>) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or("labels").to_owned();
        let domain = self.domain(&stem);
        let mut blanked = 0;
        for posting in postings {
            let mut posting = posting.clone();
            blanked += usize::from(blank_location(&mut posting));
            raws.push(Raw { posting, domain, marks: None });
        }
        self.provenance.push(json!({
            "path": name,
            "domain": stem,
            "postings": postings.len(),
            "location_blanked": blanked,
        }));
    }

    /// Reads every posting once: evidence, n-grams, groups.
    fn read(
        &mut self,
        raws: Vec<Raw>,
        options: &CorpusOptions,
        reader: &Reader,
        extractor: &Extractor,
    ) -> anyhow::Result<()> {
        let near = near_duplicates(reader, raws.iter().map(|r| &r.posting));
        let campaigns = join(&raws, &near, &CAMPAIGN_COLUMNS, true);
        let mut columns: Vec<&str> = GROUP_COLUMNS.to_vec();
        columns.extend(options.group_column.as_deref());
        let families = join(&raws, &near, &columns, false);
        let all = join(&raws, &campaigns, &columns, false);
        let together = join(&raws, &all, &[WRITER_COLUMN], false);
        let teaches = |raw: &&Raw| raw.marks.is_some() && raw.posting.label.is_some();
        let fits = !options.keep_classifiers && can_fit(raws.iter().filter(teaches).count());
        let read: Vec<_> = raws
            .into_par_iter()
            .map_init(Scratch::default, |scratch, raw| {
                ReadRow::of(raw, &options.units, reader, (extractor, fits), scratch)
            })
            .collect();
        let mut vocabulary = Vocabulary::default();
        for (i, row) in read.into_iter().enumerate() {
            let posting = row.raw.posting;
            self.rows.push(Row {
                label: posting.label.unwrap_or_default(),
                weight: weight(&posting, options)?,
                domain: row.raw.domain,
                language: row.language,
                kind: text_of(posting.extra.get("kind")).unwrap_or_default(),
                campaign: campaigns[i],
                near_duplicate: near[i],
                author_family: families[i],
                group: all[i],
                together: together[i],
                ngrams: vocabulary.numbers(row.hashes),
                bare_ngrams: row.bare.map(|hashes| vocabulary.numbers(hashes)),
                evidence: row.evidence,
                marks: row.raw.marks.map(|marks| marks.signals),
                sequence: row.sequence.map(|sequence| sequence.numbered(|hash| vocabulary.number(hash))),
                passages: row.passages.into_iter().map(|p| p.numbered(|hashes| vocabulary.numbers(hashes))).collect(),
                posting,
            });
        }
        self.vocabulary = vocabulary.hashes;
        self.classifiers = match fits {
            true => cross_fit(self, extractor, options.seed)?,
            false => extractor.classifiers().clone(),
        };
        // After the classifiers have had their say on the whole.
        for row in &mut self.rows {
            row.sequence = None;
            for passage in &mut row.passages {
                extractor.within(&row.evidence, &passage.places, &mut passage.evidence);
            }
        }
        // What has no label has taught signals, which was all that it could.
        self.rows.retain(|row| row.posting.label.is_some());
        Ok(())
    }

    /// Whether a row is of the marked families.
    pub fn is_lure(&self, row: usize) -> bool {
        self.domains[self.rows[row].domain] == LURES
    }

    /// The stratum of a row: its domain and, in the lure corpus, its language.
    pub fn stratum(&self, row: &Row) -> (usize, Option<Language>) {
        (row.domain, (self.domains[row.domain] == LURES).then_some(row.language))
    }
}

/// Those of the rows that are of a part which can be fitted on by itself; none where the part is all of them, or has one
/// label only.
pub(super) fn part_of(rows: &[usize], is_part: impl Fn(usize) -> bool, label: impl Fn(usize) -> bool) -> Vec<usize> {
    let part: Vec<usize> = rows.iter().copied().filter(|&row| is_part(row)).collect();
    let has = |wanted: bool| part.iter().any(|&row| label(row) == wanted);
    if part.len() < rows.len() && has(true) && has(false) { part } else { Vec::new() }
}

/// EMSCAD: 752 legitimate rows have lost their location, so its presence would tell the label.
fn blank_location(posting: &mut Posting) -> bool {
    let tells = posting.extra.contains_key("has_company_logo") && !posting.get(Field::Location).is_empty();
    if tells {
        posting.set(Field::Location, "");
    }
    tells
}

/// Whether a path holds marked families: a directory, or a `.txt` file.
pub fn is_marked(path: &Path) -> bool {
    path.is_dir() || path.extension().is_some_and(|e| e == "txt")
}

/// SHA-256 of a marked file; of a directory, of the names and checksums of its marked files, as `sha256sum *.txt` lists
/// them.
fn checksum(path: &Path) -> anyhow::Result<String> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("{}: cannot be read", path.display()));
    if !path.is_dir() {
        return Ok(sha256(&read(path)?));
    }
    let cannot = || format!("{}: cannot be read", path.display());
    let entries = std::fs::read_dir(path).with_context(cannot)?.collect::<Result<Vec<_>, _>>().with_context(cannot)?;
    let mut files: Vec<PathBuf> =
        entries.into_iter().map(|e| e.path()).filter(|p| is_marked(p) && p.is_file()).collect();
    files.sort();
    let mut list = String::new();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        list.push_str(&format!("{}  {name}\n", sha256(&read(file)?)));
    }
    Ok(sha256(list.as_bytes()))
}

fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(s) if s.is_empty() => None,
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// A column that was asked for and that no posting has is a slip of the pen: without it groups would leak across folds.
fn expect_column(raws: &[Raw], what: &str, column: &str) -> anyhow::Result<()> {
    if raws.iter().any(|raw| raw.posting.extra.contains_key(column)) {
        return Ok(());
    }
    let known: BTreeSet<&String> = raws.iter().flat_map(|raw| raw.posting.extra.keys()).collect();
    let told: Vec<String> = known.iter().take(COLUMNS_TOLD).map(|name| redact::told(name, NAME_TOLD)).collect();
    let known = if told.is_empty() { "none".to_owned() } else { told.join(", ") };
    bail!(
        "{what} column {column:?}: no labelled posting has it; the columns beside those of the posting itself are: {known}"
    )
}

fn weight(posting: &Posting, options: &CorpusOptions) -> anyhow::Result<f64> {
    let column = match &options.weight_column {
        Some(name) => Some(name.as_str()).filter(|n| posting.extra.contains_key(*n)),
        None => WEIGHT_COLUMNS.into_iter().find(|n| posting.extra.contains_key(*n)),
    };
    let Some(text) = column.and_then(|c| text_of(posting.extra.get(c))) else { return Ok(1.0) };
    text.parse()
        .ok()
        .filter(|w: &f64| w.is_finite() && *w >= 0.0)
        .with_context(|| format!("posting {:?}: weight {text:?} is not a number of 0 or more", posting.id))
}
