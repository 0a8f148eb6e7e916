/*!
Sets of bits, and tables of bytes that are used where they lie.
*/

use std::borrow::Cow;

const EMPTY: &[u8] = &[];

/// Some tables of bytes, one behind the other.
#[derive(Clone, Debug)]
pub(crate) struct Tables<const COUNT: usize>([Cow<'static, [u8]>; COUNT]);

impl<const COUNT: usize> Tables<COUNT> {
    /// Puts tables together.
    pub(crate) fn join(tables: [Vec<u8>; COUNT]) -> Option<Tables<COUNT>> {
        tables.iter().all(|table| u32::try_from(table.len()).is_ok()).then(|| Tables(tables.map(Cow::Owned)))
    }

    /// Opens what [`Tables::bytes`] gave; none when the lengths do not fit.
    pub(crate) fn open(bytes: &'static [u8]) -> Option<Tables<COUNT>> {
        let mut tables = [const { Cow::Borrowed(EMPTY) }; COUNT];
        let mut end = 4 * COUNT;
        for (index, table) in tables.iter_mut().enumerate() {
            let length: &[u8; 4] = bytes.get(4 * index..)?.first_chunk()?;
            let start = end;
            end += u32::from_le_bytes(*length) as usize;
            *table = Cow::Borrowed(bytes.get(start..end)?);
        }
        (end == bytes.len()).then_some(Tables(tables))
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let lengths = self.0.iter().flat_map(|table| (table.len() as u32).to_le_bytes());
        lengths.chain(self.0.iter().flat_map(|table| table.iter().copied())).collect()
    }

    /// One of the tables.
    #[inline]
    pub(crate) fn table(&self, table: usize) -> &[u8] {
        &self.0[table]
    }

    /// A row of a table whose rows are so wide.
    #[inline]
    pub(crate) fn row<const WIDTH: usize>(&self, table: usize, index: usize) -> Option<&[u8; WIDTH]> {
        self.table(table).get(index * WIDTH..)?.first_chunk()
    }
}

impl<const COUNT: usize> Default for Tables<COUNT> {
    fn default() -> Tables<COUNT> {
        Tables([const { Cow::Borrowed(EMPTY) }; COUNT])
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
