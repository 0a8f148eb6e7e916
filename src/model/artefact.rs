/*!
The model on disk: a directory of `model.safetensors`, `tokenizer.json`, `lexicon.bin`, `names.txt.xz` and `manifest.json`.

The manifest names the format version, the checksums of the other files, the hash of the lexicon that the model was
trained with, and its own checksum. What does not verify is refused: a model that was truncated, edited or made by
another version would give numbers that look right and are not.
*/

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::text_stage::SLOTS;
use super::verdict_stage::VerdictWeights;
use crate::text::ngram_table::NgramTable;

/// The format that this version reads and writes.
pub const FORMAT: u32 = 8;

const MANIFEST: &str = "manifest.json";
const TENSORS: &str = "model.safetensors";
const TOKENIZER: &str = "tokenizer.json";
const NAMES: &str = "names.txt.xz";
const LEXICON: &str = "lexicon.bin";

/// Second weights of n-grams, where a model has a second reading.
const SECOND: &str = "ngrams.second";
const SECOND_SCALE: &str = "ngrams.second_scale";

/// The files of a model directory.
pub const FILES: [&str; 5] = [MANIFEST, TENSORS, TOKENIZER, NAMES, LEXICON];

/// The manifest: everything about a model that is not a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// The model's name, which verdicts carry.
    pub name: String,
    /// SHA-256 of the lexicon that the model was trained with.
    pub lexicon: String,
    /// The prior at which the probability is calibrated.
    pub prior: f64,
    /// Logit at or above which a posting goes to `review`.
    pub review: f64,
    /// Logit at or above which a posting goes to `block`.
    pub block: f64,
    /// The weights of stage 2.
    pub verdict: VerdictWeights,
    /// What the model was trained on and how, and its nested figures.
    pub training: serde_json::Value,
    /// SHA-256 of each other file.
    pub files: BTreeMap<String, String>,
    /// SHA-256 of this manifest with an empty checksum.
    pub checksum: String,
}

impl Manifest {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    fn own_checksum(&self) -> String {
        sha256(&Manifest { checksum: String::new(), ..self.clone() }.bytes())
    }

    /// Names are printed wherever the model is: one that would act on a terminal is refused, because a checksum says
    /// nothing about who made the model.
    fn check_names(&self) -> Result<(), String> {
        let VerdictWeights { signals, composites, .. } = &self.verdict;
        let ids = signals.iter().chain(composites).map(|(id, _)| id);
        match [&self.name, &self.lexicon].into_iter().chain(self.files.keys()).chain(ids).find(|name| !is_plain(name)) {
            Some(name) => Err(format!("the name {name:?} has characters that act on a terminal")),
            None => Ok(()),
        }
    }
}

/// A model as it lies on disk, verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Artefact {
    /// The manifest.
    pub manifest: Manifest,
    /// The n-gram table of stage 1.
    pub table: NgramTable,
    /// The tokenizer definition.
    pub tokenizer: Cow<'static, [u8]>,
    /// Names of the n-grams; see [`super::names`].
    pub names: Cow<'static, [u8]>,
    /// The lexicon that the model was trained with, compiled.
    pub lexicon: Cow<'static, [u8]>,
}

/// Why a model was refused.
#[derive(Debug)]
pub struct ModelError {
    place: String,
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    Read(std::io::Error),
    Directory(&'static str),
    Manifest(String),
    Format(u64),
    Checksum { expected: String, found: String },
    Tensors(String),
    Write(std::io::Error),
    Other(String),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "model {}: ", self.place)?;
        match &self.kind {
            ErrorKind::Read(e) => write!(f, "cannot be read: {e}"),
            ErrorKind::Directory(what) => {
                write!(f, "cannot be read: {what}; a model is a directory that `lurescan train --out` writes")
            }
            ErrorKind::Manifest(e) => write!(f, "is not a manifest of this format: {e}"),
            ErrorKind::Format(found) => {
                let (relation, remedy) = if *found > FORMAT as u64 {
                    ("newer", "update lurescan")
                } else {
                    ("older", "train the model again")
                };
                write!(f, "format {found} is {relation} than format {FORMAT}, which this version reads; {remedy}")
            }
            ErrorKind::Checksum { expected, found } => {
                write!(
                    f,
                    "checksum is {found} where {expected} is expected: the file was changed or cut off; copy or train the model again"
                )
            }
            ErrorKind::Tensors(e) => write!(f, "does not hold the tables of a model: {e}"),
            ErrorKind::Write(e) => write!(f, "cannot be written: {e}"),
            ErrorKind::Other(e) => f.write_str(e),
        }
    }
}

impl std::error::Error for ModelError {}

