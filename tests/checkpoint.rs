//! Runs that are broken off: killed, out of room, ended by a signal; and gone on with.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::util::{BINARY, Dir, Run, hard_postings, lines, run, small, with_stdin};

/// Kills in the tests; more of them with the variable LURESCAN_KILLS.
fn kills() -> u32 {
    std::env::var("LURESCAN_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

/// Four feeds, one of them compressed and one an archive, with records that cannot be used.
fn feeds(dir: &Dir) -> [String; 4] {
    let mut text = String::new();
    for (i, posting) in hard_postings(500).iter().enumerate() {
        text.push_str(&format!("{posting}\n"));
        if i % 53 == 7 {
            text.push_str("{broken\n\n");
        }
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("memory takes it");
    let mut table = String::from("id,title,description\n");
    for i in 0..300 {
        table.push_str(&format!("t{i},Typists wanted,\"free flight\nTelegram @jobs_demo{}\"\n", i % 9));
    }
    [
        dir.file("a.jsonl", &text),
        dir.file("b.csv", &table),
        dir.file("c.jsonl.gz", gzip.finish().expect("memory takes it")),
        dir.file("d.zip", zip(&[("one.csv", &table), ("deep/two.jsonl", &text)])),
    ]
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, text) in members {
        let (mut entry, config) = archive.new_file(*name).start().expect("a member");
        let mut writer = config.wrap(&mut entry);
        writer.write_all(text.as_bytes()).expect("memory takes it");
        let (_, descriptor) = writer.finish().expect("memory takes it");
        entry.finish(descriptor).expect("memory takes it");
    }
    archive.finish().expect("memory takes it")
}

fn score_args<'a>(feeds: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["score"];
    args.extend(feeds.iter().map(String::as_str));
    args.extend(small());
    args.extend(more);
    args
}

/// All files of a directory that are outputs.
fn outputs(dir: &Dir) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for name in dir.names() {
        let path = dir.path(&name);
        if fs::metadata(&path).expect("it is there").is_dir() {
            let mut inside: Vec<_> = fs::read_dir(&path).expect("a directory").map(|e| e.expect("an entry")).collect();
            inside.sort_by_key(fs::DirEntry::file_name);
            for entry in inside {
                let bytes = fs::read(entry.path()).expect("it is read");
                files.push((format!("{name}/{}", entry.file_name().to_string_lossy()), bytes));
            }
        } else if name != "run.checkpoint" {
            files.push((name, fs::read(&path).expect("it is read")));
        }
    }
    files
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Kills runs at random moments and goes on with them, until there were so many kills; the bytes are those of a run that
/// was never killed.
fn survives(format: &[&str], output: &str, seed: u64) {
    let inputs = Dir::new();
    let feeds = feeds(&inputs);
    let whole = Dir::new();
    let all = |dir: &Dir, more: &[&str]| {
        let (out, rejects, checkpoint) = (dir.path(output), dir.path("rejects"), dir.path("run.checkpoint"));
        let args = ["-o", &out, "--rejects", &rejects, "--checkpoint", &checkpoint, "--checkpoint-every", "30"];
        score_args(&feeds, &[&args, format, more].concat()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let spawn = |dir: &Dir, more: &[&str]| {
        let mut command = Command::new(BINARY);
        command.args(all(dir, more)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("the program runs")
    };
    let begun = Instant::now();
    assert!(spawn(&whole, &[]).wait().expect("it ends").success());
    let time = begun.elapsed().as_micros() as u64;
    let expected = outputs(&whole);
    let mut random = Random(seed);
    let (mut killed, mut gone_on) = (0, 0);
    while killed < kills() {
        let dir = Dir::new();
        let mut more: &[&str] = &[];
        loop {
            let mut child = spawn(&dir, more);
            std::thread::sleep(Duration::from_micros(random.below(time + time / 8)));
            child.kill().expect("the program is ours");
            let ended = child.wait_with_output().expect("it ends");
            if ended.status.success() {
                break;
            }
            assert_eq!(ended.status.code(), None, "{}", String::from_utf8_lossy(&ended.stderr));
            killed += 1;
            gone_on += u32::from(fs::exists(dir.path("run.checkpoint")).expect("a directory"));
            more = &["--resume"];
        }
        let got = outputs(&dir);
        let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&got), names(&expected), "after {killed} kills");
        assert!(got == expected, "other bytes after {killed} kills");
    }
    eprintln!("{killed} kills survived, {gone_on} of them behind a checkpoint: {output}");
}

#[test]
fn kills_leave_no_trace() {
    survives(&[], "out.jsonl", 0x9e37_79b9_7f4a_7c15);
}

#[test]
fn kills_leave_no_trace_in_tables() {
    survives(&["--only", "review,block"], "out.csv", 0x2545_f491_4f6c_dd1d);
}

#[test]
fn kills_leave_no_trace_in_parts() {
    survives(&["--part-size", "100", "--pass-through"], "parts/", 0x1234_5678_9abc_def1);
}

#[test]
fn kills_leave_no_trace_in_batches_of_statements() {
    let platform = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dsa/platform.toml");
    let format = ["--format", "dsa-sor", "--dsa", platform, "--dsa-date", "2026-02-03", "--only", "review,block"];
    survives(&format, "out.jsonl", 0x0fed_cba9_8765_4321);
}

/// A run over all feeds that ends as if the disk were full, with so many blocks of room.
#[cfg(unix)]
fn without_room(args: &[&str], blocks: u32) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let output = Command::new("sh").args(["-c", &script, "sh", BINARY]).args(args).output().expect("a shell runs");
    Run {
        code: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_can_be_gone_on_with() {
    let inputs = Dir::new();
    let feeds = feeds(&inputs);
    let dir = Dir::new();
    let (out, rejects, checkpoint) = (dir.path("out.jsonl"), dir.path("rejects"), dir.path("run.checkpoint"));
    let base = ["-o", &out, "--rejects", &rejects, "--checkpoint", &checkpoint, "--checkpoint-every", "100"];
    run(&score_args(&feeds, &base)).ok();
    let expected = outputs(&dir);
    let half = (fs::metadata(&out).expect("it is there").len() / 1024) as u32;
    fs::remove_file(&out).expect("it is there");
    let full = without_room(&score_args(&feeds, &base), half);
    full.fails(&["out.jsonl: cannot be written", "--resume goes on"]);
    let (records, ..) = full.counts();
    assert!(records > 100 && records < 2_100, "{records}");
    let partial = fs::read(dir.path("out.jsonl.partial")).expect("what is whole is kept");
    assert!(partial.ends_with(b"\n") && expected[0].1.starts_with(&partial));
    let rest = run(&score_args(&feeds, &[&base[..], &["--resume"]].concat())).ok();
    assert!(rest.counts().0 > records, "the summary is of the whole run");
    assert!(outputs(&dir) == expected);
    with_stdin(&["score", "-o", "/dev/full"], "{\"text\":\"Typists wanted\"}").fails(&["/dev/full: cannot be written"]);
}

#[test]
fn what_is_done_is_not_scored_again() {
    let dir = Dir::new();
    let good = dir.file("good.jsonl", lines(&hard_postings(60)));
    let cut = dir.file("cut.jsonl.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xff");
    let (out, checkpoint) = (dir.file("out.jsonl", "old"), dir.path("run.checkpoint"));
    let base = ["-o", &out, "--checkpoint", &checkpoint];
    let args = |more: &[&'static str]| {
        let feeds = [good.clone(), cut.clone()];
        score_args(&feeds, &[&base[..], more].concat()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let run = |more: &[&'static str]| run(&args(more).iter().map(String::as_str).collect::<Vec<_>>());
    let broken = run(&[]);
    broken.fails(&["cut.jsonl.gz", "60 records = 60 verdicts + 0 rejects", "--resume goes on"]);
    assert_eq!(fs::read_to_string(&out).unwrap(), "old", "an output stays until the new one is whole");
    let partial = dir.path("out.jsonl.partial");
    let marked = fs::read_to_string(&partial).unwrap().replacen("\"id\"", "\"ID\"", 1);
    fs::write(&partial, &marked).unwrap();
    run(&["--resume"]).fails(&["cut.jsonl.gz", "60 records = 60 verdicts"]);
    assert_eq!(fs::read_to_string(&partial).unwrap(), marked);
    fs::write(&partial, "").unwrap();
    run(&["--resume"]).fails(&["out.jsonl.partial: has 0 bytes", "leave --resume out"]);
}

#[test]
fn a_finished_run_has_nothing_to_do() {
    let dir = Dir::new();
    let feed = [dir.file("feed.jsonl", lines(&hard_postings(20)))];
    let (out, checkpoint) = (dir.path("out.jsonl"), dir.path("run.checkpoint"));
    let base = ["-o", &out, "--checkpoint", &checkpoint];
    let again = |more: &[&str]| run(&score_args(&feed, &[&base[..], more].concat()));
    let first = again(&["--resume"]).ok();
    assert_eq!(first.counts(), (20, 20, 0), "with no checkpoint, --resume begins");
    let bytes = fs::read(&out).unwrap();
    let second = again(&["--resume"]).ok();
    assert!(second.err.contains("nothing to do") && second.out.is_empty(), "{second:?}");
    assert_eq!(again(&["--resume", "--fail-on", "block"]).code, 1, "what was found stays found");
    fs::write(&out, &bytes[1..]).unwrap();
    again(&["--resume"]).fails(&["out.jsonl: has ", "leave --resume out"]);
    fs::remove_file(&out).unwrap();
    again(&["--resume"]).fails(&["out.jsonl: is missing", "leave --resume out"]);
    assert!(!fs::exists(&out).unwrap());
    again(&[]).ok();
    assert_eq!(fs::read(&out).unwrap(), bytes, "without --resume it is done again");
    assert_eq!(dir.names(), ["feed.jsonl", "out.jsonl", "run.checkpoint"]);
}

#[test]
fn a_run_that_breaks_off_says_its_reason_once_and_how_to_go_on() {
    let dir = Dir::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all("{\"title\":\"Cook\",\"description\":\"We cook soup for a canteen.\"}\n".repeat(3_000).as_bytes())
        .unwrap();
    let whole = gzip.finish().unwrap();
    let feed = dir.file("feed.jsonl.gz", "");
    fs::write(&feed, &whole[..whole.len() - 20_000]).unwrap();
    for (output, way_on) in
        [("out.jsonl", "a run with --checkpoint FILE can be gone on with"), ("out.parquet", "of --format jsonl or csv")]
    {
        let out = dir.path(output);
        let broken = run(&["score", &feed, "--output", &out]);
        broken.fails(&["cannot be read on after byte", way_on]);
        let reason = broken.err.lines().find(|line| line.contains("cannot be read on")).expect("a reason");
        let cause = reason.rsplit(": ").next().expect("a cause");
        assert_eq!(reason.matches(cause).count(), 1, "{reason}");
    }
}

#[test]
fn a_run_that_was_killed_while_its_outputs_got_their_names_is_finished() {
    let dir = Dir::new();
    let feed = [dir.file("feed.jsonl", lines(&hard_postings(20)) + "{\n")];
    let (out, rejects, checkpoint) = (dir.path("out.jsonl"), dir.path("rejects"), dir.path("run.checkpoint"));
    let base = ["-o", &out, "--rejects", &rejects, "--checkpoint", &checkpoint];
    run(&score_args(&feed, &base)).ok();
    let expected = outputs(&dir);
    let finished = fs::read_to_string(&checkpoint).unwrap();
    for unnamed in [&[][..], &["rejects"], &["out.jsonl", "rejects"]] {
        fs::write(&checkpoint, finished.replace("\"finished\"", "\"finishing\"")).unwrap();
        for name in unnamed {
            fs::rename(dir.path(name), dir.path(&format!("{name}.partial"))).unwrap();
        }
        run(&score_args(&feed, &[&base[..], &["--resume"]].concat())).ok();
        assert!(outputs(&dir) == expected, "{unnamed:?}");
        assert_eq!(fs::read_to_string(&checkpoint).unwrap(), finished);
    }
}

#[test]
fn a_run_whose_parts_or_rejects_are_gone_is_not_finished() {
    let dir = Dir::new();
    let feed = [dir.file("feed.jsonl", lines(&hard_postings(20)) + "{\n")];
    let (out, rejects, checkpoint) = (dir.path("parts") + "/", dir.path("rejects"), dir.path("run.checkpoint"));
    let base = ["-o", &out, "--part-size", "8", "--rejects", &rejects, "--checkpoint", &checkpoint];
    let again = |more: &[&str]| run(&score_args(&feed, &[&base[..], more].concat()));
    again(&[]).ok();
    again(&["--resume"]).ok();
    for gone in ["parts/part-00000.jsonl", "parts/part-00002.jsonl", "rejects"] {
        let (path, aside) = (dir.path(gone), dir.path("aside"));
        fs::rename(&path, &aside).unwrap();
        again(&["--resume"]).fails(&[&format!("{gone}: is missing"), "leave --resume out"]);
        fs::rename(&aside, &path).unwrap();
    }
    again(&["--resume"]).ok();
}

#[test]
fn a_file_that_is_no_checkpoint_is_left_as_it_is() {
    let dir = Dir::new();
    let (text, out) = (lines(&hard_postings(3)), dir.path("out.jsonl"));
    let (feed, other) = (dir.file("feed.jsonl", &text), dir.file("notes", &text));
    let dotted = dir.path("./feed.jsonl");
    let refused = |checkpoint: &str, words: &[&str]| {
        for resume in [&[][..], &["--resume"]] {
            let base = ["score", &feed, "-o", &out, "--checkpoint", checkpoint];
            run(&[&base[..], resume].concat()).fails(words);
        }
    };
    refused(&dotted, &["--checkpoint", "the input", "same file"]);
    refused(&dir.path("./out.jsonl"), &["--output", "--checkpoint", "same file"]);
    refused(&other, &["notes: is there and is no checkpoint", "name another file"]);
    refused(&dir.path("."), &["is a directory"]);
    assert_eq!((fs::read_to_string(&feed).unwrap(), fs::read_to_string(&other).unwrap()), (text.clone(), text));
    assert_eq!(dir.names(), ["feed.jsonl", "notes"]);
    run(&["score", &feed, "-o", &out, "--checkpoint", &dir.file("empty", "")]).ok();
}

#[test]
fn another_run_is_refused() {
    let dir = Dir::new();
    let feed = [dir.file("feed.jsonl", lines(&hard_postings(20)))];
    let (out, checkpoint) = (dir.path("out.jsonl"), dir.path("run.checkpoint"));
    let base = ["-o", &out, "--checkpoint", &checkpoint];
    let again = |more: &[&str]| run(&score_args(&feed, &[&base[..], more].concat()));
    again(&[]).ok();
    let refused =
        |more: &[&str], words: &[&str]| again(more).fails(&[&["run.checkpoint", "leave --resume out"], words].concat());
    refused(&["--resume", "--format", "csv"], &["--format was jsonl, and is now csv"]);
    refused(&["--resume", "--explain"], &["--explain was false, and is now true"]);
    refused(&["--resume", "--block-at", "0.9"], &["--block-at"]);
    let other = [&["score", &feed[0]], &base[..], &["--resume", "--quiet"]].concat();
    run(&other).fails(&["--lexicon was", "leave --resume out"]);
    fs::write(&feed[0], lines(&hard_postings(21))).unwrap();
    refused(&["--resume"], &["feed.jsonl had"]);
    dir.file("run.checkpoint", "{}");
    again(&["--resume"]).fails(&["run.checkpoint: is there and is no checkpoint"]);
    fs::remove_file(&checkpoint).unwrap();
    let feedless = |more: &[&str]| with_stdin(&[&["score", "--checkpoint", &checkpoint], more].concat(), "");
    feedless(&["-o", &out]).fails(&["cannot go with stdin"]);
    feedless(&[&feed[0]]).fails(&["needs --output FILE"]);
    feedless(&[&feed[0], "-o", &out, "--format", "table"]).fails(&["--format table is for people"]);
    feedless(&[&feed[0], "-o", &checkpoint]).fails(&["--checkpoint", "--output", "same file"]);
    #[cfg(unix)]
    feedless(&[&feed[0], "-o", "/dev/null"]).fails(&["needs an ordinary file"]);
    run(&["score", "--resume", &feed[0]]).fails(&["--checkpoint"]);
}

#[cfg(unix)]
#[test]
fn signals_end_a_run_cleanly() {
    for (signal, code, checkpointed) in [("INT", 130, false), ("TERM", 143, false), ("TERM", 143, true)] {
        let dir = Dir::new();
        let out = dir.path("out.jsonl");
        let posting = "{\"text\":\"Typists wanted, free flight\"}\n";
        // Stdin that does not end, or a file that takes a while.
        let feed = dir.file("feed.jsonl", posting.repeat(100_000));
        let checkpoint = dir.path("run.checkpoint");
        let mut args = vec!["score", "-o", &out];
        match checkpointed {
            true => args.extend(["--checkpoint", &checkpoint, "--checkpoint-every", "100", &feed]),
            false => args.push("-"),
        }
        let mut child = Command::new(BINARY)
            .args(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut stdin = child.stdin.take().expect("piped");
        if !checkpointed {
            stdin.write_all(posting.repeat(3_000).as_bytes()).expect("it reads");
        }
        let partial = dir.path("out.jsonl.partial");
        let begun = Instant::now();
        let written = || fs::metadata(&partial).is_ok_and(|m| m.len() > 0);
        while !written() && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let told =
            Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().expect("a shell");
        assert!(told.success());
        let ended = child.wait_with_output().expect("it ends");
        drop(stdin);
        let err = String::from_utf8(ended.stderr).expect("UTF-8");
        assert_eq!(ended.status.code(), Some(code), "{err}");
        assert!(err.contains(&format!("ended by SIG{signal}")) && err.contains(" = "), "{err}");
        assert!(err.contains(if checkpointed { "--resume goes on" } else { "has to start again" }), "{err}");
        let text = fs::read_to_string(&partial).expect("what is whole is kept");
        let verdicts = Run { code: 0, out: String::new(), err }.counts().1;
        assert_eq!(text.lines().count() as u64, verdicts);
        assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
        assert!(!fs::exists(&out).expect("a directory"));
    }
}
