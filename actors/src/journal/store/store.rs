//! [`Store`]: one connection, one transaction a batch.

use super::batch::{Batch, Done};
use super::connection::{self, OpenError, Synchronous};
use super::content::{self, SweepPlan};
use super::identity::{FileId, Identity, displaced, id};
use super::insert::Rows;
use super::ledger;
use super::streams::Heads;
use crate::journal::queue::Write;
use crate::machine::Change;
use crate::vocabulary::{Position, Timestamp};
use rusqlite::Connection;
use std::path::PathBuf;
use std::time::Duration;

/// How long a checkpoint waits for readers: it is tried again and again, and blocks the writer.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(100);

/// How long a publication is known by its key.
const KEYS_LIVE: Duration = Duration::from_hours(31 * 24);

/// How the database is opened.
#[derive(Debug, Clone)]
pub(crate) struct StoreSettings {
    pub(crate) path: PathBuf,
    pub(crate) synchronous: Synchronous,
    pub(crate) checkpoint_pages: u32,
    pub(crate) topic_root: String,
    /// Which file it has to be; `None`: whichever lies there.
    pub(crate) known: Option<FileId>,
}

/// The writer's side of the database.
#[derive(Debug)]
pub(crate) struct Store {
    settings: StoreSettings,
    connection: Connection,
    heads: Heads,
    rows: Rows,
    last: Position,
    identity: Identity,
    /// Somebody else has written into the database.
    is_shared: bool,
}

/// Why a whole batch failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitError {
    /// Nothing of it is in the database, which takes no writes at all: the disk is full, or failing.
    #[error("{0}")]
    RolledBack(rusqlite::Error),
    /// Nothing of it is in the database, because of what one of its writes says.
    #[error("{0}")]
    Spoiled(rusqlite::Error),
    /// Nothing of it is in the database, into which somebody else writes.
    #[error("{SHARED}")]
    Shared,
    /// It may be: the database has to be opened anew before anyone reads it.
    #[error("{0}")]
    Unknown(String),
}

const SHARED: &str =
    "another program writes into the database: stop it, then start this server again";

impl Store {
    /// Opens the database, creating and migrating it as needed.
    pub(crate) fn open(settings: StoreSettings) -> Result<Self, OpenError> {
        let StoreSettings { path, synchronous, checkpoint_pages, known, .. } = &settings;
        if known.is_some() && id(path) != *known {
            return Err(OpenError::Displaced(displaced(path)));
        }
        let connection = connection::open(path, *synchronous, *checkpoint_pages)?;
        let sql = |source| OpenError::Sql { path: path.clone(), source };
        let heads = Heads::new(&connection).map_err(sql)?;
        let last = last_position(&connection).map_err(sql)?;
        // Behind the first read, which makes the write-ahead log.
        let identity = Identity::of(path);
        let rows = Rows::default();
        Ok(Self { settings, connection, heads, rows, last, identity, is_shared: false })
    }

    /// Opens it again after a COMMIT that failed. What is found there counts only once a truncating
    /// checkpoint has put it, synced, into the database file.
    pub(crate) fn reopen(&mut self) -> Result<(), String> {
        self.check_place()?;
        // The old connection first: its transaction may still be open, and would hold up everyone.
        let placeholder = Connection::open_in_memory().map_err(|error| error.to_string())?;
        drop(std::mem::replace(&mut self.connection, placeholder));
        let reopened = Self::open(self.settings.clone()).map_err(|error| error.to_string())?;
        reopened.checkpoint()?;
        *self = reopened;
        Ok(())
    }

