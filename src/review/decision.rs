/*!
Decisions: what a moderator says about a text, and what was known when it was said.
*/

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::verdict::{Action, Verdict};

/// An enumeration that is stored by name.
macro_rules! named {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($(#[$doc])* $variant,)* }

        impl $type {
            /// All of them, in order.
            pub const ALL: &[$type] = &[$($type::$variant,)*];

            /// The name in stores, records and options.
            pub const fn name(self) -> &'static str {
                match self { $($type::$variant => $name,)* }
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(name: &str) -> Result<$type, String> {
                $type::ALL.iter().copied().find(|v| v.name() == name).ok_or_else(|| {
                    let names: Vec<&str> = $type::ALL.iter().map(|v| v.name()).collect();
                    format!("{name:?} is none of {}", names.join(", "))
                })
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named! {
    /// What a moderator says.
    Label {
        /// A recruitment scam.
        Scam = "scam",
        /// No scam.
        Honest = "honest",
        /// Looked at, and not to be told from the text.
        Unsure = "unsure",
    }
}

named! {
    /// Why. A short list, because what is to be counted has to be the same word every time; the rest is in the note.
    Reason {
        /// Work abroad under a pretext: pay, travel and place do not fit.
        CompoundLure = "compound_lure",
        /// The applicant is to pay.
        AdvanceFee = "advance_fee",
        /// Moving money or parcels for others.
        Mule = "mule",
        /// Likes, reviews, orders, deposits.
        PaidTasks = "paid_tasks",
        /// Documents or bank data are what is wanted.
        Identity = "identity",
        /// The name of another employer.
        ClonedEmployer = "cloned_employer",
        /// The employer is known and the way to it is right.
        KnownEmployer = "known_employer",
        /// An ordinary ad, nothing against it.
        OrdinaryAd = "ordinary_ad",
        /// It warns, reports or asks.
        NotAnAd = "not_an_ad",
        /// Too little text, or a language that the moderator does not read.
        Unreadable = "unreadable",
        /// Something else; the note says what.
        Other = "other",
    }
}

impl Reason {
    /// The reasons that go with a label, in the order of the keys 1 to 9.
    pub const fn of(label: Label) -> &'static [Reason] {
        use Reason::*;
        match label {
            Label::Scam => &[CompoundLure, AdvanceFee, Mule, PaidTasks, Identity, ClonedEmployer, Other],
            Label::Honest => &[OrdinaryAd, KnownEmployer, NotAnAd, Other],
            Label::Unsure => &[Unreadable, NotAnAd, Other],
        }
    }
}

named! {
    /// How the posting came before the moderator: what decides whether a rate may be estimated from the decision.
    Sampling {
        /// In the order of the queue, so chosen by the model: no estimate.
        Queue = "queue",
        /// Drawn at random at a known rate.
        Random = "random",
        /// Decided with its campaign, after one of its members was looked at.
        Campaign = "campaign",
        /// Read from a labelled feed.
        Import = "import",
    }
}

/// What the model said when the decision was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// The model's name.
    pub model: String,
    /// The probability; none where the model abstained.
    pub probability: Option<f64>,
    /// The action.
    pub action: Action,
    /// The language.
    pub language: String,
}

impl Scored {
    /// Of a verdict.
    pub fn of(verdict: &Verdict) -> Scored {
        Scored {
            model: verdict.model.clone(),
            probability: verdict.probability,
            action: verdict.action,
            language: verdict.language.clone(),
        }
    }
}

/// How a posting was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chosen {
    /// The way.
    pub sampling: Sampling,
    /// Of a random sample: its number in the store, and the share of postings like this one that it draws.
    pub sample: Option<(i64, f64)>,
}

impl Chosen {
    /// Without a random sample.
    pub const fn by(sampling: Sampling) -> Chosen {
        Chosen { sampling, sample: None }
    }
}

/// A decision that is to be stored about a posting.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What is said.
    pub label: Label,
    /// Why.
    pub reason: Option<Reason>,
    /// In the moderator's words.
    pub note: String,
    /// What the model said.
    pub scored: Scored,
    /// How the posting was chosen.
    pub chosen: Chosen,
}

/// A decision as it stands in a store: the latest of its moderator about its text that was not revoked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Its number, which grows with time.
    pub number: i64,
    /// When, in UTC: `2026-01-31T12:00:00.000Z`.
    pub at: String,
    /// Who.
    pub moderator: String,
    /// Which text.
    pub text_hash: String,
    /// The posting's id when it was decided.
    pub posting_id: String,
    /// What is said.
    pub label: Label,
    /// Why.
    pub reason: Option<Reason>,
    /// In the moderator's words.
    pub note: String,
    /// What the model said.
    pub scored: Scored,
    /// How it was chosen.
    pub chosen: Chosen,
}
