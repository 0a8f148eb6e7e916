/*!
The gazetteer: countries, capitals, cities where the jobs are, and the places known for scam compounds.

Rows stand in `data/places.tsv`, written for this program, `data/cldr.tsv` (Unicode CLDR) and `data/geonames.tsv`
(GeoNames, CC BY 4.0), which add to it: kind, ISO 3166 country, name, variants divided by `|`. A variant that ends in `?`
is a word or a name of something else too and counts only as a place is spoken of: behind "in", "to" and the like, or in
a list with another place. `*` lets a Cyrillic or Turkic stem carry case endings; names in Indic scripts carry theirs and
Arabic and Ethiopic ones their prefixed particles without a mark, so that the table holds plain names.
*/

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::chars::{Joins, joins};
use super::gazetteer_make::{Named, PlaceRow};

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

impl PlaceKind {
    /// All kinds, in the order of their numbers.
    pub(crate) const ALL: [PlaceKind; 5] =
        [PlaceKind::Country, PlaceKind::Capital, PlaceKind::City, PlaceKind::Hotspot, PlaceKind::Region];
}

/// A place of the gazetteer, for [`super::Finder::place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlaceId {
    pub(crate) index: u16,
    pub(crate) kind: PlaceKind,
}

/// A row of the gazetteer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'f> {
    /// The English name.
    pub name: &'f str,
    /// ISO 3166-1 alpha-2 code of the country; `ZZ` for a region of several countries.
    pub country: &'f str,
    /// What it is.
    pub kind: PlaceKind,
}

/// A name of a place, as the dictionary holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlaceName {
    pub(crate) id: PlaceId,
    pub(crate) ambiguous: bool,
}

/// Reads the data files, one behind the other: the places, and their names. The build does this.
///
/// Rows of one name and country are one place. Of equal names the first one stays, so a file that comes first wins.
pub(crate) fn read(files: &str) -> (Vec<PlaceRow>, Named) {
    let mut places: Vec<PlaceRow> = Vec::new();
    let mut names = Vec::new();
    let mut known: HashMap<(&str, &str), PlaceId> = HashMap::new();
    for line in files.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let (Some(kind), Some(country), Some(name)) = (cells.next().and_then(kind), cells.next(), cells.next()) else {
            continue;
        };
        let label = name.trim_start_matches('=').trim_end_matches(['?', '*']);
        let id = match known.get(&(country, label)) {
            Some(id) => *id,
            None => {
                let Ok(index) = u16::try_from(places.len()) else { break };
                places.push((label.to_owned(), country.as_bytes().try_into().unwrap_or(*b"ZZ"), kind));
                let id = PlaceId { index, kind };
                known.insert((country, label), id);
                id
            }
        };
        let own = (!name.starts_with('=')).then_some(name);
        let variants = cells.next().unwrap_or_default().split('|').filter(|variant| !variant.is_empty());
        for variant in own.into_iter().chain(variants) {
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

/// Case endings of Turkish, Azerbaijani and Uzbek nouns, behind a consonant and behind a vowel. Those of a single narrow
/// vowel are left out: they make "pakistani" of a country.
const TURKIC_BEHIND_CONSONANTS: [&str; 24] = [
    "a", "e", "ə", "ga", "ka", "qa", "da", "de", "də", "ta", "te", "tə", "dan", "den", "dən", "tan", "ten", "tən",
    "ni", "ning", "ın", "un", "ün", "dagi",
];
const TURKIC_BEHIND_VOWELS: [&str; 20] = [
    "ya", "ye", "yə", "ga", "da", "de", "də", "dan", "den", "dən", "ni", "ning", "nın", "nin", "nun", "nün", "yı",
    "yi", "daki", "dagi",
];
const VOWELS: [char; 9] = ['a', 'e', 'ə', 'ı', 'i', 'o', 'ö', 'u', 'ü'];

/// "Of", "in", "from", "for" and "to" of Amharic, written together with the word behind them.
const ETHIOPIC_PARTICLES: [&str; 5] = ["የ", "በ", "ከ", "ለ", "ወደ"];

fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | '\u{e0}'..='\u{24f}' | 'ə')
}

