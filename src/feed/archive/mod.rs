/*!
Zip archives: a file of files, of which each that is a feed is read, one after the other.

What an archive says of itself is checked before a member is read, because its directory stands apart from what it tells
of: members that lie over each other make much of little, and a header of another name is read by one program and not by
another. Lengths and checksums are checked while a member is unpacked. Nothing of an archive is ever written under a name
that it gives; names are for messages. A member that cannot be read at all, because it is encrypted, compressed by
something else or an archive itself, is one reject, and the members behind it are read.
*/

mod directory;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, RangeReader};

use self::directory::{Archive, Member, broken};
use super::input_format::InputFormat;
use super::record::{Context, RawRecord};
use super::source::{BytesRead, Peeked, Source, Stream, counted, inflated};
use super::{Feed, FeedError, FeedOptions, PassedOver};

/// What an archive begins with: a member, or the end of a directory of none.
const MARKS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Notices that are kept, and names of what is skipped that are listed.
const LISTED: usize = 20;

/// Office documents and programs are zip archives too, of parts that are no feeds.
const FOREIGN: [(&str, &str, &str); 3] = [
    ("[Content_Types].xml", "is an Office file (a zip archive)", "save the sheet as CSV"),
    ("mimetype", "is an Office file or a book (a zip archive)", "save the sheet as CSV"),
    ("META-INF/MANIFEST.MF", "is a Java program (a zip archive)", "name a feed"),
];

/// Whether a stream begins as an archive does.
pub(super) fn begins<R: Read>(stream: &mut Peeked<R>) -> io::Result<bool> {
    let like = |head: &[u8]| MARKS.iter().any(|mark| head.len() < mark.len() && mark.starts_with(head));
    while like(stream.head()) && stream.peek_more()? {}
    Ok(MARKS.iter().any(|mark| stream.head().starts_with(mark)))
}

/// The records of an archive's members.
pub(super) struct ArchiveReader {
    archive: Archive,
    context: Context,
    options: FeedOptions,
    members: std::vec::IntoIter<Member>,
    /// The number of the member that is read, from 1.
    member: u64,
    feed: Option<Feed>,
    /// What stands for a member that cannot be read.
    reject: Option<(Arc<Context>, RawRecord)>,
    format: InputFormat,
    bytes_read: BytesRead,
    /// Decoded bytes of the members before.
    before: u64,
    passed_over: PassedOver,
    notices: Vec<String>,
    /// Whether a member gave no record.
    without_record: bool,
    skipped: Vec<String>,
    more_skipped: u64,
}

impl ArchiveReader {
    /// Reads the directory, and begins with the first member that is a feed.
    pub(super) fn new(
        file: File,
        bytes_read: BytesRead,
        context: Context,
        options: &FeedOptions,
    ) -> Result<ArchiveReader, FeedError> {
        let (archive, members) = directory::read(file).map_err(|wrong| FeedError::archive(&context.file, wrong))?;
        if let Some((_, what, instead)) =
            FOREIGN.iter().find(|(name, ..)| members.iter().any(|member| member.name == *name))
        {
            return Err(FeedError::foreign(&context.file, what, instead));
        }
        let mut reader = ArchiveReader {
            archive,
            context,
            options: *options,
            members: members.into_iter(),
            member: 0,
            feed: None,
            reject: None,
            format: InputFormat::Text,
            bytes_read,
            before: 0,
            passed_over: PassedOver::default(),
            notices: Vec::new(),
            without_record: false,
            skipped: Vec::new(),
            more_skipped: 0,
        };
        if !reader.open_next()? {
            let wrong = "is a zip archive without a feed in it; name a feed".to_owned();
            return Err(FeedError::archive(&reader.context.file, wrong));
        }
        Ok(reader)
    }

    /// The next record, and the context of its member.
    pub(super) fn next_raw(&mut self) -> Result<Option<(Arc<Context>, RawRecord)>, FeedError> {
        loop {
            if let Some(reject) = self.reject.take() {
                return Ok(Some(reject));
            }
            if let Some(feed) = &mut self.feed {
                if let Some(record) = feed.next_raw() {
                    return Ok(Some((feed.context().clone(), record?)));
                }
                self.close();
            }
            if !self.open_next()? {
                return Ok(None);
            }
        }
    }

