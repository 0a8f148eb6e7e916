/*!
The records of all inputs, one after the other, and how far they were read.
*/

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::bail;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::feed::{Context, Feed, FeedOptions, Limits, RawRecord, Record, Reject};
use crate::posting::Posting;

/// What a record takes beside its bytes.
const OVERHEAD: usize = 256;

/// A record that is cut out of its feed, and what is needed to parse it.
pub(in crate::cli) struct Cut {
    pub(in crate::cli) raw: RawRecord,
    pub(in crate::cli) context: Arc<Context>,
    /// The number of its file, from 0.
    pub(super) input: usize,
    /// The number of its member, where the file is an archive.
    pub(super) member: u64,
}

/// Where a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The number of its file, from 0.
    pub(super) input: usize,
    /// The number of its member, where the file is an archive.
    #[serde(default)]
    pub(super) member: u64,
    /// Its number in the file or member, from 1.
    pub(super) record: u64,
    /// Where it starts, in bytes of the decoded file.
    pub(super) offset: u64,
}

impl Cut {
    pub(super) fn place(&self) -> Place {
        Place { input: self.input, member: self.member, record: self.raw.number(), offset: self.raw.offset() }
    }
}

/// How far the inputs were read; another thread may look.
#[derive(Debug, Default)]
pub(in crate::cli) struct Progress {
    /// Bytes read from files, compressed as they are.
    pub(super) read: AtomicU64,
    /// Bytes of decoded content.
    pub(super) decoded: AtomicU64,
    /// Entries of chats that are no records: service messages, and messages without text.
    pub(super) service: AtomicU64,
    pub(super) empty: AtomicU64,
    /// An input gave no record.
    pub(super) without_record: AtomicBool,
    /// Bytes of all files; 0 when one of them has no known size.
    pub(super) total: u64,
    /// What is to be told of files that were read.
    notices: Mutex<Vec<String>>,
}

impl Progress {
    /// What is to be told and was not yet.
    pub(super) fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tell(&self, feed: &Feed) {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).extend(feed.notices());
    }
}

/// The records of all inputs.
pub(in crate::cli) struct Records {
    files: std::vec::IntoIter<PathBuf>,
    texts: std::vec::IntoIter<Cut>,
    /// Of files that cannot be read and end no run.
    rejects: FxHashMap<PathBuf, Reject>,
    options: FeedOptions,
    feed: Option<Feed>,
    /// The number of the file that comes next.
    next_input: usize,
    /// The last record that is done already.
    done: Option<Place>,
    /// Bytes of the files before the one that is being read.
    before: (u64, u64),
    progress: Arc<Progress>,
}

impl Records {
    pub(in crate::cli) fn of_files(files: Vec<PathBuf>, options: FeedOptions) -> Records {
        let sizes = files.iter().map(|f| std::fs::metadata(f).ok().filter(|m| m.is_file()).map(|m| m.len()));
        let total = sizes.sum::<Option<u64>>().unwrap_or(0);
        Records {
            files: files.into_iter(),
            texts: Vec::new().into_iter(),
            rejects: FxHashMap::default(),
            options,
            feed: None,
            next_input: 0,
            done: None,
            before: (0, 0),
            progress: Arc::new(Progress { total, ..Progress::default() }),
        }
    }

    /// Texts from the command line, as records of a feed of the name `text`.
    pub(super) fn of_texts(texts: &[String]) -> Records {
        let context = Arc::new(Context::new("text", Limits::default()));
        let mut offset = 0;
        let cut: Vec<Cut> = (1..)
            .zip(texts)
            .map(|(number, text)| {
                let posting = Posting::from_text(context.default_id(number), text.as_str());
                let record = Record::Posting(Box::new(posting));
                let length = text.len() as u64;
                offset += length;
                let raw = RawRecord::Parsed { number, offset: offset - length, length, record };
                Cut { raw, context: context.clone(), input: 0, member: 0 }
            })
            .collect();
        let progress = Progress { decoded: AtomicU64::new(offset), ..Progress::default() };
        let records = Records::of_files(Vec::new(), FeedOptions::default());
        Records { texts: cut.into_iter(), progress: Arc::new(progress), ..records }
    }

    /// Takes these rejects for the files that they stand for.
    pub(in crate::cli) fn with_rejects(self, rejects: FxHashMap<PathBuf, Reject>) -> Records {
        Records { rejects, ..self }
    }

