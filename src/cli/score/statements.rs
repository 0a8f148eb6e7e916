/*!
The options of statements of reasons (`--format dsa-sor`).
*/

use std::path::PathBuf;

use anyhow::{Context, bail};
use jiff::Timestamp;

use crate::dsa::{AutomatedDecision, Platform, StatementWriter, is_date};
use crate::model::artefact::sha256;
use crate::score::Scorer;

/// Statements of reasons after the EU's Digital Services Act, one batch of at most 100 a line.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Statements of reasons")]
pub(super) struct StatementArgs {
    /// What only the platform knows, as a TOML file of attributes of the database's API: decision_visibility (or monetary,
    /// provision, account), decision_ground and its explanation, territorial_scope, source_type, and content_date for ads
    /// without a date of their own. Needs --format dsa-sor.
    #[arg(long, value_name = "FILE")]
    dsa: Option<PathBuf>,
    /// Date from which on the decisions hold (YYYY-MM-DD, from 2020-01-01 on); today (UTC) unless told.
    #[arg(long, value_name = "DATE", value_parser = date, requires = "dsa")]
    dsa_date: Option<String>,
    /// Whether the decisions are taken by automated means. The detection is.
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    dsa_decision: Decision,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Decision {
    /// Without a human.
    Fully,
    /// With a human.
    Partially,
    /// By a human.
    #[default]
    Not,
}

impl StatementArgs {
    /// The file of attributes, which is read.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        self.dsa.as_ref()
    }

    pub(super) fn writer(&self, scorer: &Scorer, checkpointed: bool) -> anyhow::Result<StatementWriter> {
        let Some(path) = &self.dsa else {
            bail!("--format dsa-sor needs --dsa FILE with what only the platform knows; see lurescan score --help");
        };
        if checkpointed && self.dsa_date.is_none() {
            bail!(
                "--format dsa-sor with --checkpoint needs --dsa-date: a run that goes on tomorrow has to write the same"
            );
        }
        let name = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("{name}: cannot be read"))?;
        let platform = Platform::from_toml(&text).map_err(|e| anyhow::anyhow!("{name}: {e}"))?;
        let decision = match self.dsa_decision {
            Decision::Fully => AutomatedDecision::Fully,
            Decision::Partially => AutomatedDecision::Partially,
            Decision::Not => AutomatedDecision::Not,
        };
        let date = self.dsa_date.clone().unwrap_or_else(today);
        Ok(StatementWriter::new(platform, decision, date, scorer.extractor().catalogue()))
    }

    /// What decides about the bytes.
    pub(super) fn setting(&self) -> anyhow::Result<String> {
        let Some(path) = &self.dsa else { return Ok(String::new()) };
        let bytes = std::fs::read(path).with_context(|| format!("{}: cannot be read", path.display()))?;
        Ok(format!("{} {} {:?}", sha256(&bytes), self.dsa_date.as_deref().unwrap_or_default(), self.dsa_decision))
    }
}

fn date(text: &str) -> Result<String, String> {
    match is_date(text, "2020-01-01") {
        true => Ok(text.to_owned()),
        false => Err("a date is YYYY-MM-DD, from 2020-01-01 on".to_owned()),
    }
}

fn today() -> String {
    civil(Timestamp::now())
}

/// The date in UTC.
fn civil(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        for (day, date) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (19_782, "2024-02-29"), (20_454, "2026-01-01")] {
            assert_eq!(civil(Timestamp::from_second(day * 86_400).unwrap()), date);
        }
        assert!(date(&today()).is_ok() && date("2019-12-31").is_err() && date("today").is_err());
    }
}
