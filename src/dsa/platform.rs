//! What only the platform can know of a decision, from a TOML file.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::is_date;

/// The part of a statement that is the platform's own. Every key is an attribute of the database's API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// What was done to the ad's visibility.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    decision_visibility: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_visibility_other: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_visibility_restriction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_monetary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_monetary_other: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_monetary_restriction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_provision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_service_restriction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_account_restriction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_type: Option<String>,
    decision_ground: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_ground_reference_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    illegal_content_legal_ground: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    illegal_content_explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incompatible_content_ground: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incompatible_content_explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incompatible_content_illegal: Option<String>,
    territorial_scope: Vec<String>,
    source_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
    /// Of ads whose feed gives no date of posting.
    #[serde(skip_serializing)]
    pub(super) content_date: String,
}

/// A fault of a platform file, with its line and field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformError {
    line: usize,
    message: String,
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for PlatformError {}

const VISIBILITY: &[&str] = &[
    "DECISION_VISIBILITY_CONTENT_REMOVED",
    "DECISION_VISIBILITY_CONTENT_DISABLED",
    "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_LABELLED",
    "DECISION_VISIBILITY_OTHER",
];
const MONETARY: &[&str] = &["DECISION_MONETARY_SUSPENSION", "DECISION_MONETARY_TERMINATION", "DECISION_MONETARY_OTHER"];
const PROVISION: &[&str] = &[
    "DECISION_PROVISION_PARTIAL_SUSPENSION",
    "DECISION_PROVISION_TOTAL_SUSPENSION",
    "DECISION_PROVISION_PARTIAL_TERMINATION",
    "DECISION_PROVISION_TOTAL_TERMINATION",
];
const ACCOUNT: &[&str] = &["DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"];
const ACCOUNT_TYPES: &[&str] = &["ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"];
const GROUNDS: &[&str] = &["DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"];
const SOURCES: &[&str] =
    &["SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"];
const YES_NO: &[&str] = &["Yes", "No"];
/// The countries of the European Economic Area.
const COUNTRIES: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl Platform {
    /// Reads and checks a platform file.
    ///
    /// # Errors
    ///
    /// The first fault: TOML that is none, a key that is unknown or missing, a value that the database would refuse.
    pub fn from_toml(text: &str) -> Result<Platform, PlatformError> {
        let platform: Platform = toml::from_str(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start.min(text.len()));
            let line = 1 + text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count();
            PlatformError { line, message: e.message().to_owned() }
        })?;
        platform.check().map_err(|(field, message)| {
            let named = |line: &str| {
                line.trim_start().strip_prefix(field).is_some_and(|rest| rest.trim_start().starts_with('='))
            };
            let line = text.lines().position(named).map_or(1, |at| at + 1);
            PlatformError { line, message: format!("{field}: {message}") }
        })?;
        Ok(platform)
    }

    fn check(&self) -> Result<(), (&'static str, String)> {
        let visibility: Vec<&str> = self.decision_visibility.iter().map(String::as_str).collect();
        one_of("decision_visibility", &visibility, VISIBILITY)?;
        one_of("decision_monetary", &list(&self.decision_monetary), MONETARY)?;
        one_of("decision_provision", &list(&self.decision_provision), PROVISION)?;
        one_of("decision_account", &list(&self.decision_account), ACCOUNT)?;
        one_of("account_type", &list(&self.account_type), ACCOUNT_TYPES)?;
        one_of("decision_ground", &[&self.decision_ground], GROUNDS)?;
        one_of("incompatible_content_illegal", &list(&self.incompatible_content_illegal), YES_NO)?;
        one_of("source_type", &[&self.source_type], SOURCES)?;
        let scope: Vec<&str> = self.territorial_scope.iter().map(String::as_str).collect();
        one_of("territorial_scope", &scope, COUNTRIES)?;
        if scope.is_empty() {
            return Err((
                "territorial_scope",
                "is empty; name the countries of the EEA where the decision holds".to_owned(),
            ));
        }
        let decides = [&self.decision_monetary, &self.decision_provision, &self.decision_account];
        if visibility.is_empty() && decides.iter().all(|decision| decision.is_none()) {
            return Err((
                "decision_visibility",
                "is missing; one of it, decision_monetary, decision_provision and decision_account has to be given"
                    .to_owned(),
            ));
        }
        let illegal = self.decision_ground == GROUNDS[0];
        let other = |on: bool| if on { Need::Must } else { Need::MustNot };
        for (field, value, most, need) in [
            (
                "decision_visibility_other",
                &self.decision_visibility_other,
                500,
                other(visibility.contains(&VISIBILITY[6])),
            ),
            (
                "decision_monetary_other",
                &self.decision_monetary_other,
                500,
                other(self.decision_monetary.as_deref() == Some(MONETARY[2])),
            ),
            ("illegal_content_legal_ground", &self.illegal_content_legal_ground, 500, other(illegal)),
            ("illegal_content_explanation", &self.illegal_content_explanation, 2000, other(illegal)),
            ("incompatible_content_ground", &self.incompatible_content_ground, 500, other(!illegal)),
            ("incompatible_content_explanation", &self.incompatible_content_explanation, 2000, other(!illegal)),
            ("decision_ground_reference_url", &self.decision_ground_reference_url, 500, Need::May),
            ("source_identity", &self.source_identity, 500, Need::May),
        ] {
            let length = value.as_ref().map(|text| text.chars().count());
            match (length, need) {
                (None, Need::Must) => return Err((field, "is missing, and what is decided here needs it".to_owned())),
                (Some(0), _) => return Err((field, "is empty".to_owned())),
                (Some(_), Need::MustNot) => return Err((field, "does not belong to what is decided here".to_owned())),
                (Some(length), _) if length > most => {
                    return Err((field, format!("has {length} characters; the limit is {most}")));
                }
                _ => {}
            }
        }
        for (field, date) in [
            ("content_date", Some(&self.content_date)),
            ("end_date_visibility_restriction", self.end_date_visibility_restriction.as_ref()),
            ("end_date_monetary_restriction", self.end_date_monetary_restriction.as_ref()),
            ("end_date_service_restriction", self.end_date_service_restriction.as_ref()),
            ("end_date_account_restriction", self.end_date_account_restriction.as_ref()),
        ] {
            if let Some(date) = date.filter(|date| !is_date(date, "2000-01-01")) {
                return Err((field, format!("{date:?} is no date YYYY-MM-DD from 2000-01-01 on")));
            }
        }
        Ok(())
    }
}

/// Whether an attribute has to be there.
#[derive(Clone, Copy)]
enum Need {
    Must,
    May,
    MustNot,
}

fn list(value: &Option<String>) -> Vec<&str> {
    value.as_deref().into_iter().collect()
}

fn one_of(field: &'static str, values: &[&str], allowed: &[&str]) -> Result<(), (&'static str, String)> {
    match values.iter().find(|value| !allowed.contains(value)) {
        Some(value) => Err((field, format!("{value:?} is none of {}", allowed.join(", ")))),
        None => Ok(()),
    }
}
