//! Explanations: they sum, and their spans are where they say.

use serde_json::{Value, json};

use crate::util::{Dir, hard_postings, lines, run, small, with_stdin};

const LURE: &str = "Hiring typists, free flight, no experience needed, Telegram @jobs_demo0";

fn sum(verdict: &Value) -> f64 {
    let part = |list: &str| -> f64 {
        verdict[list].as_array().unwrap().iter().map(|item| item["contribution"].as_f64().unwrap()).sum()
    };
    verdict["intercept"].as_f64().unwrap() + part("terms") + part("signals")
}

#[test]
fn the_parts_sum_to_the_logit() {
    let feed = lines(&hard_postings(400));
    let small = small();
    for model in [&[][..], &small[..], &["--prior", "0.2"]] {
        let args = [&["score", "--explain"], model].concat();
        let run = with_stdin(&args, feed.clone()).ok();
        let scored = run.json();
        assert_eq!(scored.len(), 400);
        let mut with_number = 0;
        for verdict in scored.iter().filter(|v| !v["logit"].is_null()) {
            with_number += 1;
            let logit = verdict["logit"].as_f64().unwrap();
            assert!((sum(verdict) - logit).abs() < 1e-4, "{verdict}");
        }
        assert!(with_number > 300);
    }
}

#[test]
fn spans_count_characters_of_the_original_field() {
    let postings = hard_postings(600);
    let run = with_stdin(&["score"], lines(&postings)).ok();
    let mut spans = 0;
    for (posting, verdict) in postings.iter().zip(run.json()) {
        assert_eq!(posting["id"], verdict["id"]);
        for signal in verdict["signals"].as_array().unwrap() {
            assert!(signal["strength"].as_f64().unwrap() > 0.0);
            for span in signal["spans"].as_array().unwrap() {
                let field: Vec<char> = posting[span["field"].as_str().unwrap()].as_str().unwrap().chars().collect();
                let (start, end) = (span["start"].as_u64().unwrap() as usize, span["end"].as_u64().unwrap() as usize);
                assert!(start < end, "{span}");
                assert_eq!(span["text"], field[start..end].iter().collect::<String>(), "{posting}");
                spans += 1;
            }
        }
    }
    assert!(spans > 600, "{spans}");
}

