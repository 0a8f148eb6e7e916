//! The two linear fits of a signal: over all n-grams of a posting, and over those around each of its units.

use linfa::ParamGuard;
use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array1;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::entities::bag::Stand;
use crate::signals::catalogue::SignalId;
use crate::signals::classifiers::Local;
use crate::signals::classifiers::local::{BESIDE, FULLY, WITHIN};
use crate::text::ngrams::over_root;
use crate::train::columns::Columns;
use crate::train::corpus::{Corpus, Passage, Row, Sequence};
use crate::train::sparse::{SparseLogisticParams, SparseRecords};
use crate::train::text_fit::keep_largest;

/// Postings that an n-gram is to stand in: what fewer have is hardly ever kept, and takes a fifth of the time.
const LEAST_POSTINGS: u32 = 4;
/// Weights of the whole that are kept.
const KEPT: usize = 14_000;
/// Weights of what is around a unit that are kept.
const KEPT_AROUND: usize = 5_200;
/// Inverse regularisation of the fit over the whole,
const C: f64 = 1.0;
/// and of that over what is around a unit.
const C_AROUND: f64 = 0.1;
/// Of the passages without the signal one in so many is learnt from.
const FEW_PASSAGES: usize = 3;
/// Of the units without the signal, one in so many is learnt from: in postings that tell it elsewhere,
const FEW_BESIDE: u32 = 6;
/// and in the others.
const FEW: u32 = 36;
/// The units that tell a signal weigh a tenth of those that do not, all together, or what they are.
const LEAST_SHARE: f64 = 0.1;
/// Passes over the units at most: more change nothing that can be measured.
const PASSES_AROUND: usize = 4;

/// The marked postings and their passages as rows of one matrix, which the fits of all signals share; which n-grams have columns
/// is counted on the postings, and knows nothing of marks.
pub(super) struct Texts {
    pub(super) columns: Columns,
    /// Numbers of the postings. Each is a row of the matrix, and after it are its passages.
    pub(super) postings: Vec<usize>,
    records: SparseRecords,
}

impl Texts {
    pub(super) fn of(corpus: &Corpus, postings: Vec<usize>) -> Texts {
        let ngrams = postings.iter().map(|&i| &corpus.rows[i].ngrams[..]);
        let columns = Columns::of(corpus.vocabulary.len(), ngrams, LEAST_POSTINGS);
        let mut records = SparseRecords::new(columns.len() + 1);
        records.reserve(postings.iter().map(|&i| corpus.rows[i].ngrams.len()).sum());
        for row in postings.iter().map(|&i| &corpus.rows[i]) {
            let passages = row.passages.iter().map(|passage| &passage.ngrams);
            for ngrams in std::iter::once(&row.ngrams).chain(passages) {
                records.push_row(columns.entries(ngrams).chain([(columns.len() as u32, 1.0)]));
            }
        }
        Texts { columns, postings, records }
    }
}

/// Whether a posting is one of these, which are in order.
fn is_among(postings: &[usize], i: usize) -> bool {
    postings.binary_search(&i).is_ok()
}

/// Weights by number of n-gram, as the table has them.
pub(super) struct Quantised {
    weights: Vec<i8>,
    /// What one unit stands for.
    pub(super) scale: f64,
}

impl Quantised {
    /// The largest of these weights, one a column, so that the largest uses the whole range.
    fn of(mut weights: Vec<f64>, keep: usize, columns: &Columns) -> Quantised {
        keep_largest(&mut weights, keep);
        let largest = weights.iter().map(|w| w.abs()).fold(0.0, f64::max);
        let scale = if largest > 0.0 { largest / f64::from(i8::MAX) } else { 1.0 };
        Quantised { weights: columns.spread(weights.into_iter().map(|w| (w / scale).round() as i8)), scale }
    }

    fn of_ngram(&self, n: u32) -> i8 {
        self.weights[n as usize]
    }

