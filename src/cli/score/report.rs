/*!
What a run tells on stderr: progress while it lasts, warnings, and one summary at its end.
*/

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::source::Progress;
use super::work::{Done, SHOWN};
use crate::cli::common::{by_number, counted, grouped, message, warn};
use crate::cli::privacy::told;
use crate::cli::terminal::{clip, one_line};
use crate::entities::reading::MAX_FIELD_BYTES;
use crate::verdict::Action;

/// Ids that are remembered: a bound on memory for feeds of any length.
const IDS_REMEMBERED: usize = 1_000_000;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Counts {
    /// Verdicts by action, in the order of [`Action::ALL`].
    actions: [u64; Action::ALL.len()],
    written: u64,
    rejects: u64,
    /// Records with an id that occurred before.
    duplicates: u64,
    /// Postings of which a field was too long to be read to its end.
    #[serde(default)]
    truncated: u64,
    /// An input gave no record.
    #[serde(default)]
    without_record: bool,
}

impl Counts {
    fn verdicts(&self) -> u64 {
        self.actions.iter().sum()
    }

    pub(in crate::cli) fn rejects(&self) -> u64 {
        self.rejects
    }

    /// Whether no record was counted.
    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.verdicts() + self.rejects == 0
    }

    /// Whether what was asked to be found was found.
    pub(in crate::cli) fn found(&self, fail_on: Option<Action>, strict: bool) -> bool {
        let any = |action: Action| self.actions[action as usize] > 0;
        let failed = match fail_on {
            None => false,
            // An abstention is no milder form of the others.
            Some(Action::Abstain) => any(Action::Abstain),
            Some(asked) => Action::ALL.into_iter().any(|action| action >= asked && any(action)),
        };
        failed || (strict && (self.rejects > 0 || self.without_record))
    }
}

/// Counts what was done, and tells.
pub(in crate::cli) struct Report {
    quiet: bool,
    rejects_are_kept: bool,
    progress: Arc<Progress>,
    bar: ProgressBar,
    started: Instant,
    /// How the summary names the model.
    model: String,
    /// Some verdicts are counted and not written.
    only: bool,
    counts: Counts,
    shown: usize,
    /// Hashes, because only whether an id was there before is asked.
    ids: FxHashSet<u64>,
    ids_are_full: bool,
}

/// How a report is to be made.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Manner {
    pub(in crate::cli) quiet: bool,
    /// Verdicts go to the same terminal, where a bar would be in their way.
    pub(in crate::cli) clutter: bool,
    pub(in crate::cli) rejects_are_kept: bool,
    pub(in crate::cli) model: String,
    pub(in crate::cli) only: bool,
}

