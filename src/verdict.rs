/*!
The output record: what the house says about one posting.

Serialised as one JSON object with its keys in a fixed order; numbers are the shortest that read back as the same `f64`.
*/

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What to do with a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Too little text, or no script of ours, and no signal: nothing can be said.
    Abstain,
    /// Nothing found. This does not mean that the posting is safe.
    Clear,
    /// A human should look; also at what was too long to be read to its end.
    Review,
    /// Very likely a scam. No automatic block without an appeal to a human.
    Block,
}

impl Action {
    /// All actions, the mildest first.
    pub const ALL: [Action; 4] = [Action::Abstain, Action::Clear, Action::Review, Action::Block];

    /// The name in records and options.
    pub const fn name(self) -> &'static str {
        match self {
            Action::Abstain => "abstain",
            Action::Clear => "clear",
            Action::Review => "review",
            Action::Block => "block",
        }
    }
}

/// Where a signal shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The field.
    pub field: String,
    /// First character: Unicode scalar values of the decoded original field, tags and disguises included.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// `field[start:end]`.
    pub text: String,
}

/// A signal that fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalVerdict {
    /// Its name in the catalogue.
    pub id: String,
    /// Between 0 and 1, 0 left out.
    pub strength: f64,
    /// What it adds to the logit.
    pub contribution: f64,
    /// Where it shows; empty for a signal of the posting as a whole.
    pub spans: Vec<Span>,
}

/// A contribution that is not a signal's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// An n-gram, `(rest of text)`, a composite, or `(one passage)`.
    pub name: String,
    /// `ngram`, `rest`, `composite`, `passage`, or `vacancy` for an n-gram where the posting is read as a vacancy.
    pub kind: String,
    /// What it adds to the logit.
    pub contribution: f64,
}

/// What the house says about one posting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The posting's id.
    pub id: String,
    /// How likely it is a scam, calibrated at the prior; null for `abstain`.
    pub probability: Option<f64>,
    /// What to do with it.
    pub action: Action,
    /// The log-odds behind the probability; null for `abstain`.
    pub logit: Option<f64>,
    /// BCP 47 tag, `und` when unknown.
    pub language: String,
    /// The signals that fired, the largest contribution first.
    pub signals: Vec<SignalVerdict>,
    /// The model's name; with another lexicon than it was trained with, it says so.
    pub model: String,
    /// With an explanation: what every posting starts from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intercept: Option<f64>,
    /// With an explanation: all that adds to the logit beside intercept and signals.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub terms: Option<Vec<Term>>,
    /// Fields of the original record that were not read.
    #[serde(skip_serializing_if = "Map::is_empty", default)]
    pub extra: Map<String, Value>,
    /// The text was longer than the limit, and only its beginning was read; the action is `review` at least.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub truncated: bool,
    /// The posting is read as a vacancy that may be a fraud: its words as such say more than words and signals say for a lure.
    /// Signals contribute nothing then.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub as_vacancy: bool,
    /// The passage that decides, field by field, where one by itself says so much more for a scam than the whole posting does
    /// that the logit is by it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub passage: Vec<Span>,
}

impl Verdict {
    /// All places of the posting that it shows.
    pub fn spans_mut(&mut self) -> impl Iterator<Item = &mut Span> {
        self.signals.iter_mut().flat_map(|signal| &mut signal.spans).chain(&mut self.passage)
    }
}