/// Adds a name in the forms that its script gives it.
fn add(names: &mut Named, variant: &str, value: PlaceName) {
    let first = variant.chars().next().unwrap_or_default();
    if ('\u{0900}'..='\u{0dff}').contains(&first) {
        names.push((format!("{variant}*"), value));
        // A final u, pulli or m changes before an ending: தாய்லாந்து, தாய்லாந்தில்; வங்கதேசம், வங்கதேசத்தில்.
        // The virama that Telugu, Kannada, Malayalam and Sinhala write on borrowed names gives way to a vowel.
        for last in ["\u{0bc1}", "\u{0bcd}", "ம\u{0bcd}", "\u{0c4d}", "\u{0ccd}", "\u{0d4d}", "\u{0dca}"] {
            if let Some(stem) = variant.strip_suffix(last)
                && stem.chars().count() > 2
            {
                names.push((format!("{stem}*"), value));
            }
        }
        return;
    }
    // A word in Latin letters is looked up whole, so its forms stand in the table.
    if let Some(stem) = variant.strip_suffix('*')
        && stem.chars().last().is_some_and(is_latin)
    {
        names.push((stem.to_owned(), value));
        let endings = if stem.ends_with(VOWELS) { &TURKIC_BEHIND_VOWELS[..] } else { &TURKIC_BEHIND_CONSONANTS[..] };
        names.extend(endings.iter().map(|ending| (format!("{stem}{ending}"), value)));
        return;
    }
    if ('\u{1200}'..='\u{137f}').contains(&first) {
        names.extend(ETHIOPIC_PARTICLES.iter().map(|particle| (format!("{particle}{variant}"), value)));
    }
    names.push((variant.to_owned(), value));
    // "To the": the article is merged into its particle.
    if let Some(bare) = variant.strip_prefix("ال") {
        names.push((format!("لل{bare}"), value));
    }
}

/// Words before a place, with or without the blank that follows them.
const BEFORE_PLACES: [&str; 62] = [
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
    "ở",
    "tại",
    "đi",
    "sang",
    "qua",
    "bên",
    "nước",
    "về",
    "đến",
    "tới",
    "đảo",
    "dari",
    "в",
    "во",
    "из",
    "под",
    "de",
    "del",
    "para",
    "nchini",
    "jijini",
    "mjini",
    "في",
    "من",
    "إلى",
    "الى",
    "داخل",
    "مدينة",
    "ที่",
    "ไป",
    "เมือง",
    "ใน",
    "ຢູ່",
    "ໄປ",
    "នៅ",
    "ទៅ",
    "在",
    "去",
    "到",
    "赴",
    "飞",
    "往",
];

/// Words behind a place.
const BEHIND_PLACES: [&str; 9] = ["में", "मा", "میں", "에서", "으로", "에", "တွင်", "မှာ", "で"];

/// Signs between the places of a list.
const BETWEEN: [char; 6] = [',', '،', '、', '/', '|', '·'];

/// Whether the words around an ambiguous name, of a country or not, speak of a place. `sure` tells where a name ends that
/// is no other word and begins at a byte.
pub(crate) fn spoken_of_as_place(
    text: &str,
    start: usize,
    end: usize,
    country: bool,
    sure: &dyn Fn(usize) -> Option<usize>,
) -> bool {
    let (ahead, behind) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    let (ahead, blank) = (ahead.trim_end_matches([' ', '\t']), ahead.ends_with([' ', '\t']));
    let next = behind.trim_start_matches([' ', '\t']);
    if ahead.is_empty() && next.trim().is_empty() {
        return true;
    }
    let comma = ahead.strip_suffix(BETWEEN);
    // "smalltown, jordan": a country ends an address.
    if country && ahead.ends_with(',') && next.chars().next().is_none_or(|c| matches!(c, '\n' | ')' | ']' | '.' | '('))
    {
        return true;
    }
    if comma.is_some_and(|ahead| place_before(ahead.trim_end(), sure)) {
        return true;
    }
    if let Some(rest) = next.strip_prefix(BETWEEN) {
        let at = text.len() - rest.trim_start_matches(' ').len();
        if sure(at).is_some() || next.starts_with(',') && is_code(text.get(at..).unwrap_or_default()) {
            return true;
        }
    }
    if BEHIND_PLACES.iter().any(|word| next.starts_with(word)) {
        return true;
    }
    BEFORE_PLACES.iter().any(|word| {
        let touches = word.chars().next().is_some_and(|c| joins(c) != Joins::Spaced);
        ahead
            .strip_suffix(word)
            .is_some_and(|rest| touches || blank && rest.chars().next_back().is_none_or(|c| !c.is_alphanumeric()))
    })
}

/// Whether two letters stand here alone, the code of a state or a country: "orlando, fl".
fn is_code(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.by_ref().take(2).filter(u8::is_ascii_lowercase).count() == 2
        && matches!(bytes.next(), None | Some(b'\n' | b'\r' | b',' | b')' | b'.' | b';'))
}

/// Whether a place, or the code of one between commas, ends here.
fn place_before(ahead: &str, sure: &dyn Fn(usize) -> Option<usize>) -> bool {
    let mut parts = ahead.rsplit([',', '\n']);
    let word = parts.next().unwrap_or_default().trim();
    if word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_lowercase()) && parts.next().is_some() {
        return true;
    }
    let starts = ahead.char_indices().rev().take(LONGEST_LOOK_BACK);
    starts.map(|(at, _)| at).any(|at| sure(at) == Some(ahead.len()))
}

/// How many characters of a name before a comma are looked at.
const LONGEST_LOOK_BACK: usize = 30;
