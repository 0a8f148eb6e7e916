/*!
The pages of one column chunk.

The parquet crate has a reader of pages, which allocates what a header claims and inflates gzip for as long as bytes come.
A feed may lie, so this one stands in its place: every claim is compared with the bytes that are there before anything is
allocated, what is decompressed is read up to its stated size and not beyond, and all columns together hold no more than
[`MOST_HELD`]. The crate decodes what is in the pages.
*/

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use parquet::basic::{Compression, Encoding, Type};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;

use super::thrift::{Cursor, PageHeader, Wrong, page_header};
use crate::feed::source::BytesRead;
use crate::feed::zstd::ZstdReader;

/// Bytes of decompressed pages that the columns of a file hold at a time.
pub(super) const MOST_HELD: u64 = 1 << 30;

/// Values of the pages that a few rows of lists go over.
const MOST_VALUES: u64 = 1 << 22;

/// Bytes of a page's header: its statistics may hold a text or two.
const LONGEST_HEADER: u64 = 1 << 20;

/// What is read first of a header; nearly all are shorter.
const SHORT_HEADER: u64 = 4 << 10;

/// What a value takes in a dictionary that was read.
const DICTIONARY_VALUE: u64 = 32;

/// Values of one block of deltas; writers make 128.
const LONGEST_BLOCK: u64 = 1 << 20;

/// A file that is read at will.
#[derive(Debug)]
pub(super) struct Source {
    file: Mutex<File>,
    pub(super) length: u64,
    read: BytesRead,
}

impl Source {
    pub(super) fn new(file: File, read: BytesRead) -> io::Result<Source> {
        let length = file.metadata()?.len();
        Ok(Source { file: Mutex::new(file), length, read })
    }

    /// So many bytes from a place on; the caller has checked that they are there.
    pub(super) fn bytes(&self, at: u64, count: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(count).map_err(io::Error::other)?];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Counts bytes as read; what is read over is counted with it.
    pub(super) fn count(&self, bytes: u64) {
        self.read.add(bytes);
    }

    /// What was not read of the file is done with.
    pub(super) fn count_rest(&self) {
        self.read.add(self.length.saturating_sub(self.read.get()));
    }
}

/// How far a column may be read, told by who reads it: a page at a time, so that no more than a page is held, or, in a
/// column of lists, where a row may go over pages, a number of values.
#[derive(Debug, Default)]
pub(super) struct Gate {
    open: AtomicBool,
    fresh: AtomicBool,
    values: AtomicU64,
    ended: AtomicBool,
}

impl Gate {
    /// What was read before is done with, and more may be read.
    pub(super) fn open(&self) {
        self.values.store(MOST_VALUES, Ordering::Relaxed);
        self.fresh.store(true, Ordering::Relaxed);
        self.open.store(true, Ordering::Relaxed);
    }

    /// Whether the last page was given.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

/// What a column is, as far as its pages are concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) physical: Type,
    pub(super) definition: i16,
    pub(super) repetition: i16,
}

/// Reads the pages of one column in one row group.
pub(super) struct Pages {
    source: Arc<Source>,
    at: u64,
    end: u64,
    compression: Compression,
    shape: Shape,
    gate: Arc<Gate>,
    /// Bytes that all columns hold.
    held: Arc<AtomicU64>,
    /// Of these, what is this column's: its pages, and its dictionary.
    pages: u64,
    dictionary: Option<u64>,
}

