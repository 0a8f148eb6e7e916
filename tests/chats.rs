//! Exports of chats, a message a posting; directories and patterns in the place of files.

use crate::util::{Dir, Run, run, with_stdin};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/samples/chats");

fn sample(name: &str) -> String {
    format!("{SAMPLES}/{name}")
}

fn action(run: &Run, id: &str) -> String {
    let verdict = run.json().into_iter().find(|v| v["id"] == id).unwrap_or_else(|| panic!("{id}: {run:?}"));
    verdict["action"].as_str().unwrap().to_owned()
}

#[test]
fn a_channel_of_telegram() {
    let run = run(&["score", "--extra", &sample("telegram-result.json")]).ok();
    assert_eq!(run.ids(), [3, 4, 5, 7].map(|id| format!("Example Jobs Abroad/{id}")));
    assert!(run.err.contains("1 service message and 2 messages without text passed over"), "{}", run.err);
    assert_ne!(action(&run, "Example Jobs Abroad/3"), "clear");
    assert_eq!(action(&run, "Example Jobs Abroad/5"), "clear");
    assert_eq!(run.json()[1]["extra"]["forwarded_from"], "Example HR");
}

#[test]
fn groups_of_whatsapp() {
    let ios = run(&["score", &sample("WhatsApp Chat with Lowongan Example.txt")]).ok();
    assert_eq!(ios.ids(), [1, 2, 3].map(|n| format!("Lowongan Example/{n}")));
    assert!(ios.err.contains("2 service messages and 1 message without text passed over"), "{}", ios.err);
    assert_ne!(action(&ios, "Lowongan Example/1"), "clear");
    assert_eq!(action(&ios, "Lowongan Example/2"), "clear");
    let android = run(&["score", "--extra", &sample("WhatsApp Chat with Vagas Example.txt")]).ok();
    assert_eq!(android.ids(), [1, 2, 3].map(|n| format!("Vagas Example/{n}")));
    assert!(android.err.contains("2 service messages and 2 messages without text passed over"), "{}", android.err);
    assert_ne!(action(&android, "Vagas Example/1"), "clear");
    assert_eq!(android.json()[0]["extra"]["from"], "Ana Example");
}

#[test]
fn the_format_may_be_given_and_is_told_on_stdin() {
    let text = "12.05.26, 09:15 - Typists wanted, flight paid\n";
    let asked = with_stdin(&["score", "--input-format", "whatsapp"], text).ok();
    assert_eq!(asked.counts(), (0, 0, 0));
    assert!(asked.err.contains("1 service message"), "{}", asked.err);
    assert_eq!(with_stdin(&["score"], text).ok().ids(), ["-#1"], "one line with a date is a posting");
    let message = "12.05.26, 09:15 - Anna: Typists wanted, flight paid\n";
    assert_eq!(with_stdin(&["score"], message).ok().ids(), ["-/1"]);
    let export = r#"{"messages":[{"id":5,"text":"Typists wanted, flight paid"}]}"#;
    assert_eq!(with_stdin(&["score", "--input-format", "telegram"], export).ok().ids(), ["-/5"]);
}

#[test]
fn a_directory_is_walked_in_order() {
    let dir = Dir::new();
    std::fs::create_dir_all(dir.path("b/.hidden")).unwrap();
    let line = |id: &str| format!("{{\"id\":\"{id}\",\"text\":\"Typists wanted, flight paid\"}}\n");
    dir.file("c.jsonl", line("3"));
    dir.file("b/z.ndjson", line("2"));
    dir.file("b/a", line("1"));
    dir.file("b/.hidden/x.jsonl", line("hidden"));
    dir.file(".y.jsonl", line("hidden"));
    dir.file("notes.md", "About these feeds");
    dir.file("d.csv", "PK\x03\x04");
    let walked = run(&["score", &dir.path("")]).ok();
    assert_eq!(walked.ids(), ["1", "2", "3"]);
    assert!(walked.err.contains("1 file skipped, of no known format") && walked.err.contains("notes.md"));
    assert!(walked.err.contains("d.csv: record 1: ") && !walked.err.contains(".y.jsonl"), "{}", walked.err);
    assert_eq!(run(&["score", "--quiet", &dir.path("")]).ok().err, "");
    assert_eq!(run(&["score", &dir.path("notes.md")]).ok().ids(), ["notes.md#1"], "a file that is named is read");

    let matched = run(&["score", &dir.path("**/*.*json*")]).ok();
    assert_eq!(matched.ids(), ["2", "3"]);
    run(&["score", &dir.path("*.parquet")]).fails(&["*.parquet: no file has a name like that"]);
    std::fs::create_dir(dir.path("empty")).unwrap();
    run(&["score", &dir.path("empty")]).fails(&["the directory holds no feed"]);
}

#[test]
fn the_samples_are_scored_by_their_directory() {
    let run = run(&["score", SAMPLES]).ok();
    assert_eq!(run.counts(), (10, 10, 0));
    assert!(run.err.contains("README.md"), "{}", run.err);
}
