//! `lurescan train`: labelled postings in, a model directory out.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::Outcome;
use super::common::{ThreadArgs, counted, grouped, named_model, say, steps, warn};
use super::names::Names;
use super::output::print;
use super::privacy::told;
use super::terminal::one_line;
use crate::entities::reading::Reader;
use crate::eval::compare::{by_domain, signed};
use crate::model::artefact::{Artefact, FILES};
use crate::model::text_stage::CAPACITY;
use crate::score::{ScoreOptions, Scorer};
use crate::signals::Extractor;
use crate::text::tokenizer::Tokenizer;
use crate::train::adapt::{AdaptParams, adapt};
use crate::train::corpus::{Corpus, CorpusOptions, SetAside};
use crate::train::marked::Split;
use crate::train::pipeline::{Params, Protocol};
use crate::train::{self, Trained, against};

/// The page of figures that a model is written with.
const REPORT: &str = "report.html";

/// Trains a model from labelled postings, with nested figures by grouped folds.
///
/// DATA is any feed with a label column (`label`, `fraudulent`; 0 or 1), or a directory of marked postings such as
/// datasets/lures/marked. The same data, parameters and seed give the same bytes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Labelled feeds and directories of marked postings.
    #[arg(required_unless_present = "labels", value_name = "DATA")]
    data: Vec<PathBuf>,
    /// The directory to write the model to.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// The model's name, which every verdict carries.
    #[arg(long, default_value = "custom-1")]
    name: String,
    /// Moves a model instead of making one, for few labels: `default` for the model that ships, or a model directory.
    ///
    /// The weights are pulled towards that model's instead of zero. How far they move is chosen by grouped
    /// cross-validation on DATA; where no gain can be shown, they stay. Calibration and thresholds are set anew only from
    /// enough labels (100 of each for the calibration; 300 honest postings for `review`, 2,000 for `block`).
    /// The options of the two stages' fits do not apply, but for --only.
    #[arg(long, value_name = "MODEL")]
    from: Option<PathBuf>,
    /// The model in use, which the new one is compared with at the end: `default` for the one that ships, a model
    /// directory, or `none`.
    ///
    /// The new model's scores are those that its rows got from models fitted without them. The comparison is printed on
    /// standard error, and changes nothing in the model.
    #[arg(long, value_name = "MODEL", default_value = "default")]
    against: PathBuf,
    #[command(flatten)]
    fit: FitArgs,
    #[command(flatten)]
    threads: ThreadArgs,
}

/// What training and nested evaluation have in common.
#[derive(Debug, clap::Args)]
pub struct FitArgs {
    /// Seed of folds, order and resampling.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Folds, of which figures leave one out and the fits beneath them two.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(3..=20))]
    pub folds: u8,
    /// What folds keep together.
    #[arg(long, value_enum, default_value_t = ProtocolArg::Grouped)]
    pub protocol: ProtocolArg,
    /// Families of the marked corpus to read [default: train].
    #[arg(long, value_enum)]
    pub split: Option<SplitArg>,
    /// A label store of `lurescan review`: its labelled postings are a data set of their own.
    #[arg(long, value_name = "STORE")]
    pub labels: Vec<PathBuf>,
    /// The column that weighs rows [default: weight, prior_weight or sample_weight, where there is one].
    #[arg(long, value_name = "COLUMN")]
    pub weight_column: Option<String>,
    /// A column whose value names a group that folds keep together, beside the known ones.
    #[arg(long, value_name = "COLUMN")]
    pub group_column: Option<String>,
    /// Blanks a field in every posting first.
    #[arg(long, value_name = "FIELD", value_parser = super::field)]
    pub blank: Vec<crate::posting::Field>,
    /// A lexicon of your own, added to those that ship; a directory of lexicons takes their place.
    #[arg(long, value_name = "PATH")]
    pub lexicon: Vec<PathBuf>,
    /// Inverse regularisation of the text stage.
    #[arg(long, default_value_t = Params::default().text.c)]
    pub c: f64,
    /// L2 penalty of the verdict stage.
    #[arg(long, default_value_t = Params::default().verdict.alpha)]
    pub alpha: f64,
    /// Weighs rows by one over the size of their campaign to this power.
    #[arg(long, default_value_t = Params::default().text.campaign_power)]
    pub campaign_power: f64,
    /// The share of scams that the text stage weighs every domain and language to.
    #[arg(long, default_value_t = Params::default().text.prior)]
    pub text_prior: f64,
    /// The share of a posting's weight that its copy without company profile and benefits trains with.
    #[arg(long, default_value_t = Params::default().text.bare_share)]
    pub bare_share: f64,
    /// The share of a scam's weight that its copy with an honest posting's text appended trains with.
    #[arg(long, default_value_t = Params::default().text.padded_share)]
    pub padded_share: f64,
    /// The share of a marked posting's weight that its passages train with; of a scam those that are marked with what scams say.
    #[arg(long, default_value_t = Params::default().text.passages_share)]
    pub passages_share: f64,
    /// How much of a fit on the marked families alone the text stage adds to that on all rows, where there are both.
    #[arg(long, default_value_t = Params::default().text.lures_share)]
    pub lures_share: f64,
    /// Inverse regularisation of that fit.
    #[arg(long, default_value_t = Params::default().text.lures_c)]
    pub lures_c: f64,
    /// N-grams kept, by absolute weight; the table of a model takes 470,000, and what is left free is for `--from`.
    #[arg(long, default_value_t = Params::default().text.keep)]
    pub ngrams: usize,
    /// Leaves the text logit out of the verdict, or all but it.
    #[arg(long, value_enum)]
    pub only: Option<Stage>,
}

