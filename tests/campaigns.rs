//! `lurescan campaigns`: what is grouped, what comes out, and how it ends.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use lurescan::entities::reading::Reader;
use lurescan::posting::{Field, Posting};
use lurescan::signals::catalogue::Catalogue;
use lurescan::text::tokenizer::Tokenizer;
use lurescan::train::marked;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::perturb::{self, Agreement, Pool};
use crate::util::{Dir, lines, run, small, with_stdin};

const LURE: &str =
    "Hiring typists for an office abroad. Free flight and free room, two meals a day, no experience needed.";
const PLAIN: &str = "The bakery on the market square is looking for a shop assistant for the mornings, with a pension.";

fn feed() -> Vec<Value> {
    vec![
        json!({"id": "a", "posted_at": "2026-03-01", "text": format!("{LURE} Pay $900 in Bangkok. Telegram @demo_hr00")}),
        json!({"id": "b", "posted_at": "2026-03-04T08:00:00+07:00", "text": format!("🔥 {LURE} Pay $1,200 in Manila. Telegram @demo_hr00")}),
        json!({"id": "c", "text": "A new team of clerks is wanted at once, ask the manager, Telegram @demo_hr00 or demo00@gmail.com"}),
        json!({"id": "d", "title": "Shop assistant", "text": PLAIN}),
        json!({"id": "e", "title": "Shop assistant", "text": PLAIN}),
        json!({"id": "f", "text": "A carpenter with a driving licence is wanted for our workshop in the old harbour."}),
    ]
}

fn campaigns(args: &[&str], stdin: impl Into<Vec<u8>>) -> crate::util::Run {
    with_stdin(&[&["campaigns"], args, &small()].concat(), stdin)
}

#[test]
fn a_campaign_has_its_keys_in_order() {
    let run = campaigns(&[], lines(&feed())).ok();
    let found = run.json();
    let keys: Vec<&str> = found[0].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id",
        "size",
        "first_seen",
        "last_seen",
        "actions",
        "languages",
        "places",
        "signals",
        "contacts",
        "representative",
        "members",
        "model",
    ];
    assert_eq!(keys, expected);
    assert_eq!(found.len(), 2, "who stands alone is left out");
    assert_eq!(found[0]["members"], json!(["a", "b", "c"]));
    assert_eq!(found[0]["first_seen"], "2026-03-01T00:00:00Z");
    assert_eq!(found[0]["last_seen"], "2026-03-04T01:00:00Z");
    assert_eq!(found[0]["languages"], json!({"en": 3}));
    assert_eq!(found[0]["places"][0], json!({"name": "Bangkok", "country": "TH", "kind": "capital", "postings": 1}));
    let contact = &found[0]["contacts"][0];
    assert_eq!(
        (&contact["kind"], &contact["value"], &contact["postings"], &contact["joins"]),
        (&json!("telegram"), &json!("demo_hr00"), &json!(3), &json!(true))
    );
    assert_eq!(found[1]["members"], json!(["d", "e"]));
    assert_eq!(found[1]["representative"], json!({"id": "d", "line": "Shop assistant"}));
    assert_eq!(found[1]["first_seen"], Value::Null);
    assert_eq!(run.counts(), (6, 6, 0));
    assert!(run.err.contains("2 campaigns of 5 postings, 1 posting alone; 2 written"), "{}", run.err);
}

#[test]
fn postings_that_share_the_target_of_a_link_are_joined() {
    let link = "<a href=\"https://t.me/demo_hr00\">Apply here</a>";
    let texts =
        [format!("A clerk is wanted for the harbour. {link}"), format!("Our team of typists grows again! {link}")];
    let found = campaigns(&[], lines(&texts.map(|text| json!({"text": text})))).ok().json();
    assert_eq!((found.len(), &found[0]["size"]), (1, &json!(2)));
}

#[test]
fn what_is_written_can_be_chosen() {
    let sizes = |args: &[&str]| -> Vec<u64> {
        campaigns(args, lines(&feed())).ok().json().iter().map(|c| c["size"].as_u64().unwrap()).collect()
    };
    assert_eq!(sizes(&[]), [3, 2]);
    assert_eq!(sizes(&["--min-size", "3"]), [3]);
    assert_eq!(sizes(&["--only", "review,block"]), [3]);
    assert_eq!(sizes(&["--text-alone"]), [2, 2]);
    assert_eq!(campaigns(&["--min-size", "1"], "").code, 2);
}

