//! [`Store`]: one connection, one transaction a batch.

use super::aside;
use super::connection::{self, OpenError, Synchronous};
use super::content::{self, SweepPlan};
use super::insert::{self, Place, Rows};
use super::streams::{Head, Heads};
use crate::journal::queue::Write;
use crate::journal::{Append, Aside, Committed, Fault, Message, MessageKind, NewMessage};
use crate::machine::Change;
use crate::vocabulary::{Position, Timestamp, Version};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long a checkpoint waits for readers: it is tried again and again, and blocks the writer.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(100);

/// How the database is opened.
#[derive(Debug, Clone)]
pub(crate) struct StoreSettings {
    pub(crate) path: PathBuf,
    pub(crate) synchronous: Synchronous,
    pub(crate) checkpoint_pages: u32,
    pub(crate) topic_root: String,
}

/// The writer's side of the database.
#[derive(Debug)]
pub(crate) struct Store {
    settings: StoreSettings,
    connection: Connection,
    heads: Heads,
    rows: Rows,
    last: Position,
}

/// How one write of a batch came out.
pub(crate) type Written = Result<(Committed, Vec<Arc<Message>>), Fault>;

/// Why a whole batch failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitError {
    /// Nothing of it is in the database.
    #[error("{0}")]
    RolledBack(rusqlite::Error),
    /// It may be: the database has to be opened anew before anyone reads it.
    #[error("{0}")]
    Unknown(rusqlite::Error),
}

impl Store {
    /// Opens the database, creating and migrating it as needed.
    pub(crate) fn open(settings: StoreSettings) -> Result<Self, OpenError> {
        let StoreSettings { path, synchronous, checkpoint_pages, .. } = &settings;
        let connection = connection::open(path, *synchronous, *checkpoint_pages)?;
        let sql = |source| OpenError::Sql { path: path.clone(), source };
        let heads = Heads::new(&connection).map_err(sql)?;
        let last = last_position(&connection).map_err(sql)?;
        Ok(Self { settings, connection, heads, rows: Rows::default(), last })
    }

    /// Opens it again after a COMMIT that failed. What is found there counts only once a truncating
    /// checkpoint has put it, synced, into the database file.
    pub(crate) fn reopen(&mut self) -> Result<(), String> {
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

    /// The newest position.
    pub(crate) fn last(&self) -> Position {
        self.last
    }

    /// Writes a batch in one transaction. An append whose stream is not at the expected version is
    /// answered with a conflict and left out; an SQL error undoes the whole batch.
    pub(crate) fn commit(
        &mut self,
        batch: &[Write],
        now: Timestamp,
    ) -> Result<Vec<Written>, CommitError> {
        let before = self.last;
        let attempt = self.write_all(batch, now);
        match attempt {
            Ok(written) => match self.end_transaction() {
                Ok(()) => Ok(written),
                Err(error) => Err(CommitError::Unknown(error)),
            },
            Err(error) => Err(self.roll_back(error, before)),
        }
    }

    fn end_transaction(&self) -> rusqlite::Result<()> {
        #[cfg(test)]
        if let Some(failed) = super::doubt::strike(&self.connection) {
            return failed;
        }
        self.connection.execute_batch("COMMIT")
    }

    fn roll_back(&mut self, error: rusqlite::Error, before: Position) -> CommitError {
        self.heads.clear();
        self.last = before;
        // A full disk may have rolled it back already.
        if self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok() {
            CommitError::RolledBack(error)
        } else {
            CommitError::Unknown(error)
        }
    }

    fn write_all(&mut self, batch: &[Write], now: Timestamp) -> rusqlite::Result<Vec<Written>> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let written = batch.iter().filter_map(|write| match write {
            Write::Append(append) => Some(self.append(append, now)),
            Write::Publish(publish) => Some(self.publish(&publish.message, now)),
            Write::Aside(aside) => Some(self.aside(aside, now)),
            Write::Sweep(_) => None,
        });
        written.collect()
    }

    fn append(&mut self, append: &Append, now: Timestamp) -> rusqlite::Result<Written> {
        let mut head = match self.heads.expect(&self.connection, append)? {
            Ok(head) => head,
            Err(conflict) => return Ok(Err(conflict)),
        };
        let first = self.last + 1;
        // The stream first: messages and rows refer to it.
        self.heads.advance(&self.connection, append, head.after(append, first), now)?;
        let messages = self.append_messages(append, &mut head, now)?;
        if let Some(change) = &append.row {
            self.rows.change(&self.connection, head.id, append.stream.name.as_str(), change)?;
        }
        for held in &append.held {
            content::note(&self.connection, held, now)?;
        }
        Ok(Ok((Committed { first, version: head.version }, messages)))
    }

    fn append_messages(
        &mut self,
        append: &Append,
        head: &mut Head,
        now: Timestamp,
    ) -> rusqlite::Result<Vec<Arc<Message>>> {
        let first = self.last + 1;
        let mut messages = Vec::with_capacity(append.messages.len());
        for new in &append.messages {
            head.version += Version::from(new.kind == MessageKind::Event);
            let place = Place {
                position: self.last + 1,
                stream: Some((head.id, &append.stream)),
                previous: head.position,
                version: Some(head.version),
                causation: new.caused_by.and_then(|index| Some(first + i64::try_from(index).ok()?)),
                root: &self.settings.topic_root,
                now,
            };
            messages.push(Arc::new(insert::message(&self.connection, new, &place)?));
            self.last += 1;
            head.position = Some(self.last);
        }
        Ok(messages)
    }

    /// Rows outside any stream, with the messages that tell of them.
    fn aside(&mut self, aside: &Aside, now: Timestamp) -> rusqlite::Result<Written> {
        if let Err(conflict) = aside::expect(&self.connection, &aside.rows)? {
            return Ok(Err(conflict));
        }
        let first = self.last + 1;
        aside::write(&self.connection, &aside.rows, first, now)?;
        let mut messages = Vec::with_capacity(aside.messages.len());
        for message in &aside.messages {
            let (_, published) = match self.publish(message, now)? {
                Ok(written) => written,
                Err(fault) => return Ok(Err(fault)),
            };
            messages.extend(published);
        }
        Ok(Ok((Committed { first, version: 0 }, messages)))
    }

    fn publish(&mut self, message: &NewMessage, now: Timestamp) -> rusqlite::Result<Written> {
        let place = Place {
            position: self.last + 1,
            stream: None,
            previous: None,
            version: None,
            causation: None,
            root: &self.settings.topic_root,
            now,
        };
        let message = insert::message(&self.connection, message, &place)?;
        self.last += 1;
        Ok(Ok((Committed { first: self.last, version: 0 }, vec![Arc::new(message)])))
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

    /// Lets the planner see how the tables have grown.
    pub(crate) fn optimize(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("PRAGMA optimize")
    }
}

fn last_position(connection: &Connection) -> rusqlite::Result<Position> {
    connection.query_row("SELECT coalesce(max(id), 0) FROM messages", [], |row| row.get(0))
}
