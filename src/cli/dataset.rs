/*!
`lurescan dataset`: labelled sets are checked, parted, and compiled from marked files.
*/

use std::path::PathBuf;

use anyhow::bail;
use serde_json::Value;

use super::Outcome;
use super::common::{counted, grouped, message, say};
use super::dataset_report::{print_markdown, print_text};
use super::names::Names;
use super::output::{make_directory, print, write_lines};
use crate::posting::Posting;
use crate::signals::catalogue::Catalogue;
use crate::train::check::{CheckOptions, check};
use crate::train::labelled::{self, column};
use crate::train::marked::{self, Split};
use crate::train::record::record;
use crate::train::split::{SplitOptions, expect_columns, split};

/// Faults that are printed before the rest is only counted.
const FAULTS_SHOWN: usize = 50;

/// Checks, parts and compiles labelled sets of postings.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Checks schema, marks, duplicates, balance, and whether form gives the label away.
    ///
    /// The artefact classifiers see only length, punctuation, contact form or which fields are there; the first three
    /// must stay under an area of 0.60 under the ROC curve. Folds keep author families and near-duplicates together.
    Check(CheckArgs),
    /// Parts a labelled set into DIR/train.jsonl and DIR/test.jsonl; what belongs together stays together.
    ///
    /// Near-duplicates, and postings that share a value of a --by column, fall on one side.
    Split(SplitArgs),
    /// Compiles marked files (datasets/lures/GUIDE.md) to JSON lines that every lurescan command reads.
    Import(ImportArgs),
}

#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// Marked files, directories of them, or feeds with labels.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Keep postings that share a value of this column in one fold. May be repeated. [default: group, where there is one]
    #[arg(long, value_name = "COLUMN")]
    by: Vec<String>,
    /// Seed of folds and intervals.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Leave the artefact classifiers out; they take most of the time.
    #[arg(long)]
    no_artefacts: bool,
    /// List the N surest of the probable label errors, by scores out of fold; --json lists all.
    #[arg(long, value_name = "N", default_value_t = 0)]
    label_errors: usize,
    /// End with exit code 1 when there is a finding.
    #[arg(long)]
    strict: bool,
    /// Print one JSON object.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the tables of a datasheet.
    #[arg(long)]
    markdown: bool,
}

#[derive(Debug, clap::Args)]
struct SplitArgs {
    /// Feeds with labels, or marked files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Share of the postings for the test.
    #[arg(long, value_name = "SHARE", default_value_t = 0.35)]
    test: f64,
    /// Keep postings that share a value of this column together. May be repeated. [default: group, where there is one]
    #[arg(long, value_name = "COLUMN")]
    by: Vec<String>,
    /// Seed of the choice among groups.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Directory for train.jsonl and test.jsonl; made if it is not there.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// Marked files, or directories of them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The JSONL file to write; `-` is stdout.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Only the families of this split.
    #[arg(long, value_name = "SPLIT")]
    split: Option<SplitName>,
    /// Add the marked signals, with their spans.
    #[arg(long)]
    signals: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SplitName {
    Train,
    Test,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::Check(args) => run_check(args),
        Command::Split(args) => run_split(args),
        Command::Import(args) => run_import(args),
    }
}

fn run_check(args: &CheckArgs) -> anyhow::Result<Outcome> {
    let catalogue = Catalogue::embedded();
    let set = labelled::read(&args.paths, &catalogue)?;
    let postings: Vec<_> = set.items.iter().map(|i| &i.posting).collect();
    // Of a set that could not be read at all its faults are the news, not its columns.
    if !postings.is_empty() {
        expect_columns(&postings, &args.by)?;
    }
    let options = CheckOptions {
        by: columns(&postings, &args.by),
        seed: args.seed,
        artefacts: !args.no_artefacts,
        label_errors: args.label_errors > 0,
    };
    let report = check(&set, &catalogue, &options);
    let mut out = Vec::new();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        out.push(b'\n');
    } else if args.markdown {
        print_markdown(&report, &mut out)?;
    } else {
        print_text(&report, args.label_errors, &mut out)?;
    }
    print(&String::from_utf8(out)?)?;
    Ok(if args.strict && !report.findings.is_empty() { Outcome::Found } else { Outcome::Done })
}

fn run_split(args: &SplitArgs) -> anyhow::Result<Outcome> {
    let dir = &args.output;
    let mut names = Names::of_data(&args.files, &[]);
    let path = |side: Split| dir.join(format!("{}.jsonl", side.name()));
    for side in [Split::Train, Split::Test] {
        names.write_in("--output", &path(side))?;
    }
    let set = labelled::read(&args.files, &Catalogue::embedded())?;
    show_faults(&set.faults);
    if set.items.is_empty() {
        bail!("there is no posting to part");
    }
    let postings: Vec<_> = set.items.iter().map(|i| &i.posting).collect();
    let by = columns(&postings, &args.by);
    let (sides, groups) = split(&postings, &SplitOptions { test: args.test, by, seed: args.seed })?;
    make_directory(dir)?;
    for side in [Split::Train, Split::Test] {
        let of_side = postings.iter().zip(&sides).filter(|&(_, &s)| s == side);
        write_lines(
            &path(side),
            of_side.map(|(posting, _)| {
                let mut record = record(posting);
                record.insert("split".into(), side.name().into());
                Value::Object(record)
            }),
        )?;
    }
    let test = sides.iter().filter(|&&s| s == Split::Test).count();
    say(format_args!(
        "{} in {}: {} for training, {} ({:.1} %) for the test",
        counted(sides.len() as u64, "posting"),
        counted(groups as u64, "group"),
        grouped((sides.len() - test) as u64),
        grouped(test as u64),
        100.0 * test as f64 / sides.len() as f64
    ));
    Ok(Outcome::Done)
}

