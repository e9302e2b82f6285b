//! Writing the ledger.

use crate::journal::NewMessage;
use crate::journal::ledger::{Entered, Entry, Nack, NewSubscription, Setback};
use crate::journal::store::audit;
use crate::vocabulary::{Hash, Name, Position, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// What an entry is written with.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) now: Timestamp,
}

/// Writes an entry that says nothing outside any stream.
pub(crate) fn enter(desk: Desk<'_>, entry: &Entry) -> rusqlite::Result<Entered> {
    match entry {
        Entry::Mark { key, position } => desk.mark(key, *position),
        Entry::Subscribe(new) => desk.subscribe(new),
        Entry::Unsubscribe(name) => {
            desk.execute("DELETE FROM subscriptions WHERE name = ?", params![name.as_str()])
        }
        // Paused again, it is paused since the first time.
        Entry::Activate { name, active } => desk.execute(
            "UPDATE subscriptions SET active = ?2, paused_at = iif(?2, NULL, coalesce(paused_at, ?3))
             WHERE name = ?1",
            params![name.as_str(), active, desk.now.0],
        ),
        Entry::Adopt(name) => desk.execute(
            "UPDATE subscriptions SET epoch = (SELECT value FROM meta WHERE key = 'epoch')
             WHERE name = ?",
            params![name.as_str()],
        ),
        Entry::Acknowledge { name, upto } => desk.acknowledge(name, *upto),
        Entry::Nack(nack) => desk.nack(nack),
        Entry::Retry(setback) => desk.set_back(setback, "pending", None),
        Entry::Bury(setback) => desk.bury(setback),
        Entry::Redrive { position, name } => desk.redrive(*position, name.as_ref()),
        Entry::Remember { key, body } => desk.execute(
            "INSERT INTO publications (key, body, position, created_at) VALUES (?1, ?2, 0, ?3)
             ON CONFLICT (key) DO NOTHING",
            params![key, body.as_str(), desk.now.0],
        ),
        Entry::PutState { key, hash, bytes } => desk.put_state(key, hash, *bytes),
        Entry::DropState(key) => {
            desk.execute("DELETE FROM shared_state WHERE key = ?", params![key.as_str()])
        }
        Entry::Publish { key, message } => desk.published(key, message),
        Entry::Audit(row) => audit::write(desk, row),
        Entry::SettleAudit { call_id, millis } => audit::settle(desk, *call_id, *millis),
        Entry::DropAudit(rows) => audit::drop_rows(desk, rows),
    }
}

/// The hash by which a publication is known again.
fn body(message: &NewMessage) -> String {
    let NewMessage { topic, event_type, data, correlation, .. } = message;
    let correlation = correlation.map(|id| id.to_string()).unwrap_or_default();
    let parts = [topic.as_deref().unwrap_or_default(), event_type, data.get(), &correlation];
    let joined = parts.map(|part| format!("{}:{part}", part.len())).concat();
    Hash::of(joined.as_bytes()).as_str().to_owned()
}

/// Forgets keys of publications from before a moment.
pub(crate) fn forget_keys(connection: &Connection, before: Timestamp) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM publications WHERE created_at < ?", [before.0])
}

