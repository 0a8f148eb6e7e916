//! Rows of files that the crate writes, and of files that somebody broke.

use std::io::Cursor;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use serde_json::json;

use super::pages::unpacked;
use crate::feed::{Feed, FeedError, FeedOptions, InputFormat, Limits, Record, Reject};
use crate::posting::{Field, Posting};

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn put<T: DataType>(group: &mut Group<'_>, values: &[T::T], definition: &[i16], repetition: &[i16]) {
    let mut column = group.next_column().unwrap().unwrap();
    // A level that does not vary is not written, and the crate wants none then.
    let [definition, repetition] = [definition, repetition].map(|levels| (!levels.is_empty()).then_some(levels));
    column.typed::<T>().write_batch(values, definition, repetition).unwrap();
    column.close().unwrap();
}

fn texts(texts: &[&str]) -> Vec<ByteArray> {
    texts.iter().map(|text| ByteArray::from(*text)).collect()
}

fn file(schema: &str, properties: WriterPropertiesBuilder, groups: &[&dyn Fn(&mut Group<'_>)]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message feed {{ {schema} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).unwrap();
    for write in groups {
        let mut group = writer.next_row_group().unwrap();
        write(&mut group);
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn plain() -> WriterPropertiesBuilder {
    WriterProperties::builder()
}

fn read_with(bytes: &[u8], options: &FeedOptions) -> Result<(Vec<Record>, Option<String>), FeedError> {
    let mut feed = Feed::from_reader("f.parquet", Box::new(Cursor::new(bytes.to_vec())), options)?;
    let records = feed.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok((records, feed.notices().pop()))
}

fn read(bytes: &[u8]) -> Result<Vec<Record>, FeedError> {
    read_with(bytes, &FeedOptions::default()).map(|(records, _)| records)
}

#[track_caller]
fn posting(record: &Record) -> &Posting {
    match record {
        Record::Posting(posting) => posting,
        Record::Reject(reject) => panic!("{reject:?}"),
    }
}

#[track_caller]
fn reject(record: &Record) -> &Reject {
    match record {
        Record::Reject(reject) => reject,
        Record::Posting(posting) => panic!("{posting:?}"),
    }
}

#[track_caller]
fn fails(bytes: &[u8], words: &[&str]) {
    let error = read(bytes).unwrap_err().to_string();
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?}");
    }
}

/// Three rows in two groups: numbers, nulls, a date, a group, a list, a text that is none, and a list of groups.
fn mixed(properties: WriterPropertiesBuilder) -> Vec<u8> {
    let schema = "required int64 job_id; optional binary title (STRING); optional int32 posted (DATE);
        optional group hiringOrganization { optional binary name (STRING); optional int32 staff; }
        optional group skills (LIST) { repeated group list { optional binary element (STRING); } }
        optional binary logo; required int32 fraudulent;
        optional group offices (LIST) { repeated group list { optional group element { optional binary town (STRING); } } }";
    file(
        schema,
        properties,
        &[
            &|group| {
                put::<Int64Type>(group, &[7, 8], &[], &[]);
                put::<ByteArrayType>(group, &texts(&["Cook", "Typist"]), &[1, 1], &[]);
                put::<Int32Type>(group, &[20_731], &[1, 0], &[]);
                put::<ByteArrayType>(group, &texts(&["Acme"]), &[2, 0], &[]);
                put::<Int32Type>(group, &[12], &[2, 0], &[]);
                put::<ByteArrayType>(group, &texts(&["fry", "grill"]), &[3, 3, 1], &[0, 1, 0]);
                put::<ByteArrayType>(group, &[ByteArray::from(vec![0xff])], &[1, 0], &[]);
                put::<Int32Type>(group, &[1, 0], &[], &[]);
                put::<ByteArrayType>(group, &texts(&["Ulm"]), &[4, 0], &[0, 0]);
            },
            &|group| {
                put::<Int64Type>(group, &[9], &[], &[]);
                put::<ByteArrayType>(group, &[], &[0], &[]);
                put::<Int32Type>(group, &[], &[0], &[]);
                put::<ByteArrayType>(group, &texts(&["Bolt"]), &[2], &[]);
                put::<Int32Type>(group, &[], &[1], &[]);
                put::<ByteArrayType>(group, &[], &[0], &[0]);
                put::<ByteArrayType>(group, &[], &[0], &[]);
                put::<Int32Type>(group, &[0], &[], &[]);
                put::<ByteArrayType>(group, &[], &[0], &[0]);
            },
        ],
    )
}

#[test]
fn rows_are_postings_in_every_way_of_writing_them() {
    let expected = read(&mixed(plain())).unwrap();
    let p = posting(&expected[0]);
    assert_eq!((p.id.as_str(), p.label, p.get(Field::PostedAt)), ("7", Some(true), "2026-10-05"));
    assert_eq!((p.get(Field::Title), p.get(Field::Company)), ("Cook", "Acme"));
    assert_eq!(p.get(Field::Requirements), "fry\ngrill");
    assert_eq!(json!(p.extra), json!({"hiringOrganization": {"name": "Acme", "staff": 12}, "logo": "/w=="}));
    let p = posting(&expected[1]);
    assert_eq!((p.id.as_str(), p.label, p.get(Field::Title)), ("8", Some(false), "Typist"));
    assert_eq!(p.extra.len(), 0);
    assert_eq!(posting(&expected[2]).get(Field::Company), "Bolt");

    let v2 = || plain().set_writer_version(WriterVersion::PARQUET_2_0).set_encoding(Encoding::PLAIN);
    for properties in [
        plain().set_compression(Compression::SNAPPY),
        plain().set_dictionary_enabled(false),
        v2(),
        v2().set_compression(Compression::SNAPPY),
        plain().set_data_page_row_count_limit(1).set_write_batch_size(1),
    ] {
        assert_eq!(read(&mixed(properties)).unwrap(), expected);
    }
}

#[test]
fn what_is_not_read_is_said() {
    let bytes = mixed(plain());
    let (_, notice) = read_with(&bytes, &FeedOptions::default()).unwrap();
    assert_eq!(notice.unwrap(), "f.parquet: columns that are not read: offices (a map, or a list of groups)");
    let known = FeedOptions { known_columns_only: true, ..FeedOptions::default() };
    let (records, notice) = read_with(&bytes, &known).unwrap();
    assert_eq!(notice, None);
    assert_eq!(json!(posting(&records[0]).extra), json!({"hiringOrganization": {"name": "Acme", "staff": 12}}));
}

#[test]
fn a_row_that_cannot_be_used_costs_itself_only() {
    let write = |group: &mut Group<'_>| {
        let bodies = [b"ok".to_vec(), b"\xff\xfe".to_vec(), vec![b'x'; 500], b"  ".to_vec(), b"last".to_vec()];
        put::<ByteArrayType>(group, &bodies.map(ByteArray::from), &[], &[]);
        put::<Int32Type>(group, &[0, 1, 0, 0, 7], &[], &[]);
    };
    let bytes = file("required binary body; required int32 label;", plain(), &[&write]);
    let limits = Limits { record_bytes: 300, ..Limits::default() };
    let (records, _) = read_with(&bytes, &FeedOptions { limits, labels: true, ..FeedOptions::default() }).unwrap();
    assert_eq!(posting(&records[0]).id, "f.parquet#1");
    let bad = reject(&records[1]);
    assert_eq!((bad.record, bad.field.as_deref()), (2, Some("body")));
    assert_eq!(String::from_utf8_lossy(&bad.raw), r#"{"body":"��","label":1}"#);
    assert!(bad.reason.contains("not valid UTF-8"), "{}", bad.reason);
    let long = reject(&records[2]);
    assert!(long.reason.contains("508 bytes; the limit is 300"), "{long:?}");
    assert!(reject(&records[3]).reason.contains("no text"));
    assert!(reject(&records[4]).reason.contains("the label is 7"));
}

#[test]
fn deltas_are_read_and_front_coding_is_refused() {
    let write = |group: &mut Group<'_>| put::<ByteArrayType>(group, &texts(&["one", "two", "three"]), &[], &[]);
    let with = |encoding| plain().set_dictionary_enabled(false).set_encoding(encoding);
    let bytes = file("required binary body (STRING);", with(Encoding::DELTA_LENGTH_BYTE_ARRAY), &[&write]);
    let records = read(&bytes).unwrap();
    assert_eq!(posting(&records[2]).get(Field::Description), "three");
    let bytes = file("required binary body (STRING);", with(Encoding::DELTA_BYTE_ARRAY), &[&write]);
    fails(&bytes, &["row group 1: column \"body\"", "DELTA_BYTE_ARRAY", "write them PLAIN"]);
}

#[test]
fn what_is_no_parquet_is_told() {
    let bytes = mixed(plain());
    fails(b"PAR1", &["f.parquet: is no Parquet file: it has 4 bytes"]);
    fails(&bytes[..bytes.len() - 1], &["the mark PAR1 at its end is missing"]);
    let mut encrypted = bytes.clone();
    encrypted.splice(bytes.len() - 4.., *b"PARE");
    fails(&encrypted, &["encrypted"]);
    let mut lying = bytes.clone();
    lying.splice(bytes.len() - 8..bytes.len() - 4, u32::MAX.to_le_bytes());
    fails(&lying, &["4294967295 bytes; there is room for"]);
    let nothing = file("required int32 weight;", plain(), &[]);
    fails(&nothing, &["no column", "\"weight\"", "description: "]);
    let asked = FeedOptions { format: InputFormat::Parquet, ..FeedOptions::default() };
    assert!(read_with(b"{\"title\": \"Cook\"}", &asked).unwrap_err().to_string().contains("PAR1"));
    assert_eq!(read(&file("required binary body (STRING);", plain(), &[])).unwrap(), []);
}

#[test]
fn rows_that_cost_nothing_are_bounded() {
    // A million nulls in a few bytes: each would be a reject.
    let write = |group: &mut Group<'_>| {
        put::<ByteArrayType>(group, &[], &vec![0; 1_000_000], &[]);
    };
    let one_page = plain().set_data_page_row_count_limit(1_000_000).set_write_batch_size(1_000_000);
    let bytes = file("optional binary body (STRING);", one_page, &[&write]);
    assert!(bytes.len() < 1000, "{}", bytes.len());
    fails(&bytes, &["it claims 1000000 rows", "the limit is 1024 rows a byte"]);
}

#[test]
fn a_text_that_a_list_repeats_is_not_copied() {
    // Three hundred thousand times a text of a thousand bytes, in a few bytes.
    let write = |group: &mut Group<'_>| {
        let long = "x".repeat(1000);
        let times = 300_000;
        put::<ByteArrayType>(group, &texts(&["Cook", "Typist"]), &[], &[]);
        let values = vec![ByteArray::from(long.as_str()); times];
        let repetition: Vec<i16> = (0..times).map(|i| i16::from(i > 0)).chain([0]).collect();
        let definition = [vec![1; times], vec![0]].concat();
        put::<ByteArrayType>(group, &values, &definition, &repetition);
    };
    let schema = "required binary title (STRING);
        required group skills (LIST) { repeated group list { required binary element (STRING); } }";
    let records = read(&file(schema, plain(), &[&write])).unwrap();
    assert!(reject(&records[0]).reason.contains("300000004 bytes; the limit is 16777216"), "{:?}", records[0]);
    assert_eq!(posting(&records[1]).get(Field::Title), "Typist");
}

