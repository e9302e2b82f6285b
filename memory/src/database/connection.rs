//! Opening the database: settings, migrations, and the refusal of what is newer or damaged.

use crate::error::{Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{Error as MigrationError, M, Migrations, SchemaVersion};
use std::path::Path;
use std::time::Duration;

/// Numbered SQL, only ever added to.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../../migrations/0001_items.sql")),
    M::up(include_str!("../../migrations/0002_learning.sql")),
];

/// What an error of `SQLite` means to the caller.
pub(super) fn explain(path: &Path, source: rusqlite::Error) -> Error {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full(path),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Error::Damaged { path, what: source.to_string() }
        }
        _ => Error::Sql { path, source },
    }
}

/// Opens the database, and brings it up to date.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let sql = |source| explain(path, source);
    let mut connection = Connection::open(path).map_err(sql)?;
    configure(&connection).map_err(sql)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What was answered is on the disk.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -8_000)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let migrations = Migrations::from_slice(MIGRATIONS);
    let failed = |error| match error {
        MigrationError::RusqliteError { query: _, err } => explain(path, err),
        error => Error::Migration { path: path.to_owned(), reason: error.to_string() },
    };
    match migrations.current_version(connection).map_err(failed)? {
        SchemaVersion::Outside(found) => {
            Err(Error::Newer { path: path.to_owned(), found: found.get(), known: MIGRATIONS.len() })
        }
        _ => migrations.to_latest(connection).map_err(failed),
    }
}

/// Opens somebody else's database, to read it only.
pub(crate) fn foreign(path: &Path) -> Result<Connection> {
    let refused =
        |error: rusqlite::Error| Error::Foreign { path: path.to_owned(), what: error.to_string() };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(refused)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(refused)?;
    Ok(connection)
}