    /// The number of the member that the last record came from, from 1.
    pub(super) fn member(&self) -> u64 {
        self.member
    }

    pub(super) fn format(&self) -> InputFormat {
        self.format
    }

    pub(super) fn offset(&self) -> u64 {
        self.before + self.feed.as_ref().map_or(0, Feed::offset)
    }

    pub(super) fn passed_over(&self) -> PassedOver {
        let now = self.feed.as_ref().map_or(PassedOver::default(), Feed::passed_over);
        PassedOver { service: self.passed_over.service + now.service, empty: self.passed_over.empty + now.empty }
    }

    pub(super) fn is_without_record(&self) -> bool {
        self.without_record
    }

    pub(super) fn notices(&self) -> Vec<String> {
        let mut all = self.notices.clone();
        all.extend(self.feed.iter().flat_map(Feed::notices));
        if !self.skipped.is_empty() {
            let more = match self.more_skipped {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (file, names) = (&self.context.file, self.skipped.join(", "));
            all.push(format!("{file}: members skipped, of no known format: {names}{more}"));
        }
        all
    }

    /// The feed that was read is at its end.
    fn close(&mut self) {
        self.passed_over = self.passed_over();
        self.before = self.offset();
        if let Some(feed) = self.feed.take() {
            self.without_record |= feed.is_without_record();
            self.notices.extend(feed.notices());
            self.notices.truncate(LISTED);
        }
    }

    /// Opens the next member that is a feed, or rejects the next that cannot be read; false behind the last.
    fn open_next(&mut self) -> Result<bool, FeedError> {
        while let Some(member) = self.members.next() {
            self.member += 1;
            let context = Context::of(&format!("{}/{}", self.context.file, member.name), &self.options);
            let named = InputFormat::is_known_extension(&member.name) || self.options.format != InputFormat::Auto;
            let reject = match self.open(&member, &context) {
                Ok(Some(feed)) if named || feed.format() != InputFormat::Text => {
                    self.format = feed.format();
                    self.feed = Some(feed);
                    return Ok(true);
                }
                Ok(_) => None,
                Err(error) if error.is_unreadable() => return Err(error),
                Err(error) => Some(error.reject()),
            };
            match reject {
                Some(reject) => {
                    self.reject = Some((Arc::new(context), RawRecord::rejected(reject)));
                    return Ok(true);
                }
                None if self.skipped.len() < LISTED => self.skipped.push(member.name),
                None => self.more_skipped += 1,
            }
        }
        Ok(false)
    }

    /// The feed of a member; none when it is empty and its name does not say that it is one.
    fn open(&self, member: &Member, context: &Context) -> Result<Option<Feed>, FeedError> {
        let refused = |wrong: String| FeedError::archive(&context.file, wrong);
        if member.encrypted {
            return Err(refused("the member is encrypted; decrypt the archive".to_owned()));
        }
        let entry = self.archive.get_entry(member.place).map_err(|e| refused(broken(&e)))?;
        let (start, end) = entry.compressed_data_range();
        let count = BytesRead::default();
        let raw = RangeReader::new(self.archive.get_ref().clone(), start..end);
        let raw = counted(counted(raw, self.bytes_read.clone()), count.clone());
        let plain: Stream = match member.method {
            CompressionMethod::STORE => Box::new(raw),
            CompressionMethod::DEFLATE => inflated(Box::new(DeflateDecoder::new(raw)), &count, context),
            method => {
                return Err(refused(format!(
                    "the member is compressed by method {method}, and stored and deflated members are read; pack it again"
                )));
            }
        };
        let verified = Box::new(entry.verifying_reader(plain));
        let source = Source::decompressed(context, verified, count)?;
        Feed::new(context.clone(), source, &self.options).map(Some)
    }
}
