/*!
Amounts of money: which numbers are pay, in what currency, for what span of time, and what a month of it is in dollars.

A number is money because of its neighbours: a sign, code or name of a currency on either side of it (or of the other
end of its range), a multiplier that is said of money only, or a pay word in front. The period is the nearest word that
names one; without any, the amount itself decides, by what a month's pay in that currency can be. All words stand in
tables; this file knows only how the pieces join.
*/

use super::chars::{char_at, char_before, skip_blanks};
use super::part::{Part, counts, is_percent, number_at, part, range_end, scaled_high, scaled_low};
use super::period::{Near, Period, period, window_end, window_start};
use super::tables::{Currency, CurrencyCode, Spelling, Stand, Tables};

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

/// What surrounds the amounts of one text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context {
    /// The text is nothing but a statement of pay: a bare number needs no pay word.
    pub(crate) pay_field: bool,
    /// Nothing before this byte belongs to the amount.
    pub(crate) floor: usize,
    /// Kana occur: the text is Japanese.
    pub(crate) kana: bool,
    /// The dollar that the text has named last, other than the American: its `$` may be short for that.
    pub(crate) dollar: Option<CurrencyCode>,
}

/// The money whose first number begins at byte `at`, if that number is money.
pub(crate) fn money_at(tables: &Tables, text: &str, at: usize, context: Context) -> Option<Found> {
    let number = number_at(tables, text, at)?;
    if tables.idioms.find(text, at).is_some() {
        return None;
    }
    let first = part(tables, text, number, context.floor, None);
    let second = range_end(tables, text, &first);
    let last = second.unwrap_or(first);
    let (low, high) = match second {
        Some(second) => (scaled_low(&first, &second), scaled_high(&first, &second)),
        None => (first.value, first.value),
    };

    let signs = [first.before, first.behind, last.before, last.behind];
    // Most numbers are small and stand alone: ages, hours, counts. Their surroundings need not be read.
    if high < 100.0 && signs.iter().all(Option::is_none) {
        return None;
    }
    // "一块" is also "together"; a few coins in words are nobody's pay.
    if number.literal.in_words() && (high < 10.0 || number.literal.only_multiplier() && owns_next(text, last.end)) {
        return None;
    }
    let firm = signs.iter().flatten().find(|sign| !sign.shared && sign.stand == Stand::Free);
    // "$15,000 pesos": the word that leaves more open is the one that was added to be clear.
    let shared = signs.iter().flatten().filter(|sign| sign.shared).max_by_key(|sign| (sign.upto.is_none(), sign.count));
    let weak = signs.iter().flatten().find(|sign| sign.stand == Stand::Weak);
    let said = last.factor.or(first.factor).and_then(|factor| factor.per).map(|per| Near { per, adjacent: true });
    let period = said.or_else(|| period(tables, text, first.start, last.end, context.floor));
    let told = firm.is_some_and(|sign| sign.count == 1);
    let per = period.map_or(Period::Unknown, |period| period.per);
    let hints = if told { Hints::default() } else { Hints::gather(tables, text, &first, &last, context) };

    let (start, end) = (first.start, last.end);
    let currency = if let Some(sign) = firm.or(shared) {
        // A sign that is shared may be told by a weak code beside it: "$ 800 cad".
        let sign = if firm.is_none() { weak.unwrap_or(sign) } else { sign };
        choose(tables, sign, &hints, high, per)
    } else if let Some(sign) = weak.filter(|_| looks_like_amount(text, &first, high, period)) {
        choose(tables, sign, &hints, high, per)
    } else {
        return bare(tables, text, (&first, &last), (low, high), period, &hints, context);
    };
    if follows_word(text, start) || is_percent(text, end) {
        return None;
    }
    Some(Found { start, end, explicit: true, money: priced(tables, low, high, currency, per) })
}

/// Whether this is a dollar, other than the American, whose sign a text may shorten.
pub(crate) fn is_dollar(code: CurrencyCode) -> bool {
    matches!(code.as_str(), "TWD" | "HKD" | "SGD" | "AUD" | "NZD" | "CAD" | "MXN")
}

/// A number follows, so that the sign in front of it is that number's.
fn owns_next(text: &str, end: usize) -> bool {
    char_at(text, skip_blanks(text, end, 2)).is_some_and(|c| c.is_ascii_digit())
}

/// Whether a weak spelling beside this number means money.
fn looks_like_amount(text: &str, first: &Part, high: f64, period: Option<Near>) -> bool {
    // CAT-793F
    if char_before(text, first.start) == Some('-')
        && char_before(text, first.start - 1).is_some_and(|c| c.is_ascii_alphabetic())
    {
        return false;
    }
    let plain = high >= 100.0 && !first.literal.looks_like_year() && !first.literal.leading_zero;
    plain || period.is_some_and(|period| period.adjacent) && high > 0.0
}

/// The number stands behind a letter, hyphen or slash of the same word, and is no amount of its own.
fn follows_word(text: &str, start: usize) -> bool {
    let touches = char_before(text, start).is_some_and(|c| c.is_ascii_alphanumeric());
    touches && char_at(text, start).is_some_and(|c| c.is_ascii_digit())
}

/// Currencies that the surroundings speak for, the strongest first.
#[derive(Clone, Copy, Debug, Default)]
struct Hints {
    all: [Option<u8>; 10],
    /// A pay word stands near.
    pay: bool,
    /// It stands straight in front.
    pay_adjacent: bool,
}

