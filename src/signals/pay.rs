/*!
Is the pay high for the work and the people addressed? A table of what work pays, by country and kind of work, and how
far an amount is above it.
*/

use super::whereabouts::Whereabouts;
use crate::entities::reading::Reading;
use crate::entities::{EntityKind, Money, Period, PlaceKind};
use crate::text::language::Language;

/// The kind of work that pay is compared with, by its column in the table of wages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Work that asks for little: typing, chatting, answering calls.
    Desk = 0,
    /// Professional and tech work.
    Professional = 2,
}

/// Gross US dollars a month by country and kind of work.
#[derive(Debug)]
pub(crate) struct Wages {
    rows: Vec<(&'static str, [f64; 3])>,
}

/// Amounts outside these bounds (US dollars a month) are not anybody's pay.
const PLAUSIBLE: std::ops::Range<f64> = 40.0..100_000.0;

/// The share of a full month that work paid by the hour mostly comes to.
const HOURS_PAID: f64 = 0.5;

impl Wages {
    pub(crate) fn embedded() -> Wages {
        let rows = include_str!("data/wages.tsv")
            .lines()
            .filter(|l| !l.starts_with('#'))
            .filter_map(|line| {
                let mut columns = line.split('\t');
                let country = columns.next()?;
                let mut next = || columns.next()?.parse().ok();
                Some((country, [next()?, next()?, next()?]))
            })
            .collect();
        Wages { rows }
    }

    fn get(&self, country: &str, work: Work) -> Option<f64> {
        self.rows.iter().find(|r| r.0 == country).map(|r| r.1[work as usize])
    }

    /// What such work pays in the best paid of these countries.
    pub(crate) fn best(&self, countries: &[&str], work: Work) -> Option<f64> {
        countries.iter().filter_map(|country| self.get(country, work)).reduce(f64::max)
    }

    /// What such work pays the people addressed: in the country of the currency where they live there, else in the best
    /// paid of their countries. Where nothing tells who they are: for work abroad in the countries that people leave for
    /// work, else in the country of the currency, else where the work is, else an average of the world.
    pub(crate) fn reference(&self, place: &Whereabouts<'_>, abroad: bool, money: &Money, work: Work) -> f64 {
        let currency = money.currency.and_then(|c| country_of_currency(c.as_str()));
        let leaving = || if abroad { self.get("XX", work) } else { None };
        let local = || currency.filter(|c| place.audience.is_empty() || place.audience.contains(c));
        (if place.audience.is_empty() { leaving() } else { None })
            .or_else(|| local().and_then(|c| self.get(c, work)))
            .or_else(|| self.best(&place.audience, work))
            .or_else(|| self.best(&place.workplaces, work))
            .or_else(|| self.get("ZZ", work))
            .unwrap_or(f64::INFINITY)
    }
}

/// The country whose currency most of the amounts are in; none where that is a currency of several countries.
pub(crate) fn paid_in(reading: &Reading) -> Option<&'static str> {
    let mut counts: Vec<(usize, &'static str)> = Vec::new();
    for (_, _, money) in amounts(reading) {
        let code = money.currency.as_ref().map(|c| c.as_str()).filter(|&c| c != "EUR");
        let Some(country) = code.and_then(country_of_currency) else { continue };
        match counts.iter_mut().find(|c| c.1 == country) {
            Some(held) => held.0 += 1,
            None => counts.push((1, country)),
        }
    }
    counts.into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|c| c.1)
}

