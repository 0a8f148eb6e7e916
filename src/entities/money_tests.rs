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

/// Amounts in languages that have no lexicon: text, low, high, currency, period.
const FURTHER: &[(&str, f64, f64, &str, Period)] = &[
    // Turkish
    ("aylık maaş 45.000 TL", 45000.0, 45000.0, "TRY", Period::Month),
    ("Ayda 50 bin TL kazanabilirsiniz", 50000.0, 50000.0, "TRY", Period::Month),
    ("2.000 - 3.000 dolar maaş", 2000.0, 3000.0, "USD", Period::Unknown),
    ("ücret: 3 bin dolar, aylık", 3000.0, 3000.0, "USD", Period::Month),
    ("günlük 1500 lira", 1500.0, 1500.0, "TRY", Period::Day),
    // German
    ("Gehalt: 2500 Euro pro Monat", 2500.0, 2500.0, "EUR", Period::Month),
    ("15 € die Stunde", 15.0, 15.0, "EUR", Period::Hour),
    ("monatlich 3.000 - 4.000 US-Dollar", 3000.0, 4000.0, "USD", Period::Month),
    ("45.000 € pro Jahr", 45000.0, 45000.0, "EUR", Period::Year),
    // Italian
    ("stipendio 1.500 euro al mese", 1500.0, 1500.0, "EUR", Period::Month),
    ("fino a 3 mila euro mensili", 3000.0, 3000.0, "EUR", Period::Month),
    ("10 euro all'ora", 10.0, 10.0, "EUR", Period::Hour),
    ("2000 dollari al mese", 2000.0, 2000.0, "USD", Period::Month),
    // Polish
    ("wynagrodzenie 6000 zł miesięcznie", 6000.0, 6000.0, "PLN", Period::Month),
    ("zarobki 5 tys. zł na miesiąc", 5000.0, 5000.0, "PLN", Period::Month),
    ("30 zł za godzinę", 30.0, 30.0, "PLN", Period::Hour),
    ("2500 dolarów miesięcznie", 2500.0, 2500.0, "USD", Period::Month),
    // Ukrainian
    ("зарплата 30 000 грн на місяць", 30000.0, 30000.0, "UAH", Period::Month),
    ("25 тисяч гривень щомісяця", 25000.0, 25000.0, "UAH", Period::Month),
    ("1500-2000 доларів на місяць", 1500.0, 2000.0, "USD", Period::Month),
    ("800 грн за зміну", 800.0, 800.0, "UAH", Period::Day),
    // Amharic
    ("ደመወዝ 15,000 ብር በወር", 15000.0, 15000.0, "ETB", Period::Month),
    ("በወር 20 ሺህ ብር", 20000.0, 20000.0, "ETB", Period::Month),
    ("1000 ዶላር በወር", 1000.0, 1000.0, "USD", Period::Month),
    // Sinhala
    ("වැටුප රුපියල් 150,000 මසකට", 150000.0, 150000.0, "LKR", Period::Month),
    ("මාසික වැටුප රු. 85,000", 85000.0, 85000.0, "LKR", Period::Month),
    ("ඩොලර් 1200 මාසයකට", 1200.0, 1200.0, "USD", Period::Month),
    ("දිනකට රු 3500", 3500.0, 3500.0, "LKR", Period::Day),
    // Telugu
    ("నెలకు 50,000 రూపాయలు", 50000.0, 50000.0, "INR", Period::Month),
    ("జీతం 40 వేలు నెలకు", 40000.0, 40000.0, "INR", Period::Month),
    ("1200 డాలర్లు నెలకు", 1200.0, 1200.0, "USD", Period::Month),
    ("నెలకు 1 లక్ష రూపాయలు", 100000.0, 100000.0, "INR", Period::Month),
    // Malayalam
    ("ശമ്പളം 60,000 രൂപ മാസം", 60000.0, 60000.0, "INR", Period::Month),
    ("പ്രതിമാസം 1000 ഡോളർ", 1000.0, 1000.0, "USD", Period::Month),
    ("മാസം 2 ലക്ഷം രൂപ", 200000.0, 200000.0, "INR", Period::Month),
    // Marathi
    ("पगार 45,000 रुपये दरमहा", 45000.0, 45000.0, "INR", Period::Month),
    ("महिन्याला 60 हजार रुपये", 60000.0, 60000.0, "INR", Period::Month),
    ("१२०० डॉलर्स महिन्याला", 1200.0, 1200.0, "USD", Period::Month),
    // Uzbek
    ("oylik 10 mln so'm", 10_000_000.0, 10_000_000.0, "UZS", Period::Month),
    ("oyiga 800 dollardan", 800.0, 800.0, "USD", Period::Month),
    ("maosh 5 000 000 so'mgacha", 5_000_000.0, 5_000_000.0, "UZS", Period::Unknown),
    ("ойига 12 млн сўм", 12_000_000.0, 12_000_000.0, "UZS", Period::Month),
    ("kuniga 300 ming so'm", 300_000.0, 300_000.0, "UZS", Period::Day),
    // Kazakh
    ("жалақы 400 000 теңге", 400_000.0, 400_000.0, "KZT", Period::Unknown),
    ("айына 500 мың теңге", 500_000.0, 500_000.0, "KZT", Period::Month),
    ("айына 1500 доллар", 1500.0, 1500.0, "USD", Period::Month),
    // Persian and Dari
    ("حقوق ماهیانه ۲۰ میلیون تومان", 200_000_000.0, 200_000_000.0, "IRR", Period::Month),
    ("۱۵۰۰ دلار در ماه", 1500.0, 1500.0, "USD", Period::Month),
    ("معاش ماهوار ۲۵۰۰۰ افغانی", 25000.0, 25000.0, "AFN", Period::Month),
    // Azerbaijani
    ("əmək haqqı 1200 manat", 1200.0, 1200.0, "AZN", Period::Unknown),
    ("aylıq 2 min manat", 2000.0, 2000.0, "AZN", Period::Month),
    ("ayda 1500 dollar", 1500.0, 1500.0, "USD", Period::Month),
    // Mongolian
    ("цалин 3 сая төгрөг", 3_000_000.0, 3_000_000.0, "MNT", Period::Unknown),
    ("сард 2500000 төгрөгийн цалинтай", 2_500_000.0, 2_500_000.0, "MNT", Period::Month),
    ("сарын 1500 доллар", 1500.0, 1500.0, "USD", Period::Month),
    // Punjabi
    ("ਤਨਖਾਹ 40,000 ਰੁਪਏ ਪ੍ਰਤੀ ਮਹੀਨਾ", 40000.0, 40000.0, "INR", Period::Month),
    ("1500 ਡਾਲਰ ਪ੍ਰਤੀ ਮਹੀਨਾ", 1500.0, 1500.0, "USD", Period::Month),
    // Gujarati
    ("પગાર 35,000 રૂપિયા દર મહિને", 35000.0, 35000.0, "INR", Period::Month),
    ("મહિને 50 હજાર રૂપિયા", 50000.0, 50000.0, "INR", Period::Month),
    ("1000 ડોલર પ્રતિ માસ", 1000.0, 1000.0, "USD", Period::Month),
    // Kannada
    ("ಸಂಬಳ 45,000 ರೂಪಾಯಿ ತಿಂಗಳಿಗೆ", 45000.0, 45000.0, "INR", Period::Month),
    ("ತಿಂಗಳಿಗೆ 50 ಸಾವಿರ ರೂಪಾಯಿಗಳು", 50000.0, 50000.0, "INR", Period::Month),
    ("ತಿಂಗಳಿಗೆ 1200 ಡಾಲರ್", 1200.0, 1200.0, "USD", Period::Month),
    // Romanian
    ("salariu 5000 lei pe lună", 5000.0, 5000.0, "RON", Period::Month),
    ("2 mii de euro pe lună", 2000.0, 2000.0, "EUR", Period::Month),
    ("1500 dolari pe lună", 1500.0, 1500.0, "USD", Period::Month),
    // Dutch
    ("salaris 2800 euro bruto per maand", 2800.0, 2800.0, "EUR", Period::Month),
    ("€ 15 per uur", 15.0, 15.0, "EUR", Period::Hour),
    // Cebuano
    ("sweldo 25,000 ka pesos matag bulan", 25000.0, 25000.0, "PHP", Period::Month),
    ("25 ka libo ka pesos kada bulan", 25000.0, 25000.0, "PHP", Period::Month),
    // Hausa
    ("albashi naira dubu 80 duk wata", 80000.0, 80000.0, "NGN", Period::Month),
    ("naira 150,000 kowane wata", 150_000.0, 150_000.0, "NGN", Period::Month),
    // Somali
    ("mushahar $800 bishii", 800.0, 800.0, "USD", Period::Month),
    ("1000 doolar bishii", 1000.0, 1000.0, "USD", Period::Month),
];

