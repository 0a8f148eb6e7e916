/*!
The dictionary of place names: tens of thousands of them, ready to use as it was written by the build.

The names stand in one string, sorted by their bytes. Every name that begins at a place of a text is a prefix of what
follows there, so the greatest name that is not above the text is the longest candidate, and each shorter one is a prefix
of it: a name keeps the way to the longest name that is a prefix of itself. One binary search and a short walk answer the
question, whatever the number of names, and nothing has to be built when the program starts. Bit sets over the first three
bytes, the first six and the first word turn away nearly every word before that.
*/

use super::bytes::{Tables, get};
use super::chars::{char_at, char_before, edge_after, edge_before};
use super::inflection::{after_particle, end_of_ending};
use super::places::{self, Place, PlaceId, PlaceKind, PlaceName};
use super::vocab::Hit;

/// The text of the names, sorted, without anything between them.
pub(super) const TEXT: usize = 0;
/// The rows of the names, in the same order.
pub(super) const ROWS: usize = 1;
/// The first three bytes of names, ascending, and the row where these begin.
pub(super) const HEADS: usize = 2;
/// Gates: heads of names shorter than [`LONG`], of the longer ones, their first [`LONG`] bytes or, where they have so
/// many, their first [`LONGER`], and first words.
pub(super) const SHORT_GATE: usize = 3;
pub(super) const LONG_GATE: usize = 4;
pub(super) const LONGER_GATE: usize = 5;
pub(super) const WORD_GATE: usize = 6;
/// The labels of the places, and their rows.
pub(super) const LABELS: usize = 7;
pub(super) const PLACES: usize = 8;
/// How many tables there are.
pub(super) const TABLES: usize = 9;

/// Names of so many bytes have a gate of their own: two characters of most scripts,
pub(super) const LONG: usize = 6;
/// or three.
pub(super) const LONGER: usize = 9;

/// A name; its text ends at `end` and begins where the one before it ends.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) end: u32,
    /// How far back the longest name stands that is a prefix of this one; 0 for none.
    pub(super) back: u32,
    /// The name may carry an ending.
    pub(super) stem: bool,
    pub(super) value: PlaceName,
}

/// The bytes of a row of the names, of the heads, and of the places.
const ROW: usize = 12;
const HEAD: usize = 8;
const PLACE: usize = 8;

impl Row {
    pub(super) fn write(&self) -> [u8; ROW] {
        let ([a, b, c, d], [e, f, g, h]) = (self.end.to_le_bytes(), self.back.to_le_bytes());
        let [low, high] = self.value.id.index.to_le_bytes();
        let flags = u8::from(self.stem) | u8::from(self.value.ambiguous) << 1;
        [a, b, c, d, e, f, g, h, low, high, self.value.id.kind as u8, flags]
    }

    fn read(bytes: &[u8; ROW]) -> Row {
        let [a, b, c, d, e, f, g, h, low, high, kind, flags] = *bytes;
        let id = PlaceId { index: u16::from_le_bytes([low, high]), kind: kind_of(kind) };
        Row {
            end: u32::from_le_bytes([a, b, c, d]),
            back: u32::from_le_bytes([e, f, g, h]),
            stem: flags & 1 == 1,
            value: PlaceName { id, ambiguous: flags & 2 == 2 },
        }
    }
}

/// A row of the heads.
pub(super) fn write_head(head: u32, row: u32) -> [u8; HEAD] {
    (u64::from(row) << 32 | u64::from(head)).to_le_bytes()
}

/// A row of the places: where the label ends, the letters of the country, the kind.
pub(super) fn write_place(label_end: u32, country: [u8; 2], kind: PlaceKind) -> [u8; PLACE] {
    let [a, b, c, d] = label_end.to_le_bytes();
    [a, b, c, d, country[0], country[1], kind as u8, 0]
}

fn kind_of(number: u8) -> PlaceKind {
    PlaceKind::ALL.get(usize::from(number)).copied().unwrap_or(PlaceKind::City)
}

/// The names, and what they stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gazetteer(pub(super) Tables<TABLES>);

