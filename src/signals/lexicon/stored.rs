//! A compiled lexicon as a file of a model, so that start-up parses nothing.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Lexicon, LexiconError, Meaning};
use crate::signals::catalogue::{Catalogue, SignalDefinition, SignalId};
use crate::signals::classifiers::{Classifiers, Stored as StoredClassifiers};
use crate::signals::matcher::{Automaton, Stored};
use crate::text::language::Language;

/// The first byte of a compiled lexicon, which changes with what follows. The first that there was began with the length of
/// a hash, 64.
const FORMAT: u8 = 8;

/// What stands before the arrays of the automaton.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    hash: String,
    /// Ids of the catalogue that the meanings are numbered by.
    signals: Vec<String>,
    /// The definitions of those that do not ship.
    own: Vec<SignalDefinition>,
    meanings: Vec<Meaning>,
    /// A bit for every language, by its place in [`Language::ALL`].
    not_in: Vec<u32>,
    /// The place in [`Language::ALL`] of each meaning's language.
    homes: Vec<u8>,
    phrases: usize,
    occupations: Vec<String>,
    #[serde(borrow)]
    classifiers: StoredClassifiers<'a>,
    /// The length of each array of the automaton.
    arrays: Vec<usize>,
}

impl Lexicon {
    /// The lexicon, compiled, with these classifiers, as bytes.
    pub(crate) fn to_bytes(&self, classifiers: &Classifiers) -> Result<Vec<u8>, LexiconError> {
        let head = Head {
            hash: self.hash.clone(),
            signals: self.catalogue.signals().iter().map(|s| s.id.clone()).collect(),
            own: self.catalogue.own().to_vec(),
            meanings: self.meanings.clone(),
            not_in: self.not_in.clone(),
            homes: self.homes.iter().map(|&l| l as u8).collect(),
            occupations: self.occupations.iter().map(|l| l.tag().to_owned()).collect(),
            phrases: self.phrases,
            classifiers: StoredClassifiers::of(classifiers),
            arrays: self.automaton.stored().lengths(),
        };
        let mut bytes = vec![FORMAT];
        bytes = postcard::to_extend(&head, bytes).map_err(|e| LexiconError::compiled(e.to_string()))?;
        bytes.extend(self.automaton.stored().bytes());
        Ok(bytes)
    }

    /// Reads what [`Lexicon::to_bytes`] wrote, for the same catalogue. What lies inside the program (and is borrowed) was
    /// checked by its tests, and is not looked through at every start.
    pub(crate) fn from_bytes(bytes: Cow<'static, [u8]>) -> Result<Lexicon, LexiconError> {
        let Some((&FORMAT, rest)) = bytes.split_first() else {
            return Err(LexiconError::compiled(
                "it was compiled by another version of lurescan; train the model again",
            ));
        };
        let (head, behind): (Head, &[u8]) =
            postcard::take_from_bytes(rest).map_err(|e| LexiconError::compiled(e.to_string()))?;
        let start = bytes.len() - behind.len();
        let verified = matches!(bytes, Cow::Borrowed(_));
        let Head { hash, signals, own, meanings, not_in, homes, phrases, occupations, classifiers, arrays } = head;
        let unfit = || LexiconError::compiled("its parts do not fit together");
        // These are made from the bytes, before the automaton takes them.
        let classifiers = classifiers.classifiers().ok_or_else(unfit)?;
        let mut catalogue = Catalogue::embedded();
        for signal in own {
            catalogue.add(signal).map_err(LexiconError::compiled)?;
        }
        if !signals.iter().map(String::as_str).eq(catalogue.signals().iter().map(|s| s.id.as_str())) {
            let message = "it was made for another catalogue of signals; train the model again";
            return Err(LexiconError::compiled(message));
        }
        let stored = Stored::new(bytes, start, &arrays).ok_or_else(unfit)?;
        let automaton = Automaton::of(stored, verified).map_err(LexiconError::compiled)?;
        let known = |id: &SignalId| (id.0 as usize) < catalogue.len();
        let homes: Option<Vec<Language>> =
            homes.iter().map(|&place| Language::ALL.get(place as usize).copied()).collect();
        let homes = homes.filter(|homes| homes.len() == meanings.len()).ok_or_else(unfit)?;
        if not_in.len() != meanings.len()
            || !verified && automaton.last_meaning().is_some_and(|last| last as usize >= meanings.len())
            || !classifiers.iter().all(|c| known(&c.signal))
            || !meanings.iter().all(|m| match m {
                Meaning::Marker(_) => true,
                Meaning::Signal(id, _) | Meaning::Except(id) => known(id),
            })
        {
            return Err(unfit());
        }
        let languages = |tags: &[String]| tags.iter().filter_map(|t| Language::from_tag(t)).collect::<Vec<_>>();
        Ok(Lexicon {
            catalogue,
            automaton,
            meanings,
            not_in,
            homes,
            phrases,
            occupations: languages(&occupations),
            classifiers,
            hash,
        })
    }
}
