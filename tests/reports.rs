//! Reports: one page, whose numbers are those that the manifest and `eval --json` give.

use std::fs;
use std::path::Path;

use scraper::{Html, Selector};
use serde_json::Value;

use crate::util::{Dir, run};

/// The first eight postings of twelve families: groups enough for intervals, and both labels in every fold.
fn data(dir: &Dir) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/lures/marked");
    let target = dir.path("marked");
    fs::create_dir(&target).unwrap();
    for name in ["r1", "r2", "r3", "r10"].iter().flat_map(|r| ["a", "b", "c"].map(|w| format!("{r}-{w}.txt"))) {
        let text = fs::read_to_string(source.join(&name)).unwrap();
        let postings: Vec<&str> = text.split("\n=== ").take(1 + 8).collect();
        fs::write(Path::new(&target).join(&name), postings.join("\n=== ") + "\n").unwrap();
    }
    target
}

/// Everything that a cell of a table says, in order.
fn cells(page: &str) -> Vec<String> {
    let cell = Selector::parse("td").unwrap();
    Html::parse_document(page).select(&cell).map(|cell| cell.text().collect()).collect()
}

/// Figures stand on the page as this JSON gives them.
#[track_caller]
fn has_figures<'a>(page: &str, figures: impl Iterator<Item = (&'a String, f64, f64, f64)>) {
    let cells = cells(page);
    let mut checked = 0;
    for (name, value, low, high) in figures {
        let row = [name.clone(), format!("{value:.3}"), format!("{low:.3} to {high:.3}")];
        assert!(cells.windows(3).any(|w| w == row), "{row:?}");
        checked += 1;
    }
    assert_eq!(checked, 8);
}

#[track_caller]
fn is_self_contained(page: &str) {
    assert!(page.len() < 500_000, "{} bytes", page.len());
    for wrong in ["<script", "<link", "<img", "src=", "@import", "url(http", "NaN"] {
        assert!(!page.contains(wrong), "{wrong}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_report_shows_what_was_measured() {
    let dir = Dir::new();
    let (data, path) = (data(&dir), dir.path("report.html"));
    let found = run(&["eval", &data, "--replicates", "20", "--json", "--report", &path]).ok();
    let found: Value = serde_json::from_str(&found.out).unwrap();
    let page = fs::read_to_string(&path).unwrap();
    is_self_contained(&page);
    let figures = found["domains"]["lures"].as_object().unwrap();
    has_figures(
        &page,
        figures.iter().map(|(name, figure)| {
            let number = |value: &Value| value.as_f64().unwrap();
            (name, number(&figure["values"][0]), number(&figure["interval"][0]), number(&figure["interval"][1]))
        }),
    );
    let sum = found["data"][0]["sha256"].as_str().unwrap();
    assert!(sum.len() == 64 && page.contains(sum));
    for part in ["lures by kind", "Strongest n-grams", "honest postings stand behind it", "seed"] {
        assert!(page.contains(part), "{part}");
    }
    let again = dir.path("again.html");
    run(&["eval", &data, "--replicates", "20", "--report", &again]).ok();
    assert!(fs::read_to_string(&again).unwrap() == page, "a report is not the same twice");
}

#[test]
fn training_writes_the_report_of_its_own_figures() {
    let dir = Dir::new();
    let (data, out) = (data(&dir), dir.path("mine"));
    run(&["train", &data, "--out", &out, "--folds", "3", "--name", "<b>mine</b>"]).ok();
    let page = fs::read_to_string(Path::new(&out).join("report.html")).unwrap();
    is_self_contained(&page);
    assert!(page.contains("Report: &lt;b&gt;mine") && page.contains("fitted without its fold"));
    let manifest: Value = serde_json::from_slice(&fs::read(Path::new(&out).join("manifest.json")).unwrap()).unwrap();
    let figures = manifest["training"]["nested"]["lures"].as_object().unwrap();
    has_figures(
        &page,
        figures.iter().map(|(name, figure)| {
            let number = |i: usize| figure[i].as_f64().unwrap();
            (name, number(0), number(1), number(2))
        }),
    );
    for threshold in ["review", "block"] {
        assert!(page.contains(&format!("{:+.3}", manifest[threshold].as_f64().unwrap())), "{threshold}");
    }
}

#[test]
fn a_report_of_nested_scores_has_no_single_model() {
    let dir = Dir::new();
    let (data, path) = (data(&dir), dir.path("nested.html"));
    let args = ["--nested", "--folds", "3", "--repeats", "2", "--replicates", "10", "--report", &path];
    run(&[&["eval", &data][..], &args[..]].concat()).ok();
    let page = fs::read_to_string(&path).unwrap();
    is_self_contained(&page);
    assert!(page.contains("over 2 seeds") && !page.contains("Strongest n-grams"));
    run(&["eval", &data, "--signals", "--report", &path]).fails(&["cannot be used with"]);
}

#[test]
fn the_strongest_terms_are_found_by_what_they_hold() {
    let terms = |args: &[&str]| run(&[&["model", "terms"][..], args].concat()).ok();
    let all = terms(&["-n", "200"]).out;
    assert_eq!(all.lines().count(), 200);
    let ranked = terms(&["-n", "5", "--contains", "Telegram", "--speaks", "against", "--json"]).json();
    assert_eq!(ranked.len(), 5);
    for pair in ranked.windows(2) {
        assert!(
            pair[0]["weight"].as_f64() >= pair[1]["weight"].as_f64()
                && pair[0]["rank"].as_u64() < pair[1]["rank"].as_u64()
        );
    }
    assert!(ranked.iter().all(|term| term["ngram"].as_str().unwrap().contains("telegram")));
    assert!(terms(&["--speaks", "for"]).out.lines().all(|line| line.starts_with('-')));
    assert_eq!(terms(&["--contains", "no such words in any posting"]).out, "");
}
