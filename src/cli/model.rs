/*!
`lurescan model`: what is in a model, whether it is whole, and what its text stage learnt.
*/

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::ensure;
use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::Outcome;
use super::common::{counted, grouped, load, warn};
use super::output::print;
use super::table::percent;
use super::terminal::{harmless, one_line};
use crate::eval::metrics::sigmoid;
use crate::model::artefact::{Artefact, Manifest};
use crate::model::names::{self, Named};
use crate::model::verdict_stage;
use crate::score::{ScoreOptions, Scorer};
use crate::signals::Extractor;
use crate::signals::classifiers::Classifier;
use crate::train::report;

/// Look into a model.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a model: its name, thresholds, weights, and what it was trained on.
    Show {
        /// Directory of the model, instead of the model inside this binary.
        #[arg(long, value_name = "DIR")]
        model: Option<PathBuf>,
        /// Print the manifest as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check that a model is whole and can score, and say what was checked.
    Verify {
        /// Directory of the model, instead of the model inside this binary.
        #[arg(long, value_name = "DIR")]
        model: Option<PathBuf>,
    },
    /// List the strongest n-grams of the text stage: weight and n-gram, with a tab between them.
    Terms {
        /// Directory of the model, instead of the model inside this binary.
        #[arg(long, value_name = "DIR")]
        model: Option<PathBuf>,
        /// How many.
        #[arg(short, long, value_name = "N", default_value_t = 30)]
        n: usize,
        /// Only n-grams that hold this text; `<` finds classes of entities.
        #[arg(long, value_name = "TEXT")]
        contains: Option<String>,
        /// Only n-grams that speak this way.
        #[arg(long, value_enum, value_name = "WAY")]
        speaks: Option<Way>,
        /// Print an object a line: weight, n-gram, and its rank among all.
        #[arg(long)]
        json: bool,
    },
}

/// Which way an n-gram speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    /// For a scam: it raises the logit.
    Against,
    /// For the ad: it lowers the logit.
    For,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let text = match &args.command {
        Command::Show { model, json } => {
            let artefact = load(model.as_deref())?;
            if *json { serde_json::to_string_pretty(&artefact.manifest)? + "\n" } else { show(&artefact)? }
        }
        Command::Verify { model } => verify(load(model.as_deref())?)?,
        Command::Terms { model, n, contains, speaks, json } => {
            let names = terms(&load(model.as_deref())?, contains.as_deref(), *speaks)?;
            listed(&names[..names.len().min(*n)], *json)?
        }
    };
    print(&text)?;
    Ok(Outcome::Done)
}

fn show(artefact: &Artefact) -> anyhow::Result<String> {
    let manifest = &artefact.manifest;
    let mut out = String::new();
    writeln!(out, "model       {}", manifest.name)?;
    writeln!(out, "format      {}", manifest.format)?;
    writeln!(out, "prior       {}", manifest.prior)?;
    let threshold = |logit: f64| format!("probability {} (logit {logit:+.4})", percent(sigmoid(logit)));
    for (name, logit) in [("review", manifest.review), ("block", manifest.block)] {
        writeln!(out, "{name:<11} from {}, {}", threshold(logit), behind(manifest, name))?;
    }
    writeln!(out, "n-grams     {}", grouped(artefact.table.len() as u64))?;
    writeln!(out, "lexicon     {}", manifest.lexicon)?;
    let extractor = Extractor::from_compiled(artefact.lexicon.clone())?;
    writeln!(
        out,
        "\nclassifiers of signals: what phrases count in each, its intercept, and what the surest words count"
    )?;
    for classifier in extractor.classifiers().iter() {
        let id = &extractor.catalogue().get(classifier.signal).id;
        let Classifier { found, intercept, peak, .. } = classifier;
        writeln!(out, "  {id:<32} {found:+.4} {intercept:+.4} {peak:+.4}")?;
    }
    let verdict = &manifest.verdict;
    writeln!(out, "\nweights of the verdict stage")?;
    let (long, most) = (verdict_stage::LONG, verdict_stage::signal_factor(0));
    writeln!(
        out,
        "  (of signals and composites in postings of {long} n-grams and more; up to {most:.1} times as much in shorter ones)"
    )?;
    writeln!(out, "  {:<32} {:+.4}", "(intercept)", verdict.intercept)?;
    writeln!(out, "  {:<32} {:+.4}", "(text logit)", verdict.text)?;
    let mut weights: Vec<(&String, f64, &str)> = verdict.signals.iter().map(|(id, w)| (id, *w, "")).collect();
    weights.extend(verdict.composites.iter().map(|(id, w)| (id, *w, "  composite")));
    weights.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (id, weight, kind) in weights {
        writeln!(out, "  {id:<32} {weight:+.4}{kind}")?;
    }
    if let Some(vacancy) = verdict.vacancy {
        writeln!(out, "\nsecond reading, as a vacancy: where it says more, the verdict is by it")?;
        writeln!(out, "  {:<32} {:+.4}", "(intercept)", vacancy.intercept)?;
        writeln!(out, "  {:<32} {:+.4}", "(text logit by second weights)", vacancy.text)?;
    }
    writeln!(out, "\ntraining")?;
    for line in serde_json::to_string_pretty(&manifest.training)?.lines() {
        writeln!(out, "  {}", line.chars().map(harmless).collect::<String>())?;
    }
    Ok(out)
}

