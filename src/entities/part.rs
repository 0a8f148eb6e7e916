/*!
The amount around one number, and the second amount of a range.

An amount is a number with what touches it: a multiplier in front or behind, a currency in front or behind. In a range
the ends share what only one of them has: 15 to 20k, 800-1200 usd, 2-3万.
*/

use super::amount::{Literal, digit_run, literal};
use super::chars::{char_at, is_letter, skip_blanks, skip_blanks_back};
use super::numerals::{Spelled, spelled, tenth_or_half};
use super::period::adjacent_period;
use super::tables::{Factor, Spelling, Tables};

/// The upper end of a range is at most so many times the lower one.
const WIDEST_RANGE: f64 = 60.0;

/// One end of a range, or the only amount.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) literal: Literal,
    pub(crate) factor: Option<Factor>,
    pub(crate) value: f64,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) before: Option<Spelling>,
    pub(crate) behind: Option<Spelling>,
}

/// The number at byte `at`, in digits or in words; one in digits has no multiplier yet.
pub(crate) fn number_at(tables: &Tables, text: &str, at: usize) -> Option<Spelled> {
    match literal(text, at) {
        Some(literal) => Some(Spelled { literal, factor: None, value: literal.value }),
        None => spelled(tables, text, at),
    }
}

/// The number and what touches it on both sides.
pub(crate) fn part(
    tables: &Tables,
    text: &str,
    found: Spelled,
    floor: usize,
    ahead: Option<(Spelling, usize)>,
) -> Part {
    let Spelled { literal: number, mut factor, mut value } = found;
    let mut start = number.start;
    let mut before = ahead.map(|(sign, from)| {
        start = from;
        sign
    });
    // In front: a multiplier, then a currency.
    let mut edge = skip_blanks_back(text, start, 2);
    if before.is_none() {
        if factor.is_none()
            && let Some(hit) = tables.factors_ahead.find(text, edge).filter(|hit| hit.start >= floor)
        {
            factor = Some(hit.value);
            value *= hit.value.value;
            start = hit.start;
            edge = skip_blanks_back(text, start, 2);
        }
        let colon = match text.as_bytes().get(edge.wrapping_sub(1)) {
            Some(b':' | b'~' | b'=') => skip_blanks_back(text, edge - 1, 2),
            _ => edge,
        };
        for edge in [edge, colon] {
            if let Some(hit) = tables.sign_before.find(text, edge).filter(|hit| hit.start >= floor)
                && (!hit.value.tight || edge == start)
                && !(hit.value.tight && number.leading_zero)
            {
                before = Some(hit.value);
                start = hit.start;
                break;
            }
        }
    }
    // Behind: a multiplier, what is added to it, then a currency.
    let mut end = number.end;
    if factor.is_none()
        && let Some((found, stop)) = factor_behind(tables, text, end)
    {
        factor = Some(found);
        value *= found.value;
        end = stop;
    }
    if let Some((more, stop)) = factor.and_then(|factor| added(tables, text, end, factor)) {
        value += more;
        end = stop;
    }
    let mut behind = None;
    let mut after = skip_blanks(text, end, 2);
    // "300多元", "4 millones de pesos": what stands between the number and its currency.
    if let Some(hit) = tables.fillers.find(text, after) {
        let stop = skip_blanks(text, hit.end, 2);
        if tables.sign_behind.find(text, stop).is_some() {
            after = stop;
        }
    }
    for slash in ["/-", ",-", ".-"] {
        if text.get(after..).is_some_and(|rest| rest.starts_with(slash)) {
            let stop = skip_blanks(text, after + 2, 2);
            if tables.sign_behind.find(text, stop).is_some() || before.is_some() {
                after = stop;
                if tables.sign_behind.find(text, stop).is_none() {
                    end += 2;
                }
            }
        }
    }
    if let Some(hit) = tables.sign_behind.find(text, after) {
        let gap = skip_blanks(text, hit.end, 1);
        let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        // "$800 $1200" and "usd 800 usd 1200": the second sign belongs to the second number.
        let next_owns = digit(hit.end) && after > end || before.is_some() && digit(gap);
        if !next_owns {
            behind = Some(hit.value);
            end = hit.end;
        }
    }
    let value = (value * 1e2).round() / 1e2;
    Part { literal: number, factor, value, start, end, before, behind }
}

/// The multiplier behind a number and where it ends.
fn factor_behind(tables: &Tables, text: &str, at: usize) -> Option<(Factor, usize)> {
    if let Some(hit) = tables.factors.find(text, at) {
        return Some((hit.value, hit.end));
    }
    let behind = skip_blanks(text, at, 1);
    let hit = tables.factors.find(text, behind).filter(|hit| !hit.value.tight)?;
    Some((hit.value, hit.end))
}

