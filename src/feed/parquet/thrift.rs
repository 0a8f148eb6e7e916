/*!
The little of Thrift's compact protocol that has to be looked at before anything is decoded.

A footer is decoded by the parquet crate, which builds the schema by recursion and makes room for as many children as a
node claims. So the claims are checked first, over the bytes alone: [`check_footer`] says how deep the schema is and whether
its counts add up. Page headers are read here altogether, because the sizes in them decide how much is allocated.
*/

/// What is wrong with bytes that should be Thrift.
pub(super) type Wrong = String;

/// Nested values that are skipped; the format itself nests no deeper than ten.
const DEEPEST_VALUE: usize = 32;

/// Groups within groups of a schema.
pub(super) const DEEPEST_SCHEMA: usize = 64;

const STOP: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// Bytes that are read in order.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { bytes, at: 0 }
    }

    /// Bytes that were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8, Wrong> {
        let byte = *self.bytes.get(self.at).ok_or("it breaks off")?;
        self.at += 1;
        Ok(byte)
    }

    fn advance(&mut self, count: u64) -> Result<(), Wrong> {
        let left = (self.bytes.len() - self.at) as u64;
        if count > left {
            return Err(format!("a value claims {count} bytes where {left} are left"));
        }
        // It is no more than a slice has.
        self.at += count as usize;
        Ok(())
    }

    pub(super) fn unsigned(&mut self) -> Result<u64, Wrong> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number has more than 64 bits".to_owned())
    }

    fn signed(&mut self) -> Result<i64, Wrong> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The next field of a struct: its number and kind. None at the struct's end.
    fn field(&mut self, last: &mut i64) -> Result<Option<(i64, u8)>, Wrong> {
        let head = self.byte()?;
        let kind = head & 0x0f;
        if kind == STOP {
            return Ok(None);
        }
        *last = match head >> 4 {
            0 => self.signed()?,
            // Numbers of fields have 16 bits; one that has more is no field of ours.
            delta => last.saturating_add(i64::from(delta)),
        };
        Ok(Some((*last, kind)))
    }

    /// How many values of which kind a list holds. Each takes a byte at least.
    fn list(&mut self) -> Result<(u64, u8), Wrong> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.unsigned()?,
            count => u64::from(count),
        };
        let left = (self.bytes.len() - self.at) as u64;
        if count > left {
            return Err(format!("a list claims {count} values where {left} bytes are left"));
        }
        Ok((count, head & 0x0f))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<(), Wrong> {
        if depth > DEEPEST_VALUE {
            return Err(format!("values nest deeper than the limit of {DEEPEST_VALUE}"));
        }
        match kind {
            TRUE | FALSE => Ok(()),
            BYTE => self.advance(1),
            I16..=I64 => self.unsigned().map(drop),
            DOUBLE => self.advance(8),
            UUID => self.advance(16),
            BINARY => {
                let length = self.unsigned()?;
                self.advance(length)
            }
            LIST | SET => {
                let (count, kind) = self.list()?;
                // In a list a truth is a byte, and in a struct it is in the field's kind.
                let kind = if matches!(kind, TRUE | FALSE) { BYTE } else { kind };
                (0..count).try_for_each(|_| self.skip(kind, depth + 1))
            }
            MAP => {
                let count = self.unsigned()?;
                if count == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                for _ in 0..count {
                    for kind in [kinds >> 4, kinds & 0x0f] {
                        let kind = if matches!(kind, TRUE | FALSE) { BYTE } else { kind };
                        self.skip(kind, depth + 1)?;
                    }
                }
                Ok(())
            }
            STRUCT => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    self.skip(kind, depth + 1)?;
                }
                Ok(())
            }
            _ => Err(format!("there is no kind {kind} of values")),
        }
    }

    fn number(&mut self, kind: u8) -> Result<i64, Wrong> {
        match kind {
            BYTE => self.byte().map(|byte| i64::from(byte as i8)),
            I16..=I64 => self.signed(),
            _ => Err(format!("a value is of kind {kind} where a number is expected")),
        }
    }
}

/// Checks that the metadata of a file can be decoded at a cost its length bounds.
pub(super) fn check_footer(bytes: &[u8]) -> Result<(), Wrong> {
    let mut cursor = Cursor::new(bytes);
    let mut last = 0;
    while let Some((id, kind)) = cursor.field(&mut last)? {
        match (id, kind) {
            (2, LIST) => check_schema(&mut cursor)?,
            (_, kind) => cursor.skip(kind, 0)?,
        }
    }
    Ok(())
}

