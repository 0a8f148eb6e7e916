/*!
Dates of feeds in ISO 8601, where it is certain which day is meant.

RSS writes `Mon, 05 Oct 2026 09:30:00 +0200`, Jobrapido `19/10/2018`. The tenth of May and the fifth of October are both
`05/10/2026`, and such a date stays as it is.
*/

use jiff::civil::Date;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Zones of RFC 822 that are no offset.
const ZONES: [(&str, &str); 13] = [
    ("z", "Z"),
    ("ut", "Z"),
    ("utc", "Z"),
    ("gmt", "Z"),
    ("+0000", "Z"),
    ("est", "-05:00"),
    ("edt", "-04:00"),
    ("cst", "-06:00"),
    ("cdt", "-05:00"),
    ("mst", "-07:00"),
    ("mdt", "-06:00"),
    ("pst", "-08:00"),
    ("pdt", "-07:00"),
];

/// The date in ISO 8601; none when it is already, or when it cannot be known.
pub(super) fn iso(text: &str) -> Option<String> {
    let text = text.trim();
    // Longer than any date with its day's name and zone.
    if text.len() > 48 || !text.is_ascii() {
        return None;
    }
    let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
    if words.first().is_some_and(|word| word.ends_with(',') && !word.starts_with(|c: char| c.is_ascii_digit())) {
        words.remove(0);
    }
    let (date, rest) = match words.as_slice() {
        [date, rest @ ..] if date.contains(['/', '.', '-']) => (numeric(date)?, rest),
        [day, month, year, rest @ ..] => {
            let month = month.get(..3)?.to_ascii_lowercase();
            let month = MONTHS.iter().position(|m| *m == month)? as u32 + 1;
            (calendar(number(year, 4)?, month, number(day, 2)?)?, rest)
        }
        _ => return None,
    };
    let (time, zone) = match rest {
        [] => return Some(date),
        [time] => (time, String::new()),
        [time, zone] => (time, offset(zone)?),
        _ => return None,
    };
    Some(format!("{date}T{}{zone}", clock(time)?))
}

/// `19/10/2018`, `19.10.2018` or `10/19/2018`.
fn numeric(text: &str) -> Option<String> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = text.split(separator);
    let (first, second, year) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 4)?);
    if parts.next().is_some() {
        return None;
    }
    // With dots the day always comes first; with slashes it depends on who writes.
    match (separator == '.' || first > 12 || first == second, second > 12) {
        (true, _) => calendar(year, second, first),
        (false, true) => calendar(year, first, second),
        (false, false) => None,
    }
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let long_enough = if digits == 4 { text.len() == 4 } else { (1..=digits).contains(&text.len()) };
    (long_enough && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn calendar(year: u32, month: u32, day: u32) -> Option<String> {
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    date.ok().map(|date| date.to_string())
}

fn clock(text: &str) -> Option<String> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |second| number(second, 2))?;
    let valid = parts.next().is_none() && hour < 24 && minute < 60 && second <= 60;
    valid.then(|| format!("{hour:02}:{minute:02}:{second:02}"))
}

fn offset(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if let Some((_, offset)) = ZONES.iter().find(|(name, _)| *name == lower) {
        return Some((*offset).to_owned());
    }
    let digits = text.strip_prefix(['+', '-'])?;
    let valid = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    valid.then(|| format!("{}{}:{}", &text[..1], &digits[..2], &digits[2..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn certain_dates_are_written_as_iso_8601() {
        for (text, expected) in [
            ("Mon, 05 Oct 2026 09:30:00 GMT", "2026-10-05T09:30:00Z"),
            ("Mon, 5 October 2026 09:30 +0200", "2026-10-05T09:30:00+02:00"),
            ("29 Feb 2024", "2024-02-29"),
            ("05 Oct 2026 23:59:60 EST", "2026-10-05T23:59:60-05:00"),
            ("19/10/2018", "2018-10-19"),
            ("10/19/2018", "2018-10-19"),
            ("05.10.2026", "2026-10-05"),
            ("7/7/2026 8:05", "2026-07-07T08:05:00"),
            (" 31-12-2026 ", "2026-12-31"),
        ] {
            assert_eq!(iso(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_iso_or_unsure_stays() {
        for text in [
            "2026-10-05",
            "2026-10-05T09:30:00Z",
            "2026-10-05 09:30:00",
            "05/10/2026",
            "30/02/2026",
            "29 Feb 2026",
            "13/13/2026",
            "19/10/18",
            "1791234567",
            "yesterday",
            "",
            "Mon,",
            "5 Oktober",
            "19/10/2018 25:00",
            "19/10/2018 at noon ok",
            "１９/10/2018",
            "05 Oct 2026 09:30:00 Paris",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[0-9/.:, +a-zA-Zé-]{0,30}") {
            let _ = iso(&text);
        }
    }
}
