use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::*;
use crate::score::Scorer;
use crate::verdict::{Action, SignalVerdict, Span};

const PLATFORM: &str = include_str!("../../tests/data/dsa/platform.toml");

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = include_str!("../../tests/data/dsa/statements.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
});

static SCORER: LazyLock<Scorer> = LazyLock::new(|| Scorer::embedded().unwrap());

fn writer() -> StatementWriter {
    let platform = Platform::from_toml(PLATFORM).unwrap();
    StatementWriter::new(platform, AutomatedDecision::Partially, "2026-02-03".into(), SCORER.extractor().catalogue())
}

fn verdict(signals: &[&str], spans: usize) -> Verdict {
    let span = |i: usize| Span { field: "description".into(), start: i, end: i + 9, text: "call +00 555-0100".into() };
    let signal = |id: &&str| SignalVerdict {
        id: (*id).into(),
        strength: 1.0,
        contribution: 0.5,
        spans: (0..spans).map(span).collect(),
    };
    Verdict {
        id: "555-0100@mail.example.com".into(),
        probability: Some(0.9731),
        action: Action::Block,
        logit: Some(3.588),
        language: "zh-Hans".into(),
        signals: signals.iter().map(signal).collect(),
        model: "default-1".into(),
        intercept: None,
        terms: None,
        extra: Default::default(),
        truncated: false,
        as_vacancy: false,
        passage: Vec::new(),
    }
}

fn statement(posting: &Posting, verdict: &Verdict) -> Value {
    let mut out = Vec::new();
    writer().write(posting, verdict, &mut out);
    let statement: Value = serde_json::from_slice(&out).unwrap();
    let errors: Vec<String> = SCHEMA.iter_errors(&json!({"statements": [statement]})).map(|e| e.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    statement
}

#[test]
fn a_statement_holds_what_the_database_asks_for_and_nothing_personal() {
    let posting = Posting::from_text("555-0100@mail.example.com", "x");
    let plain = statement(&posting, &verdict(&["upfront_fee"], 2));
    assert_eq!(plain["category_specification"], json!(["KEYWORD_INAUTHENTIC_LISTINGS"]));
    assert_eq!((&plain["content_language"], &plain["content_date"]), (&json!("ZH"), &json!("2026-01-01")));
    assert_eq!(plain["automated_decision"], "AUTOMATED_DECISION_PARTIALLY");
    let facts = plain["decision_facts"].as_str().unwrap();
    assert!(
        facts.contains("97.3 %")
            && facts.contains("upfront_fee (")
            && facts.contains(": description 0-9, description 1-10")
    );
    let text = plain.to_string();
    assert!(!text.contains("0100") && !text.contains("mail.example"), "{text}");
    let again = statement(&posting, &verdict(&["upfront_fee"], 2));
    assert_eq!(again["puid"], plain["puid"]);
    assert_ne!(statement(&Posting::from_text("other", "x"), &verdict(&[], 0))["puid"], plain["puid"]);
}

#[test]
fn a_lure_abroad_that_ties_is_trafficking() {
    let mut posting = Posting::from_text("1", "x");
    posting.set(Field::PostedAt, "2025-12-24T10:00:00Z");
    let lure = statement(&posting, &verdict(&["hotspot_place", "free_travel"], 1));
    assert_eq!(lure["category_specification"], json!(["KEYWORD_INAUTHENTIC_LISTINGS", "KEYWORD_HUMAN_TRAFFICKING"]));
    assert_eq!(lure["category_addition"], json!(["STATEMENT_CATEGORY_VIOLENCE"]));
    assert_eq!(lure["content_date"], "2025-12-24");
    for single in [&["hotspot_place"][..], &["free_travel", "free_lodging"]] {
        assert!(statement(&posting, &verdict(single, 1)).get("category_addition").is_none());
    }
    let known: Vec<&str> = SCORER.extractor().catalogue().signals().iter().map(|s| s.id.as_str()).collect();
    assert!(AWAY.iter().chain(&TIES).all(|id| known.contains(id)), "signals are named as in the catalogue");
}

#[test]
fn facts_stay_in_their_limit() {
    let ids: Vec<String> = (0..400).map(|i| format!("signal_{i}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for spans in [0, 5, 5_000] {
        let facts = statement(&Posting::from_text("1", "x"), &verdict(&ids, spans))["decision_facts"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(facts.chars().count() <= MOST_FACTS && facts.contains("signals more"), "{}", facts.len());
    }
}

#[test]
fn the_schema_refuses_what_the_documentation_does() {
    let good = statement(&Posting::from_text("1", "x"), &verdict(&["upfront_fee"], 1));
    for (key, value) in [
        ("puid", json!("a b")),
        ("decision_facts", json!("x".repeat(5_001))),
        ("territorial_scope", json!(["US"])),
        ("content_date", json!("24.12.2025")),
        ("automated_decision", json!("Yes")),
        ("decision_ground", json!("DECISION_GROUND_ILLEGAL_CONTENT")),
        ("more", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        assert!(!SCHEMA.is_valid(&json!({"statements": [bad]})), "{key}");
    }
    assert!(!SCHEMA.is_valid(&json!({"statements": vec![good; 101]})));
}

#[test]
fn faults_of_a_platform_file_name_line_and_field() {
    let error = |from: &str, to: &str| {
        assert!(PLATFORM.contains(from), "{from}");
        Platform::from_toml(&PLATFORM.replacen(from, to, 1)).unwrap_err().to_string()
    };
    assert!(
        error("CONTENT_DISABLED", "CONTENT_HIDDEN")
            .starts_with("line 2: decision_visibility: \"DECISION_VISIBILITY_CONTENT_HIDDEN\" is none of")
    );
    assert!(error("\"FR\"", "\"US\"").starts_with("line 7: territorial_scope: \"US\""));
    assert!(error("[\"DE\", \"FR\", \"PT\"]", "[]").contains("territorial_scope: is empty"));
    assert!(error("GROUND_INCOMPATIBLE", "GROUND_ILLEGAL").contains("illegal_content_legal_ground: is missing"));
    assert!(error("source_type", "sauce_type").starts_with("line 8: unknown field `sauce_type`"));
    assert!(error("\"2026-01-01\"", "\"2026-02-30\"").starts_with("line 9: content_date: \"2026-02-30\" is no date"));
    assert!(
        error("decision_visibility = [\"DECISION_VISIBILITY_CONTENT_DISABLED\"]", "")
            .contains("decision_visibility: is missing")
    );
    let long = format!("incompatible_content_ground = \"{}\"", "x".repeat(501));
    let line = "incompatible_content_ground = \"Terms of use, section 4: no fraudulent offers of work\"";
    assert!(error(line, &long).ends_with("incompatible_content_ground: has 501 characters; the limit is 500"));
    assert!(Platform::from_toml("x = ").unwrap_err().to_string().starts_with("line 1: "));
}

#[test]
fn dates() {
    for (date, good) in [("2026-02-28", true), ("2024-02-29", true), ("2026-02-29", false), ("1999-12-31", false)] {
        assert_eq!(is_date(date, "2000-01-01"), good, "{date}");
    }
    for wrong in ["", "2026-1-1", "2026-13-01", "2026-00-10", "26-01-01", "2026-01-01-1", "2026-01-0x"] {
        assert!(!is_date(wrong, "2000-01-01"), "{wrong}");
    }
}
