/*!
Where output goes: stdout, or a file that appears under its name only when it is whole.
*/

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// An output in the making.
pub(crate) struct Output {
    stream: Stream,
    /// As it was named.
    name: String,
}

enum Stream {
    Stdout,
    /// What is no ordinary file (`/dev/null`, a named pipe) cannot be replaced and is written to as it is.
    Direct(BufWriter<File>),
    Partial {
        file: BufWriter<File>,
        partial: PathBuf,
        whole: PathBuf,
    },
}

impl Output {
    pub(crate) fn stdout() -> Output {
        Output { stream: Stream::Stdout, name: "stdout".to_owned() }
    }

    /// A file. What is there under this name stays until [`Output::finish`].
    pub(crate) fn file(path: &Path) -> anyhow::Result<Output> {
        let name = path.display().to_string();
        let cannot = || format!("{name}: cannot be written");
        let special = match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                bail!("{name}: is a directory; end it in `/` to write into it, or name a file")
            }
            Ok(metadata) => !metadata.is_file(),
            Err(_) => false,
        };
        let stream = if special {
            let file = File::options().write(true).open(path).with_context(cannot)?;
            Stream::Direct(BufWriter::with_capacity(1 << 18, file))
        } else {
            // A link stays a link.
            let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let mut partial = whole.clone().into_os_string();
            partial.push(".partial");
            let partial = PathBuf::from(partial);
            let file = File::create(&partial).with_context(cannot)?;
            Stream::Partial { file: BufWriter::with_capacity(1 << 18, file), partial, whole }
        };
        Ok(Output { stream, name })
    }

    /// Writes; on stdout at once, because somebody may be waiting for it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match &mut self.stream {
            Stream::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes).and_then(|()| stdout.flush())
            }
            Stream::Direct(file) | Stream::Partial { file, .. } => file.write_all(bytes),
        }
        .with_context(|| format!("{}: cannot be written", self.name))
    }

    /// The output is whole: gives it its name.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let cannot = || format!("{}: cannot be written", self.name);
        match self.stream {
            Stream::Stdout => io::stdout().lock().flush().with_context(cannot),
            Stream::Direct(mut file) => file.flush().with_context(cannot),
            Stream::Partial { file, partial, whole } => {
                file.into_inner().map_err(io::IntoInnerError::into_error).with_context(cannot)?;
                std::fs::rename(&partial, &whole).with_context(cannot)
            }
        }
    }
}

/// The file that a name stands for: one that ends in `/` is a directory, which is made, and `file` is in it.
pub(crate) fn in_directory(path: &Path, file: &str) -> anyhow::Result<PathBuf> {
    if !path.to_string_lossy().ends_with('/') {
        return Ok(path.to_owned());
    }
    std::fs::create_dir_all(path).with_context(|| format!("{}: cannot make the directory", path.display()))?;
    Ok(path.join(file))
}

/// Whether stdout shows to a person.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Writes a whole text to stdout.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
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
    fn what_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = |path: &Path| format!("{:#}", Output::file(path).err().unwrap());
        assert!(error(&dir.path().join("no/such/dir.csv")).contains("dir.csv: cannot be written: "));
        assert!(error(dir.path()).contains("is a directory"));
    }
}
