/*!
schema.org's JobPosting in JSON-LD, as pages embed it for search engines.

The members of a JobPosting are names of the alias table like any other; what is particular to JSON-LD is around them. A
posting may be the whole object, one node of a `@graph`, or the main entity of a page; names may be full addresses; the
employer may stand elsewhere and be pointed at. What stands beside the postings of a crawl, the site, its owner, the
trail of links, is no posting and never scored as one.
*/

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::reject::{Fault, clip};

/// What schema.org calls a posting.
const POSTING: &str = "JobPosting";

/// Types of nodes that crawls find beside postings. A node of any other type is read as a record like any other, because
/// `@type` is a name in feeds that know nothing of JSON-LD too.
const BESIDE: [&str; 28] = [
    "AboutPage",
    "Article",
    "BlogPosting",
    "BreadcrumbList",
    "CollectionPage",
    "ContactPage",
    "Corporation",
    "EmployerAggregateRating",
    "EmploymentAgency",
    "FAQPage",
    "GovernmentOrganization",
    "ImageObject",
    "ItemList",
    "ItemPage",
    "ListItem",
    "LocalBusiness",
    "NewsArticle",
    "Occupation",
    "Organization",
    "Person",
    "Place",
    "PostalAddress",
    "Product",
    "SearchResultsPage",
    "VideoObject",
    "WebPage",
    "WebPageElement",
    "WebSite",
];

/// Members of a posting that often only point at a node of the same document.
const POINTERS: [&str; 2] = ["hiringOrganization", "jobLocation"];

/// What stands before a name that is written in full.
const VOCABULARIES: [&str; 3] = ["schema:", "http://schema.org/", "https://schema.org/"];

/// Types that are listed where there is no posting.
const LISTED: usize = 6;

/// The posting that the members of a record are or hold. What has nothing of JSON-LD comes back as it is.
pub(super) fn posting(object: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    if !object.keys().any(|key| key.starts_with('@')) {
        return Ok(object);
    }
    if is_posting(&object) {
        return Ok(named_plainly(object));
    }
    let beside = types(&object).find(|kind| BESIDE.contains(kind)).map(str::to_owned);
    let document = Value::Object(object);
    let mut found = postings(&document);
    match (found.len(), beside, document) {
        (1, ..) => Ok(found.remove(0)),
        (0, None, Value::Object(object)) => Ok(object),
        (0, beside, _) => {
            let kind = beside.unwrap_or_default();
            Err(Fault::of("@type", format!("a schema.org {kind}, which is no {POSTING}")))
        }
        (several, ..) => {
            Err(Fault::new(format!("the record holds {several} postings; each must be a record of its own")))
        }
    }
}

/// Every posting in a document. The only one of a document has what it points at put in; where there are many, a node
/// that all point at would be there as many times.
pub(super) fn postings(document: &Value) -> Vec<Map<String, Value>> {
    let mut found = Found::default();
    found.look(document);
    let mut postings: Vec<_> = found.postings.into_iter().cloned().map(named_plainly).collect();
    if let [posting] = &mut postings[..] {
        for name in POINTERS {
            let node = posting.get(name).and_then(pointer).and_then(|id| found.nodes.get(id));
            if let Some(node) = node {
                posting.insert(name.to_owned(), Value::Object((*node).clone()));
            }
        }
    }
    postings
}

/// The types of nodes in documents without postings, for the reason of a reject.
#[derive(Default)]
pub(super) struct Others(Vec<String>);

impl Others {
    /// Takes note of a document.
    pub(super) fn note(&mut self, document: &Value) {
        let nodes = match document.get("@graph").unwrap_or(document) {
            Value::Array(nodes) => nodes.as_slice(),
            node => std::slice::from_ref(node),
        };
        for kind in nodes.iter().filter_map(Value::as_object).flat_map(types) {
            if self.0.len() < LISTED && self.0.iter().all(|other| *other != kind) {
                self.0.push(clip(kind, 40).into_owned());
            }
        }
    }

    /// The types, in words; empty when there is none.
    pub(super) fn types(&self) -> String {
        self.0.join(", ")
    }
}

#[derive(Default)]
struct Found<'v> {
    postings: Vec<&'v Map<String, Value>>,
    /// Nodes that have a name in the document and say more than that.
    nodes: HashMap<&'v str, &'v Map<String, Value>>,
}

impl<'v> Found<'v> {
    /// As deep as the document was parsed, which its parser has bounded.
    fn look(&mut self, value: &'v Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.look(item)),
            Value::Object(object) if is_posting(object) => self.postings.push(object),
            Value::Object(object) => {
                if let Some(Value::String(id)) = object.get("@id")
                    && pointer(value).is_none()
                {
                    self.nodes.entry(id).or_insert(object);
                }
                object.values().for_each(|value| self.look(value));
            }
            _ => {}
        }
    }
}

