/*!
Agreement of moderators: Cohen's kappa for every pair who decided the same texts, and where they differ.
*/

use std::collections::BTreeMap;

use serde::Serialize;

use super::decision::{Label, Standing};
use crate::eval::interval::Z;

/// Two moderators on the texts that both decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// The moderators, by name.
    pub moderators: [String; 2],
    /// Texts that both decided.
    pub texts: usize,
    /// Share of them on which they say the same.
    pub observed: f64,
    /// Share that chance would give, with how often each says what.
    pub expected: f64,
    /// Cohen's kappa; none when chance alone would give full agreement.
    pub kappa: Option<Kappa>,
    /// How often the first said the row and the second the column, in the order of [`Label::ALL`].
    pub table: [[usize; 3]; 3],
}

/// Cohen's kappa with its 95 % interval, by the large-sample variance of Fleiss, Cohen and Everitt (1969).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Kappa {
    /// 1 is full agreement, 0 what chance gives.
    pub value: f64,
    /// Lower end; none where the variance says nothing: with fewer than ten texts, or none on which they differ.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// Texts below which the variance, which is one for large samples, is not used.
pub const LEAST_TEXTS: usize = 10;

/// A text on which moderators differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disagreement<'a> {
    /// The text.
    pub text_hash: &'a str,
    /// What was decided about it, in the order it was.
    pub decisions: Vec<&'a Standing>,
}

/// Every pair of moderators with a text in common.
pub fn pairs(standing: &[Standing]) -> Vec<Agreement> {
    let mut tables: BTreeMap<[&str; 2], [[usize; 3]; 3]> = BTreeMap::new();
    for decisions in by_text(standing).into_values() {
        for (i, a) in decisions.iter().enumerate() {
            for b in &decisions[i + 1..] {
                let (first, second) = if a.moderator < b.moderator { (a, b) } else { (b, a) };
                let table = tables.entry([&first.moderator, &second.moderator]).or_default();
                table[first.label as usize][second.label as usize] += 1;
            }
        }
    }
    tables.into_iter().map(|(moderators, table)| agreement(moderators.map(str::to_owned), table)).collect()
}

/// Texts on which not all moderators say the same.
pub fn disagreements(standing: &[Standing]) -> Vec<Disagreement<'_>> {
    let mut out: Vec<Disagreement<'_>> = by_text(standing)
        .into_iter()
        .filter(|(_, decisions)| decisions.iter().any(|d| d.label != decisions[0].label))
        .map(|(text_hash, decisions)| Disagreement { text_hash, decisions })
        .collect();
    out.sort_by_key(|d| d.decisions[0].number);
    out
}

fn by_text(standing: &[Standing]) -> BTreeMap<&str, Vec<&Standing>> {
    let mut texts: BTreeMap<&str, Vec<&Standing>> = BTreeMap::new();
    for decision in standing {
        texts.entry(&decision.text_hash).or_default().push(decision);
    }
    texts
}

fn agreement(moderators: [String; 2], table: [[usize; 3]; 3]) -> Agreement {
    let texts: usize = table.iter().flatten().sum();
    let n = texts as f64;
    let share = |i: usize, j: usize| table[i][j] as f64 / n;
    let rows: [f64; 3] = std::array::from_fn(|i| (0..Label::ALL.len()).map(|j| share(i, j)).sum());
    let columns: [f64; 3] = std::array::from_fn(|j| (0..Label::ALL.len()).map(|i| share(i, j)).sum());
    let observed = (0..3).map(|i| table[i][i]).sum::<usize>() as f64 / n;
    let expected: f64 = (0..3).map(|i| rows[i] * columns[i]).sum();
    let kappa = (expected < 1.0).then(|| {
        let value = (observed - expected) / (1.0 - expected);
        let mut sum = 0.0;
        for i in 0..3 {
            for j in 0..3 {
                let weight = match i == j {
                    true => (1.0 - expected - (rows[i] + columns[i]) * (1.0 - observed)).powi(2),
                    false => (1.0 - observed).powi(2) * (columns[i] + rows[j]).powi(2),
                };
                sum += share(i, j) * weight;
            }
        }
        let variance =
            (sum - (observed * expected - 2.0 * expected + observed).powi(2)) / (n * (1.0 - expected).powi(4));
        let half = Z * variance.max(0.0).sqrt();
        // Where the two never differ the variance is 0, however few the texts: that is no certainty.
        let tells = texts >= LEAST_TEXTS && observed < 1.0;
        let end = |end: f64| tells.then_some(end.clamp(-1.0, 1.0));
        Kappa { value, low: end(value - half), high: end(value + half) }
    });
    Agreement { moderators, texts, observed, expected, kappa, table }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(table: [[usize; 3]; 3]) -> Agreement {
        agreement(["a".into(), "b".into()], table)
    }

    /// The diagnoses of Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969), table 1, without its weights:
    /// 200 cases, kappa 0.429 with a standard error of 0.054 (their equation 13).
    #[test]
    fn kappa_and_its_interval_are_those_of_the_paper() {
        let a = of([[106, 10, 4], [22, 28, 10], [2, 12, 6]]);
        let kappa = a.kappa.unwrap();
        assert!((a.observed - 0.7).abs() < 1e-12 && (a.expected - 0.475).abs() < 1e-12, "{a:?}");
        assert!((kappa.value - 0.428_571).abs() < 1e-6);
        let (low, high) = kappa.low.zip(kappa.high).unwrap();
        assert!(((high - low) / 2.0 / Z - 0.0537).abs() < 5e-4, "{kappa:?}");
    }

    #[test]
    fn full_agreement_and_none() {
        let all = of([[5, 0, 0], [0, 7, 0], [0, 0, 0]]).kappa.unwrap();
        assert_eq!((all.value, all.low, all.high), (1.0, None, None), "no variance where nobody differs");
        assert_eq!(of([[9, 0, 0], [0, 0, 0], [0, 0, 0]]).kappa, None, "both always say the same word");
        let opposite = of([[0, 5, 0], [5, 0, 0], [0, 0, 0]]).kappa.unwrap();
        assert_eq!(opposite.value, -1.0);
        let few = |texts: usize| of([[texts - 5, 1, 0], [1, 3, 0], [0, 0, 0]]).kappa.unwrap();
        assert_eq!((few(9).low, few(9).high), (None, None), "a variance for large samples");
        assert!(few(10).low.is_some_and(|low| low < few(10).value), "{:?}", few(10));
    }
}
