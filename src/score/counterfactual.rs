/*!
What would have to be absent for a verdict of `clear`: the smallest sets of evidence without which a posting stays
under the review threshold.

Evidence is taken out of the sum and put through the same stage and the same rules as any other: composites are formed
again, what speaks for the ad is bounded again, and `block` still never becomes `clear` by it. The words themselves stay
in the text, so this is a statement about the model and not about the posting: a scam that leaves its loud words out is a
scam all the same.
*/

use std::borrow::Cow;

use serde::Serialize;

use super::{Scorer, Scratch, Weighed};
use crate::entities::reading::Reading;
use crate::eval::metrics::sigmoid;
use crate::model::verdict_stage::{Contributions, spoken_by_passage};
use crate::posting::Posting;
use crate::signals::Evidence;
use crate::signals::catalogue::SignalKind;
use crate::verdict::Action;

/// The name of the text stage's contribution as a whole.
pub const TEXT: &str = "(text)";
/// Sets are tried one by one, the small ones first, as long as there are no more than so many; then one is found step by
/// step.
const TRIED: usize = 100_000;
/// Sets that are named.
const NAMED: usize = 5;

/// What takes a posting under the review threshold.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ForClear {
    /// Sets of evidence, any one of which is enough; the lowest logit first. Empty when nothing is enough.
    pub sets: Vec<Absence>,
    /// How many sets of this size there are, of which the first are named.
    pub found: usize,
    /// Whether no smaller set is enough. With very many signals not every set is tried: then there is one set, no part of
    /// which is enough.
    pub smallest: bool,
}

/// Evidence that is taken out, and what is left.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Absence {
    /// Signals by name, and [`TEXT`].
    pub without: Vec<String>,
    /// The logit without them.
    pub logit: f64,
    /// The probability without them.
    pub probability: f64,
}

/// Something that can be taken out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Signal(usize),
    Text,
}

impl Scorer {
    /// The smallest sets of evidence whose absence makes a posting `clear`; none for one that is not flagged.
    pub fn for_clear(&self, posting: &Posting) -> Option<ForClear> {
        self.with_reading(posting, |reading, scratch| {
            let weighed = self.weigh(reading, scratch);
            match weighed.action {
                Action::Abstain | Action::Clear => None,
                // Whatever is taken out, the rest of its text was not read.
                _ if reading.truncated => Some(ForClear { smallest: true, ..ForClear::default() }),
                _ => Some(Search::new(self, reading, &weighed, scratch).run()),
            }
        })
    }
}

struct Search<'a> {
    scorer: &'a Scorer,
    whole: View<'a>,
    /// The passages by which it is flagged.
    passages: Vec<View<'static>>,
    parts: Vec<Part>,
}

/// A posting or a passage, as the verdict stage sees it.
struct View<'a> {
    strengths: Cow<'a, [f64]>,
    text_logit: f64,
    /// What the second weights come to, of the whole; a passage has no second reading.
    second: Option<f64>,
    ngrams: usize,
}