    /// Those that are not 0, with their n-grams.
    pub(super) fn held(self) -> impl Iterator<Item = (u32, i8)> {
        (0..).zip(self.weights).filter(|(_, weight)| *weight != 0)
    }
}

/// A fit over the n-grams of whole postings.
pub(super) struct WholeFit {
    pub(super) intercept: f64,
    pub(super) weights: Quantised,
}

impl WholeFit {
    /// Fits on the postings that are `inside`, in order; where the signal is told in words, passages have `share` of what a posting weighs.
    pub(super) fn fit(
        corpus: &Corpus,
        texts: &Texts,
        inside: &[usize],
        (signal, share): (SignalId, f64),
        seed: u64,
    ) -> anyhow::Result<WholeFit> {
        let is_marked = |i: usize| corpus.rows[i].has_mark(signal);
        let with = inside.iter().filter(|&&i| is_marked(i)).count();
        let balanced = |is: bool| inside.len() as f64 / (2 * if is { with } else { inside.len() - with }) as f64;
        let (mut labels, mut costs) = (Vec::new(), Vec::new());
        for &i in &texts.postings {
            let (row, label, is_inside) = (&corpus.rows[i], is_marked(i), is_among(inside, i));
            let is_told = |passage: &Passage| passage.told.contains(&signal);
            let told = row.passages.iter().filter(|p| is_told(p)).count();
            // A posting that tells it as a whole tells it nowhere by itself.
            let share = if row.passages.is_empty() || (label && told == 0) { 0.0 } else { share };
            let mut push = |label: bool, cost: f64| {
                labels.push(label);
                costs.push(if is_inside { cost as f32 } else { 0.0 });
            };
            push(label, balanced(label) * (1.0 - share));
            for (number, passage) in row.passages.iter().enumerate() {
                let label = is_told(passage);
                // Of those that do not tell it a part will do.
                let stands_for = match label {
                    true => 1.0,
                    false if (i + number) % FEW_PASSAGES == 0 => FEW_PASSAGES as f64,
                    false => 0.0,
                };
                let alike = if label { told } else { row.passages.len() - told };
                push(label, stands_for * (share * balanced(label) / alike as f64));
            }
        }
        let params = SparseLogisticParams::default().c(C).seed(seed).tolerance(1.0).max_iterations(60);
        let (intercept, mut weights) = solve(texts.records.clone(), labels, costs, params)?;
        texts.columns.with_idf(&mut weights);
        Ok(WholeFit { intercept, weights: Quantised::of(weights, KEPT, &texts.columns) })
    }

    pub(super) fn logit(&self, row: &Row) -> f64 {
        let sum: i64 = row.ngrams.iter().map(|&n| i64::from(self.weights.of_ngram(n))).sum();
        self.intercept + over_root(sum, self.weights.scale, row.ngrams.len())
    }
}

/// What is around units of the postings and clauses that teach a signal's local classifier, a row of a matrix for each unit. Folds
/// share it: what is outside of one costs nothing there.
pub(super) struct Surroundings {
    records: SparseRecords,
    /// Whether the signal is told there.
    told: Vec<bool>,
    /// For how many units of its kind each stands.
    stands_for: Vec<f32>,
    /// The posting of each; none where it is of a clause, which every fold learns from.
    postings: Vec<Option<usize>>,
}

