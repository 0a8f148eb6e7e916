/*!
Where output goes: stdout, or a file that appears under its name only when it is whole.

A file in the making holds whole records only: what is written to it goes out in one piece, and a piece that did not find
room is cut off again. Its length is known at any time, so that a run can be taken up where it was left.
*/

use std::fs::File;
use std::io::{self, IsTerminal, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

/// Bytes that are collected before they go to a file.
const BUFFER: usize = 1 << 18;
/// Endings of compressed files, which are read and not written.
const COMPRESSED: [&str; 8] = ["gz", "tgz", "zst", "xz", "bz2", "lz4", "br", "zip"];
/// Endings of formats that JSON lines are not.
const OTHER_FORMATS: [&str; 10] = ["json", "csv", "tsv", "parquet", "xml", "html", "htm", "xls", "xlsx", "ods"];

/// An output in the making.
#[derive(Debug)]
pub(crate) struct Output {
    stream: Stream,
    /// As it was named.
    name: String,
    /// What is not written yet; empty for stdout.
    buffer: Vec<u8>,
    /// Bytes that were written.
    written: u64,
}

#[derive(Debug)]
enum Stream {
    Stdout,
    /// What is no ordinary file (`/dev/null`, a named pipe) cannot be replaced and is written to as it is.
    Direct(File),
    Partial {
        file: File,
        partial: PathBuf,
        whole: PathBuf,
    },
}

impl Output {
    pub(crate) fn stdout() -> Output {
        Output::new(Stream::Stdout, "stdout".to_owned())
    }

    fn new(stream: Stream, name: String) -> Output {
        Output { stream, name, buffer: Vec::new(), written: 0 }
    }

    /// A file. What is there under this name stays until [`Output::finish`].
    pub(crate) fn file(path: &Path) -> anyhow::Result<Output> {
        let name = path.display().to_string();
        let cannot = || format!("{name}: cannot be written");
        let stream = if check_output(path)? == Kind::Special {
            Stream::Direct(File::options().write(true).open(path).with_context(cannot)?)
        } else {
            let (partial, whole) = names(path);
            let file = File::create(&partial).with_context(cannot)?;
            sync_directory(&partial);
            Stream::Partial { file, partial, whole }
        };
        Ok(Output::new(stream, name))
    }

    /// A file that was left at `length` bytes; what was written behind them is cut off.
    pub(crate) fn resumed(path: &Path, length: u64) -> anyhow::Result<Output> {
        let name = path.display().to_string();
        let (partial, whole) = names(path);
        let cannot = || format!("{}: cannot be written on", partial.display());
        if !partial.exists() {
            bail!(
                "{}: is not there, and was when the checkpoint was made; leave --resume out to start again",
                partial.display()
            );
        }
        let mut file = File::options().write(true).open(&partial).with_context(cannot)?;
        let found = file.metadata().with_context(cannot)?.len();
        if found < length {
            bail!(
                "{}: has {found} bytes, and the checkpoint was made at {length}; leave --resume out to start again",
                partial.display()
            );
        }
        file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length))).with_context(cannot)?;
        Ok(Output { written: length, ..Output::new(Stream::Partial { file, partial, whole }, name) })
    }

    /// Gives a file of `length` bytes its name, unless it has it already: the end of a run that was broken off there.
    pub(crate) fn complete(path: &Path, length: u64) -> anyhow::Result<()> {
        let (partial, whole) = names(path);
        if partial.exists() {
            return Output::resumed(path, length)?.finish();
        }
        Output::check_whole(&whole, Some(length))
    }

    /// Refuses to take for whole what is not there, or has not the `length` that a checkpoint tells.
    pub(crate) fn check_whole(path: &Path, length: Option<u64>) -> anyhow::Result<()> {
        let name = path.display();
        match (std::fs::metadata(path), length) {
            (Err(e), _) if e.kind() == io::ErrorKind::NotFound => bail!(
                "{name}: is missing, and the checkpoint says that it is done; put it back, or leave --resume out to start again"
            ),
            (Err(e), _) => Err(e).with_context(|| format!("{name}: cannot be read")),
            (Ok(found), Some(length)) if found.len() != length => bail!(
                "{name}: has {} bytes, and the checkpoint says {length}; leave --resume out to start again",
                found.len()
            ),
            _ => Ok(()),
        }
    }

    /// Takes a whole file back into the making, so that it can be written on; nothing when it is there already.
    pub(crate) fn reopen(path: &Path) -> anyhow::Result<()> {
        let (partial, whole) = names(path);
        if partial.exists() || !whole.exists() {
            return Ok(());
        }
        std::fs::rename(&whole, &partial).with_context(|| format!("{}: cannot be written on", whole.display()))
    }

    /// Whether it is a file that can be left and taken up again.
    pub(crate) fn can_resume(&self) -> bool {
        matches!(self.stream, Stream::Partial { .. })
    }

    /// The name under which the file lies while it is in the making.
    pub(crate) fn partial(&self) -> Option<&Path> {
        match &self.stream {
            Stream::Partial { partial, .. } => Some(partial),
            _ => None,
        }
    }

    /// Its length with all that was given to it.
    pub(crate) fn length(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Writes whole records; on stdout at once, because somebody may be waiting for them.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.buffer.extend_from_slice(bytes);
        match self.stream {
            Stream::Stdout => self.flush(),
            _ if self.buffer.len() >= BUFFER => self.flush(),
            _ => Ok(()),
        }
    }

    /// Writes what was collected. If there is no room for it, the file keeps what it had.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        let bytes = std::mem::take(&mut self.buffer);
        let result = match &mut self.stream {
            Stream::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(&bytes).and_then(|()| stdout.flush())
            }
            Stream::Direct(file) => file.write_all(&bytes),
            Stream::Partial { file, .. } => file.write_all(&bytes).inspect_err(|_| {
                // The first error is the one to tell.
                let _ = file.set_len(self.written);
            }),
        };
        result.with_context(|| format!("{}: cannot be written", self.name))?;
        self.written += bytes.len() as u64;
        self.buffer = bytes;
        self.buffer.clear();
        Ok(())
    }

    /// Writes what was collected, and waits until the disk has it.
    pub(crate) fn sync(&mut self) -> anyhow::Result<()> {
        self.flush()?;
        match &self.stream {
            Stream::Partial { file, .. } => {
                file.sync_data().with_context(|| format!("{}: cannot be written", self.name))
            }
            _ => Ok(()),
        }
    }

    /// The output is whole: gives it its name.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.sync()?;
        match &self.stream {
            Stream::Partial { partial, whole, .. } => {
                std::fs::rename(partial, whole).with_context(|| format!("{}: cannot be written", self.name))?;
                sync_directory(whole);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What an output is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ordinary,
    /// A device or a named pipe.
    Special,
}

/// Refuses a name under which no file can be, or one that would say what it is not.
pub(crate) fn check_output(path: &Path) -> anyhow::Result<Kind> {
    let name = path.display();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            bail!("{name}: is a directory; end it in `/` to write into it, or name a file")
        }
        Ok(metadata) if !metadata.is_file() => return Ok(Kind::Special),
        _ => {}
    }
    if has_extension(path, &COMPRESSED) {
        bail!(
            "{name}: nothing is written compressed; leave that ending out, or write to stdout and pipe it into a compressor, as `| gzip > FILE`"
        );
    }
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.is_dir()) {
        let directory = directory.display();
        bail!(
            "{name}: cannot be written: there is no directory {directory}; make it first, as with mkdir -p {directory}"
        );
    }
    Ok(Kind::Ordinary)
}

