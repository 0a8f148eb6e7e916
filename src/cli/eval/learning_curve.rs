//! `lurescan eval --learning-curve`: what own labels bring.

use std::fmt::Write;

use anyhow::bail;
use serde_json::json;

use super::Args;
use crate::cli::Outcome;
use crate::cli::common::{counted, named_model, steps};
use crate::cli::output::print;
use crate::train::adapt::correction::Base;
use crate::train::corpus::Corpus;
use crate::train::learning_curve::{Run, Way, measure_curve, summary};
use crate::train::pipeline::Params;

/// A figure of a run, by name.
type Figure = (&'static str, fn(&Run) -> Option<f64>);

const FIGURES: [Figure; 4] = [
    ("average precision", |r| Some(r.average_precision)),
    ("ROC AUC", |r| Some(r.roc_auc)),
    ("recall at 1 % FPR", |r| Some(r.recall_at_1_fpr)),
    ("honest postings at or above the base's threshold of review", |r| r.honest_flagged),
];

pub(super) fn run(args: &Args, params: &Params) -> anyhow::Result<Outcome> {
    let artefact = named_model(&args.from)?;
    let (reader, extractor) = args.fit.readers_of(&artefact)?;
    let corpus = Corpus::load(&args.data, &args.fit.corpus(true)?, &reader, &extractor)?;
    let mut sizes = args.learning_curve.clone();
    sizes.sort_unstable();
    sizes.dedup();
    if let Some(n) = sizes.iter().find(|n| **n >= corpus.rows.len()) {
        bail!(
            "--learning-curve {n}: DATA has {}, and some must be left to measure on",
            counted(corpus.rows.len() as u64, "labelled posting")
        );
    }
    let base = Base::new(&corpus, &artefact, &extractor)?;
    let step = steps();
    let adapting = args.fit.adapting(params);
    let plan = (sizes.as_slice(), args.repeats as usize);
    let review = artefact.manifest.review;
    let runs = measure_curve(&corpus, (&base, &extractor), review, plan, (params, &adapting), args.fit.seed, step)?;
    let name = &artefact.manifest.name;
    print(&match args.json {
        true => {
            let value = json!({ "base": name, "data": corpus.provenance, "runs": runs });
            format!("{}\n", serde_json::to_string_pretty(&value)?)
        }
        false => page(name, &runs, &sizes),
    })?;
    Ok(Outcome::Done)
}

fn page(base: &str, runs: &[Run], sizes: &[usize]) -> String {
    let repeats = runs.iter().map(|r| r.repeat + 1).max().unwrap_or(0);
    let mean = |of: &dyn Fn(&Run) -> usize, labels: usize| {
        let of_base = runs.iter().filter(|r| r.labels == labels && r.way == Way::Base);
        of_base.map(of).sum::<usize>() as f64 / repeats.max(1) as f64
    };
    let tested = sizes.first().map_or(0.0, |&n| mean(&|r| r.tested, n));
    let mut out = format!(
        "base {base}; {}; measured on {} of other groups\n\
         difference to the base alone within each repetition: mean, its 95 % interval, the lowest\n",
        counted(repeats as u64, "repetition"),
        counted(tested.round() as u64, "posting")
    );
    for (name, figure) in FIGURES {
        let _ = writeln!(out, "\n{name}\n  labels  scams  way              mean     sd   difference");
        for &labels in sizes {
            for way in [Way::Base, Way::FromBase, Way::FromScratch] {
                let Some(s) = summary(runs, labels, way, figure) else { continue };
                let scams = mean(&|r| r.scams, labels);
                let _ = write!(out, "{labels:>8}{scams:>7.0}  {:<14}{:>7.3}{:>7.3}", way.name(), s.mean, s.deviation);
                if way != Way::Base {
                    let (low, high) = s.interval;
                    let _ = write!(out, "   {:+.3}", s.difference);
                    if s.repeats > 1 {
                        let _ = write!(out, " [{low:+.3}, {high:+.3}] lowest {:+.3}", s.lowest);
                    }
                }
                if way == Way::FromBase {
                    let moved = runs.iter().filter(|r| r.labels == labels && r.way == way && r.moved).count();
                    let _ = write!(out, ", moved {moved} of {}", s.repeats);
                }
                out.push('\n');
            }
        }
    }
    out
}
