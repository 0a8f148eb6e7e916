/*!
`lurescan signals`: the catalogue; `lurescan signals check`: a lexicon of one's own.
*/

use std::fmt::Write;
use std::path::PathBuf;

use super::Outcome;
use super::output::print;
use super::terminal::{Color, DIM, HEADING, Look, of_family, wrap};
use crate::posting::Posting;
use crate::signals::Extractor;
use crate::signals::catalogue::{Catalogue, SignalDefinition, SignalKind};
use crate::train;

/// List the signals: what each says, and what it is mistaken for.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print the catalogue as JSON: one array of objects.
    #[arg(long)]
    json: bool,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check lexicons of your own: every fault with file and line, and whether the examples of new signals hold.
    ///
    /// Exit code 1 when something is wrong.
    Check(CheckArgs),
}

#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// Lexicon files, or a directory of lexicons that takes the place of those that ship.
    #[arg(required = true, value_name = "FILE")]
    paths: Vec<PathBuf>,
}

/// Columns of an id.
const ID: usize = 24;

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if let Some(Command::Check(args)) = &args.command {
        return check(args);
    }
    let catalogue = Catalogue::embedded();
    if args.json {
        print(&format!("{}\n", serde_json::to_string_pretty(catalogue.signals())?))?;
    } else {
        print(&page(&catalogue, Look::new(args.color, false)))?;
    }
    Ok(Outcome::Done)
}

fn check(args: &CheckArgs) -> anyhow::Result<Outcome> {
    let reader = train::reader();
    let extractor = match Extractor::with_lexicons(&reader, &args.paths) {
        Ok(extractor) => extractor,
        Err(faults) if faults.is_in_the_text() => {
            print(&format!("{faults}\n"))?;
            return Ok(Outcome::Found);
        }
        Err(error) => return Err(error.into()),
    };
    let catalogue = extractor.catalogue();
    let fires = |text: &str, own: &SignalDefinition| {
        let evidence =
            extractor.extract(&reader, &reader.read(&Posting::from_text("example", text)), &mut Default::default());
        catalogue.find(&own.id).is_some_and(|id| evidence.strengths[id.0 as usize] > 0.0)
    };
    let mut out = String::new();
    let mut outcome = Outcome::Done;
    for own in catalogue.own() {
        let _ = writeln!(out, "{}: new; it is reported without weight until a model is trained with it", own.id);
        for (what, text, wanted) in [("example", &own.example, true), ("counter_example", &own.counter_example, false)]
        {
            if !text.is_empty() && fires(text, own) != wanted {
                outcome = Outcome::Found;
                let verb = if wanted { "does not fire" } else { "fires" };
                let _ = writeln!(out, "{}: {verb} on its {what} {text:?}", own.id);
            }
        }
    }
    let _ = writeln!(out, "{} phrases, no fault in the files", extractor.phrases());
    print(&out)?;
    Ok(outcome)
}

fn page(catalogue: &Catalogue, look: Look) -> String {
    let mut families: Vec<&str> = Vec::new();
    for signal in catalogue.signals() {
        if !families.contains(&signal.family.as_str()) {
            families.push(&signal.family);
        }
    }
    let mut out = String::new();
    for family in families {
        let _ = writeln!(out, "{}", look.paint(HEADING, family));
        for signal in catalogue.signals().iter().filter(|s| s.family == family) {
            let bound = match signal.kind {
                SignalKind::Lure => "",
                SignalKind::ForTheAd => " Speaks for the ad, within a bound.",
            };
            let mut id = format!("{:ID$}", signal.id);
            if signal.id.len() >= ID {
                id.push(' ');
            }
            let columns = look.width.saturating_sub(ID + 2).max(20);
            let mut entry = |text: &str, dim: bool| {
                for line in wrap(text, columns) {
                    let line = if dim { look.paint(DIM, line) } else { line.into() };
                    let start = std::mem::replace(&mut id, " ".repeat(ID));
                    let _ = writeln!(
                        out,
                        "  {}{line}",
                        look.paint(if start.trim().is_empty() { DIM } else { of_family(family) }, start)
                    );
                }
            };
            entry(&format!("{}{bound}", signal.fires_when), false);
            entry(&format!("Not when: {}", signal.not_when), true);
            entry(&format!("\"{}\"; not \"{}\"", signal.example, signal.counter_example), true);
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{} signals. A signal says what the text says, not what the posting is.", catalogue.len());
    out
}