impl Gazetteer {
    /// The bytes that [`Tables::open`] takes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.bytes()
    }

    /// The names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        let names = self.sorted();
        (0..names.rows.len()).map(move |index| names.text(index))
    }

    /// The row of a place.
    pub(crate) fn place(&self, id: PlaceId) -> Option<Place<'_>> {
        let index = usize::from(id.index);
        let [a, b, c, d, country @ .., kind, _] = self.0.row::<PLACE>(PLACES, index)?;
        let end = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let before = index.checked_sub(1).and_then(|before| self.0.row::<PLACE>(PLACES, before)?.first_chunk());
        let start = before.map_or(0, |end| u32::from_le_bytes(*end) as usize);
        let name = std::str::from_utf8(self.0.table(LABELS).get(start..end)?).ok()?;
        Some(Place { name, country: std::str::from_utf8(country).ok()?, kind: kind_of(*kind) })
    }

    /// The longest name that begins at byte `at`, stands between edges and is meant as a place.
    #[inline]
    pub(crate) fn find(&self, text: &str, at: usize) -> Option<Hit<PlaceName>> {
        let bytes = text.as_bytes().get(at..)?;
        if let Some(hit) = self.passes(bytes).then(|| self.search(text, at, at, Ask::Weigh)).flatten() {
            return Some(hit);
        }
        // Arabic writes "in", "to" and "and" as a part of the word.
        if !matches!(bytes.first(), Some(0xd9 | 0xd8)) {
            return None;
        }
        let (name, locative) = after_particle(text, at)?;
        if !self.passes(text.as_bytes().get(name..)?) {
            return None;
        }
        self.search(text, at, name, if locative { Ask::Any } else { Ask::Weigh })
    }

    /// Whether a name may begin with these bytes.
    #[inline]
    fn passes(&self, bytes: &[u8]) -> bool {
        let Some(head) = head(bytes) else { return false };
        let head = u64::from(head);
        let gate = |gate, number| get(self.0.table(gate), number);
        let longer = || {
            bytes.first_chunk().is_some_and(|first: &[u8; LONG]| gate(LONGER_GATE, join(first)))
                || bytes.first_chunk().is_some_and(|first: &[u8; LONGER]| gate(LONGER_GATE, join(first)))
        };
        if !(gate(SHORT_GATE, head) || gate(LONG_GATE, head) && longer()) {
            return false;
        }
        // Where a word ends in sight, all of it must be the first word of a name.
        let word = first_word(bytes);
        word.is_empty() || bytes.get(word.len()).is_some_and(|byte| !byte.is_ascii()) || gate(WORD_GATE, join(word))
    }

    /// The name at `at`, in a word that begins at `start`.
    fn search(&self, text: &str, start: usize, at: usize, ask: Ask) -> Option<Hit<PlaceName>> {
        let rest = text.as_bytes().get(at..)?;
        let head = head(rest)?;
        let before = char_before(text, start);
        // The name of an account is no place: "@dubai_jobs".
        if !edge_before(before, char_at(text, start)?) || matches!(before, Some('@' | '_')) {
            return None;
        }
        let names = self.sorted();
        let (first, end) = names.of_head(head)?;
        let (mut low, mut high) = (first, end);
        while low < high {
            let middle = low.midpoint(high);
            if names.text(middle) <= rest { low = middle + 1 } else { high = middle }
        }
        let mut index = low.checked_sub(1).filter(|&index| index >= first)?;
        loop {
            let row = Row::read(names.rows.get(index)?);
            let name = names.text(index);
            if rest.starts_with(name)
                && let Some(end) = end_of_name(text, name, at, row.stem)
                && (!row.value.ambiguous
                    || self.is_meant(text, (start, end), row.value.id.kind == PlaceKind::Country, ask))
            {
                return Some(Hit { start, end, value: row.value });
            }
            if row.back == 0 {
                return None;
            }
            index = index.checked_sub(row.back as usize)?;
        }
    }

    /// Whether an ambiguous name is meant as a place.
    fn is_meant(&self, text: &str, (start, end): (usize, usize), country: bool, ask: Ask) -> bool {
        match ask {
            Ask::Weigh => places::spoken_of_as_place(text, start, end, country, &|at| {
                let bytes = text.as_bytes().get(at..)?;
                self.passes(bytes).then(|| self.search(text, at, at, Ask::Sure)).flatten().map(|hit| hit.end)
            }),
            Ask::Any => true,
            Ask::Sure => false,
        }
    }

    #[inline]
    fn sorted(&self) -> Sorted<'_> {
        Sorted {
            texts: self.0.table(TEXT),
            rows: self.0.table(ROWS).as_chunks().0,
            heads: self.0.table(HEADS).as_chunks().0,
        }
    }
}

/// The tables of the names, as a search needs them.
#[derive(Clone, Copy)]
struct Sorted<'a> {
    texts: &'a [u8],
    rows: &'a [[u8; ROW]],
    heads: &'a [[u8; HEAD]],
}

