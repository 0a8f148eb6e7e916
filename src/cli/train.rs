//! `lurescan train`.

use super::Outcome;

/// Trains a model from labelled postings.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) fn run(_args: &Args) -> anyhow::Result<Outcome> {
    Ok(Outcome::Done)
}
