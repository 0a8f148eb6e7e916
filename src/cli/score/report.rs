/*!
What a run tells on stderr: progress while it lasts, warnings, and one summary at its end.
*/

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64;

use super::source::Progress;
use super::work::{Done, SHOWN};
use crate::cli::common::{counted, grouped, message, warn};
use crate::cli::terminal::{clip, one_line};
use crate::verdict::Action;

/// Ids that are remembered: a bound on memory for feeds of any length.
const IDS_REMEMBERED: usize = 1_000_000;

/// Counts what was done.
pub(in crate::cli) struct Report {
    quiet: bool,
    rejects_are_kept: bool,
    progress: Arc<Progress>,
    bar: ProgressBar,
    started: Instant,
    actions: [u64; Action::ALL.len()],
    written: u64,
    rejects: u64,
    shown: usize,
    /// Hashes, because only whether an id was there before is asked.
    ids: FxHashSet<u64>,
    ids_are_full: bool,
    duplicates: u64,
}

impl Report {
    /// `clutter`: verdicts go to the same terminal, where a bar would be in their way.
    pub(in crate::cli) fn new(quiet: bool, clutter: bool, rejects_are_kept: bool, progress: Arc<Progress>) -> Report {
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
            actions: Default::default(),
            written: 0,
            rejects: 0,
            shown: 0,
            ids: FxHashSet::default(),
            ids_are_full: false,
            duplicates: 0,
        }
    }

    pub(in crate::cli) fn count(&mut self, done: Done) {
        for (sum, n) in self.actions.iter_mut().zip(done.actions) {
            *sum += n;
        }
        self.written += done.written;
        self.rejects += done.rejects;
        for id in &done.ids {
            self.check_id(id);
        }
        if !self.rejects_are_kept {
            for reject in done.shown.into_iter().take(SHOWN - self.shown) {
                self.shown += 1;
                let field = reject.field.map_or(String::new(), |field| format!(", field {field:?}"));
                let file = if &*reject.file == "-" { "stdin" } else { &reject.file };
                self.warn(&format!("{file}: record {}{field}: {}", reject.record, one_line(&reject.reason)));
            }
        }
        self.tell();
        if !self.bar.is_hidden() {
            self.bar.set_position(self.progress.read.load(Ordering::Relaxed));
            self.bar.set_message(format!(
                "{}, {}",
                counted(self.verdicts(), "verdict"),
                counted(self.rejects, "reject")
            ));
        }
    }

    fn check_id(&mut self, id: &str) {
        if self.ids_are_full {
            return;
        }
        if !self.ids.insert(xxh3_64(id.as_bytes())) {
            self.duplicates += 1;
            if self.duplicates == 1 {
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

    fn warn(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| warn(text));
        }
    }

    /// Tells what the reading of files has to say.
    fn tell(&self) {
        for notice in self.progress.take_notices() {
            self.warn(&notice);
        }
    }

    fn verdicts(&self) -> u64 {
        self.actions.iter().sum()
    }

    /// Whether no record was counted.
    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.verdicts() + self.rejects == 0
    }

    /// Takes the bar away.
    pub(in crate::cli) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// The summary.
    pub(in crate::cli) fn finish(&self, model: &str, only: bool) {
        self.clear();
        if self.quiet {
            return;
        }
        self.tell();
        if self.rejects > self.shown as u64 && self.shown > 0 {
            let more = self.rejects - self.shown as u64;
            warn(format_args!("{} more; --rejects FILE keeps them all", counted(more, "reject")));
        }
        let verdicts = self.verdicts();
        let mut actions: Vec<String> =
            Action::ALL.iter().rev().map(|a| format!("{} {}", grouped(self.actions[*a as usize]), a.name())).collect();
        if only {
            actions.push(format!("{} written", grouped(self.written)));
        }
        message(format_args!(
            "{} = {} + {}: {}",
            counted(verdicts + self.rejects, "record"),
            counted(verdicts, "verdict"),
            counted(self.rejects, "reject"),
            actions.join(", ")
        ));
        if self.duplicates > 0 {
            message(format_args!("{} with an id that occurred before", counted(self.duplicates, "record")));
        }
        if self.ids_are_full {
            message(format_args!("ids were checked for duplicates up to {} of them", grouped(IDS_REMEMBERED as u64)));
        }
        let seconds = self.started.elapsed().as_secs_f64();
        let megabytes = self.progress.decoded.load(Ordering::Relaxed) as f64 / 1e6;
        message(format_args!(
            "{megabytes:.1} MB in {seconds:.2} s, {:.1} MB/s, with model {model}",
            megabytes / seconds.max(1e-9)
        ));
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
        failed || (strict && self.rejects > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report::new(true, true, true, Arc::default())
    }

    #[test]
    fn memory_for_ids_is_bounded() {
        let mut report = report();
        for i in 0..IDS_REMEMBERED + 10 {
            report.check_id(&i.to_string());
        }
        report.check_id("0");
        assert!(report.ids_are_full && report.ids.capacity() == 0);
        assert_eq!(report.duplicates, 0);
    }

    #[test]
    fn what_is_found() {
        let mut report = report();
        assert!(!report.found(Some(Action::Clear), true));
        report.count(Done { actions: [1, 0, 1, 0], rejects: 1, ..Done::default() });
        assert!(report.found(Some(Action::Review), false) && report.found(Some(Action::Clear), false));
        assert!(report.found(Some(Action::Abstain), false) && !report.found(Some(Action::Block), false));
        assert!(report.found(None, true) && !report.found(None, false));
    }
}
