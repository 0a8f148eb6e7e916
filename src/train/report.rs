/*!
The report of an evaluation: everything that a reader needs to believe or doubt a model, as numbers.

It is made once, from one logit a posting, and holds the very figures that the manifest carries; whoever draws it
measures nothing.
*/

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::DomainFigures;
use super::corpus::Corpus;
use super::thresholds::{self, Threshold};
use crate::eval::curves::{self, AtThreshold, Budget, Distribution, Point, ReliabilityBin};
use crate::eval::metrics::{Curve, Scored, sort};

/// Shares of a feed that a team may be able to look at.
pub const BUDGETS: [f64; 3] = [0.001, 0.01, 0.05];
/// How far a point of a curve may move when others are left out: less than a pixel of any picture.
const TOLERANCE: f64 = 0.0005;

/// The numbers of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The model's name, or what was fitted instead.
    pub name: String,
    /// How the logits came about, in a sentence.
    pub source: String,
    /// Logit from which on a posting goes to `review`.
    pub review: f64,
    /// Logit from which on a posting goes to `block`.
    pub block: f64,
    /// The thresholds with what stands behind them: `review` and `block`, as far as it is known.
    pub thresholds: Vec<(&'static str, Threshold)>,
    /// What was read: files, checksums, counts.
    pub data: Vec<Value>,
    /// Seed, folds and parameters, by name.
    pub parameters: Map<String, Value>,
    /// The domains, in the order of the data.
    pub domains: Vec<DomainReport>,
    /// Parts of the domains.
    pub slices: Vec<Slice>,
}

/// One domain.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainReport {
    /// Its name.
    pub name: String,
    /// The figures of every run, as the manifest carries them; empty unless it has both classes.
    pub figures: Vec<DomainFigures>,
    /// The share of scams by weight.
    pub prior: f64,
    /// Recall and precision.
    pub precision_recall: Vec<Point>,
    /// False positive rate and recall.
    pub roc: Vec<Point>,
    /// Probability and share of scams.
    pub reliability: Vec<ReliabilityBin>,
    /// Logits by class.
    pub distribution: Option<Distribution>,
    /// What is found by looking at the top of a feed.
    pub budgets: Vec<Budget>,
    /// At `review`.
    pub review: AtThreshold,
    /// At `block`.
    pub block: AtThreshold,
}

/// A part of a domain: a language, or a kind of posting.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The domain.
    pub domain: String,
    /// `language` or `kind`.
    pub by: &'static str,
    /// Its name.
    pub name: String,
    /// Area under the ROC curve, where it has both classes.
    pub roc_auc: Option<f64>,
    /// At `review`.
    pub review: AtThreshold,
    /// At `block`.
    pub block: AtThreshold,
}

/// Where the logits of a report come from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// See [`Report::name`].
    pub name: String,
    /// See [`Report::source`].
    pub source: String,
    /// The logits of `review` and `block`; without them they are set as training sets them.
    pub thresholds: Option<(f64, f64)>,
    /// What stands behind thresholds that were set elsewhere.
    pub behind: Vec<(&'static str, Threshold)>,
    /// See [`Report::parameters`].
    pub parameters: Map<String, Value>,
}

impl Report {
    /// The report of one logit a row; `runs` are the figures of every run, of which the first has these logits.
    ///
    /// # Errors
    ///
    /// Without an honest posting, when the thresholds have to be set.
    pub fn new(corpus: &Corpus, logits: &[f64], runs: &[Vec<DomainFigures>], origin: Origin) -> anyhow::Result<Report> {
        let (review, block, behind) = match origin.thresholds {
            Some((review, block)) => (review, block, origin.behind),
            None => {
                let review = thresholds::review(corpus, logits)
                    .ok_or_else(|| anyhow::anyhow!("no honest posting in the data: thresholds cannot be set"))?;
                let block = thresholds::block(corpus, logits).unwrap_or_else(|| review.clone());
                let (r, b) = (review.logit, block.logit.max(review.logit));
                (r, b, vec![("review", review), ("block", block)])
            }
        };
        let mut report = Report {
            name: origin.name,
            source: origin.source,
            review,
            block,
            thresholds: behind,
            data: corpus.provenance.clone(),
            parameters: origin.parameters,
            domains: Vec::new(),
            slices: Vec::new(),
        };
        for (d, name) in corpus.domains.iter().enumerate() {
            let rows: Vec<usize> = (0..corpus.rows.len()).filter(|&i| corpus.rows[i].domain == d).collect();
            report.domain(corpus, logits, name, &rows, runs);
            report.slice(corpus, logits, name, &rows, "language");
            report.slice(corpus, logits, name, &rows, "kind");
        }
        Ok(report)
    }

