//! `eval --nested --scores`: rows, folds and scores for programs that are measured beside this one.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::util::{Dir, run};

/// Words that no other posting has, so that no two are near-duplicates.
fn own_words(i: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    let word = |k: usize| [i, i / 26, k, k * 7 + i * 3].map(letter).iter().collect::<String>();
    (0..14).map(word).collect::<Vec<_>>().join(" ")
}

/// Lures and honest ads by employers of three postings each; the same words in another order, and one in seven is wrong.
pub fn feed(dir: &Dir) -> String {
    let mut lines = String::new();
    for i in 0..90 {
        let lure = i / 3 % 3 == 0;
        let text = match lure != (i % 7 == 0) {
            true => "you pay the office before you work for the library",
            false => "you work for the office before the library you pay",
        };
        let text = format!("{text} {}", own_words(i));
        let record = serde_json::json!({
            "id": format!("p{i}"), "title": format!("Post {}", ["clerk", "desk", "hall"][i % 3]), "description": text,
            "label": lure as u8, "prior_weight": if lure { 1.0 } else { 2.5 }, "employer_group": format!("e{}", i / 3),
        });
        lines.push_str(&format!("{record}\n"));
    }
    dir.file("shop.jsonl", lines)
}

/// The area under the ROC curve by its definition: over pairs.
fn roc_auc(rows: &[Value], repeat: usize) -> f64 {
    let of = |row: &Value| {
        let e = &row["evaluation"];
        (e["logits"][repeat].as_f64().unwrap(), e["weight"].as_f64().unwrap(), row["label"] == 1)
    };
    let (mut right, mut all) = (0.0, 0.0);
    for (scam, scam_weight, _) in rows.iter().map(of).filter(|r| r.2) {
        for (honest, honest_weight, _) in rows.iter().map(of).filter(|r| !r.2) {
            let pair = scam_weight * honest_weight;
            all += pair;
            right += pair * (f64::from(scam > honest) + 0.5 * f64::from(scam == honest));
        }
    }
    right / all
}

#[test]
fn the_rows_give_the_figures_and_keep_groups_in_a_fold() {
    let dir = Dir::new();
    let (data, path) = (feed(&dir), dir.path("rows.jsonl"));
    let args = ["eval", &data, "--nested", "--json", "--replicates", "10", "--folds", "3", "--repeats", "2"];
    let report = run(&[&args[..], &["--protocol", "employer", "--scores", &path]].concat()).ok().json_text();
    let text = std::fs::read_to_string(&path).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 90);
    for repeat in 0..2 {
        let said = report["domains"]["shop"]["ROC AUC"]["values"][repeat].as_f64().unwrap();
        assert!((roc_auc(&rows, repeat) - said).abs() < 1e-9, "{said}");
        let mut folds: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for row in &rows {
            let evaluation = &row["evaluation"];
            let fold = evaluation["folds"][repeat].as_u64().unwrap();
            folds.entry(evaluation["group"].as_u64().unwrap()).or_default().push(fold);
        }
        assert!(folds.values().all(|of_group| of_group.iter().all(|f| f == &of_group[0])), "a group is parted");
        let mut used: Vec<u64> = folds.into_values().flatten().collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used, [0, 1, 2]);
    }
    let first = &rows[0];
    assert_eq!((&first["id"], &first["label"], &first["employer_group"]), (&"p0".into(), &1.into(), &"e0".into()));
    assert!(first["description"].as_str().unwrap().starts_with("you work for"), "{first}");
    let evaluation = &first["evaluation"];
    assert_eq!(evaluation["seeds"], serde_json::json!([1, 2]));
    assert_eq!((&evaluation["domain"], &evaluation["protocol"]), (&"shop".into(), &"employer".into()));
    assert_eq!(rows[3]["evaluation"]["weight"], 2.5);
    run(&["eval", &data, "--scores", &path]).fails(&["--nested"]);
}

#[test]
fn designs_of_the_text_stage_are_compared_in_a_table() {
    let dir = Dir::new();
    let data = feed(&dir);
    let out = run(&["eval", &data, "--text-stage", "--folds", "3", "--repeats", "2"]).ok().out;
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("| text stage | shop, employer folds | shop, near-duplicate folds |"), "{out}");
    let of = |name: &str| -> f64 {
        let line =
            lines.iter().find(|l| l.starts_with(&format!("| {name} |"))).unwrap_or_else(|| panic!("{name}: {out}"));
        assert!(line.contains(" ± "), "{out}");
        line.split('|').nth(2).and_then(|cell| cell.trim().split(' ').next()).unwrap().parse().expect(&out)
    };
    let base = of("as `train` fits it");
    // What tells the two apart here is order alone.
    assert!(of("1-grams") < base - 0.2 && of("1-2-grams") > base - 0.1, "{out}");
    for name in
        ["rows not weighted by campaign", "over known n-grams, not rounded", "entities as written", "words only"]
    {
        assert!((0.0..=1.0).contains(&of(name)), "{out}");
    }
    // Nothing here is an author family, so its folds would only repeat those of near-duplicates.
    assert!(!out.contains("author-family folds"), "{out}");
    assert!(out.contains("Mean over seeds 1, 2"), "{out}");
}
