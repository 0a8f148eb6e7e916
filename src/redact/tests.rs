use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::posting::{Field, Posting};
use crate::score::{ScoreOptions, Scorer};

static SCORER: LazyLock<Scorer> = LazyLock::new(|| {
    let options = ScoreOptions { explain: true, ..ScoreOptions::default() };
    Scorer::new(crate::model::artefact::Artefact::embedded().unwrap(), &[], &options).unwrap()
});

fn redactor() -> Redactor<'static> {
    Redactor::new(SCORER.reader(), b"a key of the tests").unwrap()
}

/// The text between `[kind:` and `]`, by kind.
fn tokens(text: &str, kind: &str) -> Vec<String> {
    let open = format!("[{kind}:");
    text.split(&open).skip(1).map(|rest| rest.split(']').next().unwrap().to_owned()).collect()
}

#[test]
fn what_tells_a_person_is_masked_and_the_rest_is_not() {
    let masked = redactor().text(
        "Typists wanted, $3,500 a month, from 2026-01-31. Telegram @jobs_demo0, WhatsApp +00 (000) 555-0100 or \
         apply@mail.example.com, https://forms.example.org/f/abc?x=1 and t.me/jobs_demo0.",
    );
    for kept in
        ["Typists wanted, $3,500 a month, from 2026-01-31. Telegram [telegram:", "https://forms.example.org/[link:"]
    {
        assert!(masked.contains(kept), "{masked}");
    }
    for gone in ["jobs_demo0", "555", "0100", "apply@", "mail.example.com", "abc", "x=1"] {
        assert!(!masked.contains(gone), "{gone}: {masked}");
    }
    let handles = tokens(&masked, "telegram");
    assert_eq!(handles.len(), 2, "{masked}");
    assert_eq!(handles[0], handles[1], "a handle and its link are one identifier");
}

#[test]
fn one_number_is_one_token_however_it_is_written() {
    let redactor = redactor();
    let token = |text: &str| {
        let masked = redactor.text(text);
        let found = tokens(&masked, "phone");
        assert_eq!(found.len(), 1, "{masked}");
        found[0].clone()
    };
    let plain = token("call 85500000199 now");
    for text in ["WhatsApp +855 00 000 199", "Zalo: 0085500000199", "tel. +855-00-000-199.", "８５５０００００１９９"]
    {
        assert_eq!(token(text), plain, "{text}");
    }
    let other = Redactor::new(SCORER.reader(), b"another key of the tests").unwrap();
    assert_ne!(tokens(&other.text("call 85500000199 now"), "phone")[0], plain);
    assert_ne!(other.key_id(), redactor.key_id());
    assert!(Redactor::new(SCORER.reader(), b"short").is_none());
}

#[test]
fn tags_and_members_hold_addresses_too() {
    let redactor = redactor();
    let html = redactor
        .text("<p>Write <a href=\"mailto:apply@mail.example.com\">us</a> or <a href='tel:+000005550100'>call</a></p>");
    assert!(!html.contains("apply") && !html.contains("5550100") && html.contains("<p>Write"), "{html}");
    let mut value = json!({"phone": 85500000199u64, "also": 85500000199.0, "n": 3.25, "list": ["a@b.example.com"],
        "a@b.example.com": null});
    redactor.value(&mut value);
    let text = value.to_string();
    assert!(!text.contains("855") && !text.contains("b.example") && text.contains("3.25"), "{text}");
    assert_eq!(redactor.id("7712345678"), "7712345678");
    assert!(!redactor.id("a@b.example.com").contains("b.example"));
}

#[test]
fn spans_that_cut_an_identifier_show_nothing_of_it() {
    let text = "free flight, Telegram @jobs_demo0";
    let posting = Posting::from_text("1", text);
    let mut verdict = SCORER.score(&posting);
    for signal in &mut verdict.signals {
        for span in &mut signal.spans {
            (span.start, span.end) = (0, 27);
        }
    }
    redactor().verdict(&posting, &mut verdict);
    let shown = serde_json::to_string(&verdict).unwrap();
    assert!(!shown.contains("jobs") && shown.contains("free flight, Telegram [telegram:"), "{shown}");
}

