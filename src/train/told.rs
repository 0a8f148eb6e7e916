/*!
Passages to learn from: which part of a posting says what it is.

A lure says what it is in two sentences, and between them stands what any vacancy says. The marks tell where: so the text is
learnt from passages too, and of a scam from those above all whose marked signals scams have and honest postings have not.
*/

use super::corpus::{Corpus, Passage, Row};

/// What marked signals say for a scam, by number of the signal.
pub(super) struct Told {
    odds: Vec<f64>,
}

impl Told {
    /// Counted on some rows: the logarithm of how many times as often scams are marked with a signal as honest postings are.
    pub(super) fn of(corpus: &Corpus, rows: &[usize]) -> Told {
        let marked = || rows.iter().map(|&i| &corpus.rows[i]).filter_map(|row| Some((row.label, row.marks.as_ref()?)));
        let signals = marked().flat_map(|(_, marks)| marks).map(|signal| signal.0 as usize + 1).max().unwrap_or(0);
        let share = |of: bool| -> Vec<f64> {
            let (mut counts, mut all) = (vec![1.0; signals], 2.0);
            for (_, marks) in marked().filter(|(label, _)| *label == of) {
                all += 1.0;
                marks.iter().for_each(|signal| counts[signal.0 as usize] += 1.0);
            }
            counts.iter().map(|count| count / all).collect()
        };
        let odds = share(true).iter().zip(share(false)).map(|(scams, honest)| (scams / honest).ln().max(0.0)).collect();
        Told { odds }
    }

    /// The passages to learn from that a row has, each with its share of what they weigh together: of an honest posting all
    /// alike, of a scam by the square of what is told there. None of a row without marks.
    pub(super) fn passages<'r>(&self, row: &'r Row) -> Vec<(&'r Passage, f64)> {
        let said = |passage: &Passage| passage.told.iter().map(|signal| self.odds[signal.0 as usize]).sum::<f64>();
        let weighed = row.passages.iter().filter(|_| row.marks.is_some()).map(|passage| match row.label {
            true => (passage, said(passage).powi(2)),
            false => (passage, 1.0),
        });
        let mut weighed: Vec<(&Passage, f64)> = weighed.filter(|(_, weight)| *weight > 0.0).collect();
        let all: f64 = weighed.iter().map(|(_, weight)| weight).sum();
        weighed.iter_mut().for_each(|(_, weight)| *weight /= all);
        weighed
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::signals::Extractor;
    use crate::train::corpus::CorpusOptions;

    #[test]
    fn of_a_scam_the_passages_count_that_tell_what_scams_tell() {
        let reader = crate::train::reader();
        let extractor = Extractor::embedded(&reader);
        let dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures/marked"));
        let paths = ["r1-a.txt", "r2-a.txt"].map(|name| dir.join(name));
        let corpus = Corpus::load(&paths, &CorpusOptions::default(), &reader, &extractor).unwrap();
        let rows: Vec<usize> = (0..corpus.rows.len()).collect();
        let told = Told::of(&corpus, &rows);
        let (mut scams, mut left_out) = (0, 0);
        for row in &corpus.rows {
            let passages = told.passages(row);
            let shares: f64 = passages.iter().map(|(_, share)| share).sum();
            assert!(passages.is_empty() || (shares - 1.0).abs() < 1e-9);
            if row.label {
                scams += usize::from(!passages.is_empty());
                left_out += row.passages.len() - passages.len();
                assert!(passages.iter().all(|(passage, _)| !passage.told.is_empty()));
            } else {
                assert_eq!(passages.len(), row.passages.len());
                assert!(passages.iter().all(|(_, share)| (share - shares / passages.len() as f64).abs() < 1e-9));
            }
        }
        assert!(scams > 0 && left_out > 0, "{scams} {left_out}");
    }
}
