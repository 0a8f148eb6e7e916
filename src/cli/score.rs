/*!
`lurescan score`: feeds in, verdicts out.
*/

mod checkpoint;
mod pass_through;
pub(super) mod report;
mod setup;
mod sink;
pub(super) mod source;
mod statements;
mod stop;
mod verdicts;
pub(super) mod work;

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use anyhow::bail;

use self::checkpoint::{Checkpoint, Input, Settings, Stage, State};
use self::report::{Manner, Report};
use self::sink::{Keeper, Sink};
use self::source::Records;
use self::statements::StatementArgs;
use self::stop::Shared;
use self::verdicts::{PartSize, Verdicts};
use self::work::{Done, Worker};
use super::Outcome;
use super::common::{FeedArgs, ModelArgs, ThreadArgs, action, message, warn};
use super::output::{Output, stdout_is_terminal};
use super::privacy::RedactArgs;
use super::terminal::Color;
use crate::feed::writers::Column;
use crate::score::pipeline::{self, PipelineLimits};
use crate::verdict::Action;

/// Score feeds of job postings: one verdict a posting, in the order of the feed.
///
/// Records that cannot be used are set aside and do not stop the run: every record is a verdict or a reject. Exit code 0:
/// done; 1: done, and what --strict or --fail-on asks for was found; 2: could not; 128 and its number: a signal ended it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = LIMITS)]
pub struct Args {
    /// Feeds, in order; `-` is stdin. Files may be compressed (gzip, zstd, bzip2, xz); of a zip archive each feed in it is
    /// read, and members are named `archive.zip/member`. A directory is walked, and a pattern in quotes, like
    /// 'feeds/**/*.jsonl', is matched, in sorted order. Of a directory, what is no feed by name or content is skipped, and
    /// a file with the name of a feed that cannot be read is a reject.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Score this text as one posting, instead of files; may be given again.
    #[arg(long, value_name = "TEXT", conflicts_with = "files", allow_hyphen_values = true)]
    text: Vec<String>,
    #[command(flatten)]
    feed: FeedArgs,
    /// Format of the output; auto is a table on a terminal, CSV or Parquet for an --output that ends in .csv or .parquet,
    /// and else JSONL; an ending of another format, as .tsv or .json, is refused.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    format: Format,
    /// File to write verdicts to; it appears under its name when it is whole. A name that ends in `/` is a directory,
    /// and they go to `verdicts.jsonl` (or .csv, .parquet, .txt) in it. Nothing is written compressed, and no file that is
    /// read is replaced.
    #[arg(long, short, value_name = "PATH", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Write parts `part-00000.jsonl`, `part-00001.jsonl`... into the directory that --output names, each of so many
    /// verdicts, or bytes with K, M or G (powers of 1024). Each has its name when it is whole; those of a run before are
    /// removed.
    #[arg(long, value_name = "N", value_parser = setup::part_size, requires = "output", help_heading = "Output")]
    part_size: Option<PartSize>,
    /// Write each record as it was, with the verdict in it under the key `lurescan`. JSON lines keep their bytes; records of
    /// other formats become objects.
    #[arg(long, conflicts_with = "extra", help_heading = "Output")]
    pass_through: bool,
    /// File to write rejects to, a JSON object a line: file, record, offset, field, reason, raw (base64).
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    rejects: Option<PathBuf>,
    /// Add the intercept and the terms, so that they and the signals sum to the logit.
    #[arg(long, help_heading = "Output")]
    explain: bool,
    /// Add the fields of the record that are not read.
    #[arg(long, help_heading = "Output")]
    extra: bool,
    /// Write these keys only, in this order: id, probability, action, logit, language, signals, model, intercept, terms,
    /// extra, truncated, as_vacancy, passage.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = str::parse::<Column>, help_heading = "Output")]
    fields: Option<Vec<Column>>,
    /// Write verdicts with these actions only; all are counted.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = action(), help_heading = "Output")]
    only: Option<Vec<Action>>,
    /// Write down in FILE, again and again, how far the run is, so that it can be gone on with. Needs --output FILE and
    /// inputs that can be read again. A file that is there is replaced if it is a checkpoint or empty, and else refused.
    #[arg(long, value_name = "FILE", conflicts_with = "text", help_heading = "Bad days")]
    checkpoint: Option<PathBuf>,
    /// Go on where --checkpoint says, without scoring anything again: the outputs are those of a run that was never
    /// broken off, however it was. Begins if there is no checkpoint yet; does nothing if all is done and the outputs are
    /// there.
    #[arg(long, requires = "checkpoint", help_heading = "Bad days")]
    resume: bool,
    /// Records between two checkpoints.
    #[arg(long, value_name = "N", default_value = "20000", requires = "checkpoint", help_heading = "Bad days")]
    checkpoint_every: NonZeroU64,
    /// Exit with 1 if a posting has this action (for review: review or block).
    #[arg(long, value_name = "ACTION", value_parser = action())]
    fail_on: Option<Action>,
    /// Exit with 1 if there are rejects, or a feed gave no record.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    statements: StatementArgs,
    #[command(flatten)]
    privacy: RedactArgs,
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
    Csv,
    /// Columns with types, signals as a list of structs, compressed with snappy.
    Parquet,
    /// Statements of reasons for the EU's DSA Transparency Database, of review and block only; needs --dsa FILE.
    DsaSor,
}

