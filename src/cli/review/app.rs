/*!
What the queue is doing: which posting is shown, what was decided, what the next key means.

Nothing here draws or reads keys, so that tests can press keys and look at the state.
*/

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::Show;
use super::shown::Shown;
use crate::cli::common::{by_number, counted};
use crate::cli::terminal::Look;
use crate::review::decision::{Chosen, Decision, Label, Reason, Sampling};
use crate::review::queue::{Filter, Groups, Queue};
use crate::review::sample::Sample;
use crate::review::store::{MAX_NOTE, Store, Subject};
use crate::score::Scorer;
use crate::verdict::Action;

/// What does not change while the queue is open.
pub(super) struct Plan {
    pub(super) moderator: String,
    pub(super) order_name: &'static str,
    pub(super) show: Show,
    pub(super) blind: bool,
    pub(super) look: Look,
    pub(super) sample: Option<Sample>,
}

/// What the next key is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mode {
    /// The posting.
    View,
    /// The reason of a decision, for one posting or its campaign.
    Reason { label: Label, whole: bool },
    /// Whether a decision is meant for the whole campaign.
    Confirm { label: Label, reason: Option<Reason> },
    /// A line is being typed.
    Input { what: Input, text: String },
    /// The campaign; the place of the list's first line.
    Campaign { top: usize },
    /// Help; its first line.
    Help { top: usize },
}

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Note,
    Search,
    Filter,
}

/// Decisions that can be undone: their batch, and the places they are about, first the one that was on the screen.
struct Done {
    batch: i64,
    places: Vec<usize>,
}

/// A queue that is open.
pub(super) struct App {
    pub(super) plan: Plan,
    pub(super) scorer: Scorer,
    pub(super) queue: Arc<Queue>,
    store: Store,
    groups: Arc<OnceLock<Groups>>,
    groups_were_ready: bool,
    /// Places of the queue, in the order they are shown.
    order: Vec<usize>,
    pub(super) filter: Filter,
    /// Of `order`, what the filter lets through.
    pub(super) visible: Vec<usize>,
    /// Where in `visible`; its length at the end.
    pub(super) at: usize,
    /// By place: decided, so that it is not come to again.
    pub(super) decided: Vec<bool>,
    pub(super) shown: Option<Shown>,
    pub(super) mode: Mode,
    pub(super) note: String,
    pub(super) scroll: usize,
    /// The signals have most of the screen.
    pub(super) wide_signals: bool,
    pub(super) message: String,
    history: Vec<Done>,
    /// Decisions of this session that stand.
    pub(super) count: usize,
    ended: bool,
}

impl App {
    pub(super) fn new(
        plan: Plan,
        scorer: Scorer,
        store: Store,
        queue: Arc<Queue>,
        groups: Arc<OnceLock<Groups>>,
        order: Vec<usize>,
    ) -> anyhow::Result<App> {
        let mut decided = vec![false; queue.items().len()];
        let by = match plan.show {
            Show::Undecided => Some(store.decided(None)?),
            Show::NotMine => Some(store.decided(Some(&plan.moderator))?),
            Show::All => None,
        };
        for place in by.into_iter().flatten().filter_map(|hash| queue.find(&hash)) {
            decided[place] = true;
        }
        let visible = order.clone();
        let mut app = App {
            plan,
            scorer,
            queue,
            store,
            groups_were_ready: groups.get().is_some(),
            groups,
            order,
            filter: Filter::default(),
            visible,
            at: 0,
            decided,
            shown: None,
            mode: Mode::View,
            note: String::new(),
            scroll: 0,
            wide_signals: false,
            message: String::new(),
            history: Vec::new(),
            count: 0,
            ended: false,
        };
        app.at = app.next_from(0);
        app.open();
        Ok(app)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.message = text.into();
    }

    /// Whether the background finished something since the last look, so that the screen is stale.
    pub(super) fn tick(&mut self) -> bool {
        let ready = self.groups.get().is_some();
        std::mem::replace(&mut self.groups_were_ready, ready) != ready
    }

    /// What is said when the screen is gone.
    pub(super) fn farewell(&self) -> String {
        let left = self.left();
        let (made, texts) = (counted(self.count as u64, "decision"), counted(self.visible.len() as u64, "text"));
        format!("{made} made; {left} of {texts} {} left", by_number(left as u64, "is", "are"))
    }