impl Report {
    /// A report that begins with what was counted before.
    pub(in crate::cli) fn new(manner: Manner, progress: Arc<Progress>, counts: Counts) -> Report {
        let Manner { quiet, clutter, rejects_are_kept, model, only } = manner;
        let target =
            if quiet || clutter { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(5) };
        let (bar, template) = match progress.total {
            0 => (ProgressBar::no_length(), "{spinner} {bytes} {bytes_per_sec}  {msg}"),
            total => (ProgressBar::new(total), "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}  {msg}"),
        };
        bar.set_draw_target(target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Report {
            quiet,
            rejects_are_kept,
            progress,
            bar,
            started: Instant::now(),
            model,
            only,
            counts,
            shown: 0,
            ids: FxHashSet::default(),
            ids_are_full: false,
        }
    }

    pub(in crate::cli) fn count(&mut self, done: Done) {
        for (sum, n) in self.counts.actions.iter_mut().zip(done.actions) {
            *sum += n;
        }
        self.counts.written += done.verdict_ends.len() as u64;
        self.counts.rejects += done.rejects;
        self.counts.truncated += done.truncated;
        for id in &done.ids {
            self.check_id(id);
        }
        if !self.rejects_are_kept {
            for reject in done.shown.into_iter().take(SHOWN - self.shown) {
                self.shown += 1;
                self.warn(&told(&reject));
            }
        }
        if !self.bar.is_hidden() {
            self.bar.set_position(self.progress.read.load(Ordering::Relaxed));
            self.bar.set_message(format!(
                "{}, {}",
                counted(self.counts.verdicts(), "verdict"),
                counted(self.counts.rejects, "reject")
            ));
        }
    }

    fn check_id(&mut self, id: &str) {
        if self.ids_are_full {
            return;
        }
        if !self.ids.insert(xxh3_64(id.as_bytes())) {
            self.counts.duplicates += 1;
            if self.counts.duplicates == 1 {
                let id = one_line(&id.chars().take(200).collect::<String>());
                self.warn(&format!(
                    "id {:?} occurs more than once; the summary says how many such records there are",
                    clip(&id, 60)
                ));
            }
        }
        if self.ids.len() >= IDS_REMEMBERED {
            self.ids_are_full = true;
            self.ids = FxHashSet::default();
        }
    }

    /// Tells what the reading of files has to say.
    fn tell(&self) {
        for notice in self.progress.take_notices() {
            self.warn(&notice);
        }
    }

    fn warn(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| warn(text));
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    pub(in crate::cli) fn counts(&self) -> Counts {
        let without_record = self.progress.without_record.load(Ordering::Relaxed);
        Counts { without_record: self.counts.without_record || without_record, ..self.counts.clone() }
    }

    /// Takes the bar away.
    pub(in crate::cli) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Ends without a summary.
    pub(in crate::cli) fn end(&self) {
        self.clear();
        self.tell();
    }

    /// Ends with the summary.
    pub(in crate::cli) fn finish(&self) {
        self.end();
        if self.quiet {
            return;
        }
        if self.counts.rejects > self.shown as u64 && self.shown > 0 {
            let more = self.counts.rejects - self.shown as u64;
            warn(format_args!("{} more; --rejects FILE keeps them all", counted(more, "reject")));
        }
        let verdicts = self.counts.verdicts();
        let mut actions: Vec<String> = Action::ALL
            .iter()
            .rev()
            .map(|a| format!("{} {}", grouped(self.counts.actions[*a as usize]), a.name()))
            .collect();
        if self.only {
            actions.push(format!("{} written", grouped(self.counts.written)));
        }
        message(format_args!(
            "{} = {} + {}: {}",
            counted(verdicts + self.counts.rejects, "record"),
            counted(verdicts, "verdict"),
            counted(self.counts.rejects, "reject"),
            actions.join(", ")
        ));
        let service = self.progress.service.load(Ordering::Relaxed);
        let empty = self.progress.empty.load(Ordering::Relaxed);
        if service + empty > 0 {
            message(format_args!(
                "{} and {} without text passed over",
                counted(service, "service message"),
                counted(empty, "message")
            ));
        }
        if self.counts.truncated > 0 {
            let (cut, were) = (self.counts.truncated, by_number(self.counts.truncated, "was", "were"));
            message(format_args!(
                "{} {were} cut off at {} MiB of a field: what was not read is not cleared, the action is review or block",
                counted(cut, "posting"),
                MAX_FIELD_BYTES >> 20
            ));
        }
        if self.counts.duplicates > 0 {
            message(format_args!("{} with an id that occurred before", counted(self.counts.duplicates, "record")));
        }
        if self.ids_are_full {
            message(format_args!("ids were checked for duplicates up to {} of them", grouped(IDS_REMEMBERED as u64)));
        }
        let seconds = self.started.elapsed().as_secs_f64();
        let megabytes = self.progress.decoded.load(Ordering::Relaxed) as f64 / 1e6;
        message(format_args!(
            "{megabytes:.1} MB in {seconds:.2} s, {:.1} MB/s, with model {}",
            megabytes / seconds.max(1e-9),
            self.model
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report::new(Manner { quiet: true, ..Manner::default() }, Arc::default(), Counts::default())
    }

    #[test]
    fn memory_for_ids_is_bounded() {
        let mut report = report();
        for i in 0..IDS_REMEMBERED + 10 {
            report.check_id(&i.to_string());
        }
        report.check_id("0");
        assert!(report.ids_are_full && report.ids.capacity() == 0);
        assert_eq!(report.counts.duplicates, 0);
    }

    #[test]
    fn what_is_found() {
        let mut report = report();
        assert!(!report.counts.found(Some(Action::Clear), true));
        report.count(Done { actions: [1, 0, 1, 0], rejects: 1, ..Done::default() });
        assert!(report.counts.found(Some(Action::Review), false) && report.counts.found(Some(Action::Clear), false));
        assert!(report.counts.found(Some(Action::Abstain), false) && !report.counts.found(Some(Action::Block), false));
        assert!(report.counts.found(None, true) && !report.counts.found(None, false));
    }
}