#[test]
fn neither_order_nor_threads_change_the_output() {
    let mut feed = feed();
    let straight = campaigns(&["--threads", "1"], lines(&feed)).ok().out;
    feed.reverse();
    assert_eq!(campaigns(&["--threads", "4"], lines(&feed)).ok().out, straight);
    let dir = Dir::new();
    let (one, two) = (dir.file("one.jsonl", lines(&feed[..3])), dir.file("two.jsonl", lines(&feed[3..])));
    assert_eq!(campaigns(&[&two, &one], "").ok().out, straight);
}

#[test]
fn errors_rejects_and_exit_codes_are_those_of_score() {
    let dir = Dir::new();
    let file = dir.file("feed.jsonl", lines(&feed()) + "{\n");
    let rejects = dir.path("rejects.jsonl");
    let out = dir.file("out.jsonl", "old");
    let done = campaigns(&[&file, "--rejects", &rejects, "-o", &out], "").ok();
    assert_eq!((done.out.as_str(), done.counts()), ("", (7, 6, 1)));
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 2);
    let reject: Value = serde_json::from_str(&std::fs::read_to_string(&rejects).unwrap()).unwrap();
    assert_eq!(reject["record"], 7);
    assert_eq!(campaigns(&[&file, "--strict"], "").code, 1);
    assert_eq!(campaigns(&[&file, "--quiet"], "").ok().err, "");
    let none = campaigns(&[], "").ok();
    assert_eq!(none.out, "");
    campaigns(&["missing.jsonl"], "").fails(&["missing.jsonl: cannot be opened"]);
    campaigns(&["-", "-"], "").fails(&["stdin (`-`) is named more than once"]);
    campaigns(&[&file, "--rejects", "-"], "").fails(&["--rejects needs a file"]);
    campaigns(&[&file, "--threads", "5000"], "").fails(&["--threads 5000 is more than the limit of 1024"]);
    campaigns(&[&file, "--stix", "--format", "table"], "").fails(&["--stix"]);
    let bad = dir.file("bad.csv", "a,b\n1,2\n");
    campaigns(&[&file, &bad, "-o", &out], "").fails(&["bad.csv: line 1: no column"]);
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 2, "the old output stays");
}

/// The official schemas, from the files beside the tests.
struct Schemas;

impl jsonschema::Retrieve for Schemas {
    fn retrieve(&self, uri: &jsonschema::Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let path = uri.as_str().split_once("/schemas/").ok_or("not a schema of STIX")?.1;
        schema(path).map_err(Into::into)
    }
}

fn schema(path: &str) -> std::io::Result<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/stix").join(path);
    Ok(serde_json::from_str(&std::fs::read_to_string(file)?)?)
}

