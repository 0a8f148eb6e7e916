/*!
Fitting the classifiers of signals on marked postings.

A classifier that is asked about what it was fitted on knows all of it. So every marked posting is judged by classifiers
that have seen none of its group, and by these judgements is decided whether a signal has a classifier, how much the
phrases count in it, and where its threshold lies. They are what the verdict is fitted on, too. The lexicons were mended on some
families, and phrases do better on these than on those of strangers: there classifiers learn, and nothing is decided.

What is said in a few words is learnt from passages of the postings besides, where that is found to help, and from clauses that
are marked and have no label: these say what they say, or nearly say it, and judge nothing, since a posting is not made of them.
*/

mod linear;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::corpus::{Corpus, Row};
use super::marked::MENDED;
use crate::eval::folds::grouped_folds;
use crate::signals::Extractor;
use crate::signals::catalogue::{SignalId, SignalKind};
use crate::signals::classifiers::table::{MOST, Part, SLOTS, Weight};
use crate::signals::classifiers::{Classifier, Classifiers, by_chance, decide, of_phrases};
use crate::text::fingerprints::capacity;
use linear::{AroundFit, Surroundings, Texts, WholeFit};

/// Fewer marked postings than this teach no classifier.
const LEAST_MARKED: usize = 1000;
/// Fewer postings with a signal, or without it, than this teach no classifier of it.
const LEAST_WITH: usize = 40;
/// A signal has a classifier where F1 by posting grows by so much: what grows less raises, on real ads, mostly what is not there.
const LEAST_GAIN: f64 = 0.03;
const FOLDS: usize = 3;
/// What passages weigh of a posting, where they teach more than the whole alone.
const PASSAGES_SHARE: f64 = 0.3;
/// What all words must say beyond the threshold where no phrase shows a lure signal. In the marked postings every signal is
/// frequent; in ordinary ads most are rare, and what is raised there is wrong more often.
const CAUTION: f64 = 0.75;
/// Where F1 is asked, a posting of a family without scams counts for so many, others for one. Such families are of ordinary ads,
/// which feeds mostly hold; the others were written to look like lures and carry signals far more often.
const ORDINARY: f64 = 4.0;
/// How much phrases and rules may count.
const FOUND: [f64; 7] = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0];
/// How much the surest words may count.
const PEAK: [f64; 5] = [0.0, 0.15, 0.3, 0.5, 0.8];

/// What a posting is marked with, of one signal.
#[derive(Clone, Copy)]
struct Truth {
    is_marked: bool,
    /// How many postings it counts for.
    times: f64,
}

/// What phrases and classifiers that have not seen its group say of a posting.
#[derive(Clone, Copy)]
struct Judged {
    truth: Truth,
    /// By how much chance finds the signal more easily there, if phrases find it.
    phrases: Option<f64>,
    whole: f64,
    peak: f64,
}

impl Judged {
    fn with(&self, Joined { found, peak }: Joined) -> f64 {
        self.whole + peak * self.peak + of_phrases(found, self.phrases)
    }
}

/// How much phrases and rules count beside what all words say, and the surest words.
#[derive(Clone, Copy)]
struct Joined {
    found: f64,
    peak: f64,
}

/// How a signal's classifiers are joined.
struct Joint {
    weights: Joined,
    /// What all of it must come to.
    threshold: f64,
}

impl Joint {
    /// The best one on these postings; none where it brings too little.
    ///
    /// `starts` are what the classifiers say of a posting of which they know no word: there a phrase is believed, which may be of
    /// a language or a lexicon that no posting of the fit had.
    fn best(judged: &[Judged], kind: SignalKind, starts: (f64, f64)) -> Option<Joint> {
        let judged: Vec<&Judged> = judged.iter().filter(|j| j.truth.times > 0.0).collect();
        let (peaks, believes) = match kind {
            SignalKind::Lure => (&PEAK[..], true),
            // What speaks for an ad anyone can type: there a phrase by itself is not believed, and a few sure words are not enough.
            SignalKind::ForTheAd => (&PEAK[..1], false),
        };
        let ways = peaks.iter().flat_map(|&peak| FOUND.map(|found| Joined { found, peak }));
        let scored = ways.map(|weights| {
            let of_a_phrase = starts.0 + weights.peak * starts.1 + weights.found;
            let most = if believes { of_a_phrase } else { f64::INFINITY };
            (best_threshold(judged.iter().map(|j| (j.with(weights), j.truth)), most), weights)
        });
        let ((f1, threshold), weights) = scored.rev().max_by(|a, b| a.0.0.total_cmp(&b.0.0))?;
        let by_phrases = f1_of(judged.iter().map(|j| (j.phrases.is_some(), j.truth)));
        (f1 >= by_phrases + LEAST_GAIN).then_some(Joint { weights, threshold })
    }
}

