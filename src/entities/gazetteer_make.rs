/*!
Makes the tables of the [`Gazetteer`]; the build does this.
*/

use super::bytes::{Tables, set};
use super::gazetteer::{self, Gazetteer, LONG, LONGER, Row};
use super::places::{PlaceKind, PlaceName};
use super::vocab::fold;

/// The shortest name, in bytes; shorter ones belong into the general dictionary.
const SHORTEST: usize = 3;
/// Bytes of the gates: over the first three bytes, over the first [`LONG`] or [`LONGER`], over the first word.
const HEAD_GATE: usize = 1 << 13;
const LONG_GATE: usize = 1 << 16;
const WORD_GATE: usize = 1 << 14;

/// A row of the data files: label, country, kind.
pub(crate) type PlaceRow = (String, [u8; 2], PlaceKind);

/// Names with what they stand for.
pub(crate) type Named = Vec<(String, PlaceName)>;

/// A dictionary of places and their names; a name that ends in `*` may carry an ending. Of equal names the first one
/// stays. Names too short for it are handed back. None when the tables are too large for it.
pub(crate) fn make(places: &[PlaceRow], names: Named) -> Option<(Gazetteer, Named)> {
    let mut sorted = Vec::with_capacity(names.len());
    let mut shorter = Vec::new();
    for (order, (name, value)) in names.into_iter().enumerate() {
        let (bare, stem) = match name.strip_suffix('*') {
            Some(bare) => (bare, true),
            None => (name.as_str(), false),
        };
        let folded = fold(bare.to_owned().into()).into_owned();
        if folded.len() < SHORTEST {
            shorter.push((name, value));
        } else {
            sorted.push((folded, order, stem, value));
        }
    }
    sorted.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    sorted.dedup_by(|later, first| later.0 == first.0);

    let (mut text, mut rows, mut heads) = (Vec::new(), Vec::new(), Vec::new());
    let (mut short, mut long) = (vec![0; HEAD_GATE], vec![0; HEAD_GATE]);
    let (mut longer, mut words) = (vec![0; LONG_GATE], vec![0; WORD_GATE]);
    let mut open: Vec<usize> = Vec::new();
    let mut last_head = None;
    for (index, (name, _, stem, value)) in sorted.iter().enumerate() {
        while open.last().is_some_and(|&prefix| !name.starts_with(&sorted[prefix].0)) {
            open.pop();
        }
        let back = u32::try_from(open.last().map_or(0, |prefix| index - prefix)).ok()?;
        open.push(index);
        let bytes = name.as_bytes();
        text.extend_from_slice(bytes);
        let end = u32::try_from(text.len()).ok()?;
        rows.extend_from_slice(&Row { end, back, stem: *stem, value: *value }.write());
        let head = gazetteer::head(bytes)?;
        if last_head.replace(head) != Some(head) {
            heads.extend_from_slice(&gazetteer::write_head(head, u32::try_from(index).ok()?));
        }
        match bytes.first_chunk::<LONG>() {
            Some(first) => {
                set(&mut long, u64::from(head));
                set(&mut longer, gazetteer::join(bytes.first_chunk::<LONGER>().map_or(&first[..], |more| &more[..])));
            }
            None => set(&mut short, u64::from(head)),
        }
        set(&mut words, gazetteer::join(gazetteer::first_word(bytes)));
    }

    let (mut labels, mut place_rows) = (Vec::new(), Vec::new());
    for (label, country, kind) in places {
        labels.extend_from_slice(label.as_bytes());
        let end = u32::try_from(labels.len()).ok()?;
        place_rows.extend_from_slice(&gazetteer::write_place(end, *country, *kind));
    }
    let tables = [text, rows, heads, short, long, longer, words, labels, place_rows];
    Some((Gazetteer(Tables::join(tables)?), shorter))
}
