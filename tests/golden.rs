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
fn golden_campaigns() {
    let copy = |id: &str, day: u32, city: &str, pay: u32| {
        let text = format!(
            "Typists wanted in {city}. Free flight, free room, ${pay} a month, no experience needed, Telegram @jobs_demo0"
        );
        json!({"id": id, "posted_at": format!("2026-03-{day:02}"), "text": text})
    };
    let bakery = json!({"id": "bakery", "title": "Shop assistant, mornings\u{1b}[2J",
        "text": "The bakery is looking for a shop assistant for the mornings, with a pension."});
    let chinese = json!({"id": "招聘", "text": "招聘打字员，包机票包食宿，月薪两万，工作轻松，加微信 demo_hr00 联系"});
    let feed: String = [
        copy("a", 4, "Manila", 900),
        copy("b", 1, "Bangkok", 1200),
        bakery.clone(),
        copy("c", 2, "Dubai", 800),
        bakery,
    ]
    .into_iter()
    .chain([chinese.clone(), chinese, json!({"id": "short", "text": "ok"})])
    .map(|posting| format!("{posting}\n"))
    .collect();
    let table = with_small(&["campaigns", "--format", "table"], &feed);
    golden("campaigns.txt", &table.out);
    golden("campaigns-summary.txt", &without_speed(&table.err));
    golden("campaigns-colour.txt", &with_small(&["campaigns", "--format", "table", "--color", "always"], &feed).out);
    golden("campaigns.jsonl", &with_small(&["campaigns"], &feed).out);
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
