/*!
`lurescan explain`: one posting, its evidence marked in place, and the sum that makes its verdict; for a terminal, as a
page, or as JSON.
*/

mod bars;
mod html;
mod marked;
pub(super) mod marks;
mod pieces;
mod reasons;

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};

use super::Outcome;
use super::common::{FeedArgs, ModelArgs, check_readable, counted, warn};
use super::names::Names;
use super::output::{Output, print};
use super::privacy::{RedactArgs, told};
use super::table::percent;
use super::terminal::{Color, DIM, HEADING, Look, clip, of_action, one_line, wrap};
use crate::eval::metrics::sigmoid;
use crate::feed::{Feed, Record};
use crate::posting::{Field, Posting};
use crate::score::Scorer;
use crate::score::counterfactual::ForClear;
use crate::signals::catalogue::Catalogue;
use crate::signals::composites::Composite;
use crate::verdict::{Action, Verdict};

/// Explain the verdict on one posting: its evidence in place, and what each part adds to the logit.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A feed, of which the first posting is explained; `-` for stdin; or the text of a posting itself.
    #[arg(value_name = "FILE|TEXT")]
    input: Option<String>,
    /// Explain the posting with this id.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Explain this text, even if a file has its name.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["input", "id"], allow_hyphen_values = true)]
    text: Option<String>,
    /// Print the verdict with its explanation as JSON.
    #[arg(long)]
    json: bool,
    /// Make a page of HTML that needs nothing else: no script, no network.
    #[arg(long, conflicts_with = "json")]
    html: bool,
    /// Write to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    feed: FeedArgs,
    #[command(flatten)]
    privacy: RedactArgs,
    #[command(flatten)]
    model: ModelArgs,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    args.check_names()?;
    let posting = args.posting()?;
    let scorer = args.model.scorer(true)?;
    if let Some(warning) = args.model.lexicon_warning(&scorer) {
        warn(warning);
    }
    let mut verdict = scorer.score(&posting);
    let for_clear = scorer.for_clear(&posting);
    let posting = match (args.privacy.redactor(&scorer, false, false)?, args.json) {
        (None, _) => posting,
        (Some(redactor), false) => redactor.posting(&posting, &mut verdict),
        (Some(redactor), true) => {
            redactor.verdict(&posting, &mut verdict);
            posting
        }
    };
    let explanation = Explanation::new(&posting, &verdict, &scorer, for_clear.as_ref());
    let text = match (args.json, args.html) {
        (true, _) => explanation.json()?,
        (_, true) => html::write(&explanation),
        _ => page(&explanation, Look::new(args.color, args.output.is_some())),
    };
    match &args.output {
        Some(path) => {
            let mut output = Output::file(path)?;
            output.write(text.as_bytes())?;
            output.finish()?;
        }
        None => print(&text)?,
    }
    Ok(Outcome::Done)
}

impl Args {
    /// Refuses an output that would take the place of what is read.
    fn check_names(&self) -> anyhow::Result<()> {
        let Some(output) = &self.output else { return Ok(()) };
        let input = self.input.as_deref().unwrap_or("-");
        let reads = self.text.is_none() && (input == "-" || is_there(input));
        let mut names = Names::of_inputs(reads.then(|| input.into()).as_slice());
        names.read("--lexicon", self.model.lexicons());
        names.read("--redact-key", self.privacy.key_file());
        names.write("--output", output)
    }

    fn posting(&self) -> anyhow::Result<Posting> {
        match (&self.text, self.input.as_deref()) {
            (Some(text), _) => of_text(text),
            (None, Some("-")) => self.read_feed(Path::new("-")),
            (None, Some(input)) if is_there(input) => {
                check_readable(Path::new(input))?;
                self.read_feed(Path::new(input))
            }
            (None, Some(input)) => {
                ensure!(!names_a_feed(input), "{input}: there is no such file (to explain these words, use --text)");
                ensure!(self.id.is_none(), "--id needs a file, and there is no file {:?}", one_line(input));
                of_text(input)
            }
            (None, None) if io::stdin().is_terminal() => {
                bail!(
                    "nothing to explain: name a FILE, pipe a feed to stdin, or give a TEXT; see lurescan explain --help"
                )
            }
            (None, None) => self.read_feed(Path::new("-")),
        }
    }

