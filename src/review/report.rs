/*!
How good the running thresholds are, estimated from random samples that moderators decided.

What is taken for granted: moderators are right; of each action, the texts are decided in the order of the draw, so that
those decided so far are a random part; a text is one text however often it was posted. Decisions made in the order of
the queue estimate nothing, because the model chose what they are about; where such a decision is about a text of the
sample, it counts like any other.
*/

use std::collections::HashMap;

use serde::Serialize;

use super::decision::Standing;
use super::error::StoreError;
use super::estimate::{Seen, Share, share_of_all, share_of_scams};
use super::labels::{Consensus, consensus};
use super::sample::Sample;
use super::store::Store;
use crate::verdict::Action;

/// What a sample says so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleReport {
    /// The sample.
    pub sample: Sample,
    /// What was seen of each action.
    pub strata: Vec<Stratum>,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// What was seen of the texts with one action.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stratum {
    /// The action.
    pub action: Action,
    /// Texts with this action in the feed.
    pub population: usize,
    /// Of them, drawn.
    pub drawn: usize,
    /// Of those drawn, decided to be scams.
    pub scams: usize,
    /// Decided to be honest.
    pub honest: usize,
    /// Decided, but nobody was sure, or as many say scam as say honest.
    pub unsure: usize,
    /// Skipped: not decided, though a later one was.
    pub skipped: usize,
}

/// An estimate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What is estimated.
    pub name: &'static str,
    /// From the decided texts; none while too little is decided.
    pub share: Option<Share>,
    /// The estimate if all that nobody was sure of were honest.
    pub if_unsure_is_honest: Option<f64>,
    /// The estimate if all of that were scams.
    pub if_unsure_is_scam: Option<f64>,
}

/// A report on every sample of a store, the oldest first.
///
/// # Errors
///
/// When the store cannot be read.
pub fn reports(store: &Store) -> Result<Vec<SampleReport>, StoreError> {
    let standing = store.standing()?;
    let mut texts: HashMap<&str, Vec<&Standing>> = HashMap::new();
    for decision in &standing {
        texts.entry(&decision.text_hash).or_default().push(decision);
    }
    Ok(store.samples()?.into_iter().map(|sample| report(sample, &texts)).collect())
}

fn report(sample: Sample, texts: &HashMap<&str, Vec<&Standing>>) -> SampleReport {
    let strata: Vec<Stratum> =
        sample.populations.iter().map(|&(action, population)| stratum(&sample, action, population, texts)).collect();
    let figures = figures(&strata);
    SampleReport { sample, strata, figures }
}

fn stratum(sample: &Sample, action: Action, population: usize, texts: &HashMap<&str, Vec<&Standing>>) -> Stratum {
    let drawn: Vec<Option<&Vec<&Standing>>> =
        sample.drawn.iter().filter(|d| d.1 == action).map(|d| texts.get(d.0.as_str())).collect();
    // Beyond the last that was decided as a member of the sample, only what the queue brought up is decided, and that is
    // no random part.
    let as_member = |decisions: &Vec<&Standing>| {
        decisions.iter().any(|d| d.chosen.sample.is_some_and(|(number, _)| number == sample.number))
    };
    let seen = match drawn.iter().all(Option::is_some) {
        true => drawn.len(),
        false => drawn.iter().rposition(|d| d.is_some_and(as_member)).map_or(0, |at| at + 1),
    };
    let mut out = Stratum { action, population, drawn: drawn.len(), scams: 0, honest: 0, unsure: 0, skipped: 0 };
    for decisions in &drawn[..seen] {
        match decisions.map(|d| consensus(d.iter().copied())) {
            Some(Consensus::Agreed(true)) => out.scams += 1,
            Some(Consensus::Agreed(false)) => out.honest += 1,
            Some(Consensus::Split | Consensus::Unsure) => out.unsure += 1,
            None => out.skipped += 1,
        }
    }
    out
}

/// What to do with those that nobody was sure of.
#[derive(Clone, Copy)]
enum Unsure {
    LeftOut,
    Honest,
    Scam,
}

fn figures(strata: &[Stratum]) -> Vec<Figure> {
    let seen = |unsure: Unsure, wanted: &dyn Fn(Action) -> bool| -> Vec<Seen> {
        let of = |s: &Stratum| {
            let (doubtful, doubtful_scams) = match unsure {
                Unsure::LeftOut => (0, 0),
                Unsure::Honest => (s.unsure, 0),
                Unsure::Scam => (s.unsure, s.unsure),
            };
            Seen { population: s.population, decided: s.scams + s.honest + doubtful, scams: s.scams + doubtful_scams }
        };
        strata.iter().filter(|s| wanted(s.action)).map(of).collect()
    };
    let figure = |name, estimate: &dyn Fn(Unsure) -> Option<Share>| Figure {
        name,
        share: estimate(Unsure::LeftOut),
        if_unsure_is_honest: estimate(Unsure::Honest).map(|s| s.value),
        if_unsure_is_scam: estimate(Unsure::Scam).map(|s| s.value),
    };
    let precision = |wanted: fn(Action) -> bool| move |u: Unsure| share_of_all(&seen(u, &wanted));
    let recall =
        |wanted: fn(Action) -> bool| move |u: Unsure| share_of_scams(&seen(u, &wanted), &seen(u, &|a| !wanted(a)));
    let blocked = |a: Action| a == Action::Block;
    let flagged = |a: Action| a >= Action::Review;
    vec![
        figure("precision of block", &precision(blocked)),
        figure("precision of review and block", &precision(flagged)),
        figure("recall of block", &recall(blocked)),
        figure("recall of review and block", &recall(flagged)),
        figure("share of scams in the feed", &precision(|_| true)),
    ]
}
