/*!
One posting of a marked file: header, description, marks.
*/

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::error::{Kind, MarkedError};
use super::marks::strip;
use super::{MENDED, MarkSpan, Marked, Split};
use crate::posting::{Field, Posting};
use crate::signals::catalogue::Catalogue;
use crate::text::language::Language;

/// Characters that title and description must have together.
pub(super) const SHORTEST: usize = 8;

/// Fields that a header may hold; the description follows the header.
pub(super) const HEADER_FIELDS: [Field; 9] = [
    Field::Title,
    Field::Company,
    Field::Location,
    Field::Salary,
    Field::Requirements,
    Field::Benefits,
    Field::CompanyProfile,
    Field::Contact,
    Field::EmploymentType,
];

/// The label of what teaches signals only: nobody says whether it is a scam.
pub(super) const UNKNOWN_LABEL: &str = "none";

/// Other keys of a header.
pub(super) const KEYS: [&str; 8] =
    ["label", "kind", "language", "form", "evasion", "lookalike", "romanised", "signals"];

/// Languages beyond those that signals are read in: a model can learn from their words, or be measured on them.
const FURTHER_LANGUAGES: [&str; 39] = [
    "af", "am", "az", "bg", "ceb", "cs", "de", "el", "fa", "fi", "gu", "ha", "he", "hu", "it", "jv", "ka", "kk", "kn",
    "ky", "ml", "mn", "mr", "nl", "om", "pa", "pcm", "pl", "ro", "si", "so", "sr", "sv", "te", "tg", "tr", "uk", "uz",
    "yo",
];

/// The tags that a posting's language may have.
pub(super) fn known_languages() -> impl Iterator<Item = &'static str> {
    let read = Language::ALL.into_iter().filter(|&l| l != Language::Unknown).map(Language::tag);
    read.chain(FURTHER_LANGUAGES)
}

/// One posting's lines, being read.
pub(super) struct Part<'a> {
    file: &'a str,
    id: String,
    line: usize,
    family: &'a str,
    split: Split,
    /// Whether lexicons were mended on the family.
    mended: bool,
    catalogue: &'a Catalogue,
    pub(super) errors: Vec<MarkedError>,
}

impl<'a> Part<'a> {
    pub(super) fn new(
        file: &'a str,
        id: String,
        line: usize,
        (family, split, mended): (&'a str, Split, bool),
        catalogue: &'a Catalogue,
    ) -> Part<'a> {
        Part { file, id, line, family, split, mended, catalogue, errors: Vec::new() }
    }

    fn fault(&mut self, line: usize, kind: Kind) {
        self.errors.push(MarkedError { file: self.file.to_owned(), line, id: self.id.clone(), kind });
    }

    /// `lines` are those after the `===` line. None when the posting is beyond reading.
    pub(super) fn posting(&mut self, lines: &[&str]) -> Option<Marked> {
        if self.id.is_empty() {
            self.fault(self.line, Kind::NoId);
        }
        let Some(end) = lines.iter().position(|l| l.trim_end() == "---") else {
            self.fault(self.line, Kind::NoEndOfHeader);
            return None;
        };
        let mut header: HashMap<&str, (usize, &str)> = HashMap::new();
        let mut fields: Vec<(Field, usize, String)> = Vec::new();
        for (i, text) in lines[..end].iter().enumerate() {
            let line = self.line + 1 + i;
            let Some((key, value)) = text.split_once(':') else {
                if !text.trim().is_empty() {
                    self.fault(line, Kind::HeaderLine(text.chars().take(60).collect()));
                }
                continue;
            };
            let (key, value) = (key.trim(), value.trim());
            match HEADER_FIELDS.into_iter().find(|f| f.name() == key) {
                Some(field) if fields.iter().all(|&(f, ..)| f != field) => fields.push((field, line, value.to_owned())),
                Some(_) => self.fault(line, Kind::KeyTwice(key.into())),
                None if !KEYS.contains(&key) => self.fault(line, Kind::Key(key.chars().take(40).collect())),
                None => {
                    if header.insert(key, (line, value)).is_some() {
                        self.fault(line, Kind::KeyTwice(key.into()));
                    }
                }
            }
        }
        let body = &lines[end + 1..];
        let blank = body.iter().take_while(|l| l.trim().is_empty()).count();
        let body_line = self.line + 2 + end + blank;
        fields.push((Field::Description, body_line, body[blank..].join("\n").trim_end().to_owned()));
        fields.sort_by_key(|&(field, ..)| field);

        let mut posting = Posting::from_text(self.id.clone(), "");
        let mut spans = Vec::new();
        for (field, line, source) in fields {
            self.field(field, line, &source, &mut posting, &mut spans);
        }
        // Boards have ads that are a headline and nothing else.
        let chars: usize = [Field::Title, Field::Description].iter().map(|&f| posting.get(f).chars().count()).sum();
        if chars < SHORTEST {
            self.fault(body_line, Kind::Short(chars));
        }
        let (label, language, kind) = self.required(&header);
        posting.label = label;
        posting.set(Field::Language, language.clone());
        let writer = self.family.split_once('-').map_or(self.family, |(writer, _)| writer);
        let split = self.split.name();
        posting.extra = json_map([("group", self.family), ("writer", writer), ("kind", &kind), ("split", split)]);
        if self.mended {
            posting.extra.insert(MENDED.into(), "mended".into());
        }
        let posting_level = self.posting_level(&header);
        let romanised = match header.get("romanised") {
            None => false,
            Some((_, "yes")) => true,
            Some(&(line, value)) => {
                self.fault(line, Kind::Romanised(value.into()));
                false
            }
        };
        let optional = |key: &str| header.get(key).map(|&(_, v)| v.to_owned()).filter(|v| !v.is_empty());
        Some(Marked {
            posting,
            kind,
            language,
            family: self.family.to_owned(),
            split: self.split,
            spans,
            posting_level,
            form: optional("form"),
            evasion: optional("evasion"),
            lookalike: optional("lookalike"),
            romanised,
            file: self.file.to_owned(),
            line: self.line,
        })
    }

