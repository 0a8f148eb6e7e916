/*!
The command line: one file a subcommand, its arguments beside it.

Raw arguments (what clap parses) become resolved ones (what a command needs) before anything runs. Errors go to stderr
as one line and end with exit code 2; code 1 means that what was asked to be found was found; a broken pipe is no error.
*/

pub mod dataset;
mod dataset_report;
pub mod eval;
pub mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Scores job postings for recruitment scams, and says why.
#[derive(Debug, Parser)]
#[command(name = "lurescan", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Train(train::Args),
    Eval(eval::Args),
    Dataset(dataset::Args),
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
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Train(args) => train::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Dataset(args) => dataset::run(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lurescan: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}
