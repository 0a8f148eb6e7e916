/*!
A posting as a record of a labelled file: the form that the feed readers read back.
*/

use serde_json::{Map, Value, json};

use crate::posting::{Field, Posting};

/// Keys of a data set that stand before the fields, so that a reader of the file sees them first.
const FIRST: [&str; 4] = ["kind", "group", "writer", "split"];

/// Id, label, language, the fields that hold text, and what the record had besides.
pub fn record(posting: &Posting) -> Map<String, Value> {
    let mut record = Map::new();
    record.insert("id".into(), json!(posting.id));
    if let Some(label) = posting.label {
        record.insert("label".into(), json!(label as u8));
    }
    for key in FIRST {
        if let Some(value) = posting.extra.get(key) {
            record.insert(key.into(), value.clone());
        }
    }
    let language = posting.get(Field::Language);
    if !language.is_empty() {
        record.insert(Field::Language.name().into(), json!(language));
    }
    for field in Field::ALL {
        let text = posting.get(field);
        if !text.is_empty() {
            record.insert(field.name().into(), json!(text));
        }
    }
    for (key, value) in &posting.extra {
        // A value that an alias kept beside a field must not stand in the field's way.
        if !record.contains_key(key) {
            record.insert(key.clone(), value.clone());
        }
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{Feed, FeedOptions, Record};

    #[test]
    fn a_record_is_read_back_as_the_same_posting() {
        let mut posting = Posting::from_text("a#1", "Zeile 1\n\"2\" \u{1f469}\u{200d}\u{1f4bb}");
        posting.label = Some(true);
        for field in Field::ALL {
            if posting.get(field).is_empty() {
                posting.set(field, format!("text of {}", field.name()));
            }
        }
        posting.extra.insert("group".into(), json!("r1-a"));
        posting.extra.insert("weight".into(), json!(2.5));
        let line = serde_json::to_string(&record(&posting)).unwrap() + "\n";
        let stream = Box::new(std::io::Cursor::new(line.into_bytes()));
        let mut feed = Feed::from_reader("x.jsonl", stream, &FeedOptions::default()).unwrap();
        let Record::Posting(back) = feed.next().unwrap().unwrap() else { panic!("a reject") };
        assert_eq!(*back, posting);
    }
}
