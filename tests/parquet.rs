//! Parquet in and out: the same verdicts as from JSON lines, and as JSON lines hold them; nothing that is broken panics.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::{Field, Row};
use parquet::schema::parser::parse_message_type;
use serde_json::{Value, json};

use crate::util::{Dir, hard_postings, lines, run, small, with_stdin};

const FIELDS: [&str; 7] = ["id", "title", "company", "location", "salary", "description", "contact"];

fn sample(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datasets/samples").join(name).to_str().unwrap().to_owned()
}

fn samples() -> Vec<Value> {
    let text = std::fs::read_to_string(sample("postings.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A file of these postings: a column of text for each field, so many rows in a group.
fn parquet(postings: &[Value], rows: usize) -> Vec<u8> {
    let columns: String = FIELDS.iter().map(|field| format!("optional binary {field} (STRING);")).collect();
    let schema = Arc::new(parse_message_type(&format!("message postings {{ {columns} }}")).unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for postings in postings.chunks(rows) {
        let mut group = writer.next_row_group().unwrap();
        for field in FIELDS {
            let texts: Vec<Option<&str>> = postings.iter().map(|posting| posting[field].as_str()).collect();
            let levels: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
            let values: Vec<ByteArray> = texts.into_iter().flatten().map(ByteArray::from).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// How `datasets/samples/feed.parquet` was made: `cargo test --test tests -- --ignored the_sample_is_made`.
#[test]
#[ignore = "writes the sample"]
fn the_sample_is_made() {
    std::fs::write(sample("feed.parquet"), parquet(&samples(), 10)).unwrap();
}

#[test]
fn the_same_postings_give_the_same_verdicts() {
    let expected = run(&["score", &sample("postings.jsonl"), "--explain"]).ok();
    let found = run(&["score", &sample("feed.parquet"), "--explain"]).ok();
    assert_eq!(found.counts(), (24, 24, 0));
    assert_eq!(found.out, expected.out);

    let postings: Vec<Value> = samples().into_iter().chain(hard_postings(300)).collect();
    let dir = Dir::new();
    let [a, b, c, d] = small();
    let expected = run(&["score", &dir.file("a.jsonl", lines(&postings)), a, b, c, d]).ok().out;
    let bytes = parquet(&postings, 100);
    let found = run(&["score", &dir.file("no-extension", &bytes), a, b, c, d, "--threads", "2"]).ok().out;
    assert!(found == expected, "verdicts differ from those of JSON lines");
    let piped = with_stdin(&["score", "-", a, b, c, d], bytes).ok().out;
    assert!(piped == expected, "verdicts of a pipe differ");
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => json!(value),
        Field::Long(value) => json!(value),
        Field::Double(value) => json!(value),
        Field::Str(value) => json!(value),
        Field::Group(row) => object(row),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        other => panic!("{other:?}"),
    }
}

fn object(row: &Row) -> Value {
    Value::Object(row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect())
}

fn rows(file: &str) -> Vec<Value> {
    let reader = SerializedFileReader::new(File::open(file).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| object(&row.unwrap())).collect()
}

/// Postings of which one is an abstention, without a probability.
fn feed(dir: &Dir) -> String {
    let mut postings = hard_postings(50);
    postings.push(json!({"id": "short", "description": "ok", "kept": {"a": [1]}}));
    dir.file("feed.jsonl", lines(&postings))
}

#[test]
fn verdicts_are_written_as_json_lines_hold_them() {
    let dir = Dir::new();
    let [a, b, c, d] = small();
    let feed = feed(&dir);
    let out = dir.path("out.parquet");
    let said = run(&["score", &feed, "--output", &out, a, b, c, d]).ok();
    assert_eq!((said.out.as_str(), said.counts()), ("", (51, 51, 0)));
    let mut expected = run(&["score", &feed, a, b, c, d]).ok().json();
    for verdict in &mut expected {
        verdict["truncated"] = json!(false);
        verdict["as_vacancy"] = json!(false);
        verdict.as_object_mut().unwrap().entry("passage").or_insert(json!([]));
    }
    assert_eq!(rows(&out), expected);
    assert_eq!(rows(&out)[50]["probability"], Value::Null);

    let fields = ["--fields", "action,id,intercept,terms,extra,signals"];
    run(&[&["score", &feed, "--output", &out, a, b, c, d][..], &fields].concat()).ok();
    let mut expected = run(&[&["score", &feed, a, b, c, d][..], &fields].concat()).ok().json();
    for verdict in &mut expected {
        let extra = verdict["extra"].to_string();
        verdict["extra"] = if extra == "{}" { Value::Null } else { extra.into() };
    }
    assert_eq!(rows(&out), expected);
    assert_eq!(dir.names(), ["feed.jsonl", "out.parquet"]);
}

#[test]
fn parts_are_files_of_their_own() {
    let dir = Dir::new();
    let [a, b, c, d] = small();
    let feed = feed(&dir);
    let out = dir.path("parts/");
    let args = ["score", &feed, "--format", "parquet", "--output", &out, "--fields", "id", a, b, c, d];
    run(&[&args[..], &["--part-size", "20", "--threads", "2"]].concat()).ok();
    let of_parts: Vec<Vec<Value>> = (0..3).map(|i| rows(&format!("{out}part-0000{i}.parquet"))).collect();
    assert_eq!(of_parts.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 11]);
    assert_eq!(of_parts.concat(), run(&["score", &feed, "--fields", "id", a, b, c, d]).ok().json());
    run(&[&args[..], &["--part-size", "1M"]].concat()).fails(&["a number of verdicts"]);
    let checkpoint = dir.path("checkpoint");
    run(&[&args[..], &["--checkpoint", &checkpoint]].concat()).fails(&["--format parquet", "--checkpoint"]);
    run(&[&args[..], &["--pass-through"]].concat()).fails(&["--pass-through"]);
    run(&["score", &feed, "--format", "parquet", "--fields", "id,id", a, b, c, d]).fails(&["more than once"]);
}

#[test]
fn broken_files_are_errors_and_no_panics() {
    let dir = Dir::new();
    let [a, b, c, d] = small();
    let whole = std::fs::read(sample("feed.parquet")).unwrap();
    let ends = |name: &str, bytes: &[u8]| {
        let run = run(&["score", &dir.file(name, bytes), "--input-format", "parquet", a, b, c, d]);
        assert!(matches!(run.code, 0 | 2), "{name}: {run:?}");
        assert!(!run.err.contains("panicked"), "{name}: {run:?}");
        run
    };
    for end in [0, 4, 100, whole.len() / 2, whole.len() - 1] {
        assert_eq!(ends("short.parquet", &whole[..end]).code, 2, "{end}");
    }
    let step = whole.len() / 40;
    for at in (0..whole.len()).step_by(step) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        ends(&format!("flipped-{at}.parquet"), &bytes);
    }
}