    /// Puts all that the WAL holds, synced, into the database file, or says why it cannot now.
    pub(crate) fn checkpoint(&self) -> Result<(), String> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy = self
            .connection
            .busy_timeout(CHECKPOINT_PATIENCE)
            .and_then(|()| self.connection.query_row(checkpoint, [], |row| row.get::<_, i64>(0)))
            .and_then(|busy| self.connection.busy_timeout(connection::PATIENCE).map(|()| busy));
        match busy {
            Ok(0) => Ok(()),
            Ok(_) => Err("readers hold up the checkpoint".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether what is written is found by whoever opens the database, and nobody else writes into it.
    pub(crate) fn check_place(&self) -> Result<(), String> {
        if self.is_shared { Err(SHARED.into()) } else { self.identity.check() }
    }

    /// The newest position.
    pub(crate) fn last(&self) -> Position {
        self.last
    }

    /// Writes a batch in one transaction and says how each of its writes came out. An append whose
    /// stream does not end where it expects is answered with a conflict and left out; an SQL error
    /// undoes the whole batch.
    pub(crate) fn commit(
        &mut self,
        batch: &[Write],
        now: Timestamp,
    ) -> Result<Vec<Done>, CommitError> {
        self.begin()?;
        match self.write_all(batch, now) {
            Ok((done, last)) => {
                self.end_transaction()?;
                self.last = last;
                // It may have been deleted meanwhile: then this was written to a file without a name.
                self.identity.check().map_err(CommitError::Unknown)?;
                Ok(done)
            }
            Err(error) => Err(self.roll_back(error)),
        }
    }

    /// Begins a transaction, if positions stand where this store has left them.
    fn begin(&mut self) -> Result<(), CommitError> {
        let begun = self.connection.execute_batch("BEGIN IMMEDIATE");
        match begun.and_then(|()| last_position(&self.connection)) {
            Ok(found) if found == self.last => Ok(()),
            Ok(_) => {
                self.is_shared = true;
                // Nothing was written; a transaction that stays open ends with the connection.
                let _ = self.connection.execute_batch("ROLLBACK");
                Err(CommitError::Shared)
            }
            Err(error) => Err(self.roll_back(error)),
        }
    }

    fn write_all(
        &mut self,
        batch: &[Write],
        now: Timestamp,
    ) -> rusqlite::Result<(Vec<Done>, Position)> {
        let Self { settings, connection, heads, rows, last, .. } = self;
        Batch::new(connection, heads, rows, &settings.topic_root, *last, now)?.write(batch)
    }

    fn end_transaction(&mut self) -> Result<(), CommitError> {
        #[cfg(test)]
        if let Some(failed) = super::doubt::strike(&self.connection) {
            return failed.map_err(|error| CommitError::Unknown(error.to_string()));
        }
        match self.connection.execute_batch("COMMIT") {
            // Deferred constraints are looked at here; then it has certainly not happened.
            Err(error) if is_of_one(&error) => Err(self.roll_back(error)),
            end => end.map_err(|error| CommitError::Unknown(error.to_string())),
        }
    }

    fn roll_back(&mut self, error: rusqlite::Error) -> CommitError {
        self.heads.clear();
        // A full disk may have rolled it back already.
        if self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok() {
            let kind =
                if is_of_one(&error) { CommitError::Spoiled } else { CommitError::RolledBack };
            kind(error)
        } else {
            CommitError::Unknown(error.to_string())
        }
    }

    /// Decides what may be deleted, and commits that decision.
    pub(crate) fn plan_sweep(
        &mut self,
        candidates: &[String],
        released_before: Timestamp,
    ) -> rusqlite::Result<SweepPlan> {
        content::plan_sweep(&mut self.connection, candidates, released_before)
    }

    /// A value of the table `meta`.
    pub(crate) fn meta(&self, key: &str) -> rusqlite::Result<Option<String>> {
        use rusqlite::OptionalExtension;
        let sql = "SELECT value FROM meta WHERE key = ?";
        self.connection.query_row(sql, [key], |row| row.get(0)).optional()
    }

    /// Forgets a value of the table `meta`.
    pub(crate) fn forget_meta(&self, key: &str) -> rusqlite::Result<()> {
        self.connection.execute("DELETE FROM meta WHERE key = ?", [key]).map(drop)
    }

    /// Whether a row says that content lies at `path`.
    pub(crate) fn is_named(&self, path: &str) -> rusqlite::Result<bool> {
        content::is_named(&self.connection, path)
    }

    /// Sets a value of the table `meta`.
    pub(crate) fn set_meta(&self, key: &str, value: &str) -> rusqlite::Result<()> {
        let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.connection.execute(sql, [key, value]).map(drop)
    }

    /// Changes one read-model row outside any append: for rebuilding.
    pub(crate) fn change_row(
        &mut self,
        stream: i64,
        name: &str,
        change: &Change,
    ) -> rusqlite::Result<()> {
        self.rows.change(&self.connection, stream, name, change)
    }

    /// Deletes read-model rows: for rebuilding.
    pub(crate) fn clear_rows(
        &self,
        table: &str,
        which: &str,
        value: impl rusqlite::ToSql,
    ) -> rusqlite::Result<()> {
        let sql = format!("DELETE FROM {table} WHERE {which}");
        self.connection.prepare_cached(&sql)?.execute([value]).map(drop)
    }

    /// Runs `work` in one transaction.
    pub(crate) fn in_transaction<T, E: From<rusqlite::Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let result = work(self);
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.connection.execute_batch(end);
        // The first error says more.
        result.and_then(|value| Ok(ended.map(|()| value)?))
    }

    /// The connection, for reading.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Forgets keys whose time is over, and lets the planner see how the tables have grown.
    pub(crate) fn optimize(&self, now: Timestamp) -> rusqlite::Result<()> {
        let month = i64::try_from(KEYS_LIVE.as_millis()).unwrap_or(i64::MAX);
        ledger::forget_keys(&self.connection, Timestamp(now.0 - month))?;
        self.connection.execute_batch("PRAGMA optimize")
    }
}

/// Whether the error lies in what was to be written, rather than in the database or the disk below it.
fn is_of_one(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{
        ConstraintViolation, ParameterOutOfRange, TooBig, TypeMismatch, Unknown,
    };
    error.sqlite_error_code().is_none_or(|code| {
        // `Unknown` is SQLite's general error: a table or a column that does not exist.
        matches!(code, ConstraintViolation | ParameterOutOfRange | TooBig | TypeMismatch | Unknown)
    })
}

fn last_position(connection: &Connection) -> rusqlite::Result<Position> {
    let sql = "SELECT coalesce(max(id), 0) FROM messages";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
}