impl<'a> Sorted<'a> {
    /// The names that begin with these three bytes.
    #[inline]
    fn of_head(self, wanted: u32) -> Option<(usize, usize)> {
        let head = |both: &[u8; HEAD]| u64::from_le_bytes(*both) as u32;
        let row = |both: &[u8; HEAD]| (u64::from_le_bytes(*both) >> 32) as usize;
        let at = self.heads.partition_point(|both| head(both) < wanted);
        let first = row(self.heads.get(at).filter(|both| head(both) == wanted)?);
        Some((first, self.heads.get(at + 1).map_or(self.rows.len(), row)))
    }

    /// The bytes of a name.
    #[inline]
    fn text(self, index: usize) -> &'a [u8] {
        let end = |index: usize| {
            self.rows.get(index).map_or(0, |[a, b, c, d, ..]| u32::from_le_bytes([*a, *b, *c, *d]) as usize)
        };
        let start = index.checked_sub(1).map_or(0, end);
        self.texts.get(start..end(index)).unwrap_or_default()
    }
}

/// Which ambiguous names count.
#[derive(Clone, Copy, Debug)]
enum Ask {
    /// Those that the words around them speak of as places.
    Weigh,
    /// All.
    Any,
    /// None.
    Sure,
}

/// The end of a name in a text, with its ending; none when it is cut out of a longer word.
fn end_of_name(text: &str, name: &[u8], at: usize, stem: bool) -> Option<usize> {
    let end = at + name.len();
    let last = char_before(text, end)?;
    if char_at(text, end) == Some('_') {
        return None;
    }
    if edge_after(last, char_at(text, end)) {
        return Some(end);
    }
    if stem { end_of_ending(text, end, name.len(), last) } else { None }
}

/// The first three bytes.
#[inline]
pub(super) fn head(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [a, b, c, ..] => Some(u32::from(*a) << 16 | u32::from(*b) << 8 | u32::from(*c)),
        _ => None,
    }
}

/// The lower-case ASCII letters that begin here.
#[inline]
pub(super) fn first_word(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    bytes.get(..length).unwrap_or_default()
}

/// Bytes as one number, for the gates.
#[inline]
pub(super) fn join(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |word: u64, &byte| word.rotate_left(8).wrapping_mul(3) ^ u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::super::gazetteer_make::make;
    use super::*;

    fn gazetteer(names: &[&str]) -> Gazetteer {
        let named = names.iter().enumerate().map(|(index, name)| {
            let id = PlaceId { index: u16::try_from(index).unwrap_or_default(), kind: PlaceKind::City };
            (name.trim_end_matches('?').to_owned(), PlaceName { id, ambiguous: name.ends_with('?') })
        });
        make(&[], named.collect()).expect("a small table").0
    }

    fn found(gazetteer: &Gazetteer, text: &str, at: usize) -> Option<(usize, u16)> {
        gazetteer.find(text, at).map(|hit| (hit.end, hit.value.id.index))
    }

    #[test]
    fn the_longest_name_between_edges_wins() {
        let names = gazetteer(&["san", "san jose", "san jose del monte", "santa", "san josefo"]);
        assert_eq!(found(&names, "san jose del mar", 0), Some((8, 1)));
        assert_eq!(found(&names, "san jose del monte", 0), Some((18, 2)));
        assert_eq!(found(&names, "san joselito", 0), Some((3, 0)));
        assert_eq!(found(&names, "sant", 0), None);
        assert_eq!(found(&names, "a san", 2), Some((5, 0)));
    }

    #[test]
    fn a_doubtful_name_makes_room_for_a_shorter_one() {
        let names = gazetteer(&["bath", "bath spa?", "kent"]);
        assert_eq!(found(&names, "bath spa", 0), Some((8, 1)), "a text that is nothing else");
        assert_eq!(found(&names, "the bath spa", 4), Some((8, 0)));
        assert_eq!(found(&names, "in bath spa", 3), Some((11, 1)));
        assert_eq!(found(&names, "to: bath spa, kent", 4), Some((12, 1)));
    }

    #[test]
    fn short_names_are_handed_back() {
        let id = PlaceId { index: 0, kind: PlaceKind::Country };
        let (_, short) = make(&[], vec![("uk".into(), PlaceName { id, ambiguous: false })]).expect("a small table");
        assert_eq!(short.len(), 1);
    }
}
