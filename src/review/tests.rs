use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::decision::{Chosen, Decision, Label, Reason, Sampling, Scored};
use super::labels::training_set;
use super::record;
use super::report::reports;
use super::sample::Frame;
use super::schema::STEPS;
use super::store::{MAX_NOTE, Store, Subject};
use crate::posting::Posting;
use crate::verdict::Action;

fn store() -> (TempDir, Store) {
    let dir = TempDir::new().unwrap();
    let store = Store::open(&dir.path().join("labels.db")).unwrap();
    (dir, store)
}

#[test]
fn many_open_a_new_store_at_once() {
    for _ in 0..20 {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("labels.db");
        let together = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            let openers = [(); 8].map(|()| {
                scope.spawn(|| {
                    together.wait();
                    Store::open(&path).map(drop).map_err(|e| e.to_string())
                })
            });
            openers.into_iter().for_each(|opener| assert_eq!(opener.join().unwrap(), Ok(())));
        });
    }
}

fn decision(label: Label, chosen: Chosen) -> Decision {
    let scored = Scored { model: "m-1".into(), probability: Some(0.75), action: Action::Review, language: "en".into() };
    Decision { label, reason: Reason::of(label).first().copied(), note: String::new(), scored, chosen }
}

fn add(store: &mut Store, who: &str, text: &str, label: Label) -> i64 {
    add_chosen(store, who, text, label, Chosen::by(Sampling::Queue))
}

fn add_chosen(store: &mut Store, who: &str, text: &str, label: Label, chosen: Chosen) -> i64 {
    let posting = Posting::from_text(format!("id of {text}"), text);
    let (hash, json) = (record::text_hash(&posting), record::to_json(&posting));
    let subject = Subject { text_hash: &hash, id: &posting.id, record: &json };
    store.add(who, &[(subject, decision(label, chosen))]).unwrap()
}

fn hash(text: &str) -> String {
    record::text_hash(&Posting::from_text("", text))
}

#[test]
fn a_change_of_mind_is_a_later_row_and_an_undo_brings_the_earlier_back() {
    let (_dir, mut store) = store();
    add(&mut store, "ana", "typist", Label::Honest);
    let second = add(&mut store, "ana", "typist", Label::Scam);
    let labels = |store: &Store| store.standing().unwrap().iter().map(|d| d.label).collect::<Vec<_>>();
    assert_eq!(labels(&store), [Label::Scam]);
    assert_eq!(store.revoke("ben", second).unwrap(), 0, "nobody undoes for another");
    assert_eq!(store.revoke("ana", second).unwrap(), 1);
    assert_eq!(store.revoke("ana", second).unwrap(), 0);
    assert_eq!(labels(&store), [Label::Honest]);
    add(&mut store, "ben", "typist", Label::Scam);
    assert_eq!(labels(&store), [Label::Honest, Label::Scam]);
    let rows: i64 = store.connection.query_row("SELECT count(*) FROM decision", [], |r| r.get(0)).unwrap();
    assert_eq!(rows, 4, "two decisions, an undo, another's");
}

#[test]
fn what_was_known_is_kept() {
    let (_dir, mut store) = store();
    let chosen = Chosen { sampling: Sampling::Queue, sample: None };
    let posting = Posting::from_text("p1", "Free flight");
    let (hash, json) = (record::text_hash(&posting), record::to_json(&posting));
    let subject = Subject { text_hash: &hash, id: "p1", record: &json };
    let mut given = decision(Label::Scam, chosen);
    given.note = "ring of 9 \u{1f600}".into();
    given.scored.probability = None;
    store.add("ana", &[(subject, given.clone())]).unwrap();
    let found = store.about(&hash).unwrap().remove(0);
    assert_eq!((found.moderator.as_str(), found.posting_id.as_str(), found.label), ("ana", "p1", Label::Scam));
    assert_eq!((found.reason, &found.note), (Some(Reason::CompoundLure), &given.note));
    assert_eq!((&found.scored, found.chosen), (&given.scored, chosen));
    assert!(found.at.len() == 24 && found.at.ends_with('Z'), "{}", found.at);
    assert_eq!(store.posting(&hash).unwrap(), posting);
    assert!(store.posting("no such").unwrap_err().to_string().contains("it is not there"));
    assert_eq!(store.decided(Some("ana")).unwrap().len(), 1);
    assert_eq!(store.decided(Some("ben")).unwrap().len(), 0);
    assert_eq!(store.decided(None).unwrap().into_iter().collect::<Vec<_>>(), [hash]);
}