/// The node that a value points at and says nothing else of.
fn pointer(value: &Value) -> Option<&str> {
    let object = value.as_object()?;
    let id = object.get("@id")?.as_str()?;
    object.keys().all(|key| key.starts_with('@')).then_some(id)
}

fn is_posting(object: &Map<String, Value>) -> bool {
    types(object).any(|kind| kind == POSTING)
}

/// The types of a node, without what their vocabulary puts before them.
fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let types = match object.get("@type") {
        Some(Value::Array(types)) => types.as_slice(),
        Some(kind) => std::slice::from_ref(kind),
        None => &[],
    };
    types.iter().filter_map(Value::as_str).map(local)
}

fn local(name: &str) -> &str {
    VOCABULARIES.iter().find_map(|vocabulary| name.strip_prefix(vocabulary)).unwrap_or(name)
}

/// The members with names that the alias table knows, where they are written in full.
fn named_plainly(object: Map<String, Value>) -> Map<String, Value> {
    let is_full = |name: &String| local(name).len() < name.len();
    if object.keys().any(is_full) { renamed(object) } else { object }
}

fn renamed(object: Map<String, Value>) -> Map<String, Value> {
    object.into_iter().map(|(name, value)| (local(&name).to_owned(), renamed_inside(value))).collect()
}

fn renamed_inside(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(renamed(object)),
        Value::Array(items) => Value::Array(items.into_iter().map(renamed_inside).collect()),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn one(record: Value) -> Result<Value, String> {
        let Value::Object(record) = record else { panic!("a record is an object") };
        posting(record).map(Value::Object).map_err(|fault| fault.reason)
    }

    #[test]
    fn a_posting_stays_and_so_does_what_is_no_json_ld() {
        for record in [
            json!({"@context": "https://schema.org", "@type": "JobPosting", "title": "Cook"}),
            json!({"@type": ["JobPosting", "Thing"], "title": "Cook"}),
            json!({"title": "Cook", "type": "Organization"}),
            json!({"@id": 7, "@type": "job", "title": "Cook"}),
            json!({"@context": "https://schema.org", "title": "Cook"}),
        ] {
            assert_eq!(one(record.clone()), Ok(record));
        }
    }

    #[test]
    fn a_posting_is_found_wherever_it_is() {
        let cook = json!({"@type": "https://schema.org/JobPosting", "title": "Cook"});
        for record in [
            json!({"@graph": [{"@type": "WebSite", "name": "x"}, cook]}),
            json!({"@type": "WebPage", "description": "Jobs", "mainEntity": cook}),
            json!({"@type": "ListItem", "position": 1, "item": cook}),
        ] {
            assert_eq!(one(record), Ok(cook.clone()));
        }
        assert_eq!(postings(&json!([[cook], {"@graph": [cook]}])).len(), 2);
        let reason = one(json!({"@graph": [cook, cook]})).unwrap_err();
        assert!(reason.starts_with("the record holds 2 postings"), "{reason}");
    }

    #[test]
    fn the_site_and_its_owner_are_no_postings() {
        let reason = one(json!({"@type": "Organization", "name": "Acme", "description": "We hire"})).unwrap_err();
        assert_eq!(reason, "a schema.org Organization, which is no JobPosting");
        let mut others = Others::default();
        others.note(&json!({"@graph": [{"@type": "WebSite"}, {"@type": ["WebPage", "WebSite"]}]}));
        others.note(&json!(7));
        assert_eq!(others.types(), "WebSite, WebPage");
    }

    #[test]
    fn what_the_only_posting_points_at_is_put_in() {
        let employer = json!({"@type": "Organization", "@id": "#o", "name": "Acme"});
        let job = json!({"@type": "JobPosting", "title": "Cook", "hiringOrganization": {"@id": "#o"},
            "jobLocation": {"@id": "#nowhere"}});
        let found = postings(&json!({"@graph": [{"publisher": {"@id": "#o"}}, employer, job]}));
        assert_eq!(found[0]["hiringOrganization"], employer);
        assert_eq!(found[0]["jobLocation"], json!({"@id": "#nowhere"}));
        let two = postings(&json!([employer, job, job]));
        assert_eq!(two[0]["hiringOrganization"], json!({"@id": "#o"}));
    }

    #[test]
    fn names_in_full_are_shortened_at_every_depth() {
        let record = json!({"@type": "schema:JobPosting", "schema:title": "Cook",
            "schema:jobLocation": [{"schema:address": {"schema:addressLocality": "Ulm"}}]});
        let plain = json!({"@type": "schema:JobPosting", "title": "Cook",
            "jobLocation": [{"address": {"addressLocality": "Ulm"}}]});
        assert_eq!(one(record), Ok(plain));
    }
}
