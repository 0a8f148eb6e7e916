/*!
Composites: combinations of signals that say more than their parts, by name.

Single flags prove little, combinations much. They are defined in `data/composites.toml` and are features of the verdict
stage with weights of their own.
*/

use serde::{Deserialize, Serialize};

use super::catalogue::{Catalogue, SignalId};

/// A named combination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Composite {
    /// Name in records.
    pub id: String,
    /// What it says.
    pub definition: String,
    #[serde(skip)]
    all: Vec<SignalId>,
    #[serde(skip)]
    any: Vec<SignalId>,
    #[serde(skip)]
    and_any: Vec<SignalId>,
    #[serde(skip)]
    none: Vec<SignalId>,
    #[serde(skip)]
    count: Option<Count>,
}

/// How many of the `any` signals it takes: the strength grows from 0 at `from` to 1 at `to`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    from: f64,
    to: f64,
}

#[derive(Deserialize)]
struct File {
    composite: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    definition: String,
    all: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    and_any: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
    count: Option<Count>,
}

impl Composite {
    /// The composites that ship.
    pub(crate) fn embedded(catalogue: &Catalogue) -> Vec<Composite> {
        let file: File =
            toml::from_str(include_str!("data/composites.toml")).expect("the embedded file is checked by the tests");
        let ids = |names: &[String]| -> Vec<SignalId> {
            names.iter().map(|n| catalogue.find(n).expect("the embedded file is checked by the tests")).collect()
        };
        file.composite
            .into_iter()
            .map(|row| Composite {
                all: ids(&row.all),
                any: ids(&row.any),
                and_any: ids(&row.and_any),
                none: ids(&row.none),
                count: row.count,
                id: row.id,
                definition: row.definition,
            })
            .collect()
    }

    /// The least strength of `all` and, where `any` or `and_any` is given, of the strongest of those; with `count`, how many of
    /// `any` fire, on the scale from `from` to `to`, takes the place of the strongest of them. 0 where one of `none` is above
    /// half strength.
    pub(crate) fn strength(&self, signals: &[f64]) -> f64 {
        let of = |id: &SignalId| signals[id.0 as usize];
        if self.none.iter().any(|id| of(id) > 0.5) {
            return 0.0;
        }
        let all = self.all.iter().map(of).fold(1.0, f64::min);
        let strongest = |any: &[SignalId]| any.iter().map(of).reduce(f64::max).unwrap_or(1.0);
        let any = match self.count {
            Some(count) => {
                let sum: f64 = self.any.iter().map(of).sum();
                ((sum - count.from) / (count.to - count.from)).clamp(0.0, 1.0)
            }
            None => strongest(&self.any),
        };
        all.min(any).min(strongest(&self.and_any))
    }

    /// The signals that it is made of.
    pub fn parts(&self) -> impl Iterator<Item = SignalId> + '_ {
        self.all.iter().chain(&self.any).chain(&self.and_any).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The strength of a composite after each of its signals that is set, one upon the other.
    fn strength_after(composite: &str) -> impl FnMut(&str, f64) -> f64 {
        let catalogue = Catalogue::embedded();
        let composite = Composite::embedded(&catalogue).into_iter().find(|c| c.id == composite).unwrap();
        let mut signals = vec![0.0; catalogue.len()];
        move |id, strength| {
            signals[catalogue.find(id).unwrap().0 as usize] = strength;
            composite.strength(&signals)
        }
    }

    #[test]
    fn strengths_follow_the_weakest_part() {
        let catalogue = Catalogue::embedded();
        let composites = Composite::embedded(&catalogue);
        let mut set = strength_after("low_bar_high_pay_travel");
        assert_eq!(set("high_pay", 0.5), 0.0);
        assert_eq!(set("free_travel", 1.0), 0.0);
        assert_eq!(set("desk_role", 0.8), 0.5);
        let way = composites.iter().find(|c| c.id == "paid_way_abroad").unwrap();
        let mut all = vec![1.0; catalogue.len()];
        let at = |id: &str| catalogue.find(id).unwrap().0 as usize;
        all[at("warning_context")] = 0.5;
        assert_eq!(way.strength(&all), 0.0, "a licence is named");
        all[at("licensed_recruiter")] = 0.0;
        assert_eq!(way.strength(&all), 1.0);
        all[at("warning_context")] = 0.8;
        assert_eq!(way.strength(&all), 0.0, "somebody reports it");
    }

    #[test]
    fn each_of_two_groups_must_fire() {
        let mut set = strength_after("low_bar_abroad_by_chat");
        assert_eq!(set("relocation_abroad", 1.0), 0.0);
        assert_eq!(set("chat_contact", 0.8), 0.0);
        assert_eq!(set("desk_role", 0.4), 0.0, "nothing says that the bar is low");
        assert_eq!(set("no_qualifications", 1.0), 0.4);
        assert_eq!(set("no_experience", 0.2), 0.4, "the stronger of a group counts");
        assert_eq!(set("named_contact_channel", 0.8), 0.0);
    }

    #[test]
    fn counted_flags_need_what_all_names() {
        let mut set = strength_after("abroad_for_no_trade");
        assert_eq!(set("chat_contact", 1.0), 0.0, "nothing says that the work is abroad");
        assert_eq!(set("relocation_abroad", 0.6), 0.25);
        let more = ["high_pay", "free_travel", "no_experience"].map(|id| set(id, 1.0));
        assert_eq!(more, [0.5, 0.6, 0.6], "no more than the place itself");
        assert_eq!(set("named_trade", 1.0), 0.0);
    }

    #[test]
    fn flags_are_counted_from_a_few_on() {
        let mut set = strength_after("many_flags");
        let rare = ["guaranteed_income", "typing_skill", "instant_hire", "scam_denial"];
        let strengths = rare.map(|id| set(id, 1.0));
        assert_eq!(strengths, [0.0, 0.0, 0.25, 0.5]);
    }
}
