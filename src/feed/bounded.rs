/*!
The bytes of one record, as they come, up to a limit.

A record over the limit is still read to its end, to find the next one and to tell its length; what is kept of it is the
beginning that its reject shows.
*/

use super::reject::{Fault, RAW_KEPT};

/// Gathers the pieces of a record.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    length: u64,
    limit: usize,
}

impl Bounded {
    pub(super) fn new(limit: usize) -> Bounded {
        Bounded { bytes: Vec::new(), length: 0, limit }
    }

    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        let was_short = !self.is_too_long();
        self.length += piece.len() as u64;
        if !self.is_too_long() {
            return self.bytes.extend_from_slice(piece);
        }
        if was_short {
            self.bytes.truncate(RAW_KEPT);
            self.bytes.shrink_to_fit();
        }
        let room = RAW_KEPT - self.bytes.len();
        self.bytes.extend_from_slice(&piece[..room.min(piece.len())]);
    }

    /// Bytes that came, kept or not.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.length > self.limit as u64
    }

    /// What was kept.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The record; for one that is too long, the fault and its beginning.
    pub(super) fn finish(self) -> Result<Vec<u8>, (Fault, Vec<u8>)> {
        match self.is_too_long() {
            true => Err((Fault::too_long(self.length, self.limit), self.bytes)),
            false => Ok(self.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stays_within_the_limit() {
        let piece = [b'x'; 10_000];
        let limit = 1_000_000;
        let mut record = Bounded::new(limit);
        for _ in 0..10_000 {
            record.push(&piece);
            assert!(record.bytes.capacity() <= 2 * limit);
            assert!(!record.is_too_long() || record.bytes.capacity() <= 2 * RAW_KEPT);
        }
        assert_eq!((record.length(), record.bytes().len()), (100_000_000, RAW_KEPT));
        let (fault, start) = record.finish().unwrap_err();
        assert!(fault.reason.contains("100000000 bytes") && start.len() == RAW_KEPT);
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        let mut record = Bounded::new(3);
        record.push(b"ab");
        record.push(b"c");
        assert_eq!(record.bytes(), b"abc");
        record.push(b"");
        assert!(!record.is_too_long());
        assert_eq!(record.finish(), Ok(b"abc".to_vec()));
        let mut record = Bounded::new(3);
        record.push(b"abcd");
        assert_eq!(record.finish().unwrap_err().1, b"abcd");
    }
}
