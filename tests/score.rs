//! `lurescan score`: what comes out, in which order, and how it ends.

use serde_json::{Value, json};

use crate::util::{Dir, hard_postings, lines, run, score, small, with_stdin};

const LURE: &str = "Hiring typists, free flight, free room, no experience needed, Telegram @jobs_demo0";
const PLAIN: &str = "The bakery is looking for a shop assistant for the mornings, with a pension.";

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn a_verdict_has_its_keys_in_order() {
    let run = with_stdin(&["score", "--format", "jsonl"], json!({"id": "a1", "text": LURE}).to_string()).ok();
    let verdict = &run.json()[0];
    assert_eq!(keys(verdict), ["id", "probability", "action", "logit", "language", "signals", "model"]);
    let signal = &verdict["signals"][0];
    assert_eq!(keys(signal), ["id", "strength", "contribution", "spans"]);
    assert_eq!(keys(&signal["spans"][0]), ["field", "start", "end", "text"]);
    assert_eq!(verdict["id"], "a1");
    let (p, logit) = (verdict["probability"].as_f64().unwrap(), verdict["logit"].as_f64().unwrap());
    assert!((p - 1.0 / (1.0 + (-logit).exp())).abs() < 1e-12);
    assert_eq!(run.counts(), (1, 1, 0));
}

#[test]
fn an_explained_verdict_has_more_keys_at_its_end() {
    let args = ["score", "--explain", "--extra"];
    let run = with_stdin(&args, json!({"id": 7, "text": LURE, "kept": {"a": [1]}, "other": null}).to_string()).ok();
    let verdict = &run.json()[0];
    let expected =
        ["id", "probability", "action", "logit", "language", "signals", "model", "intercept", "terms", "extra"];
    assert_eq!(keys(verdict), expected);
    assert_eq!(verdict["id"], "7", "ids are strings");
    assert_eq!(verdict["extra"], json!({"kept": {"a": [1]}, "other": null}));
    for term in verdict["terms"].as_array().unwrap() {
        assert_eq!(keys(term), ["name", "kind", "contribution"]);
    }
}

#[test]
fn a_long_text_is_cut_and_says_so() {
    let text = format!("{LURE} {}", "word ".repeat(300_000));
    let run = score(json!({"id": "a", "text": text}).to_string()).ok();
    let verdict = &run.json()[0];
    assert_eq!(verdict["truncated"], true);
    assert_eq!(keys(verdict).last(), Some(&"truncated"));
}

#[test]
fn a_text_that_was_cut_off_is_never_clear() {
    let padded = |pad: &str| format!("{} {LURE}", pad.repeat((1 << 20) / pad.len() + 1));
    let texts = [padded(&format!("{PLAIN} ")), padded("👍"), PLAIN.to_owned()];
    let feed: String = texts.iter().map(|text| format!("{}\n", json!({"text": text}))).collect();
    let run = with_stdin(&[&["score"][..], &small()].concat(), feed).ok();
    let actions: Vec<Value> = run.json().iter().map(|verdict| verdict["action"].clone()).collect();
    assert_eq!(actions, ["review", "review", "clear"]);
    assert!(run.json()[1]["probability"].is_number(), "no abstention, so it has its number");
    assert!(run.err.contains("2 postings were cut off at 1 MiB of a field"), "{}", run.err);
    let dir = Dir::new();
    let file = dir.file("a.jsonl", json!({"text": texts[0]}).to_string());
    let why = crate::util::run(&["explain", &file]).ok().out;
    let words = why.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("REVIEW") && words.contains("what was not read is not cleared"));
}

#[test]
fn abstentions_have_no_number() {
    for text in ["", "ok", "12 3", "👍👍👍"] {
        let args = ["score", "--explain"];
        let run = with_stdin(&args, json!({"id": "a", "title": "-", "text": text}).to_string()).ok();
        let verdict = &run.json()[0];
        assert_eq!(
            (&verdict["action"], &verdict["probability"], &verdict["logit"]),
            (&json!("abstain"), &Value::Null, &Value::Null)
        );
        assert_eq!(verdict["terms"], json!([]));
    }
}

