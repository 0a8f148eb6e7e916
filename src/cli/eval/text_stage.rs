//! `lurescan eval --text-stage`: what each part of the text stage's design brings, as one table.

use std::fmt::Write;

use serde_json::json;

use super::Args;
use crate::cli::Outcome;
use crate::cli::common::steps;
use crate::cli::output::print;
use crate::cli::terminal::one_line;
use crate::entities::reading::Reader;
use crate::signals::Extractor;
use crate::train::corpus::{Corpus, CorpusOptions};
use crate::train::pipeline::Params;
use crate::train::text_designs::{Figures, compare, designs};

pub(super) fn run(args: &Args, params: &Params, reader: &Reader, extractor: &Extractor) -> anyhow::Result<Outcome> {
    let options = args.fit.corpus(true)?;
    let step = steps();
    let load = |units| {
        step("reading");
        Corpus::load(&args.data, &CorpusOptions { units, ..options.clone() }, reader, extractor)
    };
    let seeds: Vec<u64> = (0..args.repeats as u64).map(|r| args.fit.seed + r).collect();
    let designs = designs(&params.text);
    let figures = compare(&designs, load, (params.folds, &seeds), step)?;
    print(&match args.json {
        true => {
            let value = json!({ "folds": params.folds, "seeds": seeds, "figures": figures });
            format!("{}\n", serde_json::to_string_pretty(&value)?)
        }
        false => table(&figures, params.folds, &seeds),
    })?;
    Ok(Outcome::Done)
}

/// A line a design, a column a domain and kind of fold.
fn table(figures: &[Figures], folds: usize, seeds: &[u64]) -> String {
    let mut columns: Vec<(&str, &str)> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for f in figures {
        if !columns.contains(&(&f.domain, f.folds)) {
            columns.push((&f.domain, f.folds));
        }
        if !names.contains(&f.design.as_str()) {
            names.push(&f.design);
        }
    }
    columns.sort_by_key(|c| c.0);
    let of = |name: &str, column: &(&str, &str)| {
        figures.iter().find(|f| f.design == name && (f.domain.as_str(), f.folds) == *column)
    };
    let mut out = String::from("| text stage |");
    for (domain, folds) in &columns {
        let _ = write!(out, " {}, {folds} folds |", one_line(domain));
    }
    let _ = writeln!(out, "\n|---|{}", "---|".repeat(columns.len()));
    for name in &names {
        let _ = write!(out, "| {name} |");
        for column in &columns {
            let cell = of(name, column).map_or("-".to_owned(), |f| {
                let base = of(names[0], column).filter(|_| name != &names[0]);
                let (ap, _) = mean_and_deviation(&f.average_precision);
                let (recall, _) = mean_and_deviation(&f.recall_at_1_fpr);
                let beside = match base {
                    None => spread(mean_and_deviation(&f.average_precision).1, seeds.len()),
                    Some(base) => {
                        let pairs = f.average_precision.iter().zip(&base.average_precision);
                        let (mean, deviation) = mean_and_deviation(&pairs.map(|(a, b)| a - b).collect::<Vec<_>>());
                        format!(" ({mean:+.3}{})", spread(deviation, seeds.len()))
                    }
                };
                format!("{ap:.3}{beside}; {recall:.3}")
            });
            let _ = write!(out, " {cell} |");
        }
        out.push('\n');
    }
    let over = match seeds {
        [seed] => format!("Seed {seed}; in brackets the difference to the first line."),
        _ => {
            let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
            format!(
                "Mean over seeds {} with the standard deviation; in brackets the difference to the first line, paired by seed.",
                seeds.join(", ")
            )
        }
    };
    let _ = writeln!(
        out,
        "\nAverage precision of the text logit out of fold, by row weight; recall at 1 % flagged honest postings after the \
         semicolon.\n{over} {folds} folds.\nA kind of fold that keeps no more together in a domain than near-duplicate \
         folds has no column there."
    );
    out
}

fn spread(deviation: f64, seeds: usize) -> String {
    if seeds > 1 { format!(" ± {deviation:.3}") } else { String::new() }
}

/// Mean and standard deviation of a sample; the latter is 0 for a single value.
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, (squares / (values.len().max(2) - 1) as f64).sqrt())
}
