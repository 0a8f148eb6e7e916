/*!
Designs of the text stage, compared: units and orders, row weights, copies without profile, regularisation,
normalisation, selection, quantisation.

Every design differs from the one that ships in one respect. It is fitted inside each outer training part, vocabulary and
idf with it, and measured by the text logit of the rows left out, for every kind of fold and every seed. The folds of a
seed are the same for all designs, so their differences are paired; noise between seeds is several times larger.
*/

use rayon::prelude::*;
use serde::Serialize;

use super::corpus::{Corpus, Row};
use super::pipeline::{Protocol, outer_folds, pick};
use super::text_fit::{TextFit, TextParams};
use super::units::{EntityUnits, Units};
use crate::eval::metrics::{Scored, measure, sort};
use crate::model::text_stage::CAPACITY;

/// The kinds of folds, in the order of the columns.
pub const PROTOCOLS: [Protocol; 4] =
    [Protocol::Employer, Protocol::NearDuplicate, Protocol::AuthorFamily, Protocol::Random];

/// What a text logit is made of, once the weights are there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reading {
    /// Over the square root of all distinct n-grams: the formula.
    All,
    /// Over the square root of those known.
    Known,
    /// By the formula, from a table of 16-bit weights.
    Table,
}

/// A design.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// What is different about it.
    pub name: String,
    units: Units,
    text: TextParams,
    keep: usize,
    reading: Reading,
}

/// What is fitted once for all the designs that differ only in what is made of the weights.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fit {
    units: Units,
    text: TextParams,
}

impl Design {
    fn fit(&self) -> Fit {
        Fit { units: self.units, text: self.text }
    }

    /// The text logit of rows, by weights that are not yet selected.
    fn logits(&self, fitted: &TextFit, corpus: &Corpus, rows: &[usize]) -> anyhow::Result<Vec<f64>> {
        let fitted = fitted.clone().keeping(self.keep);
        let fitted = match self.reading {
            Reading::Table => fitted
                .in_table(corpus)
                .ok_or_else(|| anyhow::anyhow!("{} n-grams do not fit into the table", fitted.ranked().len()))?,
            Reading::All | Reading::Known => fitted,
        };
        let logit = |row: &Row| match self.reading {
            Reading::Known => fitted.logit_of_known(row),
            Reading::All | Reading::Table => fitted.logit(&row.ngrams),
        };
        Ok(rows.iter().map(|&i| logit(&corpus.rows[i])).collect())
    }
}

/// The designs: the one given first, then each with one thing changed.
pub fn designs(shipped: &TextParams) -> Vec<Design> {
    let all = Units::default();
    let text = TextParams { keep: usize::MAX, ..*shipped };
    let base = Design {
        name: "as `train` fits it".to_owned(),
        units: all,
        text,
        keep: shipped.keep.min(CAPACITY),
        reading: Reading::Table,
    };
    let with = |name: &str, change: &dyn Fn(&mut Design)| {
        let mut design = Design { name: name.to_owned(), ..base.clone() };
        change(&mut design);
        design
    };
    vec![
        base.clone(),
        with("weights not rounded", &|d| d.reading = Reading::All),
        with("over known n-grams, not rounded", &|d| d.reading = Reading::Known),
        with("all n-grams kept, not rounded", &|d| (d.keep, d.reading) = (usize::MAX, Reading::All)),
        with("100,000 n-grams kept", &|d| d.keep = 100_000),
        with("30,000 n-grams kept", &|d| d.keep = 30_000),
        with("C a tenth", &|d| d.text.c /= 10.0),
        with("C threefold", &|d| d.text.c *= 3.0),
        with("no fit of the lures' own", &|d| d.text.lures_share = 0.0),
        with("twice as much of the lures' own fit", &|d| d.text.lures_share *= 2.0),
        with("rows not weighted by campaign", &|d| d.text.campaign_power = 0.0),
        with("rows weighted by 1/sqrt(campaign)", &|d| d.text.campaign_power = 0.5),
        with("no copies without profile and benefits", &|d| d.text.bare_share = 0.0),
        with("half the weight on such copies", &|d| d.text.bare_share = 0.5),
        with("no copies of scams with honest text", &|d| d.text.padded_share = 0.0),
        with("a third of a scam's weight on such copies", &|d| d.text.padded_share = 0.3),
        with("scams weighted to 5 %", &|d| d.text.prior = 0.05),
        with("1-grams", &|d| d.units.order = 1),
        with("1-2-grams", &|d| d.units.order = 2),
        with("no beginnings of words", &|d| d.units.beginnings = false),
        with("1-2-grams, no beginnings of words", &|d| (d.units.order, d.units.beginnings) = (2, false)),
        with("no punctuation", &|d| d.units.punctuation = false),
        with("entities as written", &|d| d.units.entities = EntityUnits::AsWritten),
        with("no entities", &|d| d.units.entities = EntityUnits::LeftOut),
        with("words only", &|d| d.units = Units { punctuation: false, entities: EntityUnits::LeftOut, ..all }),
    ]
}

/// The figures of a design on one domain under one kind of folds, a value a seed.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// See [`Design::name`].
    pub design: String,
    /// The domain.
    pub domain: String,
    /// What folds kept together.
    pub folds: &'static str,
    /// Area under the precision-recall curve.
    pub average_precision: Vec<f64>,
    /// Area under the ROC curve.
    pub roc_auc: Vec<f64>,
    /// Recall at 1 % flagged honest postings.
    pub recall_at_1_fpr: Vec<f64>,
}

