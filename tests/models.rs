//! Models: what is not whole is refused, with the reason; other lexicons are said.

use std::fs;
use std::path::Path;

use lurescan::model::artefact::Artefact;

use crate::util::{Dir, run, small, small_dir};

const FILES: [&str; 5] = ["lexicon.bin", "manifest.json", "model.safetensors", "names.txt.xz", "tokenizer.json"];

fn copy(dir: &Dir) -> String {
    for file in FILES {
        fs::copy(small_dir().join(file), Path::new(&dir.path(file))).unwrap();
    }
    dir.path("")
}

/// Both commands that read a model refuse it, for this reason.
#[track_caller]
fn refused(model: &str, words: &[&str]) {
    run(&["model", "verify", "--model", model]).fails(words);
    run(&["score", "--text", "free flight", "--model", model]).fails(words);
}

#[test]
fn a_whole_model_is_verified() {
    let dir = Dir::new();
    let model = copy(&dir);
    let out = run(&["model", "verify", "--model", &model]).ok().out;
    for word in FILES {
        assert!(out.contains(word), "{out}");
    }
    assert!(out.contains("model small-1 is whole") && out.contains("4 n-grams, 4 named"), "{out}");
    run(&["model", "verify"]).ok();
}

#[test]
fn one_byte_changed_in_any_file() {
    for file in FILES {
        let dir = Dir::new();
        let model = copy(&dir);
        let mut bytes = fs::read(dir.path(file)).unwrap();
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            bytes[at] ^= 0x01;
            fs::write(dir.path(file), &bytes).unwrap();
            refused(&model, &[file]);
            bytes[at] ^= 0x01;
        }
        fs::write(dir.path(file), &bytes).unwrap();
        run(&["model", "verify", "--model", &model]).ok();
    }
}

#[test]
fn missing_or_cut_off() {
    refused(
        "no/such/model",
        &["model no/such/model: cannot be read: there is no such directory", "lurescan train --out"],
    );
    let empty = Dir::new();
    refused(&empty.path(""), &["it has no manifest.json", "a model is a directory"]);
    refused(&empty.file("f.jsonl", ""), &["f.jsonl: cannot be read: it is a file", "a model is a directory"]);
    for file in FILES {
        let dir = Dir::new();
        let model = copy(&dir);
        let bytes = fs::read(dir.path(file)).unwrap();
        fs::write(dir.path(file), &bytes[..bytes.len() / 2]).unwrap();
        refused(&model, &[file]);
        fs::write(dir.path(file), b"").unwrap();
        refused(&model, &[file]);
        fs::remove_file(dir.path(file)).unwrap();
        refused(&model, &[file, "cannot be read"]);
    }
}

#[test]
fn edited_or_newer() {
    let dir = Dir::new();
    let model = copy(&dir);
    let manifest = fs::read_to_string(dir.path("manifest.json")).unwrap();
    let with = |from: &str, to: &str| {
        assert!(manifest.contains(from));
        fs::write(dir.path("manifest.json"), manifest.replace(from, to)).unwrap();
    };
    with("\"format\": 8", "\"format\": 7");
    refused(&model, &["format 7 is older than format 8", "train the model again"]);
    with("\"format\": 8", "\"format\": 9");
    refused(&model, &["format 9 is newer than format 8", "update lurescan"]);
    with("\"intercept\": -1.5", "\"intercept\": -1.0");
    refused(&model, &["manifest.json: checksum is"]);
    with("\"training\"", "\"trained\"");
    refused(&model, &["manifest.json: is not a manifest"]);
}

/// A directory with the model of the tests and another tokenizer, under checksums that hold.
fn with_tokenizer(dir: &Dir, change: impl Fn(&str) -> String) -> String {
    let mut model = Artefact::load(small_dir()).unwrap();
    let json = change(std::str::from_utf8(&model.tokenizer).unwrap());
    model.tokenizer = json.into_bytes().into();
    model.save(Path::new(&dir.path(""))).unwrap();
    dir.path("")
}

