//! The table of written amounts.

use unicode_normalization::UnicodeNormalization;

use super::*;

/// What folding does to the writings of the test table.
pub(crate) fn folded(text: &str) -> String {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let digit = |c: char| match c as u32 {
        0x660..=0x669 => char::from(b'0' + (c as u32 - 0x660) as u8),
        0x6f0..=0x6f9 => char::from(b'0' + (c as u32 - 0x6f0) as u8),
        0x966..=0x96f => char::from(b'0' + (c as u32 - 0x966) as u8),
        0x9e6..=0x9ef => char::from(b'0' + (c as u32 - 0x9e6) as u8),
        0xe50..=0xe59 => char::from(b'0' + (c as u32 - 0xe50) as u8),
        0xed0..=0xed9 => char::from(b'0' + (c as u32 - 0xed0) as u8),
        0x1040..=0x1049 => char::from(b'0' + (c as u32 - 0x1040) as u8),
        0x17e0..=0x17e9 => char::from(b'0' + (c as u32 - 0x17e0) as u8),
        0x2013 | 0x2014 => '-',
        0x2019 => '\'',
        _ => c,
    };
    let silent = crate::text::spelling::is_silent;
    lower.chars().filter(|&c| !silent(c)).map(digit).map(crate::text::spelling::letter).collect()
}

/// The first money of a text.
fn first(finder: &crate::entities::Finder, text: &str) -> Option<Money> {
    let mut found = Vec::new();
    finder.find(text, &mut found);
    found.iter().find_map(|entity| match entity.kind {
        crate::entities::EntityKind::Money(money) => Some(money),
        _ => None,
    })
}

#[test]
fn written_amounts_of_all_languages() {
    let finder = crate::entities::Finder::new().expect("the embedded tables are read");
    let table = include_str!("../../tests/data/amounts.tsv");
    let mut misses = Vec::new();
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        rows += 1;
        let cells: Vec<&str> = line.split('\t').collect();
        let [text, low, high, currency, period, usd, _language] = cells[..] else { panic!("bad row: {line}") };
        let got = first(&finder, &folded(text)).map(|money| {
            let currency = money.currency.map_or("-".to_owned(), |code| code.as_str().to_owned());
            (money.low, money.high, currency, format!("{:?}", money.period).to_lowercase(), money.usd_month_high)
        });
        let right = match (&got, low) {
            (None, "-") => true,
            (None, _) | (Some(_), "-") => false,
            (Some(got), low) => {
                let expected: Option<f64> = usd.parse().ok();
                got.0 == low.parse::<f64>().expect("low")
                    && got.1 == high.parse::<f64>().expect("high")
                    && got.2 == currency
                    && got.3 == period
                    && match (got.4, expected) {
                        (Some(got), Some(expected)) => (got / expected - 1.0).abs() < 0.01,
                        (None, None) => true,
                        _ => false,
                    }
            }
        };
        if !right {
            misses.push(format!("{line}\n    got {got:?}"));
        }
    }
    assert!(rows >= 250, "only {rows} rows");
    assert!(misses.is_empty(), "{} of {rows} missed:\n{}", misses.len(), misses.join("\n"));
}
