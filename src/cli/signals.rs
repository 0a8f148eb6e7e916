/*!
`lurescan signals`: the catalogue.
*/

use std::fmt::Write;

use super::Outcome;
use super::output::print;
use super::terminal::{Color, DIM, HEADING, Look, of_family, wrap};
use crate::signals::catalogue::{Catalogue, SignalKind};

/// List the signals: what each says, and what it is mistaken for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the catalogue as JSON: one array of objects.
    #[arg(long)]
    json: bool,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

/// Columns of an id.
const ID: usize = 24;

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let catalogue = Catalogue::embedded();
    if args.json {
        print(&format!("{}\n", serde_json::to_string_pretty(catalogue.signals())?))?;
    } else {
        print(&page(&catalogue, Look::new(args.color, false)))?;
    }
    Ok(Outcome::Done)
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
