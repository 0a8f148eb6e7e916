/*!
The correction: what is added to a base model's weights.

It minimises the log loss of `z_i + a + u.s_i + d.x_i`, where `z_i` is the base's logit of a posting, `s_i` its text
logit, signals and composites, and `x_i` its n-grams by idf over the square root of their number, plus the squares of `u`
and `d`: a ridge around the base's weights. The solver is the sparse one with the logits as offsets; linfa-logistic has
neither offsets nor room for so many columns. `a` takes up how frequent scams are and is not kept.

Signs are not left to a few labels: a lure signal or a composite never counts for an ad, a signal for the ad never against
it.
*/

use linfa::ParamGuard;
use linfa::dataset::DatasetBase;
use ndarray::Array1;

use crate::eval::metrics::logit as log_odds;
use crate::model::artefact::Artefact;
use crate::model::verdict_stage::{VerdictStage, VerdictWeights, inputs};
use crate::score::PRIOR;
use crate::signals::catalogue::SignalKind;
use crate::signals::{Evidence, Extractor};
use crate::text::ngrams::{over_root, root};
use crate::train::corpus::{Corpus, Row};
use crate::train::sparse::{SparseLogisticParams, SparseRecords};
use crate::train::weights::class_weights;

/// The share of a posting's weight that goes to its copy without company profile and benefits, as in training.
const BARE_SHARE: f64 = 0.15;
/// Value of the column that takes up how frequent scams are in the new postings: hardly held back.
const FREQUENCY: f32 = 5.0;
/// Under this weight of the text logit the table holds the contributions themselves, and the weight is 1.
const LEAST_TEXT_WEIGHT: f64 = 0.05;

/// The text logit is one column that stands for all that the base knows of words: it is held back less than a signal.
const TEXT_COLUMN: f64 = 3.0;

/// Where the weights start from, and how far they may move: the costs of a row against the ridge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// The share of the base's weights that they are pulled towards: 1, or 0 where the base knows nothing of the source.
    pub keep: f64,
    /// Of the n-grams; 0 leaves them where they are.
    pub text: f64,
    /// Of signals, composites and the text's weight; 0 leaves them where they are.
    pub signals: f64,
    /// Whether the second reading ([`crate::model::vacancy`]) goes on speaking. It is no part of what moves.
    pub second: bool,
}

/// A base model as a corpus sees it.
#[derive(Clone, Debug)]
pub struct Base {
    /// Logit of each row as the scorer has it.
    scored: Vec<f64>,
    /// Logit of each row as a whole: what a correction starts from.
    logits: Vec<f64>,
    /// Logit of each row's copy without company profile and benefits.
    bare_logits: Vec<f64>,
    /// Text logit of each row, and of its copy.
    texts: Vec<(f64, f64)>,
    /// What the base's table has of each n-gram of the vocabulary.
    text: Known,
    /// The second weight of each, which no label of one's own moves: it is heard or not.
    second: Known,
    intercept: f64,
    /// Weights of the text logit, the signals and the composites.
    weights: Vec<f64>,
    /// Their signs: -1 for the signals that speak for an ad.
    signs: Vec<f64>,
    signal_ids: Vec<String>,
    composite_ids: Vec<String>,
    stage: VerdictStage,
    stage_weights: VerdictWeights,
}

