//! The database while a store holds it, and its transactions.

use super::connection::explain as explain_at;
use super::{connection, folder};
use crate::error::{Error, Result};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The one connection to a memory's database.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    connection: Connection,
    /// A commit failed: what of it is in the file is known only after it was opened anew.
    is_doubtful: bool,
    /// Held as long as the database is.
    _lock: File,
}

impl Database {
    /// Opens the database of a folder, making both if they are not there.
    pub(crate) fn open(in_folder: &Path) -> Result<Self> {
        let (path, lock) = folder::prepare(in_folder)?;
        let connection = connection::open(&path)?;
        let database = Self { path, connection, is_doubtful: false, _lock: lock };
        // A program that was killed may have left a commit in its log that is not on the disk yet: it is found, and built
        // upon, so a power cut must not take it back any more.
        database.fold_in()?;
        Ok(database)
    }

    /// Its file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads.
    pub(crate) fn read<T>(
        &mut self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.settle()?;
        read(&self.connection).map_err(|source| connection::explain(&self.path, source))
    }

    /// Changes something in one transaction: all of it, or nothing.
    pub(crate) fn write<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T> {
        self.settle()?;
        let path = self.path.clone();
        let explain = |source| explain_at(&path, source);
        let transaction = Transaction::new(&mut self.connection, TransactionBehavior::Immediate);
        let transaction = transaction.map_err(explain)?;
        let written = write(&transaction).map_err(|fault| match fault {
            Fault::Sql(source) => explain(source),
            Fault::Refused(error) => *error,
        })?;
        transaction.commit().map_err(|source| {
            // A disk that is full refuses the write of the log, before any sync: that commit is no riddle.
            if source.sqlite_error_code() == Some(ErrorCode::DiskFull) {
                return explain_at(&path, source);
            }
            self.is_doubtful = true;
            Error::Unknown { path, reason: source.to_string() }
        })?;
        Ok(written)
    }

    /// Whether what memory holds of the file may be wrong.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    /// After a commit in doubt: opens the file anew, and makes durable whatever it holds, before
    /// anybody builds upon it.
    fn settle(&mut self) -> Result<()> {
        if !self.is_doubtful {
            return Ok(());
        }
        let fresh = connection::open(&self.path)?;
        drop(std::mem::replace(&mut self.connection, fresh));
        self.fold_in()?;
        self.is_doubtful = false;
        Ok(())
    }

    /// Puts all that the log holds, synced, into the file.
    fn fold_in(&self) -> Result<()> {
        let explain = |source| connection::explain(&self.path, source);
        let truncate = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_busy: bool =
            self.connection.query_row(truncate, [], |row| row.get(0)).map_err(explain)?;
        if is_busy {
            let reason = "its log could not be folded in".to_owned();
            return Err(Error::Unknown { path: self.path.clone(), reason });
        }
        Ok(())
    }
}

/// Why a transaction is undone.
#[derive(Debug)]
pub(crate) enum Fault {
    /// `SQLite` said no.
    Sql(rusqlite::Error),
    /// We did.
    Refused(Box<Error>),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(Box::new(error))
    }
}
