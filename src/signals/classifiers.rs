/*!
Signals read off all words of a posting, and off the words around each.

A phrase says what a writer of lexicons thought of, and what strangers write in its place shows in other words. So for some
signals two linear classifiers, fitted on marked postings, are joined with the phrases and rules. One weighs all n-grams of
the posting; the other says for every unit, by the n-grams around it (`local.rs`), whether the signal is told there:

```text
local(unit) = local intercept + sum over n-grams around it (weight * (1, or 2/5 beside it))
chance      = ln(units / 60) in postings of more than 60 units, or 0
logit       = intercept + [phrases and rules find it] * max(found - chance, 0) + sum(w_j) / sqrt(n)
              + peak * (max(local(unit)) - chance, between -2 and 6)
```

In `n` times as many words chance finds a phrase, or words that look like the signal, with `n` times the odds: so both count less
in long postings, where one phrase by itself is hardly believed. Of a posting of less than a dozen words `n` is that of a dozen
([`crate::text::ngrams::root`]): one word would raise what it only hints at among others. At a logit of 0 or more the signal is there. It is shown by the
words that a phrase found, and by those of which the local classifier is sure; where there are neither, by those of which it is
surest.
*/

pub(crate) mod local;
pub(crate) mod table;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::catalogue::SignalId;
use super::{Evidence, EvidenceSpan, MAX_SPANS, meets, merge};
use crate::entities::bag::{Bag, Stand};
use crate::entities::reading::{Reading, Segment, UnitKind};
use crate::text::ngrams::over_root;
use crate::text::tokenizer::TokenKind;
use table::{Table, Weight};

/// The strength of a signal that no phrase shows.
const BY_ALL_WORDS: f64 = 0.8;
/// Words of which the local classifier is so sure, in log-odds, are shown beside those that phrases found.
const SURE: f64 = 3.5;
/// Where nothing else is shown, the surest unit is, with those on either side that are hardly less sure, in log-odds,
const HARDLY_LESS: f64 = 1.5;
/// together so many at most.
const LONGEST_SHOWN: usize = 9;
/// What is found in so many units is taken at its word; in `n` times as many chance finds it with `n` times the odds.
const USUAL_LENGTH: f64 = 60.0;
/// The largest local log-odds count as this at least: below it the signal is told nowhere,
const LEAST_PEAK: f64 = -2.0;
/// and as this at most.
const MOST_PEAK: f64 = 6.0;

/// The classifiers of one signal; what they weigh stands in one table for all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classifier {
    /// The signal that they read.
    pub signal: SignalId,
    /// Added to every posting.
    pub intercept: f64,
    /// Added where phrases and rules find the signal, less what chance finds in a long posting.
    pub found: f64,
    /// What the largest local log-odds are multiplied by.
    pub peak: f64,
    /// What one unit of the quantised weights of the whole stands for.
    pub scale: f64,
    /// The local classifier.
    pub local: Local,
}

/// A local classifier but for its weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Local {
    /// Added to every unit.
    pub intercept: f64,
    /// What one unit of its quantised weights stands for.
    pub scale: f64,
}

/// By how much, in log-odds, chance finds something more easily in these fields than in the usual number of units.
pub(crate) fn by_chance<'f>(fields: impl Iterator<Item = &'f Range<u32>>) -> f64 {
    let units: usize = fields.map(|units| units.len()).sum();
    (units as f64 / USUAL_LENGTH).max(1.0).ln()
}

/// How much phrases and rules count: nothing where they find no signal, and where they do, less by how much chance finds one more
/// easily there; but nothing at least, since no phrase speaks against its signal.
pub(crate) fn of_phrases(found: f64, phrases: Option<f64>) -> f64 {
    phrases.map_or(0.0, |by_chance| (found - by_chance).max(0.0))
}

impl Local {
    /// The log-odds of a unit that has such a sum of weights around it, in parts.
    fn log_odds(&self, sum: i32) -> f64 {
        self.intercept + f64::from(sum) * self.scale / f64::from(local::FULLY)
    }

    /// What the surest unit of a posting counts in its logit, by weights and where their n-grams stand, where chance finds one so
    /// much more easily. The sums around all units are in `around` then.
    pub(crate) fn peak<'f>(
        &self,
        weights: &[(Stand, i8)],
        fields: impl Iterator<Item = &'f Range<u32>> + Clone,
        by_chance: f64,
        around: &mut Vec<i32>,
    ) -> f64 {
        local::sums(weights, fields.clone().last().map_or(0, |units| units.end), around);
        local::largest(around, fields).map_or(LEAST_PEAK, |sum| self.bounded(sum, by_chance))
    }

    /// The same of a posting of which it knows no word.
    pub(crate) fn peak_of_nothing(&self) -> f64 {
        self.bounded(0, 0.0)
    }

    fn bounded(&self, sum: i32, by_chance: f64) -> f64 {
        (self.log_odds(sum) - by_chance).clamp(LEAST_PEAK, MOST_PEAK)
    }
}

