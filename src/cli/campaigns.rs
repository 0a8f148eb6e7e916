/*!
`lurescan campaigns`: feeds in, groups of postings out.
*/

mod page;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget};
use jiff::Timestamp;

use self::page::Page;
use super::Outcome;
use super::common::{FeedArgs, ModelArgs, ThreadArgs, action, counted, feeds, grouped, message, warn};
use super::names::Names;
use super::output::{Output, check_lines, is_directory_name, make_directory, stdout_is_terminal};
use super::score::report::{Counts, Manner, Report};
use super::score::source::{Cut, Records};
use super::score::work::Done;
use super::terminal::{Color, Look};
use crate::campaigns::{Campaign, Collector, Facts, stix};
use crate::feed::Record;
use crate::score::Scorer;
use crate::score::pipeline::{self, PipelineLimits};
use crate::verdict::Action;

/// Group feeds of job postings into campaigns: copies of one text, and postings that give the same contact.
///
/// Copies are told by their words; numbers, amounts, places, contacts and emoji may differ. A campaign is no accusation:
/// employers repost honest ads too. Postings that stand alone are left out. Exit code 0: done; 1: done, and what --strict
/// asks for was found; 2: could not.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Feeds; `-` is stdin. Files may be compressed (gzip, zstd, bzip2, xz); of a zip archive each feed in it is read. A directory is
    /// walked, and a pattern in quotes is matched. Their order changes nothing.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    feed: FeedArgs,
    /// Smallest campaign that is written.
    #[arg(long, value_name = "N", default_value = "2", value_parser = clap::value_parser!(u64).range(2..))]
    min_size: u64,
    /// Write campaigns that have a posting with one of these actions; with --stix it is review,block unless told.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = action(), help_heading = "Output")]
    only: Option<Vec<Action>>,
    /// Group by text alone: a shared contact joins nothing.
    #[arg(long)]
    text_alone: bool,
    /// Format of the output; auto is a table on a terminal and else JSONL, an object a campaign.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    format: Format,
    /// Write one STIX 2.1 bundle: campaigns, indicators of their contacts, and what was observed.
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    stix: bool,
    /// File to write to; it appears under its name when it is whole. A name that ends in `/` is a directory, and campaigns
    /// go to `campaigns.jsonl` (or .txt, .json) in it.
    #[arg(long, short, value_name = "PATH", help_heading = "Output")]
    output: Option<PathBuf>,
    /// File to write rejects to, a JSON object a line: file, record, offset, field, reason, raw (base64).
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    rejects: Option<PathBuf>,
    /// Exit with 1 if there are rejects, or a feed gave no record.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    model: ModelArgs,
    /// No summary, no warnings, no progress: errors only.
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = "Output")]
    color: Color,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    #[default]
    Auto,
    Table,
    Jsonl,
}

/// What a thread makes of a batch.
struct Gathered {
    facts: Vec<Facts>,
    done: Done,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let threads = args.threads.count()?;
    let now = now()?;
    let options = args.feed.options();
    let inputs = feeds(&args.files, &options, args.quiet, "see lurescan campaigns --help")?;
    let output = args.output_file(&inputs.files)?;
    let records = Records::of_files(inputs.files, options).with_rejects(inputs.rejects);
    let scorer = args.model.scorer(false)?;
    if let Some(warning) = args.model.lexicon_warning(&scorer)
        && !args.quiet
    {
        warn(warning);
    }
    let open = |path: Option<&Path>| path.map(Output::file).transpose();
    let mut output = open(output.as_deref())?.unwrap_or_else(Output::stdout);
    let mut rejects = open(args.rejects.as_deref())?;
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build().context("no threads can be started")?;
    let manner = Manner {
        quiet: args.quiet,
        rejects_are_kept: rejects.is_some(),
        model: scorer.model_name().to_owned(),
        ..Manner::default()
    };
    let mut report = Report::new(manner, records.progress(), Counts::default());
    let limits = PipelineLimits::new(threads);
    let read = args.collect(&limits, records, &scorer, rejects.as_mut(), &mut report);
    report.clear();
    // A run that failed before its first record has nothing to sum up.
    if read.is_ok() || !report.counts().is_empty() {
        report.finish();
    }
    let collector = read?;
    let taken = collector.len();
    let waiting = spinner(args.quiet);
    let mut campaigns = pool.install(|| collector.finish(&scorer));
    waiting.finish_and_clear();
    let joined: usize = campaigns.iter().map(|c| c.size).sum();
    let found = campaigns.len();
    campaigns.retain(|campaign| args.wants(campaign));
    args.write(&campaigns, now, &mut output)?;
    output.finish()?;
    rejects.map_or(Ok(()), Output::finish)?;
    if !args.quiet {
        message(format_args!(
            "{} of {}, {} alone; {} written",
            counted(found as u64, "campaign"),
            counted(joined as u64, "posting"),
            counted((taken - joined) as u64, "posting"),
            grouped(campaigns.len() as u64)
        ));
    }
    Ok(match report.counts().found(None, args.strict) {
        true => Outcome::Found,
        false => Outcome::Done,
    })
}

