/*!
Where the bytes come from: a file or stdin, decompressed.

Compression is told by the first bytes and not by the name, because stdin has no name and names lie.
*/

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::error::FeedError;
use super::record::Context;
use super::zstd::ZstdReader;

/// Bytes that are read ahead to tell what a stream is.
pub(super) const PEEKED: usize = 64 * 1024;

/// Bytes that any compressed file may become, however short it is.
const NEVER_TOO_MUCH: u64 = 64 << 20;

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
const XZ: &[u8] = b"\xfd7zXZ\0";
/// Of bzip2, before and after the digit that says how large its blocks are.
const BZIP2: (&[u8], &[u8]) = (b"BZh", b"1AY&SY");
/// Kilobytes that an xz stream may ask for; the highest level of its own tool asks for 64 MiB.
const XZ_MEMORY: u32 = 256 << 10;
/// The last three bytes of a skippable frame's magic number; parallel compressors begin their files with one.
const ZSTD_SKIPPABLE: &[u8] = b"\x2a\x4d\x18";

/// A stream of bytes that another thread may read.
pub type Stream = Box<dyn Read + Send>;

/// How many bytes were read from a source, before decompression; another thread may look while the feed is read.
#[derive(Clone, Debug, Default)]
pub struct BytesRead(Arc<AtomicU64>);

impl BytesRead {
    /// Bytes so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// A decompressed stream, and what is known of where it comes from.
pub(super) struct Source {
    pub(super) stream: Peeked<Stream>,
    pub(super) bytes_read: BytesRead,
    pub(super) size: Option<u64>,
    /// The file, where it is one that can be read at will and is not compressed.
    pub(super) file: Option<File>,
    pub(super) compressed: bool,
}

impl Source {
    /// Opens a file, or stdin for `-`.
    pub(super) fn open(path: &Path, context: &Context) -> Result<Source, FeedError> {
        if path.as_os_str() == "-" {
            return Source::from_reader(context, Box::new(io::stdin()));
        }
        let name = &context.file;
        let file = File::open(path).map_err(|e| FeedError::open(name, e))?;
        let metadata = file.metadata().map_err(|e| FeedError::open(name, e))?;
        if metadata.is_dir() {
            return Err(FeedError::directory(name));
        }
        let again = if metadata.is_file() { file.try_clone().ok() } else { None };
        let mut source = Source::from_reader(context, Box::new(file))?;
        source.size = metadata.is_file().then_some(metadata.len());
        source.file = again.filter(|_| !source.compressed);
        Ok(source)
    }

    /// Decompresses a stream as its first bytes tell.
    pub(super) fn from_reader(context: &Context, reader: Stream) -> Result<Source, FeedError> {
        let bytes_read = BytesRead::default();
        Source::decompressed(context, counted(reader, bytes_read.clone()), bytes_read)
    }

    /// The same of a stream that counts what it reads itself.
    pub(super) fn decompressed(context: &Context, raw: Stream, bytes_read: BytesRead) -> Result<Source, FeedError> {
        let inflated = |inner: Stream| inflated(inner, &bytes_read, context);
        let mut raw = Peeked::new(raw);
        let start = raw.peek_while_like(&[GZIP, ZSTD, XZ]).map_err(|e| FeedError::read(&context.file, 0, e))?;
        let (stream, compressed): (Stream, bool) = if start.starts_with(GZIP) {
            (inflated(Box::new(MultiGzDecoder::new(raw))), true)
        } else if start.starts_with(ZSTD) || is_skippable(start) {
            (inflated(Box::new(ZstdReader::new(BufReader::with_capacity(PEEKED, raw)))), true)
        } else if start.starts_with(XZ) {
            let raw = BufReader::with_capacity(PEEKED, raw);
            (inflated(Box::new(XzReader::new_mem_limit(raw, true, XZ_MEMORY))), true)
        } else if is_bzip2(start) {
            (inflated(Box::new(MultiBzDecoder::new(raw))), true)
        } else {
            (Box::new(raw), false)
        };
        Ok(Source { stream: Peeked::new(stream), bytes_read, size: None, file: None, compressed })
    }
}

fn is_bzip2(start: &[u8]) -> bool {
    let (before, after) = BZIP2;
    matches!(start.strip_prefix(before), Some([b'1'..=b'9', rest @ ..]) if rest.starts_with(after))
}

fn is_skippable(start: &[u8]) -> bool {
    matches!(start, [0x50..=0x5f, rest @ ..] if rest.starts_with(ZSTD_SKIPPABLE))
}

/// A decompressed stream that ends where it has grown out of all proportion: a kilobyte that becomes a gigabyte holds no
/// postings, and costs the time of a real feed.
struct Inflated {
    inner: Stream,
    /// What was read for it.
    read: BytesRead,
    made: u64,
    ratio: u64,
}

impl Read for Inflated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let made = self.inner.read(buffer)?;
        self.made += made as u64;
        if self.made > NEVER_TOO_MUCH && self.made / self.ratio.max(1) > self.read.get() {
            let ratio = self.ratio;
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "it is more than {ratio} times as large as it is compressed; is it made to fill memory? \
                     --max-decompression-ratio N allows more"
                ),
            ));
        }
        Ok(made)
    }
}

