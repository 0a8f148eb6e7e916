/*!
Sparse L2-regularised logistic regression by dual coordinate descent.

linfa-logistic takes dense records only, and a bag of n-grams has hundreds of thousands of columns; so this solver is
ours. It minimises `sum_i c_i log(1 + exp(-y_i w.x_i)) + |w|^2 / 2` without an intercept, by the method of Yu, Huang and
Lin (Machine Learning 85, 2011), which LIBLINEAR calls L2R_LR_DUAL, and it implements linfa's `Fit` and `Predict`. The
tests check its coefficients against linfa-logistic on small dense problems.
*/

use std::ops::Range;
use std::sync::Arc;

use linfa::dataset::{AsSingleTargets, DatasetBase, Records};
use linfa::traits::{Fit, PredictInplace};
use linfa::{ParamGuard, error::Error as LinfaError};
use ndarray::Array1;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::text::lanes::fetch;

/// Rows of a sparse matrix, compressed. Copies share what they hold.
#[derive(Clone, Debug, Default)]
pub struct SparseRecords {
    columns: usize,
    rows: Arc<Rows>,
}

#[derive(Clone, Debug, Default)]
struct Rows {
    starts: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl SparseRecords {
    /// An empty matrix of so many columns.
    pub fn new(columns: usize) -> SparseRecords {
        let rows = Rows { starts: vec![0], indices: Vec::new(), values: Vec::new() };
        SparseRecords { columns, rows: Arc::new(rows) }
    }

    /// Makes room for so many entries at once.
    pub fn reserve(&mut self, entries: usize) {
        let rows = Arc::make_mut(&mut self.rows);
        rows.indices.reserve(entries);
        rows.values.reserve(entries);
    }

    /// Appends a row; `entries` are (column, value), columns distinct.
    pub fn push_row(&mut self, entries: impl Iterator<Item = (u32, f32)>) {
        let rows = Arc::make_mut(&mut self.rows);
        for (column, value) in entries {
            rows.indices.push(column);
            rows.values.push(value);
        }
        rows.starts.push(rows.indices.len());
    }

    /// The (column, value) pairs of a row.
    pub fn row(&self, i: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let (indices, values) = self.entries(i);
        indices.iter().zip(values).map(|(&j, &x)| (j as usize, x as f64))
    }

    /// The columns of a row, and its values there.
    fn entries(&self, i: usize) -> (&[u32], &[f32]) {
        self.between(self.range(i))
    }

    /// Where the entries of a row are.
    fn range(&self, i: usize) -> Range<usize> {
        self.rows.starts[i]..self.rows.starts[i + 1]
    }

    /// The columns and values there.
    fn between(&self, entries: Range<usize>) -> (&[u32], &[f32]) {
        (&self.rows.indices[entries.clone()], &self.rows.values[entries])
    }
}

/// The product of a row's entries and weights.
#[inline]
fn dot((indices, values): (&[u32], &[f32]), w: &[f64]) -> f64 {
    let (indices, last) = indices.as_chunks::<4>();
    let (values, last_values) = values.as_chunks::<4>();
    let product = |j: u32, x: f32| w[j as usize] * f64::from(x);
    // One sum would wait for each product before it takes the next.
    let mut sums = [0.0; 4];
    for (j, x) in indices.iter().zip(values) {
        sums[0] += product(j[0], x[0]);
        sums[1] += product(j[1], x[1]);
        sums[2] += product(j[2], x[2]);
        sums[3] += product(j[3], x[3]);
    }
    sums.iter().sum::<f64>() + last.iter().zip(last_values).map(|(&j, &x)| product(j, x)).sum::<f64>()
}

/// Adds a multiple of a row's entries to weights.
#[inline]
fn step((indices, values): (&[u32], &[f32]), by: f64, weights: &mut [f64]) {
    for (&j, &x) in indices.iter().zip(values) {
        weights[j as usize] += by * f64::from(x);
    }
}

impl Records for SparseRecords {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.rows.starts.len().saturating_sub(1)
    }

    fn nfeatures(&self) -> usize {
        self.columns
    }
}

/// Parameters, unchecked.
#[derive(Clone, Debug)]
pub struct SparseLogisticParams(SparseLogisticValidParams);

/// Parameters that hold.
#[derive(Clone, Debug)]
pub struct SparseLogisticValidParams {
    c: f64,
    tolerance: f64,
    max_iterations: usize,
    seed: u64,
}

impl Default for SparseLogisticParams {
    fn default() -> Self {
        SparseLogisticParams(SparseLogisticValidParams { c: 1.0, tolerance: 0.01, max_iterations: 300, seed: 0 })
    }
}