/// What a number behind a multiplier adds: 7tr5, 2k2, 3万5, 2万5千, 1 lakh 20 thousand, 3 หมื่นห้า.
fn added(tables: &Tables, text: &str, at: usize, factor: Factor) -> Option<(f64, usize)> {
    let from = skip_blanks(text, at, 1);
    let run = digit_run(text.as_bytes(), from);
    if run == 0 {
        return tenth_or_half(tables, text, at, factor.value).or_else(|| {
            let more = spelled(tables, text, from)?;
            let smaller = more.factor.is_some_and(|small| small.value < factor.value) && more.value < factor.value;
            (smaller && more.literal.digits == 0).then_some((more.value, more.literal.end))
        });
    }
    // Where thousands are counted by k, one digit that touches it is all that may follow.
    if run > 4 || factor.value < 1e4 && (run > 1 || from != at) {
        return None;
    }
    let digits: f64 = text.get(from..from + run)?.parse().ok()?;
    if let Some((small, end)) = factor_behind(tables, text, from + run) {
        return (small.value < factor.value && digits * small.value < factor.value)
            .then_some((digits * small.value, end));
    }
    let end = from + run;
    let next = char_at(text, end);
    let goes_on = matches!(next, Some('.' | ',' | '-' | ':' | '/' | '~')) && digit_run(text.as_bytes(), end + 1) > 0;
    let ends = !goes_on && !next.is_some_and(|c| c.is_ascii_alphabetic());
    // "19 man 2": apart, it must count nothing else.
    let alone = run == 1 && ends && (from == at || factor.spaced && !counts(tables, text, end));
    alone.then_some((digits * factor.value / 10.0, from + run))
}

/// The upper end of the range that `first` begins.
pub(crate) fn range_end(tables: &Tables, text: &str, first: &Part) -> Option<Part> {
    let straight = skip_blanks(text, first.end, 2);
    let behind_period = adjacent_period(tables, text, first.end).map(|(_, end)| skip_blanks(text, end, 2));
    let (connector, word) = [Some(straight), behind_period].into_iter().flatten().find_map(|at| {
        tables.connectors.find(text, at).map(|hit| (hit.end, char_at(text, at).is_some_and(is_letter)))
    })?;
    let mut at = skip_blanks(text, connector, 2);
    let from = at;
    let mut ahead = None;
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let begins = |at: usize| is_digit(at) || spelled(tables, text, at).is_some();
    if !begins(at) {
        if let Some(hit) = tables.sign_ahead.find(text, at) {
            ahead = Some((hit.value, hit.start));
            at = skip_blanks(text, hit.end, 2);
            if hit.value.tight && at != hit.end {
                return None;
            }
        } else {
            // A multiplier in front of the second number ("elfu 50 hadi elfu 80").
            let window = text.as_bytes().get(at..(at + 24).min(text.len()))?;
            let digit = at + window.iter().position(u8::is_ascii_digit)?;
            let hit = tables.factors_ahead.find(text, skip_blanks_back(text, digit, 2))?;
            if hit.start != from {
                return None;
            }
            at = digit;
        }
    }
    let number = number_at(tables, text, at)?;
    let second = part(tables, text, number, from, ahead);
    let owned = second.before.is_some() || second.behind.is_some();
    let counted = !owned && second.factor.is_none() && counts(tables, text, second.end);
    if counted && !(word && first.before.is_none() && first.behind.is_none()) || is_percent(text, second.end) {
        return None;
    }
    // 2024-05-12, 555-010-0199: no range.
    if !word
        && matches!(char_at(text, second.end), Some('-' | '/'))
        && digit_run(text.as_bytes(), second.end + 1) > 0
        && !owned
    {
        return None;
    }
    let (low, high) = (scaled_low(first, &second), scaled_high(first, &second));
    (high >= low && low > 0.0 && high <= low * WIDEST_RANGE).then_some(second)
}

/// The lower end, with the multiplier that stands only at the upper one: 15 to 20k.
pub(crate) fn scaled_low(first: &Part, second: &Part) -> f64 {
    match (first.factor, second.factor) {
        (None, Some(factor)) if first.value * factor.value <= second.value => {
            (first.value * factor.value * 1e2).round() / 1e2
        }
        _ => first.value,
    }
}

/// The upper end, with the multiplier that stands only at the lower one: 15k - 20.
pub(crate) fn scaled_high(first: &Part, second: &Part) -> f64 {
    match (first.factor, second.factor) {
        (Some(factor), None) if second.value < first.value && second.value < 1000.0 => second.value * factor.value,
        _ => second.value,
    }
}

/// Whether the number that ends here is a share of something.
pub(crate) fn is_percent(text: &str, end: usize) -> bool {
    matches!(char_at(text, skip_blanks(text, end, 1)), Some('%' | '٪'))
}

/// Whether the number that ends here counts people, hours and such.
pub(crate) fn counts(tables: &Tables, text: &str, end: usize) -> bool {
    let filler = tables.fillers.find(text, skip_blanks(text, end, 1)).map_or(end, |hit| hit.end);
    tables.counters.find(text, skip_blanks(text, filler, 2)).is_some()
}
