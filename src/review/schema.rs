/*!
The schema of a label store, by version.

`application_id` says that a file is a label store, `user_version` of which schema. A new store runs all steps, an older
one those that it lacks, in one transaction, after a copy of it was made. Steps are never changed, only added.
*/

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::error::{Kind, StoreError};

/// `LURE`, in the header of the file.
pub const APPLICATION_ID: i64 = 0x4c55_5245;

/// What each version adds. The number of steps is the version.
///
/// Decisions are rows that no statement changes or takes away: the triggers hold against other programs too. A text is
/// stored once, with the first posting that carried it. `revokes` makes a row an undo.
pub const STEPS: &[&str] = &["
CREATE TABLE posting (
  text_hash TEXT PRIMARY KEY,
  record TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sample (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  moderator TEXT NOT NULL,
  model TEXT NOT NULL,
  frame TEXT NOT NULL,
  seed INTEGER NOT NULL,
  size INTEGER NOT NULL,
  review_at REAL NOT NULL,
  block_at REAL NOT NULL,
  UNIQUE (frame, seed, size, model)
) STRICT;

CREATE TABLE stratum (
  sample INTEGER NOT NULL REFERENCES sample,
  action TEXT NOT NULL,
  population INTEGER NOT NULL,
  PRIMARY KEY (sample, action)
) STRICT, WITHOUT ROWID;

CREATE TABLE drawn (
  sample INTEGER NOT NULL REFERENCES sample,
  position INTEGER NOT NULL,
  action TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  PRIMARY KEY (sample, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  batch INTEGER NOT NULL,
  at TEXT NOT NULL,
  moderator TEXT NOT NULL,
  text_hash TEXT NOT NULL REFERENCES posting,
  posting_id TEXT NOT NULL,
  label TEXT CHECK (label IN ('scam', 'honest', 'unsure')),
  reason TEXT,
  note TEXT NOT NULL,
  model TEXT NOT NULL,
  probability REAL,
  action TEXT NOT NULL,
  language TEXT NOT NULL,
  sampling TEXT NOT NULL,
  sample INTEGER REFERENCES sample,
  rate REAL,
  revokes INTEGER UNIQUE REFERENCES decision,
  CHECK ((label IS NULL) = (revokes IS NOT NULL))
) STRICT;

CREATE INDEX decision_by_text ON decision (text_hash, moderator, number);
CREATE INDEX decision_by_batch ON decision (batch);

CREATE TRIGGER decision_is_kept BEFORE DELETE ON decision
  BEGIN SELECT RAISE(ABORT, 'decisions are never deleted; revoke them'); END;
CREATE TRIGGER decision_stays BEFORE UPDATE ON decision
  BEGIN SELECT RAISE(ABORT, 'decisions are never changed; revoke them'); END;

CREATE VIEW standing AS
  SELECT d.* FROM decision d
  WHERE d.label IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM decision r WHERE r.revokes = d.number)
    AND NOT EXISTS (
      SELECT 1 FROM decision n
      WHERE n.text_hash = d.text_hash AND n.moderator = d.moderator AND n.number > d.number AND n.label IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM decision r WHERE r.revokes = n.number));
"];

/// Whether a file is a store, checked before anything in it is changed.
///
/// # Errors
///
/// When it is a file of another program, or of a later version.
pub fn check_ours(connection: &Connection, path: &Path, known: usize) -> Result<(), StoreError> {
    let failed = |e| StoreError::sqlite(path, e);
    // All that is asked is asked of one state of the file: another program may be making a store of it right now.
    let _one_state =
        connection.is_autocommit().then(|| connection.unchecked_transaction()).transpose().map_err(failed)?;
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(failed);
    let (application, version) = (number("application_id")?, number("user_version")?);
    if application == APPLICATION_ID {
        let known = known as i64;
        return if version > known {
            Err(StoreError::new(path, Kind::Newer { found: version, known }))
        } else {
            Ok(())
        };
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if application != 0 || version != 0 || tables > 0 {
        return Err(StoreError::new(path, Kind::Foreign("it is an SQLite file of another program".to_owned())));
    }
    Ok(())
}

/// Brings a store to the newest of `steps`. Where an older one had content, a copy is made first, and its name given back.
///
/// # Errors
///
/// When the copy cannot be made or a step fails; the store is then as it was.
pub fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<Option<PathBuf>, StoreError> {
    let failed = |e| StoreError::sqlite(path, e);
    let version =
        |c: &Connection| c.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).map_err(failed);
    let found = version(connection)?;
    if found == steps.len() as i64 {
        return Ok(None);
    }
    let copy = if found > 0 { Some(back_up(connection, path, found)?) } else { None };
    // Two programs may open a new store at once; the second finds it made when it gets the lock.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = version(&transaction)?;
    check_ours(&transaction, path, steps.len())?;
    for step in steps.iter().skip(found.max(0) as usize) {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", steps.len() as i64).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(copy)
}

/// A copy of the whole store beside it: `NAME.schema-1`, or with a number where that is taken.
fn back_up(connection: &Connection, path: &Path, version: i64) -> Result<PathBuf, StoreError> {
    let named = |suffix: String| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut copy = named(format!(".schema-{version}"));
    let mut number = 2;
    while copy.exists() {
        copy = named(format!(".schema-{version}-{number}"));
        number += 1;
    }
    connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).map_err(|e| StoreError::sqlite(path, e))?;
    Ok(copy)
}
