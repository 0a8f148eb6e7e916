//! `lurescan eval --compare`: whether one model is better than another, and where.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::Args;
use crate::cli::Outcome;
use crate::cli::common::load;
use crate::cli::output::print;
use crate::cli::table::percent;
use crate::cli::terminal::one_line;
use crate::entities::reading::Reader;
use crate::eval::bootstrap::Estimate;
use crate::eval::compare::{Comparison, Pair, Side, flips, is_setback};
use crate::eval::metrics::sigmoid;
use crate::score::{ScoreOptions, Scorer};
use crate::train::corpus::Corpus;
use crate::train::labelled::column;

/// A slice with fewer postings of either class says nothing.
const LEAST_OF_A_CLASS: usize = 20;

/// A part of a domain, and the comparison on it.
struct Slice {
    domain: String,
    by: &'static str,
    value: String,
    comparison: Comparison,
}

pub(super) fn run(args: &Args, other: &Path, corpus: &Corpus, reader: &Reader) -> anyhow::Result<Outcome> {
    let scorer = |dir: Option<&Path>| -> anyhow::Result<Scorer> {
        Ok(Scorer::new(load(dir)?, &args.fit.lexicon, &ScoreOptions::default())?)
    };
    let model = scorer(args.model.as_deref())?;
    let other = scorer(Some(other).filter(|dir| dir.as_os_str() != "default"))?;
    let pairs: Vec<Pair> = corpus
        .rows
        .par_iter()
        .map(|row| {
            let side =
                |scorer: &Scorer| Side { logit: scorer.logit(&row.posting), action: scorer.score(&row.posting).action };
            Pair {
                model: side(&model),
                other: side(&other),
                label: row.label,
                weight: row.weight,
                group: row.group,
                domain: row.domain,
            }
        })
        .collect();
    let compare = |pairs: &[Pair]| Comparison::of(pairs, args.replicates, args.fit.seed);
    let domains: Vec<(String, Comparison)> = corpus
        .domains
        .iter()
        .enumerate()
        .filter_map(|(d, name)| {
            let inside: Vec<Pair> = pairs.iter().filter(|p| p.domain == d).copied().collect();
            Some((name.clone(), compare(&inside)?))
        })
        .collect();
    let report = Report {
        names: [model.model_name(), other.model_name()],
        slices: slices(corpus, reader, &pairs, compare),
        overall: compare(&pairs),
        flips: flips(&pairs),
        corpus,
        pairs: &pairs,
        domains,
    };
    print(&match args.json {
        true => format!("{}\n", serde_json::to_string_pretty(&report.as_json())?),
        false => report.page(args.flips),
    })?;
    Ok(Outcome::Done)
}

/// The slices of each domain by language, kind, function and length, in that order.
fn slices(
    corpus: &Corpus,
    reader: &Reader,
    pairs: &[Pair],
    compare: impl Fn(&[Pair]) -> Option<Comparison>,
) -> Vec<Slice> {
    let tokens: Vec<usize> = corpus.rows.par_iter().map(|row| reader.read(&row.posting).lexical_units).collect();
    let mut out = Vec::new();
    for (d, domain) in corpus.domains.iter().enumerate() {
        let rows: Vec<usize> = (0..pairs.len()).filter(|&i| pairs[i].domain == d).collect();
        let mut lengths: Vec<usize> = rows.iter().map(|&i| tokens[i]).collect();
        lengths.sort_unstable();
        let quartiles: Vec<usize> = (1..4).map(|q| lengths[lengths.len() * q / 4]).collect();
        let length = |tokens: usize| {
            let quarter = quartiles.iter().filter(|&&q| tokens >= q).count();
            let from = if quarter == 0 { lengths[0] } else { quartiles[quarter - 1] };
            format!("quarter {} (from {from} tokens)", quarter + 1)
        };
        for by in ["language", "kind", "function", "length"] {
            let mut members: BTreeMap<String, Vec<Pair>> = BTreeMap::new();
            for &i in &rows {
                let row = &corpus.rows[i];
                let value = match by {
                    "language" => Some(row.language.tag().to_owned()),
                    "kind" => Some(row.kind.clone()).filter(|kind| !kind.is_empty()),
                    "function" => column(&row.posting, "function"),
                    _ => Some(length(tokens[i])),
                };
                if let Some(value) = value {
                    members.entry(value).or_default().push(pairs[i]);
                }
            }
            for (value, inside) in members {
                let scams = inside.iter().filter(|p| p.label).count();
                if scams.min(inside.len() - scams) < LEAST_OF_A_CLASS {
                    continue;
                }
                if let Some(comparison) = compare(&inside) {
                    out.push(Slice { domain: domain.clone(), by, value, comparison });
                }
            }
        }
    }
    out
}