#[test]
fn a_bundle_is_valid_by_the_official_schemas() {
    let validator =
        jsonschema::options().with_retriever(Schemas).build(&schema("common/bundle.json").unwrap()).unwrap();
    let mut feed = feed();
    feed.push(json!({"id": "g", "text": format!("{LURE} Telegram @demo_hr00 or call +855 00 123 456 or https://forms.gle/demo0'0 or www.corp.example \
        or write to hr@corp.example, USDT 0x00112233445566778899aabbccddeeff00112233, LINE id: demo_line00")}));
    for args in [&["--stix"][..], &["--stix", "--only", "clear,review,block"], &["--stix", "--min-size", "9"]] {
        let bundle: Value = serde_json::from_str(&campaigns(args, lines(&feed)).ok().out).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&bundle).map(|e| format!("{} at {}", e, e.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    let mut bundle: Value = serde_json::from_str(&campaigns(&["--stix"], lines(&feed)).ok().out).unwrap();
    let objects = bundle["objects"].as_array_mut().unwrap();
    let count = |kind: &str| objects.iter().filter(|o| o["type"] == kind).count();
    assert_eq!(["identity", "campaign", "indicator", "observed-data", "relationship"].map(count), [1, 1, 1, 1, 2]);
    assert_eq!(["email-addr", "url", "domain-name", "user-account"].map(count), [2, 1, 1, 4]);
    // Every reference leads to an object of the bundle.
    let ids: Vec<&str> = objects.iter().filter_map(|o| o["id"].as_str()).collect();
    for object in objects.iter() {
        let one = ["created_by_ref", "source_ref", "target_ref"].map(|key| object[key].as_str());
        let many = object["object_refs"].as_array().into_iter().flatten().map(Value::as_str);
        assert!(one.into_iter().chain(many).flatten().all(|id| ids.contains(&id)), "{object}");
    }
    objects[1]["id"] = json!("campaign--1");
    assert!(!validator.is_valid(&bundle), "the schemas see what is wrong");
}

#[test]
fn a_bundle_is_the_same_when_the_time_is() {
    let bundle = |text: &str| {
        let output = assert_cmd::Command::new(crate::util::BINARY)
            .args(["campaigns", "--stix", "--quiet"])
            .args(small())
            .env("SOURCE_DATE_EPOCH", text)
            .write_stdin(lines(&feed()))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(bundle("1772600767"), bundle("1772600767"));
    assert_eq!(bundle("tomorrow").0, Some(2));
}

#[test]
fn colour_is_for_those_who_ask_and_hostile_text_is_harmless() {
    let mut feed = feed();
    for posting in &mut feed {
        posting["title"] = json!("\u{1b}[2J\u{202e}Typists");
    }
    let page = |args: &[&str]| campaigns(&[&["--format", "table"], args].concat(), lines(&feed)).ok().out;
    assert!(!page(&[]).contains('\u{1b}') && !page(&[]).contains('\u{202e}'));
    assert!(page(&["--color", "always"]).contains('\u{1b}'));
    assert!(page(&[]).lines().all(|line| line.chars().count() <= 100), "{}", page(&[]));
    assert_eq!(run(&["campaigns", "--help"]).code, 0);
}

/// Postings of the families that training may see.
fn corpus() -> Vec<Posting> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/lures/marked");
    let is_train = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('r'));
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).filter(is_train).collect();
    files.sort();
    let parsed = marked::read(&files, &Catalogue::embedded()).expect("the corpus ships");
    parsed.postings.into_iter().map(|m| m.posting).collect()
}

/// Groups every third posting of the corpus with two copies of it, and compares with the truth.
fn agreement(change: impl Fn(&Reader, &Posting, &Pool, &mut ChaCha8Rng) -> Posting) -> Agreement {
    let reader = Reader::new(Tokenizer::default());
    let originals: Vec<Posting> = corpus().into_iter().step_by(3).collect();
    let pool = Pool::of(&reader, originals.iter());
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut feed = String::new();
    for (n, original) in originals.iter().enumerate() {
        let copies =
            [original.clone(), change(&reader, original, &pool, &mut rng), change(&reader, original, &pool, &mut rng)];
        for (k, copy) in copies.iter().enumerate() {
            let text: HashMap<&str, &str> = [Field::Title, Field::Description, Field::Requirements]
                .map(|field| (field.name(), copy.get(field)))
                .into_iter()
                .collect();
            let mut record = json!(text);
            record["id"] = json!(format!("{n}/{k}"));
            feed.push_str(&format!("{record}\n"));
        }
    }
    let run = with_stdin(&["campaigns", "--text-alone", "--quiet"], feed).ok();
    let mut found: Vec<usize> = (0..3 * originals.len()).map(|i| usize::MAX - i).collect();
    for (group, campaign) in run.json().iter().enumerate() {
        for member in campaign["members"].as_array().unwrap() {
            let (n, k) = member.as_str().unwrap().split_once('/').unwrap();
            found[3 * n.parse::<usize>().unwrap() + k.parse::<usize>().unwrap()] = group;
        }
    }
    // Postings of the corpus too short to know again, and those that are near-duplicates themselves, count against it.
    let truth: Vec<usize> = (0..found.len()).map(|i| i / 3).collect();
    Agreement::of(&found, &truth)
}

#[test]
fn copies_with_a_twentieth_of_their_words_changed_are_found() {
    let agreement = agreement(|reader, posting, pool, rng| perturb::words(reader, posting, 0.05, pool, rng));
    assert!(agreement.precision > 0.99 && agreement.recall > 0.96, "{agreement}");
    assert!(agreement.pair_precision > 0.99 && agreement.pair_recall > 0.93, "{agreement}");
}

#[test]
fn copies_with_other_numbers_places_and_emoji_are_found() {
    let agreement = agreement(|reader, posting, _, rng| perturb::surface(reader, posting, rng));
    assert!(agreement.precision > 0.99 && agreement.recall > 0.97, "{agreement}");
    assert!(agreement.pair_precision > 0.99 && agreement.pair_recall > 0.95, "{agreement}");
}
