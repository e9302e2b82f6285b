//! The streams' heads: looked up once, then remembered while they are hot.

use crate::journal::{Append, Fault, MessageKind, NewMessage, Parked, Wake};
use crate::vocabulary::{Position, StreamId, Timestamp, Version};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// How a stream comes into being.
const INSERT: &str = "INSERT INTO streams
    (id, version, head, wake_at, parked, kind, name, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

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
    /// The head as it will be behind these messages, of which the first comes after `last`.
    pub(super) fn after(self, messages: &[NewMessage], last: Position) -> Self {
        let events = messages.iter().filter(|message| message.kind == MessageKind::Event).count();
        let count = |number| Position::try_from(number).unwrap_or(Position::MAX);
        let position =
            if messages.is_empty() { self.position } else { Some(last + count(messages.len())) };
        Self { version: self.version + count(events), position, ..self }
    }
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

    /// Writes the stream's row as it is after an append.
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
            let (kind, name) = (append.stream.kind, append.stream.name.as_str());
            let values =
                params![head.id, head.version, head.position, wake_at, parked, kind, name, now.0];
            connection.prepare_cached(INSERT)?.execute(values)?;
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

#[cfg(test)]
mod tests {
    use super::INSERT;
    use crate::journal::queue::Write;
    use crate::journal::store::{Store, StoreSettings, Synchronous};
    use crate::journal::{Append, MessageKind, NewMessage, Wake};
    use crate::vocabulary::{StreamId, Timestamp};
    use rusqlite::StatementStatus;
    use tokio::sync::oneshot;

    fn first_of(name: &str) -> Write {
        let message = NewMessage {
            kind: MessageKind::Event,
            message_id: None,
            topic: None,
            event_type: "BEGUN".into(),
            error: None,
            data: "{}".into(),
            caused_by: None,
            correlation: None,
        };
        Write::Append(Append {
            stream: StreamId { kind: "test", name: name.parse().unwrap() },
            head: 0,
            messages: vec![message],
            row: None,
            wake: Wake::At(None),
            parked: None,
            held: Vec::new(),
            reply: oneshot::channel().0,
        })
    }

    #[test]
    fn a_new_stream_costs_the_same_however_long_the_journal_is() {
        let folder = tempfile::tempdir().unwrap();
        let settings = StoreSettings {
            path: folder.path().join("callboard.db"),
            synchronous: Synchronous::Off,
            checkpoint_pages: 1_000,
            topic_root: "claude".into(),
        };
        let mut store = Store::open(settings).unwrap();
        for name in ["a", "b", "c", "d"] {
            let written = store.commit(&[first_of(name)], Timestamp(0)).unwrap();
            assert!(written.iter().all(Result::is_ok));
        }
        let insert = store.connection().prepare_cached(INSERT).unwrap();
        assert_eq!(insert.get_status(StatementStatus::Run), 4);
        assert_eq!(
            insert.get_status(StatementStatus::FullscanStep),
            0,
            "messages were looked through"
        );
    }
}
