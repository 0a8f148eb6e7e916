//! `lurescan eval`: how good a model is on labelled postings, with intervals.

use std::path::PathBuf;

use serde_json::json;

use super::Outcome;
use super::train::FitArgs;
use crate::entities::reading::Reader;
use crate::eval::bootstrap::percentile;
use crate::model::artefact::Artefact;
use crate::score::{ScoreOptions, Scorer};
use crate::signals::Extractor;
use crate::train::corpus::Corpus;
use crate::train::marked;
use crate::train::pipeline::{Protocol, nested};
use crate::train::signal_eval::{Pair, measure};
use crate::train::{self, DomainFigures};

/// Measures a model on labelled postings: average precision, ROC AUC, F1, recall at fixed false positive rates, Brier,
/// calibration, each with a bootstrap interval over groups.
///
/// With --nested no model is read: everything is refitted inside each outer training part of the data, which is the
/// figure to believe about data that a model was trained on.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Labelled feeds and directories of marked postings.
    #[arg(required = true, value_name = "DATA")]
    data: Vec<PathBuf>,
    /// A model directory instead of the model that ships.
    #[arg(long, value_name = "DIR", conflicts_with = "nested")]
    model: Option<PathBuf>,
    /// Nested cross-validation instead of a model.
    #[arg(long)]
    nested: bool,
    /// Repetitions of the nested evaluation, with seeds counted up from --seed.
    #[arg(long, default_value_t = 1, requires = "nested", value_parser = clap::value_parser!(u16).range(1..=100))]
    repeats: u16,
    /// Bootstrap replicates.
    #[arg(long, default_value_t = 1000)]
    replicates: usize,
    /// Measures how well signals are read instead, on marked postings.
    #[arg(long, conflicts_with_all = ["nested", "model", "json"])]
    signals: bool,
    /// With --signals: prints every place where extractor and marks differ, of this signal or of `all`.
    #[arg(long, value_name = "SIGNAL", requires = "signals")]
    errors: Option<String>,
    /// With --signals: postings of this language only.
    #[arg(long, value_name = "TAG", requires = "signals")]
    language: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    fit: FitArgs,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let params = args.fit.params()?;
    let reader = train::reader();
    let extractor = args.fit.extractor(&reader)?;
    if args.signals {
        return signals(args, &reader, &extractor);
    }
    let corpus = Corpus::load(&args.data, &args.fit.corpus(), &reader, &extractor)?;
    let mut runs = Vec::new();
    let source;
    if args.nested {
        source = format!(
            "nested, {} folds, {} repeats, folds keep together: {}",
            params.folds,
            args.repeats,
            params.protocol.name()
        );
        for repeat in 0..args.repeats as u64 {
            let seed = args.fit.seed + repeat;
            let logits = nested(&corpus, &extractor, &params, seed)?;
            runs.push(train::figures(&corpus, &logits, params.protocol, args.replicates, seed));
        }
    } else {
        let artefact = match &args.model {
            None => Artefact::embedded()?,
            Some(dir) => Artefact::load(dir)?,
        };
        let scorer = Scorer::new(artefact, args.fit.lexicon.as_deref(), &ScoreOptions::default())?;
        source = format!("model {}", scorer.model_name());
        let logits: Vec<f64> = corpus.rows.iter().map(|row| scorer.logit(&row.posting)).collect();
        runs.push(train::figures(&corpus, &logits, Protocol::Grouped, args.replicates, args.fit.seed));
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&as_json(&source, &corpus, &runs))?);
    } else {
        print(&source, &corpus, &runs);
    }
    Ok(Outcome::Done)
}

/// The table of `--signals`, or the differences.
fn signals(args: &Args, reader: &Reader, extractor: &Extractor) -> anyhow::Result<Outcome> {
    let parsed = marked::read(&args.data, extractor.catalogue())?;
    if let Some(error) = parsed.errors.into_iter().next() {
        return Err(error.into());
    }
    let split = args.fit.corpus().split;
    let marked: Vec<_> = parsed
        .postings
        .into_iter()
        .filter(|m| split.is_none_or(|s| s == m.split) && args.language.as_ref().is_none_or(|l| *l == m.language))
        .collect();
    let report = measure(&marked, reader, extractor);
    if let Some(wanted) = &args.errors {
        for d in report.differences.iter().filter(|d| wanted == "all" || *wanted == d.signal) {
            let what = if d.false_alarm { "false alarm" } else { "missed" };
            println!("{}\t{}\t{what}\t{}\t{}", d.signal, d.id, d.field, d.context);
        }
        return Ok(Outcome::Done);
    }
    println!(
        "{:<24} {:>6} {:>6} {:>6} {:>6} {:>6}   {:>6} {:>6} {:>6}",
        "posting level; span", "marked", "found", "P", "R", "F1", "P", "R", "F1"
    );
    let line = |name: &str, pair: &Pair| {
        let (p, s) = (&pair.posting, &pair.span);
        println!(
            "{name:<24} {:>6} {:>6} {:>6.3} {:>6.3} {:>6.3}   {:>6.3} {:>6.3} {:>6.3}",
            p.hits + p.misses,
            p.hits + p.false_alarms,
            p.precision(),
            p.recall(),
            p.f1(),
            s.precision(),
            s.recall(),
            s.f1()
        );
    };
    for (name, pair) in &report.signals {
        line(name, pair);
    }
    println!();
    for (language, (count, pair)) in &report.languages {
        line(&format!("{language} ({count})"), pair);
    }
    println!();
    line(&format!("all ({})", marked.len()), &report.overall);
    Ok(Outcome::Done)
}

/// The figures of every run, the first run's intervals with them.
fn as_json(source: &str, corpus: &Corpus, runs: &[Vec<DomainFigures>]) -> serde_json::Value {
    let domains: serde_json::Map<String, serde_json::Value> = runs[0]
        .iter()
        .enumerate()
        .map(|(d, (domain, figures))| {
            let figures = figures.iter().enumerate().map(|(k, (name, e))| {
                let values: Vec<f64> = runs.iter().map(|run| run[d].1[k].1.value).collect();
                ((*name).to_owned(), json!({ "values": values, "interval": [e.low, e.high] }))
            });
            (domain.clone(), serde_json::Value::Object(figures.collect()))
        })
        .collect();
    json!({ "source": source, "data": corpus.provenance, "domains": domains })
}

fn print(source: &str, corpus: &Corpus, runs: &[Vec<DomainFigures>]) {
    println!("{source}");
    for (d, (domain, figures)) in runs[0].iter().enumerate() {
        let rows: Vec<_> = corpus.rows.iter().filter(|r| corpus.domains[r.domain] == *domain).collect();
        let scams = rows.iter().filter(|r| r.label).count();
        println!("\n{domain}: {} postings, {scams} scams", rows.len());
        for (k, (name, estimate)) in figures.iter().enumerate() {
            let mut values: Vec<f64> = runs.iter().map(|run| run[d].1[k].1.value).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let spread = match values.len() {
                1 => String::new(),
                _ => format!("  over seeds {:.3} to {:.3}", percentile(&mut values, 0.0), percentile(&mut values, 1.0)),
            };
            println!("  {name:<22} {mean:7.3}  95 % [{:.3}, {:.3}]{spread}", estimate.low, estimate.high);
        }
    }
}