/// Countries where the readers of a language mostly are; for world languages, none.
pub(crate) fn home(language: Language) -> &'static [&'static str] {
    match language {
        Language::Th => &["TH"],
        Language::Vi => &["VN"],
        Language::Id => &["ID"],
        Language::Ms => &["MY", "BN", "SG"],
        Language::Tl => &["PH"],
        Language::Hi => &["IN"],
        Language::Ur => &["PK", "IN"],
        Language::Bn => &["BD", "IN"],
        Language::Ta => &["IN", "LK"],
        Language::Ne => &["NP"],
        Language::My => &["MM"],
        Language::Km => &["KH"],
        Language::Lo => &["LA"],
        Language::Ja => &["JP"],
        Language::Ko => &["KR"],
        Language::ZhHans => &["CN"],
        Language::ZhHant => &["TW", "HK", "MO"],
        Language::Ru => &["RU", "BY", "KZ", "KG", "UZ", "TJ", "UA", "AM"],
        Language::Sw => &["KE", "TZ", "UG", "RW", "CD", "BI"],
        Language::Pt => &["BR", "PT", "AO", "MZ"],
        Language::En | Language::Es | Language::Fr | Language::Ar | Language::Unknown => &[],
    }
}

/// The country whose pay a currency stands for; none for the currencies of the world.
fn country_of_currency(code: &str) -> Option<&'static str> {
    const ROWS: &[(&str, &str)] = &[
        ("AED", "AE"),
        ("AUD", "AU"),
        ("BDT", "BD"),
        ("BRL", "BR"),
        ("CAD", "CA"),
        ("CNY", "CN"),
        ("COP", "CO"),
        ("EGP", "EG"),
        ("ETB", "ET"),
        ("EUR", "DE"),
        ("GBP", "GB"),
        ("GHS", "GH"),
        ("HKD", "HK"),
        ("IDR", "ID"),
        ("INR", "IN"),
        ("JPY", "JP"),
        ("KES", "KE"),
        ("KGS", "KG"),
        ("KHR", "KH"),
        ("KRW", "KR"),
        ("KWD", "KW"),
        ("KZT", "KZ"),
        ("LAK", "LA"),
        ("LKR", "LK"),
        ("MAD", "MA"),
        ("MMK", "MM"),
        ("MXN", "MX"),
        ("MYR", "MY"),
        ("NGN", "NG"),
        ("NPR", "NP"),
        ("NZD", "NZ"),
        ("PEN", "PE"),
        ("PHP", "PH"),
        ("PKR", "PK"),
        ("PLN", "PL"),
        ("QAR", "QA"),
        ("RUB", "RU"),
        ("SAR", "SA"),
        ("SGD", "SG"),
        ("THB", "TH"),
        ("TRY", "TR"),
        ("TWD", "TW"),
        ("TZS", "TZ"),
        ("UAH", "UA"),
        ("UGX", "UG"),
        ("UZS", "UZ"),
        ("VND", "VN"),
        ("ZAR", "ZA"),
        ("ZMW", "ZM"),
    ];
    ROWS.iter().find(|r| r.0 == code).map(|r| r.1)
}

/// What tells whether an amount is high, beside the amount.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Circumstances {
    /// What low-bar desk work pays the people addressed, US dollars a month.
    pub(crate) desk: f64,
    /// What professional work pays them.
    pub(crate) professional: f64,
    /// What low-bar desk work pays where the work is; none where nothing tells where that is.
    pub(crate) desk_there: Option<f64>,
    /// How plainly little is asked for, 0 to 1.
    pub(crate) low_bar: f64,
    /// The posting speaks of a profession.
    pub(crate) profession: bool,
    /// The work is abroad.
    pub(crate) abroad: bool,
    /// The amount says for which time it is paid.
    pub(crate) period_stated: bool,
}

/// More than so many times the usual pay says no more.
const MOST_TIMES: f64 = 5.0;

/// The log-odds of 0.3, from which on an amount is called high: where precision and recall are closest.
const HIGH: f64 = -0.85;

