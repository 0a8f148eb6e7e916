/*!
The checkpoint of a run: what is done, so that a run that was broken off goes on behind it.

A checkpoint is a small JSON file. It says with which settings and inputs the run was begun, which record was the last
that is done, and how long the outputs were when it was. Three rules make a resumed run give the bytes of one that was
never broken off, whenever it was killed:

1. The outputs are on the disk up to the lengths of a checkpoint before it takes its name, and it takes its name in one
   step (written aside, then renamed). So every checkpoint that can be found is true.
2. What lies in an output behind those lengths is cut off, and the record behind the last that is done is read next. The
   same record gives the same bytes: all that decides about them is in the settings, and other settings are refused.
3. Outputs get their names after a checkpoint says that nothing but that is left, and doing it twice is doing it once.

Records are skipped by reading over them, which costs little beside scoring and is the same for every format, compressed
or not; the last one must lie where the checkpoint says.
*/

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, bail};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::report::Counts;
use super::source::Place;
use super::verdicts::Written;
use crate::cli::common::{by_number, counted, grouped};
use crate::cli::output::{sync_directory, with_suffix};
use crate::model::artefact::sha256;

/// Version of the file.
const FORMAT: u32 = 1;

/// Bytes of an input's beginning that tell it from another.
const HEAD: u64 = 64 << 10;

/// What decides about the bytes of an output, by the name of the option.
pub(super) type Settings = BTreeMap<String, String>;

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    format: u32,
    pub(super) settings: Settings,
    pub(super) inputs: Vec<Input>,
    pub(super) state: State,
}

/// An input, as it was when the run began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Input {
    file: String,
    bytes: u64,
    /// Nanoseconds since 1970, as text: a JSON number may lose digits.
    modified: String,
    /// SHA-256 of the beginning.
    head: String,
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) stage: Stage,
    /// The last record that is done; none before the first.
    pub(super) place: Option<Place>,
    pub(super) verdicts: Written,
    /// Bytes of the rejects.
    pub(super) rejects: u64,
    pub(super) counts: Counts,
}

/// The part of a run that is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    /// Records are read.
    #[default]
    Running,
    /// All are done; outputs get their names.
    Finishing,
    /// Nothing is left to do.
    Finished,
}

impl Input {
    /// Of a file that can be read again.
    pub(super) fn of(path: &Path) -> anyhow::Result<Input> {
        let name = path.display();
        let cannot = || format!("{name}: cannot be opened");
        if path.as_os_str() == "-" {
            bail!("--checkpoint cannot go with stdin: what was read from it is gone; name a FILE");
        }
        let file = File::open(path).with_context(cannot)?;
        let metadata = file.metadata().with_context(cannot)?;
        if !metadata.is_file() {
            bail!("{name}: --checkpoint needs inputs that can be read again, and this is no ordinary file");
        }
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head).with_context(cannot)?;
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Input {
            file: name.to_string(),
            bytes: metadata.len(),
            modified: modified.map_or(String::new(), |time| time.as_nanos().to_string()),
            head: sha256(&head),
        })
    }
}

impl Checkpoint {
    /// The checkpoint of a run that begins.
    pub(super) fn new(settings: Settings, inputs: Vec<Input>) -> Checkpoint {
        Checkpoint { format: FORMAT, settings, inputs, state: State::default() }
    }

    /// Reads a checkpoint; none when there is no such file, or nothing in it.
    pub(super) fn load(path: &Path) -> anyhow::Result<Option<Checkpoint>> {
        let name = path.display();
        check_ours(path)?;
        let bytes = match std::fs::read(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.with_context(|| format!("{name}: the checkpoint cannot be read"))?,
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        let read = |e: serde_json::Error| {
            anyhow::anyhow!(
                "{name}: line {}: is no checkpoint of this version of lurescan; leave --resume out to start again",
                e.line()
            )
        };
        let checkpoint: Checkpoint = serde_json::from_slice(&bytes).map_err(read)?;
        if checkpoint.format != FORMAT {
            bail!(
                "{name}: is a checkpoint of format {}, and this version of lurescan writes {FORMAT}; go on with the version that began, or leave --resume out to start again",
                checkpoint.format
            );
        }
        Ok(Some(checkpoint))
    }

    /// Refuses to go on with other settings or inputs than the run was begun with.
    pub(super) fn check(&self, path: &Path, settings: &Settings, inputs: &[Input]) -> anyhow::Result<()> {
        let refuse = |what: String| -> anyhow::Result<()> {
            bail!(
                "{}: the checkpoint is of another run: {what}; go on as it was begun, or leave --resume out to start again",
                path.display()
            )
        };
        let names = self.settings.keys().chain(settings.keys());
        for name in names {
            let (before, now) = (self.settings.get(name), settings.get(name));
            if before != now {
                let told =
                    |value: Option<&String>| value.filter(|v| !v.is_empty()).map_or("not given", |v| v).to_owned();
                return refuse(format!("{name} was {}, and is now {}", told(before), told(now)));
            }
        }
        if self.inputs.len() != inputs.len() {
            let (before, now) = (self.inputs.len() as u64, inputs.len() as u64);
            let are = by_number(now, "is", "are");
            return refuse(format!("it reads {}, and now {} {are} named", counted(before, "file"), grouped(now)));
        }
        for (before, now) in self.inputs.iter().zip(inputs) {
            if before.file != now.file {
                return refuse(format!("it reads {} where now {} is named", before.file, now.file));
            }
            if before.bytes != now.bytes {
                return refuse(format!("{} had {} bytes, and now has {}", now.file, before.bytes, now.bytes));
            }
            if before != now {
                return refuse(format!("{} was changed since", now.file));
            }
        }
        Ok(())
    }

    /// Puts it in the place of the one before, in one step.
    pub(super) fn save(&self, path: &Path) -> anyhow::Result<()> {
        let cannot = || format!("{}: the checkpoint cannot be written", path.display());
        let aside = &aside(path);
        let mut bytes = serde_json::to_vec_pretty(self).with_context(cannot)?;
        bytes.push(b'\n');
        let mut file = File::create(aside).with_context(cannot)?;
        let written = file.write_all(&bytes).and_then(|()| file.sync_data());
        if written.is_err() {
            // It is of no use, and may be what the disk is full of.
            let _ = std::fs::remove_file(aside);
        }
        written.with_context(cannot)?;
        std::fs::rename(aside, path).with_context(cannot)?;
        sync_directory(path);
        Ok(())
    }

    /// Takes a checkpoint away, so that it is not taken for one of the run that begins.
    pub(super) fn remove(path: &Path) -> anyhow::Result<()> {
        check_ours(path)?;
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(e).with_context(|| format!("{}: the checkpoint cannot be replaced", path.display()))
            }
            _ => {
                sync_directory(path);
                Ok(())
            }
        }
    }
}