/// A signal's classifiers, their weights by number of n-gram, and what they say of every row that is not of their fit.
struct Fitted {
    classifier: Classifier,
    weights: Vec<(u32, Part, i8)>,
    is_there: Vec<bool>,
}

/// Whether so many marked postings teach classifiers.
pub(super) fn can_fit(marked: usize) -> bool {
    marked >= LEAST_MARKED
}

/// Fits classifiers on the marked rows, whose evidence is by phrases, and lets them have their say on every row's evidence.
pub(super) fn cross_fit(corpus: &mut Corpus, extractor: &Extractor, seed: u64) -> anyhow::Result<Classifiers> {
    let marked = |labelled: bool| -> Vec<usize> {
        let is_wanted = |row: &Row| row.marks.is_some() && row.posting.label.is_some() == labelled;
        (0..corpus.rows.len()).filter(|&i| is_wanted(&corpus.rows[i])).collect()
    };
    let (marked, clauses) = (marked(true), marked(false));
    let groups: Vec<usize> = marked.iter().map(|&i| corpus.rows[i].together).collect();
    let strata: Vec<usize> = marked.iter().map(|&i| usize::from(corpus.rows[i].label)).collect();
    let folds = grouped_folds(&groups, &strata, FOLDS, seed);
    let teachers = Teachers { texts: Texts::of(corpus, marked), folds, clauses, times: times(corpus) };
    let signals: Vec<SignalId> = (0..extractor.catalogue().len() as u16).map(SignalId).collect();
    let fitted: Vec<Option<Fitted>> = signals
        .into_par_iter()
        .map(|signal| fit_signal(corpus, &teachers, (signal, extractor.catalogue().get(signal).kind), seed))
        .collect::<anyhow::Result<_>>()?;
    let mut classifiers = Vec::new();
    let mut weights: BTreeMap<u32, Vec<Weight>> = BTreeMap::new();
    for Fitted { classifier, weights: of_signal, is_there } in fitted.into_iter().flatten() {
        for (row, is_there) in corpus.rows.iter_mut().zip(is_there) {
            if (row.evidence.strengths[classifier.signal.0 as usize] > 0.0) != is_there {
                decide(&mut row.evidence, classifier.signal, is_there);
            }
        }
        for (ngram, part, weight) in of_signal {
            weights.entry(ngram).or_default().push(Weight { classifier: classifiers.len(), part, weight });
        }
        classifiers.push(classifier);
    }
    for row in &mut corpus.rows {
        row.evidence.composites = extractor.combined(&row.evidence.strengths);
    }
    let mut entries: Vec<(u64, Vec<Weight>)> =
        weights.into_iter().map(|(ngram, weights)| (corpus.vocabulary[ngram as usize], weights)).collect();
    // Where the table is full, what weighs least stays out.
    let heaviest = |weights: &[Weight]| weights.iter().map(|w| w.weight.unsigned_abs()).max();
    entries.sort_by_key(|(hash, weights)| (std::cmp::Reverse(heaviest(weights)), *hash));
    entries.truncate(capacity(SLOTS));
    let count = classifiers.len();
    Classifiers::new(classifiers, &entries)
        .ok_or_else(|| anyhow::anyhow!("classifiers of {count} signals were fitted; {MOST} at most fit into a lexicon"))
}

/// How many postings each row counts for.
fn times(corpus: &Corpus) -> Vec<f64> {
    let with_scams: BTreeSet<usize> = corpus.rows.iter().filter(|row| row.label).map(|row| row.author_family).collect();
    let of_row = |row: &Row| match () {
        () if row.posting.extra.contains_key(MENDED) => 0.0,
        () if with_scams.contains(&row.author_family) => 1.0,
        () => ORDINARY,
    };
    corpus.rows.iter().map(of_row).collect()
}

