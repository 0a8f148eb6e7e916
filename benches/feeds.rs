//! Feeds to postings on one core, in bytes of the feed a second, beside what the underlying crates alone reach.

use std::hint::black_box;
use std::io::Cursor;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use lurescan::feed::{Feed, FeedOptions, Record};
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
}

criterion_group!(benches, bench);
criterion_main!(benches);
