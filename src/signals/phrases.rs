/*!
The phrases of the lexicons one by one: which of them show in a posting.

For whoever mends lexicons. The lexicon that scores gives phrases of one meaning one number, so this compiles another.
*/

use std::path::PathBuf;

use super::lexicon::{Lexicon, LexiconError, Meaning, Origin};
use super::{EvidenceSpan, Extractor, Scratch};
use crate::entities::reading::{Reader, Reading};

/// Finds the phrases that raise signals, each by itself.
#[derive(Debug)]
pub struct Phrases {
    extractor: Extractor,
    origins: Vec<Origin>,
}

impl Phrases {
    /// The phrases of the lexicons of `paths`: a file is added to those that ship, a directory takes their place.
    ///
    /// # Errors
    ///
    /// When a lexicon cannot be read or compiled.
    pub fn new(reader: &Reader, paths: &[PathBuf]) -> Result<Phrases, LexiconError> {
        let (lexicon, origins) = Lexicon::apart(paths, &reader.folder, &reader.tokenizer)?;
        Ok(Phrases { extractor: Extractor::new(lexicon), origins })
    }

    /// The phrases that raise a signal, in the order of the files: number, signal, and where the phrase stands.
    pub fn raising(&self) -> impl Iterator<Item = (usize, &str, &Origin)> {
        self.origins.iter().enumerate().filter_map(|(phrase, origin)| Some((phrase, self.signal(phrase)?, origin)))
    }

    /// Calls `each` with the number, the signal and the place of every phrase that raises one in a posting: negations and
    /// exceptions are heeded, rules do not run.
    pub fn shown(&self, reading: &Reading, scratch: &mut Scratch, mut each: impl FnMut(usize, &str, &EvidenceSpan)) {
        self.extractor.draft(reading, scratch, |found, span| {
            let phrase = found.meaning as usize;
            if let Some(signal) = self.signal(phrase) {
                each(phrase, signal, span);
            }
        });
    }

    fn signal(&self, phrase: usize) -> Option<&str> {
        match self.extractor.lexicon.meanings[phrase] {
            Meaning::Signal(id, _) => Some(&self.extractor.catalogue().get(id).id),
            Meaning::Marker(_) | Meaning::Except(_) => None,
        }
    }
}
