/*!
The original record with the verdict in it, under the key `lurescan`.

A record that was one JSON object keeps its bytes: order, spacing, numbers of any length; only a line break in it becomes
a space, as each record is one line. A record of another format goes on as the object that was made of it.
*/

use serde_json::{Map, Value};

use crate::posting::{Field, Posting};

/// The key of the verdict.
pub(super) const KEY: &str = "lurescan";

/// Writes the object `line` with the verdict, itself one JSON object, as its last member. False if `line` is none, or has
/// such a member already: then it has to be written anew.
pub(super) fn append(line: &[u8], verdict: &[u8], out: &mut Vec<u8>) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    let Some(open) = line.strip_suffix(b"}").map(<[u8]>::trim_ascii_end) else { return false };
    if open.len() < 2 || has_verdict(line) {
        return false;
    }
    let start = out.len();
    out.extend_from_slice(open);
    // Between values a space is worth a line break, and within strings no JSON has one.
    for byte in out[start..].iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')) {
        *byte = b' ';
    }
    out.push(b',');
    member(verdict, out);
    true
}

/// Whether an object has a member of the verdict's name. The word may also stand in a value, or deeper.
fn has_verdict(line: &[u8]) -> bool {
    let quoted = format!("\"{KEY}\"");
    memchr::memmem::find(line, quoted.as_bytes()).is_some()
        && object(line).is_none_or(|object| object.contains_key(KEY))
}

/// Writes the verdict as the last member, and ends the object and the line.
fn member(verdict: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\"{KEY}\":").as_bytes());
    out.extend_from_slice(verdict);
    out.extend_from_slice(b"}\n");
}

/// The record of a JSON line, as an object.
pub(super) fn object(line: &[u8]) -> Option<Map<String, Value>> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    serde_json::from_slice(line).ok()
}

/// The object that was made of a record of any format.
pub(super) fn assembled(posting: &Posting) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("id".to_owned(), posting.id.clone().into());
    if let Some(label) = posting.label {
        object.insert("label".to_owned(), i32::from(label).into());
    }
    for field in Field::ALL {
        if !posting.get(field).is_empty() {
            object.insert(field.name().to_owned(), posting.get(field).into());
        }
    }
    if !posting.extra.is_empty() {
        object.insert("extra".to_owned(), posting.extra.clone().into());
    }
    object
}

/// Writes an object with the verdict as its last member.
pub(super) fn write(mut object: Map<String, Value>, verdict: &[u8], out: &mut Vec<u8>) {
    object.shift_remove(KEY);
    let is_empty = object.is_empty();
    let text = Value::Object(object).to_string();
    out.extend_from_slice(text.strip_suffix('}').unwrap_or(&text).as_bytes());
    if !is_empty {
        out.push(b',');
    }
    member(verdict, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appended(line: &str) -> Option<String> {
        let mut out = Vec::new();
        append(line.as_bytes(), b"{\"a\":1}", &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_bytes_of_the_record_stay() {
        assert_eq!(
            appended("\u{feff} {\"n\": 1.50,\"x\":[ ] } \r").unwrap(),
            "{\"n\": 1.50,\"x\":[ ],\"lurescan\":{\"a\":1}}\n"
        );
        assert_eq!(appended("{\"x\":\"lurescan\"}").unwrap(), "{\"x\":\"lurescan\",\"lurescan\":{\"a\":1}}\n");
        assert_eq!(appended("{\n \"x\":1\n}").unwrap(), "{  \"x\":1,\"lurescan\":{\"a\":1}}\n");
        assert_eq!(appended("{\"lurescan\":1,\"x\":2}"), None);
        assert_eq!(appended("[1]"), None);
        assert_eq!(appended("{}"), None);
    }

    #[test]
    fn a_verdict_of_before_is_replaced() {
        let mut out = Vec::new();
        write(object(b"{\"lurescan\":{\"old\":1},\"x\":2}").unwrap(), b"{\"a\":1}", &mut out);
        assert_eq!(out, b"{\"x\":2,\"lurescan\":{\"a\":1}}\n");
        out.clear();
        write(object(b"{\"lurescan\":{\"old\":1}}").unwrap(), b"{\"a\":1}", &mut out);
        assert_eq!(out, b"{\"lurescan\":{\"a\":1}}\n");
    }

    #[test]
    fn other_formats_give_an_object() {
        let mut posting = Posting::from_text("7", "Typists");
        posting.label = Some(true);
        posting.extra.insert("n".to_owned(), 3.into());
        let mut out = Vec::new();
        write(assembled(&posting), b"{}", &mut out);
        let expected = "{\"id\":\"7\",\"label\":1,\"description\":\"Typists\",\"extra\":{\"n\":3},\"lurescan\":{}}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
