/*!
Reading a stream byte by byte and piece by piece, counting how far it was read.
*/

use std::io::{self, BufRead};

use super::bounded::Bounded;
use super::cutter::Step;

/// A stream with its position.
pub(super) struct Walker<R> {
    reader: R,
    pub(super) offset: u64,
}

impl<R: BufRead> Walker<R> {
    pub(super) fn new(reader: R, offset: u64) -> Walker<R> {
        Walker { reader, offset }
    }

    /// The next byte, which stays unread.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.chunk()?.first().copied())
    }

    /// Reads over the byte that was looked at.
    pub(super) fn bump(&mut self) {
        self.consume(1);
    }

    pub(super) fn skip_while(&mut self, unwanted: impl Fn(u8) -> bool) -> io::Result<()> {
        while self.peek()?.is_some_and(&unwanted) {
            self.bump();
        }
        Ok(())
    }

    /// Hands chunks to a function that says how much of each it takes, and whether it has come to its end; false when
    /// the stream ended before that.
    pub(super) fn take(&mut self, mut take: impl FnMut(&[u8]) -> (usize, bool)) -> io::Result<bool> {
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Ok(false);
            }
            let (used, ended) = take(chunk);
            self.consume(used);
            if ended {
                return Ok(true);
            }
        }
    }

    /// Hands chunks on until a step is reached; [`Step::More`] is the end of the stream.
    pub(super) fn follow(&mut self, mut run: impl FnMut(&[u8]) -> (usize, Step)) -> io::Result<Step> {
        let mut reached = Step::More;
        self.take(|chunk| {
            let (used, step) = run(chunk);
            reached = step;
            (used, step != Step::More)
        })?;
        Ok(reached)
    }

    /// Reads over a string of JSON and keeps it as it is written, without the quotes; false when the stream ends in it.
    pub(super) fn string(&mut self, kept: &mut Bounded) -> io::Result<bool> {
        self.bump();
        let mut escaped = false;
        self.take(|chunk| {
            let end = end_of_string(chunk, &mut escaped);
            let piece = &chunk[..end.unwrap_or(chunk.len())];
            kept.push(piece);
            (piece.len() + usize::from(end.is_some()), end.is_some())
        })
    }

    /// All that is left of the stream.
    pub(super) fn rest(&mut self, limit: usize) -> io::Result<Bounded> {
        let mut rest = Bounded::new(limit);
        self.take(|chunk| {
            rest.push(chunk);
            (chunk.len(), false)
        })?;
        Ok(rest)
    }

    fn chunk(&mut self) -> io::Result<&[u8]> {
        // Filled in the loop and borrowed after it: a borrow that is returned from a loop lasts too long.
        loop {
            match self.reader.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
                Ok(_) => break,
            }
        }
        self.reader.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
        self.offset += bytes as u64;
    }
}

/// Where the quote stands that ends a string of JSON; `escaped` tells of the byte before.
pub(super) fn end_of_string(bytes: &[u8], escaped: &mut bool) -> Option<usize> {
    bytes.iter().position(|byte| {
        let ends = *byte == b'"' && !*escaped;
        *escaped = *byte == b'\\' && !*escaped;
        ends
    })
}