/// What stands behind the thresholds, a line each.
pub(super) fn behind_thresholds(manifest: &Manifest) -> String {
    ["review", "block"].map(|name| format!("{name}: {}\n", behind(manifest, name))).concat()
}

/// How many honest postings a threshold was set on: a small rate cannot be told from none with few.
fn behind(manifest: &Manifest, name: &str) -> String {
    let set = report::behind(&manifest.training).into_iter().find(|t| t.0 == name).map(|t| t.1);
    let base = manifest.training.pointer("/base/name").and_then(serde_json::Value::as_str);
    match (set, base) {
        (Some(t), _) => format!(
            "set on {} of {} to flag at most {} % of them; it flags {}",
            counted(t.honest_postings as u64, "honest posting"),
            one_line(&t.set_by),
            t.percent(),
            grouped(t.flagged as u64)
        ),
        (None, Some(base)) => format!("kept from {}, for want of honest postings", one_line(base)),
        (None, None) => "set on postings that the manifest does not tell".to_owned(),
    }
}

fn verify(artefact: Artefact) -> anyhow::Result<String> {
    let manifest = artefact.manifest.clone();
    let named = names::read(&artefact)?.len() as u64;
    let ngrams = artefact.table.len() as u64;
    let scorer = Scorer::new(artefact, &[], &ScoreOptions::default())?;
    ensure!(manifest.review <= manifest.block, "model {}: review is above block", manifest.name);
    let mut out = String::new();
    writeln!(out, "model {} is whole:", manifest.name)?;
    writeln!(out, "  manifest.json       format {}, checksum holds", manifest.format)?;
    for (file, sum) in &manifest.files {
        writeln!(out, "  {file:<19} SHA-256 {sum} holds")?;
    }
    writeln!(out, "  n-gram table        {}, {} named", counted(ngrams, "n-gram"), grouped(named))?;
    writeln!(out, "  tokenizer           compiles")?;
    writeln!(
        out,
        "  weights             {} and {} are in the catalogue of this version",
        counted(manifest.verdict.signals.len() as u64, "signal"),
        counted(manifest.verdict.composites.len() as u64, "composite")
    )?;
    if scorer.lexicon_matches() {
        writeln!(out, "  lexicon             is the one that the model was trained with")?;
    } else {
        warn(
            "the model was trained with another lexicon than the one inside this binary; its calibration does not hold here",
        );
    }
    Ok(out)
}

/// A named n-gram.
#[derive(Serialize)]
struct Ngram {
    /// From 1, the strongest first.
    rank: usize,
    weight: f64,
    ngram: String,
}

/// The n-grams that are asked for, the strongest first. Words are compared as the model sees them, in lower case.
fn terms(artefact: &Artefact, contains: Option<&str>, speaks: Option<Way>) -> anyhow::Result<Vec<Ngram>> {
    let named = ngrams_by_strength(artefact)?;
    ensure!(!named.is_empty(), "model {}: has no names of n-grams", artefact.manifest.name);
    let contains = contains.map(str::to_lowercase);
    let wanted = |ngram: &Ngram| {
        contains.as_ref().is_none_or(|text| ngram.ngram.contains(text))
            && speaks.is_none_or(|way| (ngram.weight > 0.0) == (way == Way::Against))
    };
    let ngrams = (1..).zip(named).map(|(rank, Named { name: ngram, weight, .. })| Ngram { rank, weight, ngram });
    Ok(ngrams.filter(wanted).collect())
}

fn listed(ngrams: &[Ngram], json: bool) -> anyhow::Result<String> {
    let mut out = String::new();
    for ngram in ngrams {
        if json {
            writeln!(out, "{}", serde_json::to_string(ngram)?)?;
        } else {
            writeln!(out, "{:+.4}\t{}", ngram.weight, one_line(&ngram.ngram))?;
        }
    }
    Ok(out)
}

/// The named n-grams, the strongest first.
pub(super) fn ngrams_by_strength(artefact: &Artefact) -> anyhow::Result<Vec<Named>> {
    let mut named = names::read(artefact)?;
    // Equal weights stay in the order of their names, so that the list is the same on every machine.
    named.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    Ok(named)
}