    /// Visible texts that are not decided.
    pub(super) fn left(&self) -> usize {
        self.visible.iter().filter(|&&place| !self.decided[place]).count()
    }

    /// The first undecided from here on.
    fn next_from(&self, from: usize) -> usize {
        (from..self.visible.len()).find(|&at| !self.decided[self.visible[at]]).unwrap_or(self.visible.len())
    }

    /// The place of the queue that is on the screen.
    pub(super) fn place(&self) -> Option<usize> {
        self.visible.get(self.at).copied()
    }

    /// Shows the posting at `at`; in a queue that others work on too, the first that nobody has decided meanwhile.
    fn open(&mut self) {
        let mut meanwhile = 0;
        self.open_here();
        while self.plan.show == Show::Undecided
            && let Some(place) = self.place()
            && !self.decided[place]
            && self.shown.as_ref().is_some_and(|s| !s.decisions.is_empty())
        {
            self.decided[place] = true;
            meanwhile += 1;
            self.at = self.next_from(self.at);
            self.open_here();
        }
        if meanwhile > 0 {
            let more = format!("{meanwhile} decided by others meanwhile");
            self.message = if self.message.is_empty() { more } else { format!("{}; {more}", self.message) };
        }
    }

    /// Shows the posting at `at`, whoever decided it.
    fn open_here(&mut self) {
        self.shown = self.place().map(|place| {
            let item = &self.queue.items()[place];
            let decisions = match self.store.about(&item.text_hash) {
                Ok(mut found) => {
                    found.retain(|d| self.plan.show != Show::NotMine || d.moderator == self.plan.moderator);
                    found
                }
                Err(error) => {
                    self.message = error.to_string();
                    Vec::new()
                }
            };
            Shown::new(place, item, &self.scorer, decisions)
        });
        self.scroll = 0;
        self.note.clear();
        self.mode = Mode::View;
    }

    /// On to the next undecided posting.
    fn advance(&mut self) {
        self.at = self.next_from(self.at + 1);
        self.open();
    }

    pub(super) fn skip(&mut self) {
        if self.place().is_some() {
            self.say("skipped; it comes again in the next session, or with g");
            self.advance();
        }
    }

    /// To the first posting that is not decided.
    pub(super) fn restart(&mut self) {
        self.at = self.next_from(0);
        self.message.clear();
        self.open();
    }

    /// One posting on or back, decided or not.
    pub(super) fn step(&mut self, on: bool) {
        let to = if on { self.at + 1 } else { self.at.wrapping_sub(1) };
        if to < self.visible.len() {
            self.at = to;
            self.message.clear();
            self.open_here();
            let found = self.shown.as_ref().is_some_and(|s| !s.decisions.is_empty());
            if found && self.plan.show == Show::Undecided {
                let place = self.visible[to];
                self.decided[place] = true;
            }
        }
    }

    /// The members of the campaign on the screen, in the order of the feed; none while groups are not known.
    pub(super) fn campaign(&self) -> Option<&[usize]> {
        Some(self.groups.get()?.members(self.place()?))
    }

    /// The members that a decision for the campaign is about: those that are not decided, and the one on the screen.
    pub(super) fn campaign_targets(&self) -> Vec<usize> {
        let here = self.place();
        let members = self.campaign().unwrap_or_default();
        let others = members.iter().copied().filter(|&m| Some(m) != here && !self.decided[m]);
        here.into_iter().chain(others).collect()
    }

