/*!
`lurescan explain`: one posting, its evidence marked in place, and the sum that makes its verdict.
*/

mod bars;
mod marks;

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{bail, ensure};

use super::Outcome;
use super::common::{FeedArgs, ModelArgs, check_readable, warn};
use super::output::print;
use super::privacy::{RedactArgs, without_excerpts};
use super::table::percent;
use super::terminal::{Color, DIM, HEADING, Look, of_action, one_line, wrap};
use crate::eval::metrics::sigmoid;
use crate::feed::writers::JsonlWriter;
use crate::feed::{Feed, Record};
use crate::posting::{Field, Posting};
use crate::score::Scorer;
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
    let posting = args.posting()?;
    let scorer = args.model.scorer(true)?;
    if let Some(warning) = args.model.lexicon_warning(&scorer) {
        warn(warning);
    }
    let mut verdict = scorer.score(&posting);
    let redactor = args.privacy.redactor(&scorer, false, false)?;
    if args.json {
        if let Some(redactor) = &redactor {
            redactor.verdict(&posting, &mut verdict);
        }
        let mut out = Vec::new();
        JsonlWriter::default().write(&verdict, &mut out)?;
        print(&String::from_utf8_lossy(&out))?;
    } else {
        let posting = match &redactor {
            Some(redactor) => redactor.posting(&posting, &mut verdict),
            None => posting,
        };
        print(&page(&posting, &verdict, &scorer, Look::new(args.color, false)))?;
    }
    Ok(Outcome::Done)
}

impl Args {
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
                (Record::Reject(reject), None) => {
                    let field = reject.field.map_or(String::new(), |field| format!(", field {field:?}"));
                    bail!("{name}: record {}{field}: {}", reject.record, one_line(&without_excerpts(&reject.reason)));
                }
            }
        }
        match &self.id {
            Some(id) => bail!("{name}: no posting has the id {id:?} ({records} records, {rejects} of them rejects)"),
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
    let name = [".gz", ".gzip", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let ends = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".xml"];
    !input.contains(char::is_whitespace) && ends.iter().any(|end| name.ends_with(end))
}

/// The explanation of a posting, for people.
fn page(posting: &Posting, verdict: &Verdict, scorer: &Scorer, look: Look) -> String {
    let mut out = String::new();
    head(verdict, scorer, &look, &mut out);
    let marks = marks::Marks::new(verdict, scorer.extractor().catalogue(), look);
    for field in Field::READ {
        let text = posting.get(field);
        if !text.trim().is_empty() {
            line(&mut out, format_args!("\n{}", look.paint(HEADING, field.name())));
            marks.write(field, text, &mut out);
        }
    }
    if verdict.truncated {
        line(
            &mut out,
            format_args!("\n{}", look.paint(DIM, "The text is longer than the limit; only its beginning was read.")),
        );
    }
    bars::write(verdict, scorer.extractor().catalogue(), &look, &mut out);
    out.push('\n');
    for text in wrap(note(verdict.action), look.width) {
        line(&mut out, format_args!("{}", look.paint(DIM, text)));
    }
    out
}

fn head(verdict: &Verdict, scorer: &Scorer, look: &Look, out: &mut String) {
    let name = verdict.action.name().to_uppercase();
    let action = look.paint(of_action(verdict.action), name);
    match (verdict.probability, verdict.logit) {
        (Some(p), Some(logit)) => line(out, format_args!("{action}  probability {}, logit {logit:+.3}", percent(p))),
        _ => line(out, format_args!("{action}  too little text in a language of ours to say anything")),
    }
    let (review, block) = scorer.thresholds();
    // As the verdict shows its logit, so after the shift of the prior.
    let review = review + scorer.shift();
    line(
        out,
        format_args!(
            "{}",
            look.paint(
                DIM,
                format!(
                    "review from {} (logit {review:+.3}), block from {} (logit {block:+.3})",
                    percent(sigmoid(review)),
                    percent(sigmoid(block))
                )
            )
        ),
    );
    let rest = format!("id {}, language {}, model {}", one_line(&verdict.id), verdict.language, verdict.model);
    for text in wrap(&rest, look.width) {
        line(out, format_args!("{}", look.paint(DIM, text)));
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