    fn read_feed(&self, path: &Path) -> anyhow::Result<Posting> {
        let feed = Feed::open(path, &self.feed.options())?;
        let name = if path.as_os_str() == "-" { "stdin".into() } else { path.display().to_string() };
        let mut records = 0u64;
        let mut rejects = 0u64;
        for record in feed {
            records += 1;
            match (record?, &self.id) {
                (Record::Posting(posting), Some(id)) if posting.id != *id => {}
                (Record::Posting(posting), _) => return Ok(*posting),
                (Record::Reject(_), Some(_)) => rejects += 1,
                (Record::Reject(reject), None) => bail!("{}", told(&reject)),
            }
        }
        match &self.id {
            Some(id) => bail!(
                "{name}: no posting has the id {id:?} ({}, {} among them)",
                counted(records, "record"),
                counted(rejects, "reject")
            ),
            None => bail!("{name}: holds no posting"),
        }
    }
}

fn of_text(text: &str) -> anyhow::Result<Posting> {
    ensure!(!text.trim().is_empty(), "the text is empty");
    Ok(Posting::from_text("text#1", text))
}

/// A text may be longer than any path and hold any character; what cannot be asked about is not there.
fn is_there(input: &str) -> bool {
    Path::new(input).try_exists().unwrap_or(false)
}

/// Whether words can only be meant as the name of a feed.
fn names_a_feed(input: &str) -> bool {
    let name = input.to_ascii_lowercase();
    let name =
        [".bz2", ".gz", ".gzip", ".xz", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let ends = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".xml", ".zip"];
    !input.contains(char::is_whitespace) && ends.iter().any(|end| name.ends_with(end))
}

/// A verdict and all that explains it.
struct Explanation<'a> {
    posting: &'a Posting,
    verdict: &'a Verdict,
    catalogue: &'a Catalogue,
    composites: &'a [Composite],
    /// The logits of `review` and `block`, as the verdict shows its logit: after the shift of the prior.
    review: f64,
    block: f64,
    for_clear: Option<&'a ForClear>,
}

impl<'a> Explanation<'a> {
    fn new(
        posting: &'a Posting,
        verdict: &'a Verdict,
        scorer: &'a Scorer,
        for_clear: Option<&'a ForClear>,
    ) -> Explanation<'a> {
        let (review, block) = scorer.thresholds();
        let (catalogue, composites) = (scorer.extractor().catalogue(), scorer.extractor().composites());
        Explanation { posting, verdict, catalogue, composites, review: review + scorer.shift(), block, for_clear }
    }

    /// The number that a signal has in this explanation.
    fn number(&self, id: &str) -> Option<usize> {
        self.verdict.signals.iter().position(|signal| signal.id == id).map(|at| at + 1)
    }

    /// The verdict as `score --explain` writes it, with what only an explanation has at its end.
    fn json(&self) -> anyhow::Result<String> {
        #[derive(serde::Serialize)]
        struct Json<'a> {
            #[serde(flatten)]
            verdict: &'a Verdict,
            thresholds: Thresholds,
            for_clear: Option<&'a ForClear>,
        }
        #[derive(serde::Serialize)]
        struct Thresholds {
            review: f64,
            block: f64,
        }
        let thresholds = Thresholds { review: self.review, block: self.block };
        Ok(serde_json::to_string(&Json { verdict: self.verdict, thresholds, for_clear: self.for_clear })? + "\n")
    }
}

