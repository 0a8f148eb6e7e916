/*!
Feeds of postings: files and streams in, [`Posting`](crate::posting::Posting)s and [`Reject`]s out.

A [`Feed`] is an iterator of records. Every record of the input comes out once, in order, as a posting or as a reject
that says what is wrong with it, but for the entries of a chat's export that no person wrote or that have no text:
[`Feed::passed_over`] counts them. Only what makes the rest of a file unreadable is an error. Memory is bounded by
[`Limits`], whatever the input holds.

For many threads [`Feed::next_raw`] gives records that are only cut out of the stream, and [`RawRecord::parse`] does the
rest where it is called.

```
use lurescan::feed::{Feed, FeedOptions, Record};
use lurescan::posting::Field;

let lines = r#"{"job_id": 7, "body": "Typist wanted, flight paid"}
{"job_id": 8, "body":
"#;
let feed = Feed::from_reader("-", Box::new(lines.as_bytes()), &FeedOptions::default())?;
for record in feed {
    match record? {
        Record::Posting(posting) => assert_eq!(posting.get(Field::Description), "Typist wanted, flight paid"),
        Record::Reject(reject) => assert_eq!(reject.record, 2),
    }
}
# Ok::<(), lurescan::feed::FeedError>(())
```
*/

mod archive;
mod assemble;
mod board;
mod bounded;
mod chat;
mod cutter;
mod date;
mod detect;
mod flatten;
mod json;
mod jsonld;
mod parquet;
mod record;
mod source;
mod walk;
mod zstd;

pub mod alias;
pub mod csv;
pub mod encoding;
pub mod error;
pub mod html;
pub mod input_format;
pub mod json_stream;
pub mod jsonl;
pub mod reject;
pub mod telegram;
pub mod text;
pub mod whatsapp;
pub mod writers;
pub mod xml;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub use board::{Employer, RawJob};
pub use chat::{PassedOver, RawMessage};
pub use encoding::TextEncoding;
pub use error::FeedError;
pub use input_format::InputFormat;
pub use parquet::quiet_decoding;
pub use record::{Context, Limits, RawRecord, Record};
pub use reject::Reject;
pub use source::{BytesRead, Stream};

use archive::ArchiveReader;
use csv::CsvReader;
use detect::Found;
use encoding::Told;
use html::HtmlReader;
use json_stream::JsonReader;
use jsonl::Splitter;
use parquet::ParquetReader;
use source::{Input, Source, buffered};
use telegram::TelegramReader;
use text::TextReader;
use whatsapp::WhatsAppReader;
use xml::XmlReader;

/// How feeds are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedOptions {
    /// The format; told by name and content unless set.
    pub format: InputFormat,
    /// The encoding of the text; told by the content unless set. JSON is UTF-8 unless this says else.
    pub encoding: Option<TextEncoding>,
    /// Bounds on one record.
    pub limits: Limits,
    /// Labels are wanted: a record whose label is none is a reject. Where nobody reads them, it is a posting without one,
    /// and what stood there is in [`Posting::extra`](crate::posting::Posting::extra).
    pub labels: bool,
    /// Where a format allows it, columns that fill no field of ours are left unread: nobody looks at
    /// [`Posting::extra`](crate::posting::Posting::extra).
    pub known_columns_only: bool,
}

/// The records of one file or stream.
pub struct Feed {
    context: Arc<Context>,
    reader: Reader,
    bytes_read: BytesRead,
    size: Option<u64>,
    compressed: bool,
    encoding: Told,
    ended: bool,
    /// Whether a record came.
    any: bool,
}

enum Reader {
    Html(HtmlReader<Input>),
    Json(JsonReader<Input>),
    Jsonl(Splitter<Input>),
    Csv(Box<CsvReader<Input>>),
    Telegram(TelegramReader<Input>),
    Text(TextReader<Input>),
    Xml(Box<XmlReader<Input>>),
    WhatsApp(WhatsAppReader<Input>),
    Parquet(Box<ParquetReader>),
    Archive(Box<ArchiveReader>),
}

impl Feed {
    /// Opens a file, or stdin for `-`, and decompresses it if it is compressed with gzip, zstd, bzip2 or xz. A Parquet file
    /// that is not a plain file on the disk is copied to a temporary one first. Of a zip archive each member that is a feed
    /// is read, one after the other, as a file of the name `archive.zip/member`.
    ///
    /// # Errors
    ///
    /// When there is no such file, it is a directory, it cannot be read, it is in a format that is not supported, or a
    /// table's header has no column that is known to hold text.
    pub fn open(path: impl AsRef<Path>, options: &FeedOptions) -> Result<Feed, FeedError> {
        let path = path.as_ref();
        let context = Context::of(&path.to_string_lossy(), options);
        let source = Source::open(path, &context)?;
        Feed::new(context, source, options)
    }

