/*!
The set of the words that names begin with: which words of running text no name can begin with.

Most words of a text begin no name, and asking the dictionaries costs more than all else that is done with such a word. A
name whose first letters are ASCII begins at a run of letters only if that run is the name's own: whatever stands behind
the run in the name stands behind it in the text too, and a name that is nothing but the run ends at the edge of a word.
Only a stem may go on with other letters; of those the first few letters are in the set as well.

Other names may begin at any character of a script without spaces. Of those the first characters are in a second set: one,
two or three, as many as the name has.
*/

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bytes::{get, set};

/// Bytes of the set of words; "may begin" is wrong for a twentieth of other words.
const SIZE: usize = 1 << 16;
/// Bytes of the set of beginnings that are not ASCII.
const WIDE_SIZE: usize = 1 << 17;
/// Letters by which a stem is known.
const OF_STEM: usize = 4;
/// Sets numbers of stems apart from those of words.
const STEM: u64 = 0x2545_f491_4f6c_dd1d;
/// Sets the first two characters of longer names apart from names of two characters.
const LONGER: u64 = 0x5851_f42d_4c95_7f2d;

/// The set.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstWords(Vec<u8>);

// As one run of bytes: one by one they would take a tenth of the start-up.
impl Serialize for FirstWords {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for FirstWords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FirstWords, D::Error> {
        <&[u8]>::deserialize(deserializer).map(|bytes| FirstWords(bytes.to_vec()))
    }
}

impl FirstWords {
    /// The set of these words, of which some are stems, and names.
    pub(crate) fn of<'a>(
        words: impl Iterator<Item = (&'a [u8], bool)>,
        names: impl Iterator<Item = &'a [u8]>,
    ) -> FirstWords {
        let mut bits = vec![0; SIZE + WIDE_SIZE];
        let (bits_of_words, bits_of_wide) = bits.split_at_mut(SIZE);
        for (name, stem) in words.chain(names.map(|name| (name, false))) {
            if !name.first().is_some_and(u8::is_ascii) {
                set_wide(bits_of_wide, name);
                continue;
            }
            let length = name.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
            if length > 0 {
                set(bits_of_words, number(name, length));
            }
            if stem && length == name.len() && length >= OF_STEM {
                set(bits_of_words, number(name, OF_STEM) ^ STEM);
            } else if stem && length == name.len() {
                // Too little to know it by: anything may begin so.
                bits_of_words.fill(u8::MAX);
            }
        }
        FirstWords(bits)
    }

    /// Whether a name may begin with the run of so many small ASCII letters that `text` begins with; "no" is sure.
    #[inline]
    pub(crate) fn may_begin(&self, text: &[u8], length: usize) -> bool {
        let Some(bits) = self.0.get(..SIZE) else { return false };
        get(bits, number(text, length)) || length >= OF_STEM && get(bits, number(text, OF_STEM) ^ STEM)
    }

    /// Whether a name may begin with the characters that `text` begins with; "no" is sure.
    pub(crate) fn may_begin_wide(&self, text: &[u8]) -> bool {
        let Some(bits) = self.0.get(SIZE..).and_then(<[u8]>::first_chunk::<WIDE_SIZE>) else { return false };
        // Three characters of three bytes, as nearly all of those that words without spaces are made of.
        if let Some(chunk) = text.first_chunk::<9>()
            && let [first @ .., last] = chunk
            && let low = u64::from_le_bytes(*first)
            && low & 0x00f0_0000_f000_00f0 == 0x00e0_0000_e000_00e0
        {
            let two = join(low & 0xff_ffff, low >> 24 & 0xff_ffff);
            let three = || join(two, low >> 48 | u64::from(*last) << 16);
            return get(bits, low & 0xff_ffff) || get(bits, two) || get(bits, two ^ LONGER) && get(bits, three());
        }
        let Some((one, rest)) = first_char(text) else { return false };
        // Names that are ASCII have a set of their own.
        if one < 0x80 || get(bits, one) {
            return true;
        }
        let Some((second, rest)) = first_char(rest) else { return false };
        let two = join(one, second);
        let three = || first_char(rest).is_some_and(|(third, _)| get(bits, join(two, third)));
        get(bits, two) || get(bits, two ^ LONGER) && three()
    }
}

/// Adds the beginning of a name to the set of those that are not ASCII.
fn set_wide(bits: &mut [u8], name: &[u8]) {
    let Some((one, rest)) = first_char(name) else { return };
    let Some((second, rest)) = first_char(rest) else { return set(bits, one) };
    let two = join(one, second);
    let Some((third, _)) = first_char(rest) else { return set(bits, two) };
    set(bits, two ^ LONGER);
    set(bits, join(two, third));
}

/// The bytes of the first character as a number, and what follows it.
#[inline]
fn first_char(text: &[u8]) -> Option<(u64, &[u8])> {
    let first = u64::from(*text.first()?);
    let (length, number) = match (first, text) {
        (..0xc0, _) => (1, first),
        (..0xe0, [_, b, ..]) => (2, first | u64::from(*b) << 8),
        (..0xf0, [_, b, c, ..]) => (3, first | u64::from(*b) << 8 | u64::from(*c) << 16),
        (_, [_, b, c, d, ..]) => (4, first | u64::from(*b) << 8 | u64::from(*c) << 16 | u64::from(*d) << 24),
        _ => return None,
    };
    Some((number, &text[length..]))
}

/// One number of two.
#[inline]
fn join(one: u64, two: u64) -> u64 {
    one.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ two
}

/// The first eight letters of a word and its length, as one number.
#[inline]
fn number(text: &[u8], length: usize) -> u64 {
    let mut letters = [0; 8];
    match text.first_chunk::<8>() {
        Some(chunk) => letters = *chunk,
        None => letters[..text.len().min(8)].copy_from_slice(&text[..text.len().min(8)]),
    }
    let mask = if length >= 8 { u64::MAX } else { (1 << (8 * length)) - 1 };
    (u64::from_le_bytes(letters) & mask).wrapping_add((length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(set: &FirstWords, text: &str) -> bool {
        let length = text.bytes().take_while(u8::is_ascii_lowercase).count();
        set.may_begin(text.as_bytes(), length)
    }

    #[test]
    fn what_begins_a_name_is_told_from_most_else() {
        let words = [(&b"telegram"[..], true), (b"line app", false), ("plus ए".as_bytes(), false)];
        let names = ["são tomé", "new york", "constantinople", "ชลบุรี", "ไทย", "金", "西港"].map(str::as_bytes);
        let set = FirstWords::of(words.into_iter(), names.into_iter());
        for text in ["telegramu", "telegram", "line app", "line", "são", "new delhi", "constantinople.", "plus"] {
            assert!(may(&set, text), "{text}");
        }
        for text in ["ชลบุรี", "ไทย", "金", "金边", "西港"] {
            assert!(set.may_begin_wide(text.as_bytes()), "{text}");
        }
        for text in ["ชลประทาน", "ไท", "西", "西人", "é", "𝄞"] {
            assert!(!set.may_begin_wide(text.as_bytes()), "{text}");
        }
        for text in ["lines", "news", "constantinoples", "a", "work", "on", "saturday"] {
            assert!(!may(&set, text), "{text}");
        }
    }
}
