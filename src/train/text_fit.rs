/*!
Fitting stage 1 on some rows of a corpus.

Everything is refitted from the rows given: which n-grams occur, their idf, the weights. A posting with a company
profile or benefits is trained on twice, with and without them: feeds often lack them, and their absence must not speak
for fraud. A scam is also trained on with an honest posting's text appended, at little weight, and a posting with marks on
its passages besides (`told.rs`). An n-gram that one posting alone has is left out: with it the fit learns that posting by
heart, and says less by what others have too.

What makes a lure and what makes a fraudulent vacancy of a job board are not the same words, and where the marked families
are a part of the rows the others are the most: so to the fit on all rows is added, in part, one on the families alone.
*/

use std::collections::BTreeMap;

use linfa::ParamGuard;
use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::columns::Columns;
use super::corpus::{Corpus, Row, part_of};
use super::sparse::{SparseLogisticParams, SparseRecords};
use super::told::Told;
use super::weights::{Stratum, class_weights, strata};
use crate::model::text_stage::{CAPACITY, SLOTS};
use crate::text::ngram_table::NgramTable;
use crate::text::ngrams::root;

/// Parameters of stage 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextParams {
    /// Inverse regularisation.
    pub c: f64,
    /// Rows are weighted by one over the size of their campaign to this power.
    pub campaign_power: f64,
    /// The share of scams that every stratum is weighted to.
    pub prior: f64,
    /// The share of a posting's weight that goes to its copy without company profile and benefits.
    pub bare_share: f64,
    /// The share of a scam's weight that goes to its copy with the text of an honest posting appended: who pads a lure must
    /// not buy much, and the more it weighs the more it costs of what is not padded (the model card has figures).
    pub padded_share: f64,
    /// The share of a marked posting's weight that goes to its passages.
    pub passages_share: f64,
    /// How much of a fit on the marked families alone is added to that on all rows, where both kinds of rows are there.
    pub lures_share: f64,
    /// Inverse regularisation of that fit.
    pub lures_c: f64,
    /// N-grams kept, by absolute weight.
    pub keep: usize,
}

/// Places of the table that training leaves free, for the n-grams of labels that a model is moved towards later.
const LEFT_FREE: usize = 40_000;

impl Default for TextParams {
    fn default() -> Self {
        TextParams {
            c: 10.0,
            campaign_power: 1.0,
            prior: 0.5,
            bare_share: 0.15,
            padded_share: 0.015,
            passages_share: 0.3,
            lures_share: 0.6,
            lures_c: 1.0,
            keep: CAPACITY - LEFT_FREE,
        }
    }
}

impl TextParams {
    /// By name, for reports.
    pub fn describe(&self) -> Map<String, Value> {
        let described = json!({
            "c": self.c,
            "campaign_power": self.campaign_power,
            "prior": self.prior,
            "share_of_copies_without_profile": self.bare_share,
            "share_of_padded_copies": self.padded_share,
            "share_of_passages": self.passages_share,
            "share_of_the_lures_own_fit": self.lures_share,
            "c_of_the_lures_own_fit": self.lures_c,
        });
        described.as_object().cloned().unwrap_or_default()
    }
}

/// Postings that an n-gram is to stand in.
const LEAST_POSTINGS: u32 = 2;
/// N-grams that a padded copy takes over at most: some 200 words.
const PADDING: usize = 600;

/// Stage 1, fitted: a weight for every n-gram of the corpus's vocabulary, idf folded in.
#[derive(Clone, Debug)]
pub struct TextFit {
    weights: Vec<f32>,
}