/// What a run does at its limits, at the end of the long help.
const LIMITS: &str = "\
Limits:
  A record has at most 16 MiB (--max-record-bytes) and 100,000 values or columns (--max-values); a longer one is a
  reject, and so is JSON of more than 127 levels. Entities that an XML document declares are not expanded, and nothing
  is fetched. A compressed file becomes at most 1,000 times as large (--max-decompression-ratio). Of a field 1 MiB of
  text is read; where it had more, the verdict says `truncated`, is review or block, and the summary counts it. Ids are checked for duplicates up to 1,000,000 of
  them. Memory is bounded whatever the feed holds. A Parquet file has at most 64 MiB of metadata, 1 GiB of
  pages that are open together, and 1,024 rows for each byte that is read; from a pipe, at most 16 GiB are copied to a
  temporary file first. Columns that nobody looks at are not read. A zip archive has at most 100,000 members, is a file
  and no pipe, and is refused when its directory lies; a member that is encrypted or an archive is one reject.

Nothing is lost:
  records = verdicts + rejects, and the summary says so. An output is PATH.partial until it is whole, and what was under
  its name stays until then. A full disk, SIGINT, SIGTERM and SIGHUP keep the records that are whole and say how to go on;
  a reader of stdout that closes it ends the run with 0. With --checkpoint, also a run that was killed, or whose machine
  lost its power, is gone on with by --resume and gives the bytes of one that was not. It is refused with other
  arguments, another model or lexicon, and inputs that were changed. Ids that occurred before the break are not
  recognised behind it.

Privacy:
  Warnings and errors hold no text of postings. --redact masks what it finds; names of persons, and what is written so
  that no reader would take it for an address, it does not find. See also --rejects, which keeps raw records.";

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let plan = args.plan()?;
    let scorer = args.model.scorer(plan.explain)?;
    if let Some(warning) = args.model.lexicon_warning(&scorer)
        && !args.quiet
    {
        warn(warning);
    }
    let render = args.render(plan.format, &scorer)?;
    let frame = render.frame();
    let redactor = args.privacy.redactor(&scorer, args.checkpoint.is_some(), args.quiet)?;
    let (keeper, state) = match &args.checkpoint {
        Some(path) => {
            let settings = args.settings(&plan, &scorer, redactor.as_ref())?;
            let (keeper, state) = args.begin(path.clone(), settings, &plan.files)?;
            (Some(keeper), state)
        }
        None => (None, None),
    };
    let manner = Manner {
        quiet: args.quiet,
        clutter: stdout_is_terminal() && args.output.is_none(),
        rejects_are_kept: plan.rejects.is_some(),
        model: scorer.model_name().to_owned(),
        only: plan.only.is_some(),
    };
    let outcome = |report: &Report| match report.counts().found(args.fail_on, args.strict) {
        true => Outcome::Found,
        false => Outcome::Done,
    };
    let mut records = plan.records;
    if let Some(state) = state.as_ref().filter(|state| state.stage != Stage::Running) {
        if let (Stage::Finishing, Some(mut keeper)) = (state.stage, keeper) {
            Verdicts::complete(&plan.target, state.verdicts)?;
            if let Some(path) = &plan.rejects {
                Output::complete(path, state.rejects)?;
            }
            keeper.finished()?;
        } else {
            Verdicts::check_finished(&plan.target, state.verdicts)?;
            if let Some(path) = &plan.rejects {
                Output::check_whole(path, Some(state.rejects))?;
            }
        }
        let report = Report::new(manner, records.progress(), state.counts.clone());
        if !args.quiet {
            message("the run is finished; there is nothing to do");
        }
        return Ok(outcome(&report));
    }
    let (verdicts, rejects) = match &state {
        None => (Verdicts::create(plan.target, frame)?, plan.rejects.as_deref().map(Output::file).transpose()?),
        Some(state) => (
            Verdicts::resume(plan.target, frame, state.verdicts)?,
            plan.rejects.as_deref().map(|path| Output::resumed(path, state.rejects)).transpose()?,
        ),
    };
    if keeper.is_some() && !verdicts.output().can_resume() {
        bail!("--checkpoint needs an ordinary file as --output, because it has to be cut where the checkpoint says");
    }
    let place = state.as_ref().and_then(|state| state.place);
    if let Some(place) = place {
        records = records.behind(place);
    }
    let counts = state.map(|state| state.counts).unwrap_or_default();
    let worker = Worker {
        scorer: &scorer,
        render: &render,
        redactor: redactor.as_ref(),
        extra: plan.extra,
        pass_through: args.pass_through,
        only: plan.only.as_deref(),
        keep_rejects: rejects.is_some(),
    };
    let report = Report::new(manner, records.progress(), counts);
    let without_keeper = args.without_checkpoint(plan.format);
    let sink = Sink { verdicts, rejects, report, keeper, without_keeper, place, since: 0, broken: false };
    let report = args.pump(plan.threads, records, &worker, sink)?;
    report.finish();
    Ok(outcome(&report))
}

