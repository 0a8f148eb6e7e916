/*!
What counts as a letter, a mark and an edge of a word, for scripts with and without spaces.

A name in a table matches only where it does not cut a word in two. In Latin, Cyrillic or Devanagari that means that the
neighbour is no letter; in Han, Thai, Lao, Khmer and Burmese writing words touch, so any neighbour will do, except a mark
that belongs to the letter before it (a vowel sign changes the syllable). Katakana is written without spaces too, yet a
run of it is one loan word: タイ (Thailand) must not be found in タイピング (typing). Hangul words begin at an edge and
carry particles behind.
*/

/// How a character joins its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joins {
    /// Not part of a word.
    Nothing,
    /// A decimal digit.
    Digit,
    /// A letter of a script that puts spaces between words, or a mark on one.
    Spaced,
    /// A Hangul syllable.
    Hangul,
    /// Katakana, including its length mark.
    Katakana,
    /// A letter of a script whose words touch.
    Unspaced,
    /// A mark that belongs to the letter before it, in a script whose words touch.
    UnspacedMark,
}

/// The way `c` joins its neighbours.
pub(crate) fn joins(c: char) -> Joins {
    if c.is_ascii() {
        return match c {
            '0'..='9' => Joins::Digit,
            'a'..='z' | 'A'..='Z' => Joins::Spaced,
            _ => Joins::Nothing,
        };
    }
    match c as u32 {
        // The letters that most words are made of need no look into the tables of Unicode.
        0x00c0..=0x00d6 | 0x00d8..=0x00f6 | 0x00f8..=0x02c1 | 0x1ea0..=0x1eff => Joins::Spaced,
        0x0400..=0x0481 | 0x048a..=0x052f | 0x0620..=0x064a => Joins::Spaced,
        0x0300..=0x036f => Joins::Spaced,
        // Dandas end sentences; every other assigned character of the Indic blocks belongs to words.
        0x0964 | 0x0965 | 0x0970 | 0x0df4 => Joins::Nothing,
        0x09f2 | 0x09f3 | 0x0bf9 | 0x0af1 => Joins::Nothing,
        0x0900..=0x0dff => Joins::Spaced,
        0x0e31 | 0x0e34..=0x0e3a | 0x0e47..=0x0e4e => Joins::UnspacedMark,
        0x0eb1 | 0x0eb4..=0x0ebc | 0x0ec8..=0x0ece => Joins::UnspacedMark,
        0x0e3f | 0x0e4f | 0x0e5a..=0x0e5f | 0x104a..=0x104f | 0x17d4..=0x17db => Joins::Nothing,
        0x0e00..=0x0eff => Joins::Unspaced,
        0x102b..=0x103e | 0x17b6..=0x17d3 | 0x17dd => Joins::UnspacedMark,
        0x1000..=0x109f | 0x1780..=0x17ff | 0xaa60..=0xaa7f | 0xa9e0..=0xa9ff => Joins::Unspaced,
        0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7a3 => Joins::Hangul,
        0x30a1..=0x30fa | 0x30fc..=0x30fe | 0x31f0..=0x31ff => Joins::Katakana,
        0x3005 | 0x3007 | 0x3041..=0x309f | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff => Joins::Unspaced,
        _ if c.is_alphabetic() => Joins::Spaced,
        _ => Joins::Nothing,
    }
}

/// Whether `c` belongs to a word, digits not counted.
pub(crate) fn is_letter(c: char) -> bool {
    !matches!(joins(c), Joins::Nothing | Joins::Digit)
}

/// Whether a name that begins with `first` may begin behind `before`.
pub(crate) fn edge_before(before: Option<char>, first: char) -> bool {
    let Some(before) = before else { return true };
    match joins(first) {
        Joins::Spaced => joins(before) != Joins::Spaced,
        Joins::Hangul => joins(before) != Joins::Hangul,
        Joins::Katakana => joins(before) != Joins::Katakana,
        _ => true,
    }
}

/// Whether a name that ends with `last` may end in front of `after`.
pub(crate) fn edge_after(last: char, after: Option<char>) -> bool {
    let Some(after) = after else { return true };
    let after = joins(after);
    match joins(last) {
        Joins::Spaced => after != Joins::Spaced,
        Joins::Katakana => after != Joins::Katakana,
        Joins::Unspaced | Joins::UnspacedMark => after != Joins::UnspacedMark,
        _ => true,
    }
}

/// The character that ends at byte `at` of `text`; none at the beginning.
pub(crate) fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// The character that begins at byte `at` of `text`; none at the end.
pub(crate) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The first byte at or behind `at` that is no space or tab; at most `limit` are skipped.
pub(crate) fn skip_blanks(text: &str, at: usize, limit: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = at;
    for _ in 0..limit {
        match bytes.get(at) {
            Some(b' ' | b'\t') => at += 1,
            _ => break,
        }
    }
    at
}

/// The end of the last byte before `at` that is no space or tab; at most `limit` are skipped.
pub(crate) fn skip_blanks_back(text: &str, at: usize, limit: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = at;
    for _ in 0..limit {
        match at.checked_sub(1).and_then(|i| bytes.get(i)) {
            Some(b' ' | b'\t') => at -= 1,
            _ => break,
        }
    }
    at
}

/// The nearest character boundary at or before `at`.
pub(crate) fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn katakana_runs_are_words_and_han_runs_are_not() {
        assert!(!edge_after('イ', Some('ピ')));
        assert!(edge_after('泰', Some('国')));
        assert!(edge_after('イ', Some('で')));
    }

    #[test]
    fn the_letters_of_spaced_scripts_are_letters() {
        for c in ['\u{c0}'..='\u{2c1}', '\u{1ea0}'..='\u{1eff}', '\u{400}'..='\u{52f}', '\u{620}'..='\u{64a}'] {
            for c in c {
                assert_eq!(joins(c) == Joins::Spaced, c.is_alphabetic(), "{c:?}");
            }
        }
    }

    #[test]
    fn a_vowel_sign_keeps_its_letter() {
        assert!(!edge_after('ย', Some('\u{0e34}')));
        assert!(edge_after('ย', Some('ท')));
    }

    #[test]
    fn letters_and_digits_may_touch() {
        assert!(edge_before(Some('0'), 'u'));
        assert!(!edge_before(Some('x'), 'u'));
    }
}
