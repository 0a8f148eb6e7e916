//! The review queue, driven in a pseudo-terminal.

use serde_json::json;

use crate::terminal::Terminal;
use crate::util::{Dir, lines, run, small};

/// Postings that differ, the likeliest scam first.
fn feed(dir: &Dir, count: usize) -> String {
    let words = ["river", "mountain", "harbour", "meadow", "forest", "island", "valley", "desert"];
    let postings: Vec<_> = (0..count)
        .map(|i| {
            let (a, b) = (words[i % 8], words[i / 8 % 8]);
            let text = match i {
                0 => format!("Typists, free flight and free room, no experience, Telegram @demo_hr{i} {a}"),
                1 => format!("Typists, free flight, no experience. {b} {a} {i}"),
                _ => format!("An office by the {a} and the {b} is looking for number {i}, mornings, with a pension"),
            };
            json!({"id": format!("p{i}"), "title": format!("Job {i}"), "text": text})
        })
        .collect();
    dir.file("feed.jsonl", lines(&postings))
}

fn review(feed: &str, store: &str, moderator: &str, more: &[&str]) -> Terminal {
    let args = [&["review", feed, "--store", store, "--as", moderator][..], more, &small()[..]].concat();
    Terminal::start(&args, 80, 24)
}

/// Ids and labels of what stands in a store, in the order of the decisions.
fn exported(store: &str) -> Vec<(String, u64)> {
    let run = run(&["labels", "export", store]).ok();
    run.json().iter().map(|r| (r["id"].as_str().unwrap().to_owned(), r["label"].as_u64().unwrap())).collect()
}

fn id_of(screen: &str) -> String {
    let line = screen.lines().find(|line| line.starts_with(" id ")).unwrap_or_else(|| panic!("no id:\n{screen}"));
    line.trim().trim_start_matches("id ").to_owned()
}

#[test]
fn three_are_decided_one_is_undone_and_the_next_session_goes_on() {
    let dir = Dir::new();
    let (feed, store) = (feed(&dir, 8), dir.path("labels.db"));
    let mut terminal = review(&feed, &store, "ana", &[]);
    let first = terminal.wait_for(" 1 of 8, by probability");
    assert_eq!(id_of(&first), "p0");
    assert!(first.contains("[free flight](") && first.contains("Telegram demo_hr0"), "{first}");
    terminal.press("s");
    terminal.wait_for("1 compound lure");
    terminal.press("1");
    let second = terminal.wait_for("saved: scam, compound_lure: p0");
    assert_eq!(id_of(&second), "p1");
    terminal.press("s2");
    let third = terminal.wait_for("saved: scam, advance_fee: p1");
    let id = id_of(&third);
    terminal.press("h\r");
    terminal.wait_for(&format!("saved: honest: {id}"));
    terminal.press("z");
    let undone = terminal.wait_for("undone: 1 decision revoked");
    assert_eq!(id_of(&undone), id);
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    assert_eq!(exported(&store), [("p0".to_owned(), 1), ("p1".to_owned(), 1)]);

    let mut again = review(&feed, &store, "ana", &[]);
    let screen = again.wait_for("0 decided, 6 left");
    assert_eq!(id_of(&screen), id);
    // Control-C ends it like q.
    again.press("\u{3}");
    assert_eq!(again.code(), 0);
}

#[test]
fn the_window_is_resized_while_it_is_open() {
    let dir = Dir::new();
    let (feed, store) = (feed(&dir, 3), dir.path("labels.db"));
    let mut terminal = review(&feed, &store, "ana", &[]);
    terminal.wait_for(" 1 of 3");
    terminal.resize(120, 40);
    terminal.wait("signals beside the text", |s| s.contains("│") && s.lines().any(|l| l.chars().count() > 110));
    terminal.resize(30, 8);
    terminal.wait_for("too small");
    terminal.resize(80, 24);
    terminal.wait_for(" id p0");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
}

#[cfg(unix)]
#[test]
fn nothing_that_was_acknowledged_is_lost_in_a_kill() {
    let dir = Dir::new();
    let (feed, store) = (feed(&dir, 60), dir.path("labels.db"));
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..4 {
        let mut terminal = review(&feed, &store, "ana", &[]);
        terminal.wait_for("0 decided");
        for n in 0..5 {
            let id = id_of(&terminal.screen());
            terminal.press("s1");
            terminal.wait_for(&format!("saved: scam, compound_lure: {id}"));
            acknowledged.push(id);
            if n == 4 {
                // Struck somewhere in the middle of decisions that nobody saw acknowledged.
                terminal.press(&"h1".repeat(round));
                terminal.kill();
            }
        }
    }
    let found = exported(&store);
    for id in &acknowledged {
        assert!(found.contains(&(id.clone(), 1)), "{id} is lost: {found:?}");
    }
    assert_eq!(acknowledged.len(), 20);
    assert!(found.len() <= 20 + 6);
}

