//! Writing messages and read-model rows.

use super::place::Spot;
use super::streams::Head;
use crate::journal::MessageKind;
use crate::journal::append::NewMessage;
use crate::machine::{Change, Field, Row};
use crate::vocabulary::{MessageId, Position, Timestamp};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, params};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt::Write;
use uuid::fmt::Hyphenated;

/// Writes the messages of one transaction.
pub(super) struct Messages<'c> {
    insert: CachedStatement<'c>,
    root: &'c str,
    now: Timestamp,
    /// The topic in the making, kept for its memory.
    topic: String,
}

impl<'c> Messages<'c> {
    /// Messages whose topics begin with `root`, written at `now`.
    pub(super) fn new(
        connection: &'c Connection,
        root: &'c str,
        now: Timestamp,
    ) -> rusqlite::Result<Self> {
        let sql = "INSERT INTO messages (id, stream, version, previous, kind, message_id, topic,
            event_type, error, created_at, causation_id, correlation_id, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let insert = connection.prepare_cached(sql)?;
        Ok(Self { insert, root, now, topic: String::new() })
    }

    /// Writes one. `head` is its stream as it was, `previous` the stream's message before this one.
    pub(super) fn insert(
        &mut self,
        new: &NewMessage,
        spot: Spot,
        head: Option<Head>,
        previous: Option<Position>,
    ) -> rusqlite::Result<()> {
        self.topic.clear();
        if let Some(topic) = &new.topic {
            if new.kind != MessageKind::Publication {
                self.topic.push_str(self.root);
                self.topic.push('.');
            }
            self.topic.push_str(topic);
        }
        let (mut message_id, mut correlation) = (Text::default(), Text::default());
        let values = params![
            spot.position,
            head.map(|head| head.id),
            spot.version,
            previous,
            new.kind.as_str(),
            new.message_id.map(|id| message_id.of(id)),
            new.topic.as_ref().map(|_| &self.topic),
            new.event_type,
            new.error.as_deref().map(RawValue::get),
            self.now.0,
            spot.causation,
            own(new.correlation, head).map(|id| id.map_or("", |id| correlation.of(id))),
            new.data.get(),
        ];
        self.insert.execute(values).map(drop)
    }
}

/// A message's correlation where it is not its stream's; the inner `None`: it has none.
#[expect(clippy::option_option, reason = "a column that may be null, an id that may be missing")]
fn own(correlation: Option<MessageId>, head: Option<Head>) -> Option<Option<MessageId>> {
    let of_stream = head.and_then(|head| head.correlation);
    (correlation != of_stream).then_some(correlation)
}

/// Room for an id's text.
struct Text([u8; Hyphenated::LENGTH]);

impl Default for Text {
    fn default() -> Self {
        Self([0; Hyphenated::LENGTH])
    }
}

impl Text {
    fn of(&mut self, id: MessageId) -> &str {
        id.0.hyphenated().encode_lower(&mut self.0)
    }
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