#[test]
fn parts_of_a_tokenizer_that_scoring_does_not_need_may_have_any_shape() {
    let dir = Dir::new();
    // One that is not run by the compiled path.
    let other = |json: &str| json.replace("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}");
    let model = with_tokenizer(&dir, other);
    let score = |model: &str| run(&["score", "--text", "typists wanted, free flight", "--model", model]).ok().out;
    let plain = score(&model);
    for shape in ["{\"type\": \"Later\"}", "[1]", "{\"type\": \"Sequence\", \"decoders\": 1e300}"] {
        let odd = |json: &str| {
            ["decoder", "post_processor", "truncation", "padding"].iter().fold(other(json), |json, part| {
                json.replace(&format!("\"{part}\": null"), &format!("\"{part}\": {shape}"))
            })
        };
        let model = with_tokenizer(&dir, odd);
        assert!(fs::read_to_string(dir.path("tokenizer.json")).unwrap().matches(shape).count() == 4);
        assert_eq!(score(&model), plain, "{shape}");
    }
}

#[test]
fn a_tokenizer_that_cannot_run_is_refused() {
    let dir = Dir::new();
    for (from, to, words) in [
        ("\"decoder\": null", "\"decoder\": 1e999", "number out of range"),
        ("\"normalizer\": null", "\"normalizer\": {\"type\": \"Precompiled\"}", "take it out"),
        ("\"WordLevel\"", "\"SentenceLevel\"", "save the tokenizer"),
    ] {
        // Not of the family of which no more than the pattern is read.
        let model = with_tokenizer(&dir, |json| json.replace(from, to).replace("\"Removed\"", "\"Isolated\""));
        refused(&model, &["small-1", "tokenizer.json: ", words]);
    }
}

#[test]
fn another_lexicon_is_said() {
    let [_, model, _, lexicon] = small();
    let foreign = run(&["score", "--text", "typists wanted, free flight", "--model", model]).ok();
    assert!(foreign.err.contains("its calibration no longer holds"), "{}", foreign.err);
    assert!(foreign.json()[0]["model"].as_str().unwrap().starts_with("small-1+lexicon-"));
    let own = run(&["score", "--text", "typists wanted, free flight", "--model", model, "--lexicon", lexicon]).ok();
    assert!(!own.err.contains("warning"), "{}", own.err);
    assert_eq!(own.json()[0]["model"], "small-1");
    assert!(run(&["model", "verify", "--model", model]).ok().err.contains("another lexicon"));
    let dir = Dir::new();
    run(&["score", "--text", "x y z", "--lexicon", &dir.path("")]).fails(&["no .toml file in this directory"]);
    dir.file("en.toml", "language = \"en\"\n\n[[entry]]\nsignal = \"free_fligt\"\nphrases = [\"free flight\"]\n");
    run(&["score", "--text", "x y z", "--lexicon", &dir.path("")]).fails(&["en.toml:4", "free_fligt"]);
}

#[test]
fn show_and_terms() {
    let [_, model, ..] = small();
    let out = run(&["model", "show", "--model", model]).ok().out;
    for word in ["small-1", "probability 81.8% (logit +1.5000)", "n-grams     4", "free_travel", "\"postings\": 4"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let order: Vec<usize> = ["free_travel ", "chat_contact ", "no_experience ", "licensed_recruiter "]
        .map(|id| out.find(id).unwrap())
        .to_vec();
    assert!(order.is_sorted(), "weights are sorted");
    let json: serde_json::Value =
        serde_json::from_str(&run(&["model", "show", "--json", "--model", model]).ok().out).unwrap();
    assert_eq!(json["name"], "small-1");
    assert_eq!(
        run(&["model", "terms", "--model", model, "-n", "3"]).ok().out,
        "+0.9000\ttelegram\n+0.6000\tfree flight\n-0.4000\tpension\n"
    );
}
