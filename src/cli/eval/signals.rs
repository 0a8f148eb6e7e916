//! `lurescan eval --signals`: how well signals are read, on marked postings.

use std::fmt::Write;

use anyhow::bail;
use serde_json::{Value, json};

use super::{Args, load};
use crate::cli::Outcome;
use crate::cli::output::print;
use crate::entities::reading::Reader;
use crate::eval::signals::Counts;
use crate::signals::lexicon::Origin;
use crate::signals::phrases::Phrases;
use crate::train::marked::{self, Marked};
use crate::train::signal_eval::{Pair, PhraseCounts, SignalReport, by_phrase, measure};

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let (reader, extractor) = &args.fit.readers_of(&load(args.model.as_deref())?)?;
    let parsed = marked::read(&args.data, extractor.catalogue())?;
    if let Some(error) = parsed.errors.into_iter().next() {
        return Err(error.into());
    }
    if let Some(wanted) =
        args.errors.as_ref().filter(|wanted| *wanted != "all" && extractor.catalogue().find(wanted).is_none())
    {
        bail!("--errors {wanted:?} is no signal; `lurescan signals` lists them, and `all` is every one");
    }
    let split = args.fit.corpus(true)?.split;
    let marked: Vec<_> = parsed
        .postings
        .into_iter()
        .filter(|m| split.is_none_or(|s| s == m.split) && args.language.as_ref().is_none_or(|l| *l == m.language))
        .collect();
    if marked.is_empty() {
        let of = args.language.as_ref().map_or(String::new(), |language| format!(" of language {language:?}"));
        bail!("no marked posting{of} is there to measure on; --split and --language choose among them");
    }
    if args.phrases {
        print(&phrases(&Phrases::new(reader, &args.fit.lexicon)?, &marked, reader))?;
        return Ok(Outcome::Done);
    }
    let report = measure(&marked, reader, extractor);
    print(&match (&args.errors, args.json) {
        (Some(wanted), _) => errors(&report, wanted),
        (None, true) => format!("{}\n", serde_json::to_string_pretty(&as_json(&report, marked.len()))?),
        (None, false) => page(&report, marked.len()),
    })?;
    Ok(Outcome::Done)
}

/// A line for every phrase that raises a signal.
fn phrases(phrases: &Phrases, marked: &[Marked], reader: &Reader) -> String {
    let mut out = "shown\tright\tsignal\tplace\tphrase\n".to_owned();
    for (signal, Origin { file, line, phrase }, PhraseCounts { shown, right }) in by_phrase(marked, reader, phrases) {
        let _ = writeln!(out, "{shown}\t{right}\t{signal}\t{file}:{line}\t{}", phrase.escape_debug());
    }
    out
}

/// A line for every place where extractor and marks differ.
fn errors(report: &SignalReport, wanted: &str) -> String {
    let mut out = String::new();
    for d in report.differences.iter().filter(|d| wanted == "all" || *wanted == d.signal) {
        let what = if d.false_alarm { "false alarm" } else { "missed" };
        let _ = writeln!(out, "{}\t{}\t{what}\t{}\t{}", d.signal, d.id, d.field, d.context);
    }
    out
}

fn page(report: &SignalReport, postings: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<24} {:>6} {:>6} {:>6} {:>6} {:>6}   {:>6} {:>6} {:>6}",
        "posting level; span", "marked", "found", "P", "R", "F1", "P", "R", "F1"
    );
    let mut line = |name: &str, pair: &Pair| {
        let (p, s) = (&pair.posting, &pair.span);
        let _ = writeln!(
            out,
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
    for (language, (count, pair)) in &report.languages {
        line(&format!("{language} ({count})"), pair);
    }
    line(&format!("all ({postings})"), &report.overall);
    out
}

fn as_json(report: &SignalReport, postings: usize) -> Value {
    let counts = |c: &Counts| {
        json!({
            "hits": c.hits, "false_alarms": c.false_alarms, "misses": c.misses,
            "precision": c.precision(), "recall": c.recall(), "f1": c.f1(),
        })
    };
    let pair = |p: &Pair| json!({ "posting": counts(&p.posting), "span": counts(&p.span) });
    let signals: serde_json::Map<_, _> = report.signals.iter().map(|(id, p)| (id.clone(), pair(p))).collect();
    let languages: serde_json::Map<_, _> = report
        .languages
        .iter()
        .map(|(tag, (count, p))| (tag.clone(), json!({ "postings": count, "figures": pair(p) })))
        .collect();
    json!({ "postings": postings, "overall": pair(&report.overall), "signals": signals, "languages": languages })
}
