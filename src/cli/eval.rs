//! `lurescan eval`: how good a model is on labelled postings, with intervals.

mod compare;
mod learning_curve;
mod page;
mod parts;
mod perturb;
mod scores;
mod signals;
mod text_stage;

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::builder::RangedU64ValueParser;
use clap::{Arg, ArgGroup};
use rayon::prelude::*;

use super::Outcome;
use super::common::{ThreadArgs, counted, load};
use super::model::behind_thresholds;
use super::names::Names;
use super::output::print;
use super::terminal::one_line;
use super::train::FitArgs;
use crate::eval::perturb::Perturbation;
use crate::model::artefact::Artefact;
use crate::score::{PRIOR, ScoreOptions, Scorer};
use crate::train::corpus::{Corpus, is_marked};
use crate::train::pipeline::{Protocol, nested};
use crate::train::report::{self, Origin, Report};
use crate::train::slices::By;
use crate::train::{self, against, thresholds};
use page::{as_json, page};
use parts::{Judged, Parts};

/// Measures a model on labelled postings: average precision, ROC AUC, F1, recall at fixed false positive rates, Brier,
/// calibration, each with a bootstrap interval over groups.
///
/// With --nested no model is read: everything is refitted inside each outer training part of the data, which is the
/// figure to believe about data that a model was trained on.
#[derive(Debug, clap::Args)]
#[command(
    group(ArgGroup::new("refitting").args(["nested", "learning_curve"]).multiple(true)),
    group(ArgGroup::new("fitting").args(["nested", "learning_curve", "text_stage"]).multiple(true)),
    mut_args(needs)
)]
pub struct Args {
    /// Labelled feeds and directories of marked postings.
    #[arg(required_unless_present = "labels", value_name = "DATA")]
    data: Vec<PathBuf>,
    /// A model directory instead of the model that ships.
    #[arg(long, value_name = "DIR", conflicts_with = "nested")]
    model: Option<PathBuf>,
    /// Compares with this model, a directory or `default` for the one that ships: paired differences, slices, postings
    /// whose action changes, and whether it is better.
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["nested", "signals"])]
    compare: Option<PathBuf>,
    /// With --compare: prints this many of the postings whose action changes; JSON has all.
    #[arg(long, value_name = "N", default_value_t = 20, requires = "compare")]
    flips: usize,
    /// Nested cross-validation instead of a model.
    #[arg(long)]
    nested: bool,
    /// Repetitions of the nested evaluation, the learning curve or the comparison of text stages, with seeds counted up
    /// from --seed.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    repeats: u16,
    /// With --nested: writes the rows to this file too, a JSON object a line: the posting as it was read, and under
    /// `evaluation` its domain, weight, group, campaign and stratum, and for each repetition the fold it was held out in
    /// and its logit out of fold. Another program can then be fitted and measured on the same folds.
    #[arg(long, value_name = "FILE", requires = "nested")]
    scores: Option<PathBuf>,
    /// Bootstrap replicates.
    #[arg(long, default_value_t = 1000, value_parser = RangedU64ValueParser::<usize>::new().range(1..), conflicts_with_all = ["signals", "learning_curve", "perturb", "text_stage"])]
    replicates: usize,
    /// Measures how well signals are read instead, on marked postings, by the phrases and classifiers of the model; with
    /// --lexicon by the phrases there and its classifiers.
    #[arg(long, conflicts_with = "nested")]
    signals: bool,
    /// With --signals: prints every place where extractor and marks differ, of this signal or of `all`.
    #[arg(long, value_name = "SIGNAL", requires = "signals")]
    errors: Option<String>,
    /// With --signals: for every phrase of the lexicons that raises a signal, in how many postings it showed and in how many
    /// rightly, with the file and line where it stands.
    #[arg(long, requires = "signals", conflicts_with_all = ["errors", "json"])]
    phrases: bool,
    /// With --signals: postings of this language only.
    #[arg(long, value_name = "TAG", requires = "signals")]
    language: Option<String>,
    /// Writes a report to this file as well: curves, calibration, slices, thresholds, as one page of HTML.
    #[arg(long, value_name = "FILE", conflicts_with = "signals")]
    report: Option<PathBuf>,
    /// Measures what so many labels of DATA bring instead: from a base model, from scratch, and the base alone.
    #[arg(long, value_name = "N,N...", value_delimiter = ',', conflicts_with_all = ["nested", "model", "signals", "compare", "report"])]
    learning_curve: Vec<usize>,
    /// With --learning-curve: the base, `default` or a model directory.
    #[arg(long, value_name = "MODEL", default_value = "default", requires = "learning_curve")]
    from: PathBuf,
    /// Measures what disguises and padding cost a model instead, all or those named: recall, honest flagged, ROC AUC and
    /// logits before and after.
    #[arg(long, value_name = "NAME,NAME...", value_delimiter = ',', num_args = 0.., require_equals = true, value_parser = perturb::parse, conflicts_with_all = ["nested", "signals", "compare", "report", "learning_curve", "by", "calibration"])]
    perturb: Option<Vec<Perturbation>>,
    /// Compares designs of the text stage instead, as a Markdown table: the one that `train` fits and, each by itself,
    /// other units and orders, row weights, copies, regularisation, normalisation, selection and rounding, under every
    /// kind of fold.
    #[arg(long, conflicts_with_all = ["nested", "model", "signals", "compare", "report", "learning_curve", "perturb", "by", "calibration"])]
    text_stage: bool,
    /// Figures of slices as well: by language, kind, function or length.
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = parts::by, conflicts_with_all = ["signals", "compare", "learning_curve"])]
    by: Vec<By>,
    /// Whether probabilities mean what they say: a reliability table and the expected calibration error of each domain,
    /// with `--by language` of each language too.
    #[arg(long, conflicts_with_all = ["signals", "compare", "learning_curve"])]
    calibration: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    fit: FitArgs,
}

