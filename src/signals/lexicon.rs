/*!
Lexicons: the evidence for signals, as data.

One TOML file a language. Each entry names the signal that its phrases raise, how strongly, and a note for whoever reads
it; besides signals, an entry may raise a *marker*: words that raise nothing by themselves and that rules look for
(negations, names of occupations). Errors name file, line and phrase.
*/

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::catalogue::{Catalogue, SignalId};
use super::matcher::{self, Automaton, Builder, Stored};
use super::pattern;
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
}

/// The lexicons that ship.
const EMBEDDED: &[(&str, &str)] = &[
    ("ar.toml", include_str!("lexicons/ar.toml")),
    ("bn.toml", include_str!("lexicons/bn.toml")),
    ("en.toml", include_str!("lexicons/en.toml")),
    ("es.toml", include_str!("lexicons/es.toml")),
    ("fr.toml", include_str!("lexicons/fr.toml")),
    ("hi.toml", include_str!("lexicons/hi.toml")),
    ("id.toml", include_str!("lexicons/id.toml")),
    ("ja.toml", include_str!("lexicons/ja.toml")),
    ("km.toml", include_str!("lexicons/km.toml")),
    ("ko.toml", include_str!("lexicons/ko.toml")),
    ("lo.toml", include_str!("lexicons/lo.toml")),
    ("ms.toml", include_str!("lexicons/ms.toml")),
    ("my.toml", include_str!("lexicons/my.toml")),
    ("ne.toml", include_str!("lexicons/ne.toml")),
    ("pt.toml", include_str!("lexicons/pt.toml")),
    ("ru.toml", include_str!("lexicons/ru.toml")),
    ("sw.toml", include_str!("lexicons/sw.toml")),
    ("ta.toml", include_str!("lexicons/ta.toml")),
    ("th.toml", include_str!("lexicons/th.toml")),
    ("tl.toml", include_str!("lexicons/tl.toml")),
    ("ur.toml", include_str!("lexicons/ur.toml")),
    ("vi.toml", include_str!("lexicons/vi.toml")),
    ("zh-Hans.toml", include_str!("lexicons/zh-Hans.toml")),
    ("zh-Hant.toml", include_str!("lexicons/zh-Hant.toml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: String,
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    signal: Option<Spanned<String>>,
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

/// What is wrong with a lexicon, and where.
#[derive(Debug)]
pub struct LexiconError {
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    Read { path: String, error: std::io::Error },
    Empty { path: String },
    Toml { file: String, message: String },
    Entry { file: String, line: usize, message: String },
    Compiled(String),
}

impl fmt::Display for LexiconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Read { path, error } => write!(f, "{path}: cannot read the lexicon: {error}"),
            ErrorKind::Empty { path } => {
                write!(f, "{path}: no .toml file in this directory; a lexicon is one file a language")
            }
            ErrorKind::Toml { file, message } => write!(f, "{file}: {message}"),
            ErrorKind::Compiled(message) => write!(f, "the compiled lexicon cannot be used: {message}"),
            ErrorKind::Entry { file, line, message } => write!(f, "{file}:{line}: {message}"),
        }
    }
}

impl std::error::Error for LexiconError {}

/// A lexicon as a file.
#[derive(Serialize, Deserialize)]
struct Compiled<'a> {
    hash: String,
    /// Ids of the catalogue that the meanings are numbered by.
    signals: Vec<String>,
    meanings: Vec<Meaning>,
    /// A bit for every language, by its place in [`Language::ALL`].
    not_in: Vec<u32>,
    occupations: Vec<String>,
    #[serde(borrow)]
    automaton: Stored<'a>,
}

/// A compiled lexicon.
#[derive(Debug)]
pub(crate) struct Lexicon {
    pub(crate) automaton: Automaton,
    pub(crate) meanings: Vec<Meaning>,
    /// For each phrase, languages in whose postings it means something else: a bit for each.
    pub(crate) not_in: Vec<u32>,
    /// Languages whose lexicon lists occupations.
    pub(crate) occupations: Vec<Language>,
    /// SHA-256 over the files, in hexadecimal: a model names the lexicon that it was trained with.
    pub(crate) hash: String,
}

