/*!
A posting as a label store keeps it, and the hash by which its text is known again.
*/

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::posting::{Field, Posting};

/// The stored form. Its own names, so that no alias of a feed is between a posting and what is read back.
#[derive(Serialize, Deserialize)]
struct Stored {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    label: Option<bool>,
    fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    extra: Map<String, Value>,
}

/// A posting as JSON; [`from_json`] gives back the same posting.
pub fn to_json(posting: &Posting) -> String {
    let fields = Field::ALL
        .into_iter()
        .filter(|&field| !posting.get(field).is_empty())
        .map(|field| (field.name().to_owned(), Value::from(posting.get(field))))
        .collect();
    let stored = Stored { id: posting.id.clone(), label: posting.label, fields, extra: posting.extra.clone() };
    // Strings, numbers and maps with string keys: nothing here can fail to be written.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// Reads back what [`to_json`] wrote.
///
/// # Errors
///
/// What is wrong with the text.
pub fn from_json(text: &str) -> Result<Posting, String> {
    let stored: Stored = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut posting = Posting::from_text(stored.id, "");
    posting.label = stored.label;
    posting.extra = stored.extra;
    for (name, value) in stored.fields {
        let field = Field::from_name(&name).ok_or_else(|| format!("no field is called {name:?}"))?;
        posting.set(field, value.as_str().ok_or_else(|| format!("field {name:?} is no text"))?);
    }
    Ok(posting)
}

/// The SHA-256 of a posting's normalised text, in hexadecimal: the same ad under another id has the same hash.
///
/// The text is that of the fields that are read for signals, joined; in NFKC and lower case, without zero-width
/// characters, runs of white space as one space. The hash does not depend on the model or the lexicon, so that it stays
/// what it is when they change.
pub fn text_hash(posting: &Posting) -> String {
    let mut hasher = Sha256::new();
    let mut buffer = [0; 4];
    let mut begun = false;
    for field in Field::READ {
        let mut gap = true;
        for c in posting.get(field).nfkc().flat_map(char::to_lowercase).filter(|&c| !is_zero_width(c)) {
            if c.is_whitespace() || c.is_control() {
                gap = true;
                continue;
            }
            if gap && begun {
                hasher.update(b" ");
            }
            (begun, gap) = (true, false);
            hasher.update(c.encode_utf8(&mut buffer).as_bytes());
        }
    }
    hasher.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_same_ad_under_another_id_has_the_same_hash() {
        let mut a = Posting::from_text("a", "Free  FLIGHT\n\nto Bangkok");
        let b = Posting::from_text("b", " free flight to\u{200b} Bangkok ");
        assert_eq!(text_hash(&a), text_hash(&b));
        a.set(Field::Title, "Typist");
        assert_ne!(text_hash(&a), text_hash(&b));
        let mut moved = Posting::from_text("c", "typist free flight to bangkok");
        assert_eq!(text_hash(&a), text_hash(&moved), "which field a platform puts a line in does not make another ad");
        moved.set(Field::Url, "https://example.com/1");
        assert_eq!(text_hash(&a), text_hash(&moved));
    }

    #[test]
    fn what_is_stored_is_read_back_strictly() {
        assert!(from_json("{}").is_err());
        assert!(from_json(r#"{"id":"a","fields":{"titel":"x"}}"#).unwrap_err().contains("titel"));
        assert!(from_json(r#"{"id":"a","fields":{"title":1}}"#).unwrap_err().contains("title"));
    }

    proptest! {
        #[test]
        fn postings_come_back_as_they_were(id in ".*", title in ".*", text in "\\PC*", label: Option<bool>, n: f64) {
            let mut posting = Posting::from_text(id, text);
            posting.set(Field::Title, title);
            posting.label = label;
            if n.is_finite() {
                posting.extra.insert("n".into(), json!([n, {"k": null}]));
            }
            prop_assert_eq!(from_json(&to_json(&posting)).unwrap(), posting);
        }
    }
}