/// See [`Protocol`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ProtocolArg {
    /// Near-duplicates, employers, author families, writers and group columns.
    Grouped,
    /// Near-duplicates and employers.
    Employer,
    /// Near-duplicates, author families and group columns.
    AuthorFamily,
    /// Near-duplicates only.
    NearDuplicate,
    /// Nothing: for comparison with papers.
    Random,
}

/// Which families of a marked corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SplitArg {
    /// Those that train.
    Train,
    /// Those that measure.
    Test,
    /// All of them.
    All,
}

/// A part of the model, for ablation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The text logit alone.
    Text,
    /// Signals and composites alone.
    Signals,
}

impl FitArgs {
    /// How to read the corpus; classifiers of signals are fitted on what is marked in it unless those of the extractor are
    /// to be kept.
    pub fn corpus(&self, keep_classifiers: bool) -> anyhow::Result<CorpusOptions> {
        let labelled = |path: &PathBuf| Ok((path.clone(), super::labels::labelled(path)?));
        Ok(CorpusOptions {
            labelled: self.labels.iter().map(labelled).collect::<anyhow::Result<_>>()?,
            split: match self.split {
                None | Some(SplitArg::Train) => Some(Split::Train),
                Some(SplitArg::Test) => Some(Split::Test),
                Some(SplitArg::All) => None,
            },
            weight_column: self.weight_column.clone(),
            group_column: self.group_column.clone(),
            blank: self.blank.clone(),
            keep_classifiers,
            seed: self.seed,
            tell: Some(tell),
            ..CorpusOptions::default()
        })
    }

    /// The parameters of fitting.
    pub fn params(&self) -> anyhow::Result<Params> {
        let mut params = Params::default();
        for (option, value) in [("--c", self.c), ("--lures-c", self.lures_c), ("--alpha", self.alpha)] {
            if !(value.is_finite() && value > 0.0) {
                bail!("{option} {value} is not a positive, finite number");
            }
        }
        if !(self.lures_share.is_finite() && self.lures_share >= 0.0) {
            bail!("--lures-share {} is not a finite number of 0 or more", self.lures_share);
        }
        for (option, value) in [
            ("--text-prior", self.text_prior),
            ("--bare-share", self.bare_share),
            ("--padded-share", self.padded_share),
            ("--passages-share", self.passages_share),
        ] {
            if !(0.0..1.0).contains(&value) {
                bail!("{option} {value} is not between 0 and 1");
            }
        }
        if !(1..=CAPACITY).contains(&self.ngrams) {
            bail!("--ngrams {} is not between 1 and {CAPACITY}, which the table of a model takes", self.ngrams);
        }
        params.text.c = self.c;
        params.text.campaign_power = self.campaign_power;
        params.text.prior = self.text_prior;
        params.text.keep = self.ngrams;
        params.text.bare_share = self.bare_share;
        params.text.padded_share = self.padded_share;
        params.text.passages_share = self.passages_share;
        params.text.lures_share = self.lures_share;
        params.text.lures_c = self.lures_c;
        params.verdict.alpha = self.alpha;
        params.verdict.without_text = self.only == Some(Stage::Signals);
        params.verdict.without_signals = self.only == Some(Stage::Text);
        params.folds = self.folds as usize;
        params.protocol = match self.protocol {
            ProtocolArg::Grouped => Protocol::Grouped,
            ProtocolArg::Employer => Protocol::Employer,
            ProtocolArg::AuthorFamily => Protocol::AuthorFamily,
            ProtocolArg::NearDuplicate => Protocol::NearDuplicate,
            ProtocolArg::Random => Protocol::Random,
        };
        Ok(params)
    }

