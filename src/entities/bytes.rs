/*!
Sets of bits, and tables of bytes that are used where they lie.
*/

use std::borrow::Cow;
use std::ops::Range;

/// Some tables of bytes, one behind the other.
#[derive(Clone, Debug)]
pub(crate) struct Tables<const COUNT: usize> {
    bytes: Cow<'static, [u8]>,
    ranges: [Range<usize>; COUNT],
}

impl<const COUNT: usize> Tables<COUNT> {
    /// Puts tables together.
    pub(crate) fn join(tables: [&[u8]; COUNT]) -> Option<Tables<COUNT>> {
        let mut bytes = Vec::new();
        for table in tables {
            bytes.extend_from_slice(&u32::try_from(table.len()).ok()?.to_le_bytes());
        }
        bytes.extend_from_slice(&tables.concat());
        Tables::open(Cow::Owned(bytes))
    }

    /// Opens what [`Tables::bytes`] gave; none when the lengths do not fit.
    pub(crate) fn open(bytes: Cow<'static, [u8]>) -> Option<Tables<COUNT>> {
        let mut ranges = [const { 0..0 }; COUNT];
        let mut end = 4 * COUNT;
        for (index, range) in ranges.iter_mut().enumerate() {
            let length: &[u8; 4] = bytes.get(4 * index..)?.first_chunk()?;
            let start = end;
            end += u32::from_le_bytes(*length) as usize;
            *range = start..end;
        }
        (end == bytes.len()).then_some(Tables { bytes, ranges })
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// One of the tables.
    #[inline]
    pub(crate) fn table(&self, table: usize) -> &[u8] {
        self.ranges.get(table).and_then(|range| self.bytes.get(range.clone())).unwrap_or_default()
    }

    /// A row of a table whose rows are so wide.
    #[inline]
    pub(crate) fn row<const WIDTH: usize>(&self, table: usize, index: usize) -> Option<&[u8; WIDTH]> {
        self.table(table).get(index * WIDTH..)?.first_chunk()
    }
}

impl<const COUNT: usize> Default for Tables<COUNT> {
    fn default() -> Tables<COUNT> {
        Tables { bytes: Cow::Borrowed(&[]), ranges: [const { 0..0 }; COUNT] }
    }
}

/// Adds a number to a set whose size is a power of two, 1 KiB at least.
pub(crate) fn set(bits: &mut [u8], number: u64) {
    let slot = slot(bits, number);
    if let Some(byte) = bits.get_mut(slot / 8) {
        *byte |= 1 << (slot % 8);
    }
}

/// Whether a number may be in a set; "no" is sure.
#[inline]
pub(crate) fn get(bits: &[u8], number: u64) -> bool {
    let slot = slot(bits, number);
    bits.get(slot / 8).is_some_and(|byte| byte >> (slot % 8) & 1 == 1)
}

#[inline]
fn slot(bits: &[u8], number: u64) -> usize {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & (bits.len() * 8).wrapping_sub(1)
}
