/*!
From the arguments to what a run needs: every choice is made, and every contradiction refused, before anything is read or
written.
*/

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::checkpoint::{Settings, aside};
use super::source::Records;
use super::verdicts::{PartSize, Target};
use super::work::Render;
use super::{Args, Format};
use crate::cli::common::{bytes, feeds};
use crate::cli::inputs::Inputs;
use crate::cli::names::Names;
use crate::cli::output::{check_lines, is_directory_name, make_directory, stdout_is_terminal};
use crate::cli::table::Table;
use crate::cli::terminal::Look;
use crate::feed::writers::{Column, CsvWriter, JsonlWriter, ParquetWriter};
use crate::redact::Redactor;
use crate::score::Scorer;
use crate::verdict::Action;

/// What a run does.
pub(super) struct Plan {
    pub(super) threads: NonZeroUsize,
    /// The files that are read.
    pub(super) files: Vec<PathBuf>,
    pub(super) records: Records,
    pub(super) target: Target,
    pub(super) rejects: Option<PathBuf>,
    pub(super) explain: bool,
    pub(super) extra: bool,
    pub(super) format: Format,
    /// The verdicts that are written.
    pub(super) only: Option<Vec<Action>>,
}

/// What a statement gives the reasons of.
const DECISIONS: [Action; 2] = [Action::Review, Action::Block];

impl Args {
    pub(super) fn plan(&self) -> anyhow::Result<Plan> {
        let threads = self.threads.count()?;
        self.check_fields()?;
        let format = self.resolved_format()?;
        let Inputs { files, rejects, .. } = if self.text.is_empty() { self.inputs()? } else { Inputs::default() };
        let records = self.records(&files)?.with_rejects(rejects);
        let target = self.target(format, &files)?;
        let has = |column| self.fields.as_ref().is_some_and(|c| c.contains(&column));
        Ok(Plan {
            threads,
            files,
            records,
            target,
            rejects: self.rejects.clone(),
            explain: self.explain || has(Column::Intercept) || has(Column::Terms),
            extra: self.extra || has(Column::Extra),
            format,
            only: match (&self.only, format) {
                (None, Format::DsaSor) => Some(DECISIONS.to_vec()),
                (only, _) => only.clone(),
            },
        })
    }

    /// Refuses a column that is named twice: an object has each of its keys once, and a table no two columns of one name.
    fn check_fields(&self) -> anyhow::Result<()> {
        let columns = self.fields.as_deref().unwrap_or_default();
        let again = columns.iter().enumerate().find(|(at, column)| columns[..*at].contains(column));
        match again {
            Some((_, column)) => bail!("--fields names {} more than once; name each key once", column.name()),
            None => Ok(()),
        }
    }

