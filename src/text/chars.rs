/*!
Properties of characters: one look into a table that the build made, whatever the character.

The functions of the standard library and of the Unicode crates search for each property by itself; a text asks for
several of each of its characters, and most of what is not ASCII lies where those searches are long.
*/

use std::ops::{BitAnd, BitOr};

use unicode_script::Script;

use super::around;

include!(concat!(env!("OUT_DIR"), "/chars.rs"));

const ALPHABETIC: u32 = 1 << 8;
const NUMERIC: u32 = 1 << 9;
const WHITE_SPACE: u32 = 1 << 10;
const MARK: u32 = 1 << 11;
/// The first of four in a row: what tells languages of one script apart.
const TELLING: u32 = 12;
const PICTOGRAPH: u32 = 1 << 16;
const FILLS: u32 = 1 << 17;
const IN_PIECE: u32 = 1 << 18;
const COMMON: u32 = 1 << 19;
const CYRILLIC: u32 = 1 << 21;
const HOMOPHONE: u32 = 1 << 22;
const HOMOPHONE_SECOND: u32 = HOMOPHONE << 1;
const LOOSE: u32 = 1 << 24;
const SEPARATES: u32 = 1 << 25;
const NEITHER: u32 = 1 << 26;
const SIGN: u32 = 1 << 27;
const PLAIN_LATIN: u32 = 1 << 28;
const LINKS: u32 = 1 << 29;
const LOOKS_LATIN: u32 = 1 << 30;
const DIGIT_WORD: u32 = 1 << 31;

/// What is known of a character.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Properties(u32);

/// What one of two characters is; its script is none.
impl BitOr for Properties {
    type Output = Properties;

    #[inline]
    fn bitor(self, other: Properties) -> Properties {
        Properties(self.0 | other.0)
    }
}

/// What both of two characters are; their script is none.
impl BitAnd for Properties {
    type Output = Properties;

    #[inline]
    fn bitand(self, other: Properties) -> Properties {
        Properties(self.0 & other.0)
    }
}

/// The properties of `c`.
#[inline(always)]
pub(crate) fn properties(c: char) -> Properties {
    let code = c as usize;
    Properties(PROPERTIES[usize::from(BLOCKS[code >> 7])][code & 127])
}

impl Properties {
    /// As [`script`].
    #[inline]
    pub(crate) fn script(self) -> Script {
        SCRIPTS[(self.0 & 0xff) as usize]
    }

    /// The number of the script in [`SCRIPTS`].
    #[inline]
    pub(crate) fn script_number(self) -> u8 {
        self.0 as u8
    }

    /// What it tells of languages that share a script, in numbers of 16 bits, 0 or 1 each, the lowest first: whether
    /// `data/han.txt` lists it as simplified, whether as traditional Chinese, whether Urdu has it and Arabic has not, and
    /// whether none of our languages of its script has it. They are added up for many characters at once.
    #[inline]
    pub(crate) fn telling(self) -> u64 {
        // Each of the four products is a place of its own for each bit, so that none is carried into another.
        u64::from(self.0 >> TELLING & 0b1111).wrapping_mul(1 | 1 << 15 | 1 << 30 | 1 << 45) & 0x0001_0001_0001_0001
    }

    /// Whether it is used with several scripts, or inherits that of the letter before it.
    #[inline]
    pub(crate) fn is_common(self) -> bool {
        self.0 & COMMON != 0
    }

    /// Whether it is Latin, and none of the letters that only look like another Latin one.
    #[inline]
    pub(crate) fn is_plain_latin(self) -> bool {
        self.0 & PLAIN_LATIN != 0
    }

    /// Whether a Latin letter may be meant by it, or it may be meant by a Latin letter.
    #[inline]
    pub(crate) fn may_be_alike(self) -> bool {
        self.0 & (CYRILLIC | LOOKS_LATIN) != 0
    }

    /// Whether `self` and then `next` begin something that `data/homophones.txt` lists; "no" is sure.
    #[inline]
    pub(crate) fn may_begin_homophone(self, next: Properties) -> bool {
        self.0 << 1 & next.0 & HOMOPHONE_SECOND != 0
    }

    /// Whether it is a letter of a script in which words are set apart letter by letter; digits and signs that stand for
    /// letters are left out.
    #[inline]
    pub(crate) fn is_loose_letter(self) -> bool {
        self.0 & LOOSE != 0
    }

    /// Whether the letter behind it belongs to the letter before it.
    #[inline]
    pub(crate) fn links(self) -> bool {
        self.0 & LINKS != 0
    }

    /// Whether it is put between letters that are set apart.
    #[inline]
    pub(crate) fn separates(self) -> bool {
        self.0 & SEPARATES != 0
    }

    /// Whether no letters are set apart where it stands: it is neither of the two above, nor a mark, nor what may stand
    /// around words.
    #[inline]
    pub(crate) fn is_not_loose(self) -> bool {
        self.0 & NEITHER != 0
    }

