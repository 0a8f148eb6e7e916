//! What `eval` and `train` say beside the figures: slices, calibration, thresholds, and the model in use.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::training::families;
use crate::util::{Dir, run};

/// Lures and honest ads in two languages, English ones many and Spanish ones few; each lure stands for `weight`.
fn feed(dir: &Dir, name: &str, weight: f64) -> String {
    let mut lines = String::new();
    for i in 0..120 {
        let (lure, spanish) = (i % 3 == 0, i % 12 >= 9);
        let text = match (lure, spanish) {
            (true, false) => format!(
                "Typists wanted abroad in hall {i}. Free flight, free room, no experience, contact us on Telegram. {i}"
            ),
            (true, true) => format!(
                "Se buscan mecanógrafos en el extranjero, sala {i}. Vuelo gratis, sin experiencia, escríbanos por Telegram."
            ),
            (false, false) => format!(
                "The town library seeks a cataloguer for shelf {i}. Pension, paid leave, a permanent contract in our town."
            ),
            (false, true) => format!(
                "La biblioteca municipal busca una persona para el archivo {i}. Contrato fijo, vacaciones pagadas y jornada completa."
            ),
        };
        let record = serde_json::json!({
            "id": format!("p{i}"), "title": "Post", "description": text, "label": lure as u8,
            "weight": if lure { weight } else { 1.0 }, "employer_group": format!("e{i}"),
        });
        lines.push_str(&format!("{record}\n"));
    }
    dir.file(name, lines)
}

fn json(args: &[&str]) -> Value {
    run(&[&["eval", "--json", "--replicates", "20"], args].concat()).ok().json_text()
}

#[test]
fn slices_have_figures_where_they_can_and_counts_where_they_cannot() {
    let dir = Dir::new();
    let data = feed(&dir, "mixed.jsonl", 1.0);
    let report = json(&[&data, "--by", "language,length"]);
    let slices = report["slices"].as_array().unwrap();
    let of = |by: &str, value: &str| {
        slices.iter().find(|s| s["by"] == by && s["value"] == value).unwrap_or_else(|| panic!("{by} {value}: {report}"))
    };
    let (english, spanish) = (of("language", "en"), of("language", "es"));
    assert_eq!((&english["scams"], &english["honest"]), (&Value::from(30), &Value::from(60)));
    assert!(english["figures"]["ROC AUC"]["value"].as_f64().unwrap() > 0.9, "{english}");
    // All but the numbers of its texts is the same: near-duplicates are one group.
    assert!(english["figures"]["average precision"]["low"].is_null(), "{english}");
    assert_eq!(english["at_review"]["scams"], 30);
    assert_eq!(spanish["scams"], 10);
    assert!(spanish.get("figures").is_none(), "ten scams say nothing: {spanish}");
    let lengths: u64 = slices
        .iter()
        .filter(|s| s["by"] == "length")
        .map(|s| s["scams"].as_u64().unwrap() + s["honest"].as_u64().unwrap())
        .sum();
    assert_eq!(lengths, 120, "quarters hold every posting once");

    let page = run(&["eval", &data, "--by", "language", "--replicates", "20"]).ok().out;
    let line = |name: &str| page.lines().find(|l| l.contains(name)).unwrap_or_else(|| panic!("{name}: {page}"));
    assert!(line("language en").contains("1.000 too few groups"), "{page}");
    assert!(!line("language es").contains("too few groups"), "{page}");
    run(&["eval", &data, "--by", "colour"]).fails(&["language, kind, function, length"]);
    assert!(json(&[&data]).get("slices").is_none());
}