impl Pages {
    pub(super) fn new(
        source: Arc<Source>,
        chunk: &ColumnChunkMetaData,
        shape: Shape,
        gate: Arc<Gate>,
        held: Arc<AtomicU64>,
    ) -> Result<Pages, Wrong> {
        if chunk.file_path().is_some() {
            return Err("its data lies in another file, which is not read".to_owned());
        }
        let data = chunk.data_page_offset();
        // Some writers give 0 where there is no dictionary.
        let start = chunk.dictionary_page_offset().filter(|at| (4..data).contains(at)).unwrap_or(data);
        let place = u64::try_from(start).ok().zip(u64::try_from(chunk.compressed_size()).ok());
        let place = place.and_then(|(at, length)| Some((at, at.checked_add(length)?)));
        let Some((at, end)) = place.filter(|(at, end)| *at >= 4 && *end <= source.length) else {
            return Err(format!(
                "it is said to lie at byte {start} with {} bytes, and the file has {}",
                chunk.compressed_size(),
                source.length
            ));
        };
        let compression = chunk.compression();
        match compression {
            Compression::BROTLI(_) | Compression::LZO | Compression::LZ4 => {
                let name = compression.to_string();
                let name = name.split('(').next().unwrap_or_default();
                return Err(format!("it is compressed with {name}; write it with snappy, gzip, zstd or lz4_raw"));
            }
            _ => {}
        }
        Ok(Pages { source, at, end, compression, shape, gate, held, pages: 0, dictionary: None })
    }

    fn header(&mut self) -> Result<PageHeader, Wrong> {
        let left = self.end - self.at;
        let mut length = left.min(SHORT_HEADER);
        loop {
            let bytes = self.read(length)?;
            let mut cursor = Cursor::new(&bytes);
            match page_header(&mut cursor) {
                Ok(header) => {
                    self.at += cursor.at() as u64;
                    return Ok(header);
                }
                Err(_) if length < left.min(LONGEST_HEADER) => length = left.min(LONGEST_HEADER),
                Err(wrong) => return Err(format!("the header of the page at byte {} is damaged: {wrong}", self.at)),
            }
        }
    }

    fn read(&self, count: u64) -> Result<Vec<u8>, Wrong> {
        self.source.bytes(self.at, count).map_err(|e| format!("{count} bytes at byte {} cannot be read: {e}", self.at))
    }

    /// Counts bytes as held, or refuses.
    fn hold(&mut self, bytes: u64) -> Result<(), Wrong> {
        let all = self.held.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if all > MOST_HELD {
            self.held.fetch_sub(bytes, Ordering::Relaxed);
            return Err(format!(
                "its page at byte {} claims {bytes} bytes, and with the pages of the other columns that are more than \
                 the limit of {MOST_HELD}; write the file with smaller pages",
                self.at
            ));
        }
        Ok(())
    }

    fn page(&mut self) -> Result<Option<Page>, Wrong> {
        while self.at < self.end {
            let start = self.at;
            let header = self.header()?;
            let damaged = |what: String| format!("the page at byte {start} is damaged: {what}");
            let left = self.end - self.at;
            let compressed = u64::try_from(header.compressed).ok().filter(|size| *size <= left);
            let Some(compressed) = compressed else {
                let claimed = header.compressed;
                return Err(damaged(format!("it claims {claimed} bytes where {left} are left of the column")));
            };
            let uncompressed = u64::try_from(header.uncompressed);
            let uncompressed = uncompressed.map_err(|_| damaged(format!("it claims {} bytes", header.uncompressed)))?;
            if header.kind == 1 {
                // An index page, which nobody writes.
                self.at += compressed;
                continue;
            }
            if header.kind == 2 && self.dictionary.is_some() {
                return Err(damaged("it is the column's second dictionary".to_owned()));
            }
            self.hold(uncompressed)?;
            self.pages += uncompressed;
            let bytes = self.read(compressed)?;
            self.at += compressed;
            self.source.count(self.at - start);
            let page = self.content(&header, bytes, uncompressed).map_err(damaged)?;
            if let Page::DictionaryPage { num_values, .. } = &page {
                // The dictionary stays, when the pages before go.
                let values = u64::from(*num_values) * DICTIONARY_VALUE;
                self.hold(values)?;
                self.pages -= uncompressed;
                self.dictionary = Some(uncompressed + values);
            }
            return Ok(Some(page));
        }
        Ok(None)
    }

