//! Writing messages and read-model rows.

use crate::journal::append::NewMessage;
use crate::journal::{Message, MessageKind};
use crate::machine::{Change, Field, Row};
use crate::vocabulary::{Position, StreamId, Timestamp, Version};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::OnceLock;

/// Where a message goes.
pub(super) struct Place<'a> {
    pub(super) position: Position,
    pub(super) stream: Option<(i64, &'a StreamId)>,
    pub(super) previous: Option<Position>,
    pub(super) version: Option<Version>,
    pub(super) causation: Option<Position>,
    pub(super) root: &'a str,
    pub(super) now: Timestamp,
}

/// Writes one message and gives it back as readers will see it.
pub(super) fn message(
    connection: &Connection,
    new: &NewMessage,
    place: &Place<'_>,
) -> rusqlite::Result<Message> {
    const SQL: &str =
        "INSERT INTO messages (id, stream, version, previous, kind, message_id, topic,
        event_type, status, error, created_at, causation_id, correlation_id, data)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let committed = committed(new, place)?;
    connection.prepare_cached(SQL)?.execute(params![
        committed.position,
        place.stream.map(|(id, _)| id),
        committed.version,
        place.previous,
        committed.kind.as_str(),
        committed.message_id,
        committed.topic,
        committed.event_type,
        committed.status,
        new.error,
        committed.created_at.0,
        committed.causation_id,
        committed.correlation_id,
        new.data,
    ])?;
    Ok(committed)
}

fn committed(new: &NewMessage, place: &Place<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        position: place.position,
        kind: new.kind,
        stream: place.stream.map(|(_, stream)| stream.to_string()),
        version: place.version.filter(|_| new.kind == MessageKind::Event),
        message_id: new.message_id.map(|id| id.to_string()),
        topic: new.topic.as_ref().map(|topic| {
            if new.kind == MessageKind::Publication {
                topic.clone()
            } else {
                format!("{}.{topic}", place.root)
            }
        }),
        event_type: new.event_type.clone(),
        status: if new.error.is_some() { "failed" } else { "completed" },
        error: new.error.clone().map(raw).transpose()?,
        created_at: place.now,
        causation_id: place.causation,
        correlation_id: new.correlation.map(|id| id.to_string()),
        data: raw(new.data.clone())?,
        frame: OnceLock::new(),
    })
}

/// JSON text, checked: what is not JSON must not get into the journal.
pub(super) fn raw(text: String) -> rusqlite::Result<Box<RawValue>> {
    RawValue::from_string(text)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Writes read-model rows; remembers the SQL of each table.
#[derive(Debug, Default)]
pub(super) struct Rows {
    upserts: HashMap<&'static str, String>,
}

impl Rows {
    /// Changes the row of the stream with this number and name.
    pub(super) fn change(
        &mut self,
        connection: &Connection,
        stream: i64,
        name: &str,
        change: &Change,
    ) -> rusqlite::Result<()> {
        match change {
            Change::Put(row) => self.put(connection, stream, name, row),
            Change::Patch(row) => patch(connection, stream, row),
        }
    }

    /// Puts `row` in place for the stream with this number and name.
    pub(super) fn put(
        &mut self,
        connection: &Connection,
        stream: i64,
        name: &str,
        row: &Row,
    ) -> rusqlite::Result<()> {
        let sql = self.upserts.entry(row.table).or_insert_with(|| upsert_sql(row));
        let mut values: Vec<&dyn ToSql> = vec![&stream, &name];
        values.extend(row.columns.iter().map(|(_, field)| field as &dyn ToSql));
        connection.prepare_cached(sql)?.execute(values.as_slice()).map(drop)
    }
}

/// Rare, so its SQL is not remembered.
fn patch(connection: &Connection, stream: i64, row: &Row) -> rusqlite::Result<()> {
    let sets: Vec<_> = row.columns.iter().map(|(column, _)| format!("{column} = ?")).collect();
    let sql = format!("UPDATE {} SET {} WHERE stream = ?", row.table, sets.join(", "));
    let mut values: Vec<&dyn ToSql> = Vec::new();
    values.extend(row.columns.iter().map(|(_, field)| field as &dyn ToSql));
    values.push(&stream);
    connection.prepare_cached(&sql)?.execute(values.as_slice()).map(drop)
}

fn upsert_sql(row: &Row) -> String {
    let mut names = String::from("stream, id");
    let mut marks = String::from("?, ?");
    let mut sets = Vec::new();
    for (column, _) in &row.columns {
        // Writing to a String cannot fail.
        let _ = write!(names, ", {column}");
        marks.push_str(", ?");
        sets.push(format!("{column} = excluded.{column}"));
    }
    let (table, sets) = (row.table, sets.join(", "));
    format!(
        "INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT (stream) DO UPDATE SET {sets}"
    )
}

impl ToSql for Field {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
