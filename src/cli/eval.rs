//! `lurescan eval`.

use super::Outcome;

/// Measures a model on labelled postings.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) fn run(_args: &Args) -> anyhow::Result<Outcome> {
    Ok(Outcome::Done)
}
