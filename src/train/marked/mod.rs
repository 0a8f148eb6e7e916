/*!
The marked files of `datasets/lures`: postings with their labels and, in the text itself, their signals.

The format is that of `datasets/lures/GUIDE.md`. A file is one author family, a set of voices, named by its stem; families whose
name begins with `t` are test, with `r` train, and what stands before the hyphen names the writer, who may have several.
Everything that is wrong with a file is collected, each with file and line, and a posting with a fault is left out: a corpus
that is only nearly right would measure something nobody knows.
*/

mod error;
mod part;

pub mod marks;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::posting::{Field, Posting};
use crate::signals::catalogue::Catalogue;

use error::Kind;
pub use error::MarkedError;
use part::Part;

/// The part of the corpus that a family belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Lexicons and models may be made from it.
    Train,
    /// It measures them, and whoever makes them has not read it.
    Test,
}

impl Split {
    /// The name in records.
    pub const fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Test => "test",
        }
    }

    /// The split of a family: `t...` is test, `r...` is train.
    pub fn of_family(family: &str) -> Option<Split> {
        match family.as_bytes().first() {
            Some(b't') => Some(Split::Test),
            Some(b'r') => Some(Split::Train),
            _ => None,
        }
    }
}

/// A signal on a stretch of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkSpan {
    /// The signal's id in the catalogue.
    pub signal: String,
    /// The field that the words stand in.
    pub field: Field,
    /// First character, in Unicode scalar values of the field without marks.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// The words.
    pub text: String,
}

/// A posting of the corpus.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    /// Id, label, language and fields, marks removed; `extra` holds `group` (the family), `writer`, `kind` and `split`.
    pub posting: Posting,
    /// The kind of scam or of honest posting.
    pub kind: String,
    /// The language's tag.
    pub language: String,
    /// The author family.
    pub family: String,
    /// Train or test, by the family.
    pub split: Split,
    /// Signals on words: field by field in reading order, by start, the longer first.
    pub spans: Vec<MarkSpan>,
    /// Signals that the posting as a whole carries.
    pub posting_level: Vec<String>,
    /// The form card's form.
    pub form: Option<String>,
    /// The disguise that is used.
    pub evasion: Option<String>,
    /// The innocent look-alike of a disguise.
    pub lookalike: Option<String>,
    /// Written in Latin letters where the language has another script.
    pub romanised: bool,
    /// The file as it was named.
    pub file: String,
    /// Line of the file on which it starts.
    pub line: usize,
}

impl Marked {
    /// File and line.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// Every signal of the posting, on words or as a whole, each once, in the catalogue's order.
    pub fn signals<'c>(&self, catalogue: &'c Catalogue) -> Vec<&'c str> {
        let has = |id: &str| self.spans.iter().any(|s| s.signal == id) || self.posting_level.iter().any(|s| s == id);
        catalogue.signals().iter().map(|s| s.id.as_str()).filter(|id| has(id)).collect()
    }

    /// The record in a compiled corpus; `signals` adds the marks as spans.
    pub fn record(&self, catalogue: &Catalogue, signals: bool) -> Map<String, Value> {
        let mut record = super::record::record(&self.posting);
        let optional = [("form", &self.form), ("evasion", &self.evasion), ("lookalike", &self.lookalike)];
        for (key, value) in optional {
            if let Some(value) = value {
                record.insert(key.into(), json!(value));
            }
        }
        if self.romanised {
            record.insert("romanised".into(), json!(true));
        }
        if signals {
            let entry = |id: &str| {
                let spans: Vec<Value> = self
                    .spans
                    .iter()
                    .filter(|s| s.signal == id)
                    .map(|s| json!({"field": s.field.name(), "start": s.start, "end": s.end, "text": s.text}))
                    .collect();
                json!({"id": id, "spans": spans})
            };
            let list: Vec<Value> = self.signals(catalogue).into_iter().map(entry).collect();
            record.insert("signals".into(), Value::Array(list));
        }
        record
    }
}

