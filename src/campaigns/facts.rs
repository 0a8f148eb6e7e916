/*!
What is kept of a posting.
*/

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::contacts::{self, Named};
use super::join::Ties;
use super::time;
use crate::entities::reading::Reading;
use crate::entities::{EntityKind, PlaceId};
use crate::posting::{Field, Posting};
use crate::score::Scorer;
use crate::text::html;
use crate::text::language::Language;
use crate::verdict::Action;

/// Characters of the line by which a person knows a posting again.
const LINE: usize = 120;

/// What is kept of a posting until its campaign is known.
#[derive(Clone, Debug)]
pub struct Facts {
    pub(super) id: String,
    pub(super) line: String,
    pub(super) ties: Ties,
    pub(super) posted_at: Option<Timestamp>,
    pub(super) language: Language,
    pub(super) action: Action,
    /// Numbers in the catalogue.
    pub(super) signals: Vec<u16>,
    pub(super) places: Vec<PlaceId>,
    pub(super) contacts: Vec<Named>,
}

impl Facts {
    /// Reads and scores a posting.
    pub fn of(scorer: &Scorer, posting: &Posting) -> Facts {
        let reading = scorer.reader().read(posting);
        let verdict = scorer.score_reading(posting, &reading);
        let catalogue = scorer.extractor().catalogue();
        let contacts = contacts::of_reading(&reading);
        Facts {
            id: posting.id.clone(),
            line: line(posting),
            ties: Ties::with(scorer.reader(), posting, &reading, &contacts),
            posted_at: time::parse(posting.get(Field::PostedAt)),
            language: reading.written.language,
            action: verdict.action,
            signals: verdict.signals.iter().filter_map(|s| Some(catalogue.find(&s.id)?.0)).collect(),
            places: places(&reading),
            contacts,
        }
    }

    /// What was decided about the posting.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The posting's id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The places that a posting names, each once.
fn places(reading: &Reading) -> Vec<PlaceId> {
    let mut seen = FxHashSet::default();
    let named = reading.segments.iter().flat_map(|s| &s.entities).filter_map(|entity| match entity.kind {
        EntityKind::Place(place) => Some(place),
        _ => None,
    });
    named.filter(|&place| seen.insert(place)).collect()
}

/// The title, or the first line of the text of a posting that has none.
fn line(posting: &Posting) -> String {
    let first = |field: Field| {
        let source = posting.get(field);
        // Markup may stand before the first words; a line is looked for no further than this.
        let (text, _) = html::to_text(&source[..source.floor_char_boundary(16 * LINE)]);
        let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.chars().take(LINE).collect())
    };
    [Field::Title, Field::Description].into_iter().chain(Field::READ).find_map(first).unwrap_or_default()
}