impl Desk<'_> {
    fn execute(self, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<Entered> {
        let changed = self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(if changed > 0 { Entered::Done } else { Entered::Missing })
    }

    fn mark(self, key: &str, position: Position) -> rusqlite::Result<Entered> {
        let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.execute(sql, params![key, position.to_string()])
    }

    fn subscribe(self, new: &NewSubscription) -> rusqlite::Result<Entered> {
        let sql = "INSERT INTO subscriptions (name, subscriber, topics, stream, position, epoch,
                   ack_wait_ms, max_deliveries, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (name) DO NOTHING";
        // Strings only: it cannot fail.
        let topics = serde_json::to_string(&new.topics).unwrap_or_default();
        let wait = i64::try_from(new.ack_wait_ms).unwrap_or(i64::MAX);
        let entered = self.execute(
            sql,
            params![
                new.name.as_str(),
                new.subscriber.as_str(),
                topics,
                new.stream,
                new.after,
                new.epoch,
                wait,
                new.max_deliveries,
                self.now.0
            ],
        )?;
        Ok(if entered == Entered::Missing { Entered::Already } else { entered })
    }

    /// One row changes, and those of deliveries that had gone wrong before.
    fn acknowledge(self, name: &Name, upto: Position) -> rusqlite::Result<Entered> {
        let Some(cursor) = self.cursor(name)? else { return Ok(Entered::Missing) };
        let settle = "UPDATE deliveries SET status = 'completed', processed_at = ?4
                      WHERE subscription = ?1 AND position >= min(?2, ?3 + 1) AND position <= ?2
                      AND status = 'pending'";
        let values = params![name.as_str(), upto, cursor, self.now.0];
        let settled = self.connection.prepare_cached(settle)?.execute(values)?;
        self.move_cursor(name, upto)?;
        Ok(Entered::At(cursor.max(upto), upto <= cursor && settled > 0))
    }

    fn cursor(self, name: &Name) -> rusqlite::Result<Option<Position>> {
        let sql = "SELECT position FROM subscriptions WHERE name = ?";
        let mut select = self.connection.prepare_cached(sql)?;
        select.query_row([name.as_str()], |row| row.get(0)).optional()
    }

    fn move_cursor(self, name: &Name, upto: Position) -> rusqlite::Result<Entered> {
        let sql = "UPDATE subscriptions SET position = max(position, ?2), acknowledged_at = ?3
                   WHERE name = ?1";
        self.execute(sql, params![name.as_str(), upto, self.now.0])
    }

    /// Counted here, where nobody else counts; one that has been settled meanwhile is settled.
    fn nack(self, nack: &Nack) -> rusqlite::Result<Entered> {
        let Nack { name, position, error, due } = nack;
        let Some(cursor) = self.cursor(name)? else { return Ok(Entered::Missing) };
        let sql = "SELECT retry_count FROM deliveries
                   WHERE subscription = ?1 AND position = ?2 AND status = 'pending'";
        let mut select = self.connection.prepare_cached(sql)?;
        let values = params![name.as_str(), position];
        let before: Option<u32> = select.query_row(values, |row| row.get(0)).optional()?;
        if *position <= cursor && before.is_none() {
            return Ok(Entered::Already);
        }
        let sql = "SELECT max_deliveries FROM subscriptions WHERE name = ?";
        let mut select = self.connection.prepare_cached(sql)?;
        let most: u32 = select.query_row([name.as_str()], |row| row.get(0))?;
        let retry_count = before.unwrap_or(0).saturating_add(1);
        let (name, error) = (name.clone(), error.clone());
        let setback = Setback { name, position: *position, retry_count, error };
        if retry_count < most {
            self.set_back(&setback, "pending", Some(*due))?;
            return Ok(Entered::Refused(cursor, retry_count, false));
        }
        self.bury(&setback)?;
        Ok(Entered::Refused(cursor.max(*position), retry_count, true))
    }

    fn set_back(
        self,
        setback: &Setback,
        status: &str,
        due: Option<Timestamp>,
    ) -> rusqlite::Result<Entered> {
        let Setback { name, position, retry_count, error } = setback;
        if self.cursor(name)?.is_none() {
            return Ok(Entered::Missing);
        }
        let sql = "INSERT INTO deliveries
                   (subscription, position, status, retry_count, error, processed_at, due_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (subscription, position) DO UPDATE
                   SET status = ?3, retry_count = ?4, error = ?5, processed_at = ?6, due_at = ?7";
        let (name, due) = (name.as_str(), due.map(|due| due.0));
        self.execute(sql, params![name, position, status, retry_count, error, self.now.0, due])
    }

    fn bury(self, setback: &Setback) -> rusqlite::Result<Entered> {
        let entered = self.set_back(setback, "failed", None)?;
        if entered == Entered::Missing {
            return Ok(entered);
        }
        self.move_cursor(&setback.name, setback.position)?;
        let cursor = self.cursor(&setback.name)?.unwrap_or(setback.position);
        Ok(Entered::At(cursor, false))
    }

    fn redrive(self, position: Position, name: Option<&Name>) -> rusqlite::Result<Entered> {
        let sql = "UPDATE deliveries SET status = 'pending', retry_count = 0, processed_at = ?3, due_at = NULL
                   WHERE position = ?1 AND status = 'failed' AND subscription = coalesce(?2, subscription)";
        self.execute(sql, params![position, name.map(Name::as_str), self.now.0])
    }

    fn put_state(self, key: &Name, hash: &Hash, bytes: u64) -> rusqlite::Result<Entered> {
        let sql = "INSERT INTO shared_state (key, hash, bytes, updated_at) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (key) DO UPDATE SET hash = ?2, bytes = ?3, updated_at = ?4";
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.execute(sql, params![key.as_str(), hash.as_str(), bytes, self.now.0])
    }

    /// What was published under this key before.
    fn published(self, key: &str, message: &NewMessage) -> rusqlite::Result<Entered> {
        let sql = "SELECT body, position FROM publications WHERE key = ?";
        let found: Option<(String, Position)> = self
            .connection
            .prepare_cached(sql)?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(match found {
            None => Entered::Missing,
            Some((known, position)) if known == body(message) => Entered::Repeated(position),
            Some(_) => Entered::OtherBody,
        })
    }

    /// Remembers what is published now under a key.
    pub(crate) fn remember(
        self,
        key: &str,
        message: &NewMessage,
        position: Position,
    ) -> rusqlite::Result<Entered> {
        let sql = "INSERT INTO publications (key, body, position, created_at) VALUES (?, ?, ?, ?)";
        self.execute(sql, params![key, body(message), position, self.now.0])
    }
}
