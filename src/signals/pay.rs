/*!
Is the pay high for the work and the people addressed? A table of what work pays, by country and kind of work.
*/

use crate::entities::reading::Reading;
use crate::entities::{EntityKind, Money, Period, PlaceKind};
use crate::text::language::Language;

/// The kind of work that pay is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Work that asks for little: typing, chatting, answering calls.
    Desk = 0,
    /// Ordinary skilled work.
    Skilled = 1,
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

    /// What such work pays the people addressed: where the currency names a country, there; else at home, where the
    /// language names one; else the best paid of the places named; else an average of the world.
    pub(crate) fn reference(&self, audience: &Audience<'_>, money: &Money, work: Work) -> f64 {
        let by_currency = money.currency.and_then(|c| country_of_currency(c.as_str())).and_then(|c| self.get(c, work));
        let by_home = audience.home.iter().filter_map(|c| self.get(c, work)).fold(None, max);
        let by_place = audience.places.iter().filter_map(|c| self.get(c, work)).fold(None, max);
        by_currency.or(by_home).or(by_place).or_else(|| self.get("ZZ", work)).unwrap_or(f64::INFINITY)
    }
}

fn max(best: Option<f64>, next: f64) -> Option<f64> {
    Some(best.map_or(next, |b| b.max(next)))
}

/// Whom a posting addresses, as far as it shows.
#[derive(Debug, Default)]
pub(crate) struct Audience<'a> {
    /// Countries where the posting's language is at home; empty for world languages.
    pub(crate) home: &'static [&'static str],
    /// Countries that the posting names.
    pub(crate) places: Vec<&'a str>,
}

impl<'a> Audience<'a> {
    pub(crate) fn of(reading: &Reading, countries: impl Iterator<Item = &'a str>) -> Audience<'a> {
        let mut places: Vec<&'a str> = countries.filter(|c| *c != "ZZ").collect();
        places.sort_unstable();
        places.dedup();
        Audience { home: home(reading.written.language), places }
    }
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

/// How high a month's pay is against what is usual: 0 up to 1.3 times, 1 from 3 times.
pub(crate) fn strength(usd_month: f64, reference: f64) -> f64 {
    let strength = ((usd_month / reference - 1.3) / 1.7).clamp(0.0, 1.0);
    if strength < 0.15 { 0.0 } else { strength }
}

/// The pay that an amount states, in US dollars a month; `None` when it is no pay.
///
/// An amount whose period is not stated is pay only where `beside_pay_word` or in a field for pay.
pub(crate) fn monthly(money: &Money, beside_pay_word: bool) -> Option<f64> {
    let usd = money.usd_month_high?;
    let stated = money.period != Period::Unknown || beside_pay_word;
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
        let at = |country| Audience { home: &[], places: vec![country] };
        let usd = money(Some("USD"));
        assert!(strength(800.0, wages.reference(&at("KE"), &usd, Work::Desk)) > 0.9);
        assert_eq!(strength(800.0, wages.reference(&at("DE"), &usd, Work::Professional)), 0.0);
        assert_eq!(wages.reference(&at("DE"), &money(Some("KES")), Work::Desk), 200.0);
    }

    #[test]
    fn the_table_is_whole() {
        let wages = Wages::embedded();
        assert!(wages.rows.len() > 110);
        assert!(wages.rows.iter().all(|(_, w)| w[0] <= w[1] && w[1] <= w[2]));
        assert!(wages.get("ZZ", Work::Desk).is_some());
    }
}
