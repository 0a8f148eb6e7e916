/*!
The stream of verdicts: one file, or parts in a directory; with a header where the format has one.

All that is between the records (headers, the ends of parts) depends on the records before them only, never on
how they were batched, so that any run gives the same bytes.
*/

use std::path::PathBuf;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::cli::output::Output;
use crate::feed::writers::{Column, ParquetWriter};

/// Nobody has seen it yet.
const CANNOT_ENCODE: &str = "a verdict cannot be written as Parquet";

/// How far the verdicts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    /// The number of the part, from 0; 0 where there is one file.
    part: u64,
    /// Bytes in it.
    bytes: u64,
    /// Records in it.
    records: u64,
    /// Records in the batch that is not closed yet.
    open: u64,
}

/// What stands around the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Nothing.
    None,
    /// A header at the top; a table for people has none when it has no row.
    Header { text: Vec<u8>, always: bool },
    /// `open`, records with commas between them, `close`: so many records at most in each.
    Batches { open: &'static [u8], close: &'static [u8], most: u64 },
    /// The records are JSON lines of verdicts, of which a file with these columns is made.
    Parquet(Vec<Column>),
}

/// How long a part may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartSize {
    Records(u64),
    /// Unless a single record has more.
    Bytes(u64),
}

/// Where verdicts go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Stdout,
    File(PathBuf),
    Parts { directory: PathBuf, extension: &'static str, size: PartSize },
}

impl Target {
    fn path(&self, part: u64) -> Option<PathBuf> {
        match self {
            Target::Stdout => None,
            Target::File(path) => Some(path.clone()),
            Target::Parts { directory, extension, .. } => Some(directory.join(format!("part-{part:05}.{extension}"))),
        }
    }

    /// Refuses to go on behind parts that are gone.
    fn check_parts_before(&self, part: u64) -> anyhow::Result<()> {
        (0..part).filter_map(|part| self.path(part)).try_for_each(|path| Output::check_whole(&path, None))
    }

