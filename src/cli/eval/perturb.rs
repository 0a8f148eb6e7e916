//! `lurescan eval --perturb`: what disguises and padding cost a model.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::Args;
use crate::cli::Outcome;
use crate::cli::common::{counted, load};
use crate::cli::output::print;
use crate::eval::compare::Side;
use crate::eval::perturb::{Case, Perturbation, Robustness, measure};
use crate::score::{ScoreOptions, Scorer};
use crate::train::corpus::Corpus;

/// A perturbation's name, as an option has it.
pub(super) fn parse(name: &str) -> Result<Perturbation, String> {
    Perturbation::from_name(name).ok_or_else(|| {
        let names = Perturbation::ALL.map(Perturbation::name).join(", ");
        format!("there is no such perturbation; there are {names}")
    })
}

pub(super) fn run(args: &Args, wanted: &[Perturbation], corpus: &Corpus) -> anyhow::Result<Outcome> {
    let scorer = Scorer::new(load(args.model.as_deref())?, &args.fit.lexicon, &ScoreOptions::default())?;
    let cases: Vec<Case> = corpus
        .rows
        .iter()
        .map(|row| Case {
            posting: &row.posting,
            label: row.label,
            weight: row.weight,
            domain: row.domain,
            language: row.language,
        })
        .collect();
    let wanted = if wanted.is_empty() { &Perturbation::ALL } else { wanted };
    let rows =
        measure(&cases, corpus.domains.len(), wanted, args.fit.seed, |posting| Side::from(scorer.judge(posting)));
    print(&match args.json {
        true => format!("{}\n", serde_json::to_string_pretty(&as_json(&scorer, corpus, &rows, args.fit.seed))?),
        false => page(&scorer, corpus, &rows),
    })?;
    Ok(Outcome::Done)
}

fn as_json(scorer: &Scorer, corpus: &Corpus, rows: &[Robustness], seed: u64) -> Value {
    let domain = |d: usize| -> Value {
        let perturbations: Map<String, Value> = rows
            .iter()
            .map(|row| {
                let o = &row.domains[d];
                let value = json!({
                    "postings": o.postings, "changed": o.changed, "before": o.before, "after": o.after,
                    "points_lost": o.points_lost(), "scam_logit_change": o.scam_change(),
                    "honest_logit_change": o.honest_change(),
                });
                (row.perturbation.name().to_owned(), value)
            })
            .collect();
        perturbations.into()
    };
    let domains: Map<String, Value> =
        corpus.domains.iter().enumerate().map(|(d, name)| (name.clone(), domain(d))).collect();
    json!({
        "source": format!("model {}", scorer.model_name()), "seed": seed, "data": corpus.provenance,
        "domains": domains,
    })
}

fn page(scorer: &Scorer, corpus: &Corpus, rows: &[Robustness]) -> String {
    let mut out = format!("model {}\n", scorer.model_name());
    for (d, domain) in corpus.domains.iter().enumerate() {
        let of_domain = || corpus.rows.iter().filter(|row| row.domain == d);
        let scams = of_domain().filter(|row| row.label).count();
        let Some(before) = rows.first().map(|row| row.domains[d].before) else { continue };
        let _ = writeln!(
            out,
            "\n{domain}: {}, {}; unperturbed: recall at review {} %, honest flagged {} %, ROC AUC {}",
            counted(of_domain().count() as u64, "posting"),
            counted(scams as u64, "scam"),
            share(before.recall),
            share(before.honest_flagged),
            figure(before.roc_auc, 3),
        );
        let _ = writeln!(
            out,
            "  {:<17} {:>7} {:>8} {:>6} {:>8} {:>8} {:>8} {:>8}",
            "", "changed", "recall %", "lost", "honest %", "ROC AUC", "scams", "honest"
        );
        for row in rows {
            let o = &row.domains[d];
            let _ = writeln!(
                out,
                "  {:<17} {:>7} {:>8} {:>6} {:>8} {:>8} {:>8} {:>8}",
                row.perturbation.name(),
                o.changed,
                share(o.after.recall),
                figure(o.points_lost(), 1),
                share(o.after.honest_flagged),
                figure(o.after.roc_auc, 3),
                change(o.scam_change()),
                change(o.honest_change()),
            );
        }
    }
    out.push_str(
        "\nrecall, honest: share of scams and of honest postings that go to review or block; lost: points of recall; \
         scams, honest at the right: mean change of the logit\n",
    );
    out
}

fn share(value: Option<f64>) -> String {
    figure(value.map(|v| 100.0 * v), 1)
}

fn figure(value: Option<f64>, places: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{:.places$}", v + 0.0))
}

fn change(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:+.2}"))
}
