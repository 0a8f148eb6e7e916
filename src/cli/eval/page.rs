//! The figures of an evaluation, as JSON and as text: of each domain, or why it has none.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::cli::common::{counted, grouped};
use crate::eval::bootstrap::percentile;
use crate::train::DomainFigures;
use crate::train::corpus::{Corpus, Row};

/// The figures of every run, the first run's intervals with them.
pub(super) fn as_json(source: &str, corpus: &Corpus, runs: &[Vec<DomainFigures>]) -> Value {
    let domains: Map<String, Value> = runs[0]
        .iter()
        .enumerate()
        .map(|(d, (domain, figures))| {
            let figures = figures.iter().enumerate().map(|(k, (name, e))| {
                let values: Vec<f64> = runs.iter().map(|run| run[d].1[k].1.value).collect();
                ((*name).to_owned(), json!({ "values": values, "interval": e.interval() }))
            });
            (domain.clone(), Value::Object(figures.collect()))
        })
        .collect();
    let measured = |domain: &String| runs[0].iter().any(|(name, _)| name == domain);
    let reasons: Map<String, Value> = corpus
        .domains
        .iter()
        .filter(|domain| !measured(domain))
        .map(|domain| (domain.clone(), json!(unmeasured(&rows(corpus, domain)))))
        .collect();
    let mut json = json!({ "source": source, "data": corpus.provenance, "domains": domains });
    if !reasons.is_empty() {
        json["not_measured"] = Value::Object(reasons);
    }
    json
}

pub(super) fn page(source: &str, corpus: &Corpus, runs: &[Vec<DomainFigures>]) -> String {
    let mut out = format!("{source}\n");
    for domain in &corpus.domains {
        let rows = rows(corpus, domain);
        let scams = rows.iter().filter(|r| r.label).count();
        let (postings, scams) = (counted(rows.len() as u64, "posting"), counted(scams as u64, "scam"));
        let _ = writeln!(out, "\n{domain}: {postings}, {scams}");
        let Some(d) = runs[0].iter().position(|(name, _)| name == domain) else {
            let _ = writeln!(out, "  {}", unmeasured(&rows));
            continue;
        };
        for (k, (name, estimate)) in runs[0][d].1.iter().enumerate() {
            let mut values: Vec<f64> = runs.iter().map(|run| run[d].1[k].1.value).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let spread = match values.len() {
                1 => String::new(),
                _ => format!("  over seeds {:.3} to {:.3}", percentile(&mut values, 0.0), percentile(&mut values, 1.0)),
            };
            let interval = estimate.told(|low, high| format!("95 % [{low:.3}, {high:.3}]"));
            let _ = writeln!(out, "  {name:<22} {mean:7.3}  {interval}{spread}");
        }
    }
    out
}

fn rows<'c>(corpus: &'c Corpus, domain: &str) -> Vec<&'c Row> {
    corpus.rows.iter().filter(|r| corpus.domains[r.domain] == domain).collect()
}

/// Why a domain has no figures: they tell scams from honest postings, so it takes both.
fn unmeasured(rows: &[&Row]) -> String {
    let n = grouped(rows.len() as u64);
    let label = match rows {
        [] => return "no posting with a label: no metric can be computed".to_owned(),
        [row, ..] => row.label,
    };
    let of_one = rows.iter().all(|row| row.label == label);
    let class = |label| if label { "scam" } else { "honest" };
    let what = match (of_one, rows) {
        (true, [_]) if label => "the only posting is a scam".to_owned(),
        (true, [_]) => "the only posting is honest".to_owned(),
        (true, _) if label => format!("all {n} postings are scams"),
        (true, _) => format!("all {n} postings are honest"),
        (false, _) => {
            let weightless = |label| rows.iter().all(|row| row.label != label || row.weight == 0.0);
            format!("the {} postings weigh nothing", class(weightless(true)))
        }
    };
    format!("{what}: no metric can be computed, since it takes both scams and honest postings")
}