    /// Whether this is the name of a part, whole or not.
    pub(super) fn is_part(&self, name: &str) -> bool {
        let Target::Parts { extension, .. } = self else { return false };
        let name = name.strip_suffix(".partial").unwrap_or(name);
        let number = name.strip_prefix("part-").and_then(|rest| rest.strip_suffix(extension)?.strip_suffix('.'));
        number.is_some_and(|number| number.len() >= 5 && number.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// The verdicts of a run in the making.
#[derive(Debug)]
pub(super) struct Verdicts {
    target: Target,
    frame: Frame,
    output: Output,
    written: Written,
    /// The Parquet file in the making.
    parquet: Option<ParquetWriter>,
}

impl Verdicts {
    /// Begins. Parts of a run before would be taken for parts of this one, so they are removed.
    pub(super) fn create(target: Target, frame: Frame) -> anyhow::Result<Verdicts> {
        if let Target::Parts { directory, .. } = &target {
            let cannot = || format!("{}: parts of a run before cannot be removed", directory.display());
            for entry in std::fs::read_dir(directory).with_context(cannot)? {
                let path = entry.with_context(cannot)?.path();
                if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| target.is_part(name)) {
                    std::fs::remove_file(&path).with_context(cannot)?;
                }
            }
        }
        let output = match target.path(0) {
            None => Output::stdout(),
            Some(path) => Output::file(&path)?,
        };
        let mut verdicts = Verdicts { target, frame, output, written: Written::default(), parquet: None };
        verdicts.begin_part()?;
        Ok(verdicts)
    }

    /// Goes on where it was left.
    pub(super) fn resume(target: Target, frame: Frame, written: Written) -> anyhow::Result<Verdicts> {
        target.check_parts_before(written.part)?;
        let Some(path) = target.path(written.part) else { bail!("--resume needs an --output FILE") };
        if matches!(target, Target::Parts { .. }) {
            // It may have been filled, and got its name, behind the checkpoint.
            Output::reopen(&path)?;
        }
        let output = Output::resumed(&path, written.bytes)?;
        if matches!(frame, Frame::Parquet(_)) {
            bail!("a Parquet file cannot be gone on with; use --format jsonl or csv");
        }
        Ok(Verdicts { target, frame, output, written, parquet: None })
    }

    /// Does what is left to do when all records were written.
    pub(super) fn complete(target: &Target, written: Written) -> anyhow::Result<()> {
        target.check_parts_before(written.part)?;
        target.path(written.part).map_or(Ok(()), |path| Output::complete(&path, written.bytes))
    }

    /// Refuses to take a run for finished whose verdicts are gone, or are others.
    pub(super) fn check_finished(target: &Target, written: Written) -> anyhow::Result<()> {
        target.check_parts_before(written.part)?;
        target.path(written.part).map_or(Ok(()), |path| Output::check_whole(&path, Some(written.bytes)))
    }

    /// How far it is, with all that was given to it.
    pub(super) fn written(&self) -> Written {
        Written { bytes: self.output.length(), ..self.written }
    }

    pub(super) fn output(&self) -> &Output {
        &self.output
    }

    fn begin_part(&mut self) -> anyhow::Result<()> {
        match &self.frame {
            Frame::Header { text, always: true } => self.output.write(text),
            Frame::Parquet(columns) => {
                self.parquet = Some(ParquetWriter::new(columns.clone()).context(CANNOT_ENCODE)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Writes records; `ends` are the places in `bytes` where each ends.
    pub(super) fn write(&mut self, bytes: &[u8], ends: &[usize]) -> anyhow::Result<()> {
        if ends.is_empty() {
            return Ok(());
        }
        if matches!(self.frame, Frame::Parquet(_)) {
            return self.write_rows(bytes, ends);
        }
        if !matches!(self.target, Target::Parts { .. }) && !matches!(self.frame, Frame::Batches { .. }) {
            self.begin_records()?;
            self.written.records += ends.len() as u64;
            return self.output.write(bytes);
        }
        let mut start = 0;
        let mut together = Vec::with_capacity(bytes.len() + 64);
        for &end in ends {
            let record = &bytes[start..end];
            start = end;
            if self.is_full(together.len() + record.len()) {
                self.close_batch(&mut together);
                self.output.write(&together)?;
                together.clear();
                self.next_part()?;
            }
            self.begin_records()?;
            self.put(record, &mut together);
        }
        self.output.write(&together)
    }

    fn write_rows(&mut self, bytes: &[u8], ends: &[usize]) -> anyhow::Result<()> {
        let mut start = 0;
        for &end in ends {
            let verdict = serde_json::from_slice(&bytes[start..end]).context(CANNOT_ENCODE)?;
            start = end;
            if self.is_full(0) {
                self.close()?;
                self.next_part()?;
            }
            self.written.records += 1;
            let Some(parquet) = &mut self.parquet else { bail!("a verdict came behind the end of the file") };
            parquet.write(verdict).context(CANNOT_ENCODE)?;
            let bytes = parquet.take().context(CANNOT_ENCODE)?;
            if !bytes.is_empty() {
                self.output.write(&bytes)?;
            }
        }
        Ok(())
    }

    /// What stands before the first record only.
    fn begin_records(&mut self) -> anyhow::Result<()> {
        match &self.frame {
            Frame::Header { text, always: false } if self.written.records == 0 => self.output.write(text),
            _ => Ok(()),
        }
    }

    fn put(&mut self, record: &[u8], out: &mut Vec<u8>) {
        self.written.records += 1;
        let Frame::Batches { open, most, .. } = self.frame else {
            return out.extend_from_slice(record);
        };
        out.extend_from_slice(if self.written.open == 0 { open } else { b"," });
        out.extend_from_slice(record.strip_suffix(b"\n").unwrap_or(record));
        self.written.open += 1;
        if self.written.open == most {
            self.close_batch(out);
        }
    }

    fn close_batch(&mut self, out: &mut Vec<u8>) {
        if let (Frame::Batches { close, .. }, 1..) = (&self.frame, self.written.open) {
            out.extend_from_slice(close);
            self.written.open = 0;
        }
    }

    /// Whether so many bytes more are too many for the part.
    fn is_full(&self, more: usize) -> bool {
        match self.target {
            Target::Parts { size: PartSize::Records(most), .. } => self.written.records >= most,
            Target::Parts { size: PartSize::Bytes(most), .. } => {
                self.written.records > 0 && self.output.length() + more as u64 > most
            }
            _ => false,
        }
    }

    fn next_part(&mut self) -> anyhow::Result<()> {
        let part = self.written.part + 1;
        let Some(path) = self.target.path(part) else { return Ok(()) };
        let next = Output::file(&path)?;
        std::mem::replace(&mut self.output, next).finish()?;
        self.written = Written { part, ..Written::default() };
        self.begin_part()
    }

    /// Writes what belongs behind the last record.
    pub(super) fn close(&mut self) -> anyhow::Result<()> {
        let mut end = Vec::new();
        self.close_batch(&mut end);
        if let Some(parquet) = self.parquet.take() {
            end = parquet.finish().context(CANNOT_ENCODE)?;
        }
        self.output.write(&end)
    }

    /// Writes what was collected, so that it can be read: a Parquet file gets its end.
    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        if self.parquet.is_some() {
            self.close()?;
        }
        self.output.flush()
    }

    pub(super) fn sync(&mut self) -> anyhow::Result<()> {
        self.output.sync()
    }

    pub(super) fn finish(self) -> anyhow::Result<()> {
        self.output.finish()
    }
}

#[cfg(test)]
mod tests;