#[test]
fn pages_are_unpacked_to_their_stated_size_and_no_further() {
    use std::io::Write;
    let text = "Typist wanted, flight paid. ".repeat(100);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    for (compression, packed) in [
        (Compression::GZIP(Default::default()), gzip.finish().unwrap()),
        (Compression::ZSTD(Default::default()), zstd),
        (Compression::SNAPPY, snap::raw::Encoder::new().compress_vec(text.as_bytes()).unwrap()),
        (Compression::LZ4_RAW, lz4_flex::block::compress(text.as_bytes())),
        (Compression::UNCOMPRESSED, text.clone().into_bytes()),
    ] {
        let size = text.len() as u64;
        assert_eq!(unpacked(compression, &packed, 0, size).unwrap(), text.as_bytes(), "{compression}");
        let levels = [b"levels", &packed[..]].concat();
        assert_eq!(unpacked(compression, &levels, 6, size + 6).unwrap(), format!("levels{text}").as_bytes());
        for wrong in [size - 1, size + 1, 1 << 40] {
            assert!(unpacked(compression, &packed, 0, wrong).is_err(), "{compression} {wrong}");
        }
        assert!(unpacked(compression, &packed[..packed.len() / 2], 0, size).is_err(), "{compression}");
    }
}

/// Reads what may be broken: the records before the break are whole, and nothing panics.
fn ends(bytes: &[u8]) {
    let options = FeedOptions { format: InputFormat::Parquet, ..FeedOptions::default() };
    if let Ok(feed) = Feed::from_reader("f", Box::new(Cursor::new(bytes.to_vec())), &options) {
        feed.take(1000).for_each(drop);
    }
}

