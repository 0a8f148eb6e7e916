//! `lurescan eval --by` and `--calibration`: the figures of slices, and whether probabilities mean what they say.

use std::fmt::Write;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::Args;
use crate::cli::common::counted;
use crate::cli::table::percent;
use crate::cli::terminal::one_line;
use crate::entities::reading::Reader;
use crate::eval::bootstrap::{Estimate, intervals};
use crate::eval::calibration::Calibration;
use crate::eval::curves::{AtThreshold, at_threshold};
use crate::train::corpus::Corpus;
use crate::train::report::scored;
use crate::train::slices::{By, LEAST_OF_A_CLASS, Slice, slices};

/// The figures that a line of the page shows.
const SHOWN: [&str; 2] = ["average precision", "ROC AUC"];
/// Figures of calibration that have intervals.
const LINE: [&str; 2] = ["calibration slope", "calibration intercept"];

/// How postings are judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged<'a> {
    /// A logit a row.
    pub(super) logits: &'a [f64],
    /// From which logit on a posting goes to `review`; unknown without an honest posting to set it by.
    pub(super) review: Option<f64>,
    /// The share of scams at which the logits are calibrated.
    pub(super) prior: f64,
}

/// A domain or a slice of one.
struct Part {
    /// Domain, what its postings have in common, and its value; a whole domain has only the first.
    domain: String,
    of: Option<(By, String)>,
    scams: usize,
    honest: usize,
    /// Nothing where a class has too few.
    figures: Option<Figures>,
}

struct Figures {
    metrics: Vec<(&'static str, Estimate)>,
    review: Option<AtThreshold>,
    calibration: Option<Calibration>,
}

/// What `--by` and `--calibration` add to an evaluation.
pub(super) struct Parts {
    slices: Option<Vec<Part>>,
    /// Domains, and languages where slices are by language.
    calibration: Option<Vec<Part>>,
    review: Option<f64>,
}

impl Parts {
    pub(super) fn of(args: &Args, corpus: &Corpus, reader: &Reader, judged: Judged) -> Parts {
        let part = |domain: usize, of: Option<(By, String)>, rows: Vec<usize>| {
            let slice = Slice { domain, by: By::Language, value: String::new(), rows };
            let (scams, honest) = slice.classes(corpus);
            let figures = slice.tells(corpus).then(|| {
                let sorted = scored(corpus, judged.logits, &slice.rows);
                Some(Figures {
                    metrics: intervals(&sorted, args.replicates, args.fit.seed)?,
                    review: judged.review.map(|logit| at_threshold(&sorted, logit)),
                    calibration: Calibration::of(&sorted, judged.prior),
                })
            });
            Part { domain: corpus.domains[domain].clone(), of, scams, honest, figures: figures.flatten() }
        };
        let sliced = |by: &[By]| -> Vec<Part> {
            let all = slices(corpus, reader, by).into_par_iter();
            all.map(|slice| part(slice.domain, Some((slice.by, slice.value)), slice.rows)).collect()
        };
        let of_domain = |d: usize| (0..corpus.rows.len()).filter(|&i| corpus.rows[i].domain == d).collect();
        let calibration = args.calibration.then(|| {
            let mut parts: Vec<Part> = (0..corpus.domains.len()).map(|d| part(d, None, of_domain(d))).collect();
            if args.by.contains(&By::Language) {
                parts.extend(sliced(&[By::Language]));
            }
            parts
        });
        let slices = (!args.by.is_empty()).then(|| sliced(&args.by));
        Parts { slices, calibration, review: judged.review }
    }

    /// Keys of the evaluation's JSON.
    pub(super) fn add_to(&self, json: &mut Value) {
        if let Some(parts) = &self.slices {
            json["least_of_a_class_in_a_slice"] = json!(LEAST_OF_A_CLASS);
            json["slices"] = parts.iter().map(Part::figures_json).collect();
        }
        if let Some(parts) = &self.calibration {
            json["calibration"] = parts.iter().map(Part::calibration_json).collect();
        }
    }

    pub(super) fn page(&self) -> String {
        let mut out = String::new();
        if let Some(parts) = &self.slices {
            let review = self.review.map_or("unknown".to_owned(), |logit| format!("logit {logit:+.3}"));
            let _ = writeln!(
                out,
                "\nslices: figures need {LEAST_OF_A_CLASS} scams and {LEAST_OF_A_CLASS} honest postings; `review` is from \
                 {review}.\nAverage precision rises with the share of scams: compare it between models, not between slices."
            );
            let _ = writeln!(
                out,
                "  {:<40} {:>6} {:>6}  {:<23} {:<23} {:>8} {:>8}",
                "", "scams", "honest", SHOWN[0], SHOWN[1], "recall", "flagged"
            );
            for part in parts {
                part.line(&mut out);
            }
            let _ = writeln!(out, "  (recall: of scams at review; flagged: honest postings at review; both by weight)");
        }
        for part in self.calibration.iter().flatten() {
            part.table(&mut out);
        }
        out
    }
}

impl Part {
    fn name(&self) -> String {
        match &self.of {
            None => one_line(&self.domain),
            Some((by, value)) => format!("{} {} {}", one_line(&self.domain), by.name(), one_line(value)),
        }
    }

