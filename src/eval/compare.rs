/*!
Two models on the same postings: differences with paired intervals, and what they allow to be said.

Both models score the same rows, so what one draw of groups does to the one it does to the other as well. The bootstrap
therefore takes the difference inside each replicate; two intervals side by side would be far too wide. Nothing here
knows a model: only logits, actions, labels, weights and groups.
*/

use serde::Serialize;

use super::bootstrap::{Estimate, can_be_drawn, draws};
use super::metrics::{Curve, Scored, brier};
use crate::verdict::Action;

/// The figures that are compared, in reporting order, and whether more of them is better.
pub const FIGURES: [(&str, bool); 6] = [
    ("average precision", true),
    ("ROC AUC", true),
    ("recall at 1 % FPR", true),
    ("recall at 5 % FPR", true),
    ("Brier", false),
    ("honest flagged", false),
];
/// The name of the comparison of all domains together.
pub const OVERALL: &str = "overall";
/// What decides where there are both classes: it needs no threshold, and rare scams count in it.
const AVERAGE_PRECISION: usize = 0;
/// What decides where there are honest postings only.
const HONEST_FLAGGED: usize = 5;

/// What one model says about a posting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    /// The calibrated log-odds.
    pub logit: f64,
    /// What is done with the posting.
    pub action: Action,
}

impl From<(f64, Action)> for Side {
    fn from((logit, action): (f64, Action)) -> Side {
        Side { logit, action }
    }
}

impl Side {
    fn is_flagged(self) -> bool {
        self.action >= Action::Review
    }
}

/// A posting that both models scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The model that is judged.
    pub model: Side,
    /// The model that it is compared with.
    pub other: Side,
    /// Is it a scam?
    pub label: bool,
    /// How many postings it stands for.
    pub weight: f64,
    /// Postings of one group are not independent: intervals resample groups.
    pub group: usize,
    /// Figures are taken within each domain, and the mean over the domains counts.
    pub domain: usize,
}

/// What an interval allows to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The interval of the difference lies on the good side of 0.
    Better,
    /// It lies on the bad side.
    Worse,
    /// It contains 0, or there are too few groups for one: these postings do not tell.
    NotDistinguishable,
}

impl Finding {
    /// The words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Finding::Better => "better",
            Finding::Worse => "worse",
            Finding::NotDistinguishable => "not distinguishable",
        }
    }

    fn of(difference: &Estimate, more_is_better: bool) -> Finding {
        // Without an interval there is nothing to tell by.
        let Some((low, high)) = difference.interval() else { return Finding::NotDistinguishable };
        match (low > 0.0, high < 0.0) {
            (false, false) => Finding::NotDistinguishable,
            (more, _) if more == more_is_better => Finding::Better,
            _ => Finding::Worse,
        }
    }
}

/// One figure of both models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Its name, one of [`FIGURES`].
    pub figure: &'static str,
    /// Of the model that is judged.
    pub model: f64,
    /// Of the model that it is compared with.
    pub other: f64,
    /// `model` less `other`, with the 95 % interval.
    pub difference: Estimate,
}

/// Two models on one set of postings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Postings.
    pub postings: usize,
    /// Scams among them.
    pub scams: usize,
    /// Groups, which are what the intervals draw.
    pub groups: usize,
    /// Replicates behind the intervals: fewer than asked for when draws too often lacked a class.
    pub replicates: usize,
    /// What can be said.
    pub finding: Finding,
    /// The figure that decided.
    pub decided_by: &'static str,
    /// The figures that the postings allow.
    pub figures: Vec<Compared>,
}