    fn content(&self, header: &PageHeader, bytes: Vec<u8>, size: u64) -> Result<Page, Wrong> {
        let number = |value: i64, what: &str| u32::try_from(value).map_err(|_| format!("it claims {value} {what}"));
        let num_values = number(header.values, "values")?;
        let encoding = encoding(header.encoding)?;
        match header.kind {
            2 => {
                let buf = unpacked(self.compression, &bytes, 0, size)?;
                let least = match self.shape.physical {
                    Type::BYTE_ARRAY | Type::INT32 | Type::FLOAT => 4,
                    Type::INT64 | Type::DOUBLE => 8,
                    Type::INT96 => 12,
                    Type::FIXED_LEN_BYTE_ARRAY | Type::BOOLEAN => 1,
                };
                if u64::from(num_values) * least > size {
                    return Err(format!("a dictionary of {size} bytes claims {num_values} values"));
                }
                Ok(Page::DictionaryPage { buf, num_values, encoding, is_sorted: false })
            }
            0 => {
                let buf = unpacked(self.compression, &bytes, 0, size)?;
                let def_level_encoding = encoding_of_levels(header.definition)?;
                let rep_level_encoding = encoding_of_levels(header.repetition)?;
                let levels = [(self.shape.repetition, rep_level_encoding), (self.shape.definition, def_level_encoding)];
                let mut values = &buf[..];
                for (_, encoding) in levels.iter().filter(|(most, _)| *most > 0) {
                    if *encoding != Encoding::RLE {
                        values = &[];
                        continue;
                    }
                    let length = values.first_chunk().map_or(u32::MAX, |length| u32::from_le_bytes(*length));
                    values = values.get(4..).and_then(|rest| rest.get(length as usize..)).unwrap_or_default();
                }
                check_values(encoding, values, num_values)?;
                self.spend(num_values)?;
                let statistics = None;
                Ok(Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, statistics })
            }
            3 => {
                let def_levels_byte_len = number(header.definition, "bytes of levels")?;
                let rep_levels_byte_len = number(header.repetition, "bytes of levels")?;
                let levels = u64::from(def_levels_byte_len) + u64::from(rep_levels_byte_len);
                if levels > size || levels > bytes.len() as u64 {
                    return Err(format!("it claims {levels} bytes of levels where there are {size} in all"));
                }
                // Both fit a slice, because the levels do.
                let levels = levels as usize;
                let packed = header.is_compressed && self.compression != Compression::UNCOMPRESSED;
                let buf = match packed {
                    true => unpacked(self.compression, &bytes, levels, size)?,
                    false => exactly(bytes, size)?,
                };
                check_values(encoding, buf.get(levels..).unwrap_or_default(), num_values)?;
                self.spend(num_values)?;
                Ok(Page::DataPageV2 {
                    buf,
                    num_values,
                    encoding,
                    num_nulls: number(header.nulls, "nulls")?,
                    num_rows: number(header.rows, "rows")?,
                    def_levels_byte_len,
                    rep_levels_byte_len,
                    is_compressed: packed,
                    statistics: None,
                })
            }
            kind => Err(format!("there is no kind {kind} of pages")),
        }
    }

    /// A column of lists is read row by row however many pages a row goes over, so that its values have to be counted.
    fn spend(&self, values: u32) -> Result<(), Wrong> {
        if self.shape.repetition == 0 {
            return Ok(());
        }
        let left = self.gate.values.load(Ordering::Relaxed);
        let left = left.checked_sub(u64::from(values));
        let left = left
            .ok_or_else(|| format!("few rows go over pages of more than {MOST_VALUES} values; write smaller pages"))?;
        self.gate.values.store(left, Ordering::Relaxed);
        Ok(())
    }
}

