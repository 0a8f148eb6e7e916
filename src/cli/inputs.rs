/*!
The files behind what is named: directories are walked and patterns are matched, both in sorted order.

A file that is named is read whatever it is. Of those that a directory happens to hold, only the ones with a known format
are: what is skipped is told, because a feed that silently was not read would be missed by nobody. One whose name says that
it is a feed, and that cannot be read as one, is a reject: the others are read, and --strict fails.
*/

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use glob::MatchOptions;
use rustc_hash::FxHashMap;
use walkdir::{DirEntry, WalkDir};

use super::common::{counted, warn};
use crate::feed::{Feed, FeedOptions, InputFormat, Reject};

/// Names of skipped files that are listed.
const LISTED: usize = 20;

/// Hidden files are matched by patterns that begin with a dot only, as in a shell.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The files to read, and those that directories hold besides.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub(super) files: Vec<PathBuf>,
    /// Of those, the ones of directories that cannot be read, though their names say that they are feeds.
    pub(super) rejects: FxHashMap<PathBuf, Reject>,
    skipped: Vec<PathBuf>,
}

impl Inputs {
    /// Puts files in the place of directories and of patterns; `-` stays.
    pub(super) fn find(named: &[PathBuf], options: &FeedOptions) -> anyhow::Result<Inputs> {
        let mut inputs = Inputs::default();
        for path in named {
            match pattern(path) {
                None => inputs.add(path, options)?,
                Some(pattern) => {
                    let paths =
                        glob::glob_with(pattern, MATCHING).with_context(|| format!("{pattern}: is no pattern"))?;
                    let mut found = false;
                    for path in paths {
                        inputs.add(&path?, options)?;
                        found = true;
                    }
                    if !found {
                        bail!("{pattern}: no file has a name like that");
                    }
                }
            }
        }
        Ok(inputs)
    }

    fn add(&mut self, path: &Path, options: &FeedOptions) -> anyhow::Result<()> {
        if !path.is_dir() {
            self.files.push(path.to_owned());
            return Ok(());
        }
        let before = self.files.len();
        for entry in WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(is_visible) {
            let entry = entry.with_context(|| format!("{}: cannot be walked", path.display()))?;
            // A link to a file is followed, one to a directory is not: it may lead back.
            if !entry.path().is_file() {
                continue;
            }
            let path = entry.into_path();
            match kind(&path, options) {
                Kind::Feed => self.files.push(path),
                Kind::Broken(reject) => {
                    self.rejects.insert(path.clone(), reject);
                    self.files.push(path);
                }
                Kind::Other => self.skipped.push(path),
            }
        }
        if self.files.len() == before {
            let files = counted(self.skipped.len() as u64, "file");
            bail!(
                "{}: the directory holds no feed ({files} of no known format); name a FILE to read it",
                path.display()
            );
        }
        Ok(())
    }

    /// Says which files were skipped.
    pub(super) fn warn_of_skipped(&self) {
        if self.skipped.is_empty() {
            return;
        }
        let names = self.skipped.iter().take(LISTED).map(|path| path.display().to_string());
        let mut names = names.collect::<Vec<_>>().join(", ");
        if self.skipped.len() > LISTED {
            names += &format!(" and {} more", self.skipped.len() - LISTED);
        }
        let files = counted(self.skipped.len() as u64, "file");
        warn(format_args!("{files} skipped, of no known format: {names}"));
    }
}

/// A pattern that is no file's name at the same time.
fn pattern(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    (text.contains(['*', '?', '[']) && path.symlink_metadata().is_err()).then_some(text)
}

fn is_visible(entry: &DirEntry) -> bool {
    entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// What a file in a directory is.
enum Kind {
    Feed,
    /// Named as a feed, and none.
    Broken(Reject),
    /// No feed.
    Other,
}

/// Whether a file is a feed by its name, or by its content when it is more than any text.
fn kind(path: &Path, options: &FeedOptions) -> Kind {
    if options.format != InputFormat::Auto {
        return Kind::Feed;
    }
    let name = path.to_string_lossy();
    let named = InputFormat::is_known_extension(&name);
    match Feed::open(path, options) {
        Ok(feed) if named || feed.format() != InputFormat::Text => Kind::Feed,
        Ok(feed) if InputFormat::is_compressed_name(&name) && !feed.is_compressed() => Kind::Broken(Reject {
            file: feed.context().file.clone(),
            record: 1,
            offset: 0,
            field: None,
            reason: "is not compressed, though its name says so; is it complete?".to_owned(),
            raw: Vec::new(),
            raw_truncated: false,
        }),
        Ok(_) => Kind::Other,
        // A file that is there but cannot be opened is not passed off as one of another kind: reading it will fail.
        Err(error) if error.is_unreadable() => Kind::Feed,
        Err(error) if named => Kind::Broken(error.reject()),
        Err(_) => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_the_signs_of_a_pattern_in_its_name_is_that_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a[1].jsonl");
        assert!(pattern(&path).is_some());
        std::fs::write(&path, "").unwrap();
        assert_eq!(pattern(&path), None);
        assert_eq!(pattern(Path::new("-")), None);
    }
}