#[test]
fn order_and_bytes_are_the_same_for_any_number_of_threads() {
    let dir = Dir::new();
    let postings = hard_postings(1_500);
    // Records of very different lengths, and rejects between them.
    let mut text = String::new();
    for (i, posting) in postings.iter().enumerate() {
        text.push_str(&format!("{posting}\n"));
        match i % 97 {
            3 => text.push_str("{broken\n"),
            5 => text
                .push_str(&format!("{}\n", json!({"id": format!("long{i}"), "text": "free flight. ".repeat(3_000)}))),
            _ => {}
        }
    }
    let feed = dir.file("feed.jsonl", &text);
    let mut outputs = Vec::new();
    for threads in ["1", "2", "8"] {
        let rejects = dir.path("rejects.jsonl");
        let run = run(&["score", &feed, "--threads", threads, "--explain", "--extra", "--rejects", &rejects]).ok();
        let (records, verdicts, rejected) = run.counts();
        let rejects = std::fs::read_to_string(rejects).unwrap();
        assert_eq!((records, rejected), (text.lines().count() as u64, rejects.lines().count() as u64));
        assert_eq!(verdicts, run.out.lines().count() as u64);
        outputs.push((run.out, rejects));
    }
    assert!(outputs.iter().all(|output| *output == outputs[0]));
    let ids: Vec<String> = outputs[0]
        .0
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    let short: Vec<&String> = ids.iter().filter(|id| id.starts_with('p')).collect();
    assert!(short.iter().enumerate().all(|(i, id)| **id == format!("p{i}")));
}

#[test]
fn several_files_in_order_and_stdin_among_them() {
    let dir = Dir::new();
    let a = dir.file("a.jsonl", format!("{}\n", json!({"text": LURE})));
    let b = dir.file("b.csv", format!("id,description\nrow,\"{PLAIN}\"\n,\"{PLAIN}\"\n"));
    let c = dir.file("c.txt", LURE);
    let run =
        with_stdin(&["score", &b, "-", &a, &c], format!("{}\n{}\n", json!({"text": PLAIN}), json!({"text": PLAIN})));
    assert_eq!(run.ok().ids(), ["row", "b.csv#2", "-#1", "-#2", "a.jsonl#1", "c.txt#1"]);
}

#[test]
fn compressed_feeds_are_read() {
    let dir = Dir::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, lines(&hard_postings(20)).as_bytes()).unwrap();
    let bytes = gzip.finish().unwrap();
    let whole = dir.file("feed.jsonl.gz", &bytes);
    assert_eq!(run(&["score", &whole]).ok().counts(), (20, 20, 0));
    let cut = dir.file("cut.jsonl.gz", &bytes[..bytes.len() / 2]);
    let run = run(&["score", &cut]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cut.jsonl.gz: cannot be read on after byte"), "{}", run.err);
    assert_eq!(run.counts().1, run.out.lines().count() as u64, "what came before is out and counted");
}

#[test]
fn texts_from_the_command_line() {
    let run = run(&["score", "--text", LURE, "--text", "- a list, with a hyphen in front"]).ok();
    assert_eq!(run.ids(), ["text#1", "text#2"]);
    assert_eq!(run.counts(), (2, 2, 0));
    crate::util::run(&["score", "--text", " "]).fails(&["--text number 1 holds no text"]);
    crate::util::run(&["score", "--text", LURE, "a.jsonl"]).fails(&["cannot be used with"]);
}