impl Comparison {
    /// Compares on a set of postings; `None` when it has no honest posting, or no weight.
    ///
    /// Replicates in which a domain lacks a class are drawn again, up to ten times as many.
    pub fn of(pairs: &[Pair], replicates: usize, seed: u64) -> Option<Comparison> {
        let sides = [Ranked::new(pairs, |p| p.model), Ranked::new(pairs, |p| p.other)];
        let mut groups: Vec<usize> = pairs.iter().map(|p| p.group).collect();
        groups.sort_unstable();
        groups.dedup();
        let place: Vec<usize> = pairs.iter().map(|p| groups.binary_search(&p.group).unwrap_or(0)).collect();
        let once = vec![1.0; pairs.len()];
        let point = [sides[0].figures(pairs, &once), sides[1].figures(pairs, &once)];
        let decisive = [AVERAGE_PRECISION, HONEST_FLAGGED].into_iter().find(|&k| point[0][k].is_some())?;
        let weighty = pairs.iter().filter(|p| p.weight > 0.0).map(|p| (p.group, p.label));
        let replicates = if can_be_drawn(weighty) { replicates } else { 0 };
        let drawn: Vec<[f64; FIGURES.len()]> = draws(groups.len(), replicates, seed, |of_group| {
            let times: Vec<f64> = place.iter().map(|&g| of_group[g] as f64).collect();
            if sides[0].lacks_a_class(pairs, &times) {
                return None;
            }
            let (a, b) = (sides[0].figures(pairs, &times), sides[1].figures(pairs, &times));
            Some(std::array::from_fn(|k| a[k].zip(b[k]).map_or(f64::NAN, |(a, b)| a - b)))
        });
        let figures: Vec<Compared> = (0..FIGURES.len())
            .filter_map(|k| {
                let (model, other) = point[0][k].zip(point[1][k])?;
                let difference = Estimate::of(model - other, drawn.iter().map(|d| d[k]).collect());
                Some(Compared { figure: FIGURES[k].0, model, other, difference })
            })
            .collect();
        let (decided_by, more_is_better) = FIGURES[decisive];
        let difference = figures.iter().find(|f| f.figure == decided_by)?.difference;
        Some(Comparison {
            postings: pairs.len(),
            scams: pairs.iter().filter(|p| p.label).count(),
            groups: groups.len(),
            replicates: drawn.len(),
            finding: Finding::of(&difference, more_is_better),
            decided_by,
            figures,
        })
    }

    /// The finding, what decided it, and the difference with its interval.
    pub fn sentence(&self) -> String {
        let difference = self.decisive().map_or(String::new(), |f| format!(" {}", signed(&f.difference)));
        format!("{} ({}{difference})", self.finding.name(), self.decided_by)
    }

    /// The figure that decided.
    pub fn decisive(&self) -> Option<&Compared> {
        self.figures.iter().find(|f| f.figure == self.decided_by)
    }
}

/// A difference with its interval, as people read it.
pub fn signed(e: &Estimate) -> String {
    format!("{:+.3} {}", e.value, e.told(|low, high| format!("[{low:+.3}, {high:+.3}]")))
}

/// The comparisons of each domain that allows one, by its name, and of all together as the last, [`OVERALL`].
pub fn by_domain(pairs: &[Pair], domains: &[String], replicates: usize, seed: u64) -> Vec<(String, Comparison)> {
    let of_domain = |d: usize| -> Vec<Pair> { pairs.iter().filter(|p| p.domain == d).copied().collect() };
    let parts = domains.iter().enumerate().map(|(d, name)| (name.clone(), of_domain(d)));
    parts
        .chain([(OVERALL.to_owned(), pairs.to_vec())])
        .filter_map(|(name, pairs)| Some((name, Comparison::of(&pairs, replicates, seed)?)))
        .collect()
}

/// The rows of each domain by falling logit of one model, ranked once for all replicates.
struct Ranked {
    domains: Vec<Vec<(usize, Side)>>,
    both_classes: Vec<bool>,
}

impl Ranked {
    fn new(pairs: &[Pair], side: impl Fn(&Pair) -> Side) -> Ranked {
        let count = pairs.iter().map(|p| p.domain + 1).max().unwrap_or(0);
        let mut domains: Vec<Vec<(usize, Side)>> = vec![Vec::new(); count];
        for (i, pair) in pairs.iter().enumerate().filter(|(_, p)| p.weight > 0.0) {
            domains[pair.domain].push((i, side(pair)));
        }
        domains.retain(|rows| !rows.is_empty());
        for rows in &mut domains {
            rows.sort_by(|a, b| b.1.logit.total_cmp(&a.1.logit));
        }
        let has = |rows: &[(usize, Side)], label: bool| rows.iter().any(|r| pairs[r.0].label == label);
        let both_classes = domains.iter().map(|rows| has(rows, true) && has(rows, false)).collect();
        Ranked { domains, both_classes }
    }

