//! Pages as they are, with the small model whose numbers stay.
//!
//! After a change that is meant: `LURESCAN_UPDATE_GOLDEN=1 cargo test --test tests golden`, and read the difference.

use serde_json::json;

use crate::util::{run, small, with_stdin};

#[track_caller]
fn golden(name: &str, found: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("LURESCAN_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{name} is not as it was");
}

fn feed() -> String {
    let long =
        "Free flight, free room, free meals, WhatsApp or Telegram, typists and data entry, no experience. ".repeat(3);
    [
        json!({"id": "lure-1", "title": "Typists wanted", "salary": "USD 2,500 a month",
            "text": "Hiring typists for an office abroad.\n\nFree flight and visa, free room. No experience needed.\nWrite on Telegram @jobs_demo0 👩‍🚀"}),
        json!({"id": "bakery", "text": "The bakery is looking for a shop assistant for the mornings, with a pension."}),
        json!({"id": "licensed", "text": "Hiring data entry clerks, flight paid, licence number 4711, Telegram for questions."}),
        json!({"id": "with a very long id that has to be cut somewhere", "text": long}),
        json!({"id": "html", "text": "<p>Free&nbsp;<b>flight</b> for typists</p>"}),
        json!({"id": "招聘", "text": "招聘打字员，包机票，加 T.e.l.e.g.r.a.m 联系，free flight"}),
        json!({"id": "short", "text": "ok"}),
        json!({"id": "short", "price": 3}),
    ]
    .iter()
    .map(|posting| format!("{posting}\n"))
    .collect()
}

/// Time and speed are not the same twice.
fn without_speed(err: &str) -> String {
    let mask = |line: &str| match line.split_once(" MB in ") {
        Some((_, rest)) => format!("lurescan: # MB in # s, # MB/s{}\n", rest.split_once("MB/s").map_or("", |r| r.1)),
        None => format!("{line}\n"),
    };
    err.lines().map(mask).collect()
}

fn with_small(args: &[&str], stdin: &str) -> crate::util::Run {
    with_stdin(&[args, &small()[..]].concat(), stdin).ok()
}

#[test]
fn golden_score() {
    let table = with_small(&["score", "--format", "table"], &feed());
    golden("table.txt", &table.out);
    golden("summary.txt", &without_speed(&table.err));
    golden("table-colour.txt", &with_small(&["score", "--format", "table", "--color", "always"], &feed()).out);
    golden("verdicts.jsonl", &with_small(&["score", "--explain"], &feed()).out);
    golden("verdicts.csv", &with_small(&["score", "--format", "csv"], &feed()).out);
}

#[test]
fn golden_explain() {
    for id in ["lure-1", "licensed", "html", "招聘", "short"] {
        let name = if id == "招聘" { "chinese" } else { id };
        golden(&format!("explain-{name}.txt"), &with_small(&["explain", "-", "--id", id], &feed()).out);
    }
    for id in ["lure-1", "short"] {
        golden(&format!("explain-{id}.html"), &with_small(&["explain", "-", "--html", "--id", id], &feed()).out);
    }
    let json = with_small(&["explain", "-", "--json", "--id", "lure-1"], &feed()).out;
    golden("explain-lure-1.json", &json);
    golden("explain-colour.txt", &with_small(&["explain", "-", "--color", "always"], &feed()).out);
}

#[test]
fn golden_signals() {
    golden("signals.txt", &run(&["signals"]).ok().out);
}