impl ModelError {
    fn new(place: &str, kind: ErrorKind) -> ModelError {
        ModelError { place: place.to_owned(), kind }
    }

    pub(crate) fn other(place: &str, message: String) -> ModelError {
        ModelError::new(place, ErrorKind::Other(message))
    }
}

impl Artefact {
    /// The model that ships inside the binary.
    pub fn embedded() -> Result<Artefact, ModelError> {
        // What is inside the binary was verified when it was built: the tests load it with all checks.
        Artefact::from_files("inside this binary", false, |name| {
            Ok(Cow::Borrowed(match name {
                MANIFEST => include_bytes!("../../models/default/manifest.json").as_slice(),
                TENSORS => include_bytes!("../../models/default/model.safetensors").as_slice(),
                TOKENIZER => include_bytes!("../../models/default/tokenizer.json").as_slice(),
                NAMES => include_bytes!("../../models/default/names.txt.xz").as_slice(),
                _ => include_bytes!("../../models/default/lexicon.bin").as_slice(),
            }))
        })
    }

    /// The name of the model that ships, without reading the rest of it.
    pub fn embedded_name() -> String {
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        let manifest = include_bytes!("../../models/default/manifest.json");
        serde_json::from_slice::<Named>(manifest).map_or_else(|_| "unreadable".to_owned(), |m| m.name)
    }

    /// Reads and verifies a model directory.
    pub fn load(dir: &Path) -> Result<Artefact, ModelError> {
        let wrong = match std::fs::metadata(dir) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Some("there is no such directory"),
            Ok(metadata) if !metadata.is_dir() => Some("it is a file"),
            Ok(_) if !dir.join(MANIFEST).exists() => Some("it has no manifest.json"),
            _ => None,
        };
        if let Some(what) = wrong {
            return Err(ModelError::new(&dir.display().to_string(), ErrorKind::Directory(what)));
        }
        Artefact::from_files(&dir.display().to_string(), true, |name| std::fs::read(dir.join(name)).map(Cow::Owned))
    }

    fn from_files(
        place: &str,
        verify: bool,
        read: impl Fn(&str) -> std::io::Result<Cow<'static, [u8]>>,
    ) -> Result<Artefact, ModelError> {
        let at = |name: &str| format!("{place}/{name}");
        let get = |name: &str| read(name).map_err(|e| ModelError::new(&at(name), ErrorKind::Read(e)));
        let raw = get(MANIFEST)?;
        let manifest_error = |e: String| ModelError::new(&at(MANIFEST), ErrorKind::Manifest(e));
        // The version comes first: a newer manifest may have keys that this version does not know.
        let value: serde_json::Value = serde_json::from_slice(&raw).map_err(|e| manifest_error(e.to_string()))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format != FORMAT as u64 => {
                return Err(ModelError::new(&at(MANIFEST), ErrorKind::Format(format)));
            }
            _ => {}
        }
        let manifest: Manifest = serde_json::from_slice(&raw).map_err(|e| manifest_error(e.to_string()))?;
        if verify && (manifest.own_checksum() != manifest.checksum || manifest.bytes() != raw.as_ref()) {
            let found = manifest.own_checksum();
            return Err(ModelError::new(&at(MANIFEST), ErrorKind::Checksum { expected: manifest.checksum, found }));
        }
        manifest.check_names().map_err(manifest_error)?;
        let verified = |name: &str| -> Result<Cow<'static, [u8]>, ModelError> {
            let bytes = get(name)?;
            if !verify {
                return Ok(bytes);
            }
            let expected = manifest.files.get(name).cloned().unwrap_or_default();
            let found = sha256(&bytes);
            if found != expected {
                return Err(ModelError::new(&at(name), ErrorKind::Checksum { expected, found }));
            }
            Ok(bytes)
        };
        let table = table_from_tensors(&verified(TENSORS)?)
            .map_err(|e| ModelError::new(&at(TENSORS), ErrorKind::Tensors(e)))?;
        let (tokenizer, names, lexicon) = (verified(TOKENIZER)?, verified(NAMES)?, verified(LEXICON)?);
        Ok(Artefact { manifest, table, tokenizer, names, lexicon })
    }

    /// Writes the directory, with fresh checksums; files are replaced whole.
    pub fn save(&mut self, dir: &Path) -> Result<(), ModelError> {
        self.manifest.check_names().map_err(|e| ModelError::other(&dir.display().to_string(), e))?;
        let fail = |e| ModelError::new(&dir.display().to_string(), ErrorKind::Write(e));
        std::fs::create_dir_all(dir).map_err(fail)?;
        let tensors = tensors_of(&self.table).map_err(|e| ModelError::other(&dir.display().to_string(), e))?;
        let files: [(&str, &[u8]); 4] =
            [(TENSORS, &tensors), (TOKENIZER, &self.tokenizer), (NAMES, &self.names), (LEXICON, &self.lexicon)];
        self.manifest.files = files.iter().map(|(name, bytes)| ((*name).to_owned(), sha256(bytes))).collect();
        self.manifest.checksum = self.manifest.own_checksum();
        let manifest = self.manifest.bytes();
        for (name, bytes) in files.into_iter().chain([(MANIFEST, manifest.as_slice())]) {
            let partial = dir.join(format!("{name}.partial"));
            std::fs::write(&partial, bytes).map_err(fail)?;
            std::fs::rename(&partial, dir.join(name)).map_err(fail)?;
        }
        Ok(())
    }
}

