/*!
When something was posted, as the feeds of the world write it.
*/

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;

/// The point in time that a feed states: RFC 3339, ISO 8601 with or without a time (UTC where no zone is given), RFC 2822,
/// or seconds or milliseconds since 1970. None for anything else: whether 03/04 is in March or April cannot be known.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return match text.len() {
            9 | 10 => Timestamp::from_second(number).ok(),
            12 | 13 => Timestamp::from_millisecond(number).ok(),
            _ => None,
        };
    }
    let civil = |text: &str| {
        let time: DateTime = text.parse().ok()?;
        time.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    let year_first = text.get(..5).is_some_and(|start| start.ends_with('/'));
    text.parse()
        .ok()
        .or_else(|| civil(text))
        .or_else(|| DateTimeParser::new().parse_timestamp(text).ok())
        .or_else(|| year_first.then(|| civil(&text.replace('/', "-"))).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_feeds_write_them() {
        for (text, time) in [
            ("2026-03-04T05:06:07Z", "2026-03-04T05:06:07Z"),
            ("2026-03-04T05:06:07.25+07:00", "2026-03-03T22:06:07.25Z"),
            ("2026-03-04T05:06:07+0700", "2026-03-03T22:06:07Z"),
            ("2026-03-04 05:06:07", "2026-03-04T05:06:07Z"),
            (" 2026-03-04 ", "2026-03-04T00:00:00Z"),
            ("2026/03/04", "2026-03-04T00:00:00Z"),
            ("Wed, 04 Mar 2026 05:06:07 GMT", "2026-03-04T05:06:07Z"),
            ("Wed, 04 Mar 2026 05:06:07 +0700", "2026-03-03T22:06:07Z"),
            ("1772600767", "2026-03-04T05:06:07Z"),
            ("1772600767000", "2026-03-04T05:06:07Z"),
        ] {
            assert_eq!(parse(text).map(|t| t.to_string()).as_deref(), Some(time), "{text}");
        }
        for text in ["", "yesterday", "03/04/2026", "20260304", "7", "99999999999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
