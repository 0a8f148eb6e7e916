//! `--redact`: nothing that identifies a person leaves, in any byte of any output; and logs hold no text of postings.

use serde_json::json;

use crate::util::{Dir, Run, run, with_stdin};

const PHONES: [(&str, &str); 3] =
    [("+00 (000) 555-0100", "0000005550100"), ("0000 555 0111", "00005550111"), ("85500000199", "85500000199")];
const OTHERS: [&str; 6] = [
    "apply.demo@mail.example.com",
    "jobs_demo0",
    "desk.demo",
    "0x00000000000000000000000000000000deadbeef",
    "groupdemo77",
    "secretform",
];

fn lines() -> String {
    let texts = [
        "Typists wanted, free flight, free room. WhatsApp +00 (000) 555-0100, Telegram @jobs_demo0",
        "Call 0000 555 0111 or write to apply.demo@mail.example.com, USDT 0x00000000000000000000000000000000deadbeef",
        "<p>Free visa, <a href=\"https://t.me/jobs_demo0\">apply</a> or <a href=\"tel:85500000199\">call</a></p> t.me/groupdemo77",
        "招聘打字员，包机票，包食宿，加飞机号 @jobs_demo0 电话 85500000199 https://forms.example.org/secretform?x=1",
    ];
    let mut lines = String::new();
    for (i, text) in texts.iter().enumerate() {
        let posting = json!({"id": i, "title": format!("Data entry {}", PHONES[i % 3].0), "description": text,
            "contact": "apply.demo@mail.example.com, LINE ID: desk.demo",
            "extra_phone": 85500000199u64, "note": {"more": [text, "apply.demo@mail.example.com"]}});
        lines.push_str(&format!("{posting}\n"));
    }
    lines.push_str("{\"text\":\"call +00 (000) 555-0100\n");
    lines.push_str("{\"text\":\"Typists\",\"label\":\"apply.demo@mail.example.com\"}\n");
    lines.push_str("{\"text\":\"Typists\",\"label\":85500000199}\n\"jobs_demo0\"\n");
    lines
}

#[track_caller]
fn holds_nothing(text: &str) {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    for (written, run) in PHONES {
        assert!(!text.contains(written) && !digits.contains(run), "{run}: {text}");
    }
    for other in OTHERS {
        assert!(!text.contains(other), "{other}: {text}");
    }
}

#[test]
fn nothing_of_a_person_leaves() {
    let dir = Dir::new();
    let key = dir.file("key", "0123456789abcdef\n");
    let feed = dir.file("feed.jsonl", lines());
    let rejects = dir.path("rejects");
    let redacted = |more: &[&str]| -> Run {
        let args = [&["score", &feed, "--redact", "--redact-key", &key, "--rejects", &rejects], more].concat();
        run(&args).ok()
    };
    for more in [
        &["--explain", "--extra"][..],
        &["--pass-through", "--explain"],
        &["--format", "csv"],
        &["--format", "table"],
        &["--fields", "id,signals,terms,extra"],
    ] {
        let run = redacted(more);
        assert_eq!(run.counts(), (8, 6, 2), "{more:?}");
        holds_nothing(&run.out);
        holds_nothing(&run.err);
        let rejects = std::fs::read_to_string(&rejects).expect("rejects");
        assert_eq!(rejects.lines().count(), 2);
        assert!(rejects.lines().all(|line| line.contains("\"raw\":\"\"") && line.contains("\"raw_truncated\":true")));
        holds_nothing(&rejects);
    }
    let told = run(&["score", &feed, "--redact", "--redact-key", &key]).ok();
    holds_nothing(&told.err);
    assert!(!told.err.contains("redact-key"), "{}", told.err);
}