    fn json(&self) -> Value {
        let mut json = json!({ "domain": self.domain, "scams": self.scams, "honest": self.honest });
        if let Some((by, value)) = &self.of {
            json["by"] = json!(by.name());
            json["value"] = json!(value);
        }
        json
    }

    fn figures_json(&self) -> Value {
        let mut json = self.json();
        if let Some(figures) = &self.figures {
            let metrics = figures.metrics.iter().map(|(name, e)| ((*name).to_owned(), json!(e)));
            json["figures"] = Value::Object(metrics.collect());
            json["at_review"] = json!(figures.review);
        }
        json
    }

    fn calibration_json(&self) -> Value {
        let mut json = self.json();
        if let Some(figures) = &self.figures {
            for (name, e) in figures.metrics.iter().filter(|(name, _)| LINE.contains(name)) {
                json[name.replace(' ', "_")] = json!(e);
            }
            json["reliability"] = json!(figures.calibration);
        }
        json
    }

    fn line(&self, out: &mut String) {
        let _ = write!(out, "  {:<40} {:>6} {:>6}", self.name(), self.scams, self.honest);
        if let Some(figures) = &self.figures {
            for (_, e) in figures.metrics.iter().filter(|(name, _)| SHOWN.contains(name)) {
                let interval = match e.interval() {
                    Some((low, high)) => format!("[{low:.3}, {high:.3}]"),
                    None => "too few groups".to_owned(),
                };
                let _ = write!(out, "  {:<22}", format!("{:.3} {interval}", e.value));
            }
            let share = |s: Option<f64>| s.map_or("-".to_owned(), |s| format!("{:.1}%", 100.0 * s));
            let at = figures.review.unwrap_or_default();
            let _ = write!(out, " {:>8} {:>8}", share(at.recall), share(at.false_positive_rate));
        }
        out.push('\n');
    }

    fn table(&self, out: &mut String) {
        let (scams, honest) = (counted(self.scams as u64, "scam"), counted(self.honest as u64, "honest posting"));
        let _ = writeln!(out, "\ncalibration on {}: {scams}, {honest}", self.name());
        let Some((figures, found)) = self.figures.as_ref().and_then(|f| Some((f, f.calibration.as_ref()?))) else {
            let _ = writeln!(out, "  fewer than {LEAST_OF_A_CLASS} of a class: nothing can be said");
            return;
        };
        for (name, e) in figures.metrics.iter().filter(|(name, _)| LINE.contains(name)) {
            let interval = e.told(|low, high| format!("95 % [{low:.3}, {high:.3}]"));
            let _ = writeln!(out, "  {name:<28} {:7.3}  {interval}", e.value);
        }
        let raw = found.expected_calibration_error;
        let _ = writeln!(out, "  {:<28} {raw:7.3}", "expected calibration error");
        let corrected = found.expected_calibration_error_at_this_share;
        let _ = writeln!(out, "  {:<28} {corrected:7.3}", "after the prior correction");
        let _ = writeln!(
            out,
            "  The probabilities are meant for {} of scams; here they are {} by weight. The prior correction adds\n  {:+.3} to \
             every logit, and takes that much off the intercept: what is left is the model's own error.\n  (lurescan score \
             --prior {:.4} applies it.)",
            percent(found.prior),
            percent(found.share_of_scams),
            found.prior_correction,
            found.share_of_scams
        );
        let _ = writeln!(
            out,
            "  {:<16} {:>9} {:>9}  {:<16} {:>8}",
            "probability", "predicted", "observed", "95 %", "postings"
        );
        for bin in &found.bins {
            let range = format!("{:.2} to {:.2}", bin.from, bin.to);
            let interval = format!("[{:.3}, {:.3}]", bin.low, bin.high);
            let (predicted, observed) = (bin.predicted, bin.observed);
            let _ = writeln!(out, "  {range:<16} {predicted:9.3} {observed:9.3}  {interval:<16} {:>8}", bin.postings);
        }
    }
}

/// What slices have in common, by its name.
pub(super) fn by(name: &str) -> Result<By, String> {
    By::from_name(name).ok_or_else(|| format!("it is one of {}", By::ALL.map(By::name).join(", ")))
}
