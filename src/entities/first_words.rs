/*!
The set of the words that names begin with: which words of running text no name can begin with.

Most words of a text begin no name, and asking the dictionaries costs more than all else that is done with such a word. A
name whose first letters are ASCII begins at a run of letters only if that run is the name's own: whatever stands behind
the run in the name stands behind it in the text too, and a name that is nothing but the run ends at the edge of a word.
Only a stem may go on with other letters; of those the first few letters are in the set as well.
*/

use std::borrow::Cow;

use super::bytes::{get, set};

/// Bytes of the set; "may begin" is wrong for a twentieth of other words.
const SIZE: usize = 1 << 16;
/// Letters by which a stem is known.
const OF_STEM: usize = 4;
/// Sets numbers of stems apart from those of words.
const STEM: u64 = 0x2545_f491_4f6c_dd1d;

/// The set.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstWords(Cow<'static, [u8]>);

impl FirstWords {
    /// The set of these words, of which some are stems, and names.
    pub(crate) fn of<'a>(
        words: impl Iterator<Item = (&'a [u8], bool)>,
        names: impl Iterator<Item = &'a [u8]>,
    ) -> FirstWords {
        let mut bits = vec![0; SIZE];
        for (name, stem) in words.chain(names.map(|name| (name, false))) {
            let length = name.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
            if length > 0 {
                set(&mut bits, number(name, length));
            }
            if stem && length == name.len() && length >= OF_STEM {
                set(&mut bits, number(name, OF_STEM) ^ STEM);
            } else if stem && length == name.len() {
                // Too little to know it by: anything may begin so.
                bits.fill(u8::MAX);
            }
        }
        FirstWords(Cow::Owned(bits))
    }

    /// Opens what [`FirstWords::bytes`] gave.
    pub(crate) fn open(bytes: Cow<'static, [u8]>) -> FirstWords {
        FirstWords(bytes)
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether a name may begin with the run of so many small ASCII letters that `text` begins with; "no" is sure.
    #[inline]
    pub(crate) fn may_begin(&self, text: &[u8], length: usize) -> bool {
        get(&self.0, number(text, length)) || length >= OF_STEM && get(&self.0, number(text, OF_STEM) ^ STEM)
    }
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
        let names = ["são tomé", "new york", "constantinople"].map(str::as_bytes);
        let set = FirstWords::of(words.into_iter(), names.into_iter());
        for text in ["telegramu", "telegram", "line app", "line", "são", "new delhi", "constantinople.", "plus"] {
            assert!(may(&set, text), "{text}");
        }
        for text in ["lines", "news", "constantinoples", "a", "work", "on", "saturday"] {
            assert!(!may(&set, text), "{text}");
        }
    }
}