impl Args {
    /// How a run with a checkpoint begins: anew, or from the state that a run before left.
    fn begin(&self, path: PathBuf, settings: Settings, files: &[PathBuf]) -> anyhow::Result<(Keeper, Option<State>)> {
        let inputs = files.iter().map(|file| Input::of(file)).collect::<anyhow::Result<Vec<_>>>()?;
        let every = self.checkpoint_every.get();
        let before = if self.resume { Checkpoint::load(&path)? } else { None };
        if let Some(checkpoint) = before {
            checkpoint.check(&path, &settings, &inputs)?;
            let state = checkpoint.state.clone();
            return Ok((Keeper { path, checkpoint, every }, Some(state)));
        }
        // From here on the outputs are not those of the checkpoint that may be there.
        Checkpoint::remove(&path)?;
        let checkpoint = Checkpoint::new(settings, inputs);
        Ok((Keeper { path, checkpoint, every }, None))
    }

    /// What is to be done about a run of this kind that was broken off without a checkpoint.
    fn without_checkpoint(&self, format: Format) -> &'static str {
        match format {
            Format::Parquet => {
                "a Parquet file cannot be gone on with: this run has to start again, and --checkpoint FILE keeps what is done of --format jsonl or csv"
            }
            _ if self.files.is_empty() || self.files.iter().any(|file| file.as_os_str() == "-") => {
                "what was read from stdin is gone: this run has to start again, and --checkpoint FILE keeps what is done of inputs that are files"
            }
            _ => "a run with --checkpoint FILE can be gone on with, this one has to start again",
        }
    }

    fn pump(&self, threads: NonZeroUsize, records: Records, worker: &Worker<'_>, sink: Sink) -> anyhow::Result<Report> {
        let shared = Shared::new(sink);
        stop::on_signals(&shared)?;
        let take = |done: Done| {
            let mut held = shared.lock();
            let Some(sink) = held.as_mut() else { return Ok(()) };
            let taken = sink.take(done);
            if taken.as_ref().is_err_and(super::is_broken_pipe) {
                sink.report.clear();
                // The reader may be waiting for input that never comes, and nobody reads what would be made of it.
                let flushed = sink.rejects.as_mut().map_or(Ok(()), Output::flush);
                std::process::exit(if flushed.is_ok() { 0 } else { 2 });
            }
            taken
        };
        let result =
            pipeline::run(&PipelineLimits::new(threads), records, Records::weigh, |batch| worker.work(batch), take);
        let mut held = shared.lock();
        match (result, held.take()) {
            (Ok(()), Some(sink)) => {
                sink.report.clear();
                sink.finish()
            }
            (Err(e), Some(mut sink)) => {
                sink.give_up();
                Err(e)
            }
            (result, None) => result.and_then(|()| bail!("the run was ended before")),
        }
    }
}