impl Lexicon {
    /// Whether a phrase means something else in postings of a language.
    pub(crate) fn is_silent(&self, phrase: u32, language: Language) -> bool {
        self.not_in[phrase as usize] & bit(language) != 0
    }

    /// The lexicons that ship.
    pub(crate) fn embedded(catalogue: &Catalogue, folder: &Folder, tokenizer: &Tokenizer) -> Lexicon {
        let files: Vec<(String, String)> = EMBEDDED.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        compile(&files, catalogue, folder, tokenizer).expect("the embedded lexicons are checked by the tests")
    }

    /// The compiled lexicon as a file of a model, so that start-up parses nothing.
    pub(crate) fn to_bytes(&self, catalogue: &Catalogue) -> Result<Vec<u8>, LexiconError> {
        let arrays = matcher::to_bytes(&self.automaton);
        let damaged = || LexiconError { kind: ErrorKind::Compiled("it cannot be stored".into()) };
        let compiled = Compiled {
            hash: self.hash.clone(),
            signals: catalogue.signals().iter().map(|s| s.id.clone()).collect(),
            meanings: self.meanings.clone(),
            not_in: self.not_in.clone(),
            occupations: self.occupations.iter().map(|l| l.tag().to_owned()).collect(),
            automaton: Stored::of(&arrays).ok_or_else(damaged)?,
        };
        postcard::to_stdvec(&compiled).map_err(|e| LexiconError { kind: ErrorKind::Compiled(e.to_string()) })
    }

    /// Reads what [`Lexicon::to_bytes`] wrote, for the same catalogue.
    pub(crate) fn from_bytes(bytes: &[u8], catalogue: &Catalogue) -> Result<Lexicon, LexiconError> {
        let problem = |message: String| LexiconError { kind: ErrorKind::Compiled(message) };
        let compiled: Compiled = postcard::from_bytes(bytes).map_err(|e| problem(e.to_string()))?;
        if !compiled.signals.iter().map(String::as_str).eq(catalogue.signals().iter().map(|s| s.id.as_str())) {
            return Err(problem("it was made for another catalogue of signals; train the model again".into()));
        }
        let automaton = Automaton::try_from(compiled.automaton).map_err(|e| problem(e.to_owned()))?;
        let phrases = compiled.meanings.len();
        let known = |id: &SignalId| (id.0 as usize) < catalogue.len();
        if compiled.not_in.len() != phrases
            || automaton.last_phrase().is_some_and(|p| p as usize >= phrases)
            || !compiled
                .meanings
                .iter()
                .all(|m| matches!(m, Meaning::Marker(_)) || matches!(m, Meaning::Signal(id, _) if known(id)))
        {
            return Err(problem("its parts do not fit together".into()));
        }
        let languages = |tags: &[String]| tags.iter().filter_map(|t| Language::from_tag(t)).collect::<Vec<_>>();
        Ok(Lexicon {
            automaton,
            meanings: compiled.meanings,
            not_in: compiled.not_in,
            occupations: languages(&compiled.occupations),
            hash: compiled.hash,
        })
    }

    /// The lexicons of a directory, instead of those that ship.
    pub(crate) fn from_dir(
        dir: &Path,
        catalogue: &Catalogue,
        folder: &Folder,
        tokenizer: &Tokenizer,
    ) -> Result<Lexicon, LexiconError> {
        let read = |error| LexiconError { kind: ErrorKind::Read { path: dir.display().to_string(), error } };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                let text = std::fs::read_to_string(&path).map_err(|error| LexiconError {
                    kind: ErrorKind::Read { path: path.display().to_string(), error },
                })?;
                files.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text));
            }
        }
        if files.is_empty() {
            return Err(LexiconError { kind: ErrorKind::Empty { path: dir.display().to_string() } });
        }
        files.sort();
        compile(&files, catalogue, folder, tokenizer)
    }
}

fn bit(language: Language) -> u32 {
    1 << language as u32
}

