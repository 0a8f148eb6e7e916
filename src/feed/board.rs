/*!
The board of one employer: what stands before the list of its jobs.

Workable says who the employer is once, and not in each job. A job that is read without it would look like one of nobody.
*/

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::posting::Field;

use super::alias::{self, Target};
use super::json;
use super::jsonl::{self, RawLine};
use super::record::{Context, Record};

/// An employer, as its board presents it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employer {
    name: String,
    profile: String,
}

/// A job of a board, still to be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawJob {
    /// The job.
    pub line: RawLine,
    /// Whose it is.
    pub employer: Arc<Employer>,
}

impl Employer {
    /// The employer of a board of which the list of jobs has just begun; none when what stands before the list is no more
    /// than numbers of pages, or is a posting itself.
    pub(super) fn before_jobs(start: &[u8], max_values: usize) -> Option<Employer> {
        let start = std::str::from_utf8(start).ok()?;
        let mut board = json::object(&format!("{start}]}}"), max_values).ok()?;
        let is_posting = |name: &String| matches!(alias::resolve(name), Some(Target::Id | Target::Whole(Field::Title)));
        if board.keys().next_back().is_none_or(|last| last != "jobs") || board.keys().any(is_posting) {
            return None;
        }
        Some(Employer { name: taken(&mut board, "name")?, profile: taken(&mut board, "description")? })
    }
}

fn taken(board: &mut Map<String, Value>, name: &str) -> Option<String> {
    match board.remove(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// The record of a job.
pub(super) fn parse(job: RawJob, context: &Context) -> Record {
    match jsonl::parse(job.line, context) {
        Record::Posting(mut posting) => {
            for (field, text) in [(Field::Company, &job.employer.name), (Field::CompanyProfile, &job.employer.profile)]
            {
                if posting.get(field).is_empty() {
                    posting.set(field, text.as_str());
                }
            }
            Record::Posting(posting)
        }
        reject => reject,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_employer_is_told_from_other_wrappers() {
        let before = |start: &str| Employer::before_jobs(start.as_bytes(), 100);
        let employer = before(r#"{"name":"Acme","description":"We cook.","jobs": ["#).unwrap();
        assert_eq!((employer.name.as_str(), employer.profile.as_str()), ("Acme", "We cook."));
        for start in [
            r#"{"description":"We cook.","jobs":["#,
            r#"{"name":"Acme","jobs":["#,
            r#"{"name":"Acme","description":" ","jobs":["#,
            r#"{"name":"Acme","description":"We cook.","title":"Cook","jobs":["#,
            r#"{"name":"Acme","description":"We cook.","data":{"jobs":["#,
            r#"{"name":"Acme","description":"We cook.","items":["#,
            "[{",
        ] {
            assert_eq!(before(start), None, "{start}");
        }
    }
}