    fn resolved_format(&self) -> anyhow::Result<Format> {
        let for_people = self.output.is_none() && stdout_is_terminal();
        let nested = self.fields.is_some() || self.explain || self.extra || self.pass_through;
        let named = |extension: &str| {
            self.output.as_ref().and_then(|path| path.extension()).is_some_and(|e| e.eq_ignore_ascii_case(extension))
        };
        let format = match self.format {
            Format::Auto if named("csv") => Format::Csv,
            Format::Auto if named("parquet") => Format::Parquet,
            Format::Auto if for_people && !nested => Format::Table,
            Format::Auto => {
                let instead = ", .csv or .parquet, or choose a --format";
                self.output.as_deref().map_or(Ok(()), |path| check_lines("--output", path, instead))?;
                Format::Jsonl
            }
            format => format,
        };
        match format {
            Format::Table if nested && !self.pass_through => {
                bail!("--format table has no room for --fields, --explain or --extra; use jsonl")
            }
            Format::DsaSor if nested => {
                bail!("--format dsa-sor has its own keys; it takes no --fields, --explain, --extra or --pass-through")
            }
            Format::DsaSor if self.only.iter().flatten().any(|action| !DECISIONS.contains(action)) => {
                bail!(
                    "--format dsa-sor gives the reasons of decisions, and `clear` and `abstain` are none: --only takes review and block with it"
                )
            }
            format if format != Format::DsaSor && self.statements.file().is_some() => {
                bail!("--dsa FILE is for statements of reasons only; say --format dsa-sor, or leave it out")
            }
            Format::Table | Format::Csv | Format::Parquet if self.pass_through => {
                bail!("--pass-through writes records as JSON lines; use --format jsonl")
            }
            Format::Table if self.checkpoint.is_some() => {
                bail!(
                    "--format table is for people and not to be gone on with; use --format jsonl or csv with --checkpoint"
                )
            }
            Format::Parquet if self.checkpoint.is_some() => {
                bail!(
                    "--format parquet cannot go with --checkpoint: a Parquet file is whole only with its end, and cannot be cut where a checkpoint says; use --format jsonl or csv"
                )
            }
            Format::Parquet if matches!(self.part_size, Some(PartSize::Bytes(_))) => {
                bail!(
                    "--part-size of a Parquet file is a number of verdicts, as 100000: its bytes are known only when they are compressed"
                )
            }
            Format::Parquet if for_people => {
                bail!("--format parquet is not for a terminal; name a file with --output, or pipe it on")
            }
            Format::Csv if self.extra => bail!("--extra does not fit the cells of a table; use --format jsonl"),
            Format::Csv if self.explain => {
                bail!("--explain does not fit the cells of a table; use --format jsonl, or --fields id,intercept")
            }
            format => Ok(format),
        }
    }

    pub(super) fn render(&self, format: Format, scorer: &Scorer) -> anyhow::Result<Render> {
        Ok(match (format, self.fields.clone()) {
            (Format::Csv, None) => Render::Csv(CsvWriter::default()),
            (Format::Csv, Some(columns)) => {
                let Some(writer) = CsvWriter::with_columns(columns) else {
                    bail!("terms and extra do not fit the cells of a table; use --format jsonl");
                };
                Render::Csv(writer)
            }
            (Format::Parquet, columns) => {
                let defaults = || ParquetWriter::columns(self.explain, self.extra);
                Render::Parquet(columns.unwrap_or_else(defaults))
            }
            (Format::DsaSor, _) => {
                Render::Statements(Box::new(self.statements.writer(scorer, self.checkpoint.is_some())?))
            }
            (Format::Table, _) => Render::Table(Table::new(Look::new(self.color, self.output.is_some()))),
            (_, None) => Render::Jsonl(JsonlWriter::default()),
            (_, Some(columns)) => Render::Jsonl(JsonlWriter::with_columns(columns)),
        })
    }

    fn inputs(&self) -> anyhow::Result<Inputs> {
        feeds(&self.files, &self.feed.options(), self.quiet, "use --text TEXT; see lurescan score --help")
    }

    fn records(&self, files: &[PathBuf]) -> anyhow::Result<Records> {
        if !self.text.is_empty() {
            if let Some(at) = self.text.iter().position(|text| text.trim().is_empty()) {
                bail!("--text number {} holds no text", at + 1);
            }
            return Ok(Records::of_texts(&self.text));
        }
        let mut options = self.feed.options();
        let extra = self.extra || self.pass_through || self.fields.iter().flatten().any(|c| *c == Column::Extra);
        options.known_columns_only = !extra;
        Ok(Records::of_files(files.to_vec(), options))
    }

    fn target(&self, format: Format, files: &[PathBuf]) -> anyhow::Result<Target> {
        let extension = match format {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
            Format::Table => "txt",
            _ => "jsonl",
        };
        let target = match &self.output {
            None => Target::Stdout,
            Some(path) if path.as_os_str() == "-" && self.part_size.is_none() => Target::Stdout,
            Some(path) if is_directory_name(path) => match self.part_size {
                Some(size) => Target::Parts { directory: path.clone(), extension, size },
                None => Target::File(path.join(format!("verdicts.{extension}"))),
            },
            Some(path) if self.part_size.is_some() => {
                bail!("--part-size needs a directory: let --output {} end in `/`", path.display())
            }
            Some(path) => Target::File(path.clone()),
        };
        if self.checkpoint.is_some() && target == Target::Stdout {
            bail!("--checkpoint needs --output FILE: what went to stdout cannot be taken back");
        }
        self.check_names(&target, files)?;
        if let Some(path) = self.output.as_deref().filter(|path| is_directory_name(path)) {
            make_directory(path)?;
        }
        Ok(target)
    }