    fn lacks_a_class(&self, pairs: &[Pair], times: &[f64]) -> bool {
        self.domains.iter().zip(&self.both_classes).any(|(rows, &both)| {
            let drawn = |label: bool| rows.iter().any(|r| times[r.0] > 0.0 && pairs[r.0].label == label);
            if both { !(drawn(true) && drawn(false)) } else { !(drawn(true) || drawn(false)) }
        })
    }

    /// The means over the domains that have the figure.
    fn figures(&self, pairs: &[Pair], times: &[f64]) -> [Option<f64>; FIGURES.len()] {
        let mut sums = [(0.0, 0usize); FIGURES.len()];
        for rows in &self.domains {
            let mut scored = Vec::with_capacity(rows.len());
            let (mut honest, mut flagged) = (0.0, 0.0);
            for &(i, side) in rows {
                let Pair { label, weight, group, .. } = pairs[i];
                let weight = weight * times[i];
                scored.push(Scored { logit: side.logit, label, weight, group });
                if !label {
                    honest += weight;
                    flagged += if side.is_flagged() { weight } else { 0.0 };
                }
            }
            let mut add = |k: usize, value: f64| sums[k] = (sums[k].0 + value, sums[k].1 + 1);
            if let Some(curve) = Curve::of(&scored) {
                add(0, curve.average_precision());
                add(1, curve.roc_auc());
                add(2, curve.recall_at_fpr(0.01));
                add(3, curve.recall_at_fpr(0.05));
                add(4, brier(&scored));
            }
            if honest > 0.0 {
                add(HONEST_FLAGGED, flagged / honest);
            }
        }
        sums.map(|(sum, n)| (n > 0).then(|| sum / n as f64))
    }
}

/// The postings whose action is not the same, as indices of `pairs`, the worst first.
///
/// Worst is a change against the label (an honest posting that is treated harder, a scam that is treated milder), and
/// among those the largest change of the logit; changes that help come last, the largest of them at the end.
pub fn flips(pairs: &[Pair]) -> Vec<usize> {
    let mut out: Vec<(f64, usize)> = pairs
        .iter()
        .enumerate()
        .filter(|(_, p)| p.model.action != p.other.action)
        .map(|(i, p)| {
            let harder = p.model.action > p.other.action;
            let distance = (p.model.logit - p.other.logit).abs();
            (if harder != p.label { distance } else { -distance }, i)
        })
        .collect();
    out.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    out.into_iter().map(|(_, i)| i).collect()
}

