/*!
Amounts of money: which numbers are pay, in what currency, for what span of time, and what a month of it is in dollars.

A number is money because of its neighbours: a sign, code or name of a currency on either side of it (or of the other
end of its range), a multiplier that is said of money only, or a pay word in front. The period is the nearest word that
names one; without any, the amount itself decides, by what a month's pay in that currency can be. All words stand in
tables; this file knows only how the pieces join.
*/

use super::amount::{Literal, digit_run, literal};
use super::chars::{char_at, char_before, is_letter, skip_blanks, skip_blanks_back};
use super::period::{Near, Period, adjacent_period, period, window_end, window_start};
use super::tables::{CurrencyCode, Factor, Spelling, Stand, Tables};

/// The upper end of a range is at most so many times the lower one.
const WIDEST_RANGE: f64 = 60.0;

/// A stated amount of money, or a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Money {
    /// The smaller amount as stated, multipliers applied.
    pub low: f64,
    /// The larger amount as stated; the same as `low` when there is one amount.
    pub high: f64,
    /// The currency, when it is written or the context leaves no doubt.
    pub currency: Option<CurrencyCode>,
    /// What it is paid for.
    pub period: Period,
    /// `low` as US dollars a month. When the period is not stated this rests on a guess from the amount.
    pub usd_month_low: Option<f64>,
    /// `high` as US dollars a month.
    pub usd_month_high: Option<f64>,
}

/// Money and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The currency is written beside it.
    pub(crate) explicit: bool,
    pub(crate) money: Money,
}

/// One end of a range, or the only amount.
#[derive(Clone, Copy, Debug)]
struct Part {
    literal: Literal,
    factor: Option<Factor>,
    value: f64,
    start: usize,
    end: usize,
    before: Option<Spelling>,
    behind: Option<Spelling>,
}

/// What surrounds the amounts of one text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context {
    /// The text is nothing but a statement of pay: a bare number needs no pay word.
    pub(crate) pay_field: bool,
    /// Nothing before this byte belongs to the amount.
    pub(crate) floor: usize,
    /// Kana occur: the text is Japanese.
    pub(crate) kana: bool,
}

/// The money whose first number begins at byte `at`, if that number is money.
pub(crate) fn money_at(tables: &Tables, text: &str, at: usize, context: Context) -> Option<Found> {
    let number = literal(text, at)?;
    if tables.idioms.find(text, at).is_some() {
        return None;
    }
    let first = part(tables, text, number, context.floor, None)?;
    let second = range_end(tables, text, &first);
    let last = second.unwrap_or(first);
    let (low, high) = match second {
        Some(second) => (scaled_low(&first, &second), scaled_high(&first, &second)),
        None => (first.value, first.value),
    };

    let signs = [first.before, first.behind, last.before, last.behind];
    let firm = signs.iter().flatten().find(|sign| !sign.shared && sign.stand == Stand::Free);
    // "$15,000 pesos": the word that leaves more open is the one that was added to be clear.
    let shared = signs.iter().flatten().filter(|sign| sign.shared).max_by_key(|sign| sign.count);
    let weak = signs.iter().flatten().find(|sign| sign.stand == Stand::Weak);
    let said = last.factor.or(first.factor).and_then(|factor| factor.per).map(|per| Near { per, adjacent: true });
    let period = said.or_else(|| period(tables, text, first.start, last.end, context.floor));
    let hints = Hints::gather(tables, text, &first, &last, context);

    let (start, end) = (first.start, last.end);
    let currency = if let Some(sign) = firm.or(shared) {
        // A sign that is shared may be told by a weak code beside it: "$ 800 cad".
        let sign = if firm.is_none() { weak.unwrap_or(sign) } else { sign };
        choose(tables, sign, &hints)
    } else if let Some(sign) = weak.filter(|_| looks_like_amount(&first, high, period)) {
        choose(tables, sign, &hints)
    } else {
        return bare(tables, text, (&first, &last), (low, high), period, &hints, context);
    };
    if follows_word(text, start) || is_percent(text, end) {
        return None;
    }
    let per = period.map_or(Period::Unknown, |period| period.per);
    Some(Found { start, end, explicit: true, money: priced(tables, low, high, currency, per) })
}

