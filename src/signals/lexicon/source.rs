//! From the text of lexicon files to a compiled lexicon: every fault is found, and named with file and line.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::error::Fault;
use super::{Lexicon, LexiconError, Marker, Meaning, Origin, bit};
use crate::signals::catalogue::{Catalogue, SignalDefinition, SignalId, SignalKind};
use crate::signals::classifiers::Classifiers;
use crate::signals::matcher::Builder;
use crate::signals::pattern;
use crate::text::fold::Folder;
use crate::text::language::Language;
use crate::text::tokenizer::Tokenizer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Spanned<String>,
    #[serde(default)]
    signal: Vec<OwnSignal>,
    #[serde(default)]
    entry: Vec<Entry>,
}

/// A signal that does not ship.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnSignal {
    id: Spanned<String>,
    #[serde(default = "own_family")]
    family: String,
    #[serde(default = "lure")]
    kind: SignalKind,
    #[serde(default = "yes")]
    negatable: bool,
    fires_when: String,
    #[serde(default)]
    not_when: String,
    #[serde(default)]
    example: String,
    #[serde(default)]
    counter_example: String,
}

fn own_family() -> String {
    "own".to_owned()
}

fn lure() -> SignalKind {
    SignalKind::Lure
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    signal: Option<Spanned<String>>,
    except: Option<Spanned<String>>,
    marker: Option<Marker>,
    #[serde(default = "full")]
    strength: Spanned<f64>,
    #[allow(dead_code)]
    note: Option<String>,
    /// Languages in whose postings the phrases mean something else.
    #[serde(default)]
    not_in: Vec<Spanned<String>>,
    phrases: Vec<Spanned<String>>,
}

fn full() -> Spanned<f64> {
    Spanned::new(0..0, 1.0)
}

/// Compiles files, given as name and text.
pub(super) fn compile(
    files: &[(String, String)],
    folder: &Folder,
    tokenizer: &Tokenizer,
) -> Result<Lexicon, LexiconError> {
    Ok(compile_with(files, folder, tokenizer, None)?.0)
}

/// Compiles files so that each phrase has a meaning of its own, and tells where the phrase of each meaning stands.
pub(super) fn compile_apart(
    files: &[(String, String)],
    folder: &Folder,
    tokenizer: &Tokenizer,
) -> Result<(Lexicon, Vec<Origin>), LexiconError> {
    compile_with(files, folder, tokenizer, Some(Vec::new()))
}

fn compile_with(
    files: &[(String, String)],
    folder: &Folder,
    tokenizer: &Tokenizer,
    origins: Option<Vec<Origin>>,
) -> Result<(Lexicon, Vec<Origin>), LexiconError> {
    let mut faults = Vec::new();
    let mut hash = Sha256::new();
    let mut parsed = Vec::new();
    let mut catalogue = Catalogue::embedded();
    for (name, text) in files {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
        let mut report = Report { name, text, faults: &mut faults };
        match toml::from_str::<File>(text) {
            Ok(mut file) => {
                // All definitions come before all phrases: a phrase may raise a signal that a later file defines.
                for own in std::mem::take(&mut file.signal) {
                    let at = own.id.span().end;
                    if let Err(message) = catalogue.add(own.into()) {
                        report.fault(at, message);
                    }
                }
                parsed.push((name, text, file));
            }
            Err(e) => report.fault(e.span().map_or(0, |s| s.start), e.message().to_owned()),
        }
    }
    let mut draft = Draft::new(folder, tokenizer, &catalogue, origins);
    for (name, text, file) in parsed {
        draft.file(file, &mut Report { name, text, faults: &mut faults });
    }
    if !faults.is_empty() {
        return Err(LexiconError::faults(faults));
    }
    let hash = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    let Draft { builder, meanings, not_in, homes, phrases, occupations, origins, .. } = draft;
    let automaton = builder.build().map_err(LexiconError::compiled)?;
    let classifiers = Classifiers::default();
    let lexicon = Lexicon { automaton, meanings, not_in, homes, phrases, occupations, classifiers, hash, catalogue };
    Ok((lexicon, origins.unwrap_or_default()))
}

impl From<OwnSignal> for SignalDefinition {
    fn from(own: OwnSignal) -> SignalDefinition {
        SignalDefinition {
            id: own.id.into_inner(),
            family: own.family,
            kind: own.kind,
            negatable: own.negatable,
            fires_when: own.fires_when,
            not_when: own.not_when,
            example: own.example,
            counter_example: own.counter_example,
        }
    }
}