#[test]
fn a_file_that_breaks_off_anywhere_is_an_error() {
    let bytes = mixed(plain().set_compression(Compression::SNAPPY));
    for end in 0..bytes.len() {
        let asked = FeedOptions { format: InputFormat::Parquet, ..FeedOptions::default() };
        assert!(read_with(&bytes[..end], &asked).is_err(), "{end}");
    }
}

#[test]
fn every_byte_may_be_any_other() {
    super::quiet_decoding();
    for properties in [plain(), plain().set_dictionary_enabled(false).set_compression(Compression::SNAPPY)] {
        let mut bytes = mixed(properties);
        for at in 0..bytes.len() {
            let flip = [0x01, 0x80, 0xff][at % 3];
            bytes[at] ^= flip;
            ends(&bytes);
            bytes[at] ^= flip;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn bytes_may_be_changed_together(changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8)) {
        super::quiet_decoding();
        let mut bytes = mixed(plain().set_writer_version(WriterVersion::PARQUET_2_0));
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        ends(&bytes);
    }

    #[test]
    fn texts_come_back(bodies in proptest::collection::vec("[a-z\u{0e01}-\u{0e05} ]{0,40}", 1..60), packed in any::<bool>()) {
        let bodies: Vec<String> = bodies.into_iter().map(|body| body + "x").collect();
        let compression = if packed { Compression::SNAPPY } else { Compression::UNCOMPRESSED };
        let values: Vec<&str> = bodies.iter().map(String::as_str).collect();
        let write = |group: &mut Group<'_>| put::<ByteArrayType>(group, &texts(&values), &[], &[]);
        let properties = plain().set_compression(compression).set_data_page_row_count_limit(7).set_write_batch_size(3);
        let records = read(&file("required binary body (STRING);", properties, &[&write, &write])).unwrap();
        let found: Vec<&str> = records.iter().map(|record| posting(record).get(Field::Description)).collect();
        prop_assert_eq!(found, [&values[..], &values[..]].concat());
    }
}

#[test]
fn values_of_a_fixed_length() {
    let write = |group: &mut Group<'_>| {
        let ids = [vec![0x11; 16], vec![0x22; 16]].map(|bytes| ByteArray::from(bytes).into());
        put::<FixedLenByteArrayType>(group, &ids, &[], &[]);
        put::<ByteArrayType>(group, &texts(&["a", "b"]), &[], &[]);
    };
    let bytes = file("required fixed_len_byte_array(16) id (UUID); required binary body (STRING);", plain(), &[&write]);
    assert_eq!(posting(&read(&bytes).unwrap()[1]).id, "22222222-2222-2222-2222-222222222222");
}