#[test]
fn contacts_behind_the_words_of_a_link_are_read() {
    let posting = |href: &str| format!("Typist wanted for our office, 3000 dollars. <a href=\"{href}\">Apply here</a>");
    let signal = |href: &str, id: &str| {
        let verdict = run(&["score", "--text", &posting(href)]).ok().json().remove(0);
        let signals = verdict["signals"].as_array().unwrap().clone();
        signals.into_iter().find(|signal| signal["id"] == id)
    };
    for href in ["https://t.me/hr_linda", "https://wa.me/85512345678", "whatsapp://send?phone=85512345678"] {
        let found = signal(href, "chat_contact").unwrap_or_else(|| panic!("{href}"));
        assert_eq!(found["spans"][0]["text"], href);
        assert_eq!(found["spans"][0]["start"], posting(href).find(href).unwrap());
    }
    assert!(signal("mailto:hr.linda@gmail.com?subject=a", "personal_email").is_some());
    for href in
        ["https://t.me/share/url?url=a", "https://wa.me/?text=a", "mailto:?subject=a", "https://www.example.com/jobs/7"]
    {
        for id in ["chat_contact", "personal_email", "named_contact_channel"] {
            assert_eq!(signal(href, id), None, "{href}");
        }
    }
}

#[test]
fn fields_and_actions_are_chosen() {
    let input = format!(
        "{}\n{}\n{}\n",
        json!({"id": 1, "text": LURE}),
        json!({"id": 2, "text": PLAIN}),
        json!({"id": 3, "text": LURE})
    );
    let small = small();
    let args = |more: &[&'static str]| [&["score"], &small[..], more].concat();
    let run = with_stdin(&args(&["--fields", "action,id"]), input.clone()).ok();
    assert_eq!(run.out.lines().next(), Some(r#"{"action":"block","id":"1"}"#));
    let run = with_stdin(&args(&["--only", "block,abstain"]), input.clone()).ok();
    assert_eq!(run.ids(), ["1", "3"]);
    assert_eq!(run.counts(), (3, 3, 0), "what is not written is counted");
    assert!(run.err.contains("2 written"), "{}", run.err);
    let run = with_stdin(&args(&["--fields", "id,intercept,terms,extra,truncated"]), input.clone()).ok();
    assert_eq!(keys(&run.json()[0]), ["id", "intercept", "terms", "extra", "truncated"]);
    with_stdin(&args(&["--fields", "id,score"]), input.clone()).fails(&["\"score\" is no key of a verdict"]);
    with_stdin(&args(&["--only", "bad"]), input).fails(&["invalid value 'bad'"]);
}

#[test]
fn csv_for_spreadsheets() {
    let input = format!("{}\n{}\n", json!({"id": "a,\"b\"", "text": LURE}), json!({"id": "x", "title": "ok"}));
    let args = [&["score", "--format", "csv"], &small()[..]].concat();
    let run = with_stdin(&args, input.clone()).ok();
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[0], "id,probability,action,logit,language,signals,model");
    assert!(lines[1].starts_with("\"a,\"\"b\"\"\",0.") && lines[1].contains(",block,"), "{}", lines[1]);
    assert!(lines[1].contains("free_travel chat_contact") && lines[1].ends_with(",small-1"), "{}", lines[1]);
    assert_eq!(lines[2], "x,,abstain,,und,,small-1");
    with_stdin(&[&args[..], &["--explain"]].concat(), input.clone()).fails(&["--format jsonl"]);
    with_stdin(&[&args[..], &["--fields", "id,terms"]].concat(), input).fails(&["--format jsonl"]);
    let empty = with_stdin(&args, "").ok();
    assert_eq!(empty.out, "id,probability,action,logit,language,signals,model\n", "a table without rows has a header");
}

#[test]
fn outputs_appear_whole() {
    let dir = Dir::new();
    let feed = dir.file("feed.jsonl", lines(&hard_postings(50)) + "{\n");
    let to_stdout = run(&["score", &feed]).ok().out;
    let (out, rejects) = (dir.file("out.jsonl", "old"), dir.path("rejects.jsonl"));
    let quiet = run(&["score", &feed, "--output", &out, "--rejects", &rejects]).ok();
    assert_eq!(quiet.out, "");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), to_stdout);
    let reject: Value = serde_json::from_str(&std::fs::read_to_string(&rejects).unwrap()).unwrap();
    assert_eq!(keys(&reject), ["file", "record", "offset", "field", "reason", "raw"]);
    assert_eq!((&reject["record"], &reject["raw"], &reject["file"]), (&json!(51), &json!("ew=="), &json!(feed)));
    assert_eq!(dir.names(), ["feed.jsonl", "out.jsonl", "rejects.jsonl"], "nothing partial is left");
    run(&["score", &feed, "-o", &dir.path("table.csv")]).ok();
    assert!(std::fs::read_to_string(dir.path("table.csv")).unwrap().starts_with("id,probability"));
    let inside = dir.path("made/for/it/");
    run(&["score", &feed, "-o", &inside]).ok();
    assert_eq!(std::fs::read_to_string(dir.path("made/for/it/verdicts.jsonl")).unwrap(), to_stdout);
    run(&["score", &feed, "-o", &dir.path("made")]).fails(&["is a directory"]);
    run(&["score", &feed, "-o", &dir.path("no/where.jsonl")])
        .fails(&["no/where.jsonl: cannot be written: there is no directory ", "make it first"]);
    run(&["score", &feed, "-o", &out, "--rejects", &out]).fails(&["the same file"]);
    run(&["score", &feed, "--rejects", "-"]).fails(&["--rejects needs a file"]);
    #[cfg(unix)]
    run(&["score", &feed, "-o", "/dev/null"]).ok();
}

