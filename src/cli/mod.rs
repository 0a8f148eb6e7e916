/*!
The command line: one file a subcommand, its arguments beside it.

Raw arguments (what clap parses) become resolved ones (what a command needs) before anything runs. Errors go to stderr
as one line and end with exit code 2; code 1 means that what was asked to be found was found; a broken pipe is no error.
*/

mod common;
mod dataset_report;
mod html;
mod inputs;
mod names;
mod output;
mod privacy;
mod report;
mod table;
mod terminal;

pub mod campaigns;
pub mod dataset;
pub mod eval;
pub mod explain;
pub mod labels;
pub mod manual;
pub mod model;
pub mod review;
pub mod score;
pub mod signals;
pub mod train;

use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{Parser, Subcommand};

use crate::model::artefact::Artefact;

/// Scores job postings for recruitment scams, and says why.
#[derive(Debug, Parser)]
#[command(name = "lurescan", version = version(), max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Score(score::Args),
    Campaigns(campaigns::Args),
    Explain(explain::Args),
    Review(review::Args),
    Labels(labels::Args),
    Signals(signals::Args),
    Model(model::Args),
    Completions(manual::CompletionsArgs),
    Man(manual::ManArgs),
    Train(train::Args),
    Eval(eval::Args),
    Dataset(dataset::Args),
}

/// The version of the program and the name of its model: both decide what comes out.
fn version() -> &'static str {
    static VERSION: LazyLock<String> =
        LazyLock::new(|| format!("{} (model {})", env!("CARGO_PKG_VERSION"), Artefact::embedded_name()));
    &VERSION
}

/// What a command ends with, when it does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Done, and what was asked to be found was found.
    Found,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    crate::feed::quiet_decoding();
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Score(args) => score::run(&args),
        Command::Campaigns(args) => campaigns::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Review(args) => review::run(&args),
        Command::Labels(args) => labels::run(&args),
        Command::Signals(args) => signals::run(&args),
        Command::Model(args) => model::run(&args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
        Command::Train(args) => train::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Dataset(args) => dataset::run(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            common::message(format_args!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}

/// Parses the name of a field.
fn field(name: &str) -> Result<crate::posting::Field, String> {
    let known = || crate::posting::Field::ALL.map(crate::posting::Field::name).join(", ");
    crate::posting::Field::from_name(name).ok_or_else(|| format!("no such field; there are {}", known()))
}
