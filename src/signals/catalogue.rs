/*!
The catalogue: what signals there are, and what each says.

Ids, families, definitions, examples and counter-examples live in `data/catalogue.toml`; the docs, `lurescan signals`
and the features of the verdict stage all come from it. A signal's position in the file is its number.
*/

use serde::{Deserialize, Serialize};

/// Whether a signal speaks for a scam or for the ad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// Lures carry it more often; its weight is never negative.
    Lure,
    /// Anyone can type it: its weight is never positive, and all of these together lower the logit by a bounded amount.
    ForTheAd,
}

/// A signal's entry in the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalDefinition {
    /// Name in records and options.
    pub id: String,
    /// What it is about: pay, perks, role...
    pub family: String,
    /// Which way it speaks.
    pub kind: SignalKind,
    /// Whether a negation before the words takes it away.
    pub negatable: bool,
    /// The definition.
    pub fires_when: String,
    /// What it is mistaken for.
    pub not_when: String,
    /// A posting's words that carry it.
    pub example: String,
    /// Words that look alike and do not.
    pub counter_example: String,
}

/// The number of a signal in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SignalId(pub u16);

/// All signals, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    signals: Vec<SignalDefinition>,
    /// How many of them ship; the rest come from lexicons.
    shipped: usize,
}

/// The longest id, in bytes.
const MAX_ID: usize = 40;
/// How many signals lexicons may add.
const MAX_OWN: usize = 200;

#[derive(Deserialize)]
struct File {
    signal: Vec<SignalDefinition>,
}

impl Default for Catalogue {
    fn default() -> Catalogue {
        Catalogue::embedded()
    }
}

impl Catalogue {
    /// The catalogue that ships.
    pub fn embedded() -> Catalogue {
        let file: File = toml::from_str(include_str!("data/catalogue.toml"))
            .expect("the embedded catalogue is checked by the tests");
        Catalogue { shipped: file.signal.len(), signals: file.signal }
    }

    /// Adds a signal that does not ship, or says why it cannot be one.
    pub(crate) fn add(&mut self, signal: SignalDefinition) -> Result<(), String> {
        let id = &signal.id;
        let is_id = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.len() <= MAX_ID
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_id {
            return Err(format!(
                "signal {id:?} is no id: lower-case letters, digits and underscores, a letter first, {MAX_ID} at most"
            ));
        }
        if self.find(id).is_some() {
            return Err(format!("signal {id:?} is in the catalogue already; give yours another id"));
        }
        if self.own().len() == MAX_OWN {
            return Err(format!("signal {id:?} is one more than the {MAX_OWN} that lexicons may add"));
        }
        self.signals.push(signal);
        Ok(())
    }

    /// The signals that do not ship.
    pub fn own(&self) -> &[SignalDefinition] {
        &self.signals[self.shipped..]
    }

    /// The signals in order.
    pub fn signals(&self) -> &[SignalDefinition] {
        &self.signals
    }

    /// How many signals there are.
    pub fn len(&self) -> usize {
        self.signals.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty()
    }

    /// The number of the signal of this name.
    pub fn find(&self, id: &str) -> Option<SignalId> {
        self.signals.iter().position(|s| s.id == id).map(|i| SignalId(i as u16))
    }

    /// The entry of a signal.
    pub fn get(&self, id: SignalId) -> &SignalDefinition {
        &self.signals[id.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_has_every_signal_once_and_the_four_that_speak_for_an_ad() {
        let catalogue = Catalogue::embedded();
        assert_eq!(catalogue.len(), 39);
        let mut ids: Vec<&str> = catalogue.signals().iter().map(|s| s.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 39);
        let trust: Vec<&str> =
            catalogue.signals().iter().filter(|s| s.kind == SignalKind::ForTheAd).map(|s| s.id.as_str()).collect();
        assert_eq!(trust, ["licensed_recruiter", "warning_context", "named_contact_channel", "named_trade"]);
    }
}