impl Surroundings {
    pub(super) fn of(
        corpus: &Corpus,
        columns: &Columns,
        (postings, clauses): (&[usize], &[usize]),
        signal: SignalId,
        seed: u64,
    ) -> Surroundings {
        let size = columns.len();
        let mut units = Surroundings {
            records: SparseRecords::new(size + 1),
            told: Vec::new(),
            stands_for: Vec::new(),
            postings: Vec::new(),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ u64::from(signal.0));
        let mut around = Vec::new();
        for &i in postings.iter().chain(clauses) {
            let row = &corpus.rows[i];
            let Some(sequence) = &row.sequence else { continue };
            let told: Vec<_> = sequence.marks.iter().filter(|(id, _)| *id == signal).map(|(_, units)| units).collect();
            let is_marked = row.has_mark(signal);
            if is_marked && told.is_empty() {
                // The posting tells it as a whole, and nobody knows by which words.
                continue;
            }
            let is_clause = row.posting.label.is_none();
            // A clause tells a signal or nearly does: what it does not tell is worth as much.
            let one_in = if is_marked || is_clause { FEW_BESIDE } else { FEW };
            for unit in sequence.fields.iter().flat_map(Clone::clone) {
                let is_told = told.iter().any(|units| units.contains(&unit));
                if is_told || rng.random_ratio(1, one_in) {
                    ngrams_around(sequence, unit, columns, &mut around);
                    units.records.push_row(around.iter().copied().chain([(size as u32, 1.0)]));
                    units.told.push(is_told);
                    units.stands_for.push(if is_told { 1.0 } else { one_in as f32 });
                    units.postings.push((!is_clause).then_some(i));
                }
            }
        }
        units
    }

    /// What each costs where only the postings that are `inside`, in order, are learnt from, and clauses.
    fn costs(&self, inside: &[usize]) -> Vec<f32> {
        let is_inside = |posting: &Option<usize>| posting.is_none_or(|i| is_among(inside, i));
        let mut costs: Vec<f32> = (self.stands_for.iter().zip(&self.postings))
            .map(|(&units, posting)| if is_inside(posting) { units } else { 0.0 })
            .collect();
        let sum = |told: bool| {
            self.told.iter().zip(&costs).filter(|(t, _)| **t == told).map(|(_, c)| f64::from(*c)).sum::<f64>()
        };
        let factor = (LEAST_SHARE * sum(false) / sum(true).max(1.0)).max(1.0) as f32;
        costs.iter_mut().zip(&self.told).filter(|(_, told)| **told).for_each(|(cost, _)| *cost *= factor);
        costs
    }
}

/// A fit over the n-grams around each unit.
pub(super) struct AroundFit {
    pub(super) local: Local,
    pub(super) weights: Quantised,
}

impl AroundFit {
    /// Fits on the postings that are `inside`, in order, and on clauses.
    pub(super) fn fit(
        columns: &Columns,
        surroundings: &Surroundings,
        inside: &[usize],
        seed: u64,
    ) -> anyhow::Result<AroundFit> {
        let Surroundings { records, told, .. } = surroundings;
        let costs = surroundings.costs(inside);
        let is_learnt = |tells: bool| told.iter().zip(&costs).any(|(t, cost)| *t == tells && *cost > 0.0);
        if !is_learnt(true) || !is_learnt(false) {
            let weights = Quantised::of(vec![0.0; columns.len()], KEPT_AROUND, columns);
            return Ok(AroundFit { local: Local { intercept: 0.0, scale: weights.scale }, weights });
        }
        let params =
            SparseLogisticParams::default().c(C_AROUND).seed(seed).tolerance(1.0).max_iterations(PASSES_AROUND);
        let (intercept, weights) = solve(records.clone(), told.clone(), costs, params)?;
        let weights = Quantised::of(weights, KEPT_AROUND, columns);
        Ok(AroundFit { local: Local { intercept, scale: weights.scale }, weights })
    }

    /// What the surest words of a row count.
    pub(super) fn peak(&self, row: &Row, by_chance: f64, (near, around): &mut (Vec<(Stand, i8)>, Vec<i32>)) -> f64 {
        let ngrams = row.sequence.iter().flat_map(|sequence| &sequence.ngrams);
        near.clear();
        near.extend(ngrams.map(|&(stand, n)| (stand, self.weights.of_ngram(n))).filter(|(_, weight)| *weight != 0));
        self.local.peak(near, row.fields(), by_chance, around)
    }
}