impl<'a> Search<'a> {
    fn new(scorer: &'a Scorer, reading: &Reading, weighed: &'a Weighed, scratch: &mut Scratch) -> Search<'a> {
        let evidence = &weighed.evidence;
        let whole = View {
            strengths: evidence.strengths.as_slice().into(),
            text_logit: weighed.text_logit,
            second: Some(weighed.second),
            ngrams: weighed.ngrams,
        };
        let mut passages = Vec::new();
        scorer.each_passage(reading, evidence, scratch, |passage| {
            if passage.logit >= scorer.review {
                let strengths = passage.evidence.strengths.clone().into();
                passages.push(View { strengths, text_logit: passage.text_logit, second: None, ngrams: passage.ngrams });
            }
        });
        let in_composite = |i: usize| {
            let mut of_it = scorer.extractor.composites().iter().filter(|c| c.parts().any(|id| id.0 as usize == i));
            let views = passages.iter().chain([&whole]);
            of_it.any(|c| views.clone().any(|view| c.strength(&view.strengths) > 0.0))
        };
        let signals = scorer.extractor.catalogue().signals().iter().enumerate();
        // By the first reading, also where the second says more: without the words the first is what is left.
        let stage = &scorer.verdict;
        let signals_of_whole = stage.contributions(weighed.text_logit, weighed.ngrams, evidence).signals;
        let mut parts: Vec<Part> = signals
            .filter(|(i, signal)| signal.kind == SignalKind::Lure && evidence.strengths[*i] > 0.0)
            .filter(|(i, _)| signals_of_whole[*i] > 0.0 || in_composite(*i))
            .map(|(i, _)| Part::Signal(i))
            .collect();
        let as_vacancy = stage.vacancy_logit(weighed.second).is_some_and(|logit| logit >= scorer.review);
        if weighed.text_logit > 0.0 || as_vacancy || passages.iter().any(|passage| passage.text_logit > 0.0) {
            parts.push(Part::Text);
        }
        Search { scorer, whole, passages, parts }
    }

    fn run(&self) -> ForClear {
        let mut tried = 0;
        for size in 1..=self.parts.len() {
            tried += combinations(self.parts.len(), size);
            if tried > TRIED {
                break;
            }
            let mut hits: Vec<(Vec<usize>, f64)> = Vec::new();
            each_combination(self.parts.len(), size, |chosen| {
                let (logit, action) = self.without(chosen);
                if action == Action::Clear {
                    hits.push((chosen.to_vec(), logit));
                }
            });
            if !hits.is_empty() {
                hits.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
                let sets = hits.iter().take(NAMED).map(|(chosen, logit)| self.absence(chosen, *logit)).collect();
                return ForClear { sets, found: hits.len(), smallest: true };
            }
        }
        // Nothing is enough when all of it is not.
        match self.step_by_step() {
            Some(chosen) => {
                let (logit, _) = self.without(&chosen);
                ForClear { sets: vec![self.absence(&chosen, logit)], found: 1, smallest: false }
            }
            None => ForClear { sets: Vec::new(), found: 0, smallest: true },
        }
    }

    /// Takes out what lowers the logit most until that is enough, and then puts back what was not needed.
    fn step_by_step(&self) -> Option<Vec<usize>> {
        let mut chosen: Vec<usize> = Vec::new();
        while self.without(&chosen).1 != Action::Clear {
            let left = (0..self.parts.len()).filter(|i| !chosen.contains(i));
            let with = |i: usize| self.without(&[chosen.as_slice(), &[i]].concat()).0;
            let next = left.min_by(|a, b| with(*a).total_cmp(&with(*b)))?;
            chosen.push(next);
        }
        let mut at = 0;
        while at < chosen.len() {
            let mut fewer = chosen.clone();
            fewer.remove(at);
            if self.without(&fewer).1 == Action::Clear { chosen = fewer } else { at += 1 }
        }
        chosen.sort_unstable();
        Some(chosen)
    }

    /// Logit, as verdicts show it, and action without some parts.
    fn without(&self, chosen: &[usize]) -> (f64, Action) {
        let whole = self.view_without(&self.whole, chosen);
        let passages = self.passages.iter().filter_map(|view| spoken_by_passage(self.view_without(view, chosen).logit));
        let logit = passages.fold(whole.logit, f64::max);
        (logit + self.scorer.shift, self.scorer.action(logit, whole.for_the_ad))
    }

    fn view_without(&self, view: &View, chosen: &[usize]) -> Contributions {
        let mut evidence = Evidence { strengths: view.strengths.to_vec(), ..Evidence::default() };
        let (mut text_logit, mut second) = (view.text_logit, view.second);
        for &i in chosen {
            match self.parts[i] {
                Part::Signal(signal) => evidence.strengths[signal] = 0.0,
                Part::Text => (text_logit, second) = (0.0, None),
            }
        }
        evidence.composites = self.scorer.extractor.combined(&evidence.strengths);
        let mut parts = self.scorer.verdict.contributions(text_logit, view.ngrams, &evidence);
        if let Some(second) = second {
            let first = parts.logit;
            self.scorer.verdict.read_as_vacancy(second, first, &mut parts);
        }
        parts
    }

    fn absence(&self, chosen: &[usize], logit: f64) -> Absence {
        let signals = self.scorer.extractor.catalogue().signals();
        let name = |i: &usize| match self.parts[*i] {
            Part::Signal(signal) => signals[signal].id.clone(),
            Part::Text => TEXT.to_owned(),
        };
        Absence { without: chosen.iter().map(name).collect(), logit, probability: sigmoid(logit) }
    }
}