/// Refuses a file that is there and is no checkpoint, of whatever version: it would be lost. An empty one, as `mktemp`
/// makes, has nothing to lose.
fn check_ours(path: &Path) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Keys {
        #[serde(rename = "format")]
        _format: u32,
        #[serde(rename = "settings")]
        _settings: IgnoredAny,
        #[serde(rename = "inputs")]
        _inputs: IgnoredAny,
        #[serde(rename = "state")]
        _state: IgnoredAny,
    }
    let name = path.display();
    let cannot = || format!("{name}: the checkpoint cannot be read");
    let metadata = match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata.with_context(cannot)?,
    };
    let is_ours = || {
        let file = BufReader::new(File::open(path)?);
        let mut json = serde_json::Deserializer::from_reader(file);
        anyhow::Ok(Keys::deserialize(&mut json).and_then(|_| json.end()).is_ok())
    };
    if !metadata.is_file() || (metadata.len() > 0 && !is_ours().with_context(cannot)?) {
        bail!("{name}: is there and is no checkpoint, so it is left as it is; name another file with --checkpoint");
    }
    Ok(())
}

/// The name that a checkpoint has until it is whole.
pub(super) fn aside(path: &Path) -> PathBuf {
    with_suffix(path, ".new")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_run_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.checkpoint");
        let feed = dir.path().join("feed.jsonl");
        std::fs::write(&feed, "{}\n").unwrap();
        let settings = Settings::from([("--format".to_owned(), "jsonl".to_owned())]);
        let inputs = vec![Input::of(&feed).unwrap()];
        let checkpoint = Checkpoint::new(settings.clone(), inputs.clone());
        assert_eq!(Checkpoint::load(&path).unwrap(), None);
        checkpoint.save(&path).unwrap();
        let loaded = Checkpoint::load(&path).unwrap().unwrap();
        assert_eq!(loaded, checkpoint);
        loaded.check(&path, &settings, &inputs).unwrap();
        let refused =
            |settings: &Settings, inputs: &[Input]| loaded.check(&path, settings, inputs).unwrap_err().to_string();
        let csv = Settings::from([("--format".to_owned(), "csv".to_owned())]);
        assert!(refused(&csv, &inputs).contains("--format was jsonl, and is now csv"));
        assert!(refused(&Settings::new(), &inputs).contains("is now not given"));
        assert!(refused(&settings, &[]).contains("reads 1 file, and now 0 are named"));
        std::fs::write(&feed, "{}\n{}\n").unwrap();
        assert!(refused(&settings, &[Input::of(&feed).unwrap()]).contains("had 3 bytes, and now has 6"));
        std::fs::write(&feed, "[]\n").unwrap();
        assert!(refused(&settings, &[Input::of(&feed).unwrap()]).contains("was changed since"));
        Checkpoint::remove(&path).unwrap();
        Checkpoint::remove(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.checkpoint");
        for text in ["{}", "{\"format\": 1", "[1]", "{\"text\": \"Typists\"}\n", "\u{1}"] {
            std::fs::write(&path, text).unwrap();
            assert!(Checkpoint::load(&path).unwrap_err().to_string().contains("is no checkpoint"), "{text}");
            assert!(Checkpoint::remove(&path).unwrap_err().to_string().contains("is left as it is"), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert!(Checkpoint::remove(dir.path()).is_err());
        std::fs::write(&path, "").unwrap();
        assert_eq!(Checkpoint::load(&path).unwrap(), None);
        // One of another version may have other keys within, and makes place for a run that starts again.
        std::fs::write(&path, r#"{"format": 1, "settings": {}, "inputs": [1], "state": 2}"#).unwrap();
        assert!(Checkpoint::load(&path).unwrap_err().to_string().contains("leave --resume out"));
        Checkpoint::remove(&path).unwrap();
        let other = Checkpoint { format: 9, ..Checkpoint::new(Settings::new(), Vec::new()) };
        other.save(&path).unwrap();
        assert!(Checkpoint::load(&path).unwrap_err().to_string().contains("of format 9"));
        assert!(Input::of(Path::new("-")).unwrap_err().to_string().contains("stdin"));
        assert!(Input::of(dir.path()).is_err());
    }
}