#[test]
fn explain_and_score_say_the_same() {
    let dir = Dir::new();
    let postings = hard_postings(12);
    let feed = dir.file("feed.jsonl", lines(&postings));
    let scored = run(&["score", "--explain", &feed]).ok();
    for (i, line) in scored.out.lines().enumerate() {
        let id = format!("p{i}");
        let explained = run(&["explain", "--json", "--id", &id, &feed]).ok();
        // The same bytes, with what only an explanation has at the end.
        let head = line.strip_suffix('}').unwrap();
        let tail = explained.out.trim_end().strip_prefix(head).unwrap_or_else(|| panic!("{line}\n{}", explained.out));
        assert!(tail.starts_with(r#","thresholds":{"review":"#) && tail.contains(r#","for_clear":"#), "{tail}");
    }
    assert_eq!(run(&["explain", "--json", &feed]).ok().ids(), ["p0"]);
}

#[test]
fn one_posting_from_wherever() {
    let dir = Dir::new();
    let page = |args: &[&str], stdin: &str| with_stdin(&[&["explain"], args].concat(), stdin).ok().out;
    let from_text = page(&[LURE], "");
    assert!(from_text.contains("[free flight](") && from_text.contains("logit"), "{from_text}");
    assert!(page(&["--text", LURE], "").contains("id text#1"));
    assert!(page(&["-"], &json!({"id": "s1", "text": LURE}).to_string()).contains("id s1"));
    assert!(page(&[], &json!({"id": "s1", "text": LURE}).to_string()).contains("id s1"));
    assert!(page(&[&dir.file("post.txt", LURE)], "").contains("id post.txt#1"));
    let table = dir.file("a.csv", format!("id,text\n1,\"cook\"\n2,\"{LURE}\"\n"));
    assert!(page(&[&table, "--id", "2"], "").contains("id 2"));
}

#[test]
fn what_cannot_be_explained() {
    let dir = Dir::new();
    let explain = |args: &[&str], stdin: &str| with_stdin(&[&["explain"], args].concat(), stdin);
    explain(&["feed.jsonl.gz"], "").fails(&["there is no such file", "--text"]);
    explain(&[&dir.path("")], "").fails(&["is a directory"]);
    explain(&[" "], "").fails(&["the text is empty"]);
    explain(&["-"], "").fails(&["stdin: holds no posting"]);
    explain(&["-"], "{\"id\":1\n").fails(&["stdin: record 1: "]);
    explain(&["-", "--id", "x"], "{\"id\":1\n{\"id\":2,\"text\":\"cook wanted\"}")
        .fails(&["no posting has the id \"x\" (2 records, 1 reject among them)"]);
    explain(&["some words", "--id", "x"], "").fails(&["--id needs a file"]);
}

#[test]
fn a_hostile_posting_does_not_reach_the_terminal() {
    let text = format!(
        "{LURE} \u{1b}]0;owned\u{7} \u{202e}evil {} 招聘打字员包机票招聘打字员包机票招聘打字员包机票",
        "x".repeat(300)
    );
    let feed = json!({"id": "\u{1b}[31mred", "title": "\r\u{9b}2J", "text": text}).to_string();
    for args in [&["explain", "-"][..], &["score", "--format", "table"]] {
        let out = with_stdin(args, feed.clone()).ok().out;
        assert!(out.chars().all(|c| c == '\n' || !c.is_control()) && !out.contains('\u{202e}'), "{out:?}");
    }
}

#[test]
fn narrow_terminals_are_kept_within_their_width() {
    let feed = lines(&hard_postings(60));
    for columns in ["40", "57", "80"] {
        for i in 0..60 {
            let output = assert_cmd::Command::new(crate::util::BINARY)
                .args(["explain", "-", "--id", &format!("p{i}"), "--color", "never"])
                .env("COLUMNS", columns)
                .write_stdin(feed.clone())
                .output()
                .unwrap();
            let width: usize = columns.parse().unwrap();
            for line in String::from_utf8(output.stdout).unwrap().lines() {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{columns}: {line:?}");
            }
        }
    }
}

#[test]
fn a_page_is_written_whole_and_needs_nothing_else() {
    let dir = Dir::new();
    let path = dir.path("why.html");
    let text = format!("{LURE} <script src=https://example.com/x.js></script>");
    let on_stdout = run(&["explain", "--html", "--text", &text]).ok().out;
    assert_eq!(run(&["explain", "--html", "--output", &path, "--text", &text]).ok().out, "");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), on_stdout);
    assert_eq!(dir.names(), ["why.html"]);
    for wrong in ["<script", "<link", "<img", "src=\"", "@import", "url("] {
        assert!(!on_stdout.contains(wrong), "{wrong}");
    }
    assert!(on_stdout.contains("default-src 'none'") && on_stdout.contains("&lt;script src="), "{on_stdout}");
    run(&["explain", "--html", "--json", LURE]).fails(&["cannot be used with"]);
}

#[test]
fn what_is_named_for_clear_is_enough() {
    let verdict = &run(&["explain", "--json", LURE]).ok().json()[0];
    assert_ne!(verdict["action"], "clear");
    let sets = verdict["for_clear"]["sets"].as_array().unwrap();
    assert!(!sets.is_empty());
    for set in sets {
        assert!(set["logit"].as_f64().unwrap() < verdict["thresholds"]["review"].as_f64().unwrap(), "{set}");
        assert!(!set["without"].as_array().unwrap().is_empty());
    }
    let clear = &run(&["explain", "--json", "The bakery is looking for a shop assistant"]).ok().json()[0];
    assert_eq!(clear["for_clear"], Value::Null);
}

#[test]
fn clear_does_not_mean_safe() {
    let page = run(&["explain", "The bakery is looking for a shop assistant for the mornings"]).ok().out;
    assert!(page.starts_with("CLEAR") && page.contains("`clear` does not mean safe"), "{page}");
    let page = run(&["explain", "hi"]).ok().out;
    assert!(page.starts_with("ABSTAIN") && page.contains("this is not a `clear`"), "{page}");
}
