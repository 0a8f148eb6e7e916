//! One form for characters that NFKC leaves apart: digits, quotes, dashes, styled capitals.

/// Digits to ASCII, quotes, dashes and separators to one form each, styled capitals that NFKC leaves alone to letters.
pub(super) fn one_form(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2bb}' | '\u{2bc}' | '\u{2032}' | '\u{60}'
        | '\u{b4}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2033}' | '\u{300e}' | '\u{300f}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' => '-',
        '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        '\u{2044}' | '\u{2215}' => '/',
        // Negative circled and squared capitals have no compatibility mapping.
        '\u{1f150}'..='\u{1f169}' => capital(c as u32 - 0x1f150),
        '\u{1f170}'..='\u{1f189}' => capital(c as u32 - 0x1f170),
        _ => decimal(c).unwrap_or(c),
    }
}

fn capital(n: u32) -> char {
    (b'a' + n as u8) as char
}

/// The zeros of the decimal digits that our scripts and their neighbours use.
const ZEROS: [u32; 22] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0,
];

fn decimal(c: char) -> Option<char> {
    let code = c as u32;
    if !(0x660..=0x19d9).contains(&code) {
        return None;
    }
    let zero = ZEROS[ZEROS.partition_point(|&z| z <= code).checked_sub(1)?];
    (code - zero < 10).then(|| (b'0' + (code - zero) as u8) as char)
}