    /// Refuses outputs that would take the place of what is read, or of one another.
    fn check_names(&self, target: &Target, files: &[PathBuf]) -> anyhow::Result<()> {
        let mut names = Names::of_inputs(files);
        names.read("--lexicon", self.model.lexicons());
        names.read("--dsa", self.statements.file());
        names.read("--redact-key", self.privacy.key_file());
        if let Some(rejects) = &self.rejects {
            names.write_rejects(rejects, "verdicts")?;
        }
        if let Some(checkpoint) = &self.checkpoint {
            names.write_checkpoint(checkpoint, &aside(checkpoint))?;
        }
        match (target, &self.output) {
            (Target::File(path), Some(name)) if is_directory_name(name) => names.write_in("--output", path),
            (Target::File(path), _) => names.write("--output", path),
            (Target::Parts { directory, .. }, _) => names.write_parts(directory, |name| target.is_part(name)),
            (Target::Stdout, _) => Ok(()),
        }
    }

    /// All that decides about the bytes of the outputs, beside the inputs.
    pub(super) fn settings(
        &self,
        plan: &Plan,
        scorer: &Scorer,
        redactor: Option<&Redactor<'_>>,
    ) -> anyhow::Result<Settings> {
        let absolute = |path: &Path| {
            std::path::absolute(path)
                .map(|path| path.display().to_string())
                .with_context(|| format!("{}: is no path", path.display()))
        };
        let output = self.output.as_deref().map(absolute).transpose()?;
        let rejects = self.rejects.as_deref().map(absolute).transpose()?;
        let (review, block) = scorer.thresholds();
        let names = |columns: &[Column]| columns.iter().map(|c| c.name()).collect::<Vec<_>>().join(",");
        let settings = [
            ("lurescan", env!("CARGO_PKG_VERSION").to_owned()),
            ("--model", format!("{} ({})", scorer.model_name(), self.model.checksum()?)),
            ("--lexicon", scorer.extractor().lexicon_hash().to_owned()),
            ("--prior, --review-at, --block-at", format!("{} {review} {block}", scorer.shift())),
            ("--input-format and limits", format!("{:?}", self.feed.options())),
            ("--format", format!("{:?}", plan.format).to_lowercase()),
            ("--output", output.unwrap_or_default()),
            ("--rejects", rejects.unwrap_or_default()),
            ("--explain", plan.explain.to_string()),
            ("--extra", plan.extra.to_string()),
            ("--pass-through", self.pass_through.to_string()),
            ("--part-size", self.part_size.map(|size| format!("{size:?}")).unwrap_or_default()),
            ("--redact", redactor.map(Redactor::key_id).unwrap_or_default()),
            ("--dsa", self.statements.setting()?),
            ("--fields", self.fields.as_deref().map(names).unwrap_or_default()),
            ("--only", plan.only.iter().flatten().map(|action| action.name()).collect::<Vec<_>>().join(",")),
        ];
        Ok(settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// Parses the size of a part: a number of records, or of bytes where it has a unit.
pub(super) fn part_size(text: &str) -> Result<PartSize, String> {
    let wrong = || "a part has at least 1 record, or bytes such as 64M".to_owned();
    match text.parse::<u64>() {
        Ok(0) => Err(wrong()),
        Ok(records) => Ok(PartSize::Records(records)),
        Err(_) => bytes(text).map(|bytes| PartSize::Bytes(bytes as u64)).map_err(|_| wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_parts() {
        assert_eq!(part_size("1000"), Ok(PartSize::Records(1000)));
        assert_eq!(part_size("64M"), Ok(PartSize::Bytes(64 << 20)));
        for wrong in ["0", "", "-1", "x", "0M"] {
            assert!(part_size(wrong).is_err(), "{wrong}");
        }
    }
}
