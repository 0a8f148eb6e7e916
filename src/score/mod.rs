/*!
Scoring: one posting in, one verdict out. This is the only scoring path; commands and the library share it.

A [`Scorer`] is made once and shared by threads. It knows no files and no terminal.
*/

pub mod counterfactual;
mod explain;
mod passages;
pub mod pipeline;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::entities::bag::NgramScratch;
use crate::entities::passages::Place;
use crate::entities::reading::{ReadScratch, Reader, Reading};
use crate::eval::metrics::{logit as log_odds, sigmoid};
use crate::model::artefact::{Artefact, ModelError};
use crate::model::text_stage::text_logits;
use crate::model::verdict_stage::{Contributions, VerdictStage};
use crate::posting::Posting;
use crate::signals::catalogue::SignalKind;
use crate::signals::{self, Evidence, Extractor};
use crate::text::ngram_table::NgramTable;
use crate::text::tokenizer::Tokenizer;
use crate::verdict::{Action, SignalVerdict, Span, Verdict};

/// Fewer lexical units than this, and no lure signal: abstain.
const MIN_LEXICAL_UNITS: usize = 3;
/// Probabilities are calibrated at this prior.
pub const PRIOR: f64 = 0.05;

/// How to score, beside the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreOptions {
    /// The share of scams that is expected in the feed; shifts logit and probability. Default [`PRIOR`].
    pub prior: Option<f64>,
    /// Probability at or above which a posting goes to `review`, instead of the model's threshold.
    pub review_at: Option<f64>,
    /// Probability at or above which a posting goes to `block`, instead of the model's threshold.
    pub block_at: Option<f64>,
    /// Adds the intercept and the terms.
    pub explain: bool,
}

/// Room for the work of one posting, kept from posting to posting.
#[derive(Debug, Default)]
struct Scratch {
    reading: Reading,
    read: ReadScratch,
    ngrams: NgramScratch,
    signals: signals::Scratch,
    /// What each distinct n-gram weighs in stage 1, quantised.
    weights: Vec<i16>,
    passages: passages::Scratch,
}

/// Scores postings. `Send + Sync`; made once, shared by threads.
#[derive(Debug)]
pub struct Scorer {
    reader: Reader,
    extractor: Extractor,
    table: NgramTable,
    verdict: VerdictStage,
    name: String,
    shift: f64,
    review: f64,
    block: f64,
    explain: bool,
    /// One for each thread that has scored, while it does not.
    scratches: Mutex<Vec<Scratch>>,
}

impl Scorer {
    /// A scorer of a model, with the lexicon that it was trained with; or with lexicons of `paths`: a file
    /// is added to those that ship, a directory takes their place.
    pub fn new(artefact: Artefact, paths: &[PathBuf], options: &ScoreOptions) -> Result<Scorer, ModelError> {
        let name = artefact.manifest.name.clone();
        let problem = |e: String| ModelError::other(&name, e);
        let tokenizer = Tokenizer::from_json(&artefact.tokenizer).map_err(|e| problem(e.to_string()))?;
        let reader = Reader::new(tokenizer);
        let extractor = Extractor::of_model(artefact.lexicon, &reader, paths).map_err(|e| problem(e.to_string()))?;
        for (what, value) in
            [("prior", options.prior), ("review-at", options.review_at), ("block-at", options.block_at)]
        {
            if let Some(p) = value.filter(|p| !(*p > 0.0 && *p < 1.0)) {
                return Err(problem(format!("{what} {p} is not between 0 and 1")));
            }
        }
        let manifest = &artefact.manifest;
        let verdict = VerdictStage::resolve(&manifest.verdict, &extractor).map_err(problem)?;
        let shift = options.prior.map_or(0.0, |p| log_odds(p) - log_odds(manifest.prior));
        let known = manifest.lexicon == extractor.lexicon_hash();
        Ok(Scorer {
            // `--review-at` and `--block-at` are probabilities as the verdict shows them, so after the shift; the
            // model's own review threshold is on the unshifted logit, its block threshold on the shifted one.
            review: options.review_at.map_or(manifest.review, |p| log_odds(p) - shift),
            block: options.block_at.map_or(manifest.block, log_odds),
            name: if known { name.clone() } else { format!("{name}+lexicon-{}", &extractor.lexicon_hash()[..8]) },
            table: artefact.table,
            explain: options.explain,
            scratches: Mutex::default(),
            reader,
            extractor,
            verdict,
            shift,
        })
    }