    /// Reads a stream under a name, which rejects and ids will carry; `-` is stdin's.
    ///
    /// # Errors
    ///
    /// As for [`Feed::open`].
    pub fn from_reader(name: &str, reader: Stream, options: &FeedOptions) -> Result<Feed, FeedError> {
        let context = Context::of(name, options);
        let source = Source::from_reader(&context, reader)?;
        Feed::new(context, source, options)
    }

    fn new(context: Context, mut source: Source, options: &FeedOptions) -> Result<Feed, FeedError> {
        let failed = |e| FeedError::read(&context.file, 0, e);
        if source.file.is_some() && archive::begins(&mut source.stream).map_err(failed)? {
            return Feed::of_archive(context, source, options);
        }
        if detect::is_parquet(options.format, &mut source.stream).map_err(failed)? {
            return Feed::of_parquet(context, source, options.known_columns_only);
        }
        let told = Told::default();
        source.stream = encoding::settled(source.stream, options.encoding, &told).map_err(failed)?;
        let offset = source.stream.skip(jsonl::BOM).map_err(failed)? as u64;
        let found = detect::detect(options.format, &context.file, &mut source.stream).map_err(failed)?;
        if matches!(found, Found::Csv { .. } | Found::Html | Found::Text | Found::Xml) {
            let stated = match found {
                _ if offset > 0 => Some(encoding_rs::UTF_8),
                Found::Html => encoding::declared_by_page(source.stream.peek_all().map_err(failed)?),
                _ => encoding::declared(source.stream.head()),
            };
            source.stream = encoding::unsettled(source.stream, stated, &told);
        }
        let (head, whole) = match found {
            Found::Xml => (source.stream.peek_all().map_err(failed)?.to_vec(), source.stream.is_whole()),
            _ => (Vec::new(), false),
        };
        let input = buffered(source.stream);
        let reader = match found {
            Found::Html => Reader::Html(HtmlReader::new(input, context.clone(), offset)),
            Found::Json => Reader::Json(JsonReader::new(input, context.clone(), offset)),
            Found::Jsonl => Reader::Jsonl(Splitter::new(input, context.clone(), offset)),
            Found::Csv { separator } => {
                Reader::Csv(Box::new(CsvReader::new(input, separator, context.clone(), offset)?))
            }
            Found::Telegram => Reader::Telegram(TelegramReader::new(input, context.clone(), offset)),
            Found::Text => Reader::Text(TextReader::new(input, context.clone(), offset)),
            Found::Xml => Reader::Xml(Box::new(XmlReader::new(input, &head, whole, context.clone(), offset)?)),
            Found::WhatsApp => Reader::WhatsApp(WhatsAppReader::new(input, context.clone(), offset)),
            Found::Foreign { what, instead } => return Err(FeedError::foreign(&context.file, what, instead)),
        };
        Ok(Feed {
            context: Arc::new(context),
            reader,
            bytes_read: source.bytes_read,
            size: source.size,
            compressed: source.compressed,
            encoding: told,
            ended: false,
            any: false,
        })
    }

    fn of_archive(context: Context, mut source: Source, options: &FeedOptions) -> Result<Feed, FeedError> {
        let Some(file) = source.file.take() else {
            return Err(FeedError::archive(&context.file, "a zip archive is read from a file; name a FILE".to_owned()));
        };
        let bytes_read = BytesRead::default();
        let reader = ArchiveReader::new(file, bytes_read.clone(), context.clone(), options)?;
        Ok(Feed {
            context: Arc::new(context),
            reader: Reader::Archive(Box::new(reader)),
            bytes_read,
            size: source.size,
            compressed: source.compressed,
            encoding: Told::default(),
            ended: false,
            any: false,
        })
    }

    fn of_parquet(context: Context, mut source: Source, known_only: bool) -> Result<Feed, FeedError> {
        // A copy was counted while it was made.
        let (file, counted) = match source.file.take() {
            Some(file) => (file, source.bytes_read.clone()),
            None => {
                let file = parquet::spooled(&mut source.stream).map_err(|e| FeedError::read(&context.file, 0, e))?;
                (file, BytesRead::default())
            }
        };
        let reader = ParquetReader::new(file, counted, context.clone(), known_only)?;
        Ok(Feed {
            context: Arc::new(context),
            reader: Reader::Parquet(Box::new(reader)),
            bytes_read: source.bytes_read,
            size: source.size,
            compressed: source.compressed,
            encoding: Told::default(),
            ended: false,
            any: false,
        })
    }

