//! Label stores from the command line: in, out, compared, and trained on.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::util::{BINARY, Dir, lines, run, small};

fn labelled(count: usize, flip: usize) -> Vec<Value> {
    (0..count)
        .map(|i| {
            let scam = (i % 3 == 0) != (i < flip);
            json!({"id": format!("p{i}"), "label": u8::from(scam), "text": format!("posting number {i} of {} kinds", i * 7)})
        })
        .collect()
}

fn import(store: &str, feed: &str, name: &str) -> crate::util::Run {
    run(&[&["labels", "import", store, feed, "--as", name][..], &small()[..]].concat())
}

#[test]
fn labels_go_in_once_and_come_out() {
    let dir = Dir::new();
    let store = dir.path("labels.db");
    let feed = dir.file("feed.jsonl", lines(&labelled(20, 0)) + "{\"id\": 1, \"text\": \"no label\"}\n{\"id\": 2}\n");
    let first = import(&store, &feed, "ana").ok();
    assert!(first.err.contains("20 decisions added for ana, 0 known before, 1 without a label, 1 reject"), "{first:?}");
    let second = import(&store, &feed, "ana").ok();
    assert!(second.err.contains("0 decisions added for ana, 20 known before"), "{second:?}");
    let out = dir.path("labels.jsonl");
    run(&["labels", "export", &store, "-o", &out]).ok();
    let written = std::fs::read_to_string(&out).unwrap();
    let rows: Vec<Value> = written.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let expected: Vec<_> = labelled(20, 0).iter().map(|p| (p["id"].clone(), p["label"].clone())).collect();
    assert_eq!(rows.iter().map(|r| (r["id"].clone(), r["label"].clone())).collect::<Vec<_>>(), expected);
    assert!(rows.iter().all(|r| r["sampling"] == "import" && r["group"].as_str().unwrap().starts_with("labels-")));
    assert_eq!(run(&["labels", "export", &store]).ok().out, written, "the same store, the same bytes");
}

#[test]
fn moderators_are_compared() {
    let dir = Dir::new();
    let store = dir.path("labels.db");
    import(&store, &dir.file("a.jsonl", lines(&labelled(30, 0))), "ana").ok();
    let alone = run(&["labels", "agreement", &store]).ok().out;
    assert!(alone.contains("No text was decided by two moderators"), "{alone}");
    import(&store, &dir.file("b.jsonl", lines(&labelled(30, 3))), "ben").ok();
    let page = run(&["labels", "agreement", &store]).ok().out;
    assert!(page.contains("ana and ben: 30 texts decided by both") && page.contains("Cohen's kappa"), "{page}");
    assert!(page.contains("3 texts on which moderators differ"), "{page}");
    let strict = run(&["labels", "agreement", &store, "--strict", "--json"]);
    assert_eq!(strict.code, 1);
    let json: Value = serde_json::from_str(&strict.out).unwrap();
    assert_eq!(json["disagreements"].as_array().unwrap().len(), 3);
    assert_eq!(json["agreement"][0]["observed"], 0.9);
    let export = run(&["labels", "export", &store]).ok();
    assert_eq!(export.json().len(), 27);
    assert!(export.err.contains("left out: 3 texts on which as many say scam as honest"), "{export:?}");
    let report = run(&["labels", "report", &store]).ok().out;
    assert!(report.contains("60 decisions: 60 by import") && report.contains("No sample was drawn"), "{report}");
}

#[test]
fn of_a_few_texts_agreement_has_no_interval() {
    let dir = Dir::new();
    for (count, told) in [(4, "too few texts for an interval"), (30, "no interval, since they differ on no text")] {
        let store = dir.path(&format!("{count}.db"));
        let feed = dir.file("a.jsonl", lines(&labelled(count, 0)));
        import(&store, &feed, "ana").ok();
        import(&store, &feed, "ben").ok();
        let page = run(&["labels", "agreement", &store]).ok().out;
        assert!(page.contains(&format!("Cohen's kappa 1.000  {told}")), "{page}");
        let kappa = &run(&["labels", "agreement", &store, "--json"]).ok().json_text()["agreement"][0]["kappa"];
        assert_eq!(kappa, &json!({"value": 1.0, "low": null, "high": null}));
    }
}