impl TextFit {
    /// Fits on the rows of these numbers, and adds to that a part of a fit on the marked families among them.
    pub fn fit(corpus: &Corpus, rows: &[usize], params: &TextParams, seed: u64) -> anyhow::Result<TextFit> {
        let of_lures = || -> anyhow::Result<Option<TextFit>> {
            let lures = part_of(rows, |i| corpus.is_lure(i), |i| corpus.rows[i].label);
            if params.lures_share == 0.0 || lures.is_empty() {
                return Ok(None);
            }
            let own = TextParams { c: params.lures_c, ..*params };
            TextFit::fit_alike(corpus, &lures, &own, seed, &|_| 1.0).map(Some)
        };
        let (fit, lures) = rayon::join(|| TextFit::fit_alike(corpus, rows, params, seed, &|_| 1.0), of_lures);
        let mut fit = fit?;
        if let Some(lures) = lures? {
            for (weight, by_lures) in fit.weights.iter_mut().zip(&lures.weights) {
                *weight += params.lures_share as f32 * by_lures;
            }
        }
        Ok(fit.keeping(params.keep))
    }

    /// Fits on the rows of these numbers, whatever their domain; `times` is what the weight of each is multiplied by.
    pub(super) fn fit_alike(
        corpus: &Corpus,
        rows: &[usize],
        params: &TextParams,
        seed: u64,
        times: &dyn Fn(usize) -> f64,
    ) -> anyhow::Result<TextFit> {
        let ngrams = rows.iter().map(|&i| &corpus.rows[i].ngrams[..]);
        let columns = Columns::of(corpus.vocabulary.len(), ngrams, LEAST_POSTINGS);
        let weights = class_weights(corpus, rows, params.campaign_power, params.prior);
        let mut records = SparseRecords::new(columns.len());
        let (mut labels, mut costs) = (Vec::new(), Vec::new());
        let padded = match params.padded_share > 0.0 {
            true => padded(corpus, rows, seed),
            false => vec![None; rows.len()],
        };
        let told = Told::of(corpus, rows);
        records.reserve(rows.iter().map(|&i| corpus.rows[i].ngrams.len()).sum());
        for ((&i, &weight), padded) in rows.iter().zip(&weights).zip(&padded) {
            let row = &corpus.rows[i];
            let mut copies: Copies = vec![(&row.ngrams, 1.0)];
            let bare = row.bare_ngrams.iter().map(|ngrams| (&ngrams[..], 1.0));
            give(&mut copies, params.bare_share, bare.collect());
            let padded = padded.iter().map(|ngrams| (&ngrams[..], 1.0));
            give(&mut copies, params.padded_share, padded.collect());
            let passages = told.passages(row).into_iter().map(|(passage, part)| (&passage.ngrams[..], part));
            give(&mut copies, params.passages_share, passages.collect());
            for (ngrams, share) in copies {
                records.push_row(columns.entries(ngrams));
                labels.push(row.label);
                costs.push((weight * share * times(i)) as f32);
            }
        }
        let dataset = DatasetBase::new(records, Array1::from_vec(labels)).with_weights(Array1::from_vec(costs));
        let fitted = SparseLogisticParams::default()
            .c(params.c)
            .seed(seed)
            .tolerance(1.0)
            .max_iterations(60)
            .check()?
            .fit(&dataset)?;
        let mut weights = fitted.weights.to_vec();
        columns.with_idf(&mut weights);
        Ok(TextFit { weights: columns.spread(weights.into_iter().map(|w| w as f32)) })
    }

    /// The text logit of distinct n-grams: `sum(w) / sqrt(n)`.
    pub fn logit(&self, ngrams: &[u32]) -> f64 {
        self.logit_where(ngrams, |_| true)
    }

    /// The text logit if only n-grams had a weight that have one in the other fit too.
    pub(super) fn logit_of_those_of(&self, ngrams: &[u32], other: &TextFit) -> f64 {
        self.logit_where(ngrams, |n| other.weights[n] != 0.0)
    }

    fn logit_where(&self, ngrams: &[u32], counts: impl Fn(usize) -> bool) -> f64 {
        let weights = ngrams.iter().map(|&n| n as usize).filter(|&n| counts(n)).map(|n| f64::from(self.weights[n]));
        let sum: f64 = weights.sum();
        sum / root(ngrams.len())
    }