/// The explanation of a posting, for a terminal.
fn page(explanation: &Explanation<'_>, look: Look) -> String {
    let Explanation { posting, verdict, catalogue, .. } = *explanation;
    let mut out = String::new();
    head(explanation, &look, &mut out);
    bars::legend(verdict, catalogue, &look, &mut out);
    let marks = marks::Marks::new(verdict, catalogue, look);
    for field in Field::READ {
        let text = posting.get(field);
        if !text.trim().is_empty() {
            line(&mut out, format_args!("\n{}", look.paint(HEADING, field.name())));
            marks.write(field, text, &mut out);
        }
    }
    if verdict.truncated {
        out.push('\n');
        dim(reasons::TRUNCATED, &look, &mut out);
    }
    let vacancy = reasons::vacancy_said(verdict).map(str::to_owned);
    for said in vacancy.into_iter().chain(reasons::passage_said(verdict)) {
        out.push('\n');
        wrap(&said, look.width).iter().for_each(|text| line(&mut out, format_args!("{}", clip(text, look.width))));
    }
    bars::write(verdict, catalogue, &look, &mut out);
    reasons::write(explanation, &look, &mut out);
    out.push('\n');
    dim(note(verdict.action), &look, &mut out);
    out
}

fn head(explanation: &Explanation<'_>, look: &Look, out: &mut String) {
    let verdict = explanation.verdict;
    let name = verdict.action.name().to_uppercase();
    let action = look.paint(of_action(verdict.action), name);
    match (verdict.probability, verdict.logit) {
        (Some(p), Some(logit)) => line(out, format_args!("{action}  probability {}, logit {logit:+.3}", percent(p))),
        _ => {
            let said = "too little text in a language of ours to say anything";
            let mut lines = wrap(said, look.width.saturating_sub(verdict.action.name().len() + 2)).into_iter();
            line(out, format_args!("{action}  {}", lines.next().unwrap_or_default()));
            lines.for_each(|text| line(out, format_args!("  {text}")));
        }
    }
    let (review, block) = (explanation.review, explanation.block);
    let (r, b) = (percent(sigmoid(review)), percent(sigmoid(block)));
    dim(&format!("review from {r} (logit {review:+.3}), block from {b} (logit {block:+.3})"), look, out);
    let rest = format!("id {}, language {}, model {}", one_line(&verdict.id), verdict.language, verdict.model);
    dim(&rest, look, out);
}

/// Wrapped words that stand back.
fn dim(text: &str, look: &Look, out: &mut String) {
    for text in wrap(text, look.width) {
        line(out, format_args!("{}", look.paint(DIM, clip(&text, look.width))));
    }
}

fn note(action: Action) -> &'static str {
    match action {
        Action::Clear => {
            "`clear` does not mean safe: it means that nothing was found. Quiet lures with usual pay and few signals pass."
        }
        Action::Abstain => "No verdict: this is not a `clear`. A human has to look, or nobody has.",
        Action::Review => "A signal says what the text says, not what the posting is. A human should look.",
        Action::Block => {
            "A signal says what the text says, not what the posting is. No automatic block without an appeal to a human."
        }
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use crate::verdict::{Action, SignalVerdict, Span, Verdict};

    /// A verdict whose signals, in this order, show at these characters of a field.
    pub(super) fn verdict_with(field: &str, spans: &[(&str, usize, usize)]) -> Verdict {
        let signals = spans
            .iter()
            .map(|&(id, start, end)| SignalVerdict {
                id: id.into(),
                strength: 1.0,
                contribution: 1.0,
                spans: vec![Span { field: field.into(), start, end, text: String::new() }],
            })
            .collect();
        Verdict {
            id: "a".into(),
            probability: None,
            action: Action::Abstain,
            logit: None,
            language: "en".into(),
            signals,
            model: "m".into(),
            intercept: None,
            terms: None,
            extra: Default::default(),
            truncated: false,
            as_vacancy: false,
            passage: Vec::new(),
        }
    }
}
