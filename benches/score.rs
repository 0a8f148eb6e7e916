//! The scorer in bytes a second over a mixed corpus, beside UTF-8 validation of the same bytes as the bound.

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lurescan::model::artefact::Artefact;
use lurescan::posting::{Field, Posting};
use lurescan::score::{ScoreOptions, Scorer};
use lurescan::signals::catalogue::Catalogue;
use lurescan::train::marked;

/// The postings of the lure corpus: 24 languages, social posts and structured ads.
fn postings() -> Vec<Posting> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datasets/lures/marked");
    let parsed = marked::read(&[dir], &Catalogue::embedded()).expect("the corpus ships");
    parsed.postings.into_iter().map(|m| m.posting).collect()
}

fn texts(postings: &[Posting]) -> Vec<&str> {
    postings.iter().flat_map(|p| Field::READ.map(|f| p.get(f))).filter(|t| !t.is_empty()).collect()
}

fn bench(c: &mut Criterion) {
    let postings = postings();
    let bytes: usize = postings.iter().map(Posting::text_bytes).sum();
    let texts = texts(&postings);
    let plain = Scorer::embedded().expect("the model that ships verifies");
    let options = ScoreOptions { explain: true, ..ScoreOptions::default() };
    let artefact = Artefact::embedded().expect("the model that ships verifies");
    let explaining = Scorer::new(artefact, &[], &options).expect("the model that ships resolves");
    let mut group = c.benchmark_group("mixed");
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(10);
    group.bench_function("utf8_validation", |b| {
        b.iter(|| texts.iter().filter(|t| std::str::from_utf8(black_box(t.as_bytes())).is_ok()).count());
    });
    group.bench_function("logit", |b| b.iter(|| postings.iter().map(|p| plain.logit(black_box(p))).sum::<f64>()));
    group.bench_function("verdict", |b| {
        b.iter(|| postings.iter().map(|p| plain.score(black_box(p)).signals.len()).sum::<usize>());
    });
    group.bench_function("explanation", |b| {
        b.iter(|| postings.iter().map(|p| explaining.score(black_box(p)).signals.len()).sum::<usize>());
    });
    group.finish();
    c.bench_function("startup/scorer", |b| b.iter(|| Scorer::embedded().is_ok()));
}

criterion_group!(benches, bench);
criterion_main!(benches);
