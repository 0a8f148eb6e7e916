//! Masking of whole records: a posting's verdict, JSON values, rejects.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

use super::{Mark, Redactor, apply};
use crate::posting::{Field, Posting};
use crate::verdict::Verdict;

/// A JSON number with so many digits may be a telephone number.
const DIGITS: usize = 7;

impl Redactor<'_> {
    /// Masks every text of a posting's verdict. Offsets stay those of the posting as it was given.
    pub fn verdict(&self, posting: &Posting, verdict: &mut Verdict) {
        verdict.id = self.id(&verdict.id);
        let mut fields: HashMap<String, (Vec<Mark>, Vec<usize>)> = HashMap::new();
        for span in verdict.spans_mut() {
            let source = Field::from_name(&span.field).map_or("", |field| posting.get(field));
            let (marks, starts) = fields.entry(span.field.clone()).or_insert_with(|| {
                let starts = source.char_indices().map(|(at, _)| at).chain([source.len()]).collect();
                (self.marks(source), starts)
            });
            span.text = match (starts.get(span.start), starts.get(span.end)) {
                (Some(&start), Some(&end)) => apply(source, start..end, marks),
                _ => self.text(&span.text),
            };
        }
        let identifiers = if verdict.terms.is_some() { self.identifiers(posting) } else { Vec::new() };
        for term in verdict.terms.iter_mut().flatten() {
            term.name = self.term(&term.name, &identifiers);
        }
        self.object(&mut verdict.extra);
    }

    /// Masks a posting and its verdict together: offsets become those of the masked posting, for showing the two as one.
    pub fn posting(&self, posting: &Posting, verdict: &mut Verdict) -> Posting {
        let mut masked = Posting::from_text(self.id(&posting.id), "");
        masked.label = posting.label;
        self.verdict(posting, verdict);
        for field in Field::ALL {
            let source = posting.get(field);
            let marks = self.marks(source);
            masked.set(field, apply(source, 0..source.len(), &marks));
            for span in verdict.spans_mut().filter(|span| span.field == field.name()) {
                (span.start, span.end) =
                    (moved(source, &marks, span.start, false), moved(source, &marks, span.end, true));
                span.text = masked.get(field).chars().skip(span.start).take(span.end - span.start).collect();
            }
        }
        masked
    }

    /// An id that the feed gave. Numbers in it are the platform's own; an address is not.
    pub fn id(&self, id: &str) -> String {
        if id.contains('@') || id.starts_with('+') { self.text(id) } else { id.to_owned() }
    }

    /// Masks a record. Its `id` is masked as [`Redactor::id`] does, so that the platform still knows it.
    pub fn record(&self, object: &mut Map<String, Value>) {
        let ids = ["id", "job_id", "jobId"].map(|name| (name, object.get(name).cloned()));
        self.object(object);
        for (name, id) in ids {
            match id {
                Some(Value::String(id)) => object[name] = self.id(&id).into(),
                Some(id @ Value::Number(_)) => object[name] = id,
                _ => {}
            }
        }
    }

    /// What is masked in a posting, in lower case.
    fn identifiers(&self, posting: &Posting) -> Vec<String> {
        let masked = |field| {
            let source = posting.get(field);
            self.marks(source).into_iter().map(|mark| source[mark.start..mark.end].to_lowercase())
        };
        Field::READ.into_iter().flat_map(masked).collect()
    }

    /// An n-gram has no place in the text; a word of it that is part of an identifier and could tell it is left out.
    fn term(&self, name: &str, identifiers: &[String]) -> String {
        let tells = |word: &str| {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            (digits >= 3 || word.contains(['@', '_']) || word.chars().count() >= 6)
                && identifiers.iter().any(|identifier| identifier.contains(word))
        };
        let masked = |word: &str| match (word.starts_with('<') && word.ends_with('>'), tells(word)) {
            // The class of an entity, which names no one.
            (true, _) => word.to_owned(),
            (_, true) => "[masked]".to_owned(),
            _ => self.text(word),
        };
        name.split(' ').map(masked).collect::<Vec<_>>().join(" ")
    }

    /// Masks every text of a value, and numbers that may be telephone numbers.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Number(number) => {
                if let Some(digits) = long(number) {
                    *value = Value::String(self.text(&digits));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(object) => self.object(object),
            _ => {}
        }
    }

    /// Masks every text of an object, names of members too.
    pub fn object(&self, object: &mut Map<String, Value>) {
        let members = std::mem::take(object);
        for (name, mut value) in members {
            self.value(&mut value);
            object.insert(self.text(&name), value);
        }
    }
}

/// Where a character of the source lies in the masked text; one that is masked lies at an end of its token.
fn moved(source: &str, marks: &[Mark], at: usize, to_end: bool) -> usize {
    let byte = source.char_indices().nth(at).map_or(source.len(), |(byte, _)| byte);
    let chars = |range: std::ops::Range<usize>| source.get(range).map_or(0, |text| text.chars().count());
    let (mut from, mut out) = (0, 0);
    for mark in marks {
        if byte <= mark.start {
            break;
        }
        out += chars(from..mark.start);
        if byte < mark.end {
            return if to_end { out + mark.token.len() } else { out };
        }
        out += mark.token.len();
        from = mark.end;
    }
    out + chars(from..byte)
}

/// The digits of a number that may be a telephone number; `85500000000.0` is what a table with gaps makes of one.
fn long(number: &Number) -> Option<String> {
    let text = match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) if float.fract() == 0.0 && float.abs() < 1e18 => format!("{float:.0}"),
        Some(_) => return None,
        None => number.to_string(),
    };
    (text.len() >= DIGITS).then_some(text)
}