#[test]
fn no_output_takes_the_place_of_a_file_that_is_read_or_of_another_output() {
    let dir = Dir::new();
    let text = lines(&hard_postings(3));
    let feed = dir.file("f.jsonl", &text);
    let dotted = dir.path("./f.jsonl");
    let both = ["the input", "f.jsonl", "same file", "another name"];
    run(&["score", &feed, "-o", &feed]).fails(&both);
    run(&["score", &feed, "-o", &dotted]).fails(&both);
    run(&["score", &feed, "--rejects", &dotted]).fails(&both);
    run(&["campaigns", &feed, "-o", &dotted]).fails(&both);
    run(&["campaigns", &feed, "--rejects", &dotted]).fails(&both);
    run(&["explain", &feed, "-o", &dotted]).fails(&both);
    run(&["eval", &feed, "--report", &dotted]).fails(&both);
    run(&["eval", &feed, "--nested", "--scores", &dotted]).fails(&both);
    run(&["dataset", "import", &feed, "-o", &dotted]).fails(&both);
    let (out, other) = (dir.path("o.jsonl"), dir.path("./o.jsonl"));
    run(&["score", &feed, "-o", &out, "--rejects", &other]).fails(&["--output", "--rejects", "same file"]);
    run(&["campaigns", &feed, "-o", &out, "--rejects", &other]).fails(&["--output", "--rejects", "same file"]);
    let key = dir.file("key", "0123456789abcdef0123456789abcdef");
    run(&["score", &feed, "-o", &key, "--redact", "--redact-key", &key]).fails(&["--redact-key", "same file"]);
    #[cfg(unix)]
    {
        std::fs::hard_link(&feed, dir.path("hard.jsonl")).unwrap();
        std::os::unix::fs::symlink(&feed, dir.path("link.jsonl")).unwrap();
        for name in ["hard.jsonl", "link.jsonl"] {
            run(&["score", &feed, "-o", &dir.path(name)]).fails(&both);
            run(&["score", &dir.path(name), "-o", &feed]).fails(&["the input", name, "same file"]);
        }
        ["hard.jsonl", "link.jsonl"].iter().for_each(|name| std::fs::remove_file(dir.path(name)).unwrap());
        run(&["score", &feed, "-o", "/dev/null", "--rejects", "/dev/null"]).ok();
    }
    assert_eq!(std::fs::read_to_string(&feed).unwrap(), text);
    assert_eq!(dir.names(), ["f.jsonl", "key"], "nothing was written");
}

#[test]
fn a_feed_in_the_directory_that_is_written_to_stays() {
    let dir = Dir::new();
    let text = lines(&hard_postings(3));
    for (name, args) in [
        ("verdicts.jsonl", &["score"][..]),
        ("part-00001.jsonl", &["score", "--part-size", "2"]),
        ("campaigns.jsonl", &["campaigns"]),
        ("train.jsonl", &["dataset", "split"]),
    ] {
        let inside = dir.path("in/");
        std::fs::create_dir_all(&inside).unwrap();
        let feed = dir.path(&format!("in/{name}"));
        std::fs::write(&feed, &text).unwrap();
        let input = if args[0] == "dataset" { &feed } else { &inside };
        run(&[args, &[input, "-o", &inside]].concat()).fails(&[name, "another"]);
        assert_eq!(std::fs::read_to_string(&feed).unwrap(), text, "{name}");
        std::fs::remove_dir_all(&inside).unwrap();
    }
}