    pub(super) fn decide(&mut self, label: Label, reason: Option<Reason>, whole: bool) {
        let Some(here) = self.place() else { return };
        let targets = if whole { self.campaign_targets() } else { vec![here] };
        let queue = self.queue.clone();
        let decisions: Vec<(Subject<'_>, Decision)> = targets
            .iter()
            .map(|&place| {
                let item = &queue.items()[place];
                let chosen =
                    if place == here { self.chosen(item.scored.action) } else { Chosen::by(Sampling::Campaign) };
                let decision = Decision { label, reason, note: self.note.clone(), scored: item.scored.clone(), chosen };
                (Subject { text_hash: &item.text_hash, id: &item.id, record: &item.record }, decision)
            })
            .collect();
        match self.store.add(&self.plan.moderator, &decisions) {
            Err(error) => {
                self.mode = Mode::View;
                self.say(format!("NOT saved: {error}"));
            }
            Ok(batch) => {
                let what = reason.map_or(String::new(), |r| format!(", {r}"));
                let of = match targets.len() {
                    1 => self.queue.items()[here].id.to_string(),
                    n => format!("{n} texts of the campaign"),
                };
                self.say(format!("saved: {label}{what}: {of}"));
                for &place in &targets {
                    self.decided[place] = true;
                }
                self.count += targets.len();
                self.history.push(Done { batch, places: targets });
                self.advance();
            }
        }
    }

    fn chosen(&self, action: Action) -> Chosen {
        match &self.plan.sample {
            Some(sample) => Chosen { sampling: Sampling::Random, sample: Some((sample.number, sample.rate(action))) },
            None => Chosen::by(Sampling::Queue),
        }
    }

    /// Revokes the last decision of this session that stands, and shows its posting again.
    pub(super) fn undo(&mut self) {
        let Some(done) = self.history.pop() else {
            self.say("nothing to undo in this session");
            return;
        };
        match self.store.revoke(&self.plan.moderator, done.batch) {
            Err(error) => {
                self.say(format!("NOT undone: {error}"));
                self.history.push(done);
            }
            Ok(revoked) => {
                self.count -= done.places.len();
                for &place in &done.places {
                    self.decided[place] = false;
                }
                if !self.visible.contains(&done.places[0]) {
                    self.set_filter(Filter::default());
                }
                self.at = self.visible.iter().position(|&p| p == done.places[0]).unwrap_or(0);
                self.open();
                self.say(format!("undone: {revoked} decision{} revoked", if revoked == 1 { "" } else { "s" }));
            }
        }
    }

    /// Shows what a filter lets through, from the first undecided on.
    pub(super) fn set_filter(&mut self, filter: Filter) {
        let items = self.queue.items();
        let visible: Vec<usize> = match filter.is_empty() {
            true => self.order.clone(),
            false => self.order.par_iter().copied().filter(|&place| filter.shows(&items[place])).collect(),
        };
        if visible.is_empty() {
            self.mode = Mode::View;
            self.say("nothing is like that; the filter is as it was");
            return;
        }
        self.say(format!("{} of {}", visible.len(), counted(self.order.len() as u64, "text")));
        self.filter = filter;
        self.visible = visible;
        self.at = self.next_from(0);
        self.open();
    }

    /// A typed line is done.
    pub(super) fn enter(&mut self, what: Input, text: &str) {
        let text = text.trim();
        self.mode = Mode::View;
        match what {
            Input::Note => {
                self.note = text.chars().take(MAX_NOTE).collect();
                let said = if self.note.is_empty() { "no note" } else { "the note is saved with the decision" };
                self.say(said);
            }
            Input::Search => {
                let words = (!text.is_empty()).then(|| text.to_owned());
                self.set_filter(Filter { words, ..self.filter.clone() });
            }
            Input::Filter => match self.parse_filter(text) {
                Ok(filter) => self.set_filter(filter),
                Err(reason) => self.say(reason),
            },
        }
    }

    /// Words of a filter: actions, languages, and the beginnings of signals.
    fn parse_filter(&self, text: &str) -> Result<Filter, String> {
        let mut filter = Filter { words: self.filter.words.clone(), ..Filter::default() };
        for word in text.split_whitespace() {
            let catalogue = self.scorer.extractor().catalogue();
            let mut signals = catalogue.signals().iter().filter(|s| s.id.starts_with(word));
            let exact = catalogue.find(word).map(|id| catalogue.get(id));
            if let Some(action) = Action::ALL.into_iter().find(|a| a.name() == word) {
                filter.action = Some(action);
            } else if self.queue.items().iter().any(|i| i.scored.language == word) {
                filter.language = Some(word.to_owned());
            } else if let Some(signal) = exact.or_else(|| signals.next().filter(|_| signals.next().is_none())) {
                filter.signal = Some(signal.id.clone());
            } else {
                return Err(format!("{word:?} is no action, no language of this feed, and no one signal"));
            }
        }
        Ok(filter)
    }
}
