/*!
`lurescan labels`: what moderators decided, taken out, brought in, compared and summed up.
*/

mod report;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::Outcome;
use super::common::{FeedArgs, ModelArgs, check_readable, counted, message, warn};
use super::names::Names;
use super::output::{print, write_lines};
use super::privacy::told;
use super::terminal::one_line;
use crate::feed::{Feed, FeedOptions, Record};
use crate::posting::Posting;
use crate::review::agreement::{disagreements, pairs};
use crate::review::decision::{Chosen, Decision, Label, Sampling, Scored};
use crate::review::labels::{TrainingSet, training_set};
use crate::review::record::{text_hash, to_json};
use crate::review::report::reports;
use crate::review::store::{Store, Subject, check_name};
use crate::score::Scorer;
use crate::train::record::record;

/// Decisions that go into a store at a time.
const BATCH: usize = 500;
/// Rejects that are named before the rest is only counted.
const REJECTS_SHOWN: u64 = 3;

/// Take labels out of a store that `lurescan review` keeps, bring labels in, compare moderators, estimate precision.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Writes a training set: JSON lines with `label` and `group`, which `lurescan train` and `eval` read.
    ///
    /// One posting a text, with the label of most moderators; texts on which as many say scam as honest, and those that
    /// nobody was sure of, are left out. Near-duplicates have the same group.
    Export(ExportArgs),
    /// Adds the labels of a feed as decisions of one moderator.
    ///
    /// What the moderator has said about the same text before is not said again.
    Import(ImportArgs),
    /// Cohen's kappa of every two moderators on the texts that both decided, and the texts on which they differ.
    ///
    /// Exit code 1 with --strict when there are any.
    Agreement(AgreementArgs),
    /// Precision and recall of the thresholds, estimated from the random samples that were decided.
    Report(ReportArgs),
}

#[derive(Debug, clap::Args)]
struct ExportArgs {
    /// The label store.
    store: PathBuf,
    /// File to write; stdout unless told.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// The label store; made when there is none.
    store: PathBuf,
    /// Feeds with a label column (`label`, `fraudulent`; 0 or 1).
    #[arg(required = true, value_name = "FEED")]
    feeds: Vec<PathBuf>,
    #[command(flatten)]
    moderator: ModeratorArgs,
    #[command(flatten)]
    feed: FeedArgs,
    #[command(flatten)]
    model: ModelArgs,
}

