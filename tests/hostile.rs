//! Models and stores from strangers, and the promises of SECURITY.md.

use std::fs;
use std::path::Path;

use lurescan::model::artefact::{Artefact, Manifest, sha256};
use serde_json::json;

use crate::util::{Dir, run, small, small_dir};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A model whose checksums hold, because who changed it wrote new ones.
fn changed(dir: &Dir, change: impl FnOnce(&mut Artefact)) -> String {
    let mut model = Artefact::load(small_dir()).expect("the small model is whole");
    change(&mut model);
    let path = dir.path("model");
    model.save(Path::new(&path)).expect("the model is written");
    path
}

#[test]
fn the_words_of_a_model_do_not_reach_the_terminal() {
    let dir = Dir::new();
    let path = changed(&dir, |model| model.manifest.training = json!({"note": "\u{9b}2J\u{202e}\u{1b}]0;owned\u{7}"}));
    let shown = run(&["model", "show", "--model", &path]).ok().out;
    assert!(shown.contains("\u{fffd}2J\u{fffd}"), "{shown:?}");
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()) && !shown.contains('\u{202e}'), "{shown:?}");
}

#[test]
fn a_model_with_a_name_that_acts_on_a_terminal_is_refused() {
    let dir = Dir::new();
    let path = dir.path("model");
    for name in ["\u{1b}]0;owned\u{7}", "\u{9b}2J", "a\u{202e}b", "a\nb"] {
        let mut model = Artefact::load(small_dir()).expect("the small model is whole");
        model.manifest.name = name.to_owned();
        let refused = model.save(Path::new(&path)).expect_err("no such model is written").to_string();
        assert!(refused.contains("act on a terminal"), "{refused}");
    }
    // Nor is one read that somebody else wrote, with a checksum that holds.
    changed(&dir, |_| ());
    let mut manifest = Artefact::load(Path::new(&path)).expect("a whole model").manifest;
    manifest.name = "\u{1b}[31msmall".to_owned();
    manifest.checksum = String::new();
    let bytes = |manifest: &Manifest| serde_json::to_string_pretty(manifest).expect("a manifest") + "\n";
    manifest.checksum = sha256(bytes(&manifest).as_bytes());
    fs::write(dir.path("model/manifest.json"), bytes(&manifest)).expect("the manifest is written");
    run(&["model", "show", "--model", &path]).fails(&["manifest.json", "act on a terminal"]);
}

#[test]
fn what_anyone_can_type_never_leads_from_block_to_clear() {
    let dir = Dir::new();
    let [.., lexicon] = small();
    // Whoever made this model thinks far too much of a licence number.
    let path = changed(&dir, |model| {
        for (id, weight) in &mut model.manifest.verdict.signals {
            if id == "licensed_recruiter" {
                *weight = -50.0;
            }
        }
    });
    let lure = "Typists wanted, free flight and free room, no experience, Telegram @demo_hr00";
    let score = |text: &str| {
        let more = ["--model", &path, "--lexicon", lexicon, "--review-at", "0.8", "--block-at", "0.8"];
        run(&[&["score", "--format", "jsonl", "--text", text][..], &more].concat()).ok().json().remove(0)
    };
    let plain = score(lure);
    assert_eq!(plain["action"], "block", "{plain}");
    let typed = score(&format!("{lure}. licence number 4711"));
    let licensed = |v: &&serde_json::Value| v["id"] == "licensed_recruiter";
    let licence = typed["signals"].as_array().unwrap().iter().find(licensed).expect("a licence");
    assert!((licence["contribution"].as_f64().unwrap() + 1.5).abs() < 1e-9, "{typed}");
    assert_ne!(typed["action"], "clear", "{typed}");
}

#[test]
fn an_export_names_no_moderator() {
    let dir = Dir::new();
    let store = dir.path("labels.db");
    let feed = dir.file("feed.jsonl", "{\"id\": \"p1\", \"label\": 1, \"text\": \"Typists wanted, free flight\"}\n");
    run(&[&["labels", "import", &store, &feed, "--as", "moderator-of-this-test"][..], &small()].concat()).ok();
    let exported = run(&["labels", "export", &store]).ok();
    assert_eq!(exported.ids(), ["p1"]);
    assert!(!exported.out.contains("moderator-of-this-test"), "{exported:?}");
    assert!(fs::read(&store).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("moderator-of-this-test")));
}

#[test]
fn a_signal_repeated_without_end_shows_a_bounded_number_of_spans() {
    let text = "The company pays a free flight for every clerk. ".repeat(1_000);
    let verdict = run(&[&["score", "--format", "jsonl", "--text", &text][..], &small()].concat()).ok().json().remove(0);
    let signals = verdict["signals"].as_array().unwrap();
    let spans = |v: &serde_json::Value| v["spans"].as_array().unwrap().len();
    assert!(signals.iter().any(|s| s["id"] == "free_travel" && spans(s) > 1), "{signals:?}");
    assert!(signals.iter().all(|s| spans(s) <= 100), "{signals:?}");
}

/// What SECURITY.md names by a path or as a test is there.
#[test]
fn the_threat_model_names_code_and_tests_that_exist() {
    let text = fs::read_to_string(Path::new(ROOT).join("SECURITY.md")).expect("SECURITY.md");
    let (mut paths, mut tests) = (0, 0);
    for name in text.split('`').skip(1).step_by(2) {
        // `path` or `path: test`.
        let (path, test) = name.split_once(": ").map_or((name, None), |(path, test)| (path, Some(test)));
        if !["src/", "tests/", "deny.toml"].iter().any(|start| path.starts_with(start)) {
            continue;
        }
        let file = Path::new(ROOT).join(path);
        assert!(file.exists(), "{path} is not there");
        paths += 1;
        if let Some(test) = test {
            let code = fs::read_to_string(&file).expect("a source file");
            assert!(code.contains(&format!("fn {test}(")), "{path} has no test {test}");
            tests += 1;
        }
    }
    assert!(paths >= 20 && tests >= 20, "only {paths} places and {tests} tests are named");
}
