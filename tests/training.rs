//! `train` and `eval`, through the real program.

use std::fs;
use std::path::{Path, PathBuf};

use crate::util::run as lurescan;

/// A few families of the lure corpus: enough for both labels in every fold.
pub fn families(dir: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/lures/marked");
    let target = dir.join("marked");
    fs::create_dir(&target).expect("a fresh directory");
    for name in ["r1-a.txt", "r1-b.txt", "r2-a.txt", "r3-a.txt"] {
        fs::copy(source.join(name), target.join(name)).expect("the corpus ships");
    }
    target
}

/// Names and contents of the files of a directory, in order.
fn bytes_of(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

#[test]
fn the_same_data_and_seed_give_the_same_bytes_whatever_the_threads() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = families(dir.path());
    let train = |name: &str, threads: &str, seed: &str| {
        let out = dir.path().join(name);
        let run = lurescan(&[
            "train",
            data.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--name",
            "small-2",
            "--folds",
            "3",
            "--threads",
            threads,
            "--seed",
            seed,
        ]);
        assert_eq!(run.code, 0, "{run:?}");
        bytes_of(&out)
    };
    let (one, two, other) = (train("one", "1", "3"), train("two", "2", "3"), train("other", "2", "4"));
    let names: Vec<&str> = one.iter().map(|file| file.0.as_str()).collect();
    assert_eq!(
        names,
        ["lexicon.bin", "manifest.json", "model.safetensors", "names.txt.xz", "report.html", "tokenizer.json"]
    );
    assert!(one == two, "a model depends on the number of threads");
    assert!(one != other, "a model does not depend on the seed");
    let model = dir.path().join("one");
    let model = model.to_str().unwrap();
    assert_eq!(lurescan(&["model", "verify", "--model", model]).code, 0);
    let run = lurescan(&[
        "score",
        "--model",
        model,
        "--format",
        "jsonl",
        "--text",
        "Free flight, free room, $3000 for typists, Telegram",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("\"model\":\"small-2\""), "{run:?}");
    let run = lurescan(&["eval", data.to_str().unwrap(), "--model", model, "--replicates", "20", "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let figures: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let auc = &figures["domains"]["lures"]["ROC AUC"];
    assert!(auc["values"][0].as_f64().unwrap() > 0.9, "a model does not know its own training data: {auc}");
    assert!(auc["interval"].is_null(), "four families are too few groups for an interval: {auc}");
}

#[test]
fn two_models_are_compared() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = families(dir.path());
    let data = data.to_str().unwrap();
    let out = dir.path().join("own");
    let out = out.to_str().unwrap();
    let run = lurescan(&["train", data, "--out", out, "--name", "own-1", "--folds", "3", "--only", "text"]);
    assert_eq!(run.code, 0, "{run:?}");

    let run = lurescan(&["eval", data, "--model", out, "--compare", "default", "--replicates", "20", "--flips", "1"]);
    assert_eq!(run.code, 0, "{run:?}");
    let last = run.out.lines().last().unwrap();
    assert!(last.starts_with("own-1: lures ") && last.contains("; overall "), "{run:?}");
    assert!(["better", "worse", "not distinguishable"].iter().any(|word| last.contains(word)), "{last}");
    assert!(run.out.matches(" -> ").count() <= 1, "{run:?}");

    let json = |args: &[&str]| -> serde_json::Value {
        let run = lurescan(&[&["eval", data, "--replicates", "20", "--json"], args].concat());
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.out).expect("JSON")
    };
    let (forth, back) = (json(&["--model", out, "--compare", "default"]), json(&["--compare", out]));
    assert_eq!(forth["model"], "own-1");
    assert_eq!(forth["flips"].as_array().unwrap().len(), back["flips"].as_array().unwrap().len());
    let value = |report: &serde_json::Value| report["overall"]["figures"][0]["difference"]["value"].as_f64().unwrap();
    assert_eq!(value(&forth), -value(&back));
    let same = json(&["--model", out, "--compare", out]);
    assert_eq!(same["overall"]["finding"], "not_distinguishable");
    assert_eq!(same["flips"].as_array().unwrap().len(), 0);

    let run = lurescan(&["eval", data, "--compare", "no-such-model"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no-such-model"), "{run:?}");
    assert_eq!(lurescan(&["eval", data, "--nested", "--compare", "default"]).code, 2);
}

#[test]
fn nested_figures_and_signals_are_printed() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = families(dir.path());
    let data = data.to_str().unwrap();
    let run = lurescan(&["eval", data, "--nested", "--folds", "3", "--repeats", "2", "--replicates", "10"]);
    assert_eq!(run.code, 0, "{run:?}");
    for name in [
        "average precision",
        "ROC AUC",
        "best F1",
        "recall at 1 % FPR",
        "recall at 5 % FPR",
        "Brier",
        "calibration slope",
        "calibration intercept",
        "over seeds",
    ] {
        assert!(run.out.contains(name), "{name}: {run:?}");
    }
    let run = lurescan(&["eval", "--signals", data]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("free_travel") && run.out.contains("all ("), "{run:?}");
    assert!(!run.out.contains("named_trade"), "nobody marked it: {run:?}");
    let run = lurescan(&["eval", "--signals", data, "--errors", "all"]);
    assert!(run.out.contains("missed") && run.out.contains('⟦'), "{run:?}");
    for (option, value, reason) in [
        ("--errors", "foo", "is no signal"),
        ("--language", "xx", "no marked posting of language \"xx\""),
        ("--replicates", "0", "1.."),
    ] {
        let run = lurescan(&["eval", "--signals", data, option, value]);
        assert!(run.code == 2 && run.err.contains(reason), "{option}: {run:?}");
    }
}

#[test]
fn bad_training_data_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().unwrap().to_owned()
    };
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    let most = "--threads 5000 is more than the limit of 1024";
    for command in [&["train", "none.jsonl", "--out", out][..], &["eval", "none.jsonl"], &["campaigns", "none.jsonl"]] {
        let run = lurescan(&[command, &["--threads", "5000"]].concat());
        assert!(run.code == 2 && run.err.contains(most), "{run:?}");
    }
    for (option, value, rule) in [
        ("--lures-share", "-0.1", "not a finite number of 0 or more"),
        ("--lures-c", "0", "not a positive, finite number"),
        ("--padded-share", "1.5", "not between 0 and 1"),
        ("--passages-share", "-0.5", "not between 0 and 1"),
        ("--ngrams", "0", "not between 1 and 470000"),
        ("--ngrams", "500000", "not between 1 and 470000"),
    ] {
        let run = lurescan(&["train", "none.jsonl", "--out", out, &format!("{option}={value}")]);
        assert_eq!(run.code, 2, "{option}: {run:?}");
        assert!(run.err.contains(&format!("{option} {value} is {rule}")), "{option}: {run:?}");
    }
    for (name, text, reason) in [
        ("none.jsonl", "{\"id\":1,\"title\":\"a cook\"}\n", "no labelled posting"),
        (
            "one.jsonl",
            "{\"id\":1,\"title\":\"a cook\",\"label\":0}\n{\"id\":2,\"title\":\"b cook\",\"label\":0}\n",
            "same label",
        ),
        (
            "weight.jsonl",
            "{\"id\":\"w\",\"title\":\"a cook\",\"label\":0,\"weight\":\"heavy\"}\n",
            "weight \"heavy\" is not a number",
        ),
    ] {
        let path = write(name, text);
        let run = lurescan(&["train", &path, "--out", out]);
        assert_eq!(run.code, 2, "{name}: {run:?}");
        assert!(run.err.contains(reason), "{name}: {run:?}");
        assert!(!Path::new(out).exists(), "{name}");
    }
    // What teaches signals only is a set without faults, and nothing to fit a model on by itself.
    let clauses = write(
        "r1-a.txt",
        "=== en-r1-001\nlabel: none\nkind: clause\nlanguage: en\n---\nThe kit is [[upfront_fee|yours to buy]] first.\n",
    );
    let run = lurescan(&["dataset", "check", &clauses, "--no-artefacts", "--strict"]);
    assert!(run.code == 0 && run.out.contains("1 has no label"), "{run:?}");
    for command in [&["train", &clauses, "--out", out][..], &["eval", &clauses]] {
        let run = lurescan(command);
        assert!(run.code == 2 && run.err.contains("no labelled posting in"), "{run:?}");
    }
    let path = write(
        "columns.jsonl",
        "{\"id\":1,\"title\":\"a cook\",\"label\":0,\"team\":\"x\"}\n{\"id\":2,\"title\":\"b cook\",\"label\":1}\n",
    );
    for (option, what) in [("--weight-column", "weight"), ("--group-column", "group")] {
        for command in ["train", "eval"] {
            let args: &[&str] = if command == "train" { &["--out", out] } else { &["--nested"] };
            let run = lurescan(&[&[command, &path, option, "taem"], args].concat());
            assert_eq!(run.code, 2, "{command} {option}: {run:?}");
            let said = format!("{what} column \"taem\": no labelled posting has it");
            assert!(run.err.contains(&said) && run.err.contains("are: team"), "{command} {option}: {run:?}");
        }
    }
    let lab = write(
        "lab.csv",
        "id,text,label\n1,We hire typists with a free flight to the port,1\n2,A baker for a bakery in town,0\n",
    );
    for folds in ["5", "3"] {
        for command in
            [&["train", &lab, "--out", out, "--folds", folds][..], &["eval", &lab, "--nested", "--folds", folds]]
        {
            let run = lurescan(command);
            let said = "lab.csv: too few labels: 2 postings, 1 scam. Folds of which two are left out need 3 groups of scams and \
                        3 of honest postings, and there are 1 and 1";
            assert!(run.code == 2 && run.err.contains(said) && !Path::new(out).exists(), "{run:?}");
        }
    }
    let path = write("bad.jsonl", "{\"id\":1,\"title\":\"a cook\",\"label\":7}\n");
    let run = lurescan(&["train", &path, "--out", out]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains('7') && run.err.contains("label"), "{run:?}");
    assert_eq!(lurescan(&["train", "no-such-file.csv", "--out", out]).code, 2);
    assert_eq!(lurescan(&["train", &path, "--out", out, "--c=-1"]).code, 2);
    assert_eq!(lurescan(&["eval", &path, "--blank", "colour"]).code, 2);
}

