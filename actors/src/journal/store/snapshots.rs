//! Snapshots of long streams: each stream has its newest one.

use super::query;
use crate::journal::{Loaded, Snapshot};
use crate::vocabulary::StreamId;
use rusqlite::{Connection, OptionalExtension, params};

/// Puts it in the place of the one before.
pub(super) fn put(
    connection: &Connection,
    stream: i64,
    snapshot: &Snapshot,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO snapshots (stream, position, program, data) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (stream) DO UPDATE
               SET position = excluded.position, program = excluded.program, data = excluded.data";
    let values = params![stream, snapshot.position, Snapshot::PROGRAM, snapshot.data];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}

/// A stream from its snapshot on; without one that this program has made, from its beginning.
pub(crate) fn stream(connection: &Connection, stream: &StreamId) -> rusqlite::Result<Loaded> {
    let snapshot = newest(connection, stream)?;
    let after = snapshot.as_ref().map_or(0, |snapshot| snapshot.position);
    let loaded = query::stream(connection, stream.kind, stream.name.as_str(), after)?;
    Ok(Loaded { snapshot, ..loaded })
}

fn newest(connection: &Connection, stream: &StreamId) -> rusqlite::Result<Option<Snapshot>> {
    let sql = "SELECT n.position, n.data FROM streams s JOIN snapshots n ON n.stream = s.id
               WHERE s.kind = ? AND s.name = ? AND n.program = ?";
    let values = params![stream.kind, stream.name.as_str(), Snapshot::PROGRAM];
    let snapshot = connection
        .prepare_cached(sql)?
        .query_row(values, |row| Ok(Snapshot { position: row.get(0)?, data: row.get(1)? }));
    snapshot.optional()
}
