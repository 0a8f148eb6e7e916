/*!
JSON text of one record into its named values.

Three things differ from plain `serde_json::from_str`: the number of values is bounded, because `[[],[],...` costs thirty
times its bytes in memory; lone surrogate escapes, which JavaScript writes when it cuts an emoji in half, become U+FFFD
instead of costing the record; and an id of more digits than a float holds keeps them all.
*/

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

/// The members of an object, of which the last wins where a key comes twice.
pub(super) fn object(text: &str, max_values: usize) -> Result<Map<String, Value>, serde_json::Error> {
    match read(text, max_values) {
        Err(error) if error.is_syntax() => match mend_surrogates(text) {
            Some(mended) => read(&mended, max_values),
            None => Err(error),
        },
        result => result,
    }
}

/// Any value, as pages embed it: line breaks within strings are put up with, which no parser of JSON allows and which
/// those who write descriptions into templates leave in.
pub(super) fn value(text: &str, max_values: usize) -> Result<Value, serde_json::Error> {
    match read_value(text, max_values) {
        Err(error) if error.is_syntax() => {
            let mended = mend_controls(text);
            read_value(mend_surrogates(&mended).as_deref().unwrap_or(&mended), max_values).map_err(|_| error)
        }
        result => result,
    }
}

/// The members of an object as they are written.
pub(super) fn raw_members(text: &str) -> HashMap<String, &RawValue> {
    serde_json::from_str(text).unwrap_or_default()
}

fn read(text: &str, max_values: usize) -> Result<Map<String, Value>, serde_json::Error> {
    within(text, max_values, |budget, deserializer| deserializer.deserialize_any(ObjectVisitor(budget)))
}

fn read_value(text: &str, max_values: usize) -> Result<Value, serde_json::Error> {
    within(text, max_values, |budget, deserializer| ValueSeed(budget).deserialize(deserializer))
}

/// Reads the whole of a text within a budget of values.
fn within<T>(
    text: &str,
    max_values: usize,
    read: impl FnOnce(&Budget, &mut serde_json::Deserializer<serde_json::de::StrRead<'_>>) -> Result<T, serde_json::Error>,
) -> Result<T, serde_json::Error> {
    let budget = Budget { left: Cell::new(max_values), max: max_values };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = read(&budget, &mut deserializer)?;
    deserializer.end()?;
    Ok(read)
}

struct Budget {
    left: Cell<usize>,
    max: usize,
}

impl Budget {
    fn spend<E: Error>(&self) -> Result<(), E> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                Err(E::custom(format_args!("more than {} values in one record (raise it with --max-values)", self.max)))
            }
        }
    }
}

fn members<'de, A: MapAccess<'de>>(budget: &Budget, mut access: A) -> Result<Map<String, Value>, A::Error> {
    let mut object = Map::new();
    while let Some(key) = access.next_key::<String>()? {
        let value = access.next_value_seed(ValueSeed(budget))?;
        object.insert(key, value);
    }
    Ok(object)
}

struct ObjectVisitor<'b>(&'b Budget);

impl<'de> Visitor<'de> for ObjectVisitor<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
        members(self.0, access)
    }
}

#[derive(Clone, Copy)]
struct ValueSeed<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.spend()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        members(self.0, access).map(Value::Object)
    }
}

/// The text with each lone surrogate escape written `\ufffd`; none when there is no such escape.
///
/// The replacement is as long as the escape, so that the position in a later error still holds.
pub(super) fn mend_surrogates(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        at += found;
        match escaped_unit(&bytes[at..]) {
            Some(0xD800..=0xDBFF) if matches!(escaped_unit(&bytes[at + 6..]), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                mended.push_str(&text[copied..at]);
                mended.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    if copied == 0 {
        return None;
    }
    mended.push_str(&text[copied..]);
    Some(mended)
}

/// The text with the control characters inside of its strings escaped.
fn mend_controls(text: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let mut mended = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '\0'..='\x1f' if in_string => mended.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => mended.push(c),
        }
        in_string ^= c == '"' && !escaped;
        escaped = in_string && c == '\\' && !escaped;
    }
    mended
}