fn compile(
    files: &[(String, String)],
    catalogue: &Catalogue,
    folder: &Folder,
    tokenizer: &Tokenizer,
) -> Result<Lexicon, LexiconError> {
    let mut builder = Builder::default();
    let (mut meanings, mut not_in, mut occupations) = (Vec::new(), Vec::new(), Vec::new());
    let mut hash = Sha256::new();
    for (name, text) in files {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
        let problem = |at: usize, message: String| {
            let line = text[..at.min(text.len())].lines().count().max(1);
            LexiconError { kind: ErrorKind::Entry { file: name.clone(), line, message } }
        };
        let file: File = toml::from_str(text)
            .map_err(|e| LexiconError { kind: ErrorKind::Toml { file: name.clone(), message: e.to_string() } })?;
        let Some(language) = Language::from_tag(&file.language) else {
            return Err(problem(0, format!("language = {:?} is none of ours", file.language)));
        };
        for entry in file.entry {
            let strength = *entry.strength.get_ref();
            if !(strength > 0.0 && strength <= 1.0) {
                return Err(problem(
                    entry.strength.span().end,
                    format!("strength = {strength} is not above 0 and at most 1"),
                ));
            }
            let meaning = match (&entry.signal, entry.marker) {
                (Some(id), None) => {
                    let found = catalogue.find(id.get_ref()).ok_or_else(|| {
                        problem(
                            id.span().end,
                            format!("signal = {:?} is not in the catalogue; see `lurescan signals`", id.get_ref()),
                        )
                    })?;
                    Meaning::Signal(found, strength)
                }
                (None, Some(marker)) => Meaning::Marker(marker),
                _ => {
                    let at = entry.phrases.first().map_or(0, |p| p.span().start);
                    return Err(problem(at, "an entry has either `signal` or `marker`".into()));
                }
            };
            let mut excluded = 0;
            for tag in &entry.not_in {
                excluded |= bit(Language::from_tag(tag.get_ref()).ok_or_else(|| {
                    problem(tag.span().end, format!("not_in = {:?} is none of our languages", tag.get_ref()))
                })?);
            }
            if entry.marker == Some(Marker::Occupation) {
                occupations.push(language);
            }
            for phrase in &entry.phrases {
                pattern::parse(phrase.get_ref(), folder, tokenizer)
                    .and_then(|pattern| builder.add(&pattern, meanings.len() as u32))
                    .map_err(|e| problem(phrase.span().end, format!("phrase {:?}: {e}", phrase.get_ref())))?;
                meanings.push(meaning);
                not_in.push(excluded);
            }
        }
    }
    let hash = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Ok(Lexicon { automaton: builder.build(), meanings, not_in, occupations, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile_text(text: &str) -> Result<Lexicon, LexiconError> {
        let files = [("my.toml".to_owned(), text.to_owned())];
        compile(&files, &Catalogue::embedded(), &Folder::new(), &Tokenizer::default())
    }

    #[test]
    fn the_embedded_lexicons_compile() {
        let lexicon = Lexicon::embedded(&Catalogue::embedded(), &Folder::new(), &Tokenizer::default());
        assert!(lexicon.meanings.len() > 100);
    }

    #[test]
    fn errors_name_file_and_line() {
        let head = "language = \"en\"\n\n[[entry]]\n";
        for (text, message) in [
            ("language = \"xx\"\n".to_owned(), "my.toml:1: language = \"xx\" is none of ours"),
            (
                format!("{head}signal = \"free_fligth\"\nphrases = [\"a b\"]\n"),
                "my.toml:4: signal = \"free_fligth\" is not in the catalogue; see `lurescan signals`",
            ),
            (
                format!("{head}signal = \"free_travel\"\nphrases = [\n  \"free flight\",\n  \"free (air\",\n]\n"),
                "my.toml:7: phrase \"free (air\": `(` is opened and not closed by `)`",
            ),
            (
                format!("{head}signal = \"free_travel\"\nstrength = 2.0\nphrases = [\"a b\"]\n"),
                "my.toml:5: strength = 2 is not above 0 and at most 1",
            ),
            (format!("{head}phrases = [\"a b\"]\n"), "my.toml:4: an entry has either `signal` or `marker`"),
        ] {
            assert_eq!(compile_text(&text).unwrap_err().to_string(), message);
        }
        assert!(compile_text("language = \n").unwrap_err().to_string().contains("line 1"));
    }
}