    fn field(&mut self, field: Field, line: usize, source: &str, posting: &mut Posting, spans: &mut Vec<MarkSpan>) {
        let stripped = strip(source);
        for (below, fault) in stripped.faults {
            self.fault(line + below, Kind::Mark { field: field.name(), fault });
        }
        for mark in stripped.marks {
            for signal in mark.signals {
                self.known(&signal, line + mark.line);
                spans.push(MarkSpan { signal, field, start: mark.start, end: mark.end, text: mark.text.clone() });
            }
        }
        posting.set(field, stripped.text);
    }

    fn known(&mut self, signal: &str, line: usize) {
        if self.catalogue.find(signal).is_none() {
            let known = self.catalogue.len();
            self.fault(line, Kind::UnknownSignal { signal: signal.chars().take(60).collect(), known });
        }
    }

    /// Label, language and kind.
    fn required(&mut self, header: &HashMap<&str, (usize, &str)>) -> (Option<bool>, String, String) {
        let mut get = |key: &'static str| match header.get(key) {
            Some(&(line, value)) if !value.is_empty() => {
                if value.contains("[[") {
                    self.fault(line, Kind::MarkInKey(key));
                }
                Some((line, value.to_owned()))
            }
            _ => {
                self.fault(self.line, Kind::Missing(key));
                None
            }
        };
        let (label, language, kind) = (get("label"), get("language"), get("kind"));
        let label = label.and_then(|(line, value)| match value.as_str() {
            "0" => Some(false),
            "1" => Some(true),
            UNKNOWN_LABEL => None,
            _ => {
                self.fault(line, Kind::Label(value));
                None
            }
        });
        if let Some((line, tag)) = &language {
            if known_languages().all(|l| l != tag) {
                self.fault(*line, Kind::Language(tag.clone()));
            }
            self.id_agrees(tag);
        }
        (label, language.map(|l| l.1).unwrap_or_default(), kind.map(|k| k.1).unwrap_or_default())
    }

    /// An id names the language and the writer, who is the family's name up to its hyphen.
    fn id_agrees(&mut self, language: &str) {
        let writer = self.family.split('-').next().unwrap_or_default();
        match self.id.strip_prefix(language).and_then(|rest| rest.strip_prefix('-')) {
            None => self.fault(self.line, Kind::IdLanguage { language: language.to_owned() }),
            Some(rest) if rest.rsplit_once('-').is_none_or(|(w, n)| w != writer || n.is_empty()) => {
                self.fault(self.line, Kind::IdWriter { family: self.family.to_owned() });
            }
            Some(_) => {}
        }
    }

    fn posting_level(&mut self, header: &HashMap<&str, (usize, &str)>) -> Vec<String> {
        let Some(&(line, value)) = header.get("signals") else { return Vec::new() };
        let mut out: Vec<String> = Vec::new();
        for signal in value.split(',').map(str::trim).filter(|s| !s.is_empty()) {
            self.known(signal, line);
            if out.iter().all(|s| s != signal) {
                out.push(signal.to_owned());
            }
        }
        out
    }
}

fn json_map<'v>(entries: impl IntoIterator<Item = (&'static str, &'v str)>) -> Map<String, Value> {
    entries.into_iter().map(|(k, v)| (k.to_owned(), Value::from(v))).collect()
}
