//! `lurescan eval --compare`: whether one model is better than another, and where.

use std::fmt::Write;
use std::path::Path;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::Args;
use crate::cli::Outcome;
use crate::cli::common::{counted, load, named_model};
use crate::cli::output::print;
use crate::cli::table::percent;
use crate::cli::terminal::one_line;
use crate::entities::reading::Reader;
use crate::eval::compare::{Comparison, OVERALL, Pair, Side, by_domain, flips, is_setback, signed};
use crate::eval::metrics::sigmoid;
use crate::score::{ScoreOptions, Scorer};
use crate::train::corpus::Corpus;
use crate::train::slices::{By, LEAST_OF_A_CLASS, slices};

/// A part of a domain, and the comparison on it.
struct Slice {
    domain: String,
    by: &'static str,
    value: String,
    comparison: Comparison,
}

pub(super) fn run(args: &Args, other: &Path, corpus: &Corpus, reader: &Reader) -> anyhow::Result<Outcome> {
    let scorer = |artefact| Scorer::new(artefact, &args.fit.lexicon, &ScoreOptions::default());
    let (model, other) = (scorer(load(args.model.as_deref())?)?, scorer(named_model(other)?)?);
    let pairs: Vec<Pair> = corpus
        .rows
        .par_iter()
        .map(|row| Pair {
            model: Side::from(model.judge(&row.posting)),
            other: Side::from(other.judge(&row.posting)),
            label: row.label,
            weight: row.weight,
            group: row.group,
            domain: row.domain,
        })
        .collect();
    let mut domains = by_domain(&pairs, &corpus.domains, args.replicates, args.fit.seed);
    let report = Report {
        names: [model.model_name(), other.model_name()],
        slices: compared_slices(args, corpus, reader, &pairs),
        overall: domains.pop_if(|last| last.0 == OVERALL).map(|last| last.1),
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

fn compared_slices(args: &Args, corpus: &Corpus, reader: &Reader, pairs: &[Pair]) -> Vec<Slice> {
    slices(corpus, reader, &By::ALL)
        .into_par_iter()
        .filter(|slice| slice.tells(corpus))
        .filter_map(|slice| {
            let inside: Vec<Pair> = slice.rows.iter().map(|&i| pairs[i]).collect();
            Some(Slice {
                domain: corpus.domains[slice.domain].clone(),
                by: slice.by.name(),
                value: slice.value,
                comparison: Comparison::of(&inside, args.replicates, args.fit.seed)?,
            })
        })
        .collect()
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
            let postings = counted(comparison.postings as u64, "posting");
            let (scams, groups) =
                (counted(comparison.scams as u64, "scam"), counted(comparison.groups as u64, "group"));
            let _ = writeln!(out, "\n{domain}: {postings}, {scams}, {groups}");
            for figure in &comparison.figures {
                let _ = writeln!(
                    out,
                    "  {:<22} {:7.3}  was {:7.3}  difference {}",
                    figure.figure,
                    figure.model,
                    figure.other,
                    signed(&figure.difference)
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
                signed(&figure.difference)
            );
        }
        self.flips_into(&mut out, limit);
        out.push('\n');
        let findings: Vec<String> = self
            .domains
            .iter()
            .map(|(name, comparison)| (name.as_str(), comparison))
            .chain(self.overall.as_ref().map(|comparison| (OVERALL, comparison)))
            .map(|(name, comparison)| format!("{name} {}", comparison.sentence()))
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