    /// Whether it is the second digit in words, or the second character of what may be a homophone, behind `last`.
    #[inline]
    pub(crate) fn goes_on(self, last: Properties) -> bool {
        self.0 & (last.0 & DIGIT_WORD | last.0 << 1 & HOMOPHONE_SECOND) != 0
    }

    /// Whether it may hide something: it is put inside words or stands for a letter, or is white space.
    #[inline]
    pub(crate) fn is_sign(self) -> bool {
        self.0 & SIGN != 0
    }

    /// As [`char::is_alphabetic`].
    #[inline]
    pub(crate) fn is_alphabetic(self) -> bool {
        self.0 & ALPHABETIC != 0
    }

    /// As [`char::is_alphanumeric`].
    #[inline]
    pub(crate) fn is_alphanumeric(self) -> bool {
        self.0 & (ALPHABETIC | NUMERIC) != 0
    }

    /// As [`char::is_whitespace`].
    #[inline]
    pub(crate) fn is_white_space(self) -> bool {
        self.0 & WHITE_SPACE != 0
    }

    /// As [`is_mark`].
    #[inline]
    pub(crate) fn is_mark(self) -> bool {
        self.0 & MARK != 0
    }

    /// As [`looks_latin`].
    #[inline]
    pub(crate) fn looks_latin(self) -> bool {
        self.0 & LOOKS_LATIN != 0
    }

    /// Whether it is an emoji or another drawn sign.
    #[inline]
    pub(crate) fn is_pictograph(self) -> bool {
        self.0 & PICTOGRAPH != 0
    }

    /// Whether it is put inside words to break them: separators and emoji, not the signs that join words.
    #[inline]
    pub(crate) fn fills(self) -> bool {
        self.0 & FILLS != 0
    }

    /// Whether the parts of a word between such signs are made of it.
    #[inline]
    pub(crate) fn is_in_piece(self) -> bool {
        self.0 & IN_PIECE != 0
    }

    /// As [`is_digit_word`].
    #[inline]
    pub(crate) fn is_digit_word(self) -> bool {
        self.0 & DIGIT_WORD != 0
    }
}

/// The script of `c`, as [`unicode_script::UnicodeScript::script`] has it.
#[inline]
pub(crate) fn script(c: char) -> Script {
    properties(c).script()
}

/// Whether `c` is a letter, as [`char::is_alphabetic`] has it.
#[inline]
pub(crate) fn is_alphabetic(c: char) -> bool {
    properties(c).is_alphabetic()
}

/// Whether `c` is a letter or a number, as [`char::is_alphanumeric`] has it.
#[inline]
pub(crate) fn is_alphanumeric(c: char) -> bool {
    properties(c).is_alphanumeric()
}

/// Whether `c` is a mark, as [`unicode_normalization::char::is_combining_mark`] has it.
#[inline]
pub(crate) fn is_mark(c: char) -> bool {
    properties(c).is_mark()
}

/// Whether the script of `c` puts no spaces between words.
#[inline]
pub(crate) fn is_unspaced(c: char) -> bool {
    around::is_unspaced(script(c))
}

/// Whether `c` is a letter of another script that looks like a Latin one, by `data/lookalikes.txt`.
#[inline]
pub(crate) fn looks_latin(c: char) -> bool {
    properties(c).looks_latin()
}

/// Whether `c` is a digit in words by itself, by `data/digits.txt`.
#[inline]
pub(crate) fn is_digit_word(c: char) -> bool {
    properties(c).is_digit_word()
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::char::is_combining_mark;
    use unicode_script::UnicodeScript;

    #[test]
    fn the_table_says_what_the_tables_of_unicode_say() {
        for c in '\0'..=char::MAX {
            let of = properties(c);
            assert_eq!(of.script(), c.script(), "{c:?}");
            assert_eq!(of.is_alphabetic(), c.is_alphabetic(), "{c:?}");
            assert_eq!(of.is_alphanumeric(), c.is_alphanumeric(), "{c:?}");
            assert_eq!(of.is_white_space(), c.is_whitespace(), "{c:?}");
            assert_eq!(of.is_mark(), is_combining_mark(c), "{c:?}");
        }
    }

    #[test]
    fn letters_of_neighbours_are_told_from_ours() {
        let of = |c| properties(c).telling();
        assert_eq!(
            [of('ٹ'), of('ا'), of('گ'), of('ł'), of('é'), of('қ'), of('к')],
            [1 << 32, 0, 1 << 48, 1 << 48, 0, 1 << 48, 0]
        );
    }

    #[test]
    fn the_two_ways_of_writing_chinese_are_listed() {
        let of = |c| properties(c).telling();
        assert_eq!([of('国'), of('國'), of('人')], [1, 1 << 16, 0]);
    }
}
