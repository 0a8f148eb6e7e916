/*!
The stream of verdicts: one file, or parts in a directory; with a header where the format has one.

All that is between the records (headers, the ends of parts) depends on the records before them only, never on
how they were batched, so that any run gives the same bytes.
*/

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::cli::output::Output;

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

    /// Whether this is the name of a part, whole or not.
    fn is_part(&self, name: &str) -> bool {
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
        let mut verdicts = Verdicts { target, frame, output, written: Written::default() };
        verdicts.begin_part()?;
        Ok(verdicts)
    }

    /// Goes on where it was left.
    pub(super) fn resume(target: Target, frame: Frame, written: Written) -> anyhow::Result<Verdicts> {
        let Some(path) = target.path(written.part) else { bail!("--resume needs an --output FILE") };
        if matches!(target, Target::Parts { .. }) {
            // It may have been filled, and got its name, behind the checkpoint.
            Output::reopen(&path)?;
        }
        let output = Output::resumed(&path, written.bytes)?;
        Ok(Verdicts { target, frame, output, written })
    }

    /// Does what is left to do when all records were written.
    pub(super) fn complete(target: &Target, written: Written) -> anyhow::Result<()> {
        target.path(written.part).map_or(Ok(()), |path| Output::complete(&path, written.bytes))
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
            _ => Ok(()),
        }
    }

    /// Writes records; `ends` are the places in `bytes` where each ends.
    pub(super) fn write(&mut self, bytes: &[u8], ends: &[usize]) -> anyhow::Result<()> {
        if ends.is_empty() {
            return Ok(());
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
        self.output.write(&end)
    }

    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        self.output.flush()
    }

    pub(super) fn sync(&mut self) -> anyhow::Result<()> {
        self.output.sync()
    }

    pub(super) fn finish(self) -> anyhow::Result<()> {
        self.output.finish()
    }
}

/// The directory of parts is made where it is not there.
pub(super) fn make_directory(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("{}: cannot make the directory", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(dir: &Path, size: PartSize) -> Target {
        Target::Parts { directory: dir.to_owned(), extension: "jsonl", size }
    }

    fn read(dir: &Path) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|e| (e.file_name().into_string().unwrap(), std::fs::read_to_string(e.path()).unwrap()))
            .collect();
        files.sort();
        files
    }

    fn named(files: &[(&str, &str)]) -> Vec<(String, String)> {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    const BATCHES: Frame = Frame::Batches { open: b"[", close: b"]\n", most: 2 };

    #[test]
    fn parts_are_full_whatever_the_batches() {
        for step in 1..=5 {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("part-00007.jsonl"), "old").unwrap();
            std::fs::write(dir.path().join("part-7.jsonl"), "mine").unwrap();
            let mut verdicts = Verdicts::create(parts(dir.path(), PartSize::Records(3)), BATCHES).unwrap();
            for chunk in b"abcde".chunks(step) {
                let bytes: Vec<u8> = chunk.iter().flat_map(|&b| [b, b'\n']).collect();
                let ends: Vec<usize> = (1..=chunk.len()).map(|n| n * 2).collect();
                verdicts.write(&bytes, &ends).unwrap();
            }
            verdicts.close().unwrap();
            verdicts.finish().unwrap();
            let expected =
                [("part-00000.jsonl", "[a,b]\n[c]\n"), ("part-00001.jsonl", "[d,e]\n"), ("part-7.jsonl", "mine")];
            assert_eq!(read(dir.path()), named(&expected), "{step}");
        }
    }

    #[test]
    fn parts_by_bytes_hold_whole_records_and_headers() {
        let dir = tempfile::tempdir().unwrap();
        let frame = Frame::Header { text: b"h\n".to_vec(), always: true };
        let mut verdicts = Verdicts::create(parts(dir.path(), PartSize::Bytes(7)), frame).unwrap();
        verdicts.write(b"aa\nbbbbbbbbb\nc\n", &[3, 13, 15]).unwrap();
        verdicts.finish().unwrap();
        let expected =
            [("part-00000.jsonl", "h\naa\n"), ("part-00001.jsonl", "h\nbbbbbbbbb\n"), ("part-00002.jsonl", "h\nc\n")];
        assert_eq!(read(dir.path()), named(&expected));
    }

    #[test]
    fn a_part_that_was_filled_after_the_checkpoint_is_taken_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let target = parts(dir.path(), PartSize::Records(2));
        let mut verdicts = Verdicts::create(target.clone(), BATCHES).unwrap();
        verdicts.write(b"a\n", &[2]).unwrap();
        verdicts.sync().unwrap();
        let left = verdicts.written();
        verdicts.write(b"b\nc\n", &[2, 4]).unwrap();
        verdicts.flush().unwrap();
        drop(verdicts);
        let mut verdicts = Verdicts::resume(target.clone(), BATCHES, left).unwrap();
        verdicts.write(b"b\nc\n", &[2, 4]).unwrap();
        verdicts.close().unwrap();
        verdicts.sync().unwrap();
        let end = verdicts.written();
        drop(verdicts);
        Verdicts::complete(&target, end).unwrap();
        assert_eq!(read(dir.path()), named(&[("part-00000.jsonl", "[a,b]\n"), ("part-00001.jsonl", "[c]\n")]));
    }

    #[test]
    fn a_table_without_rows_has_no_header() {
        let dir = tempfile::tempdir().unwrap();
        let frame = Frame::Header { text: b"h\n".to_vec(), always: false };
        let target = Target::File(dir.path().join("t.txt"));
        Verdicts::create(target.clone(), frame.clone()).unwrap().finish().unwrap();
        assert_eq!(read(dir.path()), named(&[("t.txt", "")]));
        let mut verdicts = Verdicts::create(target, frame).unwrap();
        verdicts.write(b"a\nb\n", &[2, 4]).unwrap();
        verdicts.write(b"c\n", &[2]).unwrap();
        verdicts.finish().unwrap();
        assert_eq!(read(dir.path()), named(&[("t.txt", "h\na\nb\nc\n")]));
    }
}