#[test]
fn campaigns_can_be_joined_by_the_same_key() {
    let dir = Dir::new();
    let (key, other) = (dir.file("key", "0123456789abcdef"), dir.file("other", "fedcba9876543210"));
    let text = |contact: &str| {
        json!({"id": 1, "text": format!("Typists wanted, free flight. Telegram: {contact}")}).to_string()
    };
    let token = |contact: &str, key: &str| {
        let args = ["score", "--redact", "--redact-key", key, "--pass-through"];
        let out = with_stdin(&args, text(contact)).ok().out;
        let start = out.find("[telegram:").unwrap_or_else(|| panic!("no token: {out}"));
        out[start..start + "[telegram:".len() + 17].to_owned()
    };
    assert_eq!(token("@jobs_demo0", &key), token("https://t.me/Jobs_Demo0", &key));
    assert_ne!(token("@jobs_demo0", &key), token("@jobs_demo0", &other));
    assert_ne!(token("@jobs_demo0", &key), token("@jobs_demo1", &key));
    let random = with_stdin(&["score", "--redact"], text("@jobs_demo0")).ok();
    assert!(random.err.contains("the key is random"), "{}", random.err);
    let short = dir.file("short", "0123");
    with_stdin(&["score", "--redact", "--redact-key", &short], "").fails(&["the key has 4 bytes; it needs 16"]);
    with_stdin(&["score", "--redact-key", &key], "").fails(&["--redact"]);
    let feed = dir.file("feed.jsonl", text("@jobs_demo0"));
    let (out, checkpoint) = (dir.path("out"), dir.path("run.checkpoint"));
    run(&["score", &feed, "--redact", "-o", &out, "--checkpoint", &checkpoint]).fails(&["needs --redact-key"]);
}

#[test]
fn an_explanation_can_be_masked() {
    let dir = Dir::new();
    let key = dir.file("key", "0123456789abcdef");
    let feed = dir.file("feed.jsonl", lines());
    for id in ["0", "1", "2", "3"] {
        for more in [&[][..], &["--json"]] {
            let run = run(&[&["explain", &feed, "--id", id, "--redact", "--redact-key", &key], more].concat()).ok();
            holds_nothing(&run.out.replace('\n', ""));
            assert!(run.out.contains("[email:"), "{}", run.out);
        }
    }
}

#[test]
fn logs_hold_no_text_of_postings() {
    let dir = Dir::new();
    let feed = dir.file("feed.jsonl", lines());
    let scored = with_stdin(&["score"], lines()).ok();
    let imported = run(&["labels", "import", &dir.path("labels.db"), &feed, "--as", "ana"]);
    assert!(imported.err.contains("record 6") && imported.err.contains("the label is"), "{imported:?}");
    for told in [scored.err, imported.err] {
        holds_nothing(&told);
        assert!(told.contains("record 5"), "the reason is told: {told}");
    }
}

#[test]
fn names_of_columns_are_told_without_what_identifies_a_person() {
    let dir = Dir::new();
    let call = format!("Call Maria on {} today", PHONES[0].0);
    for more in [&[][..], &["--redact"]] {
        let table = dir.file("a.csv", format!("Typist wanted,{call}\nCook wanted,Call Ana\n"));
        let refused = run(&[&["score", table.as_str()], more].concat());
        holds_nothing(&refused.err);
        refused.fails(&["line 1: no column of the header", "2 cells are not shown", "description"]);
        let long = dir.file("b.csv", "a,Typists wanted for our office in the old town\nb,c\n");
        run(&[&["score", long.as_str()], more].concat()).fails(&["2 cells are not shown"]);
        let record = json!({format!("zzz {}", PHONES[0].0): 1, "y".repeat(90): 2}).to_string();
        let rejects = dir.path("rejects");
        let told = with_stdin(&[&["score"], more].concat(), record.as_str()).ok().err;
        with_stdin(&[&["score", "--rejects", &rejects], more].concat(), record).ok();
        let reject = std::fs::read_to_string(&rejects).expect("rejects");
        let reject: serde_json::Value = serde_json::from_str(reject.trim_end()).expect("a reject");
        for text in [told.as_str(), reject["reason"].as_str().expect("a reason")] {
            holds_nothing(text);
            assert!(text.contains("zzz [phone]") && !text.contains(&"y".repeat(41)), "{text}");
        }
    }
}
