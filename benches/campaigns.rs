//! How well and how fast campaigns are found.
//!
//! `cargo bench --bench campaigns -- [--column NAME] [--write COUNT PATH] FILE...` reads feeds (without one, the families of
//! the lure corpus that training may see) and prints how the groups agree
//!
//! - with the column of that name, by text alone and with shared contacts;
//! - with the truth when every posting has two copies in the feed, of which a twentieth of the words, or the numbers,
//!   places and emoji, are changed.
//!
//! With `--write` it writes a feed of COUNT postings made that way, to run `lurescan campaigns PATH` on with a clock.

#[path = "../tests/perturb.rs"]
mod perturb;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use lurescan::campaigns::{Collector, Facts};
use lurescan::feed::{Feed, FeedOptions, Record};
use lurescan::posting::{Field, Posting};
use lurescan::score::Scorer;
use lurescan::signals::catalogue::Catalogue;
use lurescan::text::near_duplicates::UnionFind;
use lurescan::train::marked;
use perturb::{Agreement, Pool};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// The share of words that a copy changes.
const SHARE: f64 = 0.05;

fn main() {
    // Cargo adds `--bench`.
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let (mut column, mut write, mut files) = (None, None, Vec::new());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--column" => column = args.next(),
            "--write" => write = args.next().and_then(|n| n.parse::<usize>().ok()).zip(args.next()),
            _ => files.push(PathBuf::from(arg)),
        }
    }
    let postings = if files.is_empty() { corpus() } else { files.iter().flat_map(read).collect() };
    let scorer = Scorer::embedded().expect("the model that ships verifies");
    let pool = Pool::of(scorer.reader(), postings.iter());
    println!("{} postings", postings.len());
    if let Some((count, path)) = write {
        write_feed(&scorer, &postings, &pool, count, &path).expect("the feed is written");
        return;
    }
    if let Some(column) = column {
        let truth =
            numbered(postings.iter().map(|p| lurescan::train::labelled::column(p, &column).unwrap_or_default()));
        let identical = identical_joined(&postings, &truth);
        for (what, by_text_alone) in [("by text alone", true), ("with contacts", false)] {
            let found = grouped(&scorer, &postings, by_text_alone);
            println!("{column}, {what}: {}", Agreement::of(&found, &truth));
            println!("{column}, its groups of one text joined, {what}: {}", Agreement::of(&found, &identical));
        }
    }
    // What is near itself belongs together with all its copies.
    let originals = grouped(&scorer, &postings, true);
    let copied = |what: &str, change: &(dyn Fn(&Posting, &mut ChaCha8Rng) -> Posting + Sync)| {
        let feed: Vec<Posting> = (0..3 * postings.len())
            .into_par_iter()
            .map(|i| match i % 3 {
                0 => postings[i / 3].clone(),
                _ => change(&postings[i / 3], &mut ChaCha8Rng::seed_from_u64(i as u64)),
            })
            .collect();
        let truth: Vec<usize> = (0..feed.len()).map(|i| originals[i / 3]).collect();
        println!("{what}: {}", Agreement::of(&grouped(&scorer, &feed, true), &truth));
    };
    copied("5 % of the words changed", &|p, rng| perturb::words(scorer.reader(), p, SHARE, &pool, rng));
    copied("numbers, places and emoji changed", &|p, rng| perturb::surface(scorer.reader(), p, rng));
}

fn corpus() -> Vec<Posting> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datasets/lures/marked");
    let parsed = marked::read(&[dir], &Catalogue::embedded()).expect("the corpus ships");
    parsed.postings.into_iter().filter(|m| m.split == marked::Split::Train).map(|m| m.posting).collect()
}

fn read(path: &PathBuf) -> Vec<Posting> {
    let feed = Feed::open(path, &FeedOptions::default()).expect("the feed opens");
    feed.filter_map(|record| match record.expect("the feed is read") {
        Record::Posting(posting) => Some(*posting),
        Record::Reject(_) => None,
    })
    .collect()
}

fn numbered(names: impl Iterator<Item = String>) -> Vec<usize> {
    let mut numbers = HashMap::new();
    names
        .map(|name| {
            let next = numbers.len();
            *numbers.entry(name).or_insert(next)
        })
        .collect()
}

/// The truth, where postings that are the same to the letter belong together.
fn identical_joined(postings: &[Posting], truth: &[usize]) -> Vec<usize> {
    let texts =
        numbered(postings.iter().map(|p| [Field::Description, Field::Requirements].map(|f| p.get(f)).join("\n")));
    let mut union = UnionFind::new(postings.len());
    for groups in [&texts[..], truth] {
        let mut first_of = HashMap::new();
        for (i, group) in groups.iter().enumerate() {
            union.join(*first_of.entry(group).or_insert(i), i);
        }
    }
    (0..postings.len()).map(|i| union.find(i)).collect()
}

/// The group of each posting; who stands alone has one of its own.
fn grouped(scorer: &Scorer, postings: &[Posting], by_text_alone: bool) -> Vec<usize> {
    let facts: Vec<Facts> = postings
        .par_iter()
        .enumerate()
        .map(|(i, posting)| {
            let mut posting = posting.clone();
            posting.id = i.to_string();
            Facts::of(scorer, &posting)
        })
        .collect();
    let mut collector = if by_text_alone { Collector::by_text_alone() } else { Collector::default() };
    facts.into_iter().for_each(|facts| collector.add(facts));
    let mut groups: Vec<usize> = (0..postings.len()).map(|i| usize::MAX - i).collect();
    for (group, campaign) in collector.finish(scorer).iter().enumerate() {
        for member in &campaign.members {
            groups[member.parse::<usize>().expect("ids are numbers")] = group;
        }
    }
    groups
}

fn write_feed(scorer: &Scorer, postings: &[Posting], pool: &Pool, count: usize, path: &str) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    const BLOCK: usize = 1 << 14;
    for block in (0..count).step_by(BLOCK) {
        let lines: Vec<String> = (block..count.min(block + BLOCK))
            .into_par_iter()
            .map(|i| {
                let mut rng = ChaCha8Rng::seed_from_u64(i as u64);
                let original = &postings[i % postings.len()];
                let copy = match (i < postings.len(), rng.random_bool(0.5)) {
                    (true, _) => original.clone(),
                    (_, true) => perturb::words(scorer.reader(), original, SHARE, pool, &mut rng),
                    (_, false) => perturb::surface(scorer.reader(), original, &mut rng),
                };
                let mut record = serde_json::Map::new();
                for field in Field::ALL.into_iter().filter(|&field| !copy.get(field).is_empty()) {
                    record.insert(field.name().to_owned(), copy.get(field).into());
                }
                record.insert("id".to_owned(), format!("p{i}").into());
                format!("{}\n", serde_json::Value::Object(record))
            })
            .collect();
        lines.iter().try_for_each(|line| out.write_all(line.as_bytes()))?;
    }
    out.flush()
}