/// A schema is a list of its nodes, depth first, each with the number of its children.
fn check_schema(cursor: &mut Cursor<'_>) -> Result<(), Wrong> {
    let (count, kind) = cursor.list()?;
    if kind != STRUCT {
        return Err("the schema is no list of nodes".to_owned());
    }
    // For each group that is open: children that are still to come.
    let mut open = Vec::new();
    for at in 0..count {
        let (mut last, mut children) = (0, 0);
        while let Some((id, kind)) = cursor.field(&mut last)? {
            match id {
                5 => children = cursor.number(kind)?,
                _ => cursor.skip(kind, 0)?,
            }
        }
        let left = count - at - 1;
        let children = u64::try_from(children).ok().filter(|children| *children <= left);
        let Some(children) = children else {
            return Err(format!("a group of the schema claims more children than the {left} nodes that are left"));
        };
        if let Some(siblings) = open.last_mut() {
            *siblings -= 1;
        }
        if children > 0 {
            open.push(children);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        if open.len() > DEEPEST_SCHEMA {
            return Err(format!("the schema nests deeper than the limit of {DEEPEST_SCHEMA} groups"));
        }
    }
    Ok(())
}

/// What a page says of itself before its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// 0 and 3 are data, 2 is a dictionary.
    pub(super) kind: i64,
    pub(super) uncompressed: i64,
    pub(super) compressed: i64,
    pub(super) values: i64,
    pub(super) encoding: i64,
    /// In version 1 how levels are encoded, in version 2 how many bytes they have.
    pub(super) definition: i64,
    pub(super) repetition: i64,
    pub(super) nulls: i64,
    pub(super) rows: i64,
    pub(super) is_compressed: bool,
}

/// Reads a page's header.
pub(super) fn page_header(cursor: &mut Cursor<'_>) -> Result<PageHeader, Wrong> {
    let mut header = PageHeader { kind: -1, is_compressed: true, ..PageHeader::default() };
    let mut last = 0;
    while let Some((id, kind)) = cursor.field(&mut last)? {
        match (id, kind) {
            (1, kind) => header.kind = cursor.number(kind)?,
            (2, kind) => header.uncompressed = cursor.number(kind)?,
            (3, kind) => header.compressed = cursor.number(kind)?,
            (5 | 7 | 8, STRUCT) => kind_of_page(cursor, id, &mut header)?,
            (_, kind) => cursor.skip(kind, 0)?,
        }
    }
    Ok(header)
}

/// The part of a header that is of data (5), of a dictionary (7), of data of version 2 (8).
fn kind_of_page(cursor: &mut Cursor<'_>, part: i64, header: &mut PageHeader) -> Result<(), Wrong> {
    let mut last = 0;
    while let Some((id, kind)) = cursor.field(&mut last)? {
        let into = match (part, id) {
            (_, 1) => &mut header.values,
            (5 | 7, 2) | (8, 4) => &mut header.encoding,
            (8, 2) => &mut header.nulls,
            (8, 3) => &mut header.rows,
            (5, 3) | (8, 5) => &mut header.definition,
            (5, 4) | (8, 6) => &mut header.repetition,
            (8, 7) if matches!(kind, TRUE | FALSE) => {
                header.is_compressed = kind == TRUE;
                continue;
            }
            _ => {
                cursor.skip(kind, 0)?;
                continue;
            }
        };
        *into = cursor.number(kind)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A footer of these numbers of children.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x29, 0xfc];
        bytes.push(u8::try_from(children.len()).unwrap());
        for n in children {
            bytes.extend([0x55, n << 1, 0]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn a_schema_is_bounded_before_it_is_built() {
        assert_eq!(check_footer(&footer(&[2, 0, 0])), Ok(()));
        assert_eq!(check_footer(&footer(&[2, 1, 0, 0])), Ok(()));
        assert!(check_footer(&footer(&[3, 0, 0])).unwrap_err().contains("more children than the 2 nodes"));
        let deep = [vec![1; DEEPEST_SCHEMA + 1], vec![0]].concat();
        assert!(check_footer(&footer(&deep)).unwrap_err().contains("deeper than the limit of 64"));
        let wide = [vec![10], vec![0; 10]].concat();
        assert_eq!(check_footer(&footer(&wide)), Ok(()));
    }

    #[test]
    fn claims_are_compared_with_what_is_there() {
        assert!(check_footer(&[0x29, 0xfc, 0xff, 0xff, 0xff, 0x7f]).unwrap_err().contains("a list claims"));
        assert!(check_footer(&[0x68, 0xff, 0x01, 0]).unwrap_err().contains("claims 255 bytes where 1"));
        assert!(check_footer(&[0x1c; 100]).unwrap_err().contains("nest deeper"));
        assert!(check_footer(&[0x15, 0x02]).unwrap_err().contains("breaks off"));
    }

    #[test]
    fn the_header_of_a_page() {
        // Data of 3 values, 20 bytes packed into 10, plain; its statistics are read over.
        let bytes = [0x15, 0, 0x15, 40, 0x15, 20, 0x2c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 6, 0x1c, 0x18, 1, 9, 0, 0, 0];
        let mut cursor = Cursor::new(&bytes);
        let header = page_header(&mut cursor).unwrap();
        let expected = PageHeader {
            uncompressed: 20,
            compressed: 10,
            values: 3,
            definition: 3,
            repetition: 3,
            is_compressed: true,
            ..Default::default()
        };
        assert_eq!((header, cursor.at()), (expected, bytes.len()));
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = check_footer(&bytes);
            let _ = page_header(&mut Cursor::new(&bytes));
        }
    }
}
