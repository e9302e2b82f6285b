//! Definitions of workflows that were registered while a server ran.

use crate::journal::DefinitionRow;
use crate::vocabulary::{Position, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;

/// All of them, by name; none where the database is older than they are.
pub(crate) fn all(connection: &Connection) -> rusqlite::Result<BTreeMap<String, DefinitionRow>> {
    if !connection.table_exists(None, "definitions")? {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT name, hash, text, updated_at, position FROM definitions";
    connection.prepare_cached(sql)?.query_map([], definition)?.collect()
}

fn definition(row: &Row<'_>) -> rusqlite::Result<(String, DefinitionRow)> {
    let definition = DefinitionRow {
        hash: row.get(1)?,
        text: row.get(2)?,
        updated_at: Timestamp(row.get(3)?),
        position: row.get(4)?,
    };
    Ok((row.get(0)?, definition))
}

/// The position of the message that told of one; 0: there is none.
pub(super) fn position(connection: &Connection, name: &str) -> rusqlite::Result<Position> {
    let sql = "SELECT position FROM definitions WHERE name = ?";
    let found = connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

pub(super) fn put(
    connection: &Connection,
    name: &str,
    row: &DefinitionRow,
    position: Position,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO definitions (name, hash, text, updated_at, position)
               VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, text = excluded.text,
                   updated_at = excluded.updated_at, position = excluded.position";
    let values = params![name, row.hash, row.text, now.0, position];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}

pub(super) fn remove(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM definitions WHERE name = ?")?.execute([name]).map(drop)
}