    /// The scorer of the model that ships.
    pub fn embedded() -> Result<Scorer, ModelError> {
        Scorer::new(Artefact::embedded()?, &[], &ScoreOptions::default())
    }

    /// The model's name; it says when the lexicon is not the one that the model was trained with.
    pub fn model_name(&self) -> &str {
        &self.name
    }

    /// Whether the lexicon is the one that the model was trained with; otherwise its calibration does not hold.
    pub fn lexicon_matches(&self) -> bool {
        !self.name.contains("+lexicon-")
    }

    /// The reader, which folds texts and finds what they name.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The extractor, which knows the catalogue.
    pub fn extractor(&self) -> &Extractor {
        &self.extractor
    }

    /// The logits at or above which a posting goes to `review` and to `block`.
    pub fn thresholds(&self) -> (f64, f64) {
        (self.review, self.block)
    }

    /// What the prior adds to every logit; the threshold of `review` is compared without it.
    pub fn shift(&self) -> f64 {
        self.shift
    }

    /// Scores a posting.
    pub fn score(&self, posting: &Posting) -> Verdict {
        self.with_reading(posting, |reading, scratch| self.verdict(posting, reading, scratch))
    }

    /// Scores a posting that [`Scorer::reader`] has read.
    pub fn score_reading(&self, posting: &Posting, reading: &Reading) -> Verdict {
        self.with_scratch(|scratch| self.verdict(posting, reading, scratch))
    }

    fn verdict(&self, posting: &Posting, reading: &Reading, scratch: &mut Scratch) -> Verdict {
        let weighed = self.weigh(reading, scratch);
        let Weighed { evidence, parts, action, logit, passage, .. } = &weighed;
        let (action, logit) = (*action, logit + self.shift);
        let terms = match (self.explain, action) {
            (false, _) => None,
            (true, Action::Abstain) => Some(Vec::new()),
            (true, _) => Some(self.terms(reading, &weighed, &mut scratch.ngrams)),
        };
        let abstains = action == Action::Abstain;
        Verdict {
            id: posting.id.clone(),
            probability: (!abstains).then(|| sigmoid(logit)),
            action,
            logit: (!abstains).then_some(logit),
            language: reading.written.language.tag().to_owned(),
            signals: self.signals(posting, evidence, parts),
            model: self.name.clone(),
            intercept: (self.explain && !abstains).then_some(parts.intercept + self.shift),
            terms,
            extra: Default::default(),
            truncated: reading.truncated,
            as_vacancy: !abstains && weighed.as_vacancy,
            passage: if abstains { Vec::new() } else { located(posting, passage.iter().cloned()) },
        }
    }

    /// The calibrated log-odds of a posting and what is done with it: what metrics are made of. The log-odds are given
    /// also where a verdict would abstain, which has none.
    pub fn judge(&self, posting: &Posting) -> (f64, Action) {
        let weighed = self.with_reading(posting, |reading, scratch| self.weigh(reading, scratch));
        (weighed.logit + self.shift, weighed.action)
    }

    /// The calibrated log-odds alone.
    pub fn logit(&self, posting: &Posting) -> f64 {
        self.judge(posting).0
    }

