//! `train --from` and `eval --learning-curve`, through the real program.

use std::fs;

use crate::util::{Dir, run};

/// Honest postings and scams of a made-up source, which no signal tells apart; each is a group of its own.
fn source(scams: usize, honest: usize) -> String {
    const TRADES: [&str; 12] = [
        "baker", "roofer", "gardener", "welder", "nurse", "cook", "driver", "painter", "tailor", "farmer", "printer",
        "fitter",
    ];
    const PLACES: [&str; 7] = ["harbour", "market", "station", "bridge", "mill", "chapel", "orchard"];
    let text = |i: usize, kind: &str| {
        let (trade, place) = (TRADES[i % TRADES.len()], PLACES[i % PLACES.len()]);
        let more = TRADES[(i * 5 + 3) % TRADES.len()];
        let shift = ["early", "late", "night", "split", "weekend"][(i / 3) % 5];
        format!(
            "A {trade} is sought near the {place}, {shift} shift, beside a {more}, {kind}, team {}",
            PLACES[(i / 7) % 7]
        )
    };
    let mut out = String::new();
    for i in 0..scams {
        let kind = if i % 2 == 0 { "velvet ledger scheme" } else { "velvet ledger of the guild" };
        out += &format!("{}\n", serde_json::json!({"id": format!("s{i}"), "label": 1, "text": text(i, kind)}));
    }
    for i in 0..honest {
        let kind = if i % 2 == 0 { "union tariff and pension" } else { "union tariff by contract" };
        out += &format!("{}\n", serde_json::json!({"id": format!("h{i}"), "label": 0, "text": text(i + 5, kind)}));
    }
    out
}

fn bytes_of(dir: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

fn manifest(dir: &str) -> serde_json::Value {
    serde_json::from_slice(&fs::read(format!("{dir}/manifest.json")).expect("a manifest")).expect("JSON")
}

#[test]
fn a_few_labels_move_a_model_to_the_same_bytes_and_new_ngrams_have_names() {
    let dir = Dir::new();
    let data = dir.file("mine.jsonl", source(20, 30));
    let adapt = |name: &str, threads: &str| {
        let out = dir.path(name);
        fs::create_dir(&out).expect("a directory");
        fs::write(format!("{out}/report.html"), "of the model before").expect("a file");
        run(&["train", &data, "--from", "default", "--out", &out, "--name", "mine-1", "--threads", threads]).ok();
        assert!(!fs::exists(format!("{out}/report.html")).unwrap(), "the page of another model stays");
        out
    };
    let (one, two) = (adapt("one", "1"), adapt("two", "3"));
    assert!(bytes_of(&one) == bytes_of(&two), "an adapted model depends on the number of threads");
    run(&["model", "verify", "--model", &one]).ok();
    let manifest = manifest(&one);
    let training = &manifest["training"];
    let shipped = run(&["model", "show", "--json"]).ok().json_text();
    assert_eq!(training["base"]["checksum"], shipped["checksum"]);
    assert!(training["adaptation"]["outcome"].as_str().unwrap().starts_with("moved"), "{training}");
    assert!(training["adaptation"]["text"].as_f64().unwrap() > 0.0, "{training}");
    assert!(training["ngrams"]["new"].as_u64().unwrap() > 0, "{training}");
    // Fifty labels set neither calibration nor thresholds.
    assert_eq!(training["kept_from_the_base"].as_array().unwrap().len(), 3);
    assert_eq!((&manifest["review"], &manifest["block"]), (&shipped["review"], &shipped["block"]));

    let lure = "A porter is sought near the canal: velvet ledger scheme";
    let score = |model: &[&str], text: &str| {
        let mut args = vec!["score", "--format", "jsonl", "--explain", "--text", text];
        args.extend(model);
        run(&args).ok().json().remove(0)
    };
    let (before, after) = (score(&[], lure), score(&["--model", &one], lure));
    assert!(after["logit"].as_f64() > before["logit"].as_f64(), "{before} {after}");
    let named = |v: &serde_json::Value| v["terms"].as_array().unwrap().iter().any(|t| t["name"] == "velvet ledger");
    assert!(named(&after) && !named(&before), "{after}");
    let sum = |v: &serde_json::Value| {
        let parts = ["terms", "signals"].into_iter().flat_map(|k| v[k].as_array().unwrap().clone());
        v["intercept"].as_f64().unwrap() + parts.map(|p| p["contribution"].as_f64().unwrap()).sum::<f64>()
    };
    assert!((sum(&after) - after["logit"].as_f64().unwrap()).abs() < 1e-4, "{after}");
}

#[test]
fn what_cannot_be_shown_to_help_is_not_done() {
    let dir = Dir::new();
    let data = dir.file("few.jsonl", source(3, 5));
    let out = dir.path("kept");
    run(&["train", &data, "--from", "default", "--out", &out, "--folds", "3"]).ok();
    let (kept, shipped) = (manifest(&out), run(&["model", "show", "--json"]).ok().json_text());
    assert!(kept["training"]["adaptation"]["outcome"].as_str().unwrap().starts_with("not moved"), "{kept}");
    for key in ["verdict", "review", "block", "lexicon"] {
        assert_eq!(kept[key], shipped[key], "{key}");
    }
    for file in ["model.safetensors", "names.txt.xz", "tokenizer.json", "lexicon.bin"] {
        assert_eq!(kept["files"][file], shipped["files"][file], "{file}");
    }
}

#[test]
fn one_label_alone_is_refused_and_says_what_to_do() {
    let dir = Dir::new();
    let out = dir.path("out");
    for (scams, honest, missing) in [(0, 9, "no scam is among them"), (9, 0, "no honest posting is among them")] {
        let data = dir.file("one.jsonl", source(scams, honest));
        let run = run(&["train", &data, "--from", "default", "--out", &out]);
        run.fails(&["all 9 postings have the same label", missing, "--review-at"]);
    }
    assert!(!dir.names().contains(&"out".to_owned()));
    let data = dir.file("mine.jsonl", source(9, 9));
    run(&["train", &data, "--from", "no-such-model", "--out", &out]).fails(&["no-such-model", "cannot be read"]);
    run(&["eval", &data, "--learning-curve", "18"]).fails(&["--learning-curve 18", "18 labelled postings"]);
    run(&["eval", &data, "--learning-curve", "17"]).fails(&["17 labels of 18 postings leave", "ask for fewer"]);
}

#[test]
fn the_learning_curve_shows_that_few_labels_help() {
    let dir = Dir::new();
    let data = dir.file("mine.jsonl", source(60, 90));
    let args = ["eval", &data, "--learning-curve", "0,50", "--repeats", "3", "--folds", "3"];
    let page = run(&args).ok().out;
    for words in ["average precision", "ROC AUC", "recall at 1 % FPR", "base alone", "from the base", "from scratch"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let json = run(&[&args[..], &["--json"]].concat()).ok().json_text();
    let runs = json["runs"].as_array().unwrap();
    assert_eq!(runs.iter().filter(|r| r["way"] == "base").count(), 6);
    let mean = |way: &str, labels: u64| {
        let of: Vec<f64> = runs
            .iter()
            .filter(|r| r["way"] == way && r["labels"] == labels)
            .map(|r| r["roc_auc"].as_f64().unwrap())
            .collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    assert_eq!(mean("from_base", 0), mean("base", 0));
    assert!(mean("from_base", 50) > mean("base", 50) + 0.1, "{page}");
}