/// The number and what touches it on both sides.
fn part(tables: &Tables, text: &str, number: Literal, floor: usize, ahead: Option<(Spelling, usize)>) -> Option<Part> {
    let mut start = number.start;
    let mut before = ahead.map(|(sign, from)| {
        start = from;
        sign
    });
    let mut factor = None;
    let mut value = number.value;
    // In front: a multiplier, then a currency.
    let mut edge = skip_blanks_back(text, start, 2);
    if before.is_none() {
        if let Some(hit) = tables.factors_ahead.find(text, edge).filter(|hit| hit.start >= floor) {
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
        if let Some((more, stop)) = added(tables, text, end, found) {
            value += more;
            end = stop;
        }
    }
    let mut behind = None;
    let mut after = skip_blanks(text, end, 2);
    if let Some(b'+') = text.as_bytes().get(after) {
        after = skip_blanks(text, after + 1, 2);
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
    Some(Part { literal: number, factor, value, start, end, before, behind })
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

/// What a number behind a large multiplier adds: 7tr5, 3万5, 2万5千, 1 lakh 20 thousand.
fn added(tables: &Tables, text: &str, at: usize, factor: Factor) -> Option<(f64, usize)> {
    if factor.value < 1e4 {
        return None;
    }
    let from = skip_blanks(text, at, 1);
    let run = digit_run(text.as_bytes(), from);
    if run == 0 || run > 4 {
        return None;
    }
    let digits: f64 = text.get(from..from + run)?.parse().ok()?;
    if let Some((small, end)) = factor_behind(tables, text, from + run) {
        return (small.value < factor.value && digits * small.value < factor.value)
            .then_some((digits * small.value, end));
    }
    let alone = run == 1 && from == at && !matches!(char_at(text, from + run), Some('.' | ',' | '-' | ':' | '/'));
    alone.then_some((digits * factor.value / 10.0, from + run))
}

/// The upper end of the range that `first` begins.
fn range_end(tables: &Tables, text: &str, first: &Part) -> Option<Part> {
    let straight = skip_blanks(text, first.end, 2);
    let behind_period = adjacent_period(tables, text, first.end).map(|(_, end)| skip_blanks(text, end, 2));
    let (connector, word) = [Some(straight), behind_period].into_iter().flatten().find_map(|at| {
        tables.connectors.find(text, at).map(|hit| (hit.end, char_at(text, at).is_some_and(is_letter)))
    })?;
    let mut at = skip_blanks(text, connector, 2);
    let from = at;
    let mut ahead = None;
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    if !is_digit(at) {
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
    if !is_digit(at) {
        return None;
    }
    let number = literal(text, at)?;
    let second = part(tables, text, number, from, ahead)?;
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
fn scaled_low(first: &Part, second: &Part) -> f64 {
    match (first.factor, second.factor) {
        (None, Some(factor)) if first.value * factor.value <= second.value => {
            (first.value * factor.value * 1e2).round() / 1e2
        }
        _ => first.value,
    }
}

/// The upper end, with the multiplier that stands only at the lower one: 15k - 20.
fn scaled_high(first: &Part, second: &Part) -> f64 {
    match (first.factor, second.factor) {
        (Some(factor), None) if second.value < first.value && second.value < 1000.0 => second.value * factor.value,
        _ => second.value,
    }
}

/// Whether a weak spelling beside this number means money.
fn looks_like_amount(first: &Part, high: f64, period: Option<Near>) -> bool {
    let plain = high >= 100.0 && !first.literal.looks_like_year() && !first.literal.leading_zero;
    plain || period.is_some_and(|period| period.adjacent) && high > 0.0
}

/// The number stands behind a letter, hyphen or slash of the same word, and is no amount of its own.
fn follows_word(text: &str, start: usize) -> bool {
    let touches = char_before(text, start).is_some_and(|c| c.is_ascii_alphanumeric());
    touches && char_at(text, start).is_some_and(|c| c.is_ascii_digit())
}

fn is_percent(text: &str, end: usize) -> bool {
    matches!(char_at(text, skip_blanks(text, end, 1)), Some('%' | '٪'))
}

/// Whether the number that ends here counts people, hours and such.
fn counts(tables: &Tables, text: &str, end: usize) -> bool {
    let plus = if char_at(text, end) == Some('+') { end + 1 } else { end };
    tables.counters.find(text, skip_blanks(text, plus, 2)).is_some()
}

/// Currencies that the surroundings speak for, the strongest first.
#[derive(Clone, Copy, Debug, Default)]
struct Hints {
    all: [Option<u8>; 4],
    /// A pay word stands near.
    pay: bool,
    /// It stands straight in front.
    pay_adjacent: bool,
}

impl Hints {
    fn gather(tables: &Tables, text: &str, first: &Part, last: &Part, context: Context) -> Hints {
        let factor = last.factor.or(first.factor).and_then(|factor| factor.hint);
        let from = window_start(text, first.start, context.floor);
        let ahead = tables.pay.find_last_in(text, from, first.start);
        let behind = tables.pay.find_in(text, last.end, window_end(text, last.end, 24));
        let pay = ahead.or(behind).and_then(|hit| hit.value);
        let code = |code: &str| {
            let code = CurrencyCode::new(code)?;
            tables.currencies.iter().position(|currency| currency.code == code).and_then(|at| u8::try_from(at).ok())
        };
        // 万 is Chinese and Japanese; kana tell.
        let kana = if context.kana { code("JPY") } else { None };
        let factor = match (kana, factor) {
            (Some(kana), Some(hint)) if Some(hint) == code("CNY") => Some(kana),
            (_, factor) => factor,
        };
        Hints {
            all: [factor, kana, pay, behind.and_then(|hit| hit.value)],
            pay: ahead.is_some() || behind.is_some() || context.pay_field,
            pay_adjacent: ahead.is_some_and(|hit| first.start - hit.end <= 6),
        }
    }
}

/// The currency that a spelling means here.
fn choose(tables: &Tables, sign: &Spelling, hints: &Hints) -> Option<CurrencyCode> {
    let sharers = sign.sharers();
    let hinted = hints.all.iter().flatten().find(|hint| sharers.contains(hint));
    let index = hinted.or_else(|| sharers.first())?;
    tables.currency(*index).map(|currency| currency.code)
}

/// A number without a currency: money beside a pay word, or with a multiplier that is said of money only.
fn bare(
    tables: &Tables,
    text: &str,
    (first, last): (&Part, &Part),
    (low, high): (f64, f64),
    period: Option<Near>,
    hints: &Hints,
    context: Context,
) -> Option<Found> {
    let number = first.literal;
    let factor = last.factor.or(first.factor);
    let said_of_money = factor.is_some_and(|factor| factor.money);
    let per = period.is_some_and(|period| period.adjacent);
    if !(hints.pay || said_of_money || factor.is_some() && per) || high < 100.0 {
        return None;
    }
    let (start, end) = (first.literal.start.min(first.start), last.end);
    let year = number.looks_like_year() && factor.is_none() && !hints.pay_adjacent && !context.pay_field;
    let code = number.leading_zero || number.digits > 9 && !number.grouped;
    let before = char_before(text, number.start);
    let joined =
        matches!(before, Some('/' | ':' | '#' | '_' | '@' | '.')) || before.is_some_and(|c| c.is_ascii_alphabetic());
    let goes_on = matches!(char_at(text, end), Some(':' | '/' | '.' | '-' | '@' | '_'))
        && char_at(text, end + 1).is_some_and(|c| c.is_ascii_digit());
    let word_goes_on = char_at(text, end).is_some_and(|c| c.is_ascii_alphabetic());
    if year || code || joined || goes_on || word_goes_on || is_percent(text, end) || counts(tables, text, end) {
        return None;
    }
    let per = period.map_or(Period::Unknown, |period| period.per);
    let currency = hints.all.iter().flatten().find_map(|hint| {
        let currency = tables.currency(*hint)?;
        let month = monthly(high, per, currency.month)?;
        (month >= currency.month.0 / 2.0 && month <= currency.month.1 * 2.0).then_some(currency.code)
    });
    Some(Found { start, end, explicit: false, money: priced(tables, low, high, currency, per) })
}

/// What `amount` is a month, in its own currency; none when no period makes it a month's pay.
fn monthly(amount: f64, period: Period, month: (f64, f64)) -> Option<f64> {
    if period != Period::Unknown {
        return Some(amount * period.per_month());
    }
    // The span that makes least of the amount: a guess must not turn a bonus into a fortune.
    let likely = [Period::Month, Period::Week, Period::Day, Period::Hour];
    let fits = |period: &Period| (month.0..=month.1).contains(&(amount * period.per_month()));
    let order: &[Period] = if amount > month.1 { &[Period::Year] } else { &likely };
    order.iter().find(|period| fits(period)).map(|period| amount * period.per_month())
}

fn priced(tables: &Tables, low: f64, high: f64, currency: Option<CurrencyCode>, period: Period) -> Money {
    let row = currency.and_then(|code| tables.by_code(code));
    // Both ends are read with one period, the one that fits the larger amount.
    let scale = row.and_then(|row| monthly(high, period, row.month).map(|month| month / high * row.usd));
    let usd = |amount: f64| scale.map(|scale| amount * scale).filter(|usd| usd.is_finite());
    Money { low, high, currency, period, usd_month_low: usd(low), usd_month_high: usd(high) }
}

#[cfg(test)]
#[path = "money_tests.rs"]
pub(crate) mod tests;
