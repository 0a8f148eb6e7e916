//! Lexicons of one's own: checked with file and line, added to those that ship, and learnt at the next training.

use crate::util::{Dir, run};

const OWN: &str = r#"language = "en"

[[signal]]
id = "gift_card_pay"
fires_when = "Pay comes in gift cards."
example = "You are paid in gift cards every Friday"
counter_example = "A gift card for the best colleague of the year"

[[entry]]
signal = "gift_card_pay"
note = "seen in parcel jobs"
phrases = ["paid (in|by|with) gift card*", "gift card* (as|instead of) salary"]

[[entry]]
signal = "free_lodging"
phrases = ["bunk in the (warehouse|depot)"]

[[entry]]
except = "free_travel"
phrases = ["free flight simulator"]
"#;

fn signals(text: &str, lexicon: &str) -> (serde_json::Value, String) {
    let run = run(&["score", "--format", "jsonl", "--text", text, "--lexicon", lexicon]).ok();
    (run.json()[0].clone(), run.err)
}

fn strength(verdict: &serde_json::Value, id: &str) -> Option<f64> {
    let signals = verdict["signals"].as_array().unwrap();
    signals.iter().find(|s| s["id"] == id).map(|s| s["strength"].as_f64().unwrap())
}

#[test]
fn a_file_is_checked_before_it_is_used() {
    let dir = Dir::new();
    let good = run(&["signals", "check", &dir.file("own.toml", OWN)]).ok();
    assert!(good.out.starts_with("gift_card_pay: new; it is reported without weight"), "{}", good.out);
    assert!(good.out.ends_with("phrases, no fault in the files\n"), "{}", good.out);

    let faults = OWN.replace("free_lodging", "free_lodgign").replace("(warehouse|depot)", "(warehouse|depot");
    let bad = run(&["signals", "check", &dir.file("own.toml", faults)]);
    assert_eq!(bad.code, 1);
    let told: Vec<&str> = bad.out.lines().collect();
    assert_eq!(
        told[0],
        "own.toml:15: signal = \"free_lodgign\" is not in the catalogue; see `lurescan signals`, or define it in a [[signal]]"
    );
    // What is wrong with an entry does not hide what is wrong with its phrases.
    assert!(told.len() == 2 && told[1].starts_with("own.toml:16: phrase "), "{}", bad.out);
    let faults = OWN.replace("[\"bunk in the (warehouse|depot)\"]", "[\"bunk in the (depot\"]\nstrength = 3.0");
    let bad =
        run(&["signals", "check", &dir.file("own.toml", faults.replace("language = \"en\"", "language = \"xx\""))]);
    let lines = |out: &str| out.lines().map(|line| line.split(':').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!((bad.code, lines(&bad.out)), (1, ["1", "17", "16"].map(str::to_owned).to_vec()), "{}", bad.out);
    let bad = run(&["signals", "check", &dir.file("own.toml", OWN.replace("(warehouse|depot)", "(warehouse|depot"))]);
    assert_eq!((bad.code, bad.out.starts_with("own.toml:16: phrase ")), (1, true), "{}", bad.out);
    let bad = run(&["signals", "check", &dir.file("own.toml", "language = \"en\"\nentry = 3\n")]);
    assert_eq!((bad.code, bad.out.starts_with("own.toml:2: ")), (1, true), "{}", bad.out);

    let silent = OWN.replace("You are paid in gift cards", "You get coupons");
    let bad = run(&["signals", "check", &dir.file("own.toml", silent)]);
    assert_eq!(bad.code, 1);
    assert!(bad.out.contains("gift_card_pay: does not fire on its example \"You get coupons every Friday\""));
    run(&["signals", "check", &dir.path("none.toml")]).fails(&["none.toml: cannot read the lexicon"]);
    assert_eq!(run(&["signals", "check"]).code, 2);
}

#[test]
fn a_file_adds_to_what_ships_and_a_new_signal_has_no_weight() {
    let dir = Dir::new();
    let own = dir.file("own.toml", OWN);
    let text = "Packers wanted, paid in gift cards, a bunk in the depot. Free flight simulator on Sundays.";
    let (verdict, err) = signals(text, &own);
    assert!(err.contains("its calibration no longer holds"), "{err}");
    assert!(verdict["model"].as_str().unwrap().contains("+lexicon-"));
    assert_eq!(strength(&verdict, "gift_card_pay"), Some(1.0));
    assert_eq!(strength(&verdict, "free_lodging"), Some(1.0));
    assert_eq!(strength(&verdict, "free_travel"), None, "{verdict}");
    let of = |id: &str| {
        verdict["signals"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap()["contribution"].clone()
    };
    assert_eq!(of("gift_card_pay"), 0.0);
    let (verdict, _) = signals("Free flight and visa for typists", &own);
    assert_eq!(strength(&verdict, "free_travel"), Some(1.0), "what ships is still there");
}

#[test]
fn a_new_signal_is_learnt_and_travels_with_the_model() {
    let dir = Dir::new();
    let own = dir.file("own.toml", OWN);
    // Thirty words in an order of its own for every posting, so that no two are near-duplicates.
    let words: Vec<String> =
        (0..30u64).map(|w| format!("{}{}", ["hall", "belt", "gate", "crew", "yard"][w as usize % 5], w)).collect();
    let mut feed = String::from("id,label,description,family\n");
    for i in 0..60u64 {
        let (label, pay) = if i % 2 == 0 { (1, "paid in gift cards") } else { (0, "paid by bank transfer") };
        let mut order: Vec<&String> = words.iter().collect();
        order.sort_by_key(|w| {
            w.bytes()
                .fold(i.wrapping_mul(0x9e37_79b9_7f4a_7c15), |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
        });
        let text: Vec<&str> = order.iter().map(|w| w.as_str()).collect();
        feed += &format!("{i},{label},Packer for {} and {pay},f{i}\n", text.join(" "));
    }
    let data = dir.file("feed.csv", feed);
    let out = dir.path("model");
    run(&["train", &data, "--lexicon", &own, "--out", &out, "--name", "own-1"]).ok();
    let run = run(&["score", "--format", "jsonl", "--model", &out, "--text", "You are paid in gift cards here"]).ok();
    let verdict = &run.json()[0];
    assert_eq!(verdict["model"], "own-1");
    let signal = verdict["signals"].as_array().unwrap().iter().find(|s| s["id"] == "gift_card_pay").unwrap();
    assert!(signal["contribution"].as_f64().unwrap() > 0.0, "{signal}");
}

#[test]
fn measured_signals_come_as_a_table_as_json_and_as_errors() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures/marked");
    let args = ["eval", "--signals", data, "--split", "train", "--language", "lo"];
    let table = run(&args).ok().out;
    assert!(table.contains("\nfree_travel ") && table.contains("\nlo ("), "{table}");
    let json: serde_json::Value = serde_json::from_str(&run(&[&args[..], &["--json"]].concat()).ok().out).unwrap();
    let counts = &json["overall"]["posting"];
    let (hits, missed) = (counts["hits"].as_f64().unwrap(), counts["misses"].as_f64().unwrap());
    assert!((counts["recall"].as_f64().unwrap() - hits / (hits + missed)).abs() < 1e-12);
    let errors = run(&[&args[..], &["--errors", "all"]].concat()).ok().out;
    assert!(errors.lines().all(|line| line.split('\t').count() == 5), "{errors}");
}

/// Each phrase is counted by itself, where it stands, over the postings in which it raises its signal.
#[test]
fn phrases_are_counted_with_how_often_they_are_right() {
    let dir = Dir::new();
    let own = dir.file(
        "own.toml",
        "language = \"en\"\n\n[[entry]]\nmarker = \"negation_before\"\nphrases = [\"no\"]\n\n\
         [[entry]]\nsignal = \"free_travel\"\nphrases = [\n  \"free (flight|ticket)\",\n  \"flight*\",\n  \"bus\",\n]\n\n\
         [[entry]]\nsignal = \"named_trade\"\nphrases = [\"crew\"]\n",
    );
    let lexicons = dir.path("lexicons");
    std::fs::create_dir(&lexicons).unwrap();
    std::fs::rename(own, format!("{lexicons}/own.toml")).unwrap();
    let marked = "=== en-r1-001\nlabel: 1\nkind: compound_loud\nlanguage: en\n---\n\
                  [[free_travel|Free flight]] for the crew, and a free ticket to the show.\n\n\
                  === en-r1-002\nlabel: 0\nkind: informal_small\nlanguage: en\n---\n\
                  No free flight. Flights are not our business.\n";
    let data = dir.file("r1-a.txt", marked);
    let args = ["eval", "--signals", "--phrases", &data, "--lexicon", &lexicons];
    let table = run(&args).ok().out;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(
        lines,
        [
            "shown\tright\tsignal\tplace\tphrase",
            // The same phrase beside other words of the posting that are not marked counts once, and as right.
            "1\t1\tfree_travel\town.toml:10\tfree (flight|ticket)",
            "2\t1\tfree_travel\town.toml:11\tflight*",
            "0\t0\tfree_travel\town.toml:12\tbus",
        ]
    );
    run(&["eval", "--phrases", &data]).fails(&["--signals"]);
}
