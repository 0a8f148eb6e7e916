/*!
What commands share: the options of a model and of feeds, and messages on stderr.
*/

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::inputs::Inputs;
use crate::feed::{FeedOptions, InputFormat, TextEncoding};
use crate::model::artefact::Artefact;
use crate::score::{ScoreOptions, Scorer};
use crate::verdict::Action;

/// Which model scores, and from where on it acts.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    /// Directory of a model, instead of the model inside this binary.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
    /// A lexicon of your own, added to those inside this binary; a directory of lexicons takes their place.
    #[arg(long, value_name = "PATH")]
    lexicon: Vec<PathBuf>,
    /// The share of scams expected in the feed; shifts probabilities. They are calibrated at 0.05.
    #[arg(long, value_name = "P", value_parser = probability)]
    prior: Option<f64>,
    /// Probability from which on a posting goes to review, instead of the model's threshold.
    #[arg(long, value_name = "P", value_parser = probability)]
    review_at: Option<f64>,
    /// Probability from which on a posting goes to block, instead of the model's threshold.
    #[arg(long, value_name = "P", value_parser = probability)]
    block_at: Option<f64>,
}

impl ModelArgs {
    pub(crate) fn scorer(&self, explain: bool) -> anyhow::Result<Scorer> {
        if let (Some(review), Some(block)) = (self.review_at, self.block_at)
            && review > block
        {
            bail!("--review-at {review} is above --block-at {block}; review comes before block");
        }
        let options = ScoreOptions { prior: self.prior, review_at: self.review_at, block_at: self.block_at, explain };
        Ok(Scorer::new(load(self.model.as_deref())?, &self.lexicon, &options)?)
    }

    /// Lexicons, which are read.
    pub(crate) fn lexicons(&self) -> &[PathBuf] {
        &self.lexicon
    }

    /// What tells the model from another: the checksum of its manifest, which holds those of its files.
    pub(crate) fn checksum(&self) -> anyhow::Result<String> {
        Ok(load(self.model.as_deref())?.manifest.checksum)
    }

    /// Says so when the lexicon is not the one that the model was trained with.
    pub(crate) fn lexicon_warning(&self, scorer: &Scorer) -> Option<String> {
        let lexicon = match self.lexicon.as_slice() {
            [] => "the lexicon inside this binary".to_owned(),
            paths => {
                let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
                format!("the lexicon with {}", names.join(" and "))
            }
        };
        let name = scorer.model_name();
        (!scorer.lexicon_matches()).then(|| {
            format!("{lexicon} is not the one that the model was trained with; its calibration no longer holds, and verdicts name it {name}")
        })
    }
}

/// The model of a directory, or the one inside this binary.
pub(crate) fn load(dir: Option<&Path>) -> anyhow::Result<Artefact> {
    Ok(match dir {
        Some(dir) => Artefact::load(dir)?,
        None => Artefact::embedded()?,
    })
}

/// The model that is named: a directory, or `default` for the one inside this binary.
pub(crate) fn named_model(name: &Path) -> anyhow::Result<Artefact> {
    load((name.as_os_str() != "default").then_some(name))
}

/// How feeds are read.
#[derive(Debug, clap::Args)]
pub(crate) struct FeedArgs {
    /// Format of the input; auto tells it by name and content.
    #[arg(long, value_name = "FORMAT", default_value = "auto", value_parser = input_format())]
    pub(crate) input_format: InputFormat,
    /// Encoding of the text, as gb18030 or windows-1252; told by the content unless given.
    #[arg(long, value_name = "NAME")]
    encoding: Option<TextEncoding>,
    /// Longest record that is read; a longer one is a reject. K, M and G stand for powers of 1024.
    #[arg(long, value_name = "N", value_parser = bytes, default_value = "16M")]
    max_record_bytes: usize,
    /// Most values of a record, of JSON, elements of XML or columns of a table; one with more is a reject.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), default_value = "100000")]
    max_values: u32,
    /// How many times larger than it was a compressed file may become, beyond its first 64 MiB.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), default_value = "1000")]
    max_decompression_ratio: u64,
}

impl FeedArgs {
    pub(crate) fn options(&self) -> FeedOptions {
        let mut options = FeedOptions { format: self.input_format, encoding: self.encoding, ..FeedOptions::default() };
        options.limits.record_bytes = self.max_record_bytes;
        options.limits.values = self.max_values as usize;
        options.limits.decompression_ratio = self.max_decompression_ratio;
        options
    }
}

fn input_format() -> impl TypedValueParser<Value = InputFormat> {
    let values = InputFormat::ALL.map(|format| {
        let aliases: &[&str] = match format {
            InputFormat::Jsonl => &["ndjson"],
            InputFormat::Csv => &["tsv"],
            InputFormat::Html => &["htm"],
            InputFormat::Text => &["txt"],
            InputFormat::Xml => &["rss", "atom"],
            _ => &[],
        };
        PossibleValue::new(format.name()).aliases(aliases.iter().copied())
    });
    PossibleValuesParser::new(values).try_map(|name| name.parse::<InputFormat>())
}