/// The n-grams around a unit that have columns, and how much each counts, as the scorer sums them up.
fn ngrams_around(sequence: &Sequence, unit: u32, columns: &Columns, out: &mut Vec<(u32, f32)>) {
    out.clear();
    let first = sequence.ngrams.partition_point(|(stand, _)| stand.at + WITHIN < unit);
    for (stand, n) in sequence.ngrams[first..].iter().take_while(|(stand, _)| stand.at <= unit + WITHIN) {
        let end = stand.at + u32::from(stand.units);
        let Some(column) = columns.get(*n).filter(|_| end <= unit + WITHIN + 1) else { continue };
        let is_made_of_it = (stand.at..end).contains(&unit);
        out.push((column, if is_made_of_it { 1.0 } else { BESIDE as f32 / FULLY as f32 }));
    }
    out.sort_unstable_by_key(|(n, _)| *n);
    out.dedup_by(|next, held| {
        let is_same = next.0 == held.0;
        if is_same {
            held.1 += next.1;
        }
        is_same
    });
}

/// The intercept, whose column is the last one, and the other weights.
fn solve(
    records: SparseRecords,
    labels: Vec<bool>,
    costs: Vec<f32>,
    params: SparseLogisticParams,
) -> anyhow::Result<(f64, Vec<f64>)> {
    let dataset = DatasetBase::new(records, Array1::from_vec(labels)).with_weights(Array1::from_vec(costs));
    let mut weights = params.check()?.fit(&dataset)?.weights.to_vec();
    let intercept = weights.pop().expect("the intercept has a column");
    Ok((intercept, weights))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::classifiers::local::{of_field, sums};

    #[test]
    fn units_of_postings_outside_cost_nothing_and_those_of_clauses_always_something() {
        let mut units = Surroundings {
            records: SparseRecords::new(1),
            told: vec![true, false, true, false, false],
            stands_for: vec![1.0, 36.0, 1.0, 36.0, 6.0],
            postings: vec![Some(3), Some(3), Some(5), Some(5), None],
        };
        // What tells the signal weighs a tenth of what does not, all together.
        assert_eq!(units.costs(&[5]), [0.0, 0.0, 4.2, 36.0, 6.0]);
        assert_eq!(units.costs(&[3, 5]), [3.9, 36.0, 3.9, 36.0, 6.0]);
        assert_eq!(units.costs(&[]), [0.0, 0.0, 0.0, 0.0, 6.0]);
        units.told = vec![true, true, false, true, true];
        assert_eq!(units.costs(&[3]), [1.0, 36.0, 0.0, 0.0, 6.0]);
    }

    #[test]
    fn what_is_learnt_around_a_unit_is_what_the_scorer_sums_up() {
        let stand = |at, units| Stand { at, units };
        let ngrams = [(0, 1, 0), (0, 2, 1), (1, 1, 2), (2, 1, 0), (2, 3, 3), (7, 1, 2), (20, 1, 0)]
            .map(|(at, n, g)| (stand(at, n), g));
        let sequence = Sequence { ngrams: ngrams.to_vec(), fields: vec![0..10, 18..22], marks: Vec::new() };
        let columns = Columns::of(4, [&[0, 1, 2][..], &[0, 1, 2, 3], &[2]].into_iter(), 2);
        let weights: [i8; 4] = [3, -5, 7, 11];
        let near: Vec<(Stand, i8)> = ngrams
            .iter()
            .filter(|(_, n)| columns.get(*n).is_some())
            .map(|&(stand, n)| (stand, weights[n as usize]))
            .collect();
        let (mut told, mut around) = (Vec::new(), Vec::new());
        sums(&near, 22, &mut told);
        for units in &sequence.fields {
            for (unit, sum) in units.clone().zip(of_field(&told, units)) {
                ngrams_around(&sequence, unit, &columns, &mut around);
                let learnt: f32 = around.iter().map(|&(n, x)| x * f32::from(weights[n as usize])).sum();
                assert!((learnt * FULLY as f32 - *sum as f32).abs() < 1e-3, "{unit}: {learnt} {sum}");
            }
        }
    }
}
