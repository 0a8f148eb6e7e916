/*!
The gazetteer: countries, capitals, cities where the jobs are, and the places known for scam compounds.

Rows stand in `data/places.tsv`: kind, ISO 3166 country, name, variants divided by `|`. A variant that ends in `?` is a
word or a name of something else too and counts only as a place is spoken of: behind "in", "to" and the like, or beside a
comma. Names in Indic scripts may carry case endings, Arabic ones their prefixed particles; both are made here, so that
the table holds plain names.
*/

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::chars::{char_at, char_before, skip_blanks_back};

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PlaceKind {
    /// A country.
    Country,
    /// The capital of a country.
    Capital,
    /// A city, or a part of one.
    City,
    /// A place known for scam compounds; naming it proves nothing.
    Hotspot,
    /// A region, in a country or across some.
    Region,
}

/// A place of the gazetteer, for [`super::Finder::place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlaceId {
    pub(crate) index: u16,
    pub(crate) kind: PlaceKind,
}

/// A row of the gazetteer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The English name.
    pub name: String,
    /// ISO 3166-1 alpha-2 code of the country; `ZZ` for a region of several countries.
    pub country: String,
    /// What it is.
    pub kind: PlaceKind,
}

/// A name of a place, as the dictionary holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlaceName {
    pub(crate) id: PlaceId,
    pub(crate) ambiguous: bool,
}

/// Reads the data file: the places, and their names. The build does this.
pub(crate) fn read(file: &str) -> (Vec<Place>, Vec<(Cow<'static, str>, PlaceName)>) {
    let mut places = Vec::new();
    let mut names = Vec::new();
    for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let (Some(kind), Some(country), Some(name)) = (cells.next().and_then(kind), cells.next(), cells.next()) else {
            continue;
        };
        let Ok(index) = u16::try_from(places.len()) else { break };
        places.push(Place { name: name.trim_end_matches('?').to_owned(), country: country.to_owned(), kind });
        let id = PlaceId { index, kind };
        let variants = cells.next().unwrap_or_default().split('|').filter(|variant| !variant.is_empty());
        for variant in std::iter::once(name).chain(variants) {
            let (variant, ambiguous) = match variant.strip_suffix('?') {
                Some(variant) => (variant, true),
                None => (variant, false),
            };
            add(&mut names, variant, PlaceName { id, ambiguous });
        }
    }
    (places, names)
}

fn kind(text: &str) -> Option<PlaceKind> {
    Some(match text {
        "country" => PlaceKind::Country,
        "capital" => PlaceKind::Capital,
        "city" => PlaceKind::City,
        "hotspot" => PlaceKind::Hotspot,
        "region" => PlaceKind::Region,
        _ => return None,
    })
}

/// Adds a name in the forms that its script gives it.
fn add(names: &mut Vec<(Cow<'static, str>, PlaceName)>, variant: &str, value: PlaceName) {
    let first = variant.chars().next().unwrap_or_default();
    if ('\u{0900}'..='\u{0dff}').contains(&first) {
        names.push((Cow::Owned(format!("{variant}*")), value));
        // A final anusvara or pulli changes before an ending: தாய்லாந்து, தாய்லாந்தில்.
        if let Some(stem) = variant.strip_suffix(['\u{0bc1}', '\u{0bcd}']) {
            names.push((Cow::Owned(format!("{stem}*")), value));
        }
        return;
    }
    names.push((Cow::Owned(variant.to_owned()), value));
    if ('\u{0620}'..='\u{06ff}').contains(&first) {
        for particle in ["ب", "ل", "و", "ف", "وب"] {
            names.push((Cow::Owned(format!("{particle}{variant}")), value));
        }
        if let Some(bare) = variant.strip_prefix("ال") {
            names.push((Cow::Owned(format!("لل{bare}")), value));
        }
    }
}

/// Words before a place, with the blank that follows them.
const BEFORE_PLACES: [&str; 34] = [
    "in",
    "at",
    "to",
    "from",
    "near",
    "for",
    "via",
    "around",
    "into",
    "en",
    "em",
    "no",
    "na",
    "di",
    "ke",
    "au",
    "aux",
    "à",
    "a",
    "sa",
    "from",
    "ở",
    "tại",
    "đi",
    "sang",
    "ที่",
    "dari",
    "в",
    "во",
    "из",
    "de",
    "del",
    "para",
    "nchini",
];

/// Whether the words around an ambiguous name speak of a place.
pub(crate) fn spoken_of_as_place(text: &str, start: usize, end: usize) -> bool {
    let edge = skip_blanks_back(text, start, 2);
    if char_before(text, edge) == Some(',') || char_at(text, end) == Some(',') && !text[..edge].is_empty() {
        return true;
    }
    if edge == start {
        return false;
    }
    let before = text.get(..edge).unwrap_or_default();
    BEFORE_PLACES.iter().any(|word| {
        before.strip_suffix(word).is_some_and(|rest| rest.chars().next_back().is_none_or(|c| !c.is_alphanumeric()))
    })
}