    /// How to adapt.
    pub fn adapting(&self, params: &Params) -> AdaptParams {
        AdaptParams {
            folds: params.folds,
            protocol: params.protocol,
            text: self.only != Some(Stage::Signals),
            signals: self.only != Some(Stage::Text),
        }
    }

    /// Reader and extractor of a base model; with the lexicons asked for, where there are any.
    pub fn readers_of(&self, base: &Artefact) -> anyhow::Result<(Reader, Extractor)> {
        let reader = Reader::new(Tokenizer::from_json(&base.tokenizer)?);
        let extractor = Extractor::of_model(base.lexicon.clone(), &reader, &self.lexicon)?;
        Ok((reader, extractor))
    }

    /// The extractor with the lexicons asked for, and the classifiers of the model that ships.
    pub fn extractor(&self, reader: &Reader) -> anyhow::Result<Extractor> {
        let phrases = Extractor::with_lexicons(reader, &self.lexicon)?;
        // A model that ships and was compiled by another version is about to be trained anew.
        let shipped = Artefact::embedded().ok().and_then(|model| Extractor::from_compiled(model.lexicon).ok());
        Ok(phrases.with_classifiers(shipped.map(|e| e.classifiers().clone()).unwrap_or_default()))
    }
}

/// Says on stderr what of a feed gives no row.
fn tell(what: SetAside) {
    match what {
        SetAside::Reject(reject) => warn(told(reject)),
        SetAside::All { path, records, rejects, unlabelled } => warn(format_args!(
            "{}: {} of {} set aside: {}, {} without a label",
            path.display(),
            grouped((rejects + unlabelled) as u64),
            counted(records as u64, "record"),
            counted(rejects as u64, "reject"),
            grouped(unlabelled as u64)
        )),
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    args.check_names()?;
    args.threads.share()?;
    let step = steps();
    let params = args.fit.params()?;
    let base = args.from.as_deref().map(named_model).transpose()?;
    // Read before the work begins, so that a wrong name does not cost a training.
    let against = (args.against.as_os_str() != "none").then(|| named_model(&args.against)).transpose()?;
    let (reader, extractor) = match &base {
        Some(base) => args.fit.readers_of(base)?,
        None => {
            let reader = train::reader();
            let extractor = args.fit.extractor(&reader)?;
            (reader, extractor)
        }
    };
    step("reading");
    let corpus = Corpus::load(&args.data, &args.fit.corpus(base.is_some())?, &reader, &extractor)?;
    let scams = corpus.rows.iter().filter(|r| r.label).count();
    let [postings, n_grams] = [corpus.rows.len(), corpus.vocabulary.len()].map(|n| n as u64);
    step(&format!(
        "{}, {}, {}",
        counted(postings, "posting"),
        counted(scams as u64, "scam"),
        counted(n_grams, "n-gram")
    ));
    if base.is_none() && (scams == 0 || scams == corpus.rows.len()) {
        bail!("every one of {} has the same label; both labels are needed", counted(postings, "posting"));
    }
    let seed = args.fit.seed;
    let Trained { mut model, logits, report } = match &base {
        Some(base) => {
            let adapting = args.fit.adapting(&params);
            adapt(&corpus, base, (&reader, &extractor), &adapting, &args.name, seed, step)?
        }
        None => train::train(&corpus, &reader, &extractor, &params, &args.name, seed, step)?,
    };
    model.save(&args.out)?;
    let page = args.out.join(REPORT);
    match report {
        Some(report) => super::report::save(&report, Some(&model), &page)?,
        // The page of a model that lay there before would be taken for this one's.
        None if page.is_file() => {
            std::fs::remove_file(&page).with_context(|| format!("{}: cannot be removed", page.display()))?;
        }
        None => {}
    }
    step(&format!("wrote {}", args.out.display()));
    if let Some(other) = against {
        let scorer = Scorer::new(other.clone(), &args.fit.lexicon, &ScoreOptions::default())?;
        step(&format!("scoring with {}", scorer.model_name()));
        say(compare(&corpus, &model, &logits, base.as_ref(), &other, &scorer, seed).trim_end());
    }
    print(&format!("{}\n", serde_json::to_string_pretty(&model.manifest.training)?))?;
    Ok(Outcome::Done)
}

impl Args {
    /// Refuses a directory in which a file of the model would take the place of what is read.
    fn check_names(&self) -> anyhow::Result<()> {
        let out = self.out.display();
        if self.out.exists() && !self.out.is_dir() {
            bail!("--out {out}: is a file, and a model is a directory of files; name another");
        }
        let mut names = Names::of_data(&self.data, &self.fit.labels);
        names.read("--lexicon", &self.fit.lexicon);
        FILES.iter().chain(&[REPORT]).try_for_each(|file| names.write_in("--out", &self.out.join(file)))
    }
}

/// Whether the new model is better than the one in use, in a few lines.
fn compare(
    corpus: &Corpus,
    model: &Artefact,
    logits: &[f64],
    base: Option<&Artefact>,
    other: &Artefact,
    scorer: &Scorer,
    seed: u64,
) -> String {
    let (name, in_use) = (&model.manifest.name, scorer.model_name());
    let pairs = against::pairs(corpus, &model.manifest, logits, scorer);
    let findings = by_domain(&pairs, &corpus.domains, train::REPLICATES, seed);
    let mut out =
        format!("\n{name}, out of fold, against {in_use}, the model in use; differences are {name} less {in_use}\n");
    // Of a single domain, all together say the same again.
    let shown = if corpus.domains.len() == 1 { 1 } else { findings.len() };
    for (domain, found) in findings.iter().take(shown) {
        let (postings, scams) = (counted(found.postings as u64, "posting"), counted(found.scams as u64, "scam"));
        let _ = writeln!(out, "  {}: {postings}, {scams}", one_line(domain));
        for figure in &found.figures {
            let (what, now, was) = (figure.figure, figure.model, figure.other);
            let _ = writeln!(out, "    {what:<20} {now:6.3}  was {was:6.3}  {}", signed(&figure.difference));
        }
    }
    let known = against::seen(corpus, &other.manifest);
    let base_knows = base.is_some_and(|base| !against::seen(corpus, &base.manifest).is_empty());
    if !known.is_empty() {
        let list = one_line(&known.join(", "));
        let _ = match base_knows {
            false => writeln!(
                out,
                "{in_use} was trained on rows of {list}, so its scores there are optimistic: the comparison bounds {name} \
                 from below only, and \"worse\" may come from that alone. Compare on data that neither has seen, with \
                 lurescan eval --compare"
            ),
            true => writeln!(
                out,
                "{in_use} was trained on rows of {list}, and so was the base of {name}: the scores of both are optimistic, \
                 and the comparison says little. Compare on data that neither has seen, with lurescan eval --compare"
            ),
        };
    } else if base_knows {
        let _ = writeln!(out, "the base of {name} was trained on rows of this data: its scores are optimistic");
    } else {
        let _ = writeln!(
            out,
            "by checksum, {in_use} was trained on none of these files; a part or a copy of what it knows is not noticed"
        );
    }
    let line: Vec<String> =
        findings.iter().map(|(domain, found)| format!("{} {}", one_line(domain), found.sentence())).collect();
    if line.is_empty() {
        let _ = writeln!(out, "{name}: nothing to compare on, for want of honest postings that weigh anything");
    } else {
        let _ = writeln!(out, "{name}: {}", line.join("; "));
    }
    out
}
