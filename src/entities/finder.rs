/*!
The finder: the tables, made once, and the two ways to ask them.
*/

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::contact::app_scheme;
use super::first_words::FirstWords;
use super::gazetteer::Gazetteer;
use super::gazetteer_make;
use super::link::LinkKind;
use super::numerals::NumeralFile;
use super::pass::Pass;
use super::places::{self, Place, PlaceId, PlaceKind, PlaceName};
use super::tables::{Currency, CurrencyCode, Tables};
use super::tables_contact::{ChatWord, ContactTables};
use super::vocab::{Hit, Side, Vocab};
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

/// Every name that the pass looks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Names {
    words: Vocab<Name>,
    /// Used where its bytes lie, so it is no part of what is decoded.
    #[serde(skip)]
    pub(super) places: Gazetteer,
    pub(super) firsts: FirstWords,
}

impl Names {
    /// The longest name that begins at byte `at` and stands between edges.
    #[inline]
    pub(super) fn find(&self, text: &str, at: usize) -> Option<Hit<Name>> {
        let word = self.words.find(text, at).filter(|hit| is_meant(text, hit));
        let Some(place) = self.places.find(text, at) else { return word };
        match word {
            Some(word) if word.end >= place.end => Some(word),
            _ => Some(Hit { start: place.start, end: place.end, value: Name::Place(place.value) }),
        }
    }
}

/// Whether a word is meant as what the table says; names of two letters may be something else.
fn is_meant(text: &str, hit: &Hit<Name>) -> bool {
    match hit.value {
        Name::Place(PlaceName { id, ambiguous: true }) => {
            places::spoken_of_as_place(text, hit.start, hit.end, id.kind == PlaceKind::Country, &|_| None)
        }
        _ => true,
    }
}

/// Finds entities in folded texts. Made once, shared by all threads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finder {
    pub(super) tables: Tables,
    pub(super) contacts: ContactTables,
    pub(super) names: Names,
}

impl Finder {
    /// Makes a finder of the texts of the data files, in the formats of those in `src/entities/data`; `places` may be several
    /// files, one behind the other, of which the first wins. The build does this; programs without tables of their own call [`Finder::new`].
    pub fn from_tables(currencies: &str, amounts: &str, contacts: &str, places: &str) -> Result<Finder, TableError> {
        let tables = Tables::read(currencies, amounts)?;
        let (contacts, chats) =
            ContactTables::read(contacts).map_err(|cause| TableError::file("contacts.toml", cause))?;
        let size = places.len();
        let (places, place_names) = places::read(places);
        let chats = chats.into_iter().map(|(word, chat)| (Cow::Owned(word), Name::Chat(chat)));
        let mail =
            ["at gmail", "at yahoo", "at hotmail", "at outlook", "at protonmail", "at proton", "at icloud", "at qq"];
        let mail = mail.into_iter().map(|word| (Cow::Borrowed(word), Name::MailAt(2)));
        let (gazetteer, short) = gazetteer_make::make(&places, place_names).ok_or_else(|| TableError::places(size))?;
        let short = short.into_iter().map(|(name, place)| (Cow::Owned(name), Name::Place(place)));
        let numbers = NumeralFile::starts(&tables).map(|word| (word, Name::Number));
        let words = Vocab::new(Side::Start, chats.chain(mail).chain(short).chain(numbers));
        let firsts = FirstWords::of(words.entries(), gazetteer.names());
        let names = Names { words, places: gazetteer, firsts };
        Ok(Finder { tables, contacts, names })
    }

    /// Finds the entities of a folded text: sorted, not overlapping, on character boundaries. What `out` held is dropped.
    pub fn find(&self, text: &str, out: &mut Vec<Entity>) {
        Pass::new(self, text, false, out).run();
    }

    /// As [`Finder::find`], for a text that is nothing but a statement of pay: a bare number needs no pay word there.
    pub fn find_pay(&self, text: &str, out: &mut Vec<Entity>) {
        Pass::new(self, text, true, out).run();
    }

    /// Whether someone can be reached by a link: an address, a number, a chat service, a shortened link or a form. Links
    /// that share the page with others lead to no one.
    pub(crate) fn reaches_someone(&self, target: &str) -> bool {
        let target = target.to_ascii_lowercase();
        let Some((scheme, rest)) = target.split_once(':') else { return false };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        match scheme {
            "mailto" => path.contains('@'),
            "tel" | "sms" => path.bytes().filter(u8::is_ascii_digit).count() >= 3,
            "http" | "https" => {
                let Some(address) = path.strip_prefix("//") else { return false };
                let (host, path) = address.split_once('/').unwrap_or((address, ""));
                let shares =
                    path.contains("share") || matches!(path, "" | "send" | "send/") && !query.contains("phone=");
                match self.contacts.chat_host(host) {
                    Some(_) => !shares,
                    None => self.contacts.link_kind(host, address) != LinkKind::Url,
                }
            }
            scheme => {
                let shares = rest.contains("share") || rest.contains("msg_url") || rest.contains("forward");
                let names = query.contains('=') && !query.starts_with("text=") || !path.trim_matches('/').is_empty();
                app_scheme(scheme).is_some() && !shares && names && (path != "//send" || query.contains("phone="))
            }
        }
    }

    /// The row of a place that this finder found.
    pub fn place(&self, id: PlaceId) -> Option<Place<'_>> {
        self.names.places.place(id)
    }

    /// The table of place names, which the build stores beside the rest.
    #[allow(dead_code, reason = "the build calls it")]
    pub(crate) fn place_table(&self) -> Vec<u8> {
        self.names.places.bytes()
    }

    /// The row of a currency.
    pub fn currency(&self, code: CurrencyCode) -> Option<&Currency> {
        self.tables.by_code(code)
    }
}
