/*!
One posting out of named values.

Every structured format ends here, so that JSON and CSV follow one set of rules: the first name that fills a field wins,
but for fields of prose, which are joined of all that differ; pieces are joined only when nothing whole is there, and
nothing that the feed gave is lost: what does not fill a field is in `extra`.
*/

use memchr::memmem;
use serde_json::{Map, Value};

use crate::posting::{Field, Posting};
use crate::redact::{self, NAME_TOLD};
use crate::text::html;

use super::alias::{Part, Target};
use super::date;
use super::flatten::{self, NotText, Parts};
use super::record::Context;
use super::reject::Fault;

/// How many names of an unusable record its reject lists.
const NAMES_LISTED: usize = 12;

/// Fields of which a nested value means that the feed was not understood. Not metadata, and not places and pay: nesting
/// is usual there, a pair of coordinates is no text, and a posting that can be read is not thrown away for it.
const MUST_BE_TEXT: [Field; 6] =
    [Field::Title, Field::Company, Field::Description, Field::Requirements, Field::Benefits, Field::CompanyProfile];

/// Fields of prose, of which a record may have several: what only one of them says is read as well.
const PROSE: [Field; 4] = [Field::Description, Field::Requirements, Field::Benefits, Field::CompanyProfile];

/// Texts of one record that are compared with the text that they may repeat. More are joined unseen, so that a hostile
/// record costs no more than its size.
const COMPARED: usize = 16;

/// A posting in the making.
#[derive(Default)]
pub(super) struct Assembler {
    /// Whether a label that is none makes the record unusable.
    labels: bool,
    posting: Posting,
    /// The name and value that gave the label.
    labelled_by: Option<(String, Value)>,
    /// Texts that were compared.
    compared: usize,
    also: Vec<(Field, String)>,
    parts: Vec<(Part, String, Value)>,
    /// Names that would fill a field if their values were text.
    nested: Vec<(Target, String, NotText)>,
}

impl Assembler {
    pub(super) fn new(context: &Context) -> Assembler {
        Assembler { labels: context.labels, ..Assembler::default() }
    }

    /// Takes a value under the name that the feed gives it.
    pub(super) fn put(&mut self, name: String, target: Option<Target>, value: Value) -> Result<(), Fault> {
        let Some(target) = target else {
            self.posting.extra.insert(name, value);
            return Ok(());
        };
        if is_empty(&value) {
            return Ok(());
        }
        match target {
            Target::Label => return self.label(name, value),
            Target::Id if self.posting.id.is_empty() => self.whole(None, target, name, value),
            Target::Whole(field) if self.posting.get(field).is_empty() => self.whole(Some(field), target, name, value),
            Target::Whole(field) if PROSE.contains(&field) => self.another(field, name, value),
            Target::Also(field) => match flatten::text(Some(field), &value) {
                Ok(text) => {
                    self.also.push((field, text));
                    self.keep_object(name, value);
                }
                Err(_) => self.keep(name, value),
            },
            Target::Part(part) => self.parts.push((part, name, value)),
            Target::Id | Target::Whole(_) => self.keep(name, value),
        }
        Ok(())
    }

    /// Takes a label. The first that is one counts; a second may repeat it, but of two that contradict each other nobody
    /// knows which is right.
    fn label(&mut self, name: String, value: Value) -> Result<(), Fault> {
        match (label(&value), &self.labelled_by) {
            (Some(label), None) => {
                self.posting.label = Some(label);
                self.labelled_by = Some((name, value));
            }
            (None, None) if self.labels => {
                let value = value.to_string();
                let reason =
                    format!("the label is {}; it must be 0, 1, true or false", redact::told(&value, NAME_TOLD));
                return Err(Fault::of(&name, reason));
            }
            (Some(label), Some((other, said))) if self.labels && self.posting.label != Some(label) => {
                // Without quotation marks, between which messages show nothing: these are known words.
                let shown =
                    |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
                let reason = format!(
                    "the label is {}, but {} says {}; correct the one that is wrong, or leave its column out",
                    shown(&value),
                    redact::told(other, NAME_TOLD),
                    shown(said)
                );
                return Err(Fault::of(&name, reason));
            }
            _ => self.keep(name, value),
        }
        Ok(())
    }