    /// The text logit over the square root of the number of n-grams that have a weight: for comparison with the formula.
    pub fn logit_of_known(&self, row: &Row) -> f64 {
        let known = row.ngrams.iter().map(|&n| self.weights[n as usize]).filter(|w| *w != 0.0);
        let (sum, count) = known.fold((0.0, 0), |(sum, count), w| (sum + w as f64, count + 1));
        sum / f64::from(count.max(1)).sqrt()
    }

    /// Only the `keep` largest weights, as [`TextParams::keep`] has them from the start.
    pub fn keeping(mut self, keep: usize) -> TextFit {
        keep_largest(&mut self.weights, keep);
        self
    }

    /// Only the weights of n-grams that have one in the other fit too.
    pub(super) fn keeping_those_of(mut self, other: &TextFit) -> TextFit {
        for (weight, other) in self.weights.iter_mut().zip(&other.weights) {
            if *other == 0.0 {
                *weight = 0.0;
            }
        }
        self
    }

    /// The weights that the n-gram table of a model gives: rounded to 16 bits, chance matches included; `None` when
    /// they do not fit.
    pub fn in_table(&self, corpus: &Corpus) -> Option<TextFit> {
        let table = NgramTable::build(&self.by_hash(corpus), SLOTS)?;
        let weight = |&hash: &u64| (table.weight(hash) as f64 * table.scale()) as f32;
        Some(TextFit { weights: corpus.vocabulary.iter().map(weight).collect() })
    }

    /// The n-grams that have a weight, by hash, the strongest first.
    pub fn by_hash(&self, corpus: &Corpus) -> Vec<(u64, f64)> {
        self.ranked().into_iter().map(|(n, weight)| (corpus.vocabulary[n as usize], weight)).collect()
    }

    /// The n-grams that have a weight, by number, the strongest first.
    pub fn ranked(&self) -> Vec<(u32, f64)> {
        ranked(&self.weights).into_iter().map(|n| (n, self.weights[n as usize] as f64)).collect()
    }
}

/// The n-grams of a posting and of its copies, each with its share of the posting's weight.
type Copies<'c> = Vec<(&'c [u32], f64)>;

/// Gives others a share of what the copies weigh, if there are any, each a part of it.
fn give<'c>(copies: &mut Copies<'c>, share: f64, others: Copies<'c>) {
    if share > 0.0 && !others.is_empty() {
        copies.iter_mut().for_each(|copy| copy.1 *= 1.0 - share);
        copies.extend(others.into_iter().map(|(ngrams, part)| (ngrams, part * share)));
    }
}

/// For each scam, its n-grams with those of an honest posting of its stratum, drawn by the seed.
fn padded(corpus: &Corpus, rows: &[usize], seed: u64) -> Vec<Option<Vec<u32>>> {
    let strata = strata(corpus, rows);
    let mut honest: BTreeMap<Stratum, Vec<usize>> = BTreeMap::new();
    for (&i, &stratum) in rows.iter().zip(&strata).filter(|(i, _)| !corpus.rows[**i].label) {
        honest.entry(stratum).or_default().push(i);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rows.iter()
        .zip(&strata)
        .map(|(&i, stratum)| {
            let row = &corpus.rows[i];
            let other = if row.label { honest.get(stratum)?.choose(&mut rng)? } else { return None };
            let mut all = row.ngrams.clone();
            all.extend(corpus.rows[*other].ngrams.iter().take(PADDING));
            all.sort_unstable();
            all.dedup();
            Some(all)
        })
        .collect()
}

/// The numbers of the weights that are not 0, the strongest first; ties go to the n-gram that occurred first.
pub(super) fn ranked<W: Copy + Into<f64>>(weights: &[W]) -> Vec<u32> {
    let size = |n: u32| weights[n as usize].into().abs();
    let mut ranked: Vec<u32> = (0..weights.len() as u32).filter(|&n| size(n) != 0.0).collect();
    ranked.sort_unstable_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
    ranked
}

/// Sets all but the `keep` largest weights to 0.
pub(super) fn keep_largest<W: Copy + Default + Into<f64>>(weights: &mut [W], keep: usize) {
    for n in ranked(weights).into_iter().skip(keep) {
        weights[n as usize] = W::default();
    }
}
