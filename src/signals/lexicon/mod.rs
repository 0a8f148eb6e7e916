/*!
Lexicons: the evidence for signals, as data.

One TOML file a language. Each entry names the signal that its phrases raise, how strongly, and a note for whoever reads
it; besides signals, an entry may raise a *marker*: words that raise nothing by themselves and that rules look for
(negations, names of occupations), or name the words that look like a signal and are none. A file may define signals of
its own. Errors name file, line and phrase.
*/

mod error;
mod source;
mod stored;

pub use error::LexiconError;

use std::io::Read;
use std::path::{Path, PathBuf};

use lzma_rust2::XzReader;
use serde::{Deserialize, Serialize};

use super::catalogue::{Catalogue, SignalId};
use super::classifiers::Classifiers;
use super::matcher::Automaton;
use crate::text::fold::Folder;
use crate::text::language::Language;
use crate::text::tokenizer::Tokenizer;

/// What the words of a phrase mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Meaning {
    /// They raise a signal, with a strength between 0 and 1.
    Signal(SignalId, f64),
    /// Rules look for them.
    Marker(Marker),
    /// They look like the signal and are not: evidence of it on these words counts for nothing.
    Except(SignalId),
}

/// Words that raise nothing by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Marker {
    /// Takes away a negatable signal that follows in the sentence.
    NegationBefore,
    /// Takes away a negatable signal that precedes in the sentence.
    NegationAfter,
    /// Ends the reach of a negation.
    Contrast,
    /// The name of an occupation.
    Occupation,
    /// Work that takes years of training, or a rank that is paid for.
    Profession,
    /// Somebody is being hired.
    Hiring,
    /// Warning words that scammers use too; they count only where nobody is hiring.
    WeakWarning,
    /// Words beside which an amount is pay.
    PayWord,
    /// The pay is called high, without an amount.
    PayCalledHigh,
    /// The work is said to lie abroad.
    Abroad,
    /// Somebody travels to another country for the work.
    Travel,
    /// A place on these words is where the people addressed come from.
    Origin,
    /// A place on these words is where the work is.
    Workplace,
    /// The name of a place on these words is spoken of otherwise: a language, a cuisine, a clientele.
    NotAPlace,
    /// Heads what a page lists beside the ad: other jobs.
    SideList,
}

/// Where a phrase stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The name of the lexicon file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The phrase as it is written there.
    pub phrase: String,
}

/// Name and text of the lexicons that ship, as the build packs them.
const EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lexicons.xz"));

/// A compiled lexicon.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// The signals that its phrases may raise: those that ship, and its own.
    pub(crate) catalogue: Catalogue,
    pub(crate) automaton: Automaton,
    /// What its phrases mean.
    pub(crate) meanings: Vec<Meaning>,
    /// For each meaning, languages in whose postings the phrases mean something else: a bit for each.
    pub(crate) not_in: Vec<u32>,
    /// For each meaning, the language of its lexicon.
    pub(crate) homes: Vec<Language>,
    /// How many phrases it holds.
    pub(crate) phrases: usize,
    /// Languages whose lexicon lists occupations.
    pub(crate) occupations: Vec<Language>,
    /// Signals that are read off all words too.
    pub(crate) classifiers: Classifiers,
    /// SHA-256 over the files, in hexadecimal: a model names the lexicon that it was trained with.
    pub(crate) hash: String,
}

impl Lexicon {
    /// Whether what means this means something else in postings of a language. The lexicon of the many languages that have none
    /// of their own is silent wherever one is known: it would find something everywhere.
    #[inline]
    pub(crate) fn is_silent(&self, meaning: u32, language: Language) -> bool {
        let is_of_many = self.home(meaning) == Language::Unknown && language != Language::Unknown;
        is_of_many || self.not_in[meaning as usize] & bit(language) != 0
    }

    /// The language whose lexicon says what means this.
    #[inline]
    pub(crate) fn home(&self, meaning: u32) -> Language {
        self.homes[meaning as usize]
    }

    /// The lexicons that ship.
    pub(crate) fn embedded(folder: &Folder, tokenizer: &Tokenizer) -> Lexicon {
        source::compile(&shipped(), folder, tokenizer).expect("the embedded lexicons are checked by the tests")
    }

    /// The lexicons of `paths`: a file is added to those that ship, a directory takes their place.
    pub(crate) fn from_paths(
        paths: &[PathBuf],
        folder: &Folder,
        tokenizer: &Tokenizer,
    ) -> Result<Lexicon, LexiconError> {
        source::compile(&files(paths)?, folder, tokenizer)
    }

    /// As [`Lexicon::from_paths`], with a meaning for each phrase, and where the phrase of each meaning stands.
    pub(crate) fn apart(
        paths: &[PathBuf],
        folder: &Folder,
        tokenizer: &Tokenizer,
    ) -> Result<(Lexicon, Vec<Origin>), LexiconError> {
        source::compile_apart(&files(paths)?, folder, tokenizer)
    }
}

/// Name and text of the lexicons of `paths`: a file is added to those that ship, a directory takes their place.
fn files(paths: &[PathBuf]) -> Result<Vec<(String, String)>, LexiconError> {
    let (dirs, own): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.is_dir());
    let mut files = if dirs.is_empty() { shipped() } else { Vec::new() };
    for dir in dirs {
        files.extend(in_directory(dir)?);
    }
    for path in own {
        files.push(read(path)?);
    }
    Ok(files)
}

/// Name and text of every lexicon that ships.
fn shipped() -> Vec<(String, String)> {
    let mut bytes = Vec::new();
    XzReader::new(EMBEDDED, false).read_to_end(&mut bytes).expect("the build packed it");
    postcard::from_bytes(&bytes).expect("the build wrote it")
}

fn in_directory(dir: &Path) -> Result<Vec<(String, String)>, LexiconError> {
    let failed = |error| LexiconError::read(dir.display().to_string(), error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push(read(&path)?);
        }
    }
    if files.is_empty() {
        return Err(LexiconError::empty(dir.display().to_string()));
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<(String, String), LexiconError> {
    let text = std::fs::read_to_string(path).map_err(|error| LexiconError::read(path.display().to_string(), error))?;
    Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text))
}

/// The bit of a language in a set of languages.
pub(crate) fn bit(language: Language) -> u32 {
    1 << language as u32
}