#[test]
fn two_moderators_on_one_store_lose_no_decision() {
    let dir = Dir::new();
    let (feed, store) = (feed(&dir, 24), dir.path("labels.db"));
    let mut seats = ["ana", "ben"].map(|name| review(&feed, &store, name, &[]));
    seats.iter().for_each(|seat| drop(seat.wait_for("0 decided")));
    let mut decided = 0;
    let mut at_end = [false; 2];
    while at_end != [true, true] {
        for (seat, end) in seats.iter_mut().zip(&mut at_end) {
            let before = seat.screen();
            if before.contains(" end of 24") {
                *end = true;
                continue;
            }
            // The queue passes over what the other has decided, so it may have gone on, or come to its end, since it was read.
            let saved =
                |screen: &str| screen.lines().map(str::trim).find(|l| l.starts_with("saved: ")).map(String::from);
            let last = saved(&before);
            let new = |screen: &str| saved(screen).is_some() && saved(screen) != last;
            seat.press("h1");
            let after = seat.wait("a decision or the end", |screen| new(screen) || screen.contains(" end of 24"));
            // The end is told at the top of the screen, what was saved at its foot, which may be drawn a moment later.
            if !new(&after) {
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            decided += usize::from(new(&seat.screen()));
        }
    }
    // Both were looking at one posting now and then; each of their decisions is there.
    let text = run(&["labels", "agreement", &store, "--json"]).ok().out;
    let both: serde_json::Value = serde_json::from_str(&text).unwrap();
    let shared = both["agreement"][0]["texts"].as_u64().unwrap_or(0) as usize;
    assert_eq!(exported(&store).len(), 24);
    assert_eq!(decided, 24 + shared);
    for mut seat in seats {
        seat.press("q");
        assert_eq!(seat.code(), 0);
    }
}

#[test]
fn a_random_sample_is_decided_and_reported() {
    let dir = Dir::new();
    let (feed, store) = (feed(&dir, 30), dir.path("labels.db"));
    let more = ["--order", "random", "--sample", "10", "--seed", "3"];
    let mut terminal = review(&feed, &store, "ana", &more);
    terminal.wait_for(" 1 of 10, random sample");
    for n in 1..=10 {
        let id = id_of(&terminal.screen());
        terminal.press(if ["p0", "p1"].contains(&id.as_str()) { "s1" } else { "h1" });
        terminal.wait_for(&format!("{n} decided, {} left", 10 - n));
    }
    terminal.wait_for("All 10 texts are decided.");
    terminal.press("q");
    assert_eq!(terminal.code(), 0);
    let report = run(&["review", "--report", "--store", &store]).ok().out;
    assert_eq!(report, run(&["labels", "report", &store]).ok().out);
    assert!(report.contains("10 decisions: 10 by random"), "{report}");
    assert!(report.contains("precision of review and block") && report.contains("Taken for granted"), "{report}");
    // The same feed, size and seed are the same sample.
    let mut again = review(&feed, &store, "ana", &more);
    again.wait_for("All 10 texts are decided.");
    again.press("q");
    assert_eq!(again.code(), 0);
}

#[test]
fn what_a_queue_cannot_be_made_of() {
    let dir = Dir::new();
    let (feed, store) = (feed(&dir, 3), dir.path("labels.db"));
    run(&["review", &feed, "--store", &store, "--as", "ana"]).fails(&["needs a terminal", "labels import"]);
    run(&["review", "-", "--store", &store]).fails(&["stdin is where the keys come from"]);
    run(&["review", &dir.path("no.jsonl")]).fails(&["no.jsonl: cannot be opened"]);
    run(&["review", "--report", "--store", &store]).fails(&["no such label store"]);
    let mut refused = review(&feed, &feed, "ana", &[]);
    refused.wait_for("is no label store");
    assert_eq!(refused.code(), 2);
    let mut empty = review(&dir.file("empty.jsonl", "{\"id\": 1}\n"), &store, "ana", &[]);
    empty.wait_for("no posting to review");
    assert_eq!(empty.code(), 2);
}