struct Report<'a> {
    /// The model that is judged, and the other.
    names: [&'a str; 2],
    corpus: &'a Corpus,
    pairs: &'a [Pair],
    domains: Vec<(String, Comparison)>,
    overall: Option<Comparison>,
    slices: Vec<Slice>,
    flips: Vec<usize>,
}

impl Report<'_> {
    fn as_json(&self) -> Value {
        let domains: serde_json::Map<_, _> =
            self.domains.iter().map(|(name, comparison)| (name.clone(), json!(comparison))).collect();
        let slices: Vec<Value> = self
            .slices
            .iter()
            .map(|s| json!({ "domain": s.domain, "by": s.by, "value": s.value, "comparison": s.comparison }))
            .collect();
        let side = |s: &Side| json!({ "action": s.action, "logit": s.logit, "probability": sigmoid(s.logit) });
        let flips: Vec<Value> = self
            .flips
            .iter()
            .map(|&i| {
                let (row, pair) = (&self.corpus.rows[i], &self.pairs[i]);
                json!({
                    "id": row.posting.id,
                    "domain": self.corpus.domains[row.domain],
                    "label": row.label as u8,
                    "setback": is_setback(pair),
                    "model": side(&pair.model),
                    "other": side(&pair.other),
                })
            })
            .collect();
        json!({
            "model": self.names[0],
            "other": self.names[1],
            "data": self.corpus.provenance,
            "domains": domains,
            "overall": self.overall,
            "least_of_a_class_in_a_slice": LEAST_OF_A_CLASS,
            "slices": slices,
            "flips": flips,
        })
    }

    fn page(&self, limit: usize) -> String {
        let [model, other] = self.names;
        let mut out = format!("model {model}, compared with {other}; differences are {model} less {other}\n");
        for (domain, comparison) in &self.domains {
            let Comparison { postings, scams, groups, .. } = comparison;
            let _ = writeln!(out, "\n{domain}: {postings} postings, {scams} scams, {groups} groups");
            for figure in &comparison.figures {
                let _ = writeln!(
                    out,
                    "  {:<22} {:7.3}  was {:7.3}  difference {}",
                    figure.figure,
                    figure.model,
                    figure.other,
                    interval(&figure.difference)
                );
            }
        }
        if !self.slices.is_empty() {
            let _ = writeln!(out, "\nslices with {LEAST_OF_A_CLASS} postings of both classes, average precision");
        }
        for Slice { domain, by, value, comparison } in &self.slices {
            let Some(figure) = comparison.decisive() else { continue };
            let name = format!("{domain} {by} {}", one_line(value));
            let _ = writeln!(
                out,
                "  {name:<44} {:>6} {:7.3}  was {:7.3}  {}",
                comparison.postings,
                figure.model,
                figure.other,
                interval(&figure.difference)
            );
        }
        self.flips_into(&mut out, limit);
        out.push('\n');
        let findings: Vec<String> = self
            .domains
            .iter()
            .map(|(name, comparison)| (name.as_str(), comparison))
            .chain(self.overall.as_ref().map(|comparison| ("overall", comparison)))
            .map(|(name, comparison)| {
                let decisive = comparison.decisive().map_or(String::new(), |f| interval(&f.difference));
                format!("{name} {} ({} {decisive})", comparison.finding.name(), comparison.decided_by)
            })
            .collect();
        let _ = writeln!(out, "{model}: {}", findings.join("; "));
        out
    }

    fn flips_into(&self, out: &mut String, limit: usize) {
        let setbacks = self.flips.iter().filter(|&&i| is_setback(&self.pairs[i])).count();
        let _ = writeln!(out, "\nactions that change: {}, {setbacks} of them against the label", self.flips.len());
        for &i in self.flips.iter().take(limit) {
            let (row, pair) = (&self.corpus.rows[i], &self.pairs[i]);
            let side = |s: &Side| format!("{} {}", percent(sigmoid(s.logit)), s.action.name());
            let label = if row.label { "scam" } else { "honest" };
            let (was, is) = (side(&pair.other), side(&pair.model));
            let _ = writeln!(out, "  {:<30} {label:<6} {was} -> {is}", one_line(&row.posting.id));
        }
    }
}

fn interval(e: &Estimate) -> String {
    format!("{:+.3} [{:+.3}, {:+.3}]", e.value, e.low, e.high)
}
