/*!
`lurescan review`: a full-screen queue of postings; a moderator decides by single keys, and a label store remembers.
*/

mod app;
mod campaign;
mod keys;
mod load;
mod panels;
mod screen;
mod shown;

#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use self::app::{App, Plan};
use super::Outcome;
use super::common::{FeedArgs, ModelArgs, check_readable, counted, message, say, warn};
use super::labels::{self, ModeratorArgs};
use super::terminal::{Color, Look};
use crate::review::sample::Frame;

/// How long nothing happens before the screen looks whether the background has finished something.
const TICK: Duration = Duration::from_millis(500);

/// Review postings in a full-screen queue: evidence marked in the text, one key a decision, every decision remembered.
///
/// Keys: s scam, h honest, u unsure, then a key for the reason; space skips, z undoes, n notes, c shows the campaign,
/// f filters, / searches, ? helps, q quits. A decision is on the disk when the screen says `saved`. Postings that are
/// decided are not shown again, so that a queue goes on where it was left.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Feeds of postings.
    #[arg(value_name = "FEED", required_unless_present = "report")]
    feeds: Vec<PathBuf>,
    /// The label store: one SQLite file; made when there is none. Several moderators may use it at once.
    #[arg(long, value_name = "FILE", default_value = "labels.db")]
    store: PathBuf,
    #[command(flatten)]
    moderator: ModeratorArgs,
    /// Which postings come first.
    #[arg(long, value_enum, default_value_t, value_name = "ORDER")]
    order: OrderArg,
    /// Texts in a random sample: as many of each action, as far as there are any.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    sample: u32,
    /// Seed of the random sample. The same feed, model, size and seed are the same sample, which goes on where it was.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Which postings are shown, by what the store has.
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    show: Show,
    /// Hide probability, action, signals and marks, so that they do not sway the decision.
    #[arg(long)]
    blind: bool,
    /// Print precision and recall as estimated from the store's random samples, and no queue: `lurescan labels report`.
    #[arg(long, conflicts_with = "feeds")]
    report: bool,
    #[command(flatten)]
    feed: FeedArgs,
    #[command(flatten)]
    model: ModelArgs,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

/// Which postings come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum OrderArg {
    /// The likeliest scam first.
    #[default]
    Probability,
    /// Nearest to a probability of one half first.
    Uncertainty,
    /// The largest campaign first: copies of one text, and postings that give the same contact.
    Campaign,
    /// A random sample, from which `lurescan labels report` estimates precision and recall.
    Random,
}

/// Which postings are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Show {
    /// Those that nobody has decided.
    #[default]
    Undecided,
    /// Those that you have not decided, without what others said: for measuring agreement.
    NotMine,
    /// All, with what was decided.
    All,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if args.report {
        return labels::print_report(&args.store, false);
    }
    args.feeds.iter().try_for_each(|feed| check_readable(feed))?;
    if args.feeds.iter().any(|feed| feed.as_os_str() == "-") {
        bail!("stdin is where the keys come from; write the feed to a file first");
    }
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        bail!("review needs a terminal for its screen and keys; for labels without one see `lurescan labels import`");
    }
    let moderator = args.moderator.name()?;
    let mut store = labels::open(&args.store, true)?;
    let scorer = args.model.scorer(false)?;
    if let Some(warning) = args.model.lexicon_warning(&scorer) {
        warn(warning);
    }
    let loaded = load::read(&args.feeds, args.feed.options(), &scorer)?;
    let queue = Arc::new(loaded.queue);
    if queue.items().is_empty() {
        bail!("there is no posting to review ({})", counted(loaded.rejects, "reject"));
    }
    let groups = Arc::new(OnceLock::new());
    let mut sample = None;
    let order = match args.order {
        OrderArg::Probability => queue.by_probability(),
        OrderArg::Uncertainty => queue.by_uncertainty(),
        OrderArg::Campaign => {
            say(format_args!("looking for campaigns among {}", counted(queue.items().len() as u64, "text")));
            queue.by_campaign(groups.get_or_init(|| queue.groups()))
        }
        OrderArg::Random => {
            let texts: Vec<_> = queue.items().iter().map(|i| (&*i.text_hash, i.scored.action)).collect();
            let frame = Frame { texts: &texts, model: scorer.model_name(), thresholds: scorer.thresholds() };
            let drawn = store.sample(&moderator, &frame, args.sample as usize, args.seed)?;
            let order = drawn.drawn.iter().filter_map(|(hash, _)| queue.find(hash)).collect();
            sample = Some(drawn);
            order
        }
    };
    if groups.get().is_none() {
        // The moderator reads the first posting meanwhile. The thread ends with the program.
        let (queue, groups) = (queue.clone(), groups.clone());
        std::thread::spawn(move || {
            groups.get_or_init(|| queue.groups());
        });
    }
    let plan = Plan {
        moderator,
        order_name: name(args.order),
        show: args.show,
        blind: args.blind,
        look: Look::new(args.color, false),
        sample,
    };
    let mut app = App::new(plan, scorer, store, queue, groups, order)?;
    if loaded.rejects > 0 {
        app.say(format!("{} of the feed could not be read", counted(loaded.rejects, "record")));
    }
    show(&mut app)?;
    message(app.farewell());
    Ok(Outcome::Done)
}

const fn name(order: OrderArg) -> &'static str {
    match order {
        OrderArg::Probability => "by probability",
        OrderArg::Uncertainty => "by uncertainty",
        OrderArg::Campaign => "by campaign",
        OrderArg::Random => "random sample",
    }
}

/// Shows the queue until the moderator has enough. The terminal is given back however this ends.
fn show(app: &mut App) -> anyhow::Result<()> {
    let mut terminal = ratatui::try_init().context("the terminal cannot be used")?;
    let result = events(&mut terminal, app);
    ratatui::restore();
    result
}

fn events(terminal: &mut ratatui::DefaultTerminal, app: &mut App) -> anyhow::Result<()> {
    let mut stale = true;
    while !app.has_ended() {
        if stale {
            terminal.draw(|frame| screen::draw(frame, app)).context("the terminal cannot be written")?;
        }
        stale = match event::poll(TICK).context("the terminal cannot be read")? {
            false => app.tick(),
            true => match event::read().context("the terminal cannot be read")? {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    keys::press(app, key);
                    true
                }
                Event::Resize(..) => true,
                _ => false,
            },
        };
    }
    Ok(())
}
