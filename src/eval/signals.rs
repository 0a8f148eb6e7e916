/*!
How well signals are read: what the extractor says of marked postings, against the marks.

Two views. *Posting*: does the signal fire on a posting that carries it? *Span*: does each place that was found overlap a
marked one, and each marked one a found one? Figures are micro-averages.
*/

use std::ops::Range;

/// True positives, false positives, false negatives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Found and marked.
    pub hits: usize,
    /// Found and not marked.
    pub false_alarms: usize,
    /// Marked and not found.
    pub misses: usize,
}

impl Counts {
    /// Adds the counts of another set.
    pub fn add(&mut self, other: Counts) {
        self.hits += other.hits;
        self.false_alarms += other.false_alarms;
        self.misses += other.misses;
    }

    /// The share of what was found that is marked.
    pub fn precision(&self) -> f64 {
        self.hits as f64 / (self.hits + self.false_alarms) as f64
    }

    /// The share of what is marked that was found.
    pub fn recall(&self) -> f64 {
        self.hits as f64 / (self.hits + self.misses) as f64
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> f64 {
        2.0 * self.hits as f64 / (2 * self.hits + self.false_alarms + self.misses) as f64
    }
}

/// One posting's view of one signal.
pub fn posting(found: bool, marked: bool) -> Counts {
    Counts {
        hits: (found && marked) as usize,
        false_alarms: (found && !marked) as usize,
        misses: (!found && marked) as usize,
    }
}

/// The spans of one signal in one field: a hit is a found span that overlaps a marked one; a miss is a marked one that no
/// found one overlaps.
pub fn spans(found: &[Range<usize>], marked: &[Range<usize>]) -> Counts {
    let meets = |a: &Range<usize>, others: &[Range<usize>]| others.iter().any(|b| a.start < b.end && b.start < a.end);
    let hits = found.iter().filter(|f| meets(f, marked)).count();
    Counts { hits, false_alarms: found.len() - hits, misses: marked.iter().filter(|m| !meets(m, found)).count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_is_a_hit() {
        let counts = spans(&[0..5, 8..9, 20..30], &[3..8, 25..26, 40..41]);
        assert_eq!(counts, Counts { hits: 2, false_alarms: 1, misses: 1 });
        assert!((counts.precision() - 2.0 / 3.0).abs() < 1e-12);
        assert!((counts.recall() - 2.0 / 3.0).abs() < 1e-12);
        assert!((counts.f1() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn postings_count_once() {
        assert_eq!(posting(true, false), Counts { hits: 0, false_alarms: 1, misses: 0 });
        assert_eq!(posting(false, false), Counts::default());
    }
}