/// The columns of `--by`; `group` unless told, where there is one.
fn columns(postings: &[&Posting], by: &[String]) -> Vec<String> {
    if by.is_empty() && postings.iter().any(|p| column(p, "group").is_some()) {
        return vec!["group".to_owned()];
    }
    by.to_vec()
}

fn run_import(args: &ImportArgs) -> anyhow::Result<Outcome> {
    let mut names = Names::of_data(&args.paths, &[]);
    names.write_lines("--output", &args.output)?;
    let catalogue = Catalogue::embedded();
    let parsed = marked::read(&args.paths, &catalogue)?;
    let faults: Vec<String> = parsed.errors.iter().map(|e| e.to_string()).collect();
    show_faults(&faults);
    if !faults.is_empty() {
        bail!("faults in the marked files: {}; nothing was written", faults.len());
    }
    let wanted = args.split.map(|s| match s {
        SplitName::Train => Split::Train,
        SplitName::Test => Split::Test,
    });
    let chosen: Vec<_> = parsed.postings.iter().filter(|m| wanted.is_none_or(|w| w == m.split)).collect();
    write_lines(&args.output, chosen.iter().map(|m| Value::Object(m.record(&catalogue, args.signals))))?;
    say(format_args!("{} written", counted(chosen.len() as u64, "posting")));
    Ok(Outcome::Done)
}

fn show_faults(faults: &[String]) {
    for fault in faults.iter().take(FAULTS_SHOWN) {
        message(fault);
    }
    if faults.len() > FAULTS_SHOWN {
        message(format_args!("and {} more", faults.len() - FAULTS_SHOWN));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::path::Path;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        args: Args,
    }

    fn lurescan(args: &[&str]) -> anyhow::Result<Outcome> {
        run(&Program::try_parse_from(std::iter::once("lurescan").chain(args.iter().copied()))?.args)
    }

    fn lines(path: &Path) -> Vec<Value> {
        std::fs::read_to_string(path).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    const MARKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lures/marked");

    #[test]
    fn what_is_imported_can_be_checked_and_parted() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
        let (all, test, parts) = (path("all.jsonl"), path("test.jsonl"), path("parts"));
        assert_eq!(lurescan(&["import", MARKED, "--signals", "-o", &all]).unwrap(), Outcome::Done);
        assert_eq!(lurescan(&["import", MARKED, "--split", "test", "-o", &test]).unwrap(), Outcome::Done);
        let (all_lines, test_lines) = (lines(Path::new(&all)), lines(Path::new(&test)));
        assert!(
            test_lines.len() > 400 && test_lines.iter().all(|r| r["split"] == "test" && r.get("signals").is_none())
        );
        assert!(all_lines.iter().all(|r| r["signals"].is_array() && r["group"].is_string() && r["label"].is_number()));
        assert_eq!(lurescan(&["check", &all, "--no-artefacts", "--strict", "--json"]).unwrap(), Outcome::Done);
        let families = ["r1-a", "r1-b", "r1-c"].map(|name| format!("{MARKED}/{name}.txt"));
        let suspects = ["check", &families[0], &families[1], &families[2], "--no-artefacts", "--label-errors", "3"];
        assert_eq!(lurescan(&suspects).unwrap(), Outcome::Done);

        assert_eq!(lurescan(&["split", &all, "--by", "group", "--seed", "7", "-o", &parts]).unwrap(), Outcome::Done);
        let sides = ["train", "test"].map(|side| lines(&dir.path().join("parts").join(format!("{side}.jsonl"))));
        assert_eq!(sides[0].len() + sides[1].len(), all_lines.len());
        let share = sides[1].len() as f64 / all_lines.len() as f64;
        assert!((share - 0.35).abs() < 0.05, "{share}");
        let families =
            |rows: &[Value]| rows.iter().map(|r| r["group"].to_string()).collect::<std::collections::BTreeSet<_>>();
        assert!(families(&sides[0]).is_disjoint(&families(&sides[1])));
    }

    #[test]
    fn a_finding_is_found_only_when_strict_and_faults_stop_an_import() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("r1-a.txt");
        std::fs::write(&file, "=== en-r1-001\nlabel: 1\nlanguage: en\n---\nA kind is missing here.\n").unwrap();
        let (file, out) = (file.to_string_lossy().into_owned(), dir.path().join("out.jsonl"));
        assert_eq!(lurescan(&["check", &file]).unwrap(), Outcome::Done);
        assert_eq!(lurescan(&["check", &file, "--strict"]).unwrap(), Outcome::Found);
        let error = lurescan(&["import", &file, "-o", &out.to_string_lossy()]).unwrap_err().to_string();
        assert!(error.contains("files: 1;") && !out.exists(), "{error}");
        assert!(lurescan(&["check", "no-such-file.jsonl"]).unwrap_err().to_string().contains("no such file"));
        assert!(
            lurescan(&["split", &file, "-o", &out.to_string_lossy()]).unwrap_err().to_string().contains("no posting")
        );
    }
}
