//! The streams' heads: looked up once, then remembered while they are hot.

use crate::journal::{Append, Parked, Wake};
use crate::vocabulary::{MessageId, Position, StreamId, Timestamp, Version};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use std::collections::HashMap;

/// How a stream comes into being.
const INSERT: &str = "INSERT INTO streams
    (id, version, head, wake_at, parked, kind, name, created_at, correlation_id)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// What the writer knows of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// Its number in the table.
    pub(super) id: i64,
    /// How many events it has.
    pub(super) version: Version,
    /// Its newest message.
    pub(super) position: Option<Position>,
    /// The command at the beginning of all that happened to it.
    pub(super) correlation: Option<MessageId>,
    wake_at: Option<i64>,
    is_parked: bool,
    /// Whether its row is there already.
    is_stored: bool,
}

/// A cache over the table `streams`. After a rollback it has to be cleared.
#[derive(Debug)]
pub(super) struct Heads {
    known: HashMap<StreamId, Head>,
    next_id: i64,
}

impl Heads {
    /// Past this many it starts anew, so that a million sleeping streams cost no memory.
    const LIMIT: usize = 1_024;

    /// An empty cache over the connection's table.
    pub(super) fn new(connection: &Connection) -> rusqlite::Result<Self> {
        let max = "SELECT coalesce(max(id), 0) FROM streams";
        let last: i64 = connection.query_row(max, [], |row| row.get(0))?;
        Ok(Self { known: HashMap::new(), next_id: last + 1 })
    }

    fn remember(&mut self, stream: &StreamId, head: Head) {
        if let Some(known) = self.known.get_mut(stream) {
            *known = head;
            return;
        }
        if self.known.len() >= Self::LIMIT {
            self.known.clear();
        }
        self.known.insert(stream.clone(), head);
    }

    /// Forgets everything: what it remembers was rolled back.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}

/// The streams' rows, within one transaction.
pub(super) struct Streams<'s> {
    connection: &'s Connection,
    heads: &'s mut Heads,
    /// What most appends do. It touches no index.
    update: CachedStatement<'s>,
    now: Timestamp,
}

impl<'s> Streams<'s> {
    /// With what is remembered of them.
    pub(super) fn new(
        connection: &'s Connection,
        heads: &'s mut Heads,
        now: Timestamp,
    ) -> rusqlite::Result<Self> {
        let update = "UPDATE streams SET version = ?2, head = ?3 WHERE id = ?1";
        let update = connection.prepare_cached(update)?;
        Ok(Self { connection, heads, update, now })
    }

    /// Where the stream of an append ends; one that is not there yet gets its number, and goes back to what its first
    /// message goes back to.
    pub(super) fn head(&mut self, append: &Append) -> rusqlite::Result<Head> {
        let stream = &append.stream;
        if let Some(head) = self.heads.known.get(stream) {
            return Ok(*head);
        }
        let head = self.stored(stream)?.unwrap_or_else(|| {
            let id = self.heads.next_id;
            self.heads.next_id += 1;
            let correlation = append.messages.first().and_then(|message| message.correlation);
            let (version, position, wake_at) = (0, None, None);
            let (is_parked, is_stored) = (false, false);
            Head { id, version, position, correlation, wake_at, is_parked, is_stored }
        });
        self.heads.remember(stream, head);
        Ok(head)
    }

    fn stored(&self, stream: &StreamId) -> rusqlite::Result<Option<Head>> {
        let sql =
            "SELECT id, version, head, wake_at, parked IS NOT NULL, correlation_id FROM streams
                   WHERE kind = ? AND name = ?";
        let mut select = self.connection.prepare_cached(sql)?;
        let head = select.query_row(params![stream.kind, stream.name.as_str()], |row| {
            Ok(Head {
                id: row.get(0)?,
                version: row.get(1)?,
                position: Some(row.get(2)?),
                wake_at: row.get(3)?,
                is_parked: row.get(4)?,
                is_stored: true,
                correlation: row
                    .get::<_, Option<String>>(5)?
                    .and_then(|id| id.parse().ok().map(MessageId)),
            })
        });
        head.optional()
    }

    /// Writes the stream's row as it is after an append that takes it to `version`, with `last` as the
    /// newest position.
    pub(super) fn advance(
        &mut self,
        append: &Append,
        head: Head,
        version: Version,
        last: Position,
    ) -> rusqlite::Result<()> {
        let position = if append.messages.is_empty() { head.position } else { Some(last) };
        let wake_at = match append.wake {
            Wake::AsBefore => head.wake_at,
            Wake::At(moment) => moment.map(|moment| moment.0),
        };
        let is_parked = append.parked.is_some();
        let after = Head { version, position, wake_at, is_parked, is_stored: true, ..head };
        let is_indexed_alike = head.wake_at == wake_at && !head.is_parked && !is_parked;
        if head.is_stored && is_indexed_alike {
            self.update.execute(params![head.id, version, position])?;
        } else {
            self.put(append, head.is_stored, after)?;
        }
        self.heads.remember(&append.stream, after);
        Ok(())
    }

    fn put(&self, append: &Append, is_stored: bool, after: Head) -> rusqlite::Result<usize> {
        let Head { id, version, position, wake_at, correlation, .. } = after;
        let parked = append.parked.as_ref().map(parked_json);
        if is_stored {
            let sql = "UPDATE streams SET version = ?2, head = ?3, wake_at = ?4, parked = ?5
                       WHERE id = ?1";
            let values = params![id, version, position, wake_at, parked];
            return self.connection.prepare_cached(sql)?.execute(values);
        }
        let (kind, name) = (append.stream.kind, append.stream.name.as_str());
        let values = params![
            id,
            version,
            position,
            wake_at,
            parked,
            kind,
            name,
            self.now.0,
            correlation.map(|id| id.to_string())
        ];
        self.connection.prepare_cached(INSERT)?.execute(values)
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
            data: serde_json::value::to_raw_value(&0).unwrap(),
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
            snapshot: None,
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
            known: None,
        };
        let mut store = Store::open(settings).unwrap();
        for name in ["a", "b", "c", "d"] {
            let written = store.commit(&[first_of(name)], Timestamp(0)).unwrap();
            assert!(
                written
                    .iter()
                    .all(|done| matches!(done, crate::journal::store::Done::Placed(Ok(_))))
            );
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