/// Refuses a name that says another format than JSON lines; `instead` says what else can be done.
pub(crate) fn check_lines(option: &str, path: &Path, instead: &str) -> anyhow::Result<()> {
    if has_extension(path, &OTHER_FORMATS) {
        bail!(
            "{option} {}: would hold JSON lines, and its name says another format; let it end in .jsonl{instead}",
            path.display()
        );
    }
    Ok(())
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|found| extensions.iter().any(|extension| found.eq_ignore_ascii_case(extension)))
}

/// Whether a name stands for a directory to write into.
pub(crate) fn is_directory_name(path: &Path) -> bool {
    path.to_string_lossy().ends_with('/')
}

/// Makes a directory where there is none.
pub(crate) fn make_directory(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("{}: cannot make the directory", path.display()))
}

/// The name in the making, and the name when it is whole. A link stays a link.
fn names(path: &Path) -> (PathBuf, PathBuf) {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    (with_suffix(&whole, ".partial"), whole)
}

/// The name under which a file lies while it is in the making.
pub(crate) fn written_as(path: &Path) -> PathBuf {
    names(path).0
}

/// A name with something behind its end.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes a new name last. Not every system can do it, and none needs it unless the power fails.
pub(crate) fn sync_directory(path: &Path) {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(directory) = File::open(parent) {
        let _ = directory.sync_all();
    }
}

/// Whether stdout shows to a person.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Writes a record a line, to stdout for `-`.
pub(crate) fn write_lines(path: &Path, records: impl Iterator<Item = Value>) -> anyhow::Result<()> {
    let mut output = if path.as_os_str() == "-" { Output::stdout() } else { Output::file(path)? };
    for record in records {
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        output.write(&line)?;
    }
    output.finish()
}

/// Writes a whole text to stdout.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("stdout: cannot be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.jsonl");
        std::fs::write(&path, "old").unwrap();
        let mut output = Output::file(&path).unwrap();
        output.write(b"new\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        output.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new\n");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_taken_up_where_it_was_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.jsonl");
        let mut output = Output::file(&path).unwrap();
        output.write(b"one\ntwo\nthr").unwrap();
        output.sync().unwrap();
        assert_eq!(output.length(), 11);
        drop(output);
        assert!(format!("{:#}", Output::resumed(&path, 12).unwrap_err()).contains("has 11 bytes"));
        let mut output = Output::resumed(&path, 8).unwrap();
        output.write(b"three\n").unwrap();
        output.finish().unwrap();
        Output::complete(&path, 14).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
        assert!(Output::complete(&path, 15).is_err());
        Output::reopen(&path).unwrap();
        Output::complete(&path, 4).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n");
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = |path: &Path| format!("{:#}", Output::file(path).err().unwrap());
        assert!(
            error(&dir.path().join("no/such/dir.csv")).contains("dir.csv: cannot be written: there is no directory ")
        );
        assert!(error(dir.path()).contains("is a directory"));
    }
}