/// The content of a page: `plain` bytes as they are, and then what the codec makes of the rest.
pub(super) fn unpacked(compression: Compression, bytes: &[u8], plain: usize, size: u64) -> Result<Bytes, Wrong> {
    let (levels, packed) = bytes.split_at(plain);
    let size_of_values = size - plain as u64;
    if size_of_values == 0 {
        return exactly(levels.to_vec(), size);
    }
    let mut out = levels.to_vec();
    // What a codec can make of so many bytes at the most; a page that claims more lies.
    let at_most = |ratio: u64| match size_of_values > (packed.len() as u64 + 16) * ratio {
        true => Err(format!("it claims {size_of_values} bytes out of {} that are compressed", packed.len())),
        false => Ok(plain..size as usize),
    };
    match compression {
        Compression::UNCOMPRESSED => out.extend_from_slice(packed),
        Compression::SNAPPY => {
            let place = at_most(32)?;
            let length = snap::raw::decompress_len(packed).map_err(|e| e.to_string())?;
            if length as u64 != size_of_values {
                return Err(format!("it claims {size_of_values} bytes, and snappy {length}"));
            }
            out.resize(place.end, 0);
            snap::raw::Decoder::new().decompress(packed, &mut out[place]).map_err(|e| e.to_string())?;
        }
        Compression::LZ4_RAW => {
            let place = at_most(256)?;
            out.resize(place.end, 0);
            let written = lz4_flex::block::decompress_into(packed, &mut out[place]).map_err(|e| e.to_string())?;
            out.truncate(plain + written);
        }
        Compression::GZIP(_) => fill(MultiGzDecoder::new(packed), size_of_values, &mut out)?,
        Compression::ZSTD(_) => fill(ZstdReader::new(packed), size_of_values, &mut out)?,
        _ => return Err(format!("it is compressed with {compression}")),
    }
    exactly(out, size)
}

/// Reads what is stated, and one byte more if there is one: then the size is wrong.
fn fill(reader: impl Read, size: u64, out: &mut Vec<u8>) -> Result<(), Wrong> {
    reader.take(size + 1).read_to_end(out).map(drop).map_err(|e| e.to_string())
}

fn exactly(bytes: Vec<u8>, size: u64) -> Result<Bytes, Wrong> {
    match bytes.len() as u64 == size {
        true => Ok(bytes.into()),
        false => Err(format!("it claims {size} bytes, and has {} or more", bytes.len())),
    }
}

fn encoding(code: i64) -> Result<Encoding, Wrong> {
    Ok(match code {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        // A prefix may be shared by any number of values, so that no length bounds what a page makes.
        7 => {
            return Err("its values are front-coded (DELTA_BYTE_ARRAY), which is not read; write them PLAIN".to_owned());
        }
        _ => return Err(format!("there is no encoding {code}")),
    })
}

fn encoding_of_levels(code: i64) -> Result<Encoding, Wrong> {
    match code {
        3 => Ok(Encoding::RLE),
        // It is deprecated, and old files have it.
        #[expect(deprecated, reason = "files of before 2014 hold it")]
        4 => Ok(Encoding::BIT_PACKED),
        _ => Err(format!("its levels have the encoding {code}")),
    }
}

/// The crate makes room for as many deltas as their header claims; there are no more than values.
fn check_values(encoding: Encoding, bytes: &[u8], values: u32) -> Result<(), Wrong> {
    if !matches!(encoding, Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY) {
        return Ok(());
    }
    let mut cursor = Cursor::new(bytes);
    let (block, _, total) = (cursor.unsigned()?, cursor.unsigned()?, cursor.unsigned()?);
    if block > LONGEST_BLOCK || total > u64::from(values) || total > (1 << 26) {
        return Err(format!("its deltas claim {total} values in blocks of {block} where {values} are stated"));
    }
    Ok(())
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> parquet::errors::Result<Option<Page>> {
        if !self.gate.open.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if self.gate.fresh.swap(false, Ordering::Relaxed) {
            // The pages before are done with.
            self.held.fetch_sub(self.pages, Ordering::Relaxed);
            self.pages = 0;
        }
        let page = self.page().map_err(ParquetError::General)?;
        self.gate.ended.store(page.is_none(), Ordering::Relaxed);
        if self.shape.repetition == 0 && page.as_ref().is_some_and(Page::is_data_page) {
            self.gate.open.store(false, Ordering::Relaxed);
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> parquet::errors::Result<Option<PageMetadata>> {
        Err(ParquetError::General("pages are read in order".to_owned()))
    }

    fn skip_next_page(&mut self) -> parquet::errors::Result<()> {
        Err(ParquetError::General("pages are read in order".to_owned()))
    }

    /// Old writers let a row go over pages, so only the last page is known to end with a row.
    fn at_record_boundary(&mut self) -> parquet::errors::Result<bool> {
        Ok(self.at >= self.end)
    }
}

impl Iterator for Pages {
    type Item = parquet::errors::Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