/// What classifiers learn from.
struct Teachers {
    /// The marked postings, which have labels,
    texts: Texts,
    /// and the fold of each.
    folds: Vec<usize>,
    /// Rows without labels, clauses of postings: they teach what is told around a word.
    clauses: Vec<usize>,
    /// How many postings each row of the corpus counts for.
    times: Vec<f64>,
}

impl Teachers {
    /// The marked postings of a fold, or of the others.
    fn side(&self, fold: usize, inside: bool) -> Vec<usize> {
        self.texts.postings.iter().zip(&self.folds).filter(|(_, f)| (**f != fold) == inside).map(|(&i, _)| i).collect()
    }
}

/// Both classifiers of a signal.
struct Pair {
    whole: WholeFit,
    around: AroundFit,
}

impl Pair {
    fn fit(
        corpus: &Corpus,
        (texts, surroundings): (&Texts, &Surroundings),
        inside: &[usize],
        (signal, share): (SignalId, f64),
        seed: u64,
    ) -> anyhow::Result<Pair> {
        Ok(Pair {
            whole: WholeFit::fit(corpus, texts, inside, (signal, share), seed)?,
            around: AroundFit::fit(&texts.columns, surroundings, inside, seed)?,
        })
    }
}

fn fit_signal(
    corpus: &Corpus,
    teachers: &Teachers,
    (signal, kind): (SignalId, SignalKind),
    seed: u64,
) -> anyhow::Result<Option<Fitted>> {
    let marked = &teachers.texts.postings;
    let is_marked = |i: usize| corpus.rows[i].has_mark(signal);
    let found = |i: usize| corpus.rows[i].evidence.strengths[signal.0 as usize] > 0.0;
    let with = marked.iter().filter(|&&i| is_marked(i)).count();
    if with.min(marked.len() - with) < LEAST_WITH {
        return Ok(None);
    }
    let truth = |i: usize| Truth { is_marked: is_marked(i), times: teachers.times[i] };
    let judge = |i: usize, Pair { whole, around }: &Pair, room: &mut _| {
        let row = &corpus.rows[i];
        let by_chance = by_chance(row.fields());
        let (whole, peak) = (whole.logit(row), around.peak(row, by_chance, room));
        Judged { truth: truth(i), phrases: found(i).then_some(by_chance), whole, peak }
    };
    let texts = (
        &teachers.texts,
        &Surroundings::of(corpus, &teachers.texts.columns, (marked, &teachers.clauses), signal, seed),
    );
    let mut room = Default::default();
    let mut share = 0.0;
    let mut judged: BTreeMap<usize, Judged> = BTreeMap::new();
    let mut starts = (0.0, 0.0);
    for fold in 0..FOLDS {
        let (inside, outside) = (teachers.side(fold, true), teachers.side(fold, false));
        let mut fits = Pair::fit(corpus, texts, &inside, (signal, share), seed)?;
        if fold == 0 {
            // Some signals are told by what stands far apart: whether passages teach them is asked of one fold.
            let by_passages = WholeFit::fit(corpus, &teachers.texts, &inside, (signal, PASSAGES_SHARE), seed)?;
            let f1 = |whole: &WholeFit| {
                let scored = outside.iter().map(|&i| (whole.logit(&corpus.rows[i]), truth(i)));
                best_threshold(scored, f64::INFINITY).0
            };
            if f1(&by_passages) > f1(&fits.whole) {
                (share, fits.whole) = (PASSAGES_SHARE, by_passages);
            }
        }
        let of_fold = outside.iter().map(|&i| judge(i, &fits, &mut room)).collect::<Vec<_>>();
        let of_nothing = (fits.whole.intercept, fits.around.local.peak_of_nothing());
        // What brings nothing to one fold is not asked about the others.
        if fold == 0 && Joint::best(&of_fold, kind, of_nothing).is_none() {
            return Ok(None);
        }
        judged.extend(outside.iter().copied().zip(of_fold));
        starts = (starts.0 + of_nothing.0 / FOLDS as f64, starts.1 + of_nothing.1 / FOLDS as f64);
    }
    let of_marked: Vec<Judged> = judged.values().copied().collect();
    let Some(Joint { mut weights, mut threshold }) = Joint::best(&of_marked, kind, starts) else {
        return Ok(None);
    };
    let caution = if kind == SignalKind::Lure { CAUTION } else { 0.0 };
    weights.found += caution;
    threshold += caution;
    let fits = Pair::fit(corpus, texts, marked, (signal, share), seed)?;
    // A marked posting is judged by those that have not seen it.
    let mut judge_unseen = |i: usize| judged.get(&i).copied().unwrap_or_else(|| judge(i, &fits, &mut room));
    let is_there = (0..corpus.rows.len()).map(|i| judge_unseen(i).with(weights) >= threshold).collect();
    let Pair { whole, around } = fits;
    let classifier = Classifier {
        signal,
        intercept: whole.intercept - threshold,
        found: weights.found,
        peak: weights.peak,
        scale: whole.weights.scale,
        local: around.local,
    };
    let of_part = |part: Part, weights: linear::Quantised| weights.held().map(move |(n, weight)| (n, part, weight));
    let of_ngrams = of_part(Part::Whole, whole.weights).chain(of_part(Part::Local, around.weights)).collect();
    Ok(Some(Fitted { classifier, weights: of_ngrams, is_there }))
}

