/*!
Fits that leave folds out, each of which serves every model that must not have seen these folds.

A model is judged on a fold that nothing in it has seen. Its stage 2 and the line of its second reading learn from what text
fits say of rows that these have not seen, so beneath it are fits that leave out another fold besides. A fit without folds 1
and 2 is beneath the model judged on fold 1 and the one judged on fold 2; a fit without fold 1 is the text of the model judged
there, and beneath the model of all rows. Of `k` folds these are `1 + k + k (k - 1) / 2` fits, where folds drawn anew within
each fold would need `(k + 1)²`.
*/

use rayon::prelude::*;

use super::corpus::{Corpus, Row};
use super::pipeline::{Fitted, Params, folds, pick};
use super::text_fit::TextFit;
use super::vacancy_fit::{self, VacancyFit};
use super::verdict_fit::{Design, VerdictFit};
use crate::signals::Extractor;

/// Rows parted into folds, and the fits that leave out one of these.
pub(super) struct Rotation<'a> {
    corpus: &'a Corpus,
    rows: &'a [usize],
    /// The fold of each of the rows.
    folds: Vec<usize>,
    params: &'a Params,
    seed: u64,
    /// Whether there is a second reading.
    reads_twice: bool,
    /// By the fold that is left out.
    without: Vec<Readings>,
}

/// Both readings of a text, fitted; the second still has n-grams that the first has not.
struct Readings {
    first: TextFit,
    second: Option<TextFit>,
}

/// What both say of a row.
#[derive(Clone, Copy, Default)]
struct Sums {
    first: f64,
    second: Option<f64>,
}

impl Readings {
    /// What they say of a row beneath a model whose n-grams are those of `kept`.
    fn of(&self, row: &Row, kept: &TextFit) -> Sums {
        Sums {
            first: self.first.logit(&row.ngrams),
            second: self.second.as_ref().map(|text| text.logit_of_those_of(&row.ngrams, kept)),
        }
    }
}

impl<'a> Rotation<'a> {
    /// Parts the rows of these numbers, and fits without each fold.
    pub(super) fn new(
        corpus: &'a Corpus,
        rows: &'a [usize],
        params: &'a Params,
        seed: u64,
    ) -> anyhow::Result<Rotation<'a>> {
        let folds = folds(corpus, rows, params.protocol, params.folds, seed);
        let reads_twice = !params.verdict.without_text && vacancy_fit::can_fit(corpus, rows);
        let mut rotation = Rotation { corpus, rows, folds, params, seed, reads_twice, without: Vec::new() };
        rotation.without =
            (0..params.folds).into_par_iter().map(|fold| rotation.readings(&[fold])).collect::<anyhow::Result<_>>()?;
        Ok(rotation)
    }

    /// The model of all rows.
    pub(super) fn whole(&self, extractor: &Extractor) -> anyhow::Result<Fitted> {
        let readings = self.readings(&[])?;
        let sum = |(&i, &fold): (&usize, &usize)| self.without[fold].of(&self.corpus.rows[i], &readings.first);
        let sums: Vec<Sums> = self.rows.iter().zip(&self.folds).map(sum).collect();
        self.model(self.rows, readings, &sums, extractor)
    }

    /// The logit of each of the rows, by a model that has not seen its fold.
    pub(super) fn nested(mut self, extractor: &Extractor) -> anyhow::Result<Vec<f64>> {
        let k = self.params.folds;
        let pairs: Vec<(usize, usize)> = (0..k).flat_map(|a| (a + 1..k).map(move |b| (a, b))).collect();
        let row = |at: usize| &self.corpus.rows[self.rows[at]];
        let of_pairs: Vec<Vec<(usize, usize, Sums)>> = pairs
            .par_iter()
            .map(|&(a, b)| {
                let readings = self.readings(&[a, b])?;
                // Beneath the model judged on one of the two, they speak of the rows of the other.
                let outside = self.folds.iter().enumerate().filter(|(_, fold)| [a, b].contains(fold));
                let speak = |(at, &fold): (usize, &usize)| {
                    let judged = if fold == a { b } else { a };
                    (judged, at, readings.of(row(at), &self.without[judged].first))
                };
                Ok(outside.map(speak).collect())
            })
            .collect::<anyhow::Result<_>>()?;
        // By the fold that a model is judged on, what the fits beneath it say.
        let mut sums = vec![vec![Sums::default(); self.rows.len()]; k];
        for (judged, at, of_row) in of_pairs.into_iter().flatten() {
            sums[judged][at] = of_row;
        }
        let judged: Vec<Vec<f64>> = std::mem::take(&mut self.without)
            .into_par_iter()
            .zip(sums)
            .enumerate()
            .map(|(fold, (readings, sums))| {
                let inside = pick(self.rows, &self.folds, |f| f != fold);
                let sums: Vec<Sums> =
                    sums.into_iter().zip(&self.folds).filter(|(_, f)| **f != fold).map(|(of_row, _)| of_row).collect();
                let model = self.model(&inside, readings, &sums, extractor)?;
                model.logits(self.corpus, &pick(self.rows, &self.folds, |f| f == fold), extractor)
            })
            .collect::<anyhow::Result<_>>()?;
        let mut judged: Vec<_> = judged.into_iter().map(Vec::into_iter).collect();
        Ok(self.folds.iter().filter_map(|&fold| judged[fold].next()).collect())
    }

    /// Both readings, fitted without the rows of these folds.
    fn readings(&self, left_out: &[usize]) -> anyhow::Result<Readings> {
        let (corpus, params, seed) = (self.corpus, self.params, self.seed);
        let inside = pick(self.rows, &self.folds, |f| !left_out.contains(&f));
        let (first, second) = rayon::join(
            || TextFit::fit(corpus, &inside, &params.text, seed),
            || if self.reads_twice { vacancy_fit::fit_text(corpus, &inside, params, seed) } else { Ok(None) },
        );
        Ok(Readings { first: first?, second: second? })
    }

    /// The model of some rows: their readings, and what is fitted on what others, which have not seen them, say of them.
    fn model(
        &self,
        rows: &[usize],
        readings: Readings,
        sums: &[Sums],
        extractor: &Extractor,
    ) -> anyhow::Result<Fitted> {
        let first: Vec<f64> = sums.iter().map(|of_row| of_row.first).collect();
        let design = Design::new(self.corpus, rows, &first);
        let verdict = VerdictFit::fit(&design, extractor, &self.params.verdict, self.seed)?;
        let second: Option<Vec<f64>> = sums.iter().map(|of_row| of_row.second).collect();
        let vacancy = readings.second.zip(second).and_then(|(text, sums)| {
            let weights = vacancy_fit::fit_line(self.corpus, rows, &sums, &self.params.vacancy)?;
            Some(VacancyFit { text: text.keeping_those_of(&readings.first), weights })
        });
        Ok(Fitted { text: readings.first, vacancy, verdict })
    }
}
