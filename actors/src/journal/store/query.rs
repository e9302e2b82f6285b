//! Reading: streams, messages by position, read-model rows.

use super::insert::raw;
use crate::journal::reader::Test;
use crate::journal::{Loaded, Message, MessageKind, Parked, RowFilter};
use crate::vocabulary::{Name, Position, Reference, StreamId, Timestamp, Version};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

pub(super) const COLUMNS: &str =
    "m.id, m.kind, s.kind, s.name, m.version, m.message_id, m.topic, m.event_type,
    m.status, m.error, m.created_at, m.causation_id,
    nullif(coalesce(m.correlation_id, s.correlation_id), ''), m.data";

pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let stream: Option<String> = row.get(2)?;
    let stream =
        stream.map(|kind| Ok::<_, rusqlite::Error>(format!("{kind}/{}", row.get::<_, String>(3)?)));
    let status: String = row.get(8)?;
    let error: Option<String> = row.get(9)?;
    Ok(Message {
        position: row.get(0)?,
        kind: message_kind(row.get_ref(1)?.as_str()?),
        stream: stream.transpose()?,
        version: row.get(4)?,
        message_id: row.get(5)?,
        topic: row.get(6)?,
        event_type: row.get(7)?,
        status: if status == "failed" { "failed" } else { "completed" },
        error: error.map(raw).transpose()?,
        created_at: Timestamp(row.get(10)?),
        causation_id: row.get(11)?,
        correlation_id: row.get(12)?,
        data: raw(row.get(13)?)?,
        frame: OnceLock::new(),
    })
}

fn message_kind(text: &str) -> MessageKind {
    match text {
        "command" => MessageKind::Command,
        "event" => MessageKind::Event,
        "fact" => MessageKind::Fact,
        _ => MessageKind::Publication,
    }
}

/// A stream's messages behind `after`, oldest first, with what `streams` says of it.
pub(crate) fn stream(
    connection: &Connection,
    kind: &str,
    name: &str,
    after: Position,
) -> rusqlite::Result<Loaded> {
    let sql = "SELECT version, head, parked FROM streams WHERE kind = ? AND name = ?";
    let found: Option<(i64, Position, Option<String>)> = connection
        .prepare_cached(sql)?
        .query_row(params![kind, name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((version, head, parked)) = found else { return Ok(Loaded::default()) };
    Ok(Loaded {
        version,
        head,
        parked: parked.map(|json| parked_from(&json)).transpose()?,
        snapshot: None,
        messages: chain(connection, head, after)?,
    })
}

/// An entity whose reason cannot be read is kept from acting all the same: reading it fails.
fn parked_from(json: &str) -> rusqlite::Result<Parked> {
    let text = rusqlite::types::Type::Text;
    serde_json::from_str(json)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, text, error.into()))
}

/// A stream's messages, oldest first, whatever is said of its entity; `None`: there is no such stream.
pub(crate) fn stream_messages(
    connection: &Connection,
    kind: &str,
    name: &str,
) -> rusqlite::Result<Option<Vec<Message>>> {
    let sql = "SELECT head FROM streams WHERE kind = ? AND name = ?";
    let mut select = connection.prepare_cached(sql)?;
    let head: Option<Position> = select.query_row([kind, name], |row| row.get(0)).optional()?;
    head.map(|head| chain(connection, head, 0)).transpose()
}

/// What is listed of a stream.
#[derive(Debug, Clone, Serialize)]
pub struct StreamInfo {
    /// `kind/name`
    pub stream: String,
    /// How many events it has.
    pub version: Version,
    /// The position of its newest message.
    pub head: Position,
    /// Why its entity is kept from acting, as JSON.
    pub parked: Option<String>,
}

/// What is damaged in the database file; at most so many findings as anyone reads.
pub(crate) fn quick_check(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut select = connection.prepare("PRAGMA quick_check(20)")?;
    let lines =
        select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// All streams, the oldest first.
pub(crate) fn streams(connection: &Connection) -> rusqlite::Result<Vec<StreamInfo>> {
    let sql = "SELECT kind || '/' || name, version, head, parked FROM streams ORDER BY id";
    let mut select = connection.prepare(sql)?;
    let rows = select.query_map([], |row| {
        let (stream, version) = (row.get(0)?, row.get(1)?);
        Ok(StreamInfo { stream, version, head: row.get(2)?, parked: row.get(3)? })
    })?;
    rows.collect()
}

/// Whether a row says that this content lies there.
pub(crate) fn is_content_named(
    connection: &Connection,
    hash: &str,
    path: &str,
) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM files WHERE hash = ? AND path = ? AND gone = 0)";
    connection.query_row(sql, [hash, path], |row| row.get(0))
}