#[test]
fn a_name_that_says_another_format_is_refused() {
    let dir = Dir::new();
    let feed = dir.file("f.jsonl", lines(&hard_postings(3)));
    for ending in ["gz", "zst", "xz", "bz2"] {
        let name = format!("o.jsonl.{ending}");
        let out = dir.path(&name);
        for args in [["score", &feed, "-o"], ["score", &feed, "--rejects"], ["campaigns", &feed, "-o"]] {
            run(&[&args[..], &[&out]].concat()).fails(&[&name, "nothing is written compressed", "stdout"]);
        }
    }
    for name in ["o.tsv", "o.json", "o.xlsx"] {
        let out = dir.path(name);
        run(&["score", &feed, "-o", &out]).fails(&[name, ".jsonl, .csv or .parquet", "--format"]);
        run(&["score", &feed, "--rejects", &out]).fails(&[name, "JSON lines"]);
        run(&["campaigns", &feed, "-o", &out]).fails(&[name, "JSON lines", "--stix"]);
        run(&["dataset", "import", &feed, "-o", &out]).fails(&[name, "JSON lines"]);
        run(&["labels", "export", &dir.path("labels.db"), "-o", &out]).fails(&[name, "JSON lines"]);
        run(&["eval", &feed, "--nested", "--scores", &out]).fails(&[name, "JSON lines"]);
    }
    let table = dir.path("o.parquet");
    run(&["score", &feed, "--pass-through", "-o", &table]).fails(&["--format jsonl"]);
    assert_eq!(dir.names(), ["f.jsonl"]);
    run(&["score", &feed, "--format", "jsonl", "-o", &dir.path("o.json")]).ok();
    run(&["campaigns", &feed, "--stix", "-o", &dir.path("c.json")]).ok();
}

#[test]
fn what_fails_in_the_middle_leaves_the_old_output() {
    let dir = Dir::new();
    let good = dir.file("good.jsonl", lines(&hard_postings(3)));
    let bad = dir.file("bad.csv", "a,b\n1,2\n");
    let out = dir.file("out.jsonl", "old");
    let run = run(&["score", &good, &bad, "--output", &out]);
    run.fails(&["bad.csv: line 1: no column"]);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "old");
    assert_eq!(std::fs::read_to_string(dir.path("out.jsonl.partial")).unwrap().lines().count(), 3);
}

#[test]
fn exit_codes() {
    let lure = json!({"text": LURE}).to_string();
    let plain = json!({"text": PLAIN}).to_string();
    let small = small();
    let code = |input: &str, more: &[&str]| {
        let args: Vec<&str> = ["score"].iter().chain(&small).chain(more).copied().collect();
        with_stdin(&args, input).code
    };
    assert_eq!(code(&lure, &[]), 0);
    assert_eq!(code(&lure, &["--fail-on", "block"]), 1);
    assert_eq!(code(&lure, &["--fail-on", "review"]), 1, "block is more than review");
    assert_eq!(code(&plain, &["--fail-on", "review"]), 0);
    assert_eq!(code("{x\n", &[]), 0, "rejects alone are no failure");
    assert_eq!(code("{x\n", &["--strict"]), 1);
    assert_eq!(code(&plain, &["--strict"]), 0);
    assert_eq!(code(&plain, &["--fail-on", "abstain"]), 0);
    assert_eq!(code(&lure, &["--threads", "0"]), 0);
    assert_eq!(code(&lure, &["--threads", "1025"]), 2);
    assert_eq!(code(&lure, &["--prior", "1.5"]), 2);
    assert_eq!(code(&lure, &["--no-such-option"]), 2);
    assert_eq!(code(&lure, &["--review-at", "0.9", "--block-at", "0.5"]), 2);
}

