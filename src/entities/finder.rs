/*!
The finder: the tables, made once, and the two ways to ask them.
*/

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::numerals::NumeralFile;
use super::pass::Pass;
use super::places::{self, Place, PlaceId, PlaceName};
use super::tables::{Currency, CurrencyCode, Tables};
use super::tables_contact::{ChatWord, ContactTables};
use super::vocab::{Side, Vocab};
use super::{Entity, TableError};

/// A word that the pass over the text looks for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Name {
    /// The name of a chat service.
    Chat(ChatWord),
    /// The name of a place.
    Place(PlaceName),
    /// "at gmail": the sign of a mail address, spelled out; so many bytes are the sign.
    MailAt(u8),
    /// A number in words may begin here.
    Number,
}

/// Finds entities in folded texts. Made once, shared by all threads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finder {
    pub(super) tables: Tables,
    pub(super) contacts: ContactTables,
    pub(super) names: Vocab<Name>,
    places: Vec<Place>,
}

impl Finder {
    /// Makes a finder of the texts of four data files, in the formats of those in `src/entities/data`. The build does
    /// this; programs without tables of their own call [`Finder::new`].
    pub fn from_tables(currencies: &str, amounts: &str, contacts: &str, places: &str) -> Result<Finder, TableError> {
        let tables = Tables::read(currencies, amounts)?;
        let (contacts, chats) =
            ContactTables::read(contacts).map_err(|cause| TableError::file("contacts.toml", cause))?;
        let (places, place_names) = places::read(places);
        let chats = chats.into_iter().map(|(word, chat)| (Cow::Owned(word), Name::Chat(chat)));
        let mail =
            ["at gmail", "at yahoo", "at hotmail", "at outlook", "at protonmail", "at proton", "at icloud", "at qq"];
        let mail = mail.into_iter().map(|word| (Cow::Borrowed(word), Name::MailAt(2)));
        let place_names = place_names.into_iter().map(|(name, place)| (name, Name::Place(place)));
        let numbers = NumeralFile::starts(&tables).map(|word| (word, Name::Number));
        let names = Vocab::new(Side::Start, chats.chain(mail).chain(place_names).chain(numbers));
        Ok(Finder { tables, contacts, names, places })
    }

    /// Finds the entities of a folded text: sorted, not overlapping, on character boundaries. What `out` held is dropped.
    pub fn find(&self, text: &str, out: &mut Vec<Entity>) {
        Pass::new(self, text, false, out).run();
    }

    /// As [`Finder::find`], for a text that is nothing but a statement of pay: a bare number needs no pay word there.
    pub fn find_pay(&self, text: &str, out: &mut Vec<Entity>) {
        Pass::new(self, text, true, out).run();
    }

    /// The row of a place that this finder found.
    pub fn place(&self, id: PlaceId) -> Option<&Place> {
        self.places.get(usize::from(id.index))
    }

    /// The row of a currency.
    pub fn currency(&self, code: CurrencyCode) -> Option<&Currency> {
        self.tables.by_code(code)
    }
}