impl Hints {
    fn gather(tables: &Tables, text: &str, first: &Part, last: &Part, context: Context) -> Hints {
        let [factor, factor_or] = last.factor.or(first.factor).map_or([None; 2], |factor| factor.hint);
        let from = window_start(text, first.start, context.floor);
        let ahead = tables.pay.find_last_in(text, from, first.start);
        let behind = tables.pay.find_in(text, last.end, window_end(text, last.end, 24));
        let [pay, pay_or] = ahead.or(behind).map_or([None; 2], |hit| hit.value);
        let [later, later_or] = behind.map_or([None; 2], |hit| hit.value);
        let index = |code: CurrencyCode| {
            tables.currencies.iter().position(|currency| currency.code == code).and_then(|at| u8::try_from(at).ok())
        };
        let code = |code: &str| CurrencyCode::new(code).and_then(index);
        // 万 is Chinese and Japanese; kana tell.
        let kana = if context.kana { code("JPY") } else { None };
        let factor = match (kana, factor) {
            (Some(kana), Some(hint)) if Some(hint) == code("CNY") => Some(kana),
            (_, factor) => factor,
        };
        // हजार is said in India and in Nepal; the word for pay tells.
        let (factor, factor_or) =
            if factor_or.is_some() && factor_or == pay { (pay, factor) } else { (factor, factor_or) };
        let dollar = context.dollar.and_then(index);
        // Lakhs and crores are grouped by two: 1,00,000.
        let indian = if first.literal.indian { code("INR") } else { None };
        let (head, tail) = (text.get(from..first.start), text.get(last.end..));
        let home = tables
            .at_home(tail.unwrap_or_default().chars().take(16))
            .or_else(|| tables.at_home(head.unwrap_or_default().chars().rev()));
        Hints {
            all: [dollar, factor, factor_or, kana, pay, pay_or, later, later_or, home, indian],
            pay: ahead.is_some() || behind.is_some() || context.pay_field,
            pay_adjacent: ahead.is_some_and(|hit| first.start - hit.end <= 6),
        }
    }
}

/// The currency that a spelling means here: one that the surroundings speak for and in which the amount can be pay,
/// else the likeliest.
fn choose(tables: &Tables, sign: &Spelling, hints: &Hints, amount: f64, per: Period) -> Option<CurrencyCode> {
    let sharers = sign.sharers();
    let first = *sharers.first()?;
    let can_be = |index: u8| {
        let currency = tables.currency(index).filter(|currency| pays(currency, amount, per, 1.0))?;
        Some(currency.code)
    };
    if let Some(upto) = sign.upto
        && amount * per.per_month() <= f64::from(upto)
        && hints.all[0].is_none_or(|dollar| !sharers.contains(&dollar))
    {
        return tables.currency(first).map(|currency| currency.code);
    }
    let hinted = hints.all.iter().flatten().copied().filter(|hint| sharers.contains(hint)).find_map(can_be);
    let other =
        || if sign.upto.is_none() || sharers.len() == 2 { sharers.iter().copied().find_map(can_be) } else { None };
    hinted.or_else(other).or_else(|| tables.currency(first).map(|currency| currency.code))
}

/// Whether an amount can be a month's pay in a currency, or nearly so.
fn pays(currency: &Currency, amount: f64, per: Period, slack: f64) -> bool {
    let (least, most) = currency.month;
    monthly(amount, per, currency.month).is_some_and(|month| month >= least / slack && month <= most * slack)
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
    // Words for numbers are everywhere; beside a pay word they must be large, or stand close to it.
    let close = hints.pay_adjacent || per || context.pay_field;
    let large = high >= 1000.0 && (close || !number.only_multiplier());
    if number.in_words() && !(large || !number.only_multiplier() && (close || said_of_money)) {
        return None;
    }
    let (start, end) = (first.literal.start.min(first.start), last.end);
    let year = number.looks_like_year() && factor.is_none() && !hints.pay_adjacent && !context.pay_field;
    let code = number.leading_zero || number.digits > 9 && !number.grouped;
    let before = char_before(text, number.start);
    let joined = matches!(before, Some('/' | ':' | '#' | '_' | '@' | '.' | '之' | '第'))
        || before.is_some_and(|c| c.is_ascii_alphabetic());
    let goes_on = matches!(char_at(text, end), Some(':' | '/' | '.' | '-' | '@' | '_'))
        && char_at(text, end + 1).is_some_and(|c| c.is_ascii_digit());
    let word_goes_on = char_at(text, end).is_some_and(|c| c.is_ascii_alphabetic());
    if year || code || joined || goes_on || word_goes_on || is_percent(text, end) || counts(tables, text, end) {
        return None;
    }
    let per = period.map_or(Period::Unknown, |period| period.per);
    let hinted = || hints.all.iter().flatten().filter_map(|hint| tables.currency(*hint));
    let said = hinted().find(|currency| pays(currency, high, per, 2.0));
    // 월 700 is seven million won.
    let countable = |currency: &&Currency| currency.spoken > 1.0 && pays(currency, high * currency.spoken, per, 1.0);
    let spoken = if said.is_none() && factor.is_none() && close { hinted().find(countable) } else { None };
    let scale = spoken.map_or(1.0, |currency| currency.spoken);
    let currency = said.or(spoken).map(|currency| currency.code);
    let money = priced(tables, low * scale, high * scale, currency, per);
    Some(Found { start, end, explicit: false, money })
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
