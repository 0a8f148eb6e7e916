/*!
What a thread does with a batch: parse, score, and write into memory, so that the one thread that writes only copies.
*/

use std::sync::Mutex;

use super::source::Cut;
use crate::cli::table::Table;
use crate::feed::writers::{CsvWriter, JsonlWriter};
use crate::feed::{Record, Reject};
use crate::score::{Scorer, Scratch};
use crate::verdict::{Action, Verdict};

/// Rejects of a batch that are kept to be shown.
pub(super) const SHOWN: usize = 3;

/// How verdicts become bytes.
pub(super) enum Render {
    Jsonl(JsonlWriter),
    Csv(CsvWriter),
    Table(Table),
}

impl Render {
    fn write(&self, verdict: &Verdict, out: &mut Vec<u8>) {
        match self {
            // A vector takes every write.
            Render::Jsonl(writer) => drop(writer.write(verdict, out)),
            Render::Csv(writer) => writer.write(verdict, out),
            Render::Table(table) => table.write(verdict, out),
        }
    }
}

/// All that the threads share.
pub(super) struct Worker<'a> {
    pub(super) scorer: &'a Scorer,
    pub(super) render: &'a Render,
    pub(super) extra: bool,
    pub(super) only: Option<&'a [Action]>,
    pub(super) keep_rejects: bool,
    /// What threads have scored with before, between their batches.
    pub(super) scratches: Mutex<Vec<Scratch>>,
}

/// What came of a batch.
#[derive(Default)]
pub(super) struct Done {
    pub(super) verdict_lines: Vec<u8>,
    pub(super) reject_lines: Vec<u8>,
    /// Verdicts by action, in the order of [`Action::ALL`].
    pub(super) actions: [u64; Action::ALL.len()],
    pub(super) written: u64,
    pub(super) ids: Vec<String>,
    pub(super) rejects: u64,
    /// The first few, without their raw bytes.
    pub(super) shown: Vec<Reject>,
}

impl Worker<'_> {
    pub(super) fn work(&self, batch: Vec<Cut>) -> Done {
        let mut done = Done::default();
        let mut scratch = self.scratches.lock().map_or(None, |mut held| held.pop()).unwrap_or_default();
        for (raw, context) in batch {
            match raw.parse(&context) {
                Record::Posting(posting) => {
                    let mut verdict = self.scorer.score_with(&posting, &mut scratch);
                    if self.extra {
                        verdict.extra = posting.extra;
                    }
                    done.actions[verdict.action as usize] += 1;
                    if self.only.is_none_or(|only| only.contains(&verdict.action)) {
                        self.render.write(&verdict, &mut done.verdict_lines);
                        done.written += 1;
                    }
                    done.ids.push(verdict.id);
                }
                Record::Reject(mut reject) => {
                    done.rejects += 1;
                    if self.keep_rejects && serde_json::to_writer(&mut done.reject_lines, &reject).is_ok() {
                        done.reject_lines.push(b'\n');
                    }
                    if done.shown.len() < SHOWN {
                        reject.raw = Vec::new();
                        done.shown.push(reject);
                    }
                }
            }
        }
        if let Ok(mut held) = self.scratches.lock() {
            held.push(scratch);
        }
        done
    }
}