/// The UTF-16 unit of a `\uXXXX` at the start of the bytes.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.get(..6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)? as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read_all(text: &str) -> Result<Value, String> {
        object(text, 1000).map(Value::Object).map_err(|e| e.to_string())
    }

    #[test]
    fn plain_objects_are_read_as_serde_json_reads_them() {
        let text = r#"{"a":[1,-2,2.5,true,null,{"b":"\u00e9\ud83d\ude00\u0000"}],"c":"d","a2":1e3}"#;
        assert_eq!(read_all(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(read_all(r#"{"a":1,"b":2,"a":3}"#).unwrap(), json!({"a": 3, "b": 2}));
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for text in ["", "[1]", "1", "\"a\"", "null", "{", "{\"a\":", "{\"a\":1} x", "{\"a\":1,}", "{\"a\":\"b"] {
            assert!(read_all(text).is_err(), "{text}");
        }
        assert!(read_all("[1]").unwrap_err().contains("expected a JSON object"));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(read_all(&deep).unwrap_err().contains("recursion limit"));
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let text = format!("{{\"a\":[{}0]}}", "0,".repeat(997));
        assert!(read_all(&text).is_ok());
        let text = format!("{{\"a\":[{}0]}}", "0,".repeat(999));
        assert!(read_all(&text).unwrap_err().starts_with("more than 1000 values in one record"));
    }

    #[test]
    fn lone_surrogates_are_replaced() {
        for (text, read) in [
            (r#"{"a":"x\ud800"}"#, "x\u{fffd}"),
            (r#"{"a":"\udc00x"}"#, "\u{fffd}x"),
            (r#"{"a":"\uD83D\uDE00 \ud83d"}"#, "😀 \u{fffd}"),
            (r#"{"a":"\ud800\ud83d\ude00"}"#, "\u{fffd}😀"),
            (r#"{"a":"\ud800\n\\ud800"}"#, "\u{fffd}\n\\ud800"),
            (r#"{"a":"\ud800\u0041"}"#, "\u{fffd}A"),
        ] {
            assert_eq!(read_all(text).unwrap(), json!({"a": read}), "{text}");
        }
        assert!(read_all(r#"{"a":"\ud800"#).is_err());
        assert_eq!(mend_surrogates(r"\\ud800 \ud83d\ude00"), None);
    }

    #[test]
    fn values_of_pages_may_have_line_breaks_in_strings() {
        assert_eq!(value("[{\"a\":\"b\nc\\\"\td\"}\n]", 10).unwrap(), json!([{"a": "b\nc\"\td"}]));
        assert_eq!(value("7", 10).unwrap(), json!(7));
        assert!(
            value("[\"a\nb\"", 10).unwrap_err().to_string().contains("control character"),
            "the first error is told"
        );
        assert!(value("[1,2,3]", 3).unwrap_err().to_string().starts_with("more than 3 values"));
        assert!(value(&"[".repeat(10_000), 100_000).unwrap_err().to_string().contains("recursion limit"));
    }

    #[test]
    fn members_as_written() {
        assert_eq!(
            raw_members(r#"{"id": 123456789012345678901234567890}"#)["id"].get(),
            "123456789012345678901234567890"
        );
        assert!(raw_members("[").is_empty());
    }

    proptest! {
        #[test]
        fn mending_never_panics_and_leaves_nothing_to_mend(text in r#"(\\|u|d8|00|dc|"|é|[a-f0-9]){0,40}"#) {
            if let Some(mended) = mend_surrogates(&text) {
                prop_assert_eq!(mended.len(), text.len());
                prop_assert_eq!(mend_surrogates(&mended), None);
            }
        }

        #[test]
        fn any_json_that_serde_json_reads_is_read_alike(text in r#"\{"a":[\[\]{}",:0-9.a-e\\u ]{0,40}\}"#) {
            if let Ok(Value::Object(value)) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(object(&text, 1000).unwrap(), value);
            }
        }
    }
}
