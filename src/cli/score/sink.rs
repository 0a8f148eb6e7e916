/*!
Where the results of a run end, in the order of the records: verdicts, rejects, counts, and the checkpoint that holds
them together.

[`Sink::take`] is the only way in. Between two of its calls everything agrees: the outputs hold whole records, the counts
are theirs, and the place is that of the last. So a run can be ended between any two calls, by whoever holds the sink.
*/

use std::path::PathBuf;

use super::checkpoint::{Checkpoint, Stage, State};
use super::report::Report;
use super::source::Place;
use super::verdicts::Verdicts;
use super::work::Done;
use crate::cli::common::message;
use crate::cli::output::Output;

/// A checkpoint, and where and when it is written.
pub(super) struct Keeper {
    pub(super) path: PathBuf,
    pub(super) checkpoint: Checkpoint,
    /// Records between two checkpoints.
    pub(super) every: u64,
}

impl Keeper {
    /// Nothing is left to do.
    pub(super) fn finished(&mut self) -> anyhow::Result<()> {
        self.checkpoint.state.stage = Stage::Finished;
        self.checkpoint.save(&self.path)
    }
}

/// The end of a run.
pub(super) struct Sink {
    pub(super) verdicts: Verdicts,
    pub(super) rejects: Option<Output>,
    pub(super) report: Report,
    pub(super) keeper: Option<Keeper>,
    /// What is to be done where there is none.
    pub(super) without_keeper: &'static str,
    /// The last record that is done.
    pub(super) place: Option<Place>,
    /// Records since the last checkpoint.
    pub(super) since: u64,
    /// Something could not be written, or was written in part: only an older checkpoint is true.
    pub(super) broken: bool,
}

impl Sink {
    /// Takes the results of a batch.
    pub(super) fn take(&mut self, done: Done) -> anyhow::Result<()> {
        self.broken = true;
        // Rejects first: once stdout is gone nothing more is written.
        if let Some(rejects) = &mut self.rejects {
            rejects.write(&done.reject_lines)?;
        }
        self.verdicts.write(&done.verdict_lines, &done.verdict_ends)?;
        self.place = done.place.or(self.place);
        self.since += done.records();
        self.report.count(done);
        self.broken = false;
        if self.keeper.as_ref().is_some_and(|keeper| self.since >= keeper.every) {
            self.save(Stage::Running)?;
        }
        Ok(())
    }

    /// Writes a checkpoint, if one is asked for, once the outputs are on the disk.
    fn save(&mut self, stage: Stage) -> anyhow::Result<()> {
        let Some(keeper) = &mut self.keeper else { return Ok(()) };
        self.broken = true;
        self.verdicts.sync()?;
        if let Some(rejects) = &mut self.rejects {
            rejects.sync()?;
        }
        self.broken = false;
        keeper.checkpoint.state = State {
            stage,
            place: self.place,
            verdicts: self.verdicts.written(),
            rejects: self.rejects.as_ref().map_or(0, Output::length),
            counts: self.report.counts(),
        };
        self.since = 0;
        keeper.checkpoint.save(&keeper.path)
    }

    /// All records are done: the outputs get their names.
    pub(super) fn finish(mut self) -> anyhow::Result<Report> {
        self.verdicts.close()?;
        self.save(Stage::Finishing)?;
        self.verdicts.finish()?;
        if let Some(rejects) = self.rejects {
            rejects.finish()?;
        }
        if let Some(mut keeper) = self.keeper {
            keeper.finished()?;
        }
        Ok(self.report)
    }

    /// The run ends before its end: keeps what is whole, sums it up, and says how to go on.
    pub(super) fn give_up(&mut self) {
        self.report.clear();
        let kept = match (self.broken, &self.keeper) {
            (true, _) => Ok(()),
            (false, Some(_)) => self.save(Stage::Running),
            (false, None) => self.flush(),
        };
        if let Err(e) = kept {
            message(format_args!("{e:#}"));
        }
        // A run that failed before its first record has nothing to sum up.
        if self.report.counts().is_empty() {
            return;
        }
        self.report.finish();
        if self.report.is_quiet() {
            return;
        }
        match (&self.keeper, self.verdicts.output().partial()) {
            (Some(keeper), _) => message(format_args!(
                "the same command with --resume goes on where {} says: nothing that is done is scored again",
                keeper.path.display()
            )),
            (None, Some(partial)) => {
                message(format_args!("{} holds what was written; {}", partial.display(), self.without_keeper))
            }
            (None, None) => {}
        }
    }

    /// Writes what was collected.
    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        if let Some(rejects) = &mut self.rejects {
            rejects.flush()?;
        }
        self.verdicts.flush()
    }
}