#[test]
fn rows_are_never_changed_or_deleted() {
    let (_dir, mut store) = store();
    add(&mut store, "ana", "typist", Label::Honest);
    for sql in ["DELETE FROM decision", "UPDATE decision SET label = 'scam'"] {
        let error = store.connection.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("never"), "{error}");
    }
}

#[test]
fn what_cannot_be_stored_is_refused_whole() {
    let (_dir, mut store) = store();
    let posting = Posting::from_text("p", "text");
    let (hash, json) = (record::text_hash(&posting), record::to_json(&posting));
    let subject = Subject { text_hash: &hash, id: "p", record: &json };
    let given = decision(Label::Scam, Chosen::by(Sampling::Queue));
    let long = Decision { note: "x".repeat(MAX_NOTE + 1), ..given.clone() };
    let foreign = Decision { chosen: Chosen { sampling: Sampling::Random, sample: Some((99, 0.5)) }, ..given.clone() };
    for (who, decisions) in [
        (" ", vec![(subject, given.clone())]),
        ("a\u{1b}b", vec![(subject, given.clone())]),
        ("ana", vec![]),
        ("ana", vec![(subject, given.clone()), (subject, long)]),
        ("ana", vec![(subject, given), (subject, foreign)]),
    ] {
        assert!(store.add(who, &decisions).is_err());
        assert_eq!(store.standing().unwrap(), [], "all or none");
    }
}

#[test]
fn foreign_and_damaged_files_are_refused_and_left_as_they_are() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    let refused = |path: &Path, words: &str| {
        let before = std::fs::read(path).unwrap();
        let error = Store::open(path).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(&path.display().to_string()), "{error}");
        assert_eq!(std::fs::read(path).unwrap(), before);
    };
    std::fs::write(path("feed.jsonl"), "{\"id\": 1, \"text\": \"typist\"}\n".repeat(100)).unwrap();
    refused(&path("feed.jsonl"), "is no label store: it is no SQLite file");
    Connection::open(path("other.db")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    refused(&path("other.db"), "an SQLite file of another program");
    let newer = path("newer.db");
    drop(Store::open(&newer).unwrap());
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    refused(&newer, "schema 99");
    assert!(Store::open_existing(&path("none.db")).unwrap_err().to_string().contains("no such label store"));
    assert!(!path("none.db").exists());
    assert!(Store::open(&path("no/such/dir.db")).unwrap_err().to_string().contains("cannot be used"));

    let damaged = path("damaged.db");
    let mut store = Store::open(&damaged).unwrap();
    for i in 0..300 {
        add(&mut store, "ana", &format!("typist {i}"), Label::Scam);
    }
    drop(store);
    let mut bytes = std::fs::read(&damaged).unwrap();
    assert!(bytes.len() > 60_000);
    // The pages after the schema's.
    bytes[8_192..60_000].fill(0xa5);
    std::fs::write(&damaged, bytes).unwrap();
    refused(&damaged, "damaged");
}

#[test]
fn an_older_store_is_copied_and_brought_up_to_date() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("labels.db");
    let mut old = Store::open(&path).unwrap();
    add(&mut old, "ana", "typist", Label::Scam);
    assert_eq!(old.copy_made(), None);
    drop(old);
    let steps = [STEPS, &["ALTER TABLE sample ADD COLUMN purpose TEXT"]].concat();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    // A step that fails leaves everything as it was.
    let broken = [STEPS, &["CREATE TABLE a (x); CREATE TABLE a (x)"]].concat();
    assert!(Store::open_with(&path, flags, &broken).is_err());
    let new = Store::open_with(&path, flags, &steps).unwrap();
    assert_eq!(new.standing().unwrap().len(), 1);
    let copy = new.copy_made().unwrap().to_owned();
    assert!(copy.to_string_lossy().ends_with("labels.db.schema-1-2"), "{copy:?}: the failed try made one too");
    drop(new);
    assert_eq!(Store::open(&copy).unwrap().standing().unwrap().len(), 1);
    assert!(Store::open(&path).unwrap_err().to_string().contains("schema 2"), "the older program leaves it alone");
}

