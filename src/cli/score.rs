/*!
`lurescan score`: feeds in, verdicts out.
*/

pub(super) mod report;
pub(super) mod source;
pub(super) mod work;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::bail;

use self::report::Report;
use self::source::Records;
use self::work::{Done, Render, Worker};
use super::Outcome;
use super::common::{FeedArgs, ModelArgs, action, feeds, threads, warn};
use super::output::{Output, in_directory, stdout_is_terminal};
use super::table::Table;
use super::terminal::{Color, Look};
use crate::feed::writers::{Column, CsvWriter, JsonlWriter};
use crate::score::pipeline::{self, PipelineLimits};
use crate::verdict::Action;

/// Score feeds of job postings: one verdict a posting, in the order of the feed.
///
/// Records that cannot be used are set aside and do not stop the run: every record is a verdict or a reject. Exit code 0:
/// done; 1: done, and what --strict or --fail-on asks for was found; 2: could not.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Feeds, in order; `-` is stdin. Files may be compressed with gzip or zstd.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Score this text as one posting, instead of files; may be given again.
    #[arg(long, value_name = "TEXT", conflicts_with = "files", allow_hyphen_values = true)]
    text: Vec<String>,
    #[command(flatten)]
    feed: FeedArgs,
    /// Format of the output; auto is a table on a terminal, CSV for an --output that ends in .csv, and else JSONL.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    format: Format,
    /// File to write verdicts to; it appears under its name when it is whole. A name that ends in `/` is a directory,
    /// and they go to `verdicts.jsonl` (or .csv, .txt) in it.
    #[arg(long, short, value_name = "PATH", help_heading = "Output")]
    output: Option<PathBuf>,
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
    /// extra, truncated.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = str::parse::<Column>, help_heading = "Output")]
    fields: Option<Vec<Column>>,
    /// Write verdicts with these actions only; all are counted.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = action(), help_heading = "Output")]
    only: Option<Vec<Action>>,
    /// Exit with 1 if a posting has this action (for review: review or block).
    #[arg(long, value_name = "ACTION", value_parser = action())]
    fail_on: Option<Action>,
    /// Exit with 1 if there are rejects.
    #[arg(long)]
    strict: bool,
    /// Threads that score; all cores unless told. The output is the same.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
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
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let format = args.resolved_format()?;
    let records = args.records()?;
    let columns = args.fields.clone();
    let has = |column| columns.as_ref().is_some_and(|c| c.contains(&column));
    let explain = args.explain || has(Column::Intercept) || has(Column::Terms);
    let extra = args.extra || has(Column::Extra);
    let scorer = args.model.scorer(explain)?;
    if let Some(warning) = args.model.lexicon_warning(&scorer)
        && !args.quiet
    {
        warn(warning);
    }
    let render = match (format, columns) {
        (Format::Csv, None) => Render::Csv(CsvWriter::default()),
        (Format::Csv, Some(columns)) => {
            let Some(writer) = CsvWriter::with_columns(columns) else {
                bail!("terms and extra do not fit the cells of a table; use --format jsonl");
            };
            Render::Csv(writer)
        }
        (Format::Table, _) => Render::Table(Table::new(Look::new(args.color, args.output.is_some()))),
        (_, None) => Render::Jsonl(JsonlWriter::default()),
        (_, Some(columns)) => Render::Jsonl(JsonlWriter::with_columns(columns)),
    };
    let (output, rejects) = args.open_outputs(format)?;
    let worker =
        Worker { scorer: &scorer, render: &render, extra, only: args.only.as_deref(), keep_rejects: rejects.is_some() };
    let clutter = stdout_is_terminal() && args.output.is_none();
    let mut report = Report::new(args.quiet, clutter, rejects.is_some(), records.progress());
    let result = args.pump(records, &worker, output, rejects, &mut report);
    // A run that failed before its first record has nothing to sum up.
    if result.is_ok() || !report.is_empty() {
        report.finish(scorer.model_name(), args.only.is_some());
    }
    result?;
    Ok(match report.found(args.fail_on, args.strict) {
        true => Outcome::Found,
        false => Outcome::Done,
    })
}

