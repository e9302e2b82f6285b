//! Searching where no index leads: by a caller's id, by what a publication is about, by a name's
//! neighbours. Every query looks at a bounded part of the messages.

use super::query::{COLUMNS, message};
use crate::journal::Message;
use crate::vocabulary::{Position, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// The message at a position.
pub(crate) fn at(connection: &Connection, position: Position) -> rusqlite::Result<Option<Message>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages m LEFT JOIN streams s ON s.id = m.stream WHERE m.id = ?"
    );
    connection.prepare_cached(&sql)?.query_row([position], message).optional()
}

/// The position of the newest message; 0: there is none.
pub(crate) fn head(connection: &Connection) -> rusqlite::Result<Position> {
    let sql = "SELECT coalesce(max(id), 0) FROM messages";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
}

/// The messages behind `after`, up to `upto`, that a caller brought under this id.
pub(crate) fn brought_as(
    connection: &Connection,
    message_id: &str,
    after: Position,
    upto: Position,
) -> rusqlite::Result<Vec<Message>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages m LEFT JOIN streams s ON s.id = m.stream
         WHERE m.id > ?2 AND m.id <= ?3 AND m.message_id = ?1 ORDER BY m.id"
    );
    let mut select = connection.prepare_cached(&sql)?;
    select.query_map(params![message_id, after, upto], message)?.collect()
}

/// The publications behind `after`, up to `upto`, whose content names one of these paths
/// (a JSON array), the newest first.
pub(crate) fn about_paths(
    connection: &Connection,
    topic: &str,
    paths: &str,
    after: Position,
    upto: Position,
) -> rusqlite::Result<Vec<Message>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages m LEFT JOIN streams s ON s.id = m.stream
         WHERE m.id > ?3 AND m.id <= ?4 AND m.kind = 'publication' AND m.topic = ?1
           AND m.data ->> '$.path' IN (SELECT value FROM json_each(?2)) ORDER BY m.id DESC"
    );
    let mut select = connection.prepare_cached(&sql)?;
    select.query_map(params![topic, paths, after, upto], message)?.collect()
}

/// The last position that was written before this moment, found by halving: positions and moments
/// ascend together, but for a clock that was set back.
pub(crate) fn before_moment(
    connection: &Connection,
    moment: Timestamp,
) -> rusqlite::Result<Position> {
    let (mut low, mut high) = (0, head(connection)? + 1);
    let mut select = connection.prepare_cached("SELECT created_at FROM messages WHERE id = ?")?;
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        let written: Option<i64> = select.query_row([middle], |row| row.get(0)).optional()?;
        if written.is_some_and(|written| written < moment.0) { low = middle } else { high = middle }
    }
    Ok(low)
}

/// The names of a kind that stand next to this one in their order, on both sides.
pub(crate) fn neighbours(
    connection: &Connection,
    kind: &str,
    name: &str,
    each_side: usize,
) -> rusqlite::Result<Vec<String>> {
    let behind = "SELECT name FROM streams WHERE kind = ?1 AND name >= ?2 ORDER BY name LIMIT ?3";
    let before =
        "SELECT name FROM streams WHERE kind = ?1 AND name < ?2 ORDER BY name DESC LIMIT ?3";
    let each_side = i64::try_from(each_side).unwrap_or(i64::MAX);
    let mut names = Vec::new();
    for sql in [behind, before] {
        let mut select = connection.prepare_cached(sql)?;
        let found = select.query_map(params![kind, name, each_side], |row| row.get(0))?;
        names.extend(found.collect::<rusqlite::Result<Vec<String>>>()?);
    }
    Ok(names)
}