impl Classifier {
    /// The log-odds of the signal in a posting of so many n-grams whose quantised weights sum to `sum`; `phrases` as for
    /// [`of_phrases`].
    fn logit(&self, sum: i64, ngrams: usize, phrases: Option<f64>, peak: f64) -> f64 {
        self.intercept + of_phrases(self.found, phrases) + over_root(sum, self.scale, ngrams) + self.peak * peak
    }

    /// Enters the places where the signal, which is there, is told; none where no word by itself speaks for it.
    fn show(&self, reading: &Reading, bag: &Bag, around: &[i32], by_phrases: bool, spans: &mut Vec<EvidenceSpan>) {
        let settled = spans.len();
        let mut surest: Option<(i32, &Segment, Range<usize>)> = None;
        for (number, units) in bag.fields() {
            let segment = &reading.segments[number];
            let around = local::of_field(around, units);
            for run in sure_runs(segment, around, |sum| self.local.log_odds(sum) >= SURE) {
                let span = EvidenceSpan { field: segment.field, range: segment.source(run) };
                if !meets(&spans[..settled], &span) {
                    spans.push(span);
                }
            }
            let words = around.iter().enumerate().filter(|(at, _)| !is_punctuation(segment, *at));
            let largest = words.max_by_key(|(at, sum)| (**sum, std::cmp::Reverse(*at)));
            let so_far = surest.as_ref().map_or(0, |held| held.0);
            if let Some((at, &sum)) = largest.filter(|(_, sum)| **sum > so_far) {
                let least = self.local.log_odds(sum) - HARDLY_LESS;
                let run = widened(segment, around, at, |sum| self.local.log_odds(sum) > least);
                surest = Some((sum, segment, run));
            }
        }
        if let Some((_, segment, run)) = surest.filter(|_| spans.is_empty() && !by_phrases) {
            spans.push(EvidenceSpan { field: segment.field, range: segment.source(run) });
        }
        merge(spans);
        spans.truncate(MAX_SPANS);
    }
}