impl Base {
    /// Scores the corpus with the base model, by the formula of the scorer.
    ///
    /// # Errors
    ///
    /// When the model names a signal that the extractor does not know.
    pub fn new(corpus: &Corpus, artefact: &Artefact, extractor: &Extractor) -> anyhow::Result<Base> {
        let stage_weights = artefact.manifest.verdict.clone();
        let stage = VerdictStage::resolve(&stage_weights, extractor).map_err(anyhow::Error::msg)?;
        let signal_ids: Vec<String> = extractor.catalogue().signals().iter().map(|s| s.id.clone()).collect();
        let composite_ids: Vec<String> = extractor.composites().iter().map(|c| c.id.clone()).collect();
        let of = |list: &[(String, f64)], id: &String| list.iter().find(|e| e.0 == *id).map_or(0.0, |e| e.1);
        let weights = std::iter::once(stage_weights.text)
            .chain(signal_ids.iter().map(|id| of(&stage_weights.signals, id)))
            .chain(composite_ids.iter().map(|id| of(&stage_weights.composites, id)))
            .collect();
        let kinds = extractor.catalogue().signals().iter().map(|s| s.kind == SignalKind::ForTheAd);
        let kinds = std::iter::once(false).chain(kinds).chain(composite_ids.iter().map(|_| false));
        let signs = kinds.map(|for_the_ad| if for_the_ad { -1.0 } else { 1.0 }).collect();
        let table = &artefact.table;
        let text = Known::of(corpus, table.scale(), |hash| table.weight(hash));
        let second = Known::of(corpus, table.second_scale(), |hash| table.second_weight(hash));
        let texts: Vec<(f64, f64)> = corpus
            .rows
            .iter()
            .map(|row| (text.logit(&row.ngrams), row.bare_ngrams.as_ref().map_or(0.0, |bare| text.logit(bare))))
            .collect();
        let logit = |t: f64, ngrams: &[u32], evidence: &Evidence| stage.contributions(t, ngrams.len(), evidence).logit;
        let bare = |row: &Row, t: f64| logit(t, row.bare_ngrams.as_ref().unwrap_or(&row.ngrams), &row.evidence);
        let vacancy = |row: &Row| stage.vacancy_logit(second.logit(&row.ngrams));
        let scored =
            |row: &Row| row.logit(vacancy(row), |ngrams, evidence| logit(text.logit(ngrams), ngrams, evidence));
        Ok(Base {
            scored: corpus.rows.iter().map(scored).collect(),
            logits: corpus.rows.iter().zip(&texts).map(|(row, t)| logit(t.0, &row.ngrams, &row.evidence)).collect(),
            bare_logits: corpus.rows.iter().zip(&texts).map(|(row, t)| bare(row, t.1)).collect(),
            texts,
            text,
            second,
            intercept: stage_weights.intercept,
            weights,
            signs,
            signal_ids,
            composite_ids,
            stage,
            stage_weights,
        })
    }

    /// Weights of every n-gram, signal and composite times `keep`.
    fn offset(&self, logit: f64, keep: f64) -> f64 {
        self.intercept + keep * (logit - self.intercept)
    }

    /// Whether it reads texts a second time.
    pub(super) fn has_second(&self) -> bool {
        self.stage.vacancy().is_some()
    }

    /// The base's logit of a row.
    pub fn logit(&self, row: usize) -> f64 {
        self.scored[row]
    }
}

/// What a table has of each n-gram of the vocabulary.
#[derive(Clone, Debug)]
struct Known {
    weights: Vec<i32>,
    scale: f64,
}

impl Known {
    fn of(corpus: &Corpus, scale: f64, weight: impl Fn(u64) -> i32) -> Known {
        Known { weights: corpus.vocabulary.iter().map(|&hash| weight(hash)).collect(), scale }
    }

    /// What distinct n-grams come to.
    fn logit(&self, ngrams: &[u32]) -> f64 {
        over_root(ngrams.iter().map(|&n| i64::from(self.weights[n as usize])).sum(), self.scale, ngrams.len())
    }
}

/// What is added to a base's weights.
#[derive(Clone, Debug)]
pub struct Correction {
    /// Weights of the text logit, the signals and the composites after it.
    weights: Vec<f64>,
    /// Of every n-gram of the vocabulary: what it adds to the logit, times the root of the number of n-grams. Empty when
    /// none moves.
    pub(super) ngrams: Vec<f32>,
    /// The intercept after it.
    intercept: f64,
    /// The verdict stage after it; none when nothing was added.
    stage: Option<VerdictStage>,
}

impl Correction {
    /// Nothing added.
    pub fn none(base: &Base) -> Correction {
        Correction { weights: base.weights.clone(), ngrams: Vec::new(), intercept: base.intercept, stage: None }
    }

    /// Fits on the rows of these numbers, both labels among them.
    ///
    /// # Errors
    ///
    /// When the solver refuses the rows.
    pub fn fit(
        corpus: &Corpus,
        base: &Base,
        rows: &[usize],
        strength: Strength,
        seed: u64,
    ) -> anyhow::Result<Correction> {
        let start: Vec<f64> = base.weights.iter().map(|w| w * strength.keep).collect();
        let mut fixed: Vec<bool> = vec![strength.signals == 0.0; start.len()];
        let mut weights = start.clone();
        loop {
            let problem = Problem::new(corpus, base, rows, strength, &fixed, &start, &weights);
            let (moved, ngrams) = problem.solve(corpus, seed)?;
            let mut wrong = Vec::new();
            for (column, by) in moved {
                weights[column] = start[column] + by;
                if weights[column] * base.signs[column] < 0.0 {
                    wrong.push(column);
                }
            }
            if wrong.is_empty() {
                let vacancy = base.stage.vacancy().filter(|_| strength.second);
                let stage = Some(base.stage.with_weights(base.intercept, &weights).with_vacancy(vacancy));
                return Ok(Correction { weights, ngrams, intercept: base.intercept, stage });
            }
            // All at once, unlike in training: here a column starts from a weight of the right sign, so that another
            // one's removal seldom brings it back, and this runs inside two cross-validations.
            for column in wrong {
                weights[column] = 0.0;
                fixed[column] = true;
            }
        }
    }

