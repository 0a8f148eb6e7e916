//! The words of a text, among which function words are looked for.

use unicode_script::Script;

use crate::text::chars::properties;
use crate::text::lanes::{BLOCK, Block, Lanes};

/// The words of a text: by blocks of bytes while it is ASCII.
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
    /// Of the bytes from `at` on, those that are letters or digits of ASCII, and those that are no ASCII.
    plain: u64,
    wide: u64,
    /// How many bytes the masks tell of.
    left: u32,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Words<'a> {
        Words { text, at: 0, plain: 0, wide: 0, left: 0 }
    }

    /// Reads the masks of the block that begins here; none is read of the last few bytes.
    fn load(&mut self) {
        if let Some(block) = self.text.as_bytes()[self.at..].first_chunk().map(Block::new) {
            let plain = |v: Lanes| v.between(b'a', b'z') | v.between(b'0', b'9') | v.between(b'A', b'Z');
            (self.plain, self.wide, self.left) = (block.mask(plain), block.wide(), BLOCK as u32);
        }
    }

    /// Goes on by fewer bytes than the masks tell of.
    #[inline]
    fn forward(&mut self, bytes: u32) {
        self.at += bytes as usize;
        self.left -= bytes;
        self.plain >>= bytes;
        self.wide >>= bytes;
    }

    /// Goes on to a byte, however far.
    fn forward_to(&mut self, at: usize) {
        match u32::try_from(at - self.at) {
            Ok(bytes) if bytes < self.left => self.forward(bytes),
            _ => (self.at, self.left) = (at, 0),
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        loop {
            if self.left == 0 {
                self.load();
            }
            let gap = (self.plain | self.wide).trailing_zeros();
            if gap >= self.left && self.left > 0 {
                self.forward_to(self.at + self.left as usize);
                continue;
            }
            if self.left > 0 {
                self.forward(gap);
                let length = self.plain.trailing_ones();
                if length > 0 && length < self.left && self.wide >> length & 1 == 0 {
                    let word = &self.text[self.at..self.at + length as usize];
                    self.forward(length);
                    return Some(word);
                }
            }
            // Whatever is not plain to see.
            let start = edge(self.text, self.at, true)?;
            let end = edge(self.text, start, false).unwrap_or(self.text.len());
            self.forward_to(end);
            return Some(&self.text[start..end]);
        }
    }
}

/// The first character from byte `at` on that belongs to a word, or that does not.
#[inline]
fn edge(text: &str, mut at: usize, of_word: bool) -> Option<usize> {
    loop {
        let byte = *text.as_bytes().get(at)?;
        if byte < 0x80 {
            if byte.is_ascii_alphanumeric() == of_word {
                return Some(at);
            }
            at += 1;
        } else {
            let c = text[at..].chars().next()?;
            let of = properties(c);
            // Devanagari signs and all marks join words though they are no letters.
            let joins = of.is_alphanumeric() || of.is_mark() || of.script() == Script::Devanagari;
            if joins == of_word {
                return Some(at);
            }
            at += c.len_utf8();
        }
    }
}