#[test]
fn calibration_tells_an_error_of_the_model_from_another_share_of_scams() {
    let dir = Dir::new();
    let data = feed(&dir, "mixed.jsonl", 1.0);
    let rare = feed(&dir, "rare.jsonl", 0.1);
    let (even, rare) = (json(&[&data, "--calibration", "--by", "language"]), json(&[&rare, "--calibration"]));
    let parts = even["calibration"].as_array().unwrap();
    assert_eq!(parts.len(), 3, "the domain and its two languages: {even}");
    let reliability = |report: &Value| report["calibration"][0]["reliability"].clone();
    let (even, rare) = (reliability(&even), reliability(&rare));
    assert!((even["share_of_scams"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-9, "{even}");
    assert!((rare["share_of_scams"].as_f64().unwrap() - 4.0 / 84.0).abs() < 1e-9, "weights count: {rare}");
    let shift = |r: &Value| r["prior_correction"].as_f64().unwrap();
    assert!((shift(&even) - shift(&rare) - 10f64.ln()).abs() < 1e-9, "{even} {rare}");
    let bins = even["bins"].as_array().unwrap();
    assert_eq!(bins.iter().map(|b| b["postings"].as_u64().unwrap()).sum::<u64>(), 120);
    let error: f64 = bins
        .iter()
        .map(|b| {
            let of = |key: &str| b[key].as_f64().unwrap();
            assert!(of("low") <= of("observed") + 1e-9 && of("observed") <= of("high") + 1e-9, "{b}");
            of("share") * (of("predicted") - of("observed")).abs()
        })
        .sum();
    assert!((error - even["expected_calibration_error"].as_f64().unwrap()).abs() < 1e-9);

    let page = run(&["eval", &data, "--calibration", "--replicates", "20"]).ok().out;
    for words in [
        "calibration slope",
        "expected calibration error",
        "prior correction",
        "predicted",
        "observed",
        "--prior 0.3333",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn thresholds_say_how_many_honest_postings_stand_behind_them() {
    let dir = Dir::new();
    let data = feed(&dir, "mixed.jsonl", 1.0);
    let training = &run(&["model", "show", "--json"]).ok().json_text()["training"];
    let shown = run(&["model", "show"]).ok().out;
    let page = run(&["eval", &data, "--replicates", "5"]).ok().out;
    let report = json(&[&data]);
    for name in ["review", "block"] {
        let set = &training["thresholds"][name];
        let by = set["set_by"].as_str().unwrap();
        for text in [&shown, &page] {
            let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{name}: {text}"));
            let digits: String = line.replace(',', "");
            assert!(digits.contains(&format!("{} honest posting", set["honest_postings"])), "{line}");
            assert!(line.contains(&format!("of {by} ")), "{line}");
        }
        assert_eq!(report["thresholds"][name], *set);
    }
}

#[test]
fn training_ends_with_a_comparison_with_the_model_in_use() {
    let dir = Dir::new();
    let data = families(Path::new(&dir.path(""))).to_str().unwrap().to_owned();
    let (one, two) = (dir.path("one"), dir.path("two"));
    let train = |out: &str, more: &[&str]| {
        run(&[&["train", &data, "--out", out, "--folds", "3", "--only", "text"], more].concat()).ok().err
    };
    let first = train(&one, &["--name", "first-1"]);
    let shipped = run(&["model", "show", "--json"]).ok().json_text()["name"].as_str().unwrap().to_owned();
    assert!(first.contains(&format!("first-1, out of fold, against {shipped}")), "{first}");
    let last = first.lines().last().unwrap();
    assert!(last.starts_with("first-1: lures ") && last.contains("; overall "), "{first}");
    assert!(["better", "worse", "not distinguishable"].iter().any(|word| last.contains(word)), "{last}");
    assert!(!first.contains("optimistic"), "the model that ships has not seen this: {first}");

    // The same data again: what is compared with knows every row.
    let second = train(&two, &["--name", "second-1", "--against", &one]);
    assert!(second.contains("first-1 was trained on rows of marked") && second.contains("from below"), "{second}");
    let page = run(&["eval", &data, "--model", &one, "--replicates", "5"]).ok().out;
    assert!(page.contains("trained on rows of marked: its figures there are optimistic"), "{page}");
    assert!(!train(&two, &["--against", "none"]).contains("out of fold"));
    let bytes = |dir: &str| fs::read(Path::new(dir).join("model.safetensors")).unwrap();
    assert_eq!(bytes(&one), bytes(&two), "a comparison changes nothing in the model");

    let moved = dir.path("moved");
    let third = run(&["train", &data, "--from", &one, "--out", &moved, "--folds", "3", "--against", &one]).ok().err;
    assert!(third.contains("so was the base of custom-1"), "{third}");
    let refused = run(&["train", &data, "--out", &moved, "--against", "no-such-model"]);
    refused.fails(&["no-such-model", "cannot be read"]);
}

/// A model that is measured as it is has been fitted; and feeds have no splits.
#[test]
fn options_that_would_do_nothing_are_refused() {
    let dir = Dir::new();
    let data = feed(&dir, "mixed.jsonl", 1.0);
    for option in ["--alpha=2", "--only=text", "--protocol=random"] {
        run(&["eval", &data, option]).fails(&["<--nested|--learning-curve <N,N...>>"]);
        run(&["eval", &data, option, "--text-stage"]).fails(&["<--nested|--learning-curve <N,N...>>"]);
    }
    let of_fits = [
        "--c=3",
        "--campaign-power=0",
        "--text-prior=0.1",
        "--bare-share=0.9",
        "--padded-share=0.1",
        "--passages-share=0.1",
    ];
    let of_others = ["--lures-share=0.1", "--lures-c=2", "--ngrams=2000", "--repeats=5", "--folds=3"];
    for option in of_fits.iter().chain(&of_others) {
        run(&["eval", &data, option]).fails(&["<--nested|--learning-curve <N,N...>|--text-stage>"]);
        run(&["eval", &data, option, "--compare", "default"]).fails(&["--nested"]);
    }
    run(&["eval", &data, "--split", "test"]).fails(&[
        "--split",
        "only marked postings have splits",
        "leave --split out",
    ]);
    let marked = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures/marked/r1-a.txt");
    run(&["eval", marked, &data, "--split", "all", "--replicates", "5"]).ok();
    for option in ["--seed=2", "--labels=labels.db", "--weight-column=w", "--group-column=g", "--blank=title"] {
        run(&["eval", "--signals", marked, option]).fails(&["'--signals' cannot be used with"]);
    }
    for mode in ["--signals", "--perturb", "--text-stage", "--learning-curve=50"] {
        run(&["eval", marked, mode, "--replicates", "5"]).fails(&["--replicates", "cannot be used with", &mode[..9]]);
    }
    run(&["eval", &data, "--perturb", "--by", "language"]).fails(&["--by", "cannot be used with"]);
}

/// Honest postings, each of a firm of its own; the first so many rows have a label that is none, the next has none.
fn postings(dir: &Dir, name: &str, count: usize, rejects: usize) -> String {
    let row = |i: usize| {
        let label = ["no", "", "0"][usize::from(i >= rejects) + usize::from(i > rejects || rejects == 0)];
        format!("{i},Clerk for office {i} of the town with a pension,{label},e{i}\n")
    };
    dir.file(name, format!("id,text,label,employer_group\n{}", (0..count).map(row).collect::<String>()))
}

#[test]
fn what_is_set_aside_is_counted_and_missing_figures_have_a_reason() {
    let dir = Dir::new();
    let mostly = run(&["eval", &postings(&dir, "mostly.csv", 24, 18), "--replicates", "5"]).ok();
    let told = "mostly.csv: 19 of 24 records set aside: 18 rejects, 1 without a label";
    assert!(mostly.err.contains(told) && mostly.err.matches("it must be 0, 1").count() == 3, "{}", mostly.err);
    let reason = "all 5 postings are honest: no metric can be computed";
    assert!(mostly.out.contains(&format!("\nmostly: 5 postings, 0 scams\n  {reason}")), "{}", mostly.out);
    let healthy = feed(&dir, "mixed.jsonl", 1.0);
    let all = postings(&dir, "all.csv", 9, 9);
    let both = json(&[&healthy, &all]);
    assert!(both["domains"]["mixed"]["ROC AUC"]["values"][0].is_number(), "{both}");
    assert_eq!(both["not_measured"].as_object().unwrap().len(), 1);
    assert!(both["not_measured"]["all"].as_str().unwrap().starts_with("no posting with a label"), "{both}");
    assert!(json(&[&healthy]).get("not_measured").is_none());
    for command in [&["eval", &all][..], &["train", &all, "--out", &dir.path("model")]] {
        run(command).fails(&["all.csv: 9 of 9 records set aside: 9 rejects", "no labelled posting in"]);
    }
}

#[test]
fn of_a_few_groups_no_interval_is_given() {
    let dir = Dir::new();
    let rows = "id,text,label\n1,We hire typists with a free flight to the port,1\n2,A baker for a bakery in town,0\n";
    let few = dir.file("few.csv", rows);
    let report = dir.path("report.html");
    let page = run(&["eval", &few, "--replicates", "20", "--report", &report]).ok().out;
    let line = page.lines().find(|line| line.trim_start().starts_with("ROC AUC")).unwrap();
    assert!(line.ends_with("1.000  too few groups for an interval") && !page.contains("95 %"), "{page}");
    assert!(fs::read_to_string(&report).unwrap().contains("too few groups for an interval"));
    let figures = json(&[&few]);
    let roc_auc = &figures["domains"]["few"]["ROC AUC"];
    assert_eq!((&roc_auc["interval"], roc_auc["values"][0].as_f64()), (&Value::Null, Some(1.0)), "{figures}");
    let compared = run(&["eval", &few, "--compare", "default", "--replicates", "20"]).ok().out;
    assert!(compared.contains("few not distinguishable (average precision +0.000 too few groups"), "{compared}");
}
