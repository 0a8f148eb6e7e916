//! `eval --perturb`, through the real program.

use serde_json::json;

use crate::util::{Dir, lines, run};

fn feed(dir: &Dir) -> String {
    let scam = "Urgent hiring of customer service agents in Cambodia, free flight and visa, no experience needed, monthly \
                salary $3000 guaranteed, add Telegram @fictitious_hr for quick interview";
    let honest = "We are looking for an experienced accountant for our office. Applicants need a degree and three years \
                  of practice in auditing; pension scheme and paid leave by contract";
    let postings: Vec<_> = (0..12)
        .map(|i| {
            let text = format!("{} Reference number {i}.", if i % 2 == 0 { scam } else { honest });
            json!({"id": format!("p{i}"), "label": (i + 1) % 2, "text": text})
        })
        .collect();
    dir.file("feed.jsonl", lines(&postings))
}

#[test]
fn every_perturbation_has_a_row_and_one_seed_gives_one_table() {
    let dir = Dir::new();
    let feed = feed(&dir);
    let page = run(&["eval", &feed, "--perturb"]).ok().out;
    for name in ["full-width", "zero-width", "look-alike", "leet", "homophone", "padding", "exculpatory", "upper-case"]
    {
        assert!(page.lines().any(|line| line.trim_start().starts_with(name)), "{name} is not in {page}");
    }
    assert!(page.contains("12 postings, 6 scams; unperturbed: recall at review 100.0 %"), "{page}");
    assert_eq!(page, run(&["eval", &feed, "--perturb"]).ok().out);
}

#[test]
fn disguises_that_folding_undoes_cost_nothing() {
    let dir = Dir::new();
    let feed = feed(&dir);
    let json = run(&["eval", &feed, "--perturb=full-width,soft-hyphen", "--json", "--seed", "5"]).ok().json_text();
    assert_eq!(json["seed"], 5);
    let (_, domain) = json["domains"].as_object().expect("domains").iter().next().expect("one");
    assert_eq!(domain.as_object().expect("perturbations").len(), 2);
    for name in ["full-width", "soft-hyphen"] {
        let row = &domain[name];
        assert_eq!((&row["postings"], &row["changed"]), (&json!(12), &json!(12)), "{row}");
        assert_eq!(row["points_lost"], 0.0, "{row}");
    }
    // Full width leaves nothing behind at all.
    assert_eq!(domain["full-width"]["before"], domain["full-width"]["after"]);
}

#[test]
fn a_perturbation_of_another_name_is_refused_with_the_names_that_there_are() {
    let dir = Dir::new();
    run(&["eval", &feed(&dir), "--perturb=rot13"]).fails(&["rot13", "full-width", "upper-case"]);
    run(&["eval", &feed(&dir), "--perturb", "--nested"]).fails(&["--perturb", "--nested"]);
}
