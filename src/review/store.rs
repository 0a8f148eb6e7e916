/*!
The label store: one SQLite file of decisions.

Decisions are only added. An undo is a row that revokes another; a change of mind is a later row of the same moderator.
Every call is one transaction that is on the disk when the call returns, so that nothing that was acknowledged is lost
when the process or the machine dies. Several processes may write at once: they wait for one another.
*/

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};

use super::decision::{Chosen, Decision, Label, Sampling, Scored, Standing};
use super::error::{Kind, StoreError};
use super::record;
use super::schema::{STEPS, check_ours, migrate};
use crate::posting::Posting;
use crate::verdict::Action;

/// How long a writer waits for others.
const PATIENCE: Duration = Duration::from_secs(20);
/// A note longer than this many characters is refused.
pub const MAX_NOTE: usize = 2_000;
/// A moderator's name is no longer than this many characters.
pub const MAX_NAME: usize = 100;

/// Asks for the write-ahead log; returns the journal that there is then.
///
/// While another process opens the same new store, SQLite gives up on this at once instead of waiting as long as it is told
/// to, so the waiting is done here.
fn journal_in_wal(connection: &Connection) -> rusqlite::Result<String> {
    let started = Instant::now();
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)) {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}

/// The time, as stores write it.
pub(super) const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/// A posting that is decided, and by what it is known again.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Of [`record::text_hash`].
    pub text_hash: &'a str,
    /// The posting's id.
    pub id: &'a str,
    /// Of [`record::to_json`].
    pub record: &'a str,
}

/// A label store that is open.
#[derive(Debug)]
pub struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    copy: Option<PathBuf>,
}