impl SparseLogisticParams {
    /// The inverse of the regularisation: the cost of a row of weight 1. Default 1.
    pub fn c(mut self, c: f64) -> Self {
        self.0.c = c;
        self
    }

    /// Stops when no row's gradient, in log-odds, exceeds this. Default 0.01.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.0.tolerance = tolerance;
        self
    }

    /// Passes over the rows at most. Default 300.
    pub fn max_iterations(mut self, max_iterations: usize) -> Self {
        self.0.max_iterations = max_iterations;
        self
    }

    /// Seed of the order in which rows are visited.
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }
}

impl ParamGuard for SparseLogisticParams {
    type Checked = SparseLogisticValidParams;
    type Error = LinfaError;

    fn check_ref(&self) -> Result<&Self::Checked, LinfaError> {
        let p = &self.0;
        if !(p.c.is_finite() && p.c > 0.0) {
            return Err(LinfaError::Parameters(format!("c = {} must be a positive, finite number", p.c)));
        }
        if !(p.tolerance.is_finite() && p.tolerance > 0.0) {
            return Err(LinfaError::Parameters(format!(
                "tolerance = {} must be a positive, finite number",
                p.tolerance
            )));
        }
        if p.max_iterations == 0 {
            return Err(LinfaError::Parameters("max_iterations = 0 must be at least 1".into()));
        }
        Ok(p)
    }

    fn check(self) -> Result<Self::Checked, LinfaError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// The weights that were found.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedSparseLogistic {
    /// One weight a column.
    pub weights: Vec<f64>,
    /// Passes over the rows that it took.
    pub iterations: usize,
    /// Whether the tolerance was reached.
    pub converged: bool,
}

impl<T: AsSingleTargets<Elem = bool>> Fit<SparseRecords, T, LinfaError> for SparseLogisticValidParams {
    type Object = FittedSparseLogistic;

    /// Fits; the data set's weights, where it has them, are the costs of its rows relative to `c`.
    fn fit(&self, dataset: &DatasetBase<SparseRecords, T>) -> Result<FittedSparseLogistic, LinfaError> {
        self.fit_around(dataset, None)
    }
}

impl SparseLogisticValidParams {
    /// Fits what is to be added to given logits, one a row: `sum_i c_i log(1 + exp(-y_i (o_i + w.x_i))) + |w|^2 / 2`.
    ///
    /// linfa's `Fit` has no room for offsets, so this stands beside it. Where the offsets are the logits of a model,
    /// the ridge is around that model's weights: `w` is how far they move.
    ///
    /// # Errors
    ///
    /// When there is no row, or targets or offsets are not one a row.
    pub fn fit_around<T: AsSingleTargets<Elem = bool>>(
        &self,
        dataset: &DatasetBase<SparseRecords, T>,
        offsets: Option<&[f64]>,
    ) -> Result<FittedSparseLogistic, LinfaError> {
        let x = dataset.records();
        let targets = dataset.as_single_targets();
        let n = x.nsamples();
        if n == 0 {
            return Err(LinfaError::NotEnoughSamples);
        }
        if targets.len() != n {
            return Err(LinfaError::MismatchedShapes(n, targets.len()));
        }
        if let Some(offsets) = offsets.filter(|o| o.len() != n) {
            return Err(LinfaError::MismatchedShapes(n, offsets.len()));
        }
        let cost = |i: usize| self.c * dataset.weights().map_or(1.0, |w| w[i] as f64);
        let costs: Vec<f64> = (0..n).map(cost).collect();
        let signs: Vec<f64> = targets.iter().map(|&t| if t { 1.0 } else { -1.0 }).collect();
        Ok(self.descend(x, &signs, &costs, offsets))
    }