#[test]
fn a_masked_posting_has_its_evidence_in_place() {
    let posting = Posting::from_text("1", "招聘 +00 555-0100 free flight, Telegram @jobs_demo0, free room");
    let mut verdict = SCORER.score(&posting);
    let masked = redactor().posting(&posting, &mut verdict);
    let text = masked.get(Field::Description);
    assert!(!text.contains("0100") && !text.contains("jobs_demo0"), "{text}");
    let texts: Vec<&str> = verdict.signals.iter().flat_map(|s| &s.spans).map(|span| span.text.as_str()).collect();
    assert!(texts.contains(&"free room") && texts.iter().any(|t| t.contains("[telegram:")), "{texts:?}");
    for span in verdict.signals.iter().flat_map(|signal| &signal.spans) {
        assert!(
            text.contains(&span.text) && span.text.matches('[').count() == span.text.matches(']').count(),
            "{span:?}"
        );
    }
}

/// Beside a word for pay every number reads as an amount; only what says that it is one stays.
#[test]
fn amounts_stay_and_numbers_beside_them_do_not() {
    let masked = |text: &str| {
        let posting = Posting::from_text("1", text);
        redactor().posting(&posting, &mut SCORER.score(&posting)).get(Field::Description).to_owned()
    };
    for amount in ["Gaji Rp 15.000.000 sebulan", "salary 25,000,000 VND", "salary $1,200,000 a year"] {
        assert_eq!(masked(amount), amount);
    }
    for number in ["Typists wanted 576205901, salary $900", "salary $900 000 000 000, Typists wanted"] {
        assert!(masked(number).contains("[phone:"), "{}", masked(number));
    }
}

/// A number, how it is written, and its digits.
fn number() -> impl Strategy<Value = (String, String)> {
    let groups = prop::collection::vec("[0-9]{3,4}", 3..5);
    (prop::sample::select(vec!["+00", "00", "0", ""]), groups, prop::sample::select(vec!["", " ", "-", ".", " - "]))
        .prop_map(|(prefix, groups, separator)| {
            let digits = format!("{}{}", prefix.trim_start_matches('+'), groups.concat());
            (format!("{prefix}{}", groups.join(separator)), digits)
        })
}

fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(
        [
            "Typists wanted",
            "free flight",
            "<b>Telegram</b>",
            "WhatsApp",
            "招聘打字员 加飞机号",
            "call",
            "&amp;",
            "\n",
            "Zalo:",
            "salary $900",
        ]
        .map(str::to_owned)
        .to_vec(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_known_survives(
        pieces in prop::collection::vec(piece(), 4),
        (written, digits) in number(),
        local in "[a-z]{3,8}[._+]?[a-z0-9]{2,5}",
        handle in "[a-z]{3,9}_[a-z0-9]{2,6}",
        title in any::<bool>(),
    ) {
        let mail = format!("{local}@mail.example.com");
        let text = format!("{} {written}, {} {mail} {} @{handle} {}", pieces[0], pieces[1], pieces[2], pieces[3]);
        let mut posting = Posting::from_text("1", text.clone());
        if title {
            posting.set(Field::Title, format!("Data entry {written}"));
            posting.set(Field::Contact, format!("{mail}\n{written}"));
        }
        posting.extra.insert("note".to_owned(), json!({"list": [text, mail, written]}));
        let mut verdict = SCORER.score(&posting);
        verdict.extra = posting.extra.clone();
        let redactor = redactor();
        redactor.verdict(&posting, &mut verdict);
        let out = serde_json::to_string(&verdict).unwrap();
        // The numbers of the verdict are no text.
        verdict.signals.iter_mut().for_each(|s| (s.strength, s.contribution) = (0.0, 0.0));
        verdict.terms.iter_mut().flatten().for_each(|t| t.contribution = 0.0);
        (verdict.probability, verdict.logit, verdict.intercept) = (None, None, None);
        let texts = serde_json::to_string(&verdict).unwrap();
        prop_assert!(!out.contains(&local) && !out.contains("mail.example.com"), "{}", out);
        prop_assert!(!out.contains(&handle), "{}", out);
        prop_assert!(!out.contains(&written), "{}", out);
        let run: String = texts.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '+')).collect();
        prop_assert!(!run.contains(&digits), "{}", texts);
    }
}