    /// The same without the second reading.
    pub(super) fn without_second(mut self) -> Correction {
        self.stage = self.stage.map(|stage| stage.with_vacancy(None));
        self
    }

    /// The same on another scale: every logit `slope` times as large and `intercept` more.
    pub(super) fn on_line(mut self, base: &Base, (slope, intercept): (f64, f64)) -> Correction {
        if let Some(stage) = &mut self.stage {
            self.weights.iter_mut().for_each(|w| *w *= slope);
            self.ngrams.iter_mut().for_each(|d| *d = (*d as f64 * slope) as f32);
            self.intercept = self.intercept * slope + intercept;
            let vacancy = stage.vacancy().map(|weights| weights.on_line((slope, intercept)));
            *stage = base.stage.with_weights(self.intercept, &self.weights).with_vacancy(vacancy);
        }
        self
    }

    /// The logit of a row of the corpus after the correction.
    pub fn logit(&self, corpus: &Corpus, base: &Base, row: usize) -> f64 {
        let Some(stage) = &self.stage else { return base.logit(row) };
        let added = |ngrams: &[u32]| match self.ngrams.is_empty() {
            true => 0.0,
            false => {
                let sum: f64 = ngrams.iter().map(|&n| self.ngrams[n as usize] as f64).sum();
                sum / root(ngrams.len())
            }
        };
        let vacancy = stage.vacancy_logit(base.second.logit(&corpus.rows[row].ngrams));
        corpus.rows[row].logit(vacancy, |ngrams, evidence| {
            stage.contributions(base.text.logit(ngrams), ngrams.len(), evidence).logit + added(ngrams)
        })
    }

    /// Whether nothing is added.
    pub(super) fn is_none(&self) -> bool {
        self.stage.is_none()
    }

    /// The weight that the text logit of the base has after the correction.
    pub(super) fn base_text(&self) -> f64 {
        self.weights[0]
    }

    /// The verdict stage by name.
    pub(super) fn stage(&self, base: &Base) -> VerdictWeights {
        let Some(stage) = &self.stage else { return base.stage_weights.clone() };
        let text = if self.weights[0] >= LEAST_TEXT_WEIGHT { self.weights[0] } else { 1.0 };
        let named = |ids: &[String], from: usize| {
            let weights = self.weights[from..].iter();
            ids.iter().cloned().zip(weights.copied()).filter(|(_, w)| *w != 0.0).collect()
        };
        VerdictWeights {
            intercept: self.intercept,
            text,
            signals: named(&base.signal_ids, 1),
            composites: named(&base.composite_ids, 1 + base.signal_ids.len()),
            vacancy: stage.vacancy(),
        }
    }
}

/// Columns, and how far each moves.
type Moves = Vec<(usize, f64)>;

/// One fit: the movable columns, then the n-grams.
struct Problem {
    columns: Vec<usize>,
    records: SparseRecords,
    labels: Vec<bool>,
    costs: Vec<f32>,
    offsets: Vec<f64>,
    idf: Vec<f64>,
    strength: Strength,
}