    /// The next record, cut out of the stream but, where the format allows it, not yet parsed. None at the end and
    /// after an error.
    pub fn next_raw(&mut self) -> Option<Result<RawRecord, FeedError>> {
        if self.ended {
            return None;
        }
        let next = match &mut self.reader {
            Reader::Html(reader) => reader.next_raw(),
            Reader::Json(reader) => reader.next_raw(),
            Reader::Jsonl(reader) => reader.next_raw(),
            Reader::Csv(reader) => reader.next_raw(),
            Reader::Telegram(reader) => reader.next_raw(),
            Reader::Text(reader) => reader.next_raw(),
            Reader::Xml(reader) => reader.next_raw(),
            Reader::WhatsApp(reader) => reader.next_raw(),
            Reader::Parquet(reader) => reader.next_raw(),
            Reader::Archive(reader) => {
                let next = reader.next_raw().map(|next| {
                    let (context, record) = next?;
                    self.context = context;
                    Some(record)
                });
                self.ended = !matches!(next, Ok(Some(_)));
                return next.transpose();
            }
        };
        match next {
            Ok(Some(record)) => {
                self.any = true;
                Some(Ok(record))
            }
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(e) => {
                self.ended = true;
                Some(Err(FeedError::read(&self.context.file, self.offset(), e)))
            }
        }
    }

    /// What [`RawRecord::parse`] needs of the record that came last; cheap to clone and to send. Records of an archive
    /// have that of their member.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// The format that is read, of an archive that of the member; never [`InputFormat::Auto`].
    pub fn format(&self) -> InputFormat {
        match self.reader {
            Reader::Html(_) => InputFormat::Html,
            Reader::Json(_) => InputFormat::Json,
            Reader::Jsonl(_) => InputFormat::Jsonl,
            Reader::Csv(_) => InputFormat::Csv,
            Reader::Telegram(_) => InputFormat::Telegram,
            Reader::Text(_) => InputFormat::Text,
            Reader::Xml(_) => InputFormat::Xml,
            Reader::WhatsApp(_) => InputFormat::WhatsApp,
            Reader::Parquet(_) => InputFormat::Parquet,
            Reader::Archive(ref reader) => reader.format(),
        }
    }

    /// How far the decoded stream was read, in bytes.
    pub fn offset(&self) -> u64 {
        match &self.reader {
            Reader::Html(reader) => reader.offset(),
            Reader::Json(reader) => reader.offset(),
            Reader::Jsonl(reader) => reader.offset(),
            Reader::Csv(reader) => reader.offset(),
            Reader::Telegram(reader) => reader.offset(),
            Reader::Text(reader) => reader.offset(),
            Reader::Xml(reader) => reader.offset(),
            Reader::WhatsApp(reader) => reader.offset(),
            Reader::Parquet(reader) => reader.offset(),
            Reader::Archive(reader) => reader.offset(),
        }
    }

    /// The number of the archive's member that the last record came from, from 1; 0 where there is no archive. Records
    /// are numbered from 1 in each.
    pub fn member(&self) -> u64 {
        match &self.reader {
            Reader::Archive(reader) => reader.member(),
            _ => 0,
        }
    }

    /// Entries of a chat's export, so far, that are no records: messages of the app itself, and those without text.
    pub fn passed_over(&self) -> PassedOver {
        match &self.reader {
            Reader::Telegram(reader) => reader.passed_over(),
            Reader::WhatsApp(reader) => reader.passed_over(),
            Reader::Archive(reader) => reader.passed_over(),
            _ => PassedOver::default(),
        }
    }

    /// Whether the feed, or a member of the archive, was read to its end and gave no record, nor any entry that was passed
    /// over: it is empty, or not of the format that it was taken for.
    pub fn is_without_record(&self) -> bool {
        match &self.reader {
            Reader::Archive(reader) => reader.is_without_record(),
            _ => self.ended && !self.any && self.passed_over() == PassedOver::default(),
        }
    }

    /// What is to be told of how the feed was read, as far as it was, each behind the file's name: what was assumed of the
    /// text's encoding and how much could not be decoded, which columns and which members of an archive are not read, and that
    /// no record was in it.
    pub fn notices(&self) -> Vec<String> {
        let columns = match &self.reader {
            Reader::Archive(reader) => return reader.notices(),
            Reader::Parquet(reader) => reader.notice(),
            _ => None,
        };
        let file = if &*self.context.file == "-" { "stdin" } else { &self.context.file };
        let none = self.is_without_record().then(|| match self.offset() {
            0 => "is empty: no record was found in it".to_owned(),
            bytes => format!("no record was found in its {bytes} bytes, read as {}", self.format()),
        });
        self.encoding
            .notice()
            .into_iter()
            .chain(columns)
            .chain(none)
            .map(|notice| format!("{file}: {notice}"))
            .collect()
    }

    /// Counts the bytes read from the file, compressed as they are: what [`Feed::size`] is to be compared with.
    pub fn bytes_read(&self) -> &BytesRead {
        &self.bytes_read
    }

    /// Whether the file was compressed, as its first bytes told; an archive is not.
    pub fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// The size of the file, when it is one.
    pub fn size(&self) -> Option<u64> {
        self.size
    }
}

impl Iterator for Feed {
    type Item = Result<Record, FeedError>;

    fn next(&mut self) -> Option<Self::Item> {
        let raw = self.next_raw()?;
        Some(raw.map(|raw| raw.parse(&self.context)))
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("file", &self.context.file)
            .field("format", &self.format())
            .field("offset", &self.offset())
            .finish_non_exhaustive()
    }
}

impl std::iter::FusedIterator for Feed {}