/// The postings without faults, and the faults.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The postings that hold, in order.
    pub postings: Vec<Marked>,
    /// What is wrong with the others.
    pub errors: Vec<MarkedError>,
}

/// Before the first posting: the lexicons were mended on this family, so phrases do better on it than on those of strangers.
const MENDED_LINE: &str = "lexicons: mended";
/// The key of what that line says, in what its postings carry beside their fields.
pub const MENDED: &str = "lexicons";

/// Whether a file's text is in the marked format: what precedes its first posting, if anything, may stand there.
pub fn is_marked(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().find(|l| !l.trim().is_empty() && !l.starts_with('#') && *l != MENDED_LINE);
    first.is_some_and(|l| l.starts_with("=== "))
}

/// The marked files among what is in a directory, sorted; other paths are what they are.
///
/// # Errors
///
/// When a path cannot be read, or a directory has no `.txt` file.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, MarkedError> {
    let mut out = Vec::new();
    for path in paths {
        let io = |e| MarkedError::of_file(path, Kind::Io(e));
        if !std::fs::metadata(path).map_err(io)?.is_dir() {
            out.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(io)? {
            let file = entry.map_err(io)?.path();
            if file.extension().is_some_and(|e| e == "txt") && file.is_file() {
                found.push(file);
            }
        }
        if found.is_empty() {
            return Err(MarkedError::of_file(path, Kind::NoFiles));
        }
        found.sort();
        out.extend(found);
    }
    Ok(out)
}

/// Reads marked files, and directories of them, as one corpus: an id may be used once in all of it.
///
/// # Errors
///
/// When a file cannot be read; what is wrong inside a file is in [`Parsed::errors`].
pub fn read(paths: &[PathBuf], catalogue: &Catalogue) -> Result<Parsed, MarkedError> {
    let mut all = Parsed::default();
    let mut first_use: HashMap<String, String> = HashMap::new();
    for path in files(paths)? {
        let text = std::fs::read_to_string(&path).map_err(|e| MarkedError::of_file(&path, Kind::Io(e)))?;
        let file = path.display().to_string();
        let parsed = parse(&file, &text, catalogue);
        all.errors.extend(parsed.errors);
        for marked in parsed.postings {
            let id = marked.posting.id.clone();
            match first_use.entry(id.clone()) {
                std::collections::hash_map::Entry::Occupied(first) => all.errors.push(MarkedError {
                    file: file.clone(),
                    line: marked.line,
                    id,
                    kind: Kind::DuplicateId { first: first.get().clone() },
                }),
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(marked.place());
                    all.postings.push(marked);
                }
            }
        }
    }
    Ok(all)
}

/// Parses the text of one file; `file` names it in errors, and its stem is the family.
pub fn parse(file: &str, text: &str, catalogue: &Catalogue) -> Parsed {
    let family = Path::new(file).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let mut out = Parsed::default();
    let Some(split) = Split::of_family(&family) else {
        out.errors.push(MarkedError::of_file(Path::new(file), Kind::Family));
        return out;
    };
    let mut parts: Vec<(usize, Vec<&str>)> = Vec::new();
    let mut mended = false;
    for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line == "===" || line.starts_with("=== ") {
            parts.push((i + 1, vec![line]));
        } else if let Some((_, lines)) = parts.last_mut() {
            lines.push(line);
        } else if line == MENDED_LINE {
            mended = true;
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            let kind = Kind::BeforeFirst(line.chars().take(60).collect());
            out.errors.push(MarkedError { file: file.to_owned(), line: i + 1, id: String::new(), kind });
        }
    }
    if parts.is_empty() {
        out.errors.push(MarkedError::of_file(Path::new(file), Kind::NoPostings));
    }
    for (line, lines) in parts {
        let id = lines[0].trim_start_matches('=').trim().to_owned();
        let mut part = Part::new(file, id, line, (&family, split, mended), catalogue);
        let marked = part.posting(&lines[1..]);
        match marked {
            Some(marked) if part.errors.is_empty() => out.postings.push(marked),
            _ => out.errors.append(&mut part.errors),
        }
    }
    out
}

#[cfg(test)]
mod tests;
