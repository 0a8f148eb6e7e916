/*!
The span of time that an amount is paid for: the words that name it, and where around an amount they are looked for.
*/

use serde::{Deserialize, Serialize};

use super::chars::{floor_boundary, skip_blanks, skip_blanks_back};
use super::tables::Tables;

/// How far, in bytes, a word in front of an amount may stand from it and still speak of it.
const REACH_BEFORE: usize = 64;
/// How far, in bytes, a word behind an amount may stand from it.
const REACH_BEHIND: usize = 40;
/// The span of time that an amount is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// An hour; 173 make a month.
    Hour,
    /// A day or a shift; 26 make a month.
    Day,
    /// A week; 4.33 make a month.
    Week,
    /// Two weeks; 2.165 make a month.
    Fortnight,
    /// A month.
    Month,
    /// A year.
    Year,
    /// Not stated.
    Unknown,
}

impl Period {
    /// How many of this period make a working month; one when the period is not known.
    pub fn per_month(self) -> f64 {
        match self {
            Period::Hour => 173.0,
            Period::Day => 26.0,
            Period::Week => 4.33,
            Period::Fortnight => 2.165,
            Period::Month | Period::Unknown => 1.0,
            Period::Year => 1.0 / 12.0,
        }
    }
}

/// A period and how near it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    pub(crate) per: Period,
    /// Nothing but a link word stands between.
    pub(crate) adjacent: bool,
}

/// The period that the words around an amount name.
pub(crate) fn period(tables: &Tables, text: &str, start: usize, end: usize, floor: usize) -> Option<Near> {
    // "மாதம் 27,500 ரூபாய் (ஒரு நாளைக்கு...": what stands in front goes before what a bracket adds.
    let bracket = text.as_bytes().get(skip_blanks(text, end, 2)) == Some(&b'(');
    let behind = adjacent_period(tables, text, end).map(|(per, _)| Near { per, adjacent: true });
    if behind.is_some() && !bracket {
        return behind;
    }
    let mut edge = skip_blanks_back(text, start, 2);
    if let Some(b':' | b'~' | b'=' | b'(') = text.as_bytes().get(edge.wrapping_sub(1)) {
        edge = skip_blanks_back(text, edge - 1, 2);
    }
    if let Some(hit) = tables.periods_ahead.find(text, edge).filter(|hit| hit.start >= floor) {
        return Some(Near { per: hit.value, adjacent: true });
    }
    if let Some(unit) = tables.units_back.find(text, edge)
        && let Some(link) = tables.links_back.find(text, skip_blanks_back(text, unit.start, 1))
        && link.start >= floor
    {
        return Some(Near { per: unit.value, adjacent: true });
    }
    if behind.is_some() {
        return behind;
    }
    let from = window_start(text, start, floor);
    let ahead = tables.whole.find_last_in(text, from, start).map(|hit| (start - hit.end, hit.value));
    let to = window_end(text, end, REACH_BEHIND);
    let whole = tables.whole.find_in(text, end, to).map(|hit| (hit.start - end, hit.value));
    let linked = linked_unit(tables, text, end, to);
    let near = [ahead, whole, linked].into_iter().flatten().min_by_key(|(distance, _)| *distance)?;
    Some(Near { per: near.1, adjacent: false })
}

/// The period straight behind `end` and where it ends.
pub(crate) fn adjacent_period(tables: &Tables, text: &str, end: usize) -> Option<(Period, usize)> {
    let mut at = skip_blanks(text, end, 2);
    for _ in 0..2 {
        match text.as_bytes().get(at) {
            Some(b'+' | b'(' | b'-' | b',' | b'*' | b'.') => at = skip_blanks(text, at + 1, 2),
            _ => break,
        }
    }
    if let Some(hit) = tables.periods_behind.find(text, at) {
        return Some((hit.value, hit.end));
    }
    let link = tables.links.find(text, at)?;
    let unit = tables.units.find(text, skip_blanks(text, link.end, 1))?;
    Some((unit.value, unit.end))
}

/// The first "per month" and the like between two bytes.
fn linked_unit(tables: &Tables, text: &str, from: usize, to: usize) -> Option<(usize, Period)> {
    let window = text.get(from..to)?;
    window.char_indices().find_map(|(offset, _)| {
        let link = tables.links.find(text, from + offset)?;
        let unit = tables.units.find(text, skip_blanks(text, link.end, 1))?;
        Some((offset, unit.value))
    })
}

/// Where the words begin that may speak of an amount at `start`: within reach, in the same sentence.
pub(crate) fn window_start(text: &str, start: usize, floor: usize) -> usize {
    let from = floor_boundary(text, start.saturating_sub(REACH_BEFORE)).max(floor.min(start));
    let bytes = text.as_bytes();
    let window = bytes.get(from..start).unwrap_or_default();
    let stop = (0..window.len()).rev().find(|&at| match window[at] {
        b'\n' | b'!' | b'?' | b';' | b'|' => true,
        b'.' => window.get(at + 1) == Some(&b' ') && at > 4,
        // 。
        0x82 => at >= 2 && window[at - 2] == 0xe3 && window[at - 1] == 0x80,
        _ => false,
    });
    let from = stop.map_or(from, |stop| from + stop + 1);
    floor_boundary(text, from).max(floor.min(start))
}

/// Where the words end that may speak of an amount that ends at `end`.
pub(crate) fn window_end(text: &str, end: usize, reach: usize) -> usize {
    let to = floor_boundary(text, end.saturating_add(reach));
    let bytes = text.as_bytes();
    let window = bytes.get(end..to).unwrap_or_default();
    let stop = (0..window.len()).find(|&at| match window[at] {
        b'\n' | b'!' | b'?' | b';' | b'|' | b'0'..=b'9' | b'$' => true,
        b'.' => window.get(at + 1) == Some(&b' '),
        0xe3 => window.get(at + 1) == Some(&0x80) && window.get(at + 2) == Some(&0x82),
        _ => false,
    });
    stop.map_or(to, |stop| end + stop)
}
