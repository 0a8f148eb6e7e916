/*!
What a thread does with a batch: parse, score, and write into memory, so that the one thread that writes only copies.
*/

use super::source::Cut;
use crate::cli::table::Table;
use crate::feed::writers::{CsvWriter, JsonlWriter};
use crate::feed::{Record, Reject};
use crate::score::Scorer;
use crate::verdict::{Action, Verdict};

/// Rejects of a batch that are kept to be shown.
pub(in crate::cli) const SHOWN: usize = 3;

/// How verdicts become bytes.
pub(in crate::cli) enum Render {
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
pub(in crate::cli) struct Worker<'a> {
    pub(in crate::cli) scorer: &'a Scorer,
    pub(in crate::cli) render: &'a Render,
    pub(in crate::cli) extra: bool,
    pub(in crate::cli) only: Option<&'a [Action]>,
    pub(in crate::cli) keep_rejects: bool,
}

/// What came of a batch.
#[derive(Default)]
pub(in crate::cli) struct Done {
    pub(in crate::cli) verdict_lines: Vec<u8>,
    pub(in crate::cli) reject_lines: Vec<u8>,
    /// Verdicts by action, in the order of [`Action::ALL`].
    pub(in crate::cli) actions: [u64; Action::ALL.len()],
    pub(in crate::cli) written: u64,
    pub(in crate::cli) ids: Vec<String>,
    pub(in crate::cli) rejects: u64,
    /// The first few, without their raw bytes.
    pub(in crate::cli) shown: Vec<Reject>,
}

impl Done {
    /// Counts a reject, and keeps it where it is wanted.
    pub(in crate::cli) fn reject(&mut self, mut reject: Reject, keep: bool) {
        self.rejects += 1;
        if keep && serde_json::to_writer(&mut self.reject_lines, &reject).is_ok() {
            self.reject_lines.push(b'\n');
        }
        if self.shown.len() < SHOWN {
            reject.raw = Vec::new();
            self.shown.push(reject);
        }
    }
}

impl Worker<'_> {
    pub(in crate::cli) fn work(&self, batch: Vec<Cut>) -> Done {
        let mut done = Done::default();
        for (raw, context) in batch {
            match raw.parse(&context) {
                Record::Posting(posting) => {
                    let mut verdict = self.scorer.score(&posting);
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
                Record::Reject(reject) => done.reject(reject, self.keep_rejects),
            }
        }
        done
    }
}
