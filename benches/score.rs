//! The scorer in bytes a second, stage by stage and as a whole, over texts of several kinds; beside what the same bytes
//! cost when they are only validated or only parsed.
//!
//! `cargo bench --bench score -- thai` runs what has `thai` in its name. `README.md` beside this file says what the
//! stages are and where the time goes.

use std::hint::black_box;
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use lurescan::entities::Finder;
use lurescan::entities::bag::Bag;
use lurescan::entities::reading::{Reader, Reading};
use lurescan::feed::writers::JsonlWriter;
use lurescan::feed::{Feed, FeedOptions, Record};
use lurescan::model::artefact::Artefact;
use lurescan::model::text_stage::text_logits;
use lurescan::posting::{Field, Posting};
use lurescan::score::pipeline::{self, PipelineLimits};
use lurescan::score::{ScoreOptions, Scorer};
use lurescan::signals::catalogue::Catalogue;
use lurescan::signals::{Extractor, Scratch};
use lurescan::text::fold::{Folded, Folder};
use lurescan::text::tokenizer::Tokenizer;
use lurescan::train::marked::{self, Marked};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Each kind of text is repeated to so many bytes, so that what is done once counts little.
const BYTES: usize = 1 << 20;

/// Postings of one kind.
struct Sample {
    name: &'static str,
    postings: Vec<Posting>,
    bytes: usize,
}

/// The postings of the lure corpus by kind: 24 languages, social posts and structured ads.
fn samples() -> Vec<Sample> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datasets/lures/marked");
    let parsed = marked::read(&[dir], &Catalogue::embedded()).expect("the corpus ships");
    let of = |name, is: &dyn Fn(&Marked) -> bool| {
        let chosen: Vec<&Posting> = parsed.postings.iter().filter(|m| is(m)).map(|m| &m.posting).collect();
        let once: usize = chosen.iter().map(|p| p.text_bytes()).sum();
        let times = BYTES.div_ceil(once.max(1));
        let postings: Vec<Posting> = chosen.iter().cycle().take(chosen.len() * times).map(|p| (*p).clone()).collect();
        let bytes = postings.iter().map(Posting::text_bytes).sum();
        Sample { name, postings, bytes }
    };
    vec![
        of("mixed", &|_| true),
        of("ascii", &|m| texts(&m.posting).all(str::is_ascii)),
        of("chinese", &|m| m.language.starts_with("zh")),
        of("thai", &|m| m.language == "th"),
        of("disguised", &|m| m.evasion.is_some()),
    ]
}

fn texts(posting: &Posting) -> impl Iterator<Item = &str> {
    Field::READ.into_iter().map(|field| posting.get(field)).filter(|text| !text.is_empty())
}

/// The feed of the postings.
fn jsonl(postings: &[Posting]) -> Vec<u8> {
    let mut feed = Vec::new();
    for posting in postings {
        let mut record = serde_json::Map::new();
        record.insert("id".into(), posting.id.as_str().into());
        for field in Field::READ.into_iter().filter(|f| !posting.get(*f).is_empty()) {
            record.insert(field.name().into(), posting.get(field).into());
        }
        serde_json::to_writer(&mut feed, &record).expect("a vector takes every write");
        feed.push(b'\n');
    }
    feed
}

struct Engines {
    reader: Reader,
    finder: Finder,
    folder: Folder,
    compiled: Tokenizer,
    through_the_crate: Tokenizer,
    extractor: Extractor,
    artefact: Artefact,
    scorer: Scorer,
    explaining: Scorer,
}

impl Engines {
    fn new() -> Engines {
        let artefact = || Artefact::embedded().expect("the model that ships verifies");
        let json = artefact().tokenizer;
        let compiled = || Tokenizer::from_json(&json).expect("the model that ships resolves");
        let options = ScoreOptions { explain: true, ..ScoreOptions::default() };
        Engines {
            reader: Reader::new(compiled()),
            finder: Finder::new().expect("the tables that ship decode"),
            folder: Folder::new(),
            compiled: compiled(),
            through_the_crate: Tokenizer::through_the_crate(&json).expect("the model that ships resolves"),
            extractor: Extractor::from_compiled(artefact().lexicon).expect("the lexicon that ships decodes"),
            artefact: artefact(),
            scorer: Scorer::embedded().expect("the model that ships verifies"),
            explaining: Scorer::new(artefact(), &[], &options).expect("the model that ships resolves"),
        }
    }
}

