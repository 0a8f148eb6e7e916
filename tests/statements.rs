//! `--format dsa-sor`: statements of reasons that the DSA Transparency Database takes.

use serde_json::{Value, json};

use crate::util::{Dir, hard_postings, lines, run, small};

const PLATFORM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dsa/platform.toml");

fn score(feed: &str, more: &[&str]) -> crate::util::Run {
    let args = ["score", feed, "--format", "dsa-sor", "--dsa", PLATFORM, "--dsa-date", "2026-02-03"];
    run(&[&args[..], &small(), more].concat())
}

#[test]
fn every_batch_is_one_that_the_database_takes() {
    let schema = include_str!("data/dsa/statements.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).expect("JSON")).expect("a schema");
    let dir = Dir::new();
    let feed = dir.file("feed.jsonl", lines(&hard_postings(600)));
    let verdicts = run(&[&["score", &feed, "--only", "review,block"][..], &small()].concat()).ok().json();
    let batches = score(&feed, &[]).ok().json();
    let count = |batch: &Value| batch["statements"].as_array().expect("an array").len();
    assert!(batches.len() > 2, "{}", batches.len());
    assert!(batches[..batches.len() - 1].iter().all(|batch| count(batch) == 100));
    assert_eq!(batches.iter().map(count).sum::<usize>(), verdicts.len(), "a statement for each decision");
    for batch in &batches {
        let errors: Vec<String> = schema.iter_errors(batch).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        let text = batch.to_string();
        assert!(!text.contains("jobs_demo") && !text.contains("0900000000"), "{text}");
    }
    let first = &batches[0]["statements"][0];
    assert_eq!(first["application_date"], "2026-02-03");
    assert_eq!(first["automated_decision"], "AUTOMATED_DECISION_NOT_AUTOMATED");
    assert_eq!(score(&feed, &["--threads", "1"]).ok().json(), batches);
    let fully = score(&feed, &["--dsa-decision", "fully", "--only", "block"]).ok().json();
    assert_eq!(fully[0]["statements"][0]["automated_decision"], "AUTOMATED_DECISION_FULLY");
    let out = dir.path("parts/");
    score(&feed, &["-o", &out, "--part-size", "150"]).ok();
    let part: Vec<Value> = std::fs::read_to_string(dir.path("parts/part-00000.jsonl"))
        .expect("a part")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a batch"))
        .collect();
    assert_eq!(part.iter().map(count).collect::<Vec<_>>(), [100, 50]);
}

#[test]
fn what_is_missing_or_wrong_is_told() {
    let dir = Dir::new();
    let feed = dir.file("feed.jsonl", json!({"text": "A baker for the early shift, with a pension"}).to_string());
    run(&["score", &feed, "--format", "dsa-sor"]).fails(&["needs --dsa FILE"]);
    run(&["score", &feed, "--format", "dsa-sor", "--dsa", &dir.path("no.toml")]).fails(&["no.toml: cannot be read"]);
    let bad = dir.file("bad.toml", std::fs::read_to_string(PLATFORM).expect("it ships").replace("\"DE\"", "\"US\""));
    let args = ["score", &feed, "--format", "dsa-sor", "--dsa", &bad];
    run(&args).fails(&["bad.toml: line 7: territorial_scope: \"US\""]);
    score(&feed, &["--explain"]).fails(&["has its own keys"]);
    run(&["score", &feed, "--dsa", PLATFORM, "--dsa-date", "1.2.2026"]).fails(&["YYYY-MM-DD"]);
    for format in ["auto", "jsonl", "csv"] {
        run(&["score", &feed, "--format", format, "--dsa", PLATFORM]).fails(&["--dsa FILE", "--format dsa-sor"]);
    }
    for only in ["clear", "abstain", "block,clear"] {
        score(&feed, &["--only", only]).fails(&["--format dsa-sor", "--only takes review and block"]);
    }
    let (out, checkpoint) = (dir.path("out.jsonl"), dir.path("run.checkpoint"));
    let args = ["score", &feed, "--format", "dsa-sor", "--dsa", PLATFORM, "-o", &out, "--checkpoint", &checkpoint];
    run(&args).fails(&["needs --dsa-date"]);
    assert_eq!(score(&feed, &[]).ok().out, "", "no decision, no batch");
}
