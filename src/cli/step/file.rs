//! [`JournalFile`]: a journal's database, looked at and left as it is.

use std::path::Path;

use callboard_actors::journal;
use callboard_actors::vocabulary::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::Serialize;
use serde_json::Value;

use crate::cli::Exit;
use crate::cli::failure::Failure;

/// An opened file.
pub(super) struct JournalFile(Connection);

/// What is listed of a stream.
#[derive(Debug, Serialize)]
pub(super) struct Stream {
    /// `kind/name`
    #[serde(rename = "stream")]
    pub(super) id: String,
    /// How many events it has.
    pub(super) version: i64,
    /// The position of its newest message.
    pub(super) head: i64,
    /// Why its entity is kept from acting, as JSON.
    pub(super) parked: Option<String>,
}

/// A message of a stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Entry {
    pub(super) position: i64,
    /// `command`, `event` or `fact`.
    pub(super) kind: String,
    pub(super) event_type: String,
    /// The refusal, of a command that was refused.
    pub(super) error: Option<Value>,
    pub(super) created_at: String,
    /// The position of the command that brought it about.
    pub(super) causation_id: Option<i64>,
    pub(super) data: Value,
}

const ENTRIES: &str = "
    WITH RECURSIVE chain (id) AS (
        SELECT head FROM streams WHERE kind = ?1 AND name = ?2
        UNION ALL
        SELECT m.previous FROM chain JOIN messages m ON m.id = chain.id WHERE m.previous IS NOT NULL
    )
    SELECT m.id, m.kind, m.event_type, m.error, m.created_at, m.causation_id, m.data
    FROM chain JOIN messages m ON m.id = chain.id ORDER BY m.id";

impl JournalFile {
    /// Opens it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if !path.is_file() {
            let text = format!("there is no database {}: name it with --db", path.display());
            return Err(Failure::new(Exit::NotFound, text));
        }
        let connection =
            journal::read_only(path).map_err(|error| Failure::new(Exit::Failed, error))?;
        // Closing would fold the write-ahead log into the database, and a dead one is evidence.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .map_err(|error| failed(&error))?;
        Ok(Self(connection))
    }

    /// All streams, the oldest first.
    pub(super) fn streams(&self) -> Result<Vec<Stream>, Failure> {
        let sql = "SELECT kind || '/' || name, version, head, parked FROM streams ORDER BY id";
        let read = || {
            let mut select = self.0.prepare(sql)?;
            let rows = select.query_map([], |row| {
                let (id, version) = (row.get(0)?, row.get(1)?);
                Ok(Stream { id, version, head: row.get(2)?, parked: row.get(3)? })
            })?;
            rows.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| failed(&error))
    }

    /// A stream's messages, the oldest first.
    pub(super) fn entries(&self, stream: &str) -> Result<Vec<Entry>, Failure> {
        let (kind, name) = stream.split_once('/').unwrap_or((stream, ""));
        let nothing = || {
            let text = format!("there is no stream `{stream}`: `callboard step` lists all");
            Failure::new(Exit::NotFound, text)
        };
        let entries = self.chain(kind, name).map_err(|error| failed(&error))?;
        entries.ok_or_else(nothing)
    }

    fn chain(&self, kind: &str, name: &str) -> rusqlite::Result<Option<Vec<Entry>>> {
        let known = "SELECT 1 FROM streams WHERE kind = ? AND name = ?";
        let known: Option<i64> =
            self.0.query_row(known, [kind, name], |row| row.get(0)).optional()?;
        if known.is_none() {
            return Ok(None);
        }
        let mut select = self.0.prepare(ENTRIES)?;
        select.query_map([kind, name], entry)?.collect::<rusqlite::Result<_>>().map(Some)
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Entry {
        position: row.get(0)?,
        kind: row.get(1)?,
        event_type: row.get(2)?,
        error: row.get::<_, Option<String>>(3)?.map(json),
        created_at: Timestamp(row.get(4)?).rfc3339(),
        causation_id: row.get(5)?,
        data: json(row.get(6)?),
    })
}

fn failed(error: &rusqlite::Error) -> Failure {
    Failure::new(Exit::Failed, format!("failed to read the database: {error}"))
}