/// Vacancies of a board, half of which pay for a kit that must be bought first; the words are those of no lure.
fn vacancies() -> String {
    const TRADES: [&str; 6] = ["baker", "gardener", "bookbinder", "plumber", "organist", "beekeeper"];
    const TOWNS: [&str; 5] = ["Ashby", "Bramley", "Corfe", "Dunster", "Elsdon"];
    let mut rows = "id,label,title,description\n".to_owned();
    for (i, (trade, town)) in TRADES.iter().flat_map(|trade| TOWNS.map(|town| (trade, town))).enumerate() {
        let honest =
            format!("The {trade} of {town} retires. Whoever follows him finds a tidy shop {i} and a patient master.");
        let fraud = format!(
            "Mystery evaluator wanted near {town} instead of a {trade}. The evaluator kit {i} ships after clearance."
        );
        rows.push_str(&format!("h{i},0,{trade},{honest}\nf{i},1,{trade},{fraud}\n"));
    }
    rows
}

#[test]
fn a_vacancy_that_is_a_fraud_is_read_as_one_and_explained_by_its_words() {
    let dir = tempfile::tempdir().expect("a directory");
    let families = families(dir.path());
    let board = dir.path().join("board.csv");
    fs::write(&board, vacancies()).unwrap();
    let (board, families) = (board.to_str().unwrap(), families.to_str().unwrap());
    let train = |name: &str, data: &[&str]| -> (String, serde_json::Value) {
        let out = dir.path().join(name).to_str().unwrap().to_owned();
        let run = lurescan(&[&["train", "--out", &out, "--name", name, "--folds", "3"], data].concat());
        assert_eq!(run.code, 0, "{run:?}");
        let manifest = fs::read_to_string(Path::new(&out).join("manifest.json")).unwrap();
        (out, serde_json::from_str::<serde_json::Value>(&manifest).unwrap()["verdict"]["vacancy"].clone())
    };
    let (_, of_families) = train("families-1", &[families]);
    assert!(of_families.is_null(), "nothing says what an honest vacancy is: {of_families}");
    let (model, weights) = train("both-1", &[families, board]);
    assert!(weights["text"].as_f64().unwrap() > 0.0, "{weights}");

    let explained = |text: &str| -> serde_json::Value {
        let run = lurescan(&["score", "--model", &model, "--format", "jsonl", "--explain", "--text", text]);
        assert_eq!(run.code, 0, "{run:?}");
        serde_json::from_str(&run.out).unwrap()
    };
    let kinds = |verdict: &serde_json::Value| -> Vec<String> {
        verdict["terms"].as_array().unwrap().iter().map(|t| t["kind"].as_str().unwrap().to_owned()).collect()
    };
    let fraud = "Mystery evaluator wanted near Foxhole, no experience needed. The evaluator kit ships after clearance.";
    let verdict = explained(fraud);
    assert!(kinds(&verdict).contains(&"vacancy".to_owned()), "{verdict}");
    let contribution = |list: &str| -> f64 {
        verdict[list].as_array().unwrap().iter().map(|part| part["contribution"].as_f64().unwrap()).sum()
    };
    assert!(!verdict["signals"].as_array().unwrap().is_empty(), "{verdict}");
    assert_eq!(contribution("signals"), 0.0, "signals weigh nothing in this reading");
    let sum = verdict["intercept"].as_f64().unwrap() + contribution("terms");
    assert!((sum - verdict["logit"].as_f64().unwrap()).abs() < 1e-9, "{sum} {verdict}");

    let lure = "Typists for Myawaddy, free flight and room, no experience, USD 3000 a month, Telegram @jobs_demo0";
    for (text, what) in [(lure, "a lure"), ("The baker of Foxhole retires.", "an honest vacancy")] {
        let verdict = explained(text);
        assert!(!kinds(&verdict).contains(&"vacancy".to_owned()), "{what}: {verdict}");
    }
    let run = lurescan(&["explain", "--model", &model, "--text", fraud]);
    assert!(run.out.contains("words say more for a fraudulent vacancy"), "{run:?}");
}
