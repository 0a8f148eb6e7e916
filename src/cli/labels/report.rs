/*!
Agreement and estimates for people.
*/

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::cli::common::{counted, grouped};
use crate::cli::table::percent;
use crate::cli::terminal::{clip, fit, one_line, wrap};
use crate::eval::metrics::sigmoid;
use crate::review::agreement::{Agreement, Disagreement, Kappa, LEAST_TEXTS};
use crate::review::decision::{Label, Standing};
use crate::review::estimate::Share;
use crate::review::report::SampleReport;

/// Disagreements that are listed; the JSON has them all.
const LISTED: usize = 50;
/// Columns of running text.
const WIDTH: usize = 80;

/// What the figures take for granted.
const ASSUMES: &str = "Estimated from the texts of the sample that were decided, each action weighed by how many texts it \
     has; 95 % intervals by Wilson and MOVER. Taken for granted: moderators are right; within an action, texts are \
     decided in the order of the draw, so that skipping must not depend on what a text says; a text counts once, \
     however often it was posted. Decisions that were made in the order of the queue estimate nothing, because the \
     model chose them; they count only where the sample drew the same text.";

pub(super) fn agreement(pairs: &[Agreement], differing: &[Disagreement<'_>]) -> String {
    let mut out = String::new();
    if pairs.is_empty() {
        let _ = writeln!(
            out,
            "No text was decided by two moderators. `lurescan review --show not-mine` shows what others have decided."
        );
        return out;
    }
    for pair in pairs {
        let [first, second] = &pair.moderators;
        let _ = writeln!(out, "{first} and {second}: {} decided by both", counted(pair.texts as u64, "text"));
        let (observed, expected) = (100.0 * pair.observed, 100.0 * pair.expected);
        let _ = writeln!(out, "  agreement {observed:.1} %, by chance {expected:.1} %");
        let _ = match pair.kappa {
            Some(Kappa { value, low, high }) => {
                let interval = match low.zip(high) {
                    Some((low, high)) => format!("95 % [{low:.3}, {high:.3}]"),
                    None if pair.texts < LEAST_TEXTS => "too few texts for an interval".to_owned(),
                    None => "no interval, since they differ on no text".to_owned(),
                };
                writeln!(out, "  Cohen's kappa {value:.3}  {interval}")
            }
            None => writeln!(out, "  Cohen's kappa is not defined: both always say the same word"),
        };
        let _ =
            writeln!(out, "  {:>24}{}", "", Label::ALL.iter().map(|l| format!("{:>8}", l.name())).collect::<String>());
        for (label, row) in Label::ALL.iter().zip(&pair.table) {
            let counts: String = row.iter().map(|n| format!("{n:>8}")).collect();
            let _ = writeln!(out, "  {} {:>7}{counts}", fit(&format!("{first} says"), 16), label.name());
        }
        let _ = writeln!(out, "  (columns: what {second} says)\n");
    }
    let _ = writeln!(out, "{} on which moderators differ", counted(differing.len() as u64, "text"));
    for text in differing.iter().take(LISTED) {
        let _ = writeln!(out, "  {}", clip(&one_line(&text.decisions[0].posting_id), 70));
        for decision in &text.decisions {
            let reason = decision.reason.map_or(String::new(), |r| format!(", {r}"));
            let note = match decision.note.is_empty() {
                true => String::new(),
                false => format!(": {}", clip(&one_line(&decision.note), 60)),
            };
            let at = decision.at.get(..16).unwrap_or_default().replace('T', " ");
            let _ = writeln!(out, "    {at}  {} {}{reason}{note}", fit(&decision.moderator, 16), decision.label);
        }
    }
    if differing.len() > LISTED {
        let _ = writeln!(out, "  and {} more; --json has them all", differing.len() - LISTED);
    }
    out
}

pub(super) fn samples(reports: &[SampleReport], standing: &[Standing]) -> String {
    let mut out = String::new();
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    for decision in standing {
        *ways.entry(decision.chosen.sampling.name()).or_default() += 1;
    }
    let ways: Vec<String> = ways.into_iter().map(|(way, n)| format!("{} by {way}", grouped(n as u64))).collect();
    let _ = writeln!(out, "{}: {}", counted(standing.len() as u64, "decision"), ways.join(", "));
    if reports.is_empty() {
        let _ = writeln!(
            out,
            "No sample was drawn, so nothing can be estimated; `lurescan review --order random` draws one."
        );
        return out;
    }
    for report in reports {
        sample(report, &mut out);
    }
    out.push('\n');
    wrap(ASSUMES, WIDTH).into_iter().for_each(|line| out.push_str(&format!("{line}\n")));
    out
}

fn sample(report: &SampleReport, out: &mut String) {
    let sample = &report.sample;
    let at = sample.at.get(..16).unwrap_or_default().replace('T', " ");
    let _ = writeln!(
        out,
        "\nsample {}, drawn {at} UTC by {}, seed {}, model {}: review from {}, block from {}",
        sample.number,
        sample.moderator,
        sample.seed,
        one_line(&sample.model),
        percent(sigmoid(sample.review_at)),
        percent(sigmoid(sample.block_at))
    );
    let _ = writeln!(out, "  action     texts   drawn   scams  honest  unsure  skipped  to do");
    for s in report.strata.iter().rev().filter(|s| s.population > 0) {
        let open = s.drawn - s.scams - s.honest - s.unsure - s.skipped;
        let _ = writeln!(
            out,
            "  {:<8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>8} {open:>6}",
            s.action.name(),
            grouped(s.population as u64),
            s.drawn,
            s.scams,
            s.honest,
            s.unsure,
            s.skipped
        );
    }
    let unsure = report.strata.iter().any(|s| s.unsure > 0);
    for figure in &report.figures {
        let _ = match figure.share {
            Some(Share { value, low, high }) => {
                let (value, low, high) = (100.0 * value, 100.0 * low, 100.0 * high);
                let either = match (unsure, figure.if_unsure_is_honest, figure.if_unsure_is_scam) {
                    (true, Some(honest), Some(scam)) => {
                        let (least, most) = (100.0 * honest.min(scam), 100.0 * honest.max(scam));
                        format!("  {least:.1} % to {most:.1} % as the unsure ones are taken")
                    }
                    _ => String::new(),
                };
                writeln!(out, "  {:<30} {value:>5.1} %  95 % [{low:.1} %, {high:.1} %]{either}", figure.name)
            }
            None => writeln!(out, "  {:<30}     -    too little is decided yet", figure.name),
        };
    }
}
