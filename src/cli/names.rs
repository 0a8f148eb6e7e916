/*!
Which files the names of a command stand for: no output takes the place of a file that is read, nor of another output.

A file is told by where its name leads (`f.jsonl`, `./f.jsonl`, a link) and, where the system numbers its files, by its
number (hard links). Everything is refused before anything is written.
*/

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::output::{check_lines, check_output, with_suffix, written_as};
use crate::train::marked;

/// A file, however it is named. What is no ordinary file has none: `/dev/null` may be named twice.
#[derive(Debug)]
struct Identity {
    place: PathBuf,
    number: Option<(u64, u64)>,
}

impl Identity {
    fn of(path: &Path) -> Option<Identity> {
        let metadata = std::fs::metadata(path).ok();
        if metadata.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            return None;
        }
        Some(Identity { place: place(path), number: metadata.and_then(|metadata| number(&metadata)) })
    }

    fn is(&self, other: &Identity) -> bool {
        self.place == other.place || (self.number.is_some() && self.number == other.number)
    }
}

/// Where a name leads; a file that is not there yet is in its directory, whose name may lead elsewhere.
fn place(path: &Path) -> PathBuf {
    let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (std::fs::canonicalize(path), path.parent(), path.file_name()) {
        (Ok(place), ..) => place,
        (Err(_), Some(parent), Some(name)) if parent.as_os_str().is_empty() => place(Path::new(".")).join(name),
        (Err(_), Some(parent), Some(name)) => place(parent).join(name),
        _ => absolute(),
    }
}