impl Args {
    fn resolved_format(&self) -> anyhow::Result<Format> {
        let for_people = self.output.is_none() && stdout_is_terminal();
        let nested = self.fields.is_some() || self.explain || self.extra;
        let named = |extension: &str| {
            self.output.as_ref().and_then(|path| path.extension()).is_some_and(|e| e.eq_ignore_ascii_case(extension))
        };
        let format = match self.format {
            Format::Auto if named("csv") => Format::Csv,
            Format::Auto if for_people && !nested => Format::Table,
            Format::Auto => Format::Jsonl,
            format => format,
        };
        match format {
            Format::Table if nested => {
                bail!("--format table has no room for --fields, --explain or --extra; use jsonl")
            }
            Format::Csv if self.extra => bail!("--extra does not fit the cells of a table; use --format jsonl"),
            Format::Csv if self.explain => {
                bail!("--explain does not fit the cells of a table; use --format jsonl, or --fields id,intercept")
            }
            format => Ok(format),
        }
    }

    fn records(&self) -> anyhow::Result<Records> {
        if !self.text.is_empty() {
            if let Some(at) = self.text.iter().position(|text| text.trim().is_empty()) {
                bail!("--text number {} holds no text", at + 1);
            }
            return Ok(Records::of_texts(&self.text));
        }
        let files = feeds(&self.files, "use --text TEXT; see lurescan score --help")?;
        Ok(Records::of_files(files, self.feed.options()))
    }

    fn open_outputs(&self, format: Format) -> anyhow::Result<(Output, Option<Output>)> {
        let output = match &self.output {
            None => None,
            Some(path) if path.as_os_str() == "-" => None,
            Some(path) => Some(in_directory(
                path,
                match format {
                    Format::Csv => "verdicts.csv",
                    Format::Table => "verdicts.txt",
                    _ => "verdicts.jsonl",
                },
            )?),
        };
        if output.is_some() && output == self.rejects {
            bail!("--output and --rejects name the same file");
        }
        if self.rejects.as_ref().is_some_and(|path| path.as_os_str() == "-") {
            bail!("--rejects needs a file; stdout is for verdicts");
        }
        let open = |path: Option<&Path>| path.map(Output::file).transpose();
        Ok((open(output.as_deref())?.unwrap_or_else(Output::stdout), open(self.rejects.as_deref())?))
    }

    fn pump(
        &self,
        records: Records,
        worker: &Worker<'_>,
        mut output: Output,
        mut rejects: Option<Output>,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let threads = threads(self.threads)?;
        let mut begun = false;
        if let Render::Csv(writer) = worker.render {
            let mut header = Vec::new();
            writer.header(&mut header);
            output.write(&header)?;
        }
        let sink = |done: Done| {
            let written = write(&done, worker, &mut begun, &mut output, rejects.as_mut());
            if written.as_ref().is_err_and(super::is_broken_pipe) {
                report.clear();
                // The reader may be waiting for input that never comes, and nobody reads what would be made of it.
                std::process::exit(0);
            }
            written?;
            report.count(done);
            Ok(())
        };
        pipeline::run(&PipelineLimits::new(threads), records, Records::weigh, |batch| worker.work(batch), sink)
            .inspect_err(|_| report.clear())?;
        output.finish()?;
        rejects.map_or(Ok(()), Output::finish)
    }
}

fn write(
    done: &Done,
    worker: &Worker<'_>,
    begun: &mut bool,
    output: &mut Output,
    rejects: Option<&mut Output>,
) -> anyhow::Result<()> {
    // Rejects first: once stdout is gone nothing more is written.
    if let Some(rejects) = rejects
        && !done.reject_lines.is_empty()
    {
        rejects.write(&done.reject_lines)?;
    }
    if done.verdict_lines.is_empty() {
        return Ok(());
    }
    if let (Render::Table(table), false) = (worker.render, *begun) {
        let mut header = Vec::new();
        table.header(&mut header);
        output.write(&header)?;
    }
    *begun = true;
    output.write(&done.verdict_lines)
}