fn chain(
    connection: &Connection,
    head: Position,
    after: Position,
) -> rusqlite::Result<Vec<Message>> {
    let sql = format!(
        "WITH RECURSIVE chain (id) AS (
            SELECT ?1 WHERE ?1 > ?2
            UNION ALL
            SELECT m.previous FROM chain JOIN messages m ON m.id = chain.id WHERE m.previous > ?2
         )
         SELECT {COLUMNS} FROM chain JOIN messages m ON m.id = chain.id
         LEFT JOIN streams s ON s.id = m.stream ORDER BY m.id"
    );
    connection.prepare_cached(&sql)?.query_map([head, after], message)?.collect()
}

/// All messages behind `after` up to `head`, at most `limit` of them, and the position up to which that
/// is everything.
pub(crate) fn messages_after(
    connection: &Connection,
    after: Position,
    head: Position,
    limit: usize,
) -> rusqlite::Result<(Vec<Arc<Message>>, Position)> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages m LEFT JOIN streams s ON s.id = m.stream
         WHERE m.id > ?1 AND m.id <= ?2 ORDER BY m.id LIMIT ?3"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let rows = i64::try_from(limit).unwrap_or(i64::MAX);
    let messages = select
        .query_map([after, head, rows], |row| message(row).map(Arc::new))?
        .collect::<Result<Vec<_>, _>>()?;
    let upto = match messages.last() {
        Some(last) if messages.len() == limit => last.position,
        _ => head.max(after),
    };
    Ok((messages, upto))
}