/// Refuses options that would do nothing: [`FitArgs`] are those of `train`, and a model that is measured as it is has
/// been fitted.
fn needs(arg: Arg) -> Arg {
    match arg.get_id().as_str() {
        "protocol" | "alpha" | "only" => arg.requires("refitting"),
        "repeats" | "folds" | "c" | "campaign_power" | "text_prior" | "bare_share" | "padded_share"
        | "passages_share" | "lures_share" | "lures_c" | "ngrams" => arg.requires("fitting"),
        "seed" | "labels" | "weight_column" | "group_column" | "blank" => arg.conflicts_with("signals"),
        _ => arg,
    }
}

impl Args {
    /// Refuses a split where nothing that is read has one.
    fn check_split(&self) -> anyhow::Result<()> {
        if self.fit.split.is_some() && !self.signals && !self.data.iter().any(|path| is_marked(path)) {
            bail!(
                "--split: only marked postings have splits, and DATA names no directory of them and no .txt file; leave \
                 --split out"
            );
        }
        Ok(())
    }

    /// Refuses files to write that would take the place of what is read, or of one another.
    fn check_names(&self) -> anyhow::Result<()> {
        let mut names = Names::of_data(&self.data, &self.fit.labels);
        names.read("--lexicon", &self.fit.lexicon);
        self.scores.as_deref().map_or(Ok(()), |path| names.write_lines("--scores", path))?;
        self.report.as_deref().map_or(Ok(()), |path| names.write("--report", path))
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    args.check_names()?;
    args.check_split()?;
    args.threads.share()?;
    let params = args.fit.params()?;
    let reader = train::reader();
    if args.signals {
        return signals::run(args);
    }
    let extractor = args.fit.extractor(&reader)?;
    if !args.learning_curve.is_empty() {
        return learning_curve::run(args, &params);
    }
    if args.text_stage {
        return text_stage::run(args, &params, &reader, &extractor);
    }
    let corpus = Corpus::load(&args.data, &args.fit.corpus(!args.nested)?, &reader, &extractor)?;
    if let Some(other) = &args.compare {
        return compare::run(args, other, &corpus, &reader);
    }
    if let Some(wanted) = &args.perturb {
        return perturb::run(args, wanted, &corpus);
    }
    let mut runs = Vec::new();
    let first_logits;
    let (mut model, mut origin) = (None, Origin::default());
    let mut behind = String::new();
    let source;
    if args.nested {
        source = format!(
            "nested, {} folds, {}, folds keep together: {}",
            params.folds,
            counted(args.repeats.into(), "repeat"),
            params.protocol.name()
        );
        let mut repeats = Vec::new();
        for repeat in 0..args.repeats as u64 {
            let seed = args.fit.seed + repeat;
            let logits = nested(&corpus, &extractor, &params, seed)?;
            runs.push(train::figures(&corpus, &logits, params.protocol, args.replicates, seed));
            repeats.push(scores::Repeat { seed, logits });
        }
        if let Some(path) = &args.scores {
            scores::write(path, &corpus, &params, &repeats)?;
        }
        first_logits = repeats.into_iter().next().map(|r| r.logits).unwrap_or_default();
        origin.name = "nested evaluation".to_owned();
        origin.source = train::nested_source(&params);
        origin.parameters = params.describe(args.fit.seed);
    } else {
        let artefact = load(args.model.as_deref())?;
        let scorer = Scorer::new(artefact.clone(), &args.fit.lexicon, &ScoreOptions::default())?;
        source = format!("model {}", scorer.model_name());
        let logits: Vec<f64> = corpus.rows.par_iter().map(|row| scorer.logit(&row.posting)).collect();
        runs.push(train::figures(&corpus, &logits, Protocol::Grouped, args.replicates, args.fit.seed));
        origin = report_of(&scorer, &artefact);
        behind = format!("\n{}", behind_thresholds(&artefact.manifest));
        for data in against::seen(&corpus, &artefact.manifest) {
            let _ = writeln!(
                behind,
                "trained on rows of {}: its figures there are optimistic; --nested is not",
                one_line(&data)
            );
        }
        first_logits = logits;
        model = Some(artefact);
    }
    if let Some(path) = &args.report {
        let report = Report::new(&corpus, &first_logits, &runs, origin)?;
        super::report::save(&report, model.as_ref(), path)?;
    }
    let review = match &model {
        Some(artefact) => Some(artefact.manifest.review),
        None => thresholds::review(&corpus, &first_logits).map(|t| t.logit),
    };
    let prior = model.as_ref().map_or(PRIOR, |artefact| artefact.manifest.prior);
    let parts = Parts::of(args, &corpus, &reader, Judged { logits: &first_logits, review, prior });
    print(&match args.json {
        true => {
            let mut json = as_json(&source, &corpus, &runs);
            if let Some(artefact) = &model {
                json["thresholds"] = artefact.manifest.training["thresholds"].clone();
            }
            parts.add_to(&mut json);
            format!("{}\n", serde_json::to_string_pretty(&json)?)
        }
        false => page(&source, &corpus, &runs) + &behind + &parts.page(),
    })?;
    Ok(Outcome::Done)
}

/// What a report says about the model that was measured.
fn report_of(scorer: &Scorer, artefact: &Artefact) -> Origin {
    let training = &artefact.manifest.training;
    Origin {
        name: scorer.model_name().to_owned(),
        source: format!(
            "The model {} on the data named below. Where it was trained on them, the figures flatter it: believe nested ones.",
            scorer.model_name()
        ),
        thresholds: Some(scorer.thresholds()),
        behind: report::behind(training),
        parameters: train::parameters(training),
    }
}