impl Store {
    /// Opens a store, and makes it when there is none.
    ///
    /// # Errors
    ///
    /// When the file is no label store, is damaged, comes from a later version, or cannot be written.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        Store::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, STEPS)
    }

    /// Opens a store that exists.
    ///
    /// # Errors
    ///
    /// As for [`Store::open`], and when there is no such file.
    pub fn open_existing(path: &Path) -> Result<Store, StoreError> {
        if !path.exists() {
            return Err(StoreError::new(path, Kind::Missing));
        }
        Store::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE, STEPS)
    }

    pub(super) fn open_with(path: &Path, flags: OpenFlags, steps: &[&str]) -> Result<Store, StoreError> {
        let failed = |e| StoreError::sqlite(path, e);
        // A name is a name: `file:` addresses would be another way in.
        let mut connection =
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        check_ours(&connection, path, steps.len())?;
        let mode = journal_in_wal(&connection).map_err(failed)?;
        // Not every file system has shared memory; the older journal is as safe, and slower.
        if mode != "wal" {
            connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).map_err(failed)?;
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
        let copy = migrate(&mut connection, path, steps)?;
        let store = Store { connection, path: path.to_owned(), copy };
        store.check()?;
        Ok(store)
    }

    /// SQLite's own check of the decisions; postings are checked when they are read.
    fn check(&self) -> Result<(), StoreError> {
        let found: String = self
            .connection
            .query_row("PRAGMA quick_check(decision)", [], |row| row.get(0))
            .map_err(|e| self.failed(e))?;
        if found == "ok" { Ok(()) } else { Err(self.error(Kind::Damaged(found))) }
    }

    /// The copy that was made because the store was of an older schema.
    pub fn copy_made(&self) -> Option<&Path> {
        self.copy.as_deref()
    }

    pub(super) fn failed(&self, error: rusqlite::Error) -> StoreError {
        StoreError::sqlite(&self.path, error)
    }

    pub(super) fn error(&self, kind: Kind) -> StoreError {
        StoreError::new(&self.path, kind)
    }

    /// Adds decisions of one moderator, all of them or none, and gives the number of their batch, by which they can be
    /// revoked. They are on the disk when this returns.
    ///
    /// # Errors
    ///
    /// When a name or a note is too long or there is nothing to add, or the store cannot be written.
    pub fn add(&mut self, moderator: &str, decisions: &[(Subject<'_>, Decision)]) -> Result<i64, StoreError> {
        check_name(moderator).map_err(|reason| self.error(Kind::Refused(reason)))?;
        let notes = decisions.iter().map(|(_, d)| d.note.chars().count()).max();
        if notes.ok_or_else(|| self.error(Kind::Refused("there is no decision to store".to_owned())))? > MAX_NOTE {
            return Err(self.error(Kind::Refused(format!("a note has at most {MAX_NOTE} characters"))));
        }
        let path = self.path.clone();
        let failed = |e| StoreError::sqlite(&path, e);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let batch: i64 = transaction
            .query_row("SELECT coalesce(max(number), 0) + 1 FROM decision", [], |row| row.get(0))
            .map_err(failed)?;
        {
            let mut keep = transaction
                .prepare("INSERT INTO posting (text_hash, record) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
                .map_err(failed)?;
            let mut decide = transaction
                .prepare(&format!(
                    "INSERT INTO decision (batch, at, moderator, text_hash, posting_id, label, reason, note, model,
                     probability, action, language, sampling, sample, rate)
                     VALUES (?1, {NOW}, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
                ))
                .map_err(failed)?;
            for (subject, decision) in decisions {
                keep.execute(params![subject.text_hash, subject.record]).map_err(failed)?;
                let Decision { label, reason, note, scored, chosen } = decision;
                decide
                    .execute(params![
                        batch,
                        moderator,
                        subject.text_hash,
                        subject.id,
                        label.name(),
                        reason.map(|r| r.name()),
                        note,
                        scored.model,
                        scored.probability,
                        scored.action.name(),
                        scored.language,
                        chosen.sampling.name(),
                        chosen.sample.map(|s| s.0),
                        chosen.sample.map(|s| s.1),
                    ])
                    .map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(batch)
    }

    /// Revokes a batch of a moderator's decisions by rows of their own, and gives how many were standing.
    ///
    /// # Errors
    ///
    /// When the store cannot be written.
    pub fn revoke(&mut self, moderator: &str, batch: i64) -> Result<usize, StoreError> {
        let path = self.path.clone();
        let failed = |e| StoreError::sqlite(&path, e);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let revoked = transaction
            .execute(
                &format!(
                    "INSERT INTO decision (batch, at, moderator, text_hash, posting_id, note, model, probability, action,
                     language, sampling, revokes)
                     SELECT (SELECT max(number) + 1 FROM decision), {NOW}, moderator, text_hash, posting_id, '', model,
                     probability, action, language, sampling, number
                     FROM decision d WHERE batch = ?1 AND moderator = ?2 AND label IS NOT NULL
                     AND NOT EXISTS (SELECT 1 FROM decision r WHERE r.revokes = d.number)"
                ),
                params![batch, moderator],
            )
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(revoked)
    }

    /// Hashes of the texts that are decided: by this moderator, or by anyone.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn decided(&self, by: Option<&str>) -> Result<HashSet<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT DISTINCT text_hash FROM standing WHERE ?1 IS NULL OR moderator = ?1")
            .map_err(|e| self.failed(e))?;
        let rows = statement.query_map([by], |row| row.get(0)).map_err(|e| self.failed(e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.failed(e))
    }

    /// Who has decided a text, and what.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn about(&self, text_hash: &str) -> Result<Vec<Standing>, StoreError> {
        self.select("WHERE text_hash = ?1 ORDER BY number", [text_hash])
    }

    /// All decisions that stand, in the order they were made.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or holds words that this version does not know.
    pub fn standing(&self) -> Result<Vec<Standing>, StoreError> {
        self.select("ORDER BY number", [])
    }

    fn select(&self, rest: &str, parameters: impl rusqlite::Params) -> Result<Vec<Standing>, StoreError> {
        let mut statement = self
            .connection
            .prepare(&format!(
                "SELECT number, at, moderator, text_hash, posting_id, label, reason, note, model, probability, action,
                 language, sampling, sample, rate FROM standing {rest}"
            ))
            .map_err(|e| self.failed(e))?;
        let mut rows = statement.query(parameters).map_err(|e| self.failed(e))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().map_err(|e| self.failed(e))? {
            out.push(self.read(row)?);
        }
        Ok(out)
    }

    fn read(&self, row: &Row<'_>) -> Result<Standing, StoreError> {
        let number: i64 = row.get(0).map_err(|e| self.failed(e))?;
        let word = |at: usize| row.get::<_, String>(at).map_err(|e| self.failed(e));
        let wrong = |reason| self.error(Kind::Record { row: format!("decision {number}"), reason });
        let reason: Option<String> = row.get(6).map_err(|e| self.failed(e))?;
        let sample: Option<i64> = row.get(13).map_err(|e| self.failed(e))?;
        let rate: Option<f64> = row.get(14).map_err(|e| self.failed(e))?;
        Ok(Standing {
            number,
            at: word(1)?,
            moderator: word(2)?,
            text_hash: word(3)?,
            posting_id: word(4)?,
            label: word(5)?.parse::<Label>().map_err(wrong)?,
            reason: reason.map(|r| r.parse()).transpose().map_err(wrong)?,
            note: word(7)?,
            scored: Scored {
                model: word(8)?,
                probability: row.get(9).map_err(|e| self.failed(e))?,
                action: action(&word(10)?).map_err(wrong)?,
                language: word(11)?,
            },
            chosen: Chosen { sampling: word(12)?.parse::<Sampling>().map_err(wrong)?, sample: sample.zip(rate) },
        })
    }

    /// The posting with this text that was decided first.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or the posting is not there or cannot be read back.
    pub fn posting(&self, text_hash: &str) -> Result<Posting, StoreError> {
        let wrong = |reason: String| self.error(Kind::Record { row: format!("posting {text_hash}"), reason });
        let text: Option<String> = self
            .connection
            .query_row("SELECT record FROM posting WHERE text_hash = ?1", [text_hash], |row| row.get(0))
            .optional()
            .map_err(|e| self.failed(e))?;
        record::from_json(&text.ok_or_else(|| wrong("it is not there".to_owned()))?).map_err(wrong)
    }
}

/// The action of this name.
pub(super) fn action(name: &str) -> Result<Action, String> {
    Action::ALL.into_iter().find(|a| a.name() == name).ok_or_else(|| format!("{name:?} is no action"))
}

/// Whether this can be a moderator's name.
///
/// # Errors
///
/// What is wrong with it.
pub fn check_name(moderator: &str) -> Result<(), String> {
    if moderator.trim().is_empty() {
        return Err("a moderator needs a name".to_owned());
    }
    if moderator.chars().count() > MAX_NAME || moderator.chars().any(char::is_control) {
        return Err(format!("a moderator's name has at most {MAX_NAME} characters, and no control characters"));
    }
    Ok(())
}
