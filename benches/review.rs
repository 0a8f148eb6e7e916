//! How long a moderator waits: from the key that decides to the next posting on the screen.
//!
//! `cargo bench --bench review -- [STORED [QUEUED [DECISIONS]]]` makes a store with STORED decided postings (100,000) and a
//! feed of QUEUED others (5,000), opens the queue in a pseudo-terminal of 80 columns and 24 lines, as a person would, makes
//! DECISIONS (300) by two keys each, and prints quantiles of both waits: for the question, and for the next posting, which is
//! shown when the decision is on the disk.

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/terminal.rs"]
mod terminal;

mod util {
    pub const BINARY: &str = env!("CARGO_BIN_EXE_lurescan");
}

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lurescan::posting::{Field, Posting};
use lurescan::review::decision::{Chosen, Decision, Label, Reason, Sampling, Scored};
use lurescan::review::record::{text_hash, to_json};
use lurescan::review::store::{Store, Subject};
use lurescan::signals::catalogue::Catalogue;
use lurescan::train::marked;
use lurescan::verdict::Action;
use terminal::Terminal;

/// Decisions that go into the store at a time.
const BATCH: usize = 1_000;
/// How often the screen is looked at.
const GLANCE: Duration = Duration::from_micros(200);
/// A wait that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() {
    // Cargo adds `--bench`.
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let number = |at: usize, usual: usize| numbers.get(at).copied().unwrap_or(usual);
    let (stored, queued, decisions) = (number(0, 100_000), number(1, 5_000), number(2, 300));
    let dir = tempfile::tempdir().expect("a directory is made");
    let (store, feed) = (dir.path().join("labels.db"), dir.path().join("feed.jsonl"));
    let originals = corpus();
    fill(&store, &originals, stored);
    let postings = (stored..stored + queued).map(|n| varied(&originals, n));
    std::fs::write(&feed, postings.map(line).collect::<String>()).expect("the feed is written");
    let paths = [&feed, &store].map(|path| path.to_str().expect("a path of letters"));
    let mut terminal = Terminal::start(&["review", paths[0], "--store", paths[1], "--as", "bench"], 80, 24);
    // The campaigns are found meanwhile, as in the first moments of any session.
    terminal.wait_for("0 decided");
    let (mut asked, mut shown) = (Vec::new(), Vec::new());
    for n in 1..=decisions.min(queued) {
        let before = id(&terminal.screen()).to_owned();
        asked.push(waited(&mut terminal, "s", |screen| screen.contains("why?")));
        let decided = format!(" {n} decided");
        shown.push(waited(&mut terminal, "1", |screen| screen.contains(&decided) && id(screen) != before));
    }
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    println!("{stored} postings in the store, {queued} in the queue, {} decisions", shown.len());
    print("key to question", asked);
    print("key to next posting", shown);
}

/// Presses a key and waits, closely.
fn waited(terminal: &mut Terminal, key: &str, come: impl Fn(&str) -> bool) -> Duration {
    let started = Instant::now();
    terminal.press(key);
    while !come(&terminal.screen()) {
        assert!(started.elapsed() < PATIENCE, "{key:?} does nothing:\n{}", terminal.screen());
        std::thread::sleep(GLANCE);
    }
    started.elapsed()
}

fn id(screen: &str) -> &str {
    screen.lines().find_map(|line| line.strip_prefix(" id ")).unwrap_or_default()
}

fn print(what: &str, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let quantile = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let [median, most, all] = [0.5, 0.95, 1.0].map(quantile);
    println!("{what}: median {median:.1} ms, 95th percentile {most:.1} ms, longest {all:.1} ms");
}

/// The families of the lure corpus that training may see.
fn corpus() -> Vec<Posting> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datasets/lures/marked");
    let parsed = marked::read(&[dir], &Catalogue::embedded()).expect("the corpus ships");
    parsed.postings.into_iter().filter(|m| m.split == marked::Split::Train).map(|m| m.posting).collect()
}

/// A posting of the corpus that is another text than all others.
fn varied(originals: &[Posting], n: usize) -> Posting {
    let mut posting = originals[n % originals.len()].clone();
    posting.id = format!("p{n}");
    posting.set(Field::Company, format!("Employer {n}"));
    posting
}

fn line(posting: Posting) -> String {
    let fields = Field::ALL.into_iter().filter(|&field| !posting.get(field).is_empty());
    let mut record: serde_json::Map<String, serde_json::Value> =
        fields.map(|field| (field.name().to_owned(), posting.get(field).into())).collect();
    record.insert("id".to_owned(), posting.id.as_str().into());
    format!("{}\n", serde_json::Value::Object(record))
}

fn fill(path: &Path, originals: &[Posting], count: usize) {
    let mut store = Store::open(path).expect("a store is made");
    for batch in (0..count).collect::<Vec<_>>().chunks(BATCH) {
        let postings: Vec<(String, String, String)> = batch
            .iter()
            .map(|&n| varied(originals, n))
            .map(|posting| (text_hash(&posting), to_json(&posting), posting.id))
            .collect();
        let decisions: Vec<(Subject<'_>, Decision)> = postings
            .iter()
            .map(|(hash, record, id)| {
                let scored = Scored {
                    model: "bench".to_owned(),
                    probability: Some(0.5),
                    action: Action::Review,
                    language: "en".to_owned(),
                };
                let decision = Decision {
                    label: Label::Honest,
                    reason: Some(Reason::OrdinaryAd),
                    note: String::new(),
                    scored,
                    chosen: Chosen::by(Sampling::Queue),
                };
                (Subject { text_hash: hash, id, record }, decision)
            })
            .collect();
        store.add("somebody", &decisions).expect("the store is written");
    }
}