impl Args {
    /// The file to write, if it is not stdout. Refuses outputs that would take the place of what is read.
    fn output_file(&self, inputs: &[PathBuf]) -> anyhow::Result<Option<PathBuf>> {
        let mut names = Names::of_inputs(inputs);
        names.read("--lexicon", self.model.lexicons());
        if let Some(rejects) = &self.rejects {
            names.write_rejects(rejects, "campaigns")?;
        }
        let Some(path) = self.output.as_deref().filter(|path| path.as_os_str() != "-") else { return Ok(None) };
        if !is_directory_name(path) {
            if !self.stix && self.format == Format::Auto {
                check_lines("--output", path, ", or choose a --format, or --stix for one JSON object")?;
            }
            names.write("--output", path)?;
            return Ok(Some(path.to_owned()));
        }
        let file = path.join(match (self.stix, self.format) {
            (true, _) => "campaigns.json",
            (false, Format::Table) => "campaigns.txt",
            (false, Format::Auto | Format::Jsonl) => "campaigns.jsonl",
        });
        names.write_in("--output", &file)?;
        make_directory(path)?;
        Ok(Some(file))
    }

    /// Reads all feeds.
    fn collect(
        &self,
        limits: &PipelineLimits,
        records: Records,
        scorer: &Scorer,
        mut rejects: Option<&mut Output>,
        report: &mut Report,
    ) -> anyhow::Result<Collector> {
        let mut collector = if self.text_alone { Collector::by_text_alone() } else { Collector::default() };
        let keep_rejects = rejects.is_some();
        let sink = |gathered: Gathered| {
            if let Some(rejects) = &mut rejects {
                rejects.write(&gathered.done.reject_lines)?;
            }
            gathered.facts.into_iter().for_each(|facts| collector.add(facts));
            report.count(gathered.done);
            Ok(())
        };
        pipeline::run(limits, records, Records::weigh, |batch| gather(batch, scorer, keep_rejects), sink)?;
        Ok(collector)
    }

    /// Whether a campaign is to be written. A bundle is read as an accusation, so that honest reposts have to be asked for.
    fn wants(&self, campaign: &Campaign) -> bool {
        let accused: &[Action] = &[Action::Review, Action::Block];
        let only = self.only.as_deref().or(self.stix.then_some(accused));
        let acted = only.is_none_or(|only| only.iter().any(|&action| campaign.with_action(action) > 0));
        acted && campaign.size as u64 >= self.min_size
    }

    fn write(&self, campaigns: &[Campaign], now: Timestamp, output: &mut Output) -> anyhow::Result<()> {
        if self.stix {
            let mut bytes = serde_json::to_vec_pretty(&stix::bundle(campaigns, now))?;
            bytes.push(b'\n');
            return output.write(&bytes);
        }
        let for_people = match self.format {
            Format::Auto => self.output.is_none() && stdout_is_terminal(),
            Format::Table => true,
            Format::Jsonl => false,
        };
        if for_people {
            return output.write(Page::new(Look::new(self.color, self.output.is_some())).of(campaigns).as_bytes());
        }
        for campaign in campaigns {
            let mut line = serde_json::to_vec(campaign)?;
            line.push(b'\n');
            output.write(&line)?;
        }
        Ok(())
    }
}

/// The time of the run, or the one that reproducible builds are told.
fn now() -> anyhow::Result<Timestamp> {
    let Some(told) = std::env::var_os("SOURCE_DATE_EPOCH") else { return Ok(Timestamp::now()) };
    let told = told.to_string_lossy();
    let time = told.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.with_context(|| format!("SOURCE_DATE_EPOCH: {told:?} is no number of seconds since 1970"))
}

fn gather(batch: Vec<Cut>, scorer: &Scorer, keep_rejects: bool) -> Gathered {
    let mut gathered = Gathered { facts: Vec::with_capacity(batch.len()), done: Done::default() };
    let done = &mut gathered.done;
    for cut in batch {
        match cut.raw.parse(&cut.context) {
            Record::Posting(posting) => {
                let facts = Facts::of(scorer, &posting);
                done.actions[facts.action() as usize] += 1;
                done.ids.push(facts.id().to_owned());
                gathered.facts.push(facts);
            }
            Record::Reject(reject) => done.reject(reject, keep_rejects),
        }
    }
    gathered
}

fn spinner(quiet: bool) -> ProgressBar {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(5) };
    let spinner = ProgressBar::with_draw_target(None, target).with_message("grouping");
    if !spinner.is_hidden() {
        spinner.enable_steady_tick(Duration::from_millis(200));
    }
    spinner
}