/// Compares designs; `load` reads the corpus with the units of a design, and `say` is told what is being done.
///
/// # Errors
///
/// When the data cannot be read or a fit is impossible.
pub fn compare(
    designs: &[Design],
    load: impl Fn(Units) -> anyhow::Result<Corpus>,
    (folds, seeds): (usize, &[u64]),
    mut say: impl FnMut(&str),
) -> anyhow::Result<Vec<Figures>> {
    let mut by_design: Vec<Vec<Figures>> = vec![Vec::new(); designs.len()];
    let mut done = vec![false; designs.len()];
    while let Some(units) = (0..designs.len()).find(|&d| !done[d]).map(|d| designs[d].units) {
        let of_units: Vec<usize> = (0..designs.len()).filter(|&d| designs[d].units == units).collect();
        let corpus = load(units)?;
        while let Some(fit) = of_units.iter().find(|&&d| !done[d]).map(|&d| designs[d].fit()) {
            let of_fit: Vec<usize> = of_units.iter().copied().filter(|&d| designs[d].fit() == fit).collect();
            for protocol in PROTOCOLS {
                let mut rows: Vec<Vec<Figures>> = vec![Vec::new(); of_fit.len()];
                for &seed in seeds {
                    let logits = out_of_fold(designs, &of_fit, &corpus, protocol, folds, seed)?;
                    for (rows, logits) in rows.iter_mut().zip(&logits) {
                        add(rows, &corpus, protocol, logits);
                    }
                }
                for (rows, &d) in rows.into_iter().zip(&of_fit) {
                    by_design[d].extend(rows.into_iter().map(|f| Figures { design: designs[d].name.clone(), ..f }));
                }
            }
            for d in of_fit {
                say(&designs[d].name);
                done[d] = true;
            }
        }
    }
    Ok(by_design.into_iter().flatten().collect())
}

/// The text logit of every row by each of the designs of one fit, out of fold.
fn out_of_fold(
    designs: &[Design],
    of_fit: &[usize],
    corpus: &Corpus,
    protocol: Protocol,
    k: usize,
    seed: u64,
) -> anyhow::Result<Vec<Vec<f64>>> {
    let rows: Vec<usize> = (0..corpus.rows.len()).collect();
    let folds = outer_folds(corpus, protocol, k, seed);
    let parts: Vec<(Vec<usize>, Vec<Vec<f64>>)> = (0..k)
        .into_par_iter()
        .map(|fold| {
            let inside = pick(&rows, &folds, |f| f != fold);
            let outside = pick(&rows, &folds, |f| f == fold);
            let fitted = TextFit::fit(corpus, &inside, &designs[of_fit[0]].text, seed)?;
            let logits = of_fit.iter().map(|&d| designs[d].logits(&fitted, corpus, &outside));
            let logits = logits.collect::<anyhow::Result<_>>()?;
            Ok((outside, logits))
        })
        .collect::<anyhow::Result<_>>()?;
    let mut out = vec![vec![0.0; rows.len()]; of_fit.len()];
    for (outside, logits) in parts {
        for (out, logits) in out.iter_mut().zip(logits) {
            for (&i, logit) in outside.iter().zip(logits) {
                out[i] = logit;
            }
        }
    }
    Ok(out)
}

/// Adds a seed's figures: of every domain with both classes, where this kind of fold is another than near-duplicates'.
fn add(figures: &mut Vec<Figures>, corpus: &Corpus, protocol: Protocol, logits: &[f64]) {
    for (d, domain) in corpus.domains.iter().enumerate() {
        let rows: Vec<usize> = (0..corpus.rows.len()).filter(|&i| corpus.rows[i].domain == d).collect();
        let near = |p: Protocol| p.groups(corpus, &rows);
        if matches!(protocol, Protocol::Employer | Protocol::AuthorFamily)
            && same_parts(&near(protocol), &near(Protocol::NearDuplicate))
        {
            continue;
        }
        let scored = |&i: &usize| {
            let row = &corpus.rows[i];
            Scored { logit: logits[i], label: row.label, weight: row.weight, group: row.group }
        };
        let mut scored: Vec<Scored> = rows.iter().map(scored).collect();
        sort(&mut scored);
        let Some(metrics) = measure(&scored) else { continue };
        let at = figures.iter().position(|f| f.domain == *domain).unwrap_or_else(|| {
            figures.push(Figures {
                design: String::new(),
                domain: domain.clone(),
                folds: protocol.name(),
                average_precision: Vec::new(),
                roc_auc: Vec::new(),
                recall_at_1_fpr: Vec::new(),
            });
            figures.len() - 1
        });
        figures[at].average_precision.push(metrics.average_precision);
        figures[at].roc_auc.push(metrics.roc_auc);
        figures[at].recall_at_1_fpr.push(metrics.recall_at_1_fpr);
    }
}

/// Whether two groupings of the same rows keep the same rows together.
fn same_parts(a: &[usize], b: &[usize]) -> bool {
    let first = |groups: &[usize]| -> Vec<usize> {
        let mut seen = std::collections::HashMap::new();
        groups.iter().enumerate().map(|(i, &g)| *seen.entry(g).or_insert(i)).collect()
    };
    first(a) == first(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designs_differ_from_the_shipped_one_and_from_each_other() {
        let designs = designs(&TextParams::default());
        for (i, a) in designs.iter().enumerate() {
            for b in &designs[..i] {
                assert_ne!(a.name, b.name);
                assert_ne!(Design { name: String::new(), ..a.clone() }, Design { name: String::new(), ..b.clone() });
            }
        }
        assert_eq!(designs[0].fit(), designs[1].fit(), "rounding needs no fit of its own");
    }

    #[test]
    fn groupings_are_compared_by_what_they_keep_together() {
        assert!(same_parts(&[7, 7, 1], &[0, 0, 2]));
        assert!(!same_parts(&[7, 7, 1], &[0, 2, 2]));
    }
}