#[cfg(unix)]
fn number(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn number(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// The files that are spoken for.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: Vec<Taken>,
}

#[derive(Debug)]
struct Taken {
    /// As it is told: `--rejects r.jsonl`.
    told: String,
    file: Identity,
    is_read: bool,
}

impl Names {
    /// Feeds and data.
    pub(crate) fn of_inputs(paths: &[PathBuf]) -> Names {
        let mut names = Names::default();
        names.read("the input", paths);
        names
    }

    /// Labelled data: feeds, marked files, directories of them, and label stores.
    pub(crate) fn of_data(paths: &[PathBuf], stores: &[PathBuf]) -> Names {
        let mut names = Names::default();
        for path in paths {
            // What cannot be read is told when it is.
            let marked = path.is_dir().then(|| marked::files(std::slice::from_ref(path)).unwrap_or_default());
            names.read("the input", marked.as_ref().unwrap_or(&vec![path.clone()]));
        }
        stores.iter().for_each(|store| names.read_store(store));
        names
    }

    /// A label store, and what SQLite keeps beside it.
    pub(crate) fn read_store(&mut self, store: &Path) {
        let files = ["", "-wal", "-shm", "-journal"].map(|suffix| with_suffix(store, suffix));
        self.read("the label store", &files);
    }

    /// Files that are read as `what`. All are named before the first output.
    pub(crate) fn read<'a>(&mut self, what: &str, paths: impl IntoIterator<Item = &'a PathBuf>) {
        for path in paths {
            let (name, path) = match path.as_os_str() == "-" {
                true => ("stdin".to_owned(), Path::new("/dev/stdin")),
                false => (path.display().to_string(), path.as_path()),
            };
            if let Some(file) = Identity::of(path) {
                self.taken.push(Taken { told: format!("{what} {name}"), file, is_read: true });
            }
        }
    }

    /// A file that is written, and lies under a second name until it is whole; nothing for stdout.
    pub(crate) fn write(&mut self, option: &str, path: &Path) -> anyhow::Result<()> {
        if path.as_os_str() == "-" {
            return Ok(());
        }
        check_output(path)?;
        self.claim(option, path, &written_as(path))
    }

    /// A file that the program names, in a directory that is made where there is none.
    pub(crate) fn write_in(&mut self, option: &str, path: &Path) -> anyhow::Result<()> {
        self.claim(option, path, &written_as(path))
    }

    /// The rejects of a run, whose stdout is for `what`.
    pub(crate) fn write_rejects(&mut self, path: &Path, what: &str) -> anyhow::Result<()> {
        if path.as_os_str() == "-" {
            bail!("--rejects needs a file; stdout is for {what}");
        }
        self.write_lines("--rejects", path)
    }

    /// A file of JSON lines.
    pub(crate) fn write_lines(&mut self, option: &str, path: &Path) -> anyhow::Result<()> {
        check_lines(option, path, "")?;
        self.write(option, path)
    }

    /// A checkpoint, which is written aside again and again.
    pub(crate) fn write_checkpoint(&mut self, path: &Path, aside: &Path) -> anyhow::Result<()> {
        check_output(path)?;
        self.claim("--checkpoint", path, aside)
    }

    /// Parts in a directory: all files with the name of a part, of which those that are there are removed.
    pub(crate) fn write_parts(&self, directory: &Path, is_part: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        let directory_place = place(directory);
        let is_in = |taken: &&Taken| {
            let name = taken.file.place.file_name().and_then(|name| name.to_str());
            taken.file.place.parent() == Some(&directory_place) && name.is_some_and(&is_part)
        };
        match self.taken.iter().find(is_in) {
            None => Ok(()),
            Some(taken) => bail!(
                "{} has the name of a part in --output {}, and those there are removed; write into another directory",
                taken.told,
                directory.display()
            ),
        }
    }

    fn claim(&mut self, option: &str, path: &Path, meanwhile: &Path) -> anyhow::Result<()> {
        if Identity::of(path).is_none() {
            return Ok(());
        }
        let name = path.display();
        let names = [
            (path, format!("{option} {name}")),
            (meanwhile, format!("{option} {name} ({} while it is written)", meanwhile.display())),
        ];
        let mut claimed = Vec::new();
        for (path, told) in names {
            let Some(file) = Identity::of(path) else { continue };
            if let Some(other) = self.taken.iter().find(|taken| taken.file.is(&file)) {
                let instead = match other.is_read {
                    true => "which writing would destroy; write to a file of another name",
                    false => "and only one can be there; give each a name of its own",
                };
                bail!("{told} and {} name the same file, {instead}", other.told);
            }
            claimed.push(Taken { told, file, is_read: false });
        }
        self.taken.append(&mut claimed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_however_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("f.jsonl"), "").unwrap();
        std::fs::create_dir(path("sub")).unwrap();
        let same = |a: &str, b: &str| Identity::of(&path(a)).unwrap().is(&Identity::of(&path(b)).unwrap());
        assert!(same("f.jsonl", "./sub/../f.jsonl") && !same("f.jsonl", "sub/f.jsonl"));
        assert!(same("new.jsonl", "sub/../new.jsonl") && same("no/new.jsonl", "./no/new.jsonl"));
        assert!(!same("new.jsonl", "f.jsonl"));
        assert!(Identity::of(dir.path()).is_none());
        #[cfg(unix)]
        {
            std::fs::hard_link(path("f.jsonl"), path("hard.jsonl")).unwrap();
            std::os::unix::fs::symlink(path("sub"), path("link")).unwrap();
            assert!(same("f.jsonl", "hard.jsonl") && same("sub/new", "link/new"));
            assert!(Identity::of(Path::new("/dev/null")).is_none());
        }
    }

    #[test]
    fn both_names_are_told_and_so_is_that_of_the_file_in_the_making() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("o.jsonl.partial"), "").unwrap();
        let mut names = Names::of_inputs(&[path("f.jsonl"), path("o.jsonl.partial")]);
        let error = names.write("--output", &path("o.jsonl")).unwrap_err().to_string();
        assert!(error.contains("while it is written) and the input ") && error.contains("would destroy"), "{error}");
        names.write("--output", &path("a.jsonl")).unwrap();
        let error = names.write("--rejects", &path("./a.jsonl")).unwrap_err().to_string();
        assert!(error.contains("--rejects ") && error.contains("--output ") && error.contains("same file"), "{error}");
        names.write_in("--output", &path("new/b.jsonl")).unwrap();
        assert!(names.write_in("--rejects", &path("./new/b.jsonl")).is_err());
    }
}