#[derive(Debug, clap::Args)]
struct AgreementArgs {
    /// The label store.
    store: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// End with exit code 1 when moderators differ on a text.
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, clap::Args)]
struct ReportArgs {
    /// The label store.
    store: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Who decides.
#[derive(Debug, clap::Args)]
pub(super) struct ModeratorArgs {
    /// The moderator's name, which every decision carries [default: $LURESCAN_MODERATOR, else the user's name].
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

impl ModeratorArgs {
    pub(super) fn name(&self) -> anyhow::Result<String> {
        let told = ["LURESCAN_MODERATOR", "USER", "LOGNAME", "USERNAME"].iter().find_map(|v| std::env::var(v).ok());
        let Some(name) = self.name.clone().or(told.filter(|name| !name.is_empty())) else {
            bail!("every decision carries a name, and this system tells none; give yours with --as NAME");
        };
        match check_name(&name) {
            Ok(()) => Ok(name.trim().to_owned()),
            Err(reason) => bail!("--as {:?}: {reason}", one_line(&name)),
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::Export(args) => export(args),
        Command::Import(args) => import(args),
        Command::Agreement(args) => agreement(args),
        Command::Report(args) => print_report(&args.store, args.json),
    }
}

/// Opens a store, and says so when it was brought up to date.
pub(super) fn open(path: &Path, make: bool) -> anyhow::Result<Store> {
    let store = if make { Store::open(path)? } else { Store::open_existing(path)? };
    if let Some(copy) = store.copy_made() {
        message(format_args!("{}: brought up to date; a copy of it as it was is {}", path.display(), copy.display()));
    }
    Ok(store)
}

/// The labelled postings of a store, with a word about those that are left out.
pub(super) fn labelled(path: &Path) -> anyhow::Result<Vec<Posting>> {
    let TrainingSet { postings, split, unsure } = training_set(&open(path, false)?)?;
    if split + unsure > 0 {
        warn(format_args!(
            "{}: left out: {} on which as many say scam as honest, {} that nobody was sure of",
            path.display(),
            counted(split as u64, "text"),
            counted(unsure as u64, "text")
        ));
    }
    Ok(postings)
}

fn export(args: &ExportArgs) -> anyhow::Result<Outcome> {
    let output = args.output.as_deref().unwrap_or(Path::new("-"));
    let mut names = Names::default();
    names.read_store(&args.store);
    names.write_lines("--output", output)?;
    let postings = labelled(&args.store)?;
    write_lines(output, postings.iter().map(|posting| Value::Object(record(posting))))?;
    let scams = postings.iter().filter(|p| p.label == Some(true)).count() as u64;
    message(format_args!(
        "{} written, {} among them",
        counted(postings.len() as u64, "labelled posting"),
        counted(scams, "scam")
    ));
    Ok(Outcome::Done)
}

fn import(args: &ImportArgs) -> anyhow::Result<Outcome> {
    let moderator = args.moderator.name()?;
    args.feeds.iter().try_for_each(|feed| check_readable(feed))?;
    let scorer = args.model.scorer(false)?;
    let mut store = open(&args.store, true)?;
    let mut said: std::collections::HashMap<String, Label> =
        store.standing()?.into_iter().filter(|d| d.moderator == moderator).map(|d| (d.text_hash, d.label)).collect();
    let (mut added, mut known, mut unlabelled, mut rejects) = (0u64, 0u64, 0u64, 0u64);
    let mut batch = Vec::new();
    let options = FeedOptions { labels: true, ..args.feed.options() };
    for path in &args.feeds {
        for record in Feed::open(path, &options)? {
            match record? {
                Record::Posting(posting) => match posting.label {
                    None => unlabelled += 1,
                    Some(scam) => {
                        let label = if scam { Label::Scam } else { Label::Honest };
                        let hash = text_hash(&posting);
                        if said.insert(hash.clone(), label) == Some(label) {
                            known += 1;
                            continue;
                        }
                        added += 1;
                        batch.push((hash, *posting, label));
                        if batch.len() == BATCH {
                            add(&mut store, &moderator, &scorer, &std::mem::take(&mut batch))?;
                        }
                    }
                },
                Record::Reject(reject) => {
                    rejects += 1;
                    if rejects <= REJECTS_SHOWN {
                        warn(told(&reject));
                    }
                }
            }
        }
    }
    if !batch.is_empty() {
        add(&mut store, &moderator, &scorer, &batch)?;
    }
    message(format_args!(
        "{} added for {moderator}, {known} known before, {unlabelled} without a label, {}",
        counted(added, "decision"),
        counted(rejects, "reject")
    ));
    if added + known == 0 {
        bail!("no posting of these feeds has a label (`label` or `fraudulent`, 0 or 1)");
    }
    Ok(Outcome::Done)
}

fn add(store: &mut Store, moderator: &str, scorer: &Scorer, batch: &[(String, Posting, Label)]) -> anyhow::Result<()> {
    let records: Vec<String> = batch.iter().map(|(_, posting, _)| to_json(posting)).collect();
    let decisions: Vec<_> = batch
        .iter()
        .zip(&records)
        .map(|((hash, posting, label), record)| {
            let decision = Decision {
                label: *label,
                reason: None,
                note: String::new(),
                scored: Scored::of(&scorer.score(posting)),
                chosen: Chosen::by(Sampling::Import),
            };
            (Subject { text_hash: hash, id: &posting.id, record }, decision)
        })
        .collect();
    store.add(moderator, &decisions)?;
    Ok(())
}

fn agreement(args: &AgreementArgs) -> anyhow::Result<Outcome> {
    let standing = open(&args.store, false)?.standing()?;
    let (pairs, differing) = (pairs(&standing), disagreements(&standing));
    print(&match args.json {
        true => {
            let json = json!({ "agreement": pairs, "disagreements": differing });
            format!("{}\n", serde_json::to_string_pretty(&json).context("the agreement cannot be written as JSON")?)
        }
        false => report::agreement(&pairs, &differing),
    })?;
    Ok(if args.strict && !differing.is_empty() { Outcome::Found } else { Outcome::Done })
}

/// Prints what the samples of a store say about the thresholds.
pub(super) fn print_report(path: &Path, json: bool) -> anyhow::Result<Outcome> {
    let store = open(path, false)?;
    let reports = reports(&store)?;
    print(&match json {
        true => {
            format!("{}\n", serde_json::to_string_pretty(&reports).context("the report cannot be written as JSON")?)
        }
        false => report::samples(&reports, &store.standing()?),
    })?;
    Ok(Outcome::Done)
}