/// A decompressed stream under the limits of its context; `read` counts what it is made of.
pub(super) fn inflated(inner: Stream, read: &BytesRead, context: &Context) -> Stream {
    Box::new(Inflated { inner, read: read.clone(), made: 0, ratio: context.limits.decompression_ratio })
}

/// A stream that counts what is read of it.
pub(super) fn counted(reader: impl Read + Send + 'static, count: BytesRead) -> Stream {
    Box::new(Counted { reader, count })
}

struct Counted<R> {
    reader: R,
    count: BytesRead,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => {
                    let read = result?;
                    self.count.add(read as u64);
                    return Ok(read);
                }
            }
        }
    }
}

/// A stream of which the first bytes can be looked at before they are read.
pub(super) struct Peeked<R> {
    head: Vec<u8>,
    at: usize,
    inner: R,
    ended: bool,
}

impl<R: Read> Peeked<R> {
    pub(super) fn new(inner: R) -> Peeked<R> {
        Peeked { head: Vec::new(), at: 0, inner, ended: false }
    }

    /// The bytes that were read ahead so far.
    pub(super) fn head(&self) -> &[u8] {
        &self.head[self.at..]
    }

    /// Reads ahead once; false when no more comes, or no more may be read ahead.
    pub(super) fn peek_more(&mut self) -> io::Result<bool> {
        let have = self.head.len();
        let room = PEEKED.saturating_sub(have).min(8 * 1024);
        if self.ended || room == 0 {
            return Ok(false);
        }
        self.head.resize(have + room, 0);
        let read = loop {
            match self.inner.read(&mut self.head[have..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.head.truncate(have);
                    return Err(e);
                }
                Ok(read) => break read,
            }
        };
        self.head.truncate(have + read);
        self.ended = read == 0;
        Ok(read > 0)
    }

    /// Reads ahead as far as one may look.
    pub(super) fn peek_all(&mut self) -> io::Result<&[u8]> {
        while self.peek_more()? {}
        Ok(self.head())
    }

    /// Whether all of the stream was read ahead.
    pub(super) fn is_whole(&self) -> bool {
        self.ended
    }

    /// The position from `from` of the first byte that is wanted, reading ahead for it; none when there is none as far
    /// as one may look.
    pub(super) fn find(&mut self, from: usize, wanted: impl Fn(u8) -> bool) -> io::Result<Option<usize>> {
        let mut seen = from;
        loop {
            if let Some(found) = self.head().get(seen..).and_then(|rest| rest.iter().position(|b| wanted(*b))) {
                return Ok(Some(seen + found));
            }
            seen = seen.max(self.head().len());
            if !self.peek_more()? {
                return Ok(None);
            }
        }
    }

    /// Reads ahead as long as the stream may yet begin with one of the marks, so that a slow pipe of something else is
    /// not waited for.
    fn peek_while_like(&mut self, marks: &[&[u8]]) -> io::Result<&[u8]> {
        loop {
            let head = self.head();
            let like = marks.iter().any(|mark| head.len() < mark.len() && mark.starts_with(head));
            let skippable = match head {
                [] => true,
                _ if BZIP2.0.starts_with(&head[..head.len().min(3)]) => head.len() < BZIP2.0.len() + 1 + BZIP2.1.len(),
                [0x50..=0x5f, rest @ ..] => rest.len() < ZSTD_SKIPPABLE.len() && ZSTD_SKIPPABLE.starts_with(rest),
                _ => false,
            };
            if !(like || skippable) || !self.peek_more()? {
                return Ok(self.head());
            }
        }
    }

    /// Reads over a mark at the start; says how many bytes it had.
    pub(super) fn skip(&mut self, mark: &[u8]) -> io::Result<usize> {
        while self.head().len() < mark.len() && mark.starts_with(self.head()) {
            if !self.peek_more()? {
                break;
            }
        }
        let found = if self.head().starts_with(mark) { mark.len() } else { 0 };
        self.at += found;
        Ok(found)
    }
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at < self.head.len() {
            let read = (&self.head[self.at..]).read(buffer)?;
            self.at += read;
            return Ok(read);
        }
        if !self.head.is_empty() {
            self.head = Vec::new();
            self.at = 0;
        }
        if self.ended { Ok(0) } else { self.inner.read(buffer) }
    }
}

/// The reader that the formats read from.
pub(super) type Input = BufReader<Peeked<Stream>>;

/// Buffers a source.
pub(super) fn buffered(stream: Peeked<Stream>) -> Input {
    BufReader::with_capacity(256 * 1024, stream)
}

/// Whether a buffered stream has ended.
pub(super) fn at_end(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        match reader.fill_buf() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            chunk => return Ok(chunk?.is_empty()),
        }
    }
}
