//! Every kind of bad input: a reject or an error that says what is wrong, and never a lost record or a crash.

use serde_json::{Value, json};

use crate::util::{Dir, Run, run, score, with_stdin};

const GOOD: &str = r#"{"id":"good","text":"Typists wanted, flight and room paid"}"#;

/// Scores a feed of which these lines are bad, between two good ones; the rejects.
#[track_caller]
fn rejects_among_good(bad: &[&[u8]]) -> Vec<Value> {
    let dir = Dir::new();
    let mut feed = format!("{GOOD}\n").into_bytes();
    for line in bad {
        feed.extend_from_slice(line);
        feed.push(b'\n');
    }
    feed.extend_from_slice(GOOD.as_bytes());
    let rejects = dir.path("rejects");
    let run = with_stdin(&["score", "--rejects", &rejects], feed).ok();
    assert_eq!(run.counts(), (bad.len() as u64 + 2, 2, bad.len() as u64));
    assert_eq!(run.ids(), ["good", "good"]);
    let text = std::fs::read_to_string(rejects).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn bad_lines_do_not_stop_a_feed() {
    let rejects = rejects_among_good(&[
        b"{\"id\":1,\"text\":\"caf\xe9\"}",
        b"{\"id\":2,\"text\":\"cut off in the mid",
        b"{\"id\":3,\"text\":{\"blocks\":[\"nested\"]}}",
        b"{\"id\":4,\"text\":\"  \"}",
        b"{\"id\":5,\"price\":3}",
        b"[1,2]",
        b"null",
        b"\"just a string\"",
        b"\0\0\0",
        b"{\"id\":8}{\"id\":9}",
    ]);
    let numbers: Vec<u64> = rejects.iter().map(|r| r["record"].as_u64().unwrap()).collect();
    assert!(numbers.iter().copied().eq(2..12));
    let reason = |i: usize| rejects[i]["reason"].as_str().unwrap();
    assert!(reason(0).contains("not valid UTF-8 at byte 19"), "{}", reason(0));
    assert_eq!(rejects[2]["field"], "text");
    assert!(reason(3).contains("no text") && reason(4).contains("price"));
    assert!(rejects.iter().all(|r| r["file"] == "-" && r["offset"].as_u64().unwrap() > 0));
}

#[test]
fn labels_are_checked_where_they_are_read() {
    let dir = Dir::new();
    let text = "Driver wanted in Rome, full time, with a licence";
    let records = [("label", json!("Engineering")), ("label", json!(2)), ("is_scam", json!("unknown"))];
    let lines: Vec<String> =
        records.iter().map(|(name, label)| json!({"id": "1", *name: label, "text": text}).to_string()).collect();
    let feed = dir.file("a.jsonl", lines.join("\n"));
    let scored = run(&["score", "--extra", &feed]).ok();
    assert_eq!(scored.counts(), (3, 3, 0));
    assert_eq!(scored.json()[0]["extra"], json!({"label": "Engineering"}));
    assert_eq!(run_csv(&format!("id,label,text\n1,Engineering,\"{text}\"\n")).counts(), (1, 1, 0));
    run(&["explain", &feed]).ok();
    run(&["campaigns", &feed]).ok();
    let imported = run(&["labels", "import", &dir.path("labels.db"), &feed, "--as", "ana"]);
    assert!(imported.err.contains("record 3") && imported.err.contains("the label is"), "{imported:?}");
}

/// Of two columns that contradict each other nobody knows which is right.
#[test]
fn labels_that_contradict_each_other_are_set_aside() {
    let dir = Dir::new();
    let rows: String = (0..8)
        .map(|i| format!("{i},Posting {i} for typists in street {i},{},{}\n", i % 2, u8::from(i == 6) ^ (i % 2)))
        .collect();
    let feed = dir.file("both.csv", format!("id,text,label,fraudulent\n{rows}"));
    let told = "the label is 1, but label says 0; correct";
    let measured = run(&["eval", &feed, "--json", "--replicates", "5"]).ok();
    let data = &measured.json_text()["data"][0];
    assert_eq!((&data["postings"], &data["rejects"]), (&json!(7), &json!(1)), "{data}");
    let imported = run(&["labels", "import", &dir.path("labels.db"), &feed, "--as", "ana"]).ok();
    let checked = run(&["dataset", "check", &feed, "--no-artefacts"]).ok();
    for text in [&measured.err, &imported.err, &checked.out] {
        assert!(text.contains("record 7") && text.contains("fraudulent") && text.contains(told), "{text}");
    }
    assert_eq!(run(&["score", &feed]).ok().counts(), (8, 8, 0), "nobody asked for labels");
}

#[test]
fn a_column_that_no_posting_has_is_refused_by_every_command_for_data_sets() {
    let dir = Dir::new();
    let feed = dir.file("a.csv", "id,text,label,firm\n1,Typists wanted in a port,1,f1\n2,A baker in a bakery,0,f2\n");
    let words = ["--by nosuch: no posting has such a column; the columns are", "firm"];
    run(&["dataset", "check", &feed, "--no-artefacts", "--by", "nosuch"]).fails(&words);
    run(&["dataset", "split", &feed, "--by", "nosuch", "-o", &dir.path("parts")]).fails(&words);
    run(&["dataset", "check", &feed, "--no-artefacts", "--by", "firm"]).ok();
    run(&["dataset", "check", &feed, "--no-artefacts"]).ok();
}

#[test]
fn a_lure_in_a_second_column_is_read() {
    let lure = "Customer service in Cambodia, $3,000 a month, no experience, free flight, Telegram @mekong_hr";
    let alone = score(json!({"id": 1, "full_description": lure}).to_string()).ok().json();
    for (first, second) in [("description", "full_description"), ("description", "body"), ("text", "message")] {
        let record = json!({"id": 1, first: "Join our team.", second: lure});
        let verdict = score(record.to_string()).ok().json().remove(0);
        assert!(verdict["action"] != "clear" && verdict["probability"].as_f64().unwrap() > 0.9, "{verdict}");
        let read = format!("Join our team.\n{lure}");
        let chars: Vec<char> = read.chars().collect();
        let spans = verdict["signals"].as_array().unwrap().iter().flat_map(|s| s["spans"].as_array().unwrap());
        for span in spans {
            let [start, end] = ["start", "end"].map(|at| span[at].as_u64().unwrap() as usize);
            assert_eq!(span["text"], chars[start..end].iter().collect::<String>());
        }
        let teaser = json!({"id": 1, first: "Customer service in  Cambodia, $3,000...", second: lure});
        assert_eq!(score(teaser.to_string()).ok().json()[0], alone[0], "what the other holds adds nothing");
    }
}

#[test]
fn deep_nesting_is_a_reject() {
    let deep = format!("{{\"id\":1,\"text\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    rejects_among_good(&[deep.as_bytes()]);
}

#[test]
fn nothing_in_nothing_out() {
    for (args, input) in [(&["score"][..], ""), (&["score", "--input-format", "jsonl"], "\n\n  \n")] {
        let run = with_stdin(args, input).ok();
        assert_eq!((run.out.as_str(), run.counts()), ("", (0, 0, 0)));
    }
    let dir = Dir::new();
    for name in ["a.jsonl", "a.csv", "a.txt", "a"] {
        let run = run(&["score", &dir.file(name, "")]).ok();
        assert_eq!((run.out.as_str(), run.counts()), ("", (0, 0, 0)), "{name}");
    }
    assert_eq!(run(&["score", &dir.file("header.csv", "id,text\n")]).ok().counts(), (0, 0, 0));
}

#[test]
fn what_cannot_be_opened_is_named_before_anything_is_written() {
    let dir = Dir::new();
    let good = dir.file("good.jsonl", GOOD);
    let (missing, out) = (dir.path("missing.jsonl"), dir.path("out.jsonl"));
    run(&["score", &good, &missing]).fails(&["missing.jsonl: cannot be opened"]);
    run(&["score", &good, &Dir::new().path("")]).fails(&["the directory holds no feed"]);
    run(&["score", &missing, "--output", &out]).fails(&[]);
    assert_eq!(dir.names(), ["good.jsonl"]);
    run(&["score", "-", "-"]).fails(&["more than once"]);
}

#[test]
fn a_broken_feed_in_a_directory_is_a_reject_and_the_others_are_read() {
    let dir = Dir::new();
    dir.file("a.jsonl", GOOD);
    dir.file("notes.md", "Nothing to see");
    dir.file("photo.pdf", "%PDF-1.4");
    let skipped = run(&["score", &dir.path(""), "--strict"]).ok();
    assert!(skipped.err.contains("2 files skipped, of no known format"), "{}", skipped.err);
    let parquet = include_bytes!("../datasets/samples/feed.parquet");
    dir.file("b.parquet", &parquet[..500]);
    dir.file("c.csv", [0x93, 0x00, 0xff, 0x17, 0x80, 0xfe].repeat(100));
    dir.file("d.gz", [0x93, 0x00, 0xff, 0x17, 0x80, 0xfe].repeat(100));
    dir.file("e.parquet", "");
    dir.file("f.jsonl", GOOD);
    let broken = run(&["score", &dir.path(""), "--strict"]);
    assert_eq!((broken.code, broken.counts(), broken.ids()), (1, (6, 2, 4), vec!["good".to_owned(); 2]), "{broken:?}");
    assert!(broken.err.contains("b.parquet: record 1: ") && broken.err.contains("2 files skipped"), "{}", broken.err);
    assert!(broken.err.contains("c.csv: record 1: ") && broken.err.contains("d.gz: record 1: "), "{}", broken.err);
    assert_eq!(run(&["campaigns", &dir.path(""), "--strict"]).code, 1);
    run(&["score", &dir.path("b.parquet")]).fails(&["b.parquet: "]);
}

#[test]
fn foreign_formats_are_refused() {
    for (bytes, words) in [(&b"PK\x03\x04rest"[..], "zip archive"), (b"%PDF-1.4", "PDF"), (b"PAR1....", "Parquet")] {
        let run = score(bytes);
        run.fails(&[words]);
        assert_eq!(run.err.lines().count(), 1, "one line says it all: {}", run.err);
    }
}

#[test]
fn a_feed_without_a_record_in_it_is_told() {
    let dir = Dir::new();
    let lines = dir.file("a.jsonl", "{\"title\":\"Cook\",\"body\":\"Fry\"}\n");
    for format in ["telegram", "xml"] {
        let args = ["score", &lines, "--input-format", format];
        let told = format!("a.jsonl: no record was found in its 30 bytes, read as {format}");
        let read = run(&args).ok();
        assert!(read.counts() == (0, 0, 0) && read.err.contains(&told), "{}", read.err);
        assert_eq!(run(&[&args[..], &["--strict"]].concat()).code, 1);
    }
    assert!(!run(&["score", &lines, "--strict"]).ok().err.contains("no record was found"));
    let empty = dir.file("empty.jsonl", "");
    assert!(run(&["score", &empty]).ok().err.contains("empty.jsonl: is empty: no record was found in it"));
    let (blank, none) = (dir.file("blank.csv", "\n\n"), dir.file("none.json", "{\"jobs\":[]}"));
    for feed in [&empty, &blank, &none] {
        for command in ["score", "campaigns"] {
            assert_eq!(run(&[command, &lines, feed, &lines, "--strict"]).code, 1, "{command} {feed}");
        }
    }
    assert_eq!(with_stdin(&["score", "--strict"], "").code, 1);
    let (out, checkpoint) = (dir.path("o.jsonl"), dir.path("run"));
    let args = ["score", &empty, &lines, "--strict", "--checkpoint", &checkpoint, "--resume", "-o", &out];
    assert_eq!([run(&args).code, run(&args).code], [1, 1], "a finished run still says so");
}

#[test]
fn a_list_of_postings_beside_the_one_that_is_read_is_told() {
    let posting = |id: &str| json!({"id": id, "text": "Typists wanted, flight and room paid"});
    let before = json!({"featured": [posting("x")], "jobs": [posting("good")]}).to_string();
    let after = json!({"meta": {"total": 1}, "jobs": [posting("good")], "featured": [posting("x")]}).to_string();
    for feed in [before, after] {
        let run = with_stdin(&["score", "--strict"], feed);
        assert_eq!((run.code, run.counts(), run.ids()), (1, (2, 1, 1), vec!["good".to_owned()]), "{run:?}");
        assert!(run.err.contains("featured") && run.err.contains("a list beside that of the postings"), "{}", run.err);
    }
}

#[test]
fn the_number_of_values_is_an_option() {
    let dir = Dir::new();
    let table = dir.file("a.csv", "id,title,body\n1,Cook,Fry\n");
    run(&["score", &table, "--max-values", "2"]).fails(&["more than 2 columns", "--max-values N allows more"]);
    run(&["score", &table, "--max-values", "3"]).ok();
    let lines = dir.file("a.jsonl", "{\"id\":1,\"title\":\"Cook\",\"body\":\"Fry\"}\n{\"title\":\"Clerk\"}\n");
    let run = run(&["score", &lines, "--max-values", "2"]).ok();
    assert_eq!(run.counts(), (2, 1, 1));
}

#[test]
fn csv_as_it_comes() {
    let dir = Dir::new();
    let table = "\u{feff}id,description,salary\r\n1,\"Typists, \"\"now\"\"\r\nflight paid\",100\r\n2,too,many,cells\r\n3\r\n\
                 4,\"Cook wanted for a\nsmall hotel\",\r\n";
    let rejects = dir.path("rejects");
    let run = run(&["score", &dir.file("a.csv", table), "--rejects", &rejects]).ok();
    assert_eq!(run.ids(), ["1", "4"]);
    assert_eq!(run.counts(), (4, 2, 2));
    let rejects = std::fs::read_to_string(rejects).unwrap();
    assert!(rejects.contains("\"record\":2") && rejects.contains("\"record\":3"), "{rejects}");
    let open = run_csv("id,text\n1,\"never closed\n2,x\n");
    assert_eq!(open.counts(), (2, 1, 1));
    let latin = run_csv_bytes(b"id,text\n1,caf\xe9 wants a cook\n2,cook wanted here\n");
    assert_eq!(latin.counts(), (2, 2, 0));
    assert!(latin.err.contains("stdin: its text is not UTF-8 and is read as windows-1252"), "{}", latin.err);
    run_csv("a,b\n1,2\n").fails(&["no column of the header is known to hold text", "\"a\", \"b\""]);
}

#[test]
fn a_table_without_a_known_header_is_refused_by_any_name() {
    let dir = Dir::new();
    let rows: String = (0..50).map(|i| format!("{i};Fahrer;\"Fahrer gesucht, Vollzeit; {i}\"\n")).collect();
    let table = format!("Ref;Überschrift;Stellenbeschreibung\n{rows}");
    let words = ["no column of the header is known to hold text", "\"Stellenbeschreibung\"", "--input-format text"];
    score(table.as_str()).fails(&words);
    for name in ["de.csv", "de.dump"] {
        run(&["score", &dir.file(name, &table)]).fails(&words);
    }
    let told = format!("sep=;\r\nRef;Überschrift;Text\r\n{}", rows.replace('\n', "\r\n"));
    assert_eq!(score(told.as_str()).ok().counts(), (50, 50, 0));
    assert_eq!(run(&["score", &dir.file("told.csv", &told)]).ok().counts(), (50, 50, 0));
    let prose = "Wanted: typist, driver, cook\nWe pay well, on time, in cash\nFree room, flight, meals\n".repeat(3);
    assert_eq!(score(prose).ok().counts(), (1, 1, 0));
}

#[test]
fn a_quote_that_is_not_closed_costs_its_line_only() {
    let rows = |quoted: bool| -> String {
        let row = |i| match (i, quoted) {
            (6, _) => "6,\"5 trucks need drivers in Rome\n".to_owned(),
            (_, true) => format!("{i},\"Driver wanted in Rome, full time\"\n"),
            (_, false) => format!("{i},Driver wanted in Rome\n"),
        };
        std::iter::once("id,description\n".to_owned()).chain((1..=1000).map(row)).collect()
    };
    let dir = Dir::new();
    let rejects = dir.path("rejects");
    for table in [rows(false), rows(true)] {
        for limit in ["16M", "200"] {
            let args = ["score", "-", "--rejects", &rejects, "--max-record-bytes", limit];
            assert_eq!(with_stdin(&args, table.as_str()).ok().counts(), (1000, 999, 1));
            let reject = std::fs::read_to_string(&rejects).unwrap();
            assert!(reject.contains("a quote on line 7 is not closed") && reject.contains("\"record\":6"), "{reject}");
        }
    }
}

fn run_csv(text: &str) -> Run {
    run_csv_bytes(text.as_bytes())
}

fn run_csv_bytes(bytes: &[u8]) -> Run {
    with_stdin(&["score", "--input-format", "csv"], bytes)
}

#[test]
fn nul_bytes_emoji_and_lone_surrogates_are_text() {
    let emoji = "👩‍🚀".repeat(10_000);
    let input = [
        json!({"id": "nul", "text": "Typists\u{0} wanted, free flight\u{0}"}).to_string(),
        json!({"id": "emoji", "text": emoji}).to_string(),
        json!({"id": "both", "text": format!("{emoji} Typists wanted, free flight {emoji}")}).to_string(),
        r#"{"id":"sur\ud800","text":"Typists \udc00 wanted, free flight \ud83d"}"#.to_owned(),
    ]
    .join("\n");
    let run = score(input).ok();
    assert_eq!(run.counts(), (4, 4, 0));
    assert_eq!(run.ids(), ["nul", "emoji", "both", "sur\u{fffd}"]);
    assert_eq!(run.json()[1]["action"], "abstain");
    let spans = &run.json()[2]["signals"].to_string();
    assert!(spans.contains("\"free flight\""), "{spans}");
}

#[test]
fn ids_may_be_missing_or_double() {
    let input = r#"{"text":"cook wanted in town"}
{"id":"a","text":"cook wanted in town"}
{"id":"a","text":"cook wanted in town"}
{"id":12345678901234567890,"text":"cook wanted in town"}
{"id":null,"text":"cook wanted in town"}
{"id":"a","text":"cook wanted in town"}
"#;
    let run = score(input).ok();
    assert_eq!(run.ids(), ["-#1", "a", "a", "12345678901234567890", "-#5", "a"]);
    assert_eq!(run.err.matches("warning").count(), 1, "warned of once: {}", run.err);
    assert!(run.err.contains("2 records with an id that occurred before"));
}

#[test]
fn limits_are_told() {
    let long = json!({"id": 1, "text": "word ".repeat(1_000)}).to_string();
    let run = with_stdin(&["score", "--max-record-bytes", "1K"], format!("{long}\n{GOOD}\n")).ok();
    assert_eq!(run.counts(), (2, 1, 1));
    assert!(run.err.contains("the limit is 1024 bytes a record (raise it with --max-record-bytes)"), "{}", run.err);
    crate::util::run(&["score", "--max-record-bytes", "none"]).fails(&["a number of bytes"]);
}