    fn descend(
        &self,
        x: &SparseRecords,
        signs: &[f64],
        costs: &[f64],
        offsets: Option<&[f64]>,
    ) -> FittedSparseLogistic {
        let mut weights = vec![0.0; x.nfeatures()];
        // What the first variables would bring to the weights, a 1e-8 of a row each at most, is left out: it takes as long as half
        // a pass.
        let mut rows: Vec<Learnt> =
            (0..signs.len()).filter(|&i| costs[i] > 0.0).map(|i| Learnt::new(x, i, costs[i], signs[i])).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let settled = 0.1 * self.tolerance;
        // Most rows are where they belong after few passes: those that did not move are passed over until hardly any others do.
        let order: Vec<usize> = (0..rows.len()).collect();
        let mut restless = order.clone();
        for iteration in 1..=self.max_iterations {
            let is_whole = restless.len() == order.len();
            restless.shuffle(&mut rng);
            let mut steepest = 0.0f64;
            let mut moved = 0;
            for place in 0..restless.len() {
                // In their order rows lie anywhere, and the time of a pass is that of waiting for them.
                if let Some(&k) = restless.get(place + 2 * AHEAD) {
                    fetch(&rows[k]);
                }
                if let Some(&k) = restless.get(place + AHEAD) {
                    let (indices, values) = x.between(rows[k].entries.clone());
                    indices.iter().step_by(LINE).take(LINES).for_each(fetch);
                    values.iter().step_by(LINE).take(LINES).for_each(fetch);
                }
                let k = restless[place];
                let row = &mut rows[k];
                let entries = x.between(row.entries.clone());
                let (gradient, by) =
                    row.balance(dot(entries, &weights) + offsets.map_or(0.0, |o| o[row.number]), settled);
                steepest = steepest.max(gradient);
                if let Some(by) = by {
                    step(entries, by, &mut weights);
                    restless[moved] = k;
                    moved += 1;
                }
            }
            restless.truncate(moved);
            if is_whole && steepest < self.tolerance {
                return FittedSparseLogistic { weights, iterations: iteration, converged: true };
            }
            if steepest < self.tolerance || restless.len() <= order.len() / 1000 {
                restless.clone_from(&order);
            }
        }
        FittedSparseLogistic { weights, iterations: self.max_iterations, converged: false }
    }
}

/// A row so many places ahead is asked for before it is needed: first its state, in twice as many, then its entries,
const AHEAD: usize = 4;
/// of which so many lie on one line of a cache,
const LINE: usize = 16;
/// and so many lines are asked for; the processor sees by itself how a longer row goes on.
const LINES: usize = 4;

/// A row that is learnt from, all that a pass asks of it on one line of a cache.
#[repr(align(64))]
struct Learnt {
    number: usize,
    entries: Range<usize>,
    /// -1 or 1.
    sign: f64,
    cost: f64,
    square: f64,
    /// Its two dual variables, which sum to its cost.
    alpha: [f64; 2],
}

const _: () = assert!(size_of::<Learnt>() == 64);

impl Learnt {
    fn new(x: &SparseRecords, number: usize, cost: f64, sign: f64) -> Learnt {
        let first = (0.001 * cost).min(1e-8);
        let square = x.row(number).map(|(_, v)| v * v).sum();
        Learnt { number, entries: x.range(number), sign, cost, square, alpha: [first, cost - first] }
    }

    /// Balances the variables where the row's logit is this: how steep it was, and by how many times its entries the weights have to
    /// move, if it is not settled.
    fn balance(&mut self, logit: f64, settled: f64) -> (f64, Option<f64>) {
        let &mut Learnt { cost: c, square: a, sign: own, ref mut alpha, .. } = self;
        let b = own * logit;
        // Works on the variable that moves away from its bound.
        let (k, sign) = if 0.5 * a * (alpha[1] - alpha[0]) + b < 0.0 { (1, -1.0) } else { (0, 1.0) };
        let old = alpha[k];
        let slope = |z: f64| a * (z - old) + sign * b + (z / (c - z)).ln();
        let steep = slope(old);
        if steep.abs() < settled {
            return (steep.abs(), None);
        }
        let (mut z, mut gradient) = (old, steep);
        if c - old < 0.5 * c {
            // Beyond the middle Newton's steps are slow.
            z = 0.1 * old;
            gradient = slope(z);
        }
        for _ in 0..100 {
            if gradient.abs() < settled {
                break;
            }
            let next = z - gradient / (a + c / (c - z) / z);
            z = if next <= 0.0 { z * 0.1 } else { next };
            gradient = slope(z);
        }
        alpha[k] = z;
        alpha[1 - k] = c - z;
        (steep.abs(), Some(sign * (z - old) * own))
    }
}

impl FittedSparseLogistic {
    /// The logit of each row.
    pub fn logits(&self, x: &SparseRecords) -> Vec<f64> {
        (0..x.nsamples()).map(|i| dot(x.entries(i), &self.weights)).collect()
    }
}

