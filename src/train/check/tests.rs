use std::path::PathBuf;
use std::sync::LazyLock;

use super::*;
use crate::train::labelled::read;

/// The corpus's check takes seconds, so the tests share one.
static CORPUS: LazyLock<Report> = LazyLock::new(|| {
    let catalogue = Catalogue::embedded();
    let marked = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures/marked"));
    check(&read(&[marked], &catalogue).unwrap(), &catalogue, &CheckOptions::default())
});

#[test]
fn the_corpus_has_no_fault() {
    assert!(CORPUS.faults.is_empty(), "{:#?}", CORPUS.faults);
    assert!(CORPUS.twice.ids.is_empty() && CORPUS.twice.texts.is_empty(), "{:#?}", CORPUS.twice);
    assert!(CORPUS.twice.near.iter().all(|g| !g.across_families), "{:#?}", CORPUS.twice.near);
    assert!(CORPUS.postings >= 1200 && CORPUS.balance.languages.len() == 49);
    assert!(CORPUS.balance.languages.iter().all(|c| c.scams > 0 && c.honest > 0));
}

#[test]
fn nothing_in_the_form_of_the_corpus_gives_the_label_away() {
    for name in ["length only", "punctuation only", "contact form only"] {
        let artefact = CORPUS.artefacts.iter().find(|a| a.name == name).unwrap();
        assert_eq!(artefact.limit, Some(0.60));
        let (overall, english) = (artefact.overall.unwrap(), artefact.english.unwrap());
        assert!(overall.value < 0.60, "{name}, all languages: {overall:?}");
        assert!(english.value < 0.60, "{name}, English: {english:?}");
    }
}

fn feed(lines: &str) -> Report {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.jsonl");
    std::fs::write(&path, lines).unwrap();
    let catalogue = Catalogue::embedded();
    check(&read(&[path], &catalogue).unwrap(), &catalogue, &CheckOptions::default())
}

#[test]
fn a_set_whose_scams_are_short_is_found_out() {
    let lines: String = (0..200)
        .map(|i| {
            let words: Vec<String> = (0..if i % 2 == 0 { 6 } else { 40 })
                .map(|k| format!("{:x}", crate::text::ngrams::token_hash(&format!("{i} {k}"))))
                .map(|w| w.bytes().map(|b| char::from(b'a' + b % 26)).collect())
                .collect();
            format!(
                "{{\"id\": {i}, \"label\": {}, \"text\": \"{}\", \"language\": \"en\"}}\n",
                1 - i % 2,
                words.join(" ")
            )
        })
        .collect();
    let report = feed(&lines);
    assert!(
        report.findings.iter().any(|f| f.starts_with("length only: area under the ROC curve 1.000")),
        "{:?}",
        report.findings
    );
    assert_eq!((report.postings, report.fold_groups, report.balance.total.scams), (200, 200, 100));
    assert!(!report.marked && report.balance.signals.is_empty());
}

#[test]
fn faults_of_a_feed_are_listed() {
    let report = feed(concat!(
        "{\"id\": 1, \"label\": 1, \"text\": \"Cooks wanted at the lake\"}\n",
        "{\"id\": 2, \"text\": \"Cooks wanted by the sea\"}\n",
        "{\"id\": 2, \"label\": 2, \"text\": \"x\"}\n",
        "{\"id\": 3, \"label\": 0, \"text\": \"free flight\", \"signals\": [{\"id\": \"free_travel\", \"spans\": ",
        "[{\"field\": \"description\", \"start\": 0, \"end\": 4, \"text\": \"free\"}, ",
        "{\"field\": \"description\", \"start\": 0, \"end\": 5, \"text\": \"free\"}]}, {\"id\": \"none\", \"spans\": []}]}\n",
    ));
    let faults = report.faults.join("\n");
    assert!(faults.contains("record 3: label: the label is 2"), "{faults}");
    assert!(faults.contains("record 4: 3: free_travel: the span") && faults.contains("no signal \"none\""), "{faults}");
    assert!(faults.contains("record 2: 2: no label"), "{faults}");
    assert_eq!(report.faults.len(), 4);
    assert!(report.findings[0].starts_with("4 faults"));
    assert_eq!(report.balance.signals.iter().find(|s| s.id == "free_travel").unwrap().spans, 2);
    assert!(report.artefacts.iter().all(|a| a.overall.is_none()));
}