#[test]
fn thresholds_and_prior() {
    let small = small();
    let verdict = |more: &[&str]| {
        let args: Vec<&str> = ["score", "--text", LURE].iter().chain(&small).chain(more).copied().collect();
        run(&args).ok().json().remove(0)
    };
    let usual = verdict(&[]);
    let p = usual["probability"].as_f64().unwrap();
    assert_eq!(usual["action"], "block");
    let above = format!("{}", (p + 1.0) / 2.0);
    assert_eq!(verdict(&["--block-at", &above])["action"], "review");
    assert_eq!(verdict(&["--block-at", &above, "--review-at", &above])["action"], "clear");
    let rare = verdict(&["--prior", "0.00001"]);
    let shift = (0.00001f64 / 0.99999).ln() - (0.05f64 / 0.95).ln();
    let difference = rare["logit"].as_f64().unwrap() - usual["logit"].as_f64().unwrap();
    assert!((difference - shift).abs() < 1e-9);
    assert_eq!(rare["action"], "review", "block looks at the shifted logit, review does not");
}

#[test]
fn quiet_means_quiet() {
    let input = format!("{}\n{}\n{{\n", json!({"id": 1, "text": LURE}), json!({"id": 1, "text": LURE}));
    let loud = score(input.clone()).ok();
    assert!(
        loud.err.contains("summary says how many") && loud.err.contains("1 record with an id that occurred before"),
        "{}",
        loud.err
    );
    assert_eq!(loud.counts(), (3, 2, 1));
    let quiet = with_stdin(&["score", "--quiet"], input).ok();
    assert_eq!(quiet.err, "");
    assert_eq!(quiet.out, loud.out);
    run(&["score", "--quiet", "missing.jsonl"]).fails(&["missing.jsonl"]);
}

#[test]
fn rejects_are_shown_up_to_a_few() {
    let run = with_stdin(&["score"], "{x\n".repeat(10) + &json!({"text": PLAIN}).to_string());
    assert_eq!(run.counts(), (11, 1, 10));
    assert_eq!(run.err.matches("warning: stdin: record ").count(), 3, "{}", run.err);
    assert!(run.err.contains("7 rejects more; --rejects FILE keeps them all"), "{}", run.err);
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let colour = |more: &[&str]| {
        let args: Vec<&str> = ["score", "--format", "table", "--text", LURE].iter().chain(more).copied().collect();
        run(&args).ok().out.contains('\u{1b}')
    };
    assert!(!colour(&[]) && !colour(&["--color", "never"]) && colour(&["--color", "always"]));
}

#[test]
fn records_pass_through_with_their_verdicts() {
    let original = format!("{{\"id\": 1.50, \"text\":\"{LURE}\", \"deep\": {{\"n\": [1e3]}}}}");
    let lines = format!("{original}\n{}\n", json!({"text": PLAIN, "lurescan": {"old": true}, "z": 1}));
    let run = with_stdin(&["score", "--pass-through", "--fields", "action,id"], lines.clone()).ok();
    let usual = score(lines.clone()).ok().json();
    let action = usual[0]["action"].as_str().expect("an action");
    let open = &original[..original.len() - 1];
    let expected = format!("{open},\"lurescan\":{{\"action\":\"{action}\",\"id\":\"1.50\"}}}}");
    assert_eq!(run.out.lines().next(), Some(expected.as_str()));
    let second = &run.json()[1];
    assert_eq!(keys(second), ["text", "z", "lurescan"]);
    assert_eq!(second["lurescan"], json!({"action": usual[1]["action"], "id": "-#2"}));
    let whole = with_stdin(&["score", "--pass-through"], lines.clone()).ok();
    assert_eq!(whole.json()[0]["lurescan"], usual[0], "the verdict is the usual one");
    let table = with_stdin(&["score", "--pass-through"], format!("id,title,more\na1,\"{LURE}\",x\n")).ok();
    assert_eq!(keys(&table.json()[0]), ["id", "title", "extra", "lurescan"]);
    assert_eq!(table.json()[0]["extra"], json!({"more": "x"}));
    with_stdin(&["score", "--pass-through", "--format", "csv"], lines.clone()).fails(&["--format jsonl"]);
    with_stdin(&["score", "--pass-through", "--extra"], lines).fails(&["--extra"]);
}