/// Where faults of a file go.
struct Report<'a> {
    name: &'a str,
    text: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Report<'_> {
    fn fault(&mut self, at: usize, message: String) {
        let line = self.line(at);
        self.faults.push(Fault { file: self.name.to_owned(), line, message });
    }

    /// The line of a byte, from 1.
    fn line(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].lines().count().max(1)
    }
}

/// A lexicon in the making.
struct Draft<'a> {
    folder: &'a Folder,
    tokenizer: &'a Tokenizer,
    catalogue: &'a Catalogue,
    builder: Builder,
    meanings: Vec<Meaning>,
    not_in: Vec<u32>,
    homes: Vec<Language>,
    phrases: usize,
    occupations: Vec<Language>,
    /// Where the phrase of each meaning stands, if phrases have meanings of their own.
    origins: Option<Vec<Origin>>,
}

impl<'a> Draft<'a> {
    fn new(
        folder: &'a Folder,
        tokenizer: &'a Tokenizer,
        catalogue: &'a Catalogue,
        origins: Option<Vec<Origin>>,
    ) -> Draft<'a> {
        Draft {
            folder,
            tokenizer,
            catalogue,
            builder: Builder::default(),
            meanings: Vec::new(),
            not_in: Vec::new(),
            homes: Vec::new(),
            phrases: 0,
            occupations: Vec::new(),
            origins,
        }
    }

    /// The number of a meaning; phrases of a language that say the same share it, unless they are told apart.
    fn number(&mut self, meaning: Meaning, not_in: u32, home: Language) -> u32 {
        let is_held = |&i: &usize| (self.meanings[i], self.not_in[i], self.homes[i]) == (meaning, not_in, home);
        let held = if self.origins.is_none() { (0..self.meanings.len()).find(is_held) } else { None };
        let number = held.unwrap_or_else(|| {
            self.meanings.push(meaning);
            self.not_in.push(not_in);
            self.homes.push(home);
            self.meanings.len() - 1
        });
        number as u32
    }

    /// Reads on behind a fault, with something in place of what is wrong: nothing is made of a file with faults, and all of
    /// them are to be told at once.
    fn file(&mut self, file: File, report: &mut Report<'_>) {
        let language = Language::from_tag(file.language.get_ref()).unwrap_or_else(|| {
            let message = format!("language = {:?} is none of ours", file.language.get_ref());
            report.fault(file.language.span().start, message);
            Language::En
        });
        for entry in file.entry {
            let meaning = self.meaning(&entry, report);
            let mut excluded = 0;
            for tag in &entry.not_in {
                match Language::from_tag(tag.get_ref()) {
                    Some(language) => excluded |= bit(language),
                    None => {
                        report.fault(tag.span().end, format!("not_in = {:?} is none of our languages", tag.get_ref()))
                    }
                }
            }
            if entry.marker == Some(Marker::Occupation) {
                self.occupations.push(language);
            }
            for phrase in &entry.phrases {
                let meaning = meaning.map_or(0, |meaning| self.number(meaning, excluded, language));
                if let Some(origins) = &mut self.origins {
                    let (file, line) = (report.name.to_owned(), report.line(phrase.span().end));
                    origins.push(Origin { file, line, phrase: phrase.get_ref().clone() });
                }
                let added = pattern::parse(phrase.get_ref(), self.folder, self.tokenizer)
                    .and_then(|pattern| self.builder.add(&pattern.or_without_marks(), meaning));
                if let Err(e) = added {
                    report.fault(phrase.span().end, format!("phrase {:?}: {e}", phrase.get_ref()));
                }
            }
            self.phrases += entry.phrases.len();
        }
    }

    /// What the phrases of an entry mean; nothing where the entry is wrong.
    fn meaning(&self, entry: &Entry, report: &mut Report<'_>) -> Option<Meaning> {
        let strength = *entry.strength.get_ref();
        if !(strength > 0.0 && strength <= 1.0) {
            let message = format!("strength = {strength} is not above 0 and at most 1");
            report.fault(entry.strength.span().end, message);
        }
        let mut find = |key: &str, id: &Spanned<String>| -> Option<SignalId> {
            let found = self.catalogue.find(id.get_ref());
            if found.is_none() {
                let message = format!(
                    "{key} = {:?} is not in the catalogue; see `lurescan signals`, or define it in a [[signal]]",
                    id.get_ref()
                );
                report.fault(id.span().end, message);
            }
            found
        };
        let signal = entry.signal.as_ref().map(|id| find("signal", id));
        let except = entry.except.as_ref().map(|id| find("except", id));
        match (signal, except, entry.marker) {
            (Some(found), None, None) => found.map(|id| Meaning::Signal(id, strength)),
            (None, Some(found), None) => found.map(Meaning::Except),
            (None, None, Some(marker)) => Some(Meaning::Marker(marker)),
            _ => {
                let at = entry.phrases.first().map_or(0, |p| p.span().start);
                report.fault(at, "an entry has one of `signal`, `except` and `marker`".into());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile_text(text: &str) -> Result<Lexicon, LexiconError> {
        compile(&[("my.toml".to_owned(), text.to_owned())], &Folder::new(), &Tokenizer::default())
    }

    #[test]
    fn the_embedded_lexicons_compile() {
        let lexicon = Lexicon::embedded(&Folder::new(), &Tokenizer::default());
        assert!(lexicon.phrases > 10_000);
    }

    #[test]
    fn errors_name_file_and_line() {
        let head = "language = \"en\"\n\n[[entry]]\n";
        for (text, message) in [
            ("language = \"xx\"\n".to_owned(), "my.toml:1: language = \"xx\" is none of ours"),
            (
                format!("{head}signal = \"free_fligth\"\nphrases = [\"a b\"]\n"),
                "my.toml:4: signal = \"free_fligth\" is not in the catalogue; see `lurescan signals`, or define it in a [[signal]]",
            ),
            (
                format!("{head}signal = \"free_travel\"\nphrases = [\n  \"free flight\",\n  \"free (air\",\n]\n"),
                "my.toml:7: phrase \"free (air\": `(` is opened and not closed by `)`",
            ),
            (
                format!("{head}signal = \"free_travel\"\nstrength = 2.0\nphrases = [\"a b\"]\n"),
                "my.toml:5: strength = 2 is not above 0 and at most 1",
            ),
            (format!("{head}phrases = [\"a b\"]\n"), "my.toml:4: an entry has one of `signal`, `except` and `marker`"),
            (
                "language = \"en\"\n[[signal]]\nid = \"free_travel\"\nfires_when = \"x\"\n".to_owned(),
                "my.toml:3: signal \"free_travel\" is in the catalogue already; give yours another id",
            ),
            (
                "language = \"en\"\n[[signal]]\nid = \"Free Bus\"\nfires_when = \"x\"\n".to_owned(),
                "my.toml:3: signal \"Free Bus\" is no id: lower-case letters, digits and underscores, a letter first, 40 at most",
            ),
        ] {
            assert_eq!(compile_text(&text).unwrap_err().to_string(), message);
        }
        assert!(compile_text("language = \n").unwrap_err().to_string().starts_with("my.toml:1: "));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let text = "language = \"en\"\n[[entry]]\nsignal = \"x\"\nphrases = [\"a\"]\n[[entry]]\nsignal = \"y\"\nphrases = []\n";
        let told = compile_text(text).unwrap_err().to_string();
        assert!(told.lines().count() == 2 && told.contains("my.toml:3") && told.contains("my.toml:6"), "{told}");
        let text = "language = \"xx\"\n[[entry]]\nsignal = \"x\"\nstrength = 2.0\nnot_in = [\"yy\"]\nphrases = [\"(a\"]\n\
                    [[entry]]\nsignal = \"z\"\nmarker = \"occupation\"\nphrases = [\"(b\"]\n";
        let told = compile_text(text).unwrap_err().to_string();
        let mut lines: Vec<&str> = told.lines().map(|line| line.split(':').nth(1).unwrap()).collect();
        lines.sort_unstable();
        assert_eq!(lines, ["1", "10", "10", "3", "4", "5", "6", "8"], "{told}");
    }

    #[test]
    fn a_file_may_define_signals_and_a_compiled_lexicon_keeps_them() {
        let text = "language = \"en\"\n[[signal]]\nid = \"gift_cards\"\nfires_when = \"Paid in gift cards.\"\n\
                    [[entry]]\nsignal = \"gift_cards\"\nphrases = [\"gift card*\"]\n";
        let lexicon = compile_text(text).unwrap();
        let own = lexicon.catalogue.find("gift_cards").unwrap();
        assert_eq!(own.0 as usize, Catalogue::embedded().len());
        let again = Lexicon::from_bytes(lexicon.to_bytes(&Classifiers::default()).unwrap().into()).unwrap();
        assert_eq!(again.catalogue, lexicon.catalogue);
        assert_eq!(again.meanings, lexicon.meanings);
    }
}