    /// Works in the room that a posting was scored in before, if no other thread uses it, and keeps it for the next.
    fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let held = || self.scratches.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = held().pop().unwrap_or_default();
        let result = work(&mut scratch);
        held().push(scratch);
        result
    }

    /// As [`Scorer::with_scratch`], with the posting read.
    fn with_reading<T>(&self, posting: &Posting, work: impl FnOnce(&Reading, &mut Scratch) -> T) -> T {
        self.with_scratch(|scratch| {
            let mut reading = std::mem::take(&mut scratch.reading);
            self.reader.read_into(posting, &mut reading, &mut scratch.read);
            let result = work(&reading, scratch);
            scratch.reading = reading;
            result
        })
    }

    /// The way from a reading to its log-odds and what is done with it, which verdicts and metrics share.
    fn weigh(&self, reading: &Reading, scratch: &mut Scratch) -> Weighed {
        let evidence = self.extractor.extract(&self.reader, reading, &mut scratch.signals);
        let hashes = scratch.signals.bag().hashes();
        let ((t, second), ngrams) = (text_logits(&self.table, hashes, &mut scratch.weights), hashes.len());
        let mut parts = self.verdict.contributions(t, ngrams, &evidence);
        let stronger = self.stronger_passage(reading, &evidence, parts.logit, scratch);
        let (mut logit, mut passage) = stronger.unwrap_or((parts.logit, Vec::new()));
        let as_vacancy = self.verdict.read_as_vacancy(second, logit, &mut parts);
        if as_vacancy {
            (logit, passage) = (parts.logit, Vec::new());
        }
        let abstains = self.abstains(reading, &evidence);
        let read = if abstains { Action::Abstain } else { self.action(logit, parts.for_the_ad) };
        // Of what was not read nothing is known: padding in front of a lure would make it clear.
        let action = if reading.truncated { read.max(Action::Review) } else { read };
        Weighed { evidence, text_logit: t, second, ngrams, parts, as_vacancy, logit, passage, action }
    }

    fn abstains(&self, reading: &Reading, evidence: &Evidence) -> bool {
        let fires = |lure_only: bool| {
            evidence
                .strengths
                .iter()
                .zip(self.extractor.catalogue().signals())
                .any(|(strength, signal)| *strength > 0.0 && (!lure_only || signal.kind == SignalKind::Lure))
        };
        (reading.lexical_units < MIN_LEXICAL_UNITS && !fires(true))
            || (!reading.written.supported_script && !fires(false))
    }

    /// The action of a logit to which what speaks for the ad contributed so much. What anyone can type never leads from `block`
    /// to `clear`.
    fn action(&self, logit: f64, for_the_ad: f64) -> Action {
        let of = |logit: f64| {
            if logit + self.shift >= self.block {
                Action::Block
            } else if logit >= self.review {
                Action::Review
            } else {
                Action::Clear
            }
        };
        match (of(logit), of(logit - for_the_ad)) {
            (Action::Clear, Action::Block) => Action::Review,
            (action, _) => action,
        }
    }

    fn signals(&self, posting: &Posting, evidence: &Evidence, parts: &Contributions) -> Vec<SignalVerdict> {
        let mut out = Vec::new();
        for (i, definition) in self.extractor.catalogue().signals().iter().enumerate() {
            let strength = evidence.strengths[i];
            if strength <= 0.0 {
                continue;
            }
            let spans = located(posting, evidence.spans[i].iter().map(|s| (s.field, s.range.clone())));
            out.push(SignalVerdict { id: definition.id.clone(), strength, contribution: parts.signals[i], spans });
        }
        out.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        out
    }
}

/// A reading, weighed.
struct Weighed {
    evidence: Evidence,
    /// What the text stage says.
    text_logit: f64,
    /// What the second weights come to.
    second: f64,
    /// Distinct n-grams.
    ngrams: usize,
    /// Of the reading that decides.
    parts: Contributions,
    /// Whether that is the second.
    as_vacancy: bool,
    /// Their sum, or what the strongest passage makes of it.
    logit: f64,
    /// That passage, if it does: fields, and bytes of their texts.
    passage: Vec<Place>,
    /// What is done with the posting.
    action: Action,
}

/// Places with their words, counted in characters. They come in order, so each field is counted through once.
fn located(posting: &Posting, places: impl ExactSizeIterator<Item = Place>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::with_capacity(places.len());
    let (mut counted, mut byte, mut chars) = (None, 0, 0);
    for (field, range) in places {
        let source = posting.get(field);
        if counted != Some(field) {
            (counted, byte, chars) = (Some(field), 0, 0);
        }
        chars += source[byte..range.start].chars().count();
        let text = &source[range.clone()];
        let start = chars;
        chars += text.chars().count();
        byte = range.end;
        out.push(Span { field: field.name().to_owned(), start, end: chars, text: text.to_owned() });
    }
    out
}