/// How many combinations of `size` of `n` there are; more than can be counted is the largest number.
fn combinations(n: usize, size: usize) -> usize {
    (0..size).try_fold(1usize, |all, i| Some(all.checked_mul(n - i)? / (i + 1))).unwrap_or(usize::MAX)
}

/// Calls with every combination of `size` of the numbers below `n`, in lexicographic order.
fn each_combination(n: usize, size: usize, mut each: impl FnMut(&[usize])) {
    let mut chosen: Vec<usize> = (0..size).collect();
    loop {
        each(&chosen);
        let Some(at) = (0..size).rev().find(|&at| chosen[at] < n - size + at) else { return };
        chosen[at] += 1;
        for next in at + 1..size {
            chosen[next] = chosen[next - 1] + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::artefact::Artefact;
    use crate::score::ScoreOptions;

    const LURE: &str = "Hiring typists and customer service for an office in Myawaddy, no experience, no degree, free \
        flight, free dormitory, USD 3,000 a month, income guaranteed, passport needed, Telegram @jobs_demo0, few places \
        left, hired at once without interview";

    #[test]
    fn combinations_come_once_and_in_order() {
        let mut all = Vec::new();
        each_combination(4, 2, |c| all.push(c.to_vec()));
        assert_eq!(all, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        let mut whole = Vec::new();
        each_combination(3, 3, |c| whole.push(c.to_vec()));
        assert_eq!(whole, [[0, 1, 2]]);
        assert_eq!([combinations(4, 2), combinations(17, 7), combinations(39, 39)], [6, 19_448, 1]);
        assert_eq!(combinations(1_000, 500), usize::MAX);
    }

    #[test]
    fn what_is_not_flagged_needs_nothing() {
        let scorer = Scorer::embedded().unwrap();
        assert_eq!(scorer.for_clear(&Posting::from_text("a", "The bakery looks for a shop assistant")), None);
        assert_eq!(scorer.for_clear(&Posting::from_text("a", "hi")), None);
        let cut = scorer.for_clear(&Posting::from_text("a", "bakery ".repeat(200_000)));
        assert_eq!(cut, Some(ForClear { sets: Vec::new(), found: 0, smallest: true }));
    }

    #[test]
    fn every_set_is_enough_and_no_part_of_it_is() {
        let posting = Posting::from_text("a", LURE);
        for review_at in [0.2, 0.3, 0.5, 0.7, 0.9] {
            let options = ScoreOptions { review_at: Some(review_at), block_at: Some(0.99), ..ScoreOptions::default() };
            let scorer = Scorer::new(Artefact::embedded().unwrap(), &[], &options).unwrap();
            let found = scorer.for_clear(&posting).expect("a loud lure is flagged");
            assert!(!found.sets.is_empty(), "{review_at}");
            let reading = scorer.reader.read(&posting);
            let mut scratch = Scratch::default();
            let weighed = scorer.weigh(&reading, &mut scratch);
            let search = Search::new(&scorer, &reading, &weighed, &mut scratch);
            for set in &found.sets {
                assert!(set.probability < review_at, "{set:?}");
                let number = |name: &String| {
                    (0..search.parts.len()).find(|&i| search.absence(&[i], 0.0).without == [name.clone()]).unwrap()
                };
                let numbers: Vec<usize> = set.without.iter().map(number).collect();
                assert_eq!(search.without(&numbers), (set.logit, Action::Clear));
                for left_in in &numbers {
                    let fewer: Vec<usize> = numbers.iter().copied().filter(|n| n != left_in).collect();
                    assert_ne!(search.without(&fewer).1, Action::Clear, "{set:?} without {left_in}");
                }
            }
        }
    }

    #[test]
    fn a_threshold_below_the_intercept_leaves_nothing_to_take_out() {
        let options = ScoreOptions { review_at: Some(0.001), ..ScoreOptions::default() };
        let scorer = Scorer::new(Artefact::embedded().unwrap(), &[], &options).unwrap();
        let found = scorer.for_clear(&Posting::from_text("a", LURE)).unwrap();
        assert_eq!(found, ForClear { sets: Vec::new(), found: 0, smallest: true });
    }
}
