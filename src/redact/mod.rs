/*!
Masking of what identifies a person: telephone numbers, mail addresses, handles, wallets, ids in chat services, and the
personal part of links.

Each is replaced by a token such as `[phone:khfjdmbaocgpdlne]`: the kind, and a keyed hash (HMAC-SHA-256, 64 bits of it) of
the identifier in a form that two postings can be compared by. So with one key the same number gives the same token
wherever it stands and however it is written, campaigns can still be joined by it, and who does not have the key cannot try
all numbers until one fits. The hash is written in letters, so that no token reads as a number or holds digits of one.

What is masked is what the entities layer finds, and beside it, because a mask has to err on the safe side, every run of
seven digits or more that is no amount of money and no date, and everything around an `@`. A text is read twice where it is
HTML: as it shows, and with its tags, whose attributes hold addresses too.
*/

mod find;
mod record;

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::entities::reading::Reader;
use crate::text::tokenizer::Tokenizer;

/// Bytes of a key at least.
pub const SHORTEST_KEY: usize = 16;

/// Characters of a name or value that a feed gave, in a message: more may be the text of a posting.
pub const NAME_TOLD: usize = 40;

/// Bytes of a name that are looked at; no more of it is told.
const LONGEST_NAME: usize = 1000;

/// Masks texts and records. Made once, shared by threads.
pub struct Redactor<'a> {
    reader: &'a Reader,
    key: Hmac<Sha256>,
}

/// What was masked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    start: usize,
    end: usize,
    token: String,
}

impl<'a> Redactor<'a> {
    /// A redactor with this key; none when it is shorter than [`SHORTEST_KEY`].
    pub fn new(reader: &'a Reader, key: &[u8]) -> Option<Redactor<'a>> {
        let mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        (key.len() >= SHORTEST_KEY).then_some(Redactor { reader, key: mac })
    }

    /// What tells this key from another without giving it away.
    pub fn key_id(&self) -> String {
        self.hash("key", "")
    }

    /// The text with everything masked that identifies a person.
    pub fn text(&self, text: &str) -> String {
        apply(text, 0..text.len(), &self.marks(text))
    }

    fn token(&self, kind: &str, identifier: &str) -> String {
        format!("[{kind}:{}]", self.hash(kind, identifier))
    }

    fn hash(&self, kind: &str, identifier: &str) -> String {
        let mut mac = self.key.clone();
        mac.update(kind.as_bytes());
        mac.update(b":");
        mac.update(identifier.as_bytes());
        let letter = |nibble: u8| char::from(b'a' + nibble);
        mac.finalize().into_bytes().iter().take(8).flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect()
    }
}

impl std::fmt::Debug for Redactor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("key", &self.key_id()).finish_non_exhaustive()
    }
}

/// The reader for what is told without a key.
static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(Tokenizer::default()));

/// A name that a feed gave, as a message may tell it: masked, without tokens that could be compared, and no longer than
/// so many characters.
pub fn told(name: &str, longest: usize) -> String {
    let marks: Vec<Mark> = marks_of_name(name)
        .into_iter()
        .map(|mark| Mark { token: format!("{}]", mark.token.split(':').next().unwrap_or_default()), ..mark })
        .collect();
    let mut told = apply(name, 0..name.floor_char_boundary(LONGEST_NAME), &marks);
    if let Some((end, _)) = told.char_indices().nth(longest) {
        told.truncate(end);
        told.push('…');
    }
    told
}

/// Whether a name holds what would be masked in a text.
pub fn is_masked(name: &str) -> bool {
    !marks_of_name(name).is_empty()
}

fn marks_of_name(name: &str) -> Vec<Mark> {
    // What keeps texts apart is of no use where nobody sees it.
    let redactor = Redactor { reader: &READER, key: Hmac::new(&Default::default()) };
    redactor.marks(&name[..name.floor_char_boundary(LONGEST_NAME)])
}

/// A range of the text, with the tokens in the places of the marks; a mark that reaches over its edge is masked whole.
fn apply(text: &str, range: std::ops::Range<usize>, marks: &[Mark]) -> String {
    let mut out = String::with_capacity(range.len());
    let mut at = range.start;
    for mark in marks.iter().filter(|mark| mark.start < range.end && mark.end > range.start) {
        out.push_str(text.get(at..mark.start.max(at)).unwrap_or_default());
        out.push_str(&mark.token);
        at = mark.end.min(range.end).max(at);
    }
    out.push_str(text.get(at..range.end).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests;
