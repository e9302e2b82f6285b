//! Opening databases: settings, migrations, and the refusal of what a newer program wrote.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{Error as MigrationError, M, Migrations, SchemaVersion};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a connection waits for another one's lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Numbered SQL, only ever added to.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../../../../migrations/0001_kernel.sql")),
    M::up(include_str!("../../../../migrations/0002_agents_and_bus.sql")),
    M::up(include_str!("../../../../migrations/0003_settings_and_metrics.sql")),
    M::up(include_str!("../../../../migrations/0004_nodes.sql")),
    M::up(include_str!("../../../../migrations/0005_workflows.sql")),
    M::up(include_str!("../../../../migrations/0006_pauses_and_refusals.sql")),
    M::up(include_str!("../../../../migrations/0007_definitions.sql")),
    M::up(include_str!("../../../../migrations/0008_paused_since.sql")),
    M::up(include_str!("../../../../migrations/0009_schedules.sql")),
    M::up(include_str!("../../../../migrations/0010_forks.sql")),
    M::up(include_str!("../../../../migrations/0011_lean_streams.sql")),
    M::up(include_str!("../../../../migrations/0012_workspaces.sql")),
    M::up(include_str!("../../../../migrations/0013_audit.sql")),
];

/// Whether a COMMIT waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// It does: what was answered survives a power cut.
    #[default]
    Full,
    /// It does not. Only for tests that prove that the difference is noticed.
    Off,
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It was written by a newer program.
    #[error(
        "{} has schema version {found}, this program knows {known}: use a newer callboard, or restore a backup",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: usize,
        /// What this program has.
        known: usize,
    },
    /// It has gone, and what it told of has not.
    #[error(
        "the database {} is missing or empty, but the home holds {content}: restore the database, or move \
         claude_logs, processes and prompts/archive away to begin anew",
        .path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// What is there of what it told of.
        content: String,
    },
    /// It is not the one that this server began with.
    #[error("{0}")]
    Displaced(String),
    /// `SQLite` said no.
    #[error("failed to open the database {}: {source}{}", .path.display(), hint(.source))]
    Sql {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// A migration failed; nothing was changed.
    #[error("failed to migrate the database {}: {source}", .path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: MigrationError,
    },
    /// The file system said no.
    #[error("failed to create the database {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

/// What to do about an error of `SQLite`.
fn hint(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DiskFull) => ": make room on its disk",
        Some(SystemIoFailure) => ": its disk is full, or failing",
        _ => "",
    }
}

/// Opens the writer's connection, creating and migrating the database as needed.
pub(super) fn open(
    path: &Path,
    synchronous: Synchronous,
    checkpoint_pages: u32,
) -> Result<Connection, OpenError> {
    let sql = |source| OpenError::Sql { path: path.to_owned(), source };
    create_private(path).map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
    let mut connection = Connection::open(path).map_err(sql)?;
    configure(&connection, synchronous, checkpoint_pages).map_err(sql)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// The database has to exist with mode 0600 before `SQLite` sees it: its `-wal` and `-shm` take the
/// mode from it.
fn create_private(path: &Path) -> std::io::Result<()> {
    use crate::journal::home::{make_folder, private_file, sync_folder};
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    make_folder(folder)?;
    if path.exists() {
        return Ok(());
    }
    private_file().open(path)?.sync_all()?;
    sync_folder(folder)
}

fn configure(
    connection: &Connection,
    synchronous: Synchronous,
    checkpoint_pages: u32,
) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    // New databases only; larger pages gain 20 to 40 % at large batches.
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let level = match synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Off => "OFF",
    };
    connection.pragma_update(None, "synchronous", level)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // The system caches the file as well; more of it here would only be memory held twice.
    connection.pragma_update(None, "cache_size", -1_000)?;
    connection.pragma_update(None, "wal_autocheckpoint", checkpoint_pages)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let migrations = Migrations::from_slice(MIGRATIONS);
    let failed = |source| OpenError::Migration { path: path.to_owned(), source };
    match migrations.current_version(connection).map_err(failed)? {
        SchemaVersion::Outside(found) => Err(OpenError::Newer {
            path: path.to_owned(),
            found: found.get(),
            known: MIGRATIONS.len(),
        }),
        _ => migrations.to_latest(connection).map_err(failed),
    }
}

/// Opens a database for looking only, whether its server is dead or at work.
pub(crate) fn read_only(path: &Path) -> Result<Connection, OpenError> {
    let sql = |source| OpenError::Sql { path: path.to_owned(), source };
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sql)?;
    prepare_reader(&connection).map_err(sql)?;
    // Closing would fold the write-ahead log into the database, and a dead one is evidence.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(sql)?;
    Ok(connection)
}

/// Settings of a connection that never writes.
pub(crate) fn prepare_reader(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -100)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Settings of a connection to a database that may have no server: closing would fold the write-ahead
/// log into it, and a dead one is evidence.
pub(crate) fn prepare_visitor(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    prepare_reader(connection)
}

/// A database as a URI that opens it only where it is: a reader must not make an empty one.
pub(crate) fn uri(path: &Path) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let encoded = path.as_os_str().as_bytes().iter().map(|byte| match *byte {
        byte if is_plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    format!("file:{}?mode=rw", encoded.collect::<String>()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_opens_what_is_there_and_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b%20?c#d.db");
        assert!(Connection::open(uri(&path)).is_err());
        assert!(!path.exists());
        drop(open(&path, Synchronous::Off, 1_000).unwrap());
        let sql = "SELECT count(*) FROM messages";
        let reader = Connection::open(uri(&path)).unwrap();
        assert_eq!(reader.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap(), 0);
    }

    /// While a deferred reference waits, `SQLite` looks through the whole child table for each new
    /// parent: a stream's first append would take as long as the history.
    #[test]
    fn no_reference_is_deferred() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("it.db"), Synchronous::Off, 1_000).unwrap();
        let sql = "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%REFERENCES%INITIALLY%'";
        let deferred: u32 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(deferred, 0);
    }
}
