/*!
Zstandard streams.

ruzstd decodes one frame. Files in the wild have several (`cat a.zst b.zst`, parallel compressors), frames to be skipped
between them, and checksums that someone has to compare.
*/

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::source::at_end;

/// Decodes every frame of a stream. A window over ruzstd's limit of 128 MiB is an error.
pub(super) struct ZstdReader<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> ZstdReader<R> {
    pub(super) fn new(source: R) -> ZstdReader<R> {
        ZstdReader { source, decoder: FrameDecoder::new(), in_frame: false }
    }

    /// Starts the next frame; false at the end of the stream.
    fn start_frame(&mut self) -> io::Result<bool> {
        while !at_end(&mut self.source)? {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => {
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::Error::new(
                            io::ErrorKind::UnexpectedEof,
                            "a zstd frame to be skipped breaks off",
                        ));
                    }
                }
                Err(e) => return Err(broken(e)),
            }
        }
        Ok(false)
    }

    fn end_frame(&mut self) -> io::Result<()> {
        self.in_frame = false;
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(stated), Some(found)) if stated != found => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the zstd frame is damaged: its checksum is {stated:08x}, its content has {found:08x}"),
            )),
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame && !self.start_frame()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1)).map_err(broken)?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.end_frame()?;
        }
    }
}

fn broken(error: FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the zstd stream is broken: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    fn frame(data: &[u8]) -> Vec<u8> {
        compress_to_vec(data, CompressionLevel::Fastest)
    }

    fn decode(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut decoded = Vec::new();
        ZstdReader::new(bytes).read_to_end(&mut decoded)?;
        Ok(decoded)
    }

    #[test]
    fn every_frame_is_decoded_and_skippable_ones_are_skipped() {
        let big = "Typist wanted. ".repeat(50_000);
        let stream = [
            b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec(),
            frame(b"one"),
            frame(b""),
            b"\x5f\x2a\x4d\x18\0\0\0\0".to_vec(),
            frame(big.as_bytes()),
        ]
        .concat();
        assert_eq!(decode(&stream).unwrap(), format!("one{big}").as_bytes());
        assert_eq!(decode(b"").unwrap(), b"");
    }

    #[test]
    fn what_breaks_off_or_is_damaged_is_an_error() {
        let whole = frame(b"flight ticket and room are free");
        for cut in 1..whole.len() {
            assert!(decode(&whole[..cut]).is_err(), "cut at {cut}");
        }
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert!(decode(&damaged).unwrap_err().to_string().contains("checksum"));
        assert!(decode(b"\x50\x2a\x4d\x18\x09\0\0\0abc").is_err());
        assert!(decode(&[&whole[..], b"garbage"].concat()).is_err());
    }

    proptest! {
        #[test]
        fn damage_never_panics(at in 0usize..400, bits in 1u8.., cut in 0usize..500) {
            let mut bytes = frame(&(0..2000u32).flat_map(|i| (i * i % 97).to_le_bytes()).collect::<Vec<_>>());
            let at = at % bytes.len();
            bytes[at] ^= bits;
            bytes.truncate(bytes.len().saturating_sub(cut % 50));
            let _ = decode(&bytes);
        }
    }
}
