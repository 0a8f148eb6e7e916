/*!
Campaigns as STIX 2.1: one bundle that other systems can read.

A campaign becomes a `campaign`, an `observed-data` with the addresses and accounts that its postings give, and, if postings
for `review` or `block` give some of their own, an `indicator` whose pattern matches those; the indicator `indicates` the
campaign and is `based-on` the observed data. Hosts of websites are observed and never part of a pattern: scams link to
the employers they imitate.

The same campaign has the same ids in every bundle: UUIDs of version 5, of observables by the rule of the specification
(section 2.9), of all else in a namespace of this program. A later bundle holds later versions of the objects: `modified` is
when the campaign was last seen, or the time of the run where its postings do not tell; `created`, which no version may
change and tomorrow's feed does not know, is the same for all.
*/

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::{Uuid, uuid};

use super::{Campaign, ContactCount};
use crate::verdict::Action;

/// The namespace of observables, which the specification gives.
const OBSERVABLES: Uuid = uuid!("00abedb4-aa42-466c-9c01-fed23315a9b7");
/// When every object was made, in seconds since 1970: the first of January 2026.
const CREATED: i64 = 1_767_225_600;
/// The most that a number of observations may be.
const MOST_OBSERVED: usize = 999_999_999;
/// Parts of a pattern. Systems that read patterns have limits of their own, and the contacts that most postings give come
/// first.
const MOST_IN_PATTERN: usize = 100;

/// The bundle of these campaigns. `now` is the time of the run.
pub fn bundle(campaigns: &[Campaign], now: Timestamp) -> Value {
    let producer = id("identity", "producer");
    let created = time(created());
    let mut objects = vec![json!({
        "type": "identity",
        "spec_version": "2.1",
        "id": producer,
        "created": created,
        "modified": created,
        "name": "lurescan",
        "description": "A program that groups job postings and scores them for recruitment scams.",
        "identity_class": "system",
    })];
    let mut observables = Map::new();
    for campaign in campaigns {
        add(campaign, &producer, now, &mut objects, &mut observables);
    }
    objects.extend(observables.into_iter().map(|(_, observable)| observable));
    let names: Vec<&str> = campaigns.iter().map(|c| c.id.as_str()).collect();
    json!({"type": "bundle", "id": id("bundle", &names.join(" ")), "objects": objects})
}

fn add(
    campaign: &Campaign,
    producer: &str,
    now: Timestamp,
    objects: &mut Vec<Value>,
    observables: &mut Map<String, Value>,
) {
    let (first, last) = (campaign.first_seen.unwrap_or(now), campaign.last_seen.unwrap_or(now));
    let object = |kind: &str, rest: Value| {
        let mut object = json!({
            "type": kind,
            "spec_version": "2.1",
            "id": id(kind, &campaign.id),
            "created_by_ref": producer,
            "created": time(created()),
            "modified": time(last.max(created())),
        });
        if let (Some(object), Value::Object(rest)) = (object.as_object_mut(), rest) {
            object.extend(rest);
        }
        object
    };
    let mut about = json!({
        "name": format!("Job postings {}: {}", campaign.id, plain(&campaign.representative.line)),
        "description": description(campaign),
        "external_references": [{"source_name": "lurescan", "external_id": campaign.id}],
    });
    if let (Some(first), Some(last)) = (campaign.first_seen, campaign.last_seen) {
        about["first_seen"] = json!(time(first));
        about["last_seen"] = json!(time(last));
    }
    objects.push(object("campaign", about));
    let seen: Vec<(&ContactCount, Observable)> =
        campaign.contacts.iter().filter_map(|contact| Some((contact, Observable::of(contact)?))).collect();
    if seen.is_empty() {
        return;
    }
    let mut refs: Vec<String> = seen.iter().map(|(_, observable)| observable.id()).collect();
    refs.sort_unstable();
    refs.dedup();
    for (_, observable) in &seen {
        observables.insert(observable.id(), observable.object());
    }
    objects.push(object(
        "observed-data",
        json!({
            "first_observed": time(first),
            "last_observed": time(last),
            "number_observed": campaign.size.min(MOST_OBSERVED),
            "object_refs": refs,
        }),
    ));
    let accused =
        seen.iter().filter(|(contact, observable)| contact.joins && contact.flagged > 0 && observable.is_own());
    let mut parts: Vec<String> = accused.map(|(_, observable)| observable.pattern()).take(MOST_IN_PATTERN).collect();
    parts.sort_unstable();
    parts.dedup();
    if parts.is_empty() {
        return;
    }
    let kind = if campaign.with_action(Action::Block) > 0 { "malicious-activity" } else { "anomalous-activity" };
    objects.push(object(
        "indicator",
        json!({
            "name": format!("Contacts of job postings {}", campaign.id),
            "indicator_types": [kind],
            "pattern": parts.join(" OR "),
            "pattern_type": "stix",
            "valid_from": time(first),
        }),
    ));
    for (verb, target) in [("indicates", "campaign"), ("based-on", "observed-data")] {
        let ends = json!({
            "id": id("relationship", &format!("{} {verb}", campaign.id)),
            "relationship_type": verb,
            "source_ref": id("indicator", &campaign.id),
            "target_ref": id(target, &campaign.id),
        });
        objects.push(object("relationship", ends));
    }
}