/// Runs of units of which all are sure; none reaches over the beginning of a sentence or over punctuation.
fn sure_runs(segment: &Segment, sums: &[i32], is_sure: impl Fn(i32) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in (0..sums.len()).filter(|&at| is_sure(sums[at]) && !is_punctuation(segment, at)) {
        match runs.last_mut() {
            Some(run) if run.end == at && !segment.units[at].starts_sentence => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// A unit with those around it that belong to it, of its sentence and without punctuation.
fn widened(segment: &Segment, sums: &[i32], at: usize, belongs: impl Fn(i32) -> bool) -> Range<usize> {
    let begins = |at: usize| segment.units[at].starts_sentence;
    let belongs = |at: usize| belongs(sums[at]) && !is_punctuation(segment, at);
    let mut run = at..at + 1;
    while run.len() < LONGEST_SHOWN && run.end < sums.len() && belongs(run.end) && !begins(run.end) {
        run.end += 1;
    }
    while run.len() < LONGEST_SHOWN && run.start > 0 && belongs(run.start - 1) && !begins(run.start) {
        run.start -= 1;
    }
    run
}

fn is_punctuation(segment: &Segment, at: usize) -> bool {
    segment.units[at].kind == UnitKind::Token(TokenKind::Punctuation)
}

/// Enters or takes out a signal on which phrases and classifiers disagree; the places are those of nobody.
pub(crate) fn decide(evidence: &mut Evidence, signal: SignalId, is_there: bool) {
    let signal = signal.0 as usize;
    evidence.strengths[signal] = if is_there { BY_ALL_WORDS } else { 0.0 };
    evidence.spans[signal].clear();
}

/// The classifiers of a lexicon, at most one pair a signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classifiers {
    all: Vec<Classifier>,
    table: Table,
}

/// Room for the work of one posting, kept from posting to posting.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// For each distinct n-gram, where its local weights begin; [`Room::NONE`] where it has none.
    locals: Vec<u32>,
    /// For each classifier, the sum of the quantised weights of the whole.
    sums: Vec<i64>,
    /// For each, the local weights and where their n-grams stand.
    near: Vec<Vec<(Stand, i8)>>,
    /// What is around each unit.
    around: Vec<i32>,
}

impl Room {
    /// More places than these are given back.
    const MOST_KEPT: usize = 1 << 16;
    const NONE: u32 = u32::MAX;

    fn clear(&mut self, classifiers: usize, ngrams: usize) {
        self.locals.clear();
        self.locals.shrink_to(Room::MOST_KEPT);
        self.locals.resize(ngrams, Room::NONE);
        self.sums.clear();
        self.sums.resize(classifiers, 0);
        self.near.resize_with(classifiers, Vec::new);
        for near in &mut self.near {
            near.clear();
            near.shrink_to(Room::MOST_KEPT);
        }
    }
}

impl Classifiers {
    /// These, with their weights by n-gram; `None` where there are too many of either, or weights of others.
    pub(crate) fn new(all: Vec<Classifier>, weights: &[(u64, Vec<Weight>)]) -> Option<Classifiers> {
        Classifiers::of(all, Table::build(weights)?)
    }

    fn of(all: Vec<Classifier>, table: Table) -> Option<Classifiers> {
        (all.len() <= table::MOST && table.named() <= all.len()).then_some(Classifiers { all, table })
    }

    /// Each.
    pub fn iter(&self) -> std::slice::Iter<'_, Classifier> {
        self.all.iter()
    }

    /// Lets each have its say on what phrases and rules found; `bag` is filled with the posting.
    pub(super) fn judge(&self, reading: &Reading, bag: &Bag, room: &mut Room, evidence: &mut Evidence) {
        room.clear(self.all.len(), bag.hashes().len());
        let Room { locals, sums, near, around } = room;
        self.table.find(bag.hashes(), |place, start| {
            let local = self.table.of_whole(start, |w| sums[w.classifier] += i64::from(w.weight));
            locals[place as usize] = local.unwrap_or(Room::NONE);
        });
        let fields = bag.fields().map(|(_, units)| units);
        let by_chance = by_chance(fields.clone());
        let found = |evidence: &Evidence, c: &Classifier| evidence.strengths[c.signal.0 as usize] > 0.0;
        let logit = |c: &Classifier, sum: i64, found: bool, peak: f64| {
            c.logit(sum, bag.hashes().len(), found.then_some(by_chance), peak)
        };
        // Where the surest words could not raise it, nothing more is asked: most signals of most postings.
        let is_open = |(number, c): (usize, &Classifier)| {
            u64::from(logit(c, sums[number], found(evidence, c), MOST_PEAK) >= 0.0) << number
        };
        const { assert!(table::MOST <= u64::BITS as usize) };
        let open: u64 = self.all.iter().enumerate().map(is_open).sum();
        if open != 0 {
            for (stand, start) in bag.occurrences().iter().map(|o| (o.stand, locals[o.ngram as usize])) {
                if start != Room::NONE {
                    self.table.from(start, |Weight { classifier, weight, .. }| {
                        if open >> classifier & 1 != 0 {
                            near[classifier].push((stand, weight));
                        }
                    });
                }
            }
        }
        for (number, classifier) in self.all.iter().enumerate() {
            let found = found(evidence, classifier);
            let is_there = open >> number & 1 != 0 && {
                let peak = classifier.local.peak(&near[number], fields.clone(), by_chance, around);
                logit(classifier, sums[number], found, peak) >= 0.0
            };
            if found != is_there {
                decide(evidence, classifier.signal, is_there);
            }
            if is_there {
                classifier.show(reading, bag, around, found, &mut evidence.spans[classifier.signal.0 as usize]);
            }
        }
    }
}

/// The classifiers as a compiled lexicon holds them.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stored<'a> {
    all: Vec<Classifier>,
    #[serde(borrow)]
    table: table::Stored<'a>,
}

impl Stored<'_> {
    pub(crate) fn of(classifiers: &Classifiers) -> Stored<'_> {
        Stored { all: classifiers.all.clone(), table: table::Stored::of(&classifiers.table) }
    }

    /// The classifiers, if they hold together.
    pub(crate) fn classifiers(self) -> Option<Classifiers> {
        let holds = |c: &Classifier| {
            [c.intercept, c.found, c.peak, c.scale, c.local.intercept, c.local.scale].into_iter().all(f64::is_finite)
        };
        let all = Some(self.all).filter(|all| all.iter().all(holds))?;
        Classifiers::of(all, self.table.table()?)
    }
}

#[cfg(test)]
mod tests {
    use super::table::Part;
    use super::*;
    use crate::entities::reading::Reader;
    use crate::posting::Posting;
    use crate::signals::{Extractor, Scratch};
    use crate::text::ngrams::token_hash;
    use crate::text::tokenizer::Tokenizer;