/// How high a month's pay is: 0 where it is not, 0.4 where it just is, 1 at most.
///
/// Which role is paid is often misread, and what it pays is known to within a third. So no single rate decides: the
/// log-odds are those of a logistic regression on the amounts of the marked train families and pages (5,643, of which
/// 1,342 are marked as high pay), its weights rounded.
pub(crate) fn strength(usd_month: f64, c: &Circumstances) -> f64 {
    let times = |pay: f64| (usd_month / pay).min(MOST_TIMES).ln();
    let is = f64::from;
    let log_odds = times(c.desk) + 0.3 * times(c.professional) + 0.5 * times(c.desk_there.unwrap_or(c.desk)) - 2.1
        + 1.25 * c.low_bar
        - 0.9 * is(u8::from(c.profession))
        + 0.6 * is(u8::from(c.abroad))
        - 0.4 * is(u8::from(!c.period_stated));
    if log_odds < HIGH { 0.0 } else { (0.4 + (log_odds - HIGH) / 4.0).min(1.0) }
}

/// The pay that an amount states, in US dollars a month; `None` when it is no pay.
///
/// An amount whose period is not stated is pay only where `beside_pay_word` or in a field for pay.
pub(crate) fn monthly(money: &Money, beside_pay_word: bool) -> Option<f64> {
    let usd = money.usd_month_high?;
    let stated = money.period != Period::Unknown || beside_pay_word;
    let usd = if money.period == Period::Hour { usd * HOURS_PAID } else { usd };
    (stated && PLAUSIBLE.contains(&usd)).then_some(usd)
}

/// The amounts of a reading, as (segment, entity number, amount).
pub(crate) fn amounts(reading: &Reading) -> impl Iterator<Item = (usize, usize, &Money)> {
    reading.segments.iter().enumerate().flat_map(|(s, segment)| {
        segment.entities.iter().enumerate().filter_map(move |(e, entity)| match &entity.kind {
            EntityKind::Money(money) => Some((s, e, money)),
            _ => None,
        })
    })
}

/// Whether naming this kind of place says where the work is.
pub(crate) fn tells_country(kind: PlaceKind) -> bool {
    kind != PlaceKind::Region
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::CurrencyCode;

    fn money(currency: Option<&str>) -> Money {
        Money {
            low: 800.0,
            high: 800.0,
            currency: currency.and_then(CurrencyCode::new),
            period: Period::Month,
            usd_month_low: Some(800.0),
            usd_month_high: Some(800.0),
        }
    }

    #[test]
    fn the_same_pay_is_high_in_nairobi_and_low_in_berlin() {
        let wages = Wages::embedded();
        let usd = money(Some("USD"));
        let readers_in = |country| Whereabouts::addressing(vec![country]);
        let pays = |country, abroad| Circumstances {
            desk: wages.reference(&readers_in(country), abroad, &usd, Work::Desk),
            professional: wages.reference(&readers_in(country), abroad, &usd, Work::Professional),
            abroad,
            period_stated: true,
            ..Circumstances::default()
        };
        let typist = Circumstances { low_bar: 1.0, ..pays("KE", false) };
        assert!(strength(800.0, &typist) > 0.8);
        let engineer = Circumstances { profession: true, ..pays("DE", true) };
        assert_eq!(strength(800.0, &engineer), 0.0);
        // More pay is never less high, nor is less asked for it.
        assert!(strength(1600.0, &typist) >= strength(800.0, &typist));
        assert!(strength(800.0, &typist) > strength(800.0, &pays("KE", false)));
        // Kenyan shillings tell who reads, where nothing else does; they do not make Germans Kenyan.
        let shillings = money(Some("KES"));
        let kenya = wages.get("KE", Work::Desk).unwrap();
        assert_eq!(wages.reference(&Whereabouts::addressing(vec![]), false, &shillings, Work::Desk), kenya);
        assert!(wages.reference(&readers_in("DE"), true, &shillings, Work::Desk) > kenya);
    }

    #[test]
    fn the_table_is_whole() {
        let wages = Wages::embedded();
        assert!(wages.rows.len() > 110);
        assert!(wages.rows.iter().all(|(_, w)| w[0] <= w[1] && w[1] <= w[2]));
        assert!(wages.get("ZZ", Work::Desk).is_some());
    }
}
