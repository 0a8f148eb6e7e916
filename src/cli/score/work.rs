/*!
What a thread does with a batch: parse, score, and write into memory, so that the one thread that writes only copies.
*/

use super::pass_through;
use super::source::{Cut, Place};
use super::verdicts::Frame;
use crate::cli::privacy::without_excerpts;
use crate::cli::table::Table;
use crate::dsa::{MOST_STATEMENTS, StatementWriter};
use crate::feed::writers::{Column, CsvWriter, JsonlWriter};
use crate::feed::{RawRecord, Record, Reject};
use crate::posting::Posting;
use crate::redact::Redactor;
use crate::score::Scorer;
use crate::verdict::{Action, Verdict};

/// Rejects of a batch that are kept to be shown.
pub(in crate::cli) const SHOWN: usize = 3;

/// How verdicts become bytes.
pub(super) enum Render {
    Jsonl(JsonlWriter),
    Csv(CsvWriter),
    Table(Table),
    /// As JSON lines, which the one who holds the file takes apart again: parsing them costs little beside scoring.
    Parquet(Vec<Column>),
    Statements(Box<StatementWriter>),
}

impl Render {
    fn write(&self, posting: &Posting, verdict: &Verdict, out: &mut Vec<u8>) {
        match self {
            // A vector takes every write.
            Render::Jsonl(writer) => drop(writer.write(verdict, out)),
            Render::Parquet(_) => drop(JsonlWriter::default().write(verdict, out)),
            Render::Csv(writer) => writer.write(verdict, out),
            Render::Table(table) => table.write(verdict, out),
            Render::Statements(writer) => writer.write(posting, verdict, out),
        }
    }

    /// What stands around the records.
    pub(super) fn frame(&self) -> Frame {
        let mut text = Vec::new();
        match self {
            Render::Jsonl(_) => return Frame::None,
            Render::Parquet(columns) => return Frame::Parquet(columns.clone()),
            Render::Statements(_) => {
                return Frame::Batches { open: b"{\"statements\":[", close: b"]}\n", most: MOST_STATEMENTS };
            }
            Render::Csv(writer) => writer.header(&mut text),
            Render::Table(table) => table.header(&mut text),
        }
        Frame::Header { text, always: matches!(self, Render::Csv(_)) }
    }
}

/// All that the threads share.
pub(super) struct Worker<'a> {
    pub(super) scorer: &'a Scorer,
    pub(super) render: &'a Render,
    pub(super) extra: bool,
    pub(super) pass_through: bool,
    pub(super) only: Option<&'a [Action]>,
    pub(super) keep_rejects: bool,
    pub(super) redactor: Option<&'a Redactor<'a>>,
}

/// What came of a batch.
#[derive(Default)]
pub(in crate::cli) struct Done {
    pub(super) verdict_lines: Vec<u8>,
    /// Where each verdict ends in them.
    pub(super) verdict_ends: Vec<usize>,
    pub(in crate::cli) reject_lines: Vec<u8>,
    /// Verdicts by action, in the order of [`Action::ALL`].
    pub(in crate::cli) actions: [u64; Action::ALL.len()],
    /// The last record.
    pub(super) place: Option<Place>,
    pub(in crate::cli) ids: Vec<String>,
    pub(super) rejects: u64,
    /// Verdicts on texts that were cut off.
    pub(super) truncated: u64,
    /// The first few, without their raw bytes.
    pub(super) shown: Vec<Reject>,
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

    pub(super) fn records(&self) -> u64 {
        self.actions.iter().sum::<u64>() + self.rejects
    }
}

impl Worker<'_> {
    pub(super) fn work(&self, batch: Vec<Cut>) -> Done {
        let mut done = Done::default();
        for cut in batch {
            done.place = Some(cut.place());
            let line = match &cut.raw {
                RawRecord::Jsonl(line) if self.pass_through => Some(line.bytes.clone()),
                _ => None,
            };
            match cut.raw.parse(&cut.context) {
                Record::Posting(posting) => self.score(*posting, line.as_deref(), &mut done),
                Record::Reject(reject) => self.set_aside(reject, &mut done),
            }
        }
        done
    }

    fn score(&self, mut posting: Posting, line: Option<&[u8]>, done: &mut Done) {
        let mut verdict = self.scorer.score(&posting);
        if self.extra {
            verdict.extra = std::mem::take(&mut posting.extra);
        }
        if let Some(redactor) = self.redactor {
            redactor.verdict(&posting, &mut verdict);
        }
        done.actions[verdict.action as usize] += 1;
        done.truncated += u64::from(verdict.truncated);
        if self.only.is_none_or(|only| only.contains(&verdict.action)) {
            if self.pass_through {
                let mut bytes = Vec::new();
                self.render.write(&posting, &verdict, &mut bytes);
                self.pass(&posting, line, bytes.trim_ascii_end(), &mut done.verdict_lines);
            } else {
                self.render.write(&posting, &verdict, &mut done.verdict_lines);
            }
            done.verdict_ends.push(done.verdict_lines.len());
        }
        done.ids.push(verdict.id);
    }

    fn pass(&self, posting: &Posting, line: Option<&[u8]>, verdict: &[u8], out: &mut Vec<u8>) {
        if self.redactor.is_none() && line.is_some_and(|line| pass_through::append(line, verdict, out)) {
            return;
        }
        let mut object = line.and_then(pass_through::object).unwrap_or_else(|| pass_through::assembled(posting));
        if let Some(redactor) = self.redactor {
            redactor.record(&mut object);
        }
        pass_through::write(object, verdict, out);
    }

    fn set_aside(&self, mut reject: Reject, done: &mut Done) {
        if let Some(redactor) = self.redactor {
            reject.raw_truncated |= !reject.raw.is_empty();
            reject.raw = Vec::new();
            reject.reason = without_excerpts(&reject.reason);
            reject.field = reject.field.map(|field| redactor.text(&field));
        }
        done.reject(reject, self.keep_rejects);
    }
}