    /// "harbour" speaks for work abroad, here and as a whole, "guide" against it, and what phrases find counts 2.
    fn classifiers(extractor: &Extractor) -> Classifiers {
        let classifier = Classifier {
            signal: extractor.catalogue().find("relocation_abroad").unwrap(),
            intercept: -1.0,
            found: 2.0,
            peak: 0.5,
            scale: 0.2,
            local: Local { intercept: -4.0, scale: 0.1 },
        };
        let weight = |part, weight| Weight { classifier: 0, part, weight };
        let weights = [
            (token_hash("harbour"), vec![weight(Part::Whole, 60), weight(Part::Local, 80)]),
            (token_hash("guide"), vec![weight(Part::Whole, -127)]),
        ];
        Classifiers::new(vec![classifier], &weights).unwrap()
    }

    fn house() -> (Reader, Extractor) {
        let reader = Reader::new(Tokenizer::default());
        let extractor = Extractor::embedded(&reader);
        let classifiers = classifiers(&extractor);
        (reader, extractor.with_classifiers(classifiers))
    }

    #[test]
    fn all_words_raise_what_no_phrase_finds_and_take_away_what_one_does() {
        let (reader, extractor) = house();
        let signal = extractor.catalogue().find("relocation_abroad").unwrap().0 as usize;
        let mut scratch = Scratch::default();
        let mut read = |text: &str| {
            let posting = Posting::from_text("1", text);
            let reading = reader.read(&posting);
            let phrases = extractor.by_phrases(&reader, &reading, &mut scratch);
            let evidence = extractor.extract(&reader, &reading, &mut scratch);
            let shown: Vec<String> =
                evidence.spans[signal].iter().map(|s| posting.get(s.field)[s.range.clone()].to_owned()).collect();
            (phrases.strengths[signal] > 0.0, evidence.strengths[signal], shown, phrases.spans[signal].len())
        };
        let (by_phrase, strength, shown, _) = read("Clerk for the new house at the harbour, meals are there");
        assert!(!by_phrase);
        assert_eq!((strength, shown), (BY_ALL_WORDS, vec!["harbour".to_owned()]));
        let abroad = "We hire chat agents for our office in Cambodia, flight ticket and visa paid by us";
        let (by_phrase, strength, shown, found) = read(abroad);
        assert!(by_phrase && strength > BY_ALL_WORDS && shown.len() == found);
        let (_, strength, shown, found) = read(&format!("{abroad}. The house is new. It stands at the harbour"));
        assert!(strength > BY_ALL_WORDS && shown.len() == found + 1, "{shown:?}");
        assert_eq!(shown.last().unwrap(), "harbour");
        let (by_phrase, strength, shown, _) = read(&format!("{abroad}. This is a guide. A guide"));
        assert!(by_phrase && strength == 0.0 && shown.is_empty());
        assert_eq!(read("Clerk for the new house, meals are there").1, 0.0);
    }

    #[test]
    fn one_phrase_is_believed_less_the_longer_a_posting_is() {
        let (reader, extractor) = house();
        let signal = extractor.catalogue().find("relocation_abroad").unwrap().0 as usize;
        let strength = |sentences: usize| {
            let abroad = "We hire chat agents for our office in Cambodia, flight ticket and visa paid by us";
            let text = format!("{abroad}.{}", " The house is new.".repeat(sentences));
            let reading = reader.read(&Posting::from_text("1", text));
            extractor.extract(&reader, &reading, &mut Scratch::default()).strengths[signal]
        };
        assert!(strength(0) > 0.0 && strength(8) > 0.0);
        assert_eq!(strength(40), 0.0);
        assert_eq!([0.0, 0.5, 3.0].map(|by_chance| of_phrases(2.0, Some(by_chance))), [2.0, 1.5, 0.0]);
        assert_eq!(by_chance([0..40, 44..64].iter()), 0.0);
        assert!((by_chance([0..40, 44..124].iter()) - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn they_are_stored_and_damaged_ones_refused() {
        let (_, extractor) = house();
        let kept = classifiers(&extractor);
        assert_eq!(Stored::of(&kept).classifiers(), Some(kept.clone()));
        let mut damaged = Stored::of(&kept);
        damaged.all[0].peak = f64::NAN;
        assert_eq!(damaged.classifiers(), None);
        assert_eq!(Stored { all: Vec::new(), ..Stored::of(&kept) }.classifiers(), None);
    }

    #[test]
    fn the_surest_words_of_a_sentence_are_shown() {
        let (reader, _) = house();
        let reading = reader.read(&Posting::from_text("1", "baker cook clerk. Guard nurse typist driver"));
        let segment = &reading.segments[0];
        let sums = [1, 9, 9, 9, 9, 1, 9, 9];
        assert_eq!(sure_runs(segment, &sums, |sum| sum > 5), [1..3, 4..5, 6..8]);
        assert_eq!(widened(segment, &sums, 2, |sum| sum > 5), 1..3);
        assert_eq!(widened(segment, &sums, 4, |sum| sum > 0), 4..8);
    }
}