/// Parses the name of an action.
pub(crate) fn action() -> impl TypedValueParser<Value = Action> {
    PossibleValuesParser::new(Action::ALL.map(Action::name))
        .map(|name| Action::ALL.into_iter().find(|action| action.name() == name).unwrap_or(Action::Review))
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if p > 0.0 && p < 1.0 => Ok(p),
        _ => Err("a probability lies between 0 and 1, both excluded".to_owned()),
    }
}

/// Parses a number of bytes.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let number = text.trim_end_matches(['B', 'b']).trim_end_matches('i');
    let (digits, shift) = match number.char_indices().last() {
        Some((at, 'k' | 'K')) => (&number[..at], 10),
        Some((at, 'm' | 'M')) => (&number[..at], 20),
        Some((at, 'g' | 'G')) => (&number[..at], 30),
        _ => (number, 0),
    };
    let bytes = digits.trim().parse::<usize>().ok().and_then(|n| n.checked_mul(1 << shift));
    bytes.filter(|n| (1..=1 << 32).contains(n)).ok_or_else(|| "a number of bytes lies between 1 and 4G".to_owned())
}

/// Text on stderr. It may be closed or full, and that is no reason to fail.
pub(crate) fn say(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// One line on stderr.
pub(crate) fn message(text: impl Display) {
    say(format_args!("lurescan: {text}"));
}

/// Tells the steps of long work on stderr, each with the time since the first.
pub(crate) fn steps() -> impl Fn(&str) + Copy {
    let started = Instant::now();
    move |what| say(format_args!("[{:6.1} s] {what}", started.elapsed().as_secs_f64()))
}

/// A warning on stderr.
pub(crate) fn warn(text: impl Display) {
    message(format_args!("warning: {text}"));
}

/// Refuses what cannot be read before anything is written.
pub(crate) fn check_readable(path: &Path) -> anyhow::Result<()> {
    if path.as_os_str() == "-" {
        return Ok(());
    }
    let metadata = std::fs::metadata(path).with_context(|| format!("{}: cannot be opened", path.display()))?;
    if metadata.is_dir() {
        bail!("{}: is a directory; name the files in it", path.display());
    }
    Ok(())
}

/// The feeds to read: stdin when none is named and it is no terminal; `instead` says what else can be done. Files that
/// directories hold besides are told unless `quiet`.
pub(crate) fn feeds(named: &[PathBuf], options: &FeedOptions, quiet: bool, instead: &str) -> anyhow::Result<Inputs> {
    let mut files = named.to_vec();
    if files.is_empty() {
        if std::io::stdin().is_terminal() {
            bail!("nothing to read: name a FILE, pipe a feed to stdin, or {instead}");
        }
        files.push("-".into());
    }
    if files.iter().filter(|file| file.as_os_str() == "-").count() > 1 {
        bail!("stdin (`-`) is named more than once, and can be read only once");
    }
    let inputs = Inputs::find(&files, options)?;
    inputs.files.iter().try_for_each(|file| check_readable(file))?;
    if !quiet {
        inputs.warn_of_skipped();
    }
    Ok(inputs)
}

/// The most threads that make sense to ask for; help texts say it.
const MOST_THREADS: usize = 1024;

/// How many threads work.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct ThreadArgs {
    /// Threads, at most 1,024; 0 is one a core. The output is the same.
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
}

impl ThreadArgs {
    pub(crate) fn count(self) -> anyhow::Result<NonZeroUsize> {
        let asked = self.threads;
        if asked > MOST_THREADS {
            bail!("--threads {asked} is more than the limit of {MOST_THREADS}; 0 is one a core");
        }
        let cores = || std::thread::available_parallelism().ok();
        Ok(NonZeroUsize::new(asked).or_else(cores).unwrap_or(NonZeroUsize::MIN))
    }

    /// For work that is shared out by rayon: how many threads it has in this process.
    pub(crate) fn share(self) -> anyhow::Result<()> {
        let threads = self.count()?;
        if self.threads > 0 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get());
            pool.build_global().context("no threads can be started")?;
        }
        Ok(())
    }
}

/// A number with commas between its thousands.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with the word for what is counted: `1 record`, `2 records`.
pub(crate) fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), by_number(n, "", "s"))
}

/// What agrees with a number in its grammar.
pub(crate) fn by_number<'a>(n: u64, one: &'a str, more: &'a str) -> &'a str {
    if n == 1 { one } else { more }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_bytes() {
        assert_eq!(bytes("100"), Ok(100));
        assert_eq!(bytes("16M"), Ok(16 << 20));
        assert_eq!(bytes("2 KiB"), Ok(2048));
        assert_eq!(bytes("1g"), Ok(1 << 30));
        for wrong in ["", "0", "M", "-1", "1.5M", "99999999999G", "5G"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn probabilities_exclude_their_ends() {
        assert_eq!(probability("0.5"), Ok(0.5));
        for wrong in ["0", "1", "NaN", "-1", "x", ""] {
            assert!(probability(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([1, 2].map(|n| counted(n, "reject")), ["1 reject", "2 rejects"]);
    }
}
