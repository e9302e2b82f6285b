//! The streams' heads: looked up once, then remembered while they are hot.

use crate::journal::{Append, Fault, MessageKind, Parked, Wake};
use crate::vocabulary::{Position, StreamId, Timestamp, Version};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// What the writer knows of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// Its number in the table.
    pub(super) id: i64,
    /// How many events it has.
    pub(super) version: Version,
    /// Its newest message.
    pub(super) position: Option<Position>,
    /// Whether its row is there already.
    stored: bool,
}

impl Head {
    /// How it stands after an append whose first message gets this position.
    pub(super) fn after(self, append: &Append, first: Position) -> Self {
        let messages = append.messages.iter();
        let events = messages.filter(|message| message.kind == MessageKind::Event).count();
        let last = first - 1 + as_i64(append.messages.len());
        let position = if append.messages.is_empty() { self.position } else { Some(last) };
        Self { version: self.version + as_i64(events), position, ..self }
    }
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A cache over the table `streams`. After a rollback it has to be cleared.
#[derive(Debug)]
pub(super) struct Heads {
    known: HashMap<StreamId, Head>,
    next_id: i64,
}

impl Heads {
    /// Past this many it starts anew, so that a million sleeping streams cost no memory.
    const LIMIT: usize = 50_000;

    /// An empty cache over the connection's table.
    pub(super) fn new(connection: &Connection) -> rusqlite::Result<Self> {
        let max = "SELECT coalesce(max(id), 0) FROM streams";
        let last: i64 = connection.query_row(max, [], |row| row.get(0))?;
        Ok(Self { known: HashMap::new(), next_id: last + 1 })
    }

    /// The stream's head, if that is where the append expects it.
    pub(super) fn expect(
        &mut self,
        connection: &Connection,
        append: &Append,
    ) -> rusqlite::Result<Result<Head, Fault>> {
        let head = self.get(connection, &append.stream)?;
        let found = head.position.unwrap_or(0);
        if found == append.head {
            return Ok(Ok(head));
        }
        Ok(Err(Fault::Conflict { expected: append.head, found }))
    }

    fn get(&mut self, connection: &Connection, stream: &StreamId) -> rusqlite::Result<Head> {
        if let Some(head) = self.known.get(stream) {
            return Ok(*head);
        }
        let mut select = connection
            .prepare_cached("SELECT id, version, head FROM streams WHERE kind = ? AND name = ?")?;
        let stored = select
            .query_row(params![stream.kind, stream.name.as_str()], |row| {
                let position = Some(row.get(2)?);
                Ok(Head { id: row.get(0)?, version: row.get(1)?, position, stored: true })
            })
            .optional()?;
        let head = stored.unwrap_or_else(|| {
            let id = self.next_id;
            self.next_id += 1;
            Head { id, version: 0, position: None, stored: false }
        });
        self.remember(stream.clone(), head);
        Ok(head)
    }

    fn remember(&mut self, stream: StreamId, head: Head) {
        if self.known.len() >= Self::LIMIT {
            self.known.clear();
        }
        self.known.insert(stream, head);
    }

    /// Writes the stream's row as it is going to be after an append.
    pub(super) fn advance(
        &mut self,
        connection: &Connection,
        append: &Append,
        head: Head,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let (keeps_wake, wake_at) = match append.wake {
            Wake::AsBefore => (true, None),
            Wake::At(moment) => (false, moment.map(|moment| moment.0)),
        };
        let parked = append.parked.as_ref().map(parked_json);
        if head.stored {
            let sql = "UPDATE streams SET version = ?2, head = ?3, parked = ?5,
                       wake_at = CASE WHEN ?6 THEN wake_at ELSE ?4 END WHERE id = ?1";
            let values = params![head.id, head.version, head.position, wake_at, parked, keeps_wake];
            connection.prepare_cached(sql)?.execute(values)?;
        } else {
            let sql =
                "INSERT INTO streams (id, version, head, wake_at, parked, kind, name, created_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let (kind, name) = (append.stream.kind, append.stream.name.as_str());
            let values =
                params![head.id, head.version, head.position, wake_at, parked, kind, name, now.0];
            connection.prepare_cached(sql)?.execute(values)?;
        }
        self.remember(append.stream.clone(), Head { stored: true, ..head });
        Ok(())
    }

    /// Forgets everything: what it remembers was rolled back.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}

fn parked_json(parked: &Parked) -> String {
    // Strings and numbers only: it cannot fail.
    serde_json::to_string(parked).unwrap_or_default()
}