/// An id in this program's namespace.
fn id(kind: &str, name: &str) -> String {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"lurescan");
    format!("{kind}--{}", Uuid::new_v5(&namespace, format!("{kind} {name}").as_bytes()))
}

fn created() -> Timestamp {
    Timestamp::from_second(CREATED).unwrap_or_default()
}

/// To the millisecond, as most producers write it.
fn time(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// A text from outside, without what acts on a reader's terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn description(campaign: &Campaign) -> String {
    let list = |entries: &[(String, usize)]| {
        entries.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    let owned = |entries: &[(&'static str, usize)]| -> Vec<(String, usize)> {
        entries.iter().map(|&(name, count)| (name.to_owned(), count)).collect()
    };
    format!(
        "{} job postings that are copies of one text or give the same contact. Actions by model {}: {}. Languages: {}. \
         Signals: {}.",
        campaign.size,
        campaign.model,
        list(&owned(&campaign.actions)),
        list(&owned(&campaign.languages)),
        if campaign.signals.is_empty() { "none".to_owned() } else { list(&campaign.signals) },
    )
}

/// A contact as a cyber-observable.
enum Observable {
    Mail(String),
    Url(String),
    Domain(String),
    Account { kind: &'static str, user: String },
}

impl Observable {
    /// None for what is no address: a placeholder of a data set, a masked number.
    fn of(contact: &ContactCount) -> Option<Observable> {
        let value = contact.value.clone();
        let printable = !value.is_empty() && value.chars().all(|c| !c.is_control() && !c.is_whitespace());
        if !printable || value.starts_with('#') {
            return None;
        }
        Some(match contact.kind {
            "email" | "freemail" => {
                let (local, domain) = value.split_once('@')?;
                if local.is_empty() || !domain.contains('.') {
                    return None;
                }
                Observable::Mail(value)
            }
            "url" => Observable::Url(value),
            "domain" => Observable::Domain(value),
            "phone" if value.contains(['x', '*']) => return None,
            "wallet" => Observable::Account { kind: "cryptocurrency-wallet", user: value },
            kind => Observable::Account { kind, user: value },
        })
    }

    /// Whether it leads to those who posted, and to nobody else.
    fn is_own(&self) -> bool {
        !matches!(self, Observable::Domain(_))
    }

    fn kind(&self) -> &'static str {
        match self {
            Observable::Mail(_) => "email-addr",
            Observable::Url(_) => "url",
            Observable::Domain(_) => "domain-name",
            Observable::Account { .. } => "user-account",
        }
    }

    /// The properties that the id is made of, in the order of their names, as canonical JSON wants them.
    fn properties(&self) -> Vec<(&'static str, &str)> {
        match self {
            Observable::Mail(value) | Observable::Url(value) | Observable::Domain(value) => vec![("value", value)],
            Observable::Account { kind, user } => vec![("account_type", kind), ("user_id", user)],
        }
    }

    fn id(&self) -> String {
        let properties: Map<String, Value> =
            self.properties().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        let canonical = Value::Object(properties).to_string();
        format!("{}--{}", self.kind(), Uuid::new_v5(&OBSERVABLES, canonical.as_bytes()))
    }

    fn object(&self) -> Value {
        let mut object = json!({"type": self.kind(), "spec_version": "2.1", "id": self.id()});
        for (name, value) in self.properties() {
            object[name] = json!(value);
        }
        object
    }

    /// A comparison of the pattern language; quotes and backslashes in values are escaped.
    fn pattern(&self) -> String {
        let equals = |(name, value): (&str, &str)| {
            format!("{}:{name} = '{}'", self.kind(), value.replace('\\', "\\\\").replace('\'', "\\'"))
        };
        format!("[{}]", self.properties().into_iter().map(equals).collect::<Vec<_>>().join(" AND "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(kind: &'static str, value: &str) -> ContactCount {
        ContactCount { kind, value: value.to_owned(), postings: 1, flagged: 1, joins: true }
    }

    #[test]
    fn ids_of_observables_follow_the_specification() {
        // The examples of the specification's own library: version 5 of {"value":"..."}.
        let domain = Observable::of(&contact("domain", "example.com")).unwrap();
        assert_eq!(domain.id(), "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7");
    }

    #[test]
    fn values_cannot_break_out_of_a_pattern() {
        let url = Observable::of(&contact("url", "https://forms.example/a'b\\c")).unwrap();
        assert_eq!(url.pattern(), r"[url:value = 'https://forms.example/a\'b\\c']");
        let account = Observable::of(&contact("telegram", "demo_hr00")).unwrap();
        assert_eq!(
            account.pattern(),
            "[user-account:account_type = 'telegram' AND user-account:user_id = 'demo_hr00']"
        );
    }

    #[test]
    fn what_is_no_address_is_left_out() {
        for (kind, value) in
            [("email", "#email_00#"), ("freemail", "demo@gmail"), ("phone", "+84xxx"), ("telegram", "")]
        {
            assert!(Observable::of(&contact(kind, value)).is_none(), "{kind} {value}");
        }
    }
}