    fn whole(&mut self, field: Option<Field>, target: Target, name: String, value: Value) {
        let text = match value {
            Value::String(text) => text,
            value => match flatten::text(field, &value) {
                Ok(text) => {
                    self.keep_object(name, value);
                    text
                }
                Err(not_text) => {
                    // Only the first matters for the reject, and a hostile record may have a million.
                    if self.nested.iter().all(|(other, ..)| *other != target) {
                        self.nested.push((target, name.clone(), not_text));
                    }
                    return self.keep(name, value);
                }
            },
        };
        if text.trim().is_empty() {
            return;
        }
        match field {
            Some(field) => self.posting.set(field, text),
            None => self.posting.id = text.trim().to_owned(),
        }
    }

    /// Takes one more text of a field that has one. Of two texts that hold each other, as a teaser and the whole, or one
    /// text with markup and without, the longer is read.
    fn another(&mut self, field: Field, name: String, value: Value) {
        let text = match flatten::text(Some(field), &value) {
            Ok(text) if !text.trim().is_empty() => text,
            _ => return self.keep(name, value),
        };
        self.compared += 1;
        if self.compared <= COMPARED {
            let (known, new) = (said(self.posting.get(field)), said(&text));
            if memmem::find(known.as_bytes(), new.as_bytes()).is_some() {
                return self.keep(name, value);
            }
            if !known.is_empty() && memmem::find(new.as_bytes(), known.as_bytes()).is_some() {
                self.posting.set(field, "");
            }
        }
        self.posting.add_line(field, &text);
        self.keep_object(name, value);
    }

    fn keep(&mut self, name: String, value: Value) {
        self.posting.extra.insert(name, value);
    }

    /// Flattening an object loses parts of it, so it is kept as well.
    fn keep_object(&mut self, name: String, value: Value) {
        let nested = match &value {
            Value::Object(_) => true,
            Value::Array(items) => items.iter().any(|item| item.is_object() || item.is_array()),
            _ => false,
        };
        if nested {
            self.keep(name, value);
        }
    }

    /// The posting, if it can be read. `default_id` names one that has no id.
    pub(super) fn finish(mut self, default_id: impl FnOnce() -> String) -> Result<Posting, Fault> {
        self.join_parts();
        for (field, text) in std::mem::take(&mut self.also) {
            if !text.trim().is_empty() {
                self.posting.add_line(field, &text);
            }
        }
        for (target, name, NotText(what)) in &self.nested {
            let unfilled = match target {
                Target::Id => self.posting.id.is_empty(),
                Target::Whole(field) => MUST_BE_TEXT.contains(field) && self.posting.get(*field).is_empty(),
                _ => false,
            };
            if unfilled {
                return Err(Fault::of(name, format!("the value is {what}, where plain text is expected")));
            }
        }
        if self.posting.has_no_text() {
            return Err(no_text(&self.posting.extra));
        }
        if self.posting.id.is_empty() {
            self.posting.id = default_id();
        }
        if let Some(date) = date::iso(self.posting.get(Field::PostedAt)) {
            self.posting.set(Field::PostedAt, date);
        }
        Ok(self.posting)
    }

    fn join_parts(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        let mut pieces = Parts::default();
        let mut used = Vec::with_capacity(parts.len());
        // A number alone is no pay yet; what it is of, and how often, often stands beside it.
        let amount =
            Some(self.posting.get(Field::Salary)).filter(|text| is_number(text)).unwrap_or_default().to_owned();
        for (part, _, value) in &parts {
            let completes = !amount.is_empty() && matches!(part, Part::Currency | Part::PayPeriod);
            let free = completes || self.posting.get(part.field()).is_empty();
            used.push(free && flatten::text(None, value).is_ok_and(|text| pieces.add(*part, &text)));
        }
        let joined =
            [Field::Location, Field::Salary, Field::Description].map(|field| (field, pieces.join(field, &amount)));
        for ((part, name, value), used) in parts.into_iter().zip(used) {
            let made = joined.iter().any(|(field, text)| *field == part.field() && text.is_some());
            if used && made {
                self.keep_object(name, value);
            } else {
                self.keep(name, value);
            }
        }
        for (field, text) in joined {
            if let Some(text) = text {
                self.posting.set(field, text);
            }
        }
    }
}

