/*!
The columns of a matrix of n-grams.

A vocabulary has millions, and most stand in one row only: what is learnt of these is that row. Those that stand in enough rows have
a column each, side by side, so that what a fit goes back to again and again lies close together.
*/

use crate::text::ngrams::root;

/// Columns for the n-grams that stand in enough rows, in the order of their numbers.
pub(super) struct Columns {
    /// By number of n-gram; [`Columns::NONE`] where it has none.
    numbers: Vec<u32>,
    ngrams: Vec<u32>,
    /// The smoothed inverse document frequencies, by column.
    idf: Vec<f64>,
}

impl Columns {
    const NONE: u32 = u32::MAX;

    /// Of a vocabulary of so many n-grams, by the n-grams of each row; for those that `least` rows have.
    pub(super) fn of<'r>(vocabulary: usize, rows: impl ExactSizeIterator<Item = &'r [u32]>, least: u32) -> Columns {
        let count = rows.len();
        let mut documents = vec![0u32; vocabulary];
        rows.flatten().for_each(|&n| documents[n as usize] += 1);
        let idf = |documents: u32| ((1.0 + count as f64) / (1.0 + f64::from(documents))).ln() + 1.0;
        let mut columns = Columns { numbers: vec![Columns::NONE; vocabulary], ngrams: Vec::new(), idf: Vec::new() };
        for (n, &documents) in documents.iter().enumerate().filter(|(_, documents)| **documents >= least) {
            columns.numbers[n] = columns.ngrams.len() as u32;
            columns.ngrams.push(n as u32);
            columns.idf.push(idf(documents));
        }
        columns
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.ngrams.len()
    }

    /// The column of an n-gram.
    pub(super) fn get(&self, n: u32) -> Option<u32> {
        Some(self.numbers[n as usize]).filter(|&column| column != Columns::NONE)
    }

    /// The entries of a row: idf over the [`root`] of its distinct n-grams.
    pub(super) fn entries(&self, ngrams: &[u32]) -> impl Iterator<Item = (u32, f32)> {
        let norm = 1.0 / root(ngrams.len());
        ngrams.iter().filter_map(move |&n| {
            let column = self.get(n)?;
            Some((column, (self.idf[column as usize] * norm) as f32))
        })
    }

    /// Folds the idf into weights, one a column.
    pub(super) fn with_idf(&self, weights: &mut [f64]) {
        weights.iter_mut().zip(&self.idf).for_each(|(weight, idf)| *weight *= idf);
    }

    /// One value a column as one for each n-gram of the vocabulary.
    pub(super) fn spread<T: Copy + Default>(&self, values: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut all = vec![T::default(); self.numbers.len()];
        for (&n, value) in self.ngrams.iter().zip(values) {
            all[n as usize] = value;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_too_few_rows_has_no_column() {
        let rows: [&[u32]; 3] = [&[0, 2, 3], &[3, 4], &[2, 3]];
        let columns = Columns::of(5, rows.into_iter(), 2);
        let idf = |documents: f64| (4.0 / (1.0 + documents)).ln() + 1.0;
        assert_eq!((columns.len(), [0, 1, 2, 3, 4].map(|n| columns.get(n))), (2, [None, None, Some(0), Some(1), None]));
        let entries: Vec<(u32, f32)> = columns.entries(rows[0]).collect();
        assert_eq!(entries, [(0, (idf(2.0) / root(3)) as f32), (1, (idf(3.0) / root(3)) as f32)]);
        let mut weights = [2.0, 3.0];
        columns.with_idf(&mut weights);
        assert_eq!(weights, [2.0 * idf(2.0), 3.0]);
        assert_eq!(columns.spread([5, 6]), [0, 0, 5, 6, 0]);
        assert_eq!(Columns::of(5, rows.into_iter(), 3).ngrams, [3]);
    }
}
