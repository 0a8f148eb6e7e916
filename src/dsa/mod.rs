/*!
Statements of reasons for the Transparency Database of the EU's Digital Services Act (Article 17 and 24(5)).

A verdict becomes the part of a statement that the text of the ad can give: facts, category, keywords, language, that the
detection was automated. What only the platform knows (what was decided, on which ground, where it holds) comes from a
[`Platform`] file. Attributes and limits are those of the database's public API documentation; an object
`{"statements": [...]}` with at most 100 of them is the body of one call.

A statement is published, so it holds no personal data: facts name signals and where they show, never what is written
there, and the id of the ad goes in as a hash.
*/

mod platform;

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::posting::{Field, Posting};
use crate::signals::catalogue::Catalogue;
use crate::verdict::Verdict;

pub use platform::{Platform, PlatformError};

/// Statements in one call at most.
pub const MOST_STATEMENTS: u64 = 100;

/// Characters of the facts at most.
const MOST_FACTS: usize = 5_000;

/// Room for the line that says what was left out.
const TAIL: usize = 80;

/// Signals of work across a border or at a place known for compounds.
const AWAY: [&str; 3] = ["hotspot_place", "transit_route", "relocation_abroad"];

/// Signals of what brings the applicant there, or ties them.
const TIES: [&str; 6] =
    ["free_travel", "free_lodging", "tourist_visa", "passport_needed", "contract_penalty", "salary_advance"];

/// Whether the decision was taken by automated means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AutomatedDecision {
    /// Without a human.
    Fully,
    /// With a human.
    Partially,
    /// By a human.
    #[default]
    Not,
}

impl AutomatedDecision {
    const fn name(self) -> &'static str {
        match self {
            AutomatedDecision::Fully => "AUTOMATED_DECISION_FULLY",
            AutomatedDecision::Partially => "AUTOMATED_DECISION_PARTIALLY",
            AutomatedDecision::Not => "AUTOMATED_DECISION_NOT_AUTOMATED",
        }
    }
}

/// Writes statements of reasons.
#[derive(Clone, Debug)]
pub struct StatementWriter {
    platform: Platform,
    decision: AutomatedDecision,
    application_date: String,
    definitions: HashMap<String, String>,
}

#[derive(Serialize)]
struct Statement<'a> {
    #[serde(flatten)]
    platform: &'a Platform,
    category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    category_addition: Option<[&'static str; 1]>,
    category_specification: &'a [&'static str],
    content_type: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    content_language: Option<String>,
    content_date: &'a str,
    application_date: &'a str,
    decision_facts: String,
    automated_detection: &'static str,
    automated_decision: &'static str,
    puid: String,
}

impl StatementWriter {
    /// A writer of decisions that hold from this date (`YYYY-MM-DD`) on.
    pub fn new(
        platform: Platform,
        decision: AutomatedDecision,
        application_date: String,
        catalogue: &Catalogue,
    ) -> StatementWriter {
        let definitions = catalogue.signals().iter().map(|s| (s.id.clone(), s.fires_when.clone())).collect();
        StatementWriter { platform, decision, application_date, definitions }
    }

    /// Writes the statement of a verdict as one JSON object, and a line feed.
    pub fn write(&self, posting: &Posting, verdict: &Verdict, out: &mut Vec<u8>) {
        let fires = |ids: &[&str]| verdict.signals.iter().any(|signal| ids.contains(&signal.id.as_str()));
        // A lure to where people are held: a place far away, and a way there or a tie.
        let trafficking = fires(&AWAY) && fires(&TIES);
        let keywords: &[&str] = match trafficking {
            true => &["KEYWORD_INAUTHENTIC_LISTINGS", "KEYWORD_HUMAN_TRAFFICKING"],
            false => &["KEYWORD_INAUTHENTIC_LISTINGS"],
        };
        let posted = posting.get(Field::PostedAt).trim().get(..10).filter(|date| is_date(date, "2000-01-01"));
        let statement = Statement {
            platform: &self.platform,
            category: "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
            category_addition: trafficking.then_some(["STATEMENT_CATEGORY_VIOLENCE"]),
            category_specification: keywords,
            content_type: ["CONTENT_TYPE_TEXT"],
            content_language: language(&verdict.language),
            content_date: posted.unwrap_or(&self.platform.content_date),
            application_date: &self.application_date,
            decision_facts: self.facts(verdict),
            automated_detection: "Yes",
            automated_decision: self.decision.name(),
            puid: puid(&posting.id),
        };
        // A vector takes every write.
        if serde_json::to_writer(&mut *out, &statement).is_ok() {
            out.push(b'\n');
        }
    }

    /// Why, in words: numbers, signals with their meaning, and where they show.
    fn facts(&self, verdict: &Verdict) -> String {
        let mut facts = format!(
            "A job posting was read by an automated classifier (lurescan {}, model {}), which advises: {}.",
            env!("CARGO_PKG_VERSION"),
            verdict.model,
            verdict.action.name()
        );
        if let Some(p) = verdict.probability {
            let _ = write!(facts, " Probability of a recruitment scam: {:.1} %.", p * 100.0);
        }
        if verdict.signals.is_empty() {
            facts.push_str(" No single signal stands out; the wording as a whole decided.");
            return facts;
        }
        if verdict.as_vacancy {
            facts.push_str(" The wording as a whole decided; the signals below show in the text and weighed nothing.");
        }
        facts.push_str(
            " Signals found in the text, with the field and the positions (in characters, end excluded) where each shows:",
        );
        let mut length = facts.chars().count();
        for (done, signal) in verdict.signals.iter().enumerate() {
            let mut line = format!("\n- {}", signal.id);
            if let Some(definition) = self.definitions.get(&signal.id) {
                let _ = write!(line, " ({})", definition.trim_end_matches('.'));
            }
            let mut separator = ": ";
            for span in &signal.spans {
                let _ = write!(line, "{separator}{} {}-{}", span.field, span.start, span.end);
                separator = ", ";
                if line.chars().count() > MOST_FACTS / 4 {
                    line.push_str(" and more");
                    break;
                }
            }
            let more = line.chars().count();
            if length + more + TAIL > MOST_FACTS {
                let _ = write!(facts, "\n- and {} signals more", verdict.signals.len() - done);
                break;
            }
            length += more;
            facts.push_str(&line);
        }
        facts
    }
}

/// A hash of the ad's id: the same for the same ad, and nothing of it can be read.
fn puid(id: &str) -> String {
    let mut puid = String::from("lurescan-");
    for byte in Sha256::digest(id.as_bytes()).iter().take(16) {
        let _ = write!(puid, "{byte:02x}");
    }
    puid
}

/// The two letters of ISO 639-1, in capitals.
fn language(tag: &str) -> Option<String> {
    let letters = tag.split('-').next().unwrap_or_default();
    (letters.len() == 2 && letters.is_ascii()).then(|| letters.to_ascii_uppercase())
}

/// Whether this is a date `YYYY-MM-DD`, and not before another.
pub fn is_date(date: &str, first: &str) -> bool {
    let written = date.parse::<Date>().is_ok_and(|day| day.to_string() == date);
    written && date >= first
}

#[cfg(test)]
mod tests;
