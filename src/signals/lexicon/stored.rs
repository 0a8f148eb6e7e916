//! A compiled lexicon as a file of a model, so that start-up parses nothing.

use serde::{Deserialize, Serialize};

use super::{Lexicon, LexiconError, Meaning};
use crate::signals::catalogue::{Catalogue, SignalDefinition, SignalId};
use crate::signals::matcher::{Automaton, Stored};
use crate::text::language::Language;

#[derive(Serialize, Deserialize)]
struct Compiled<'a> {
    hash: String,
    /// Ids of the catalogue that the meanings are numbered by.
    signals: Vec<String>,
    /// The definitions of those that do not ship.
    own: Vec<SignalDefinition>,
    meanings: Vec<Meaning>,
    /// A bit for every language, by its place in [`Language::ALL`].
    not_in: Vec<u32>,
    occupations: Vec<String>,
    #[serde(borrow)]
    automaton: Stored<'a>,
}

impl Lexicon {
    /// The compiled lexicon as bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, LexiconError> {
        let arrays = self.automaton.to_bytes();
        let compiled = Compiled {
            hash: self.hash.clone(),
            signals: self.catalogue.signals().iter().map(|s| s.id.clone()).collect(),
            own: self.catalogue.own().to_vec(),
            meanings: self.meanings.clone(),
            not_in: self.not_in.clone(),
            occupations: self.occupations.iter().map(|l| l.tag().to_owned()).collect(),
            automaton: Stored::of(&arrays).ok_or_else(|| LexiconError::compiled("it cannot be stored"))?,
        };
        postcard::to_stdvec(&compiled).map_err(|e| LexiconError::compiled(e.to_string()))
    }

    /// Reads what [`Lexicon::to_bytes`] wrote, for the same catalogue.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Lexicon, LexiconError> {
        let compiled: Compiled = postcard::from_bytes(bytes).map_err(|e| LexiconError::compiled(e.to_string()))?;
        let mut catalogue = Catalogue::embedded();
        for signal in compiled.own {
            catalogue.add(signal).map_err(LexiconError::compiled)?;
        }
        if !compiled.signals.iter().map(String::as_str).eq(catalogue.signals().iter().map(|s| s.id.as_str())) {
            let message = "it was made for another catalogue of signals; train the model again";
            return Err(LexiconError::compiled(message));
        }
        let automaton = Automaton::try_from(compiled.automaton).map_err(LexiconError::compiled)?;
        let phrases = compiled.meanings.len();
        let known = |id: &SignalId| (id.0 as usize) < catalogue.len();
        if compiled.not_in.len() != phrases
            || automaton.last_phrase().is_some_and(|p| p as usize >= phrases)
            || !compiled.meanings.iter().all(|m| match m {
                Meaning::Marker(_) => true,
                Meaning::Signal(id, _) | Meaning::Except(id) => known(id),
            })
        {
            return Err(LexiconError::compiled("its parts do not fit together"));
        }
        let languages = |tags: &[String]| tags.iter().filter_map(|t| Language::from_tag(t)).collect::<Vec<_>>();
        Ok(Lexicon {
            catalogue,
            automaton,
            meanings: compiled.meanings,
            not_in: compiled.not_in,
            occupations: languages(&compiled.occupations),
            hash: compiled.hash,
        })
    }
}