impl PredictInplace<SparseRecords, Array1<bool>> for FittedSparseLogistic {
    fn predict_inplace<'a>(&'a self, x: &'a SparseRecords, y: &mut Array1<bool>) {
        for (y, logit) in y.iter_mut().zip(self.logits(x)) {
            *y = logit > 0.0;
        }
    }

    fn default_target(&self, x: &SparseRecords) -> Array1<bool> {
        Array1::default(x.nsamples())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::traits::Predict;
    use linfa_logistic::LogisticRegression;
    use ndarray::Array2;
    use rand::RngExt;

    /// A noisy problem: some columns count, some do not, and no plane separates the classes.
    fn problem(rows: usize, columns: usize, seed: u64) -> (Array2<f64>, Array1<bool>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let x =
            Array2::from_shape_fn(
                (rows, columns),
                |_| if rng.random::<f64>() < 0.4 { rng.random::<f64>() } else { 0.0 },
            );
        let y = x.outer_iter().map(|r| r[0] * 3.0 - r[1] * 2.0 + rng.random::<f64>() - 0.6 > 0.0).collect();
        (x, y)
    }

    fn sparse(x: &Array2<f64>) -> SparseRecords {
        let mut out = SparseRecords::new(x.ncols());
        for row in x.outer_iter() {
            out.push_row(row.iter().enumerate().filter(|(_, v)| **v != 0.0).map(|(j, v)| (j as u32, *v as f32)));
        }
        out
    }

    #[test]
    fn coefficients_are_those_of_linfa_logistic() {
        for (seed, c) in [(1, 1.0), (2, 0.1), (3, 20.0)] {
            let (x, y) = problem(300, 12, seed);
            let x = x.mapv(|v| v as f32 as f64);
            let ours = SparseLogisticParams::default().c(c).tolerance(1e-7).max_iterations(5000).check().unwrap();
            let ours = ours.fit(&DatasetBase::new(sparse(&x), y.clone())).unwrap();
            assert!(ours.converged);
            let theirs = LogisticRegression::default()
                .alpha(1.0 / c)
                .with_intercept(false)
                .gradient_tolerance(1e-9)
                .max_iterations(2000)
                .fit(&linfa::Dataset::new(x, y))
                .unwrap();
            // linfa-logistic takes the larger class for the positive one.
            let sign = if theirs.labels().pos.class { 1.0 } else { -1.0 };
            for (a, b) in ours.weights.iter().zip(theirs.params()) {
                assert!((a - sign * b).abs() < 1e-3, "c {c}: {a} against {b}");
            }
        }
    }

    /// A column of value 1 whose weight is given is an offset: both find the same weights for the others.
    #[test]
    fn an_offset_is_a_column_whose_weight_is_known() {
        let (x, y) = problem(300, 6, 4);
        let known = [1.5, -2.0, 0.7, 0.0, 0.3, -0.4];
        let offsets: Vec<f64> = x.outer_iter().map(|r| r.iter().zip(&known).map(|(a, b)| a * b).sum()).collect();
        let fit = |c: f64, offsets: Option<&[f64]>| {
            let params = SparseLogisticParams::default().c(c).tolerance(1e-7).max_iterations(5000).check().unwrap();
            params.fit_around(&DatasetBase::new(sparse(&x), y.clone()), offsets).unwrap()
        };
        // Hardly any pull: the same logits from anywhere. A strong pull: nothing moves away from the offsets.
        let (free, around) = (fit(1e4, None), fit(1e4, Some(&offsets)));
        for ((a, b), k) in free.weights.iter().zip(&around.weights).zip(&known) {
            assert!((a - (b + k)).abs() < 0.02 * a.abs().max(1.0), "{a} against {b} + {k}");
        }
        assert!(fit(1e-6, Some(&offsets)).weights.iter().all(|w| w.abs() < 1e-3));
        let params = SparseLogisticParams::default().check().unwrap();
        assert!(params.fit_around(&DatasetBase::new(sparse(&x), y.clone()), Some(&offsets[1..])).is_err());
    }

    #[test]
    fn a_row_of_weight_two_counts_as_two_rows() {
        let (x, y) = problem(60, 5, 9);
        let twice = ndarray::concatenate![ndarray::Axis(0), x, x];
        let y_twice: Array1<bool> = y.iter().chain(y.iter()).copied().collect();
        let params = SparseLogisticParams::default().tolerance(1e-7).max_iterations(5000).check().unwrap();
        let weighted = DatasetBase::new(sparse(&x), y.clone()).with_weights(Array1::from_elem(60, 2.0));
        let a = params.fit(&weighted).unwrap();
        let b = params.fit(&DatasetBase::new(sparse(&twice), y_twice)).unwrap();
        for (a, b) in a.weights.iter().zip(&b.weights) {
            assert!((a - b).abs() < 1e-5);
        }
        let predicted: Array1<bool> = a.predict(&DatasetBase::new(sparse(&x), Array1::from_elem(60, false)));
        let right = predicted.iter().zip(&y).filter(|(a, b)| a == b).count();
        assert!(right > 50, "{right} of 60");
    }

    #[test]
    fn parameters_state_their_rules() {
        let message = SparseLogisticParams::default().c(-1.0).check().unwrap_err().to_string();
        assert!(message.contains("c = -1 must be a positive, finite number"), "{message}");
        let empty = DatasetBase::new(SparseRecords::new(3), Array1::<bool>::default(0));
        assert!(SparseLogisticParams::default().check().unwrap().fit(&empty).is_err());
    }
}