#[test]
fn what_would_be_ignored_or_doubled_is_refused_at_the_start() {
    let dir = Dir::new();
    let feed = dir.file("f.jsonl", json!({"text": PLAIN}).to_string());
    run(&["score", &feed, "--checkpoint-every", "5"]).fails(&["--checkpoint <FILE>"]);
    for format in ["jsonl", "csv"] {
        let out = dir.path("o");
        run(&["score", &feed, "--format", format, "-o", &out, "--fields", "id,action,id"])
            .fails(&["--fields names id more than once"]);
    }
    assert_eq!(dir.names(), ["f.jsonl"]);
}

#[test]
fn every_record_passes_through_as_one_line_whatever_it_names_lurescan() {
    let verdict = |run: crate::util::Run, count: usize| {
        let values = run.ok().json();
        assert_eq!(values.len(), count);
        assert!(values.iter().all(|value| value["lurescan"]["action"].is_string()), "{values:?}");
        values
    };
    let records = [
        format!("{{\"id\": 1.50, \"company\":\"lurescan\",\"text\":\"{PLAIN}\"}}"),
        format!("{{\"meta\":{{\"lurescan\": 1.0}},\"text\":\"{PLAIN}\"}}"),
        format!("{{\"text\":\"{PLAIN}\",\"tags\":[\"lurescan\"],\"lurescan\":1}}"),
        format!("{{\"company\":\"lurescan\",\"text\":\"{PLAIN} \\ud83d\"}}"),
    ];
    let values = verdict(with_stdin(&["score", "--pass-through"], records.join("\n")), 4);
    assert_eq!((&values[0]["company"], &values[1]["meta"]), (&json!("lurescan"), &json!({"lurescan": 1.0})));
    assert_eq!(keys(&values[2]), ["text", "tags", "lurescan"]);
    let run = with_stdin(&["score", "--pass-through"], records[0].as_str());
    assert!(run.out.starts_with(records[0].strip_suffix('}').unwrap()), "its bytes stay: {}", run.out);
    let spread = serde_json::to_string_pretty(&json!([{"text": PLAIN}, {"text": PLAIN, "lurescan": 1}])).unwrap();
    verdict(with_stdin(&["score", "--pass-through"], spread), 2);
    let table = format!("id,lurescan,description\n1,x,\"{PLAIN}\"\n2,,\"{PLAIN}\"\n");
    let values = verdict(with_stdin(&["score", "--pass-through"], table), 2);
    assert_eq!(values[0]["extra"]["lurescan"], "x");
    let xml =
        format!("<jobs><job><title>Cook</title><lurescan>x</lurescan><description>{PLAIN}</description></job></jobs>");
    let values = verdict(with_stdin(&["score", "--pass-through"], xml), 1);
    assert_eq!(values[0]["extra"]["lurescan"], "x");
}

#[test]
fn parts_in_a_directory() {
    let dir = Dir::new();
    let feed = dir.file("feed.jsonl", lines(&hard_postings(25)));
    let whole = run(&["score", &feed]).ok().out;
    let out = dir.path("parts/");
    run(&["score", &feed, "-o", &out, "--part-size", "4"]).ok();
    run(&["score", &feed, "-o", &out, "--part-size", "10"]).ok();
    let part = |n: usize| std::fs::read_to_string(dir.path(&format!("parts/part-0000{n}.jsonl")));
    let parts: Vec<String> = (0..3).map(|n| part(n).expect("a part")).collect();
    assert_eq!(parts.iter().map(|text| text.lines().count()).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(parts.concat(), whole);
    assert!(part(3).is_err(), "parts of the run before are gone");
    run(&["score", &feed, "-o", &dir.path("x"), "--part-size", "4"]).fails(&["needs a directory"]);
    run(&["score", &feed, "-o", &out, "--part-size", "0"]).fails(&["at least 1 record"]);
}