fn stages(group: &mut BenchmarkGroup<'_, WallTime>, engines: &Engines, sample: &Sample) {
    let texts: Vec<&str> = sample.postings.iter().flat_map(texts).collect();
    let folded: Vec<Folded> = texts.iter().map(|text| engines.folder.fold(text)).collect();
    let readings: Vec<Reading> = sample.postings.iter().map(|p| engines.reader.read(p)).collect();
    group.bench_function("utf8_validation", |b| {
        b.iter(|| texts.iter().filter(|t| std::str::from_utf8(black_box(t.as_bytes())).is_ok()).count());
    });
    group.bench_function("folding", |b| {
        let mut room = Folded::default();
        b.iter(|| {
            texts.iter().map(|t| (engines.folder.fold_into(black_box(t), &mut room), room.text.len()).1).sum::<usize>()
        });
    });
    group.bench_function("entities", |b| {
        let mut found = Vec::new();
        b.iter(|| {
            folded.iter().map(|f| (engines.finder.find(black_box(&f.text), &mut found), found.len()).1).sum::<usize>()
        });
    });
    for (name, tokenizer) in
        [("tokens_compiled", &engines.compiled), ("tokens_through_the_crate", &engines.through_the_crate)]
    {
        group.bench_function(name, |b| {
            let mut tokens = Vec::new();
            b.iter(|| {
                tokens.clear();
                folded.iter().for_each(|f| tokenizer.tokens(black_box(&f.text), &mut tokens));
                tokens.len()
            });
        });
    }
    group.bench_function("signals", |b| {
        let mut scratch = Scratch::default();
        let mut extract = |reading| engines.extractor.extract(&engines.reader, black_box(reading), &mut scratch);
        b.iter(|| readings.iter().map(|r| extract(r).strengths[0]).sum::<f64>());
    });
    group.bench_function("ngrams", |b| {
        let (mut bag, mut weights) = (Bag::default(), Vec::new());
        b.iter(|| {
            let mut logit = |r| {
                bag.fill(black_box(r));
                text_logits(&engines.artefact.table, bag.hashes(), &mut weights).0
            };
            readings.iter().map(&mut logit).sum::<f64>()
        });
    });
}

fn whole(group: &mut BenchmarkGroup<'_, WallTime>, engines: &Engines, sample: &Sample) {
    let Engines { scorer, explaining, .. } = engines;
    group.bench_function("probability", |b| {
        b.iter(|| sample.postings.iter().map(|p| scorer.logit(black_box(p))).sum::<f64>());
    });
    for (name, scorer) in [("verdict", scorer), ("explanation", explaining)] {
        group.bench_function(name, |b| {
            b.iter(|| sample.postings.iter().map(|p| scorer.score(black_box(p)).signals.len()).sum::<usize>());
        });
    }
}

/// The verdicts of a feed, as JSON lines.
fn run(scorer: &Scorer, feed: &[u8], threads: usize) -> usize {
    let threads = NonZeroUsize::new(threads).expect("a number of threads");
    let stream = Box::new(Cursor::new(feed.to_vec()));
    let mut feed = Feed::from_reader("-", stream, &FeedOptions::default()).expect("the feed is told by its content");
    let context = feed.context().clone();
    let writer = JsonlWriter::default();
    let mut written = 0;
    pipeline::run(
        &PipelineLimits::new(threads),
        std::iter::from_fn(|| feed.next_raw()),
        |raw| raw.length() as usize,
        |batch| {
            let mut lines = Vec::new();
            for raw in batch {
                if let Record::Posting(posting) = raw.parse(&context) {
                    writer.write(&scorer.score(&posting), &mut lines).expect("a vector takes every write");
                }
            }
            lines
        },
        |lines| {
            written += lines.len();
            Ok(())
        },
    )
    .expect("the feed is in memory");
    written
}

fn feeds(group: &mut BenchmarkGroup<'_, WallTime>, engines: &Engines, feed: &[u8]) {
    let lines: Vec<&[u8]> = feed.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
    group.bench_function("json_parsing", |b| {
        b.iter(|| {
            let parse = |line: &&[u8]| serde_json::from_slice::<serde_json::Value>(black_box(line)).is_ok();
            lines.iter().filter(|line| parse(line)).count()
        });
    });
    for threads in [1, 2] {
        group.bench_function(format!("jsonl_to_jsonl_{threads}"), |b| {
            b.iter(|| run(&engines.scorer, black_box(feed), threads));
        });
    }
}

fn bench(c: &mut Criterion) {
    let engines = Engines::new();
    for sample in samples() {
        let mut group = c.benchmark_group(sample.name);
        group.sample_size(10).throughput(Throughput::Bytes(sample.bytes as u64));
        stages(&mut group, &engines, &sample);
        whole(&mut group, &engines, &sample);
        group.throughput(Throughput::Elements(sample.postings.len() as u64));
        group.bench_function("postings", |b| {
            b.iter(|| sample.postings.iter().map(|p| engines.scorer.score(black_box(p)).signals.len()).sum::<usize>());
        });
        let feed = jsonl(&sample.postings);
        group.throughput(Throughput::Bytes(feed.len() as u64));
        feeds(&mut group, &engines, &feed);
        group.finish();
    }
    c.bench_function("startup/scorer", |b| b.iter(|| Scorer::embedded().is_ok()));
}

criterion_group!(benches, bench);
criterion_main!(benches);