#[test]
fn many_processes_write_to_one_store_at_once() {
    let dir = Dir::new();
    let store = dir.path("labels.db");
    let feed = dir.file("feed.jsonl", lines(&labelled(1_200, 0)));
    // They also race to make the store.
    let names = ["ana", "ben", "eva", "kim"];
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            Command::new(BINARY)
                .args(["labels", "import", &store, &feed, "--as", name])
                .args(small())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program runs")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("the program ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let report = run(&["labels", "report", &store]).ok().out;
    assert!(report.contains("4,800 decisions: 4,800 by import"), "{report}");
    let agreement: Value = serde_json::from_str(&run(&["labels", "agreement", &store, "--json"]).ok().out).unwrap();
    assert_eq!(agreement["agreement"].as_array().unwrap().len(), 6, "every pair");
}

#[test]
fn what_is_refused() {
    let dir = Dir::new();
    let store = dir.path("labels.db");
    let feed = dir.file("feed.jsonl", lines(&labelled(3, 0)));
    run(&["labels", "export", &store]).fails(&["labels.db: there is no such label store"]);
    run(&["labels", "report", &feed]).fails(&["is no label store: it is no SQLite file"]);
    import(&store, &feed, " ").fails(&["--as", "needs a name"]);
    let unlabelled = dir.file("u.jsonl", "{\"id\": 1, \"text\": \"no label here\"}\n");
    import(&store, &unlabelled, "ana").fails(&["no posting of these feeds has a label"]);
    import(&store, &feed, "ana").ok();
    let before = std::fs::read(&store).unwrap();
    for name in ["labels.db", "./labels.db", "labels.db-wal"] {
        std::fs::write(dir.path("labels.db-wal"), "").unwrap();
        run(&["labels", "export", &store, "-o", &dir.path(name)]).fails(&["the label store", "--output", "same file"]);
    }
    run(&["eval", "--labels", &store, "--report", &store]).fails(&["the label store", "--report", "same file"]);
    assert_eq!(std::fs::read(&store).unwrap(), before);
    run(&["train", "-o", &dir.path("model")]).fails(&["<DATA>"]);
    run(&["train", "--labels", &dir.path("none.db"), "-o", &dir.path("model")]).fails(&["no such label store"]);
}

/// The loop: labels become a model, and the model scores.
#[test]
fn a_model_is_trained_on_a_store() {
    let dir = Dir::new();
    let store = dir.path("labels.db");
    let marked = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures/marked");
    let families: Vec<String> = ["r1-a", "r1-b", "r2-a", "r3-a"].iter().map(|f| format!("{marked}/{f}.txt")).collect();
    let feed = dir.path("feed.jsonl");
    let mut args: Vec<&str> = vec!["dataset", "import", "-o", &feed];
    args.extend(families.iter().map(String::as_str));
    run(&args).ok();
    import(&store, &feed, "ana").ok();
    let model = dir.path("model");
    let train = ["train", "--labels", &store, "-o", &model, "--name", "ours-1", "--folds", "3", "--ngrams", "2000"];
    let trained = run(&train).ok();
    let training: Value = serde_json::from_str(&trained.out).unwrap();
    assert!(trained.out.contains("labels.db"), "the store is in the provenance: {training}");
    let scored = run(&["score", "--model", &model, "--text", "Typists wanted, free flight, Telegram @demo_hr00"]).ok();
    assert_eq!(scored.json()[0]["model"], "ours-1");
    let measured = run(&["eval", "--model", &model, "--labels", &store, "--replicates", "20"]).ok().out;
    assert!(measured.contains("average precision"), "{measured}");
}

#[test]
fn counts_agree_with_their_words() {
    let dir = Dir::new();
    let store = dir.path("labels.db");
    let feed = dir.file(
        "feed.jsonl",
        "{\"id\": 1, \"text\": \"We hire typists, free flight\", \"label\": 1}\n{\"id\": 2, \"text\": \"A baker for a bakery\"}\n",
    );
    import(&store, &feed, "ana").ok();
    let export = run(&["labels", "export", &store]).ok();
    assert!(export.err.contains("1 labelled posting written, 1 scam among them"), "{}", export.err);
    let check = run(&["dataset", "check", &feed, "--no-artefacts"]).ok();
    assert!(check.out.starts_with("2 postings: 1 scam, 0 honest\n1 has no label\n"), "{}", check.out);
    let eval = run(&["eval", &feed, "--perturb=full-width"]);
    assert!(eval.out.contains("feed: 1 posting, 1 scam;"), "{eval:?}");
}