impl Problem {
    fn new(
        corpus: &Corpus,
        base: &Base,
        rows: &[usize],
        strength: Strength,
        fixed: &[bool],
        start: &[f64],
        weights: &[f64],
    ) -> Problem {
        let columns: Vec<usize> = (0..fixed.len()).filter(|&c| !fixed[c]).collect();
        let idf = if strength.text > 0.0 { idf(corpus, rows) } else { Vec::new() };
        let first = 1 + columns.len();
        let mut problem = Problem {
            records: SparseRecords::new(first + idf.len()),
            columns,
            labels: Vec::new(),
            costs: Vec::new(),
            offsets: Vec::new(),
            idf,
            strength,
        };
        // The weights give both classes the same mass, so the base's logits are taken from its prior to a half.
        let shift = -log_odds(PRIOR);
        let mut masses = class_weights(corpus, rows, 1.0, 0.5);
        let mean = masses.iter().sum::<f64>() / masses.len().max(1) as f64;
        masses.iter_mut().for_each(|m| *m /= mean);
        for (&i, &mass) in rows.iter().zip(&masses) {
            let row = &corpus.rows[i];
            let whole = (&row.ngrams, base.texts[i].0, base.logits[i]);
            let copies = match &row.bare_ngrams {
                Some(bare) => {
                    vec![(whole, 1.0 - BARE_SHARE), ((bare, base.texts[i].1, base.bare_logits[i]), BARE_SHARE)]
                }
                None => vec![(whole, 1.0)],
            };
            for ((ngrams, text, logit), share) in copies {
                let values: Vec<f64> = std::iter::once(text).chain(inputs(ngrams.len(), &row.evidence)).collect();
                let value = |c: usize| values[c];
                // What a column was set to that does not move in this fit.
                let set: f64 = (0..fixed.len())
                    .filter(|&c| fixed[c] && weights[c] != start[c])
                    .map(|c| (weights[c] - start[c]) * value(c))
                    .sum();
                let offset = base.offset(logit, strength.keep) + shift + set;
                problem.push(row.label, mass * share, offset, value, ngrams);
            }
        }
        problem
    }

    fn push(&mut self, label: bool, mass: f64, offset: f64, value: impl Fn(usize) -> f64, ngrams: &[u32]) {
        // One cost serves a row; a column that may move less has smaller values instead.
        let signals = self.strength.signals.sqrt();
        let norm = self.strength.text.sqrt() / root(ngrams.len());
        let dense = self
            .columns
            .iter()
            .enumerate()
            .map(|(k, &c)| (1 + k as u32, (signals * column_scale(c) * value(c)) as f32));
        let first = 1 + self.columns.len() as u32;
        let idf = &self.idf;
        let sparse = if idf.is_empty() { &[] } else { ngrams };
        let sparse = sparse.iter().filter(|&&n| idf[n as usize] > 0.0);
        let sparse = sparse.map(|&n| (first + n, (norm * idf[n as usize]) as f32));
        let entries = std::iter::once((0, FREQUENCY)).chain(dense.filter(|e| e.1 != 0.0)).chain(sparse);
        self.records.push_row(entries);
        self.labels.push(label);
        self.costs.push(mass as f32);
        self.offsets.push(offset);
    }

    /// How far each movable column moves, and what each n-gram adds.
    fn solve(self, corpus: &Corpus, seed: u64) -> anyhow::Result<(Moves, Vec<f32>)> {
        let dataset =
            DatasetBase::new(self.records, Array1::from_vec(self.labels)).with_weights(Array1::from_vec(self.costs));
        let params = SparseLogisticParams::default().seed(seed).tolerance(0.02).max_iterations(100).check()?;
        let fitted = params.fit_around(&dataset, Some(&self.offsets))?;
        let (signals, text) = (self.strength.signals.sqrt(), self.strength.text.sqrt());
        let dense = &fitted.weights[1..1 + self.columns.len()];
        let moved = self.columns.iter().zip(dense).map(|(&c, w)| (c, w * signals * column_scale(c))).collect();
        let ngrams = match self.idf.is_empty() {
            true => Vec::new(),
            false => {
                let first = 1 + self.columns.len();
                (0..corpus.vocabulary.len()).map(|n| (fitted.weights[first + n] * self.idf[n] * text) as f32).collect()
            }
        };
        Ok((moved, ngrams))
    }
}

fn column_scale(column: usize) -> f64 {
    if column == 0 { TEXT_COLUMN } else { 1.0 }
}

/// The inverse document frequency of every n-gram of the vocabulary among some rows; 0 where it does not occur.
fn idf(corpus: &Corpus, rows: &[usize]) -> Vec<f64> {
    let mut documents = vec![0u32; corpus.vocabulary.len()];
    for &i in rows {
        for &n in &corpus.rows[i].ngrams {
            documents[n as usize] += 1;
        }
    }
    let idf = |&d: &u32| if d == 0 { 0.0 } else { ((1.0 + rows.len() as f64) / (1.0 + d as f64)).ln() + 1.0 };
    documents.iter().map(idf).collect()
}