fn tensors_of(table: &NgramTable) -> Result<Vec<u8>, String> {
    let fingerprints: Vec<u8> = table.fingerprints().iter().flat_map(|f| f.to_le_bytes()).collect();
    let weights: Vec<u8> = table.weights().iter().flat_map(|w| w.to_le_bytes()).collect();
    let scale = table.scale().to_le_bytes();
    let view = |dtype, shape: Vec<usize>, data| TensorView::new(dtype, shape, data).map_err(|e| e.to_string());
    let mut tensors = vec![
        ("ngrams.fingerprints", view(Dtype::U16, vec![table.fingerprints().len()], fingerprints.as_slice())?),
        ("ngrams.scale", view(Dtype::F64, vec![1], scale.as_slice())?),
        ("ngrams.weights", view(Dtype::I16, vec![table.weights().len()], weights.as_slice())?),
    ];
    let second: Vec<u8> = table.second_weights().iter().map(|w| w.cast_unsigned()).collect();
    let second_scale = table.second_scale().to_le_bytes();
    if !second.is_empty() {
        tensors.push((SECOND_SCALE, view(Dtype::F64, vec![1], second_scale.as_slice())?));
        tensors.push((SECOND, view(Dtype::I8, vec![second.len()], second.as_slice())?));
    }
    serialize(tensors, None).map_err(|e| e.to_string())
}

fn table_from_tensors(bytes: &[u8]) -> Result<NgramTable, String> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
    let get = |name: &str, dtype: Dtype| {
        let tensor = tensors.tensor(name).map_err(|e| format!("{name}: {e}"))?;
        if tensor.dtype() != dtype {
            return Err(format!("{name}: type {:?} where {dtype:?} is expected", tensor.dtype()));
        }
        Ok(tensor.data())
    };
    let fingerprints =
        get("ngrams.fingerprints", Dtype::U16)?.as_chunks().0.iter().map(|c| u16::from_le_bytes(*c)).collect();
    let weights = get("ngrams.weights", Dtype::I16)?.as_chunks().0.iter().map(|c| i16::from_le_bytes(*c)).collect();
    let number = |name: &str| -> Result<f64, String> {
        Ok(get(name, Dtype::F64)?.as_chunks().0.first().map_or(f64::NAN, |c| f64::from_le_bytes(*c)))
    };
    let table = NgramTable::from_parts(fingerprints, weights, number("ngrams.scale")?);
    let table = match tensors.names().contains(&SECOND) {
        true => {
            let second = get(SECOND, Dtype::I8)?.iter().map(|b| b.cast_signed()).collect();
            let scale = number(SECOND_SCALE)?;
            table.and_then(|table| table.with_stored_second(second, scale))
        }
        false => table,
    };
    table.filter(|table| table.fingerprints().len() == SLOTS).ok_or_else(|| "wrong table size or scale".to_owned())
}

/// Neither control characters nor those that turn the direction of writing.
fn is_plain(name: &str) -> bool {
    !name.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_weights_are_kept_and_come_with_their_scale() {
        let entries: Vec<(u64, f64)> = (1..100u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15), i as f64)).collect();
        let table = NgramTable::build(&entries, SLOTS).unwrap();
        let both = table.clone().with_second(&entries[..50]);
        for table in [&table, &both] {
            assert_eq!(table_from_tensors(&tensors_of(table).unwrap()).as_ref(), Ok(table));
        }
        // Of a name in the header a letter is changed, so that one of the two is not there.
        let bytes = tensors_of(&both).unwrap();
        let without = |name: &str| {
            let mut bytes = bytes.clone();
            let at = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
            bytes[at + 1] = b'X';
            table_from_tensors(&bytes)
        };
        assert!(without("\"ngrams.second_scale\"").unwrap_err().contains("ngrams.second_scale"));
        assert_eq!(without("\"ngrams.second\""), Ok(table));
    }
}