/// What a text says: its letters and digits, without markup, white space, marks and the dots of a text that is cut off.
fn said(text: &str) -> String {
    html::to_text(text).0.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b',' | b' '))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// 0 and 1 as data sets write them; `t` and `f` are EMSCAD's own, `1.0` is what a table with gaps makes of 1.
fn label(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(label) => Some(*label),
        Value::Number(number) => match number.as_f64()? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "0" | "0.0" | "false" | "f" => Some(false),
            "1" | "1.0" | "true" | "t" => Some(true),
            _ => None,
        },
        _ => None,
    }
}

fn no_text(extra: &Map<String, Value>) -> Fault {
    let names: Vec<_> = extra.keys().take(NAMES_LISTED).map(|name| redact::told(name, NAME_TOLD)).collect();
    let mut reason = String::from("no text in any field that is read");
    if !names.is_empty() {
        reason.push_str("; names that are not known: ");
        reason.push_str(&names.join(", "));
        if extra.len() > NAMES_LISTED {
            reason.push_str(", ...");
        }
    }
    Fault::new(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::alias;
    use serde_json::json;

    fn posting(record: Value) -> Result<Posting, Fault> {
        assembled(Assembler { labels: true, ..Assembler::default() }, record)
    }

    fn assembled(mut assembler: Assembler, record: Value) -> Result<Posting, Fault> {
        let Value::Object(record) = record else { panic!("a record is an object") };
        for (name, value) in record {
            let target = alias::resolve(&name);
            assembler.put(name, target, value)?;
        }
        assembler.finish(|| "f#1".to_owned())
    }

    fn extra(posting: &Posting) -> Value {
        Value::Object(posting.extra.clone())
    }

    #[test]
    fn names_map_and_the_unknown_stays_as_it_was() {
        let p = posting(json!({"JobID": 7, "fraudulent": "1", "job_title": "Cook", "employer": "Acme",
            "telecommuting": 0, "weight": 2.5, "group": "g1", "department": null, "text": "Fry."}))
        .unwrap();
        assert_eq!((p.id.as_str(), p.label), ("7", Some(true)));
        assert_eq!((p.get(Field::Title), p.get(Field::Company), p.get(Field::Description)), ("Cook", "Acme", "Fry."));
        assert_eq!(extra(&p), json!({"telecommuting": 0, "weight": 2.5, "group": "g1", "department": null}));
    }

    #[test]
    fn the_first_that_is_not_empty_wins() {
        let p = posting(json!({"text": " ", "title": "one", "position": "two", "id": "", "key": "k", "uuid": "u"}));
        let p = p.unwrap();
        assert_eq!((p.id.as_str(), p.get(Field::Title)), ("k", "one"));
        assert_eq!(extra(&p), json!({"position": "two", "uuid": "u"}));
    }

    #[test]
    fn prose_is_joined_of_all_that_differ() {
        let p = posting(json!({"body": "one", "description": "two", "duties": "three", "text": "four"})).unwrap();
        assert_eq!(p.get(Field::Description), "one\ntwo\nfour\nthree");
        assert_eq!(extra(&p), json!({}));
        let p =
            posting(json!({"perks": "Lunch", "benefits": "Flight paid", "about": ["We", "cook"], "about_us": "Ovens"}));
        let p = p.unwrap();
        assert_eq!((p.get(Field::Benefits), p.get(Field::CompanyProfile)), ("Lunch\nFlight paid", "We\ncook\nOvens"));
    }

    #[test]
    fn a_text_that_another_holds_is_read_once() {
        let whole = "<p>Cook, fry &amp; clean.</p>\n<p>Every day.</p>";
        for other in ["Cook,  fry & clean…", "Cook, fry & clean. Every d...", whole, "Cook, fry & clean.\n\nEvery day."]
        {
            for record in [json!({"description": other, "text": whole}), json!({"text": whole, "description": other})] {
                let p = posting(record).unwrap();
                assert_eq!(said(p.get(Field::Description)), said(whole), "{other}");
            }
        }
        let p = posting(json!({"text": whole, "body": "Cook, fry"})).unwrap();
        assert_eq!(extra(&p), json!({"body": "Cook, fry"}));
    }

    #[test]
    fn many_texts_cost_no_more_than_their_size() {
        let mut assembler = Assembler::default();
        let target = Some(Target::Whole(Field::Description));
        for i in 0..100_000 {
            assembler.put(format!("text {i}"), target, json!(format!("{i}, a text of some length"))).unwrap();
        }
        let p = assembler.finish(|| "1".to_owned()).unwrap();
        assert!(p.get(Field::Description).lines().count() == 100_000);
    }

    #[test]
    fn ids_are_made_where_there_is_none() {
        for id in [json!(null), json!(""), json!("  ")] {
            assert_eq!(posting(json!({"id": id, "text": "x"})).unwrap().id, "f#1");
        }
        assert_eq!(posting(json!({"id": {"$oid": "5f"}, "text": "x"})).unwrap().id, "5f");
    }

    #[test]
    fn labels_are_checked() {
        for (value, label) in [
            (json!(0), Some(false)),
            (json!(1), Some(true)),
            (json!(1.0), Some(true)),
            (json!("TRUE"), Some(true)),
            (json!("false"), Some(false)),
            (json!("f"), Some(false)),
            (json!(true), Some(true)),
            (json!(""), None),
            (json!(null), None),
        ] {
            assert_eq!(posting(json!({"label": value, "text": "x"})).unwrap().label, label, "{value}");
        }
        for (value, named) in [(json!(2), "2"), (json!("maybe"), "\"maybe\""), (json!([1]), "[1]")] {
            let fault = posting(json!({"is_scam": value, "text": "x"})).unwrap_err();
            assert_eq!(fault.field.as_deref(), Some("is_scam"));
            assert!(fault.reason.contains(named), "{}", fault.reason);
        }
        let p = assembled(Assembler::default(), json!({"label": "Engineering", "y": 1, "text": "x"})).unwrap();
        assert_eq!((p.label, extra(&p)), (Some(true), json!({"label": "Engineering"})), "nobody asked for labels");
        let p = posting(json!({"label": 1, "y": 3.7, "text": "x"})).unwrap();
        assert_eq!(extra(&p), json!({"y": 3.7}), "only the column that is used is checked");
        let p = posting(json!({"label": 1, "fraudulent": "t", "text": "x"})).unwrap();
        assert_eq!((p.label, extra(&p)), (Some(true), json!({"fraudulent": "t"})), "said twice");
        let fault = posting(json!({"label": 1, "fraudulent": "f", "text": "x"})).unwrap_err();
        assert_eq!(fault.field.as_deref(), Some("fraudulent"));
        assert!(fault.reason.starts_with("the label is f, but label says 1;"), "{}", fault.reason);
        let p = assembled(Assembler::default(), json!({"label": 1, "y": 0, "text": "x"})).unwrap();
        assert_eq!(p.label, Some(true), "nobody asked for labels");
    }

    #[test]
    fn places_and_pay_are_joined_only_where_nothing_whole_is() {
        let p = posting(json!({"country": "TH", "city": "Mae Sot", "state": "", "title": "x",
            "salary_min": 1000, "salary_max": 2000, "currency": "USD", "pay_period": "MONTHLY"}))
        .unwrap();
        assert_eq!(p.get(Field::Location), "Mae Sot, TH");
        assert_eq!(p.get(Field::Salary), "USD 1000-2000 per month");
        assert_eq!(extra(&p), json!({}));
        let p =
            posting(json!({"city": "Mae Sot", "location": "Tak", "title": "x", "min_salary": 0, "currency": "USD"}));
        let p = p.unwrap();
        assert_eq!((p.get(Field::Location), p.get(Field::Salary)), ("Tak", ""));
        assert_eq!(extra(&p), json!({"city": "Mae Sot", "min_salary": 0, "currency": "USD"}));
    }

    #[test]
    fn a_bare_number_gets_its_currency_and_period() {
        let pay = |record: Value| posting(record).unwrap().get(Field::Salary).to_owned();
        assert_eq!(pay(json!({"title": "x", "baseSalary": 52000, "salaryCurrency": "USD"})), "USD 52000");
        assert_eq!(pay(json!({"title": "x", "pay_period": "HOUR", "salary": "17.50"})), "17.50 per hour");
        assert_eq!(pay(json!({"title": "x", "salary": "1,700 EUR", "currency": "EUR"})), "1,700 EUR");
        assert_eq!(pay(json!({"title": "x", "salary": "1,700", "salary_min": 5})), "1,700");
        let p = posting(json!({"title": "x", "salary": 7, "currency": "USD", "salary_max": 9})).unwrap();
        assert_eq!((p.get(Field::Salary), extra(&p)), ("USD 7", json!({"salary_max": 9})));
    }

    #[test]
    fn contacts_add_up() {
        let p = posting(json!({"email": "a@b.example", "title": "x", "phone": 5551, "skills": ["typing", "English"],
            "requirements": "None"}))
        .unwrap();
        assert_eq!(p.get(Field::Contact), "a@b.example\n5551");
        assert_eq!(p.get(Field::Requirements), "None\ntyping\nEnglish");
    }

    #[test]
    fn a_summary_is_only_a_stopgap() {
        let p = posting(json!({"summary": "short", "description": "long"})).unwrap();
        assert_eq!(p.get(Field::Description), "long");
        assert_eq!(extra(&p), json!({"summary": "short"}));
        assert_eq!(posting(json!({"summary": "short"})).unwrap().get(Field::Description), "short");
    }

    #[test]
    fn flattened_objects_are_kept_whole_too() {
        let employer = json!({"name": "Acme", "sameAs": "http://a.example"});
        let p = posting(json!({"hiringOrganization": employer, "benefits": ["a", "b"]})).unwrap();
        assert_eq!((p.get(Field::Company), p.get(Field::Benefits)), ("Acme", "a\nb"));
        assert_eq!(extra(&p), json!({"hiringOrganization": employer}));
    }

    #[test]
    fn nested_values_where_text_is_expected() {
        let fault = posting(json!({"title": "x", "body": {"blocks": []}})).unwrap_err();
        assert_eq!(fault.field.as_deref(), Some("body"));
        let p = posting(json!({"post": {"blocks": [1]}, "text": "y"})).unwrap();
        assert_eq!(p.get(Field::Description), "y", "another name gave the text");
        assert_eq!(extra(&p), json!({"post": {"blocks": [1]}}));
        let p = posting(json!({"source": {"a": 1}, "text": "y"})).unwrap();
        assert_eq!(extra(&p), json!({"source": {"a": 1}}), "metadata is no reason to lose a posting");
        let p = posting(json!({"location": {"lat": 1.5, "lon": 2.5}, "text": "y"})).unwrap();
        assert_eq!(extra(&p), json!({"location": {"lat": 1.5, "lon": 2.5}}), "nor are coordinates");
        assert_eq!(posting(json!({"id": {"a": 1}, "text": "y"})).unwrap_err().field.as_deref(), Some("id"));
    }

    #[test]
    fn no_text_is_a_fault_that_lists_the_names() {
        let fault = posting(json!({"id": 1, "url": "https://a.example", "inhalt": "text"})).unwrap_err();
        assert_eq!(fault.field, None);
        assert!(fault.reason.starts_with("no text") && fault.reason.ends_with("inhalt"), "{}", fault.reason);
        assert!(posting(json!({})).is_err());
        assert!(posting(json!({"title": " ", "description": null})).is_err());
    }
}