#[test]
fn a_training_set_has_what_moderators_agree_on_and_groups_that_hold_copies_together() {
    let (_dir, mut store) = store();
    let lure = "free flight and a free room for typists in the city of glass, write to us today";
    add(&mut store, "ana", &format!("{lure} 555-0100"), Label::Scam);
    add(&mut store, "ben", &format!("{lure} 555-0100"), Label::Honest);
    add(&mut store, "eva", &format!("{lure} 555-0100"), Label::Scam);
    add(&mut store, "ana", &format!("{lure} 555-0199"), Label::Scam);
    add(&mut store, "ana", "a cook for the school", Label::Honest);
    add(&mut store, "ana", "split", Label::Honest);
    add(&mut store, "ben", "split", Label::Scam);
    add(&mut store, "ben", "who knows", Label::Unsure);
    let set = training_set(&store).unwrap();
    assert_eq!((set.split, set.unsure), (1, 1));
    let labels: Vec<_> = set.postings.iter().map(|p| p.label.unwrap()).collect();
    assert_eq!(labels, [true, true, false]);
    let group = |i: usize| set.postings[i].extra["group"].as_str().unwrap();
    assert_eq!(group(0), group(1));
    assert_ne!(group(0), group(2));
    assert_eq!(set.postings[0].extra["reason"], "compound_lure");
}

#[test]
fn precision_and_recall_come_from_the_sample_only() {
    let (_dir, mut store) = store();
    // 40 flagged, every other a scam; 400 that passed, of which 1 in 10 is a scam.
    let texts: Vec<(String, Action, bool)> = (0..440)
        .map(|i| match i < 40 {
            true => (format!("flagged {i}"), Action::Review, i % 2 == 0),
            false => (format!("passed {i}"), Action::Clear, i % 10 == 0),
        })
        .collect();
    let hashes: Vec<String> = texts.iter().map(|t| hash(&t.0)).collect();
    let of_hash = |wanted: &str| &texts[hashes.iter().position(|h| h == wanted).unwrap()];
    let frame: Vec<(&str, Action)> = hashes.iter().map(String::as_str).zip(texts.iter().map(|t| t.1)).collect();
    let frame = Frame { texts: &frame, model: "m-1", thresholds: (0.0, 2.0) };
    // The queue brings up scams that the sample would have to weigh.
    for (text, ..) in texts.iter().filter(|t| t.2).take(10) {
        add(&mut store, "ana", text, Label::Scam);
    }
    let sample = store.sample("ana", &frame, 80, 5).unwrap();
    assert_eq!(store.sample("ben", &frame, 80, 5).unwrap(), sample, "the same sample, whoever asks again");
    assert_eq!(
        sample.populations,
        [(Action::Abstain, 0), (Action::Clear, 400), (Action::Review, 40), (Action::Block, 0)]
    );
    assert_eq!((sample.rate(Action::Review), sample.rate(Action::Clear)), (1.0, 0.1));
    let none = reports(&store).unwrap().remove(0);
    assert!(none.strata.iter().all(|s| s.honest == 0 && s.skipped == 0));
    assert!(none.figures.iter().all(|f| f.share.is_none()), "the queue's decisions estimate nothing");

    for (at, (text_hash, action)) in sample.drawn.iter().enumerate() {
        let (text, _, scam) = of_hash(text_hash);
        let label = match at {
            3 => continue,
            7 => Label::Unsure,
            _ if *scam => Label::Scam,
            _ => Label::Honest,
        };
        let chosen = Chosen { sampling: Sampling::Random, sample: Some((sample.number, sample.rate(*action))) };
        add_chosen(&mut store, "ana", text, label, chosen);
    }
    let report = reports(&store).unwrap().remove(0);
    let counted: usize = report.strata.iter().map(|s| s.scams + s.honest + s.unsure + s.skipped).sum();
    assert_eq!(counted, 80);
    assert_eq!(report.strata.iter().map(|s| s.unsure).sum::<usize>(), 1);
    let figure = |name: &str| *report.figures.iter().find(|f| f.name == name).unwrap();
    let precision = figure("precision of review and block").share.unwrap();
    assert!((precision.value - 0.5).abs() < 0.03 && precision.low < 0.5 && precision.high > 0.5, "{precision:?}");
    // 20 of the 40 flagged, some 40 of the 400 that passed.
    let recall = figure("recall of review and block").share.unwrap();
    assert!(recall.low < 1.0 / 3.0 && 1.0 / 3.0 < recall.high, "{recall:?}");
    assert_eq!(figure("precision of block").share, None, "nothing was blocked");
    assert_eq!(figure("recall of block").share.unwrap().value, 0.0);
}
