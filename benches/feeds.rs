//! Feeds to postings on one core, in bytes of the feed a second, beside what the underlying crates alone reach.

use std::hint::black_box;
use std::io::{Cursor, Write};
use std::sync::Arc;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use lurescan::feed::{Feed, FeedOptions, Record};
use parquet::basic::Compression;
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use quick_xml::events::Event;

const POSTINGS: usize = 4_000;

const TEXT: &str = "<p>Four on, four off, 22:00 to 06:00 in our cold store. Freezer clothing, hot food at break and a \
    minibus from the station are provided.</p><ul><li>reach truck licence, or willing to take one</li><li>right to work \
    papers at the induction</li></ul><p>Interviews are held on site every Thursday afternoon; ask at the gate for the \
    shift manager. Pay is weekly, by bank transfer, with a pension after twelve weeks.</p>";

fn xml() -> Vec<u8> {
    let mut feed = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<source><publisher>P</publisher>\n");
    for i in 0..POSTINGS {
        feed += &format!(
            "<job>\n  <title><![CDATA[Warehouse operative, nights]]></title>\n  <date>2026-10-05T08:00:00Z</date>\n  \
             <referencenumber>{i}</referencenumber>\n  <url><![CDATA[https://jobs.example/{i}?a=1&b=2]]></url>\n  \
             <company>Penrith &amp; Daughters</company>\n  <city>Doncaster</city>\n  <country>GB</country>\n  \
             <salary>13.90 an hour</salary>\n  <description><![CDATA[{TEXT}]]></description>\n</job>\n"
        );
    }
    (feed + "</source>\n").into_bytes()
}

fn csv() -> Vec<u8> {
    let mut feed = String::from("id,title,company,location,salary,date,url,description\n");
    for i in 0..POSTINGS {
        feed += &format!(
            "{i},\"Warehouse operative, nights\",Penrith & Daughters,\"Doncaster, GB\",13.90 an hour,\
             2026-10-05T08:00:00Z,https://jobs.example/{i},\"{TEXT}\"\n"
        );
    }
    feed.into_bytes()
}

fn jsonl() -> Vec<u8> {
    let line = |i: usize| {
        serde_json::json!({"id": i, "title": "Warehouse operative, nights", "company": "Penrith & Daughters",
            "location": "Doncaster, GB", "salary": "13.90 an hour", "date": "2026-10-05T08:00:00Z",
            "url": format!("https://jobs.example/{i}"), "description": TEXT})
    };
    (0..POSTINGS).map(|i| format!("{}\n", line(i))).collect::<String>().into_bytes()
}

/// The fields of the feeds above as columns of text. Every description differs, so that no dictionary holds them.
fn parquet(compression: Compression) -> Vec<u8> {
    let cell = |i: usize| {
        let url = format!("https://jobs.example/{i}");
        let text = format!("{TEXT} {i}");
        [
            &i.to_string(),
            "Warehouse operative, nights",
            "Penrith & Daughters",
            "Doncaster, GB",
            "13.90 an hour",
            "2026-10-05T08:00:00Z",
            &url,
            &text,
        ]
        .map(ByteArray::from)
    };
    let rows: Vec<_> = (0..POSTINGS).map(cell).collect();
    let names = ["id", "title", "company", "location", "salary", "date", "url", "description"];
    let fields: String = names.iter().map(|name| format!("required binary {name} (STRING);")).collect();
    let schema = parse_message_type(&format!("message feed {{ {fields} }}")).expect("a schema");
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer =
        SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties)).expect("memory takes it");
    let mut group = writer.next_row_group().expect("a group");
    for i in 0..names.len() {
        let values: Vec<ByteArray> = rows.iter().map(|row| row[i].clone()).collect();
        let mut column = group.next_column().expect("a column").expect("as many as names");
        column.typed::<ByteArrayType>().write_batch(&values, None, None).expect("memory takes it");
        column.close().expect("memory takes it");
    }
    group.close().expect("memory takes it");
    writer.into_inner().expect("memory takes it")
}

/// What the crate's column readers make of a file: the bytes of all values.
fn parquet_values(file: &std::fs::File) -> usize {
    let reader = SerializedFileReader::new(file.try_clone().expect("an open file")).expect("a whole file");
    let group = reader.get_row_group(0).expect("one group");
    let mut bytes = 0;
    for i in 0..group.num_columns() {
        let mut column = get_typed_column_reader::<ByteArrayType>(group.get_column_reader(i).expect("a column"));
        let mut values = Vec::new();
        while column.read_records(1024, None, None, &mut values).expect("whole pages").0 > 0 {
            bytes += values.drain(..).map(|value| value.len()).sum::<usize>();
        }
    }
    bytes
}

fn parquet_group(c: &mut Criterion, name: &str, compression: Compression) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(&parquet(compression)).expect("the disk takes it");
    // Of the values: what is packed and repeated is small on the disk.
    let bytes = parquet_values(file.as_file()) as u64;
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes)).sample_size(20);
    group.bench_function("postings", |b| {
        b.iter(|| {
            let feed = Feed::open(file.path(), &FeedOptions::default()).expect("the feed is told by its content");
            assert_eq!(feed.filter(|record| matches!(record, Ok(Record::Posting(_)))).count(), POSTINGS);
        });
    });
    group.bench_function("parquet_values", |b| b.iter(|| parquet_values(black_box(file.as_file()))));
    group.finish();
}

fn postings(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bytes: &[u8]) {
    group.throughput(Throughput::Bytes(bytes.len() as u64)).sample_size(20);
    group.bench_function(name, |b| {
        b.iter(|| {
            let stream = Box::new(Cursor::new(bytes.to_vec()));
            let feed =
                Feed::from_reader("-", stream, &FeedOptions::default()).expect("the feed is told by its content");
            let count = feed.filter(|record| matches!(record, Ok(Record::Posting(_)))).count();
            assert_eq!(count, POSTINGS);
        });
    });
}

fn bench(c: &mut Criterion) {
    let bytes = xml();
    let mut group = c.benchmark_group("feeds/xml");
    postings(&mut group, "postings", &bytes);
    group.bench_function("quick_xml_events", |b| {
        b.iter(|| {
            let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(black_box(&bytes)).expect("UTF-8"));
            let mut ends = 0;
            loop {
                match reader.read_event().expect("well-formed") {
                    Event::End(_) => ends += 1,
                    Event::Eof => break ends,
                    _ => {}
                }
            }
        });
    });
    group.finish();
    let bytes = csv();
    let mut group = c.benchmark_group("feeds/csv");
    postings(&mut group, "postings", &bytes);
    group.bench_function("csv_core_cells", |b| {
        let (mut out, mut ends) = (vec![0; 1 << 16], vec![0; 64]);
        b.iter(|| {
            let mut reader = csv_core::Reader::new();
            let (mut rest, mut rows) = (black_box(&bytes[..]), 0);
            loop {
                let (result, read, ..) = reader.read_record(rest, &mut out, &mut ends);
                rest = &rest[read..];
                match result {
                    csv_core::ReadRecordResult::Record => rows += 1,
                    csv_core::ReadRecordResult::End => break rows,
                    _ => {}
                }
            }
        });
    });
    group.finish();
    let bytes = jsonl();
    let mut group = c.benchmark_group("feeds/jsonl");
    postings(&mut group, "postings", &bytes);
    group.finish();
    parquet_group(c, "feeds/parquet", Compression::UNCOMPRESSED);
    parquet_group(c, "feeds/parquet_snappy", Compression::SNAPPY);
}

criterion_group!(benches, bench);
criterion_main!(benches);