/// Whether a change of action goes against the label.
pub fn is_setback(pair: &Pair) -> bool {
    pair.model.action != pair.other.action && (pair.model.action > pair.other.action) != pair.label
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::super::metrics::sort;
    use super::*;

    fn side(logit: f64) -> Side {
        Side { logit, action: if logit >= 1.0 { Action::Review } else { Action::Clear } }
    }

    /// Scams one in three; the sharp model adds `gain` to what the blunt one says of them.
    fn pairs(n: usize, gain: f64) -> Vec<Pair> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        (0..n)
            .map(|i| {
                let label = i % 3 == 0;
                let blunt = rng.random::<f64>() * 4.0 - 2.0 + label as u8 as f64;
                let sharp = blunt + gain * label as u8 as f64;
                Pair { model: side(sharp), other: side(blunt), label, weight: 1.0, group: i / 2, domain: i % 2 }
            })
            .collect()
    }

    fn turned(pairs: &[Pair]) -> Vec<Pair> {
        pairs.iter().map(|p| Pair { model: p.other, other: p.model, ..*p }).collect()
    }

    #[test]
    fn a_gain_is_better_and_turned_round_it_is_worse() {
        let rows = pairs(300, 1.5);
        let forth = Comparison::of(&rows, 200, 7).unwrap();
        let back = Comparison::of(&turned(&rows), 200, 7).unwrap();
        assert_eq!((forth.finding, back.finding), (Finding::Better, Finding::Worse));
        let (f, b) = (forth.decisive().unwrap(), back.decisive().unwrap());
        assert_eq!((f.model, f.other), (b.other, b.model));
        let ((low, high), (_, mirrored)) = (f.difference.interval().unwrap(), b.difference.interval().unwrap());
        assert!((low + mirrored).abs() < 1e-12, "the same draws give mirrored intervals");
        assert!(low <= f.difference.value && f.difference.value <= high);
        assert_eq!(forth.groups, 150);
    }

    #[test]
    fn a_model_is_not_distinguishable_from_itself() {
        let same = Comparison::of(&pairs(90, 0.0), 50, 7).unwrap();
        assert_eq!(same.finding, Finding::NotDistinguishable);
        assert!(same.figures.iter().all(|f| f.difference.interval() == Some((0.0, 0.0))), "{same:?}");
        assert_eq!(same.figures.len(), FIGURES.len());
    }

    #[test]
    fn without_scams_the_honest_postings_that_are_flagged_decide() {
        let mut rows = pairs(90, 0.0);
        for row in &mut rows {
            row.label = false;
            row.model.action = Action::Clear;
        }
        let fewer = Comparison::of(&rows, 100, 7).unwrap();
        assert_eq!((fewer.finding, fewer.decided_by), (Finding::Better, "honest flagged"));
        assert_eq!(fewer.figures.len(), 1);
        assert_eq!(Comparison::of(&turned(&rows), 100, 7).unwrap().finding, Finding::Worse);
    }

    #[test]
    fn no_replicates_allow_nothing_to_be_said() {
        assert_eq!(Comparison::of(&pairs(90, 1.5), 0, 7).unwrap().finding, Finding::NotDistinguishable);
        assert_eq!(Comparison::of(&[], 10, 7), None);
        let few: Vec<Pair> = pairs(300, 1.5).into_iter().map(|p| Pair { group: p.group % 9, ..p }).collect();
        let found = Comparison::of(&few, 50, 7).unwrap();
        assert!(found.figures[0].difference.value > 0.0 && found.finding == Finding::NotDistinguishable, "{found:?}");
        assert!(found.sentence().ends_with(" too few groups for an interval)"), "{}", found.sentence());
    }

    #[test]
    fn setbacks_come_first_and_the_largest_of_them_before_the_others() {
        let row = |other: f64, model: f64, label| Pair {
            model: side(model),
            other: side(other),
            label,
            weight: 1.0,
            group: 0,
            domain: 0,
        };
        let rows = [
            row(0.0, 3.0, true),
            row(0.5, 1.5, false),
            row(2.0, 2.5, false),
            row(4.0, -1.0, true),
            row(1.5, 0.5, false),
        ];
        assert_eq!(flips(&rows), [3, 1, 4, 0]);
        assert_eq!(rows.map(|p| is_setback(&p)), [false, true, false, true, false]);
    }

    #[test]
    fn figures_are_those_of_the_metrics() {
        let rows: Vec<Pair> = pairs(120, 0.7).into_iter().map(|p| Pair { domain: 0, ..p }).collect();
        let mut scored: Vec<Scored> = rows
            .iter()
            .map(|p| Scored { logit: p.model.logit, label: p.label, weight: p.weight, group: p.group })
            .collect();
        sort(&mut scored);
        let expected = super::super::metrics::measure(&scored).unwrap();
        let found = Comparison::of(&rows, 1, 7).unwrap();
        for figure in found.figures.iter().take(5) {
            let (_, value) = expected.entries().into_iter().find(|e| e.0 == figure.figure).unwrap();
            assert!((value - figure.model).abs() < 1e-12, "{}", figure.figure);
        }
    }
}