/// The F1 of decisions.
fn f1_of(decided: impl Iterator<Item = (bool, Truth)>) -> f64 {
    let (mut hits, mut wrong) = (0.0, 0.0);
    for (found, Truth { is_marked, times }) in decided {
        hits += if found && is_marked { times } else { 0.0 };
        wrong += if found != is_marked { times } else { 0.0 };
    }
    if hits > 0.0 { 2.0 * hits / (2.0 * hits + wrong) } else { 0.0 }
}

/// The best F1 that a threshold of so much at most gives on these scores; and the threshold.
fn best_threshold(scored: impl Iterator<Item = (f64, Truth)>, most: f64) -> (f64, f64) {
    let mut scored: Vec<(f64, Truth)> = scored.collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all: f64 = scored.iter().filter(|s| s.1.is_marked).map(|s| s.1.times).sum();
    let (mut hits, mut raised, mut best) = (0.0, 0.0, (0.0, f64::INFINITY));
    for (k, &(score, Truth { is_marked, times })) in scored.iter().enumerate() {
        hits += if is_marked { times } else { 0.0 };
        raised += times;
        let next = scored.get(k + 1).map_or(f64::NEG_INFINITY, |s| s.0);
        let f1 = 2.0 * hits / (raised + all);
        if next < score.min(most) && f1 > best.0 {
            best = (f1, if next.is_finite() { (score.min(most) + next) / 2.0 } else { score.min(most) });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores, each with the truth.
    fn said<S>(scored: impl IntoIterator<Item = (S, bool)>) -> impl Iterator<Item = (S, Truth)> {
        scored.into_iter().map(|(score, is_marked)| (score, Truth { is_marked, times: 1.0 }))
    }

    #[test]
    fn the_best_threshold_parts_equal_scores_nowhere() {
        let scored = [(3.0, true), (2.0, true), (2.0, false), (1.0, false), (0.0, false)];
        let (f1, threshold) = best_threshold(said(scored), f64::INFINITY);
        assert_eq!(threshold, 1.5);
        assert!((f1 - f1_of(said(scored.map(|(z, is)| (z >= threshold, is))))).abs() < 1e-12);
        assert_eq!(best_threshold(said([(1.0, true)]), f64::INFINITY), (1.0, 1.0));
        assert_eq!(best_threshold(said([(1.0, false)]), f64::INFINITY).0, 0.0);
        let (f1, threshold) = best_threshold(said(scored), 0.5);
        assert_eq!((f1, threshold), (4.0 / 6.0, 0.25));
    }

    #[test]
    fn what_counts_for_more_moves_the_threshold() {
        let scored = |times| {
            let honest = (2.0, Truth { is_marked: false, times });
            said([(3.0, true), (1.0, true)]).chain([honest])
        };
        assert_eq!(best_threshold(scored(1.0), f64::INFINITY), (0.8, 1.0));
        assert_eq!(best_threshold(scored(4.0), f64::INFINITY), (2.0 / 3.0, 2.5));
        let decided = |times| said([(true, true)]).chain([(true, Truth { is_marked: false, times })]);
        assert_eq!((f1_of(decided(1.0)), f1_of(decided(4.0))), (2.0 / 3.0, 2.0 / 6.0));
        assert_eq!(f1_of(said([(false, false)])), 0.0);
    }
}
