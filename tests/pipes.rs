//! Pipes: ends that close early, feeds that come slowly, lines that do not end.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::rival_rows::feed as labelled_feed;
use crate::util::{BINARY, Dir, hard_postings, lines};

fn spawn(args: &[&str]) -> Child {
    Command::new(BINARY)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

fn wait(mut child: Child) -> (i32, String) {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the program is ours") {
            let mut err = String::new();
            child.stderr.take().expect("piped").read_to_string(&mut err).expect("UTF-8");
            return (status.code().expect("no signal ended it"), err);
        }
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().expect("the program is ours");
            panic!("it hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    line
}

#[test]
fn a_broken_pipe_is_no_error() {
    let dir = Dir::new();
    let feed = dir.file("feed.jsonl", lines(&hard_postings(3_000)));
    for args in [&["score", &feed][..], &["score", &feed, "--format", "csv"], &["score", &feed, "--format", "table"]] {
        let mut child = spawn(args);
        assert!(!first_line(&mut child).is_empty());
        assert_eq!(wait(child), (0, String::new()), "{args:?}");
    }
    for args in [&["signals"][..], &["man", "score"], &["completions", "zsh"], &["explain", &feed]] {
        let mut child = spawn(args);
        drop(child.stdout.take());
        assert_eq!(wait(child), (0, String::new()), "{args:?}");
    }
}

#[test]
fn a_broken_pipe_ends_a_run_that_waits_for_input() {
    let mut child = spawn(&["score"]);
    let mut stdin = child.stdin.take().expect("piped");
    let line = format!("{}\n", json!({"text": "Typists wanted, free flight"}));
    stdin.write_all(line.as_bytes()).expect("it reads");
    stdin.flush().expect("it reads");
    assert!(first_line(&mut child).starts_with("{\"id\":\"-#1\""));
    // Nobody reads any more, and stdin stays open.
    stdin.write_all(line.as_bytes()).expect("it reads");
    assert_eq!(wait(child), (0, String::new()));
    drop(stdin);
}

#[test]
fn work_goes_on_when_its_messages_cannot_be_written() {
    let dir = Dir::new();
    let (data, model, parts) = (labelled_feed(&dir), dir.path("model"), dir.path("parts"));
    let train = ["train", &data, "--out", &model, "--folds", "3", "--ngrams", "2000"];
    let closed = |args: &[&str]| {
        let mut child = spawn(args);
        drop(child.stderr.take());
        child.wait_with_output().expect("it ends")
    };
    let trained = closed(&train);
    assert_eq!(trained.status.code(), Some(0));
    assert!(serde_json::from_slice::<Value>(&trained.stdout).is_ok() && dir.names().contains(&"model".to_owned()));
    assert_eq!(closed(&["dataset", "split", &data, "-o", &parts]).status.code(), Some(0));
    assert_eq!(closed(&["dataset", "import", &data, "-o", "-"]).status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_are_an_error() {
    let dir = Dir::new();
    let (data, model) = (labelled_feed(&dir), dir.path("model"));
    let train = ["train", &data, "--out", &model, "--folds", "3", "--ngrams", "2000", "--against", "none"];
    for args in [&train[..], &["dataset", "check", &data, "--no-artefacts"], &["signals"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("there is one");
        let output = Command::new(BINARY).args(args).stdout(full).output().expect("the program runs");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(err.contains("stdout: cannot be written: "), "{err}");
    }
}

#[test]
fn a_slow_feed_is_answered_line_by_line() {
    let mut child = spawn(&["score", "--input-format", "jsonl", "--quiet"]);
    let mut stdin = child.stdin.take().expect("piped");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    for i in 0..20 {
        writeln!(stdin, "{}", json!({"id": i, "text": "Typists wanted, free flight"})).expect("it reads");
        let mut line = String::new();
        out.read_line(&mut line).expect("an answer");
        assert_eq!(serde_json::from_str::<Value>(&line).expect("JSON")["id"], i.to_string());
    }
    drop(stdin);
    assert_eq!(wait(child), (0, String::new()));
}

#[test]
fn a_line_of_100_megabytes_is_a_reject_and_never_held() {
    let mut child = spawn(&["score", "--input-format", "jsonl", "--threads", "2"]);
    let mut stdin = child.stdin.take().expect("piped");
    let block = vec![b'x'; 1 << 20];
    stdin.write_all(b"{\"id\":\"long\",\"text\":\"").expect("it reads");
    for _ in 0..100 {
        stdin.write_all(&block).expect("it reads");
    }
    stdin.write_all(b"\"}\n").expect("it reads");
    stdin.write_all(format!("{}\n", json!({"id": "next", "text": "Typists wanted"})).as_bytes()).expect("it reads");
    assert!(first_line(&mut child).starts_with("{\"id\":\"next\""));
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        assert!(kilobytes < 96 << 10, "{kilobytes} kB");
    }
    drop(stdin);
    let (code, err) = wait(child);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("2 records = 1 verdict + 1 reject") && err.contains("the limit is 16777216 bytes"), "{err}");
}