/// The streams of a kind that have to be up at `now`, in the order of their moments, behind `after`:
/// their names, and the place to go on from.
pub(crate) fn due(
    connection: &Connection,
    kind: &str,
    (moment, id): DuePlace,
    now: Timestamp,
    limit: usize,
) -> rusqlite::Result<(Vec<Name>, Option<DuePlace>)> {
    let sql = "SELECT name, wake_at, id FROM streams INDEXED BY streams_wake
               WHERE (wake_at, id) > (?2, ?3) AND wake_at <= ?4 AND kind = ?1 AND parked IS NULL
               ORDER BY wake_at, id LIMIT ?5";
    let rows = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut select = connection.prepare_cached(sql)?;
    let found = select
        .query_map(params![kind, moment.0, id, now.0, rows], |row| {
            Ok((row.get::<_, String>(0)?, (Timestamp(row.get(1)?), row.get(2)?)))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let next = found.last().map(|(_, place)| *place).filter(|_| found.len() == limit);
    // What is stored under a name that is none was not written by this program.
    Ok((found.into_iter().filter_map(|(name, _)| name.parse().ok()).collect(), next))
}

/// A stream's place among those that have to be up: its moment, and its number among equals.
pub(crate) type DuePlace = (Timestamp, i64);

/// When the next stream of a kind has to be up that need not be up at `now`.
pub(crate) fn next_due(
    connection: &Connection,
    kind: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "SELECT min(wake_at) FROM streams INDEXED BY streams_wake
               WHERE wake_at > ?2 AND kind = ?1 AND parked IS NULL";
    let moment: Option<i64> =
        connection.prepare_cached(sql)?.query_row(params![kind, now.0], |row| row.get(0))?;
    Ok(moment.map(Timestamp))
}

/// The names of a kind's parked streams.
pub(crate) fn parked(
    connection: &Connection,
    kind: &str,
    limit: usize,
) -> rusqlite::Result<Vec<(Name, Parked)>> {
    let sql = "SELECT name, parked FROM streams WHERE kind = ? AND parked IS NOT NULL LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![kind, limit], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut parked = Vec::new();
    for row in rows {
        let (name, json) = row?;
        if let (Ok(name), Ok(why)) = (name.parse(), serde_json::from_str(&json)) {
            parked.push((name, why));
        }
    }
    Ok(parked)
}

/// Rows of a read model, newest stream first, as JSON objects; columns that end in `_at` as RFC 3339,
/// columns that hold JSON as JSON. Each carries its stream number as the key to go on from.
pub(crate) fn rows(
    connection: &Connection,
    table: &'static str,
    filters: &[RowFilter],
    before: Option<i64>,
    limit: usize,
) -> rusqlite::Result<Vec<(i64, Map<String, Value>)>> {
    let mut sql = format!("SELECT * FROM {table} WHERE stream < ?");
    let mut values: Vec<Box<dyn rusqlite::ToSql>> = vec![Box::new(before.unwrap_or(i64::MAX))];
    for filter in filters {
        restrict(table, filter, &mut sql, &mut values);
    }
    sql.push_str(" ORDER BY stream DESC LIMIT ?");
    values.push(Box::new(i64::try_from(limit).unwrap_or(i64::MAX)));
    let mut select = connection.prepare_cached(&sql)?;
    let rows = select.query_map(rusqlite::params_from_iter(values), row_as_json)?;
    rows.collect()
}

/// Adds a condition. Writing to a String cannot fail.
fn restrict(
    table: &str,
    RowFilter { column, test }: &RowFilter,
    sql: &mut String,
    values: &mut Vec<Box<dyn rusqlite::ToSql>>,
) {
    let _ = match test {
        Test::Is(_) => write!(sql, " AND {column} = ?"),
        Test::Holds(_) => {
            write!(sql, " AND EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)")
        }
        Test::IsNull => write!(sql, " AND {column} IS NULL"),
        Test::From(_) => write!(sql, " AND {column} >= ?"),
        Test::Below(_) => write!(sql, " AND {column} < ?"),
        // By their types, too: SQLite's `true` is 1.
        Test::Member(..) => write!(
            sql,
            " AND EXISTS (SELECT 1 FROM json_each({column}) has, json_each(?) wanted WHERE has.key = ?
              AND has.value IS wanted.value AND replace(has.type, 'real', 'integer') = replace(wanted.type, 'real', 'integer'))"
        ),
        Test::NamedBy(by, having, _) => write!(
            sql,
            " AND EXISTS (SELECT 1 FROM {table} other WHERE other.{by} = {table}.{column} AND other.{having} >= ?)"
        ),
    };
    match test {
        Test::Is(value) | Test::Holds(value) => values.push(Box::new(value.clone())),
        Test::IsNull => {}
        Test::From(number) | Test::Below(number) | Test::NamedBy(_, _, number) => {
            values.push(Box::new(*number));
        }
        Test::Member(name, value) => {
            values.push(Box::new(format!("[{value}]")));
            values.push(Box::new(name.clone()));
        }
    }
}

/// One row of a read model, by its stream.
pub(crate) fn row(
    connection: &Connection,
    table: &'static str,
    stream: &StreamId,
) -> rusqlite::Result<Option<Map<String, Value>>> {
    let sql = format!(
        "SELECT t.* FROM streams s JOIN {table} t ON t.stream = s.id WHERE s.kind = ? AND s.name = ?"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let values = params![stream.kind, stream.name.as_str()];
    Ok(select.query_row(values, row_as_json).optional()?.map(|(_, row)| row))
}

pub(super) fn row_as_json(row: &Row<'_>) -> rusqlite::Result<(i64, Map<String, Value>)> {
    let mut object = Map::new();
    let mut key = 0;
    for (index, name) in row.as_ref().column_names().into_iter().enumerate() {
        let value = row.get_ref(index)?;
        if name == "stream" {
            key = value.as_i64()?;
        } else {
            object.insert(name.to_owned(), column_as_json(name, value));
        }
    }
    Ok((key, object))
}

fn column_as_json(name: &str, value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(moment) if name.ends_with("_at") => Timestamp(moment).rfc3339().into(),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            let is_json = text.starts_with('{') || name == "capabilities";
            let parsed = if is_json { serde_json::from_str(&text).ok() } else { None };
            parsed.unwrap_or_else(|| text.into_owned().into())
        }
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    }
}

/// Where content lies now, best where it is said to be: `None` unknown, `Some(None)` expired.
#[expect(clippy::option_option, reason = "a row that may be missing, a column that may be null")]
pub(crate) fn content_path(
    connection: &Connection,
    Reference { hash, file, .. }: &Reference,
) -> rusqlite::Result<Option<Option<String>>> {
    let sql = "SELECT CASE WHEN gone = 0 THEN path END FROM files WHERE hash = ?1
               ORDER BY gone, path <> ?2 LIMIT 1";
    let mut select = connection.prepare_cached(sql)?;
    select.query_row([hash.as_str(), file], |row| row.get(0)).optional()
}