    fn domain(&mut self, corpus: &Corpus, logits: &[f64], name: &str, rows: &[usize], runs: &[Vec<DomainFigures>]) {
        let sorted = scored(corpus, logits, rows);
        let curve = Curve::of(&sorted);
        let thin = |points: Vec<Point>| curves::thin(&points, TOLERANCE);
        let weight = |scams: bool| sorted.iter().filter(|s| s.label == scams).map(|s| s.weight).sum::<f64>();
        let (scams, honest) = (weight(true), weight(false));
        self.domains.push(DomainReport {
            name: name.to_owned(),
            figures: runs.iter().flat_map(|run| run.iter().filter(|f| f.0 == name).cloned()).collect(),
            prior: scams / (scams + honest),
            precision_recall: curve.as_ref().map_or_else(Vec::new, |c| thin(curves::precision_recall(c))),
            roc: curve.as_ref().map_or_else(Vec::new, |c| thin(curves::roc(c))),
            reliability: curves::reliability(&sorted),
            distribution: curves::distribution(&sorted),
            budgets: BUDGETS.iter().filter_map(|share| curves::budget(&sorted, *share)).collect(),
            review: curves::at_threshold(&sorted, self.review),
            block: curves::at_threshold(&sorted, self.block),
        });
    }

    /// Parts of a domain by what they have in common, by name; a domain that is all of one part has none.
    fn slice(&mut self, corpus: &Corpus, logits: &[f64], domain: &str, rows: &[usize], by: &'static str) {
        let mut parts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for &i in rows {
            let row = &corpus.rows[i];
            let name = if by == "language" { row.language.tag().to_owned() } else { row.kind.clone() };
            parts.entry(name).or_default().push(i);
        }
        if parts.len() < 2 {
            return;
        }
        for (name, rows) in parts {
            let sorted = scored(corpus, logits, &rows);
            self.slices.push(Slice {
                domain: domain.to_owned(),
                by,
                name: if name.is_empty() { "(none)".to_owned() } else { name },
                roc_auc: Curve::of(&sorted).map(|c| c.roc_auc()),
                review: curves::at_threshold(&sorted, self.review),
                block: curves::at_threshold(&sorted, self.block),
            });
        }
    }

    /// A threshold of this report with what stands behind it.
    pub fn threshold(&self, name: &str) -> Option<&Threshold> {
        self.thresholds.iter().find(|t| t.0 == name).map(|t| &t.1)
    }

    /// The nested figures as a manifest carries them: value and interval of the first run, by domain.
    pub fn figures_json(&self) -> Value {
        figures_json(self.domains.iter().filter_map(|domain| domain.figures.first()))
    }
}

/// Figures as a manifest carries them, by domain: value and interval.
pub(super) fn figures_json<'f>(figures: impl Iterator<Item = &'f DomainFigures>) -> Value {
    let of = |(domain, figures): &DomainFigures| {
        let figures = figures.iter().map(|(name, e)| ((*name).to_owned(), json!([e.value, e.low, e.high])));
        (domain.clone(), Value::Object(figures.collect()))
    };
    Value::Object(figures.map(of).collect())
}

/// The thresholds that a manifest names, with what stands behind them.
pub fn behind(training: &Value) -> Vec<(&'static str, Threshold)> {
    let read = |name: &'static str| {
        let found = training.get("thresholds")?.get(name)?;
        Some((name, serde_json::from_value(found.clone()).ok()?))
    };
    ["review", "block"].into_iter().filter_map(read).collect()
}

/// Rows of a corpus with their logits, as the metrics want them.
pub fn scored(corpus: &Corpus, logits: &[f64], rows: &[usize]) -> Vec<Scored> {
    let of = |&i: &usize| {
        let row = &corpus.rows[i];
        Scored { logit: logits[i], label: row.label, weight: row.weight, group: row.group }
    };
    let mut out: Vec<Scored> = rows.iter().map(of).collect();
    sort(&mut out);
    out
}
