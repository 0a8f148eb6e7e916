/*!
Spellings that are one word: what writers of the same language, or of a neighbouring one, write either way.

Arabic, Persian and Urdu keyboards have letters of their own for yeh, kaf and heh, and the hamza on an alef, the dots of a
final yeh and of a teh marbuta are left out at will. Amharic has letters for sounds that are no longer told apart, and Romanian
letters that keyboards lacked. The build uses this module too, for the names in the tables of
entities, so it depends on nothing.
*/

/// The one letter for all the ways of writing it.
pub(crate) fn letter(c: char) -> char {
    match c {
        'أ' | 'إ' | 'آ' | 'ٱ' | '\u{672}' | '\u{673}' => 'ا',
        'ى' | 'ی' | '\u{6cd}' | '\u{6d0}' => 'ي',
        'ک' | '\u{6aa}' => 'ك',
        'ة' | 'ہ' | 'ۂ' | 'ۃ' | 'ۀ' | '\u{6d5}' => 'ه',
        // Romanian, with a comma or with the cedilla that keyboards had.
        'ș' => 'ş',
        'ț' => 'ţ',
        '\u{1200}'..='\u{1346}' => of_amharic(c),
        _ => c,
    }
}

/// Letters of one sound in Amharic, which are written for each other.
fn of_amharic(c: char) -> char {
    let code = c as u32;
    let row = match code {
        0x1210..=0x1216 => code - 0x10,
        0x1220..=0x1227 => code + 0x10,
        0x1280..=0x1286 => code - 0x80,
        0x12d0..=0x12d6 => code - 0x30,
        0x1340..=0x1346 => code - 0x8,
        _ => code,
    };
    // In two of the rows the first and the fourth vowel sound alike too.
    let one = if matches!(row, 0x1203 | 0x12a3) { row - 3 } else { row };
    char::from_u32(one).unwrap_or(c)
}

/// Vowel points of Arabic, written or left out at will.
pub(crate) fn is_reading_mark(c: char) -> bool {
    matches!(c, '\u{64b}'..='\u{652}' | '\u{656}'..='\u{65f}' | '\u{670}')
}

/// What shows nothing and may stand in a table all the same: the lengthening stroke and joiners.
#[allow(dead_code, reason = "folding has a longer list; the build needs this one")]
pub(crate) fn is_silent(c: char) -> bool {
    is_reading_mark(c) || matches!(c, '\u{640}' | '\u{200b}'..='\u{200f}')
}