    pub(in crate::cli) fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }

    pub(in crate::cli) fn weigh(cut: &Cut) -> usize {
        cut.raw.length() as usize + OVERHEAD
    }

    /// The records behind this one.
    pub(super) fn behind(mut self, done: Place) -> Records {
        for file in self.files.by_ref().take(done.input) {
            self.before.0 += std::fs::metadata(file).map_or(0, |metadata| metadata.len());
        }
        self.next_input = done.input;
        self.done = Some(done);
        self
    }

    /// What stands for the next file, if that cannot be read.
    fn rejected(&mut self) -> Option<Cut> {
        let reject = self.rejects.get(self.files.as_slice().first()?)?.clone();
        self.files.next();
        self.next_input += 1;
        let context = Arc::new(Context::new(&reject.file, self.options.limits));
        Some(Cut { raw: RawRecord::rejected(reject), context, input: self.next_input - 1, member: 0 })
    }

    /// Opens the next file, and reads over what is done of it. None behind the last.
    fn open(&mut self) -> anyhow::Result<Option<Feed>> {
        let Some(file) = self.files.next() else { return Ok(None) };
        let mut feed = Feed::open(file, &self.options)?;
        self.next_input += 1;
        if let Some(done) = self.done.take() {
            loop {
                let Some(raw) = feed.next_raw() else {
                    bail!("{}: ends before record {}, which is done", feed.context().file, done.record);
                };
                let raw = raw?;
                if (feed.member(), raw.number()) < (done.member, done.record) {
                    continue;
                }
                if (feed.member(), raw.number(), raw.offset()) != (done.member, done.record, done.offset) {
                    bail!(
                        "{}: record {} begins at byte {}, and did at {} when the checkpoint was made; leave --resume out to start again",
                        feed.context().file,
                        raw.number(),
                        raw.offset(),
                        done.offset
                    );
                }
                break;
            }
        }
        Ok(Some(feed))
    }
}

impl Iterator for Records {
    type Item = anyhow::Result<Cut>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(text) = self.texts.next() {
            return Some(Ok(text));
        }
        loop {
            if self.feed.is_none() {
                if let Some(cut) = self.rejected() {
                    match self.done.take() {
                        Some(_) => continue,
                        None => return Some(Ok(cut)),
                    }
                }
                match self.open() {
                    Ok(feed) => self.feed = Some(feed?),
                    Err(e) => return Some(Err(e)),
                }
            }
            let feed = self.feed.as_mut()?;
            let next = feed.next_raw();
            let read = self.before.0 + feed.bytes_read().get();
            let decoded = self.before.1 + feed.offset();
            self.progress.read.store(read, Ordering::Relaxed);
            self.progress.decoded.store(decoded, Ordering::Relaxed);
            match next {
                Some(Ok(raw)) => {
                    let input = self.next_input - 1;
                    let member = feed.member();
                    return Some(Ok(Cut { raw, context: feed.context().clone(), input, member }));
                }
                Some(Err(e)) => {
                    self.progress.tell(feed);
                    return Some(Err(e.into()));
                }
                None => {
                    self.progress.tell(feed);
                    self.progress.without_record.fetch_or(feed.is_without_record(), Ordering::Relaxed);
                    let passed_over = feed.passed_over();
                    self.progress.service.fetch_add(passed_over.service, Ordering::Relaxed);
                    self.progress.empty.fetch_add(passed_over.empty, Ordering::Relaxed);
                    self.before = (read, decoded);
                    self.feed = None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_any_record_the_rest_comes() {
        let dir = tempfile::tempdir().unwrap();
        let line = "{\"text\":\"Cook wanted\"}\n";
        let files = [("a.jsonl", line.repeat(2)), ("b.parquet", "PAR1".to_owned()), ("c.jsonl", line.repeat(2))];
        let paths: Vec<PathBuf> = files.iter().map(|(name, _)| dir.path().join(name)).collect();
        files.iter().zip(&paths).for_each(|((_, text), path)| std::fs::write(path, text).unwrap());
        let options = FeedOptions::default();
        let reject = Feed::open(&paths[1], &options).unwrap_err().reject();
        let records = || {
            Records::of_files(paths.clone(), options)
                .with_rejects([(paths[1].clone(), reject.clone())].into_iter().collect())
        };
        let places = |records: Records| records.map(|cut| cut.unwrap().place()).collect::<Vec<_>>();
        let all = places(records());
        assert_eq!(
            all.iter().map(|place| (place.input, place.record)).collect::<Vec<_>>(),
            [(0, 1), (0, 2), (1, 1), (2, 1), (2, 2)]
        );
        for (done, place) in all.iter().enumerate() {
            assert_eq!(places(records().behind(*place)), all[done + 1..]);
        }
    }
}
