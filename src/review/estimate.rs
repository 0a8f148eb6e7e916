/*!
Intervals for shares that are estimated from samples: of one stratum by Wilson, of several by MOVER.

MOVER (Zou and Donner, Statistics in Medicine 27, 2008) makes the interval of a weighted sum of independent shares out of
the intervals of the shares, so that it keeps what is good about Wilson's: it is right for small samples and does not
shrink to nothing when all of a sample is alike. A ratio of sums is bounded by the values at which the interval of the
difference covers zero. Nothing is drawn at random, so the same counts give the same interval.
*/

use serde::Serialize;

use crate::eval::interval;

/// Halvings of the search for an end of an interval: more than a share has bits.
const HALVINGS: usize = 60;

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What was seen of one stratum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Postings in the stratum.
    pub population: usize,
    /// Of them, decided either way.
    pub decided: usize,
    /// Of these, scams.
    pub scams: usize,
}

impl Seen {
    /// The share of scams; a stratum of which nothing was seen may have any.
    fn share(&self) -> Share {
        wilson(self.scams, self.decided).unwrap_or(Share { value: 0.0, low: 0.0, high: 1.0 })
    }
}

/// The interval of Wilson for `hits` of `n`; none when nothing was seen.
pub fn wilson(hits: usize, n: usize) -> Option<Share> {
    let value = (n > 0).then(|| hits as f64 / n as f64)?;
    let (low, high) = interval::wilson(value, n as f64);
    Some(Share { value, low, high })
}

/// The share of scams in all strata together; none when a stratum that has postings was not looked at.
pub fn share_of_all(strata: &[Seen]) -> Option<Share> {
    let total: usize = strata.iter().map(|s| s.population).sum();
    if total == 0 || strata.iter().any(|s| s.population > 0 && s.decided == 0) {
        return None;
    }
    let terms: Vec<(f64, Share)> = strata.iter().map(|s| (s.population as f64 / total as f64, s.share())).collect();
    Some(weighted_sum(&terms))
}

/// What share of all scams lies in `flagged`, the rest of them in `passed`; none when a stratum that has postings was not
/// looked at, or no scam was seen at all.
pub fn share_of_scams(flagged: &[Seen], passed: &[Seen]) -> Option<Share> {
    let all = || flagged.iter().chain(passed);
    if all().any(|s| s.population > 0 && s.decided == 0) || all().all(|s| s.scams == 0) {
        return None;
    }
    let scams = |s: &[Seen]| s.iter().map(|s| s.population as f64 * s.share().value).sum::<f64>();
    let (found, missed) = (scams(flagged), scams(passed));
    let value = found / (found + missed);
    // r is a possible value when the interval of (1 - r) found - r missed covers zero.
    let difference = |r: f64| {
        let found = flagged.iter().map(|s| ((1.0 - r) * s.population as f64, s.share()));
        let missed = passed.iter().map(|s| (-r * s.population as f64, s.share()));
        weighted_sum(&found.chain(missed).collect::<Vec<_>>())
    };
    let low = search(0.0, value, |r| difference(r).low <= 0.0);
    let high = search(1.0, value, |r| difference(r).high >= 0.0);
    Some(Share { value, low, high })
}

/// The value nearest to `out` that still is possible, when `inside` is and what is possible is one stretch.
fn search(mut out: f64, mut inside: f64, possible: impl Fn(f64) -> bool) -> f64 {
    if possible(out) {
        return out;
    }
    for _ in 0..HALVINGS {
        let middle = (out + inside) / 2.0;
        if possible(middle) { inside = middle } else { out = middle }
    }
    inside
}

fn weighted_sum(terms: &[(f64, Share)]) -> Share {
    let (mut value, mut below, mut above) = (0.0, 0.0, 0.0);
    for &(weight, share) in terms {
        value += weight * share.value;
        let (down, up) = (weight * (share.value - share.low), weight * (share.high - share.value));
        // A negative weight turns the ends about.
        let (down, up) = if weight < 0.0 { (up, down) } else { (down, up) };
        below += down * down;
        above += up * up;
    }
    Share { value, low: value - below.sqrt(), high: value + above.sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(share: Share, expected: [f64; 3]) {
        let found = [share.value, share.low, share.high];
        assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 5e-4), "{found:?} {expected:?}");
    }

    #[test]
    fn nothing_seen_is_no_share() {
        near(wilson(81, 263).unwrap(), [0.3080, 0.2553, 0.3662]);
        assert_eq!(wilson(0, 0), None);
    }

    fn seen(population: usize, decided: usize, scams: usize) -> Seen {
        Seen { population, decided, scams }
    }

    #[test]
    fn one_stratum_has_the_interval_of_wilson() {
        let share = share_of_all(&[seen(500, 263, 81)]).unwrap();
        near(share, [0.3080, 0.2553, 0.3662]);
    }

    #[test]
    fn strata_count_by_what_they_stand_for() {
        let share = share_of_all(&[seen(900, 10, 0), seen(100, 10, 10)]).unwrap();
        assert!((share.value - 0.1).abs() < 1e-12 && share.low < 0.1 && share.high > 0.2, "{share:?}");
        assert_eq!(share_of_all(&[seen(900, 0, 0), seen(100, 10, 10)]), None);
        assert!(share_of_all(&[seen(0, 0, 0), seen(100, 10, 10)]).is_some());
    }

    #[test]
    fn recall_knows_what_it_does_not_know() {
        // 100 of 100 flagged are scams; 30 looked at of the 10,000 that passed, none of them a scam.
        let recall = share_of_scams(&[seen(100, 100, 100)], &[seen(10_000, 30, 0)]).unwrap();
        assert_eq!((recall.value, recall.high), (1.0, 1.0));
        // Up to 11.4 % of those that passed may be scams, so recall may be as low as 100 / (100 + 1,140).
        assert!((recall.low - 0.08).abs() < 0.01, "{recall:?}");
        assert_eq!(share_of_scams(&[seen(100, 9, 0)], &[seen(100, 9, 0)]), None);
        let all = share_of_scams(&[seen(50, 50, 40)], &[seen(50, 50, 10)]).unwrap();
        assert!((all.value - 0.8).abs() < 1e-12 && all.low < 0.8 && all.high > 0.8);
    }

    proptest! {
        #[test]
        fn intervals_hold_their_estimates(
            a in (1usize..2000, 1usize..60), b in (1usize..2000, 1usize..60), x in 0usize..60, y in 0usize..60,
        ) {
            let (f, p) = (seen(a.0, a.1, x.min(a.1)), seen(b.0, b.1, y.min(b.1)));
            let mut shares = vec![share_of_all(&[f, p]).unwrap()];
            shares.extend(share_of_scams(&[f], &[p]));
            for share in shares {
                prop_assert!(0.0 <= share.low + 1e-9 && share.high <= 1.0 + 1e-9, "{:?}", share);
                prop_assert!(share.low <= share.value + 1e-9 && share.value <= share.high + 1e-9, "{:?}", share);
            }
        }
    }
}