#[test]
fn written_amounts_of_further_languages() {
    let finder = crate::entities::Finder::new().expect("the embedded tables are read");
    let mut misses = Vec::new();
    for &(text, low, high, currency, period) in FURTHER {
        let got = first(&finder, &folded(text));
        let right = got.is_some_and(|money| {
            (money.low, money.high, money.period) == (low, high, period)
                && money.currency.is_some_and(|code| code.as_str() == currency)
        });
        if !right {
            misses.push(format!("{text}: {got:?}"));
        }
    }
    assert!(misses.is_empty(), "{} of {} missed:\n{}", misses.len(), FURTHER.len(), misses.join("\n"));
}

/// Words of the read languages that are multipliers, currencies or pay in another.
#[test]
fn words_of_the_read_languages_are_no_money_of_others() {
    let finder = crate::entities::Finder::new().expect("the embedded tables are read");
    for text in [
        "siapkan 5 bin sampah",
        "Muhammad bin Ali, umur 25",
        "the meeting took 45 min",
        "she scored 300 in the sum",
        "Li Ming 300 Ming vases",
        "ada sekitar 1000 saat ini",
        "ang 200 dala niya",
        "lives at 500 Maas street",
        "human rights حقوق الإنسان 1948",
        "это стоит внимания 300 именно нас",
        "उत्पन्न 5000 समस्या",
        "درآمد 2000 برآمد",
        "trois cents ans, 200 bis",
        "lunar new year 2000",
    ] {
        let got = first(&finder, &folded(text));
        assert!(got.is_none(), "{text}: {got:?}");
    }
    let new_year = first(&finder, &folded("bonus $500 for lunar new year")).expect("an amount");
    assert_eq!(new_year.period, Period::Unknown);
}
