//! Reading, on a pool of connections that cannot write. Every read is short: a read transaction that
//! stays open keeps the WAL from being reclaimed.

use super::append::{Parked, Snapshot};
use super::feed::Batch;
use super::health::Health;
use super::message::Message;
use super::store::query::{self, DuePlace};
use super::store::snapshots;
use super::store::{prepare_reader, prepare_visitor, uri};
use super::{Fault, MessageKind};
use crate::vocabulary::{Name, Patterns, Position, Reference, StreamId, Timestamp, Version};
use deadpool_sqlite::{Config, Hook, HookError, Object, Pool, PoolConfig, QueueMode, Runtime};
use rusqlite::Connection;
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;

/// A handle on the pool.
#[derive(Debug, Clone)]
pub struct Reader {
    connections: Arc<Connections>,
    health: Health,
}

/// The pool. It drops its connections on a blocking thread and panics where there is no runtime: tasks
/// that are dropped with their system have none any more, so it is lent the one it was used in.
#[derive(Debug)]
struct Connections {
    pool: Option<Pool>,
    runtime: OnceLock<Handle>,
}

impl Connections {
    async fn get(&self) -> Result<Object, Fault> {
        self.runtime.get_or_init(Handle::current);
        let pool = self.pool.as_ref().expect("it is there until it is dropped");
        pool.get().await.map_err(Fault::reading)
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        let _entered = self.runtime.get().map(Handle::enter);
        self.pool = None;
    }
}

/// A stream as it was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// How many events it has.
    pub version: Version,
    /// The position of its newest message; 0: there is no such stream.
    pub head: Position,
    /// Why its entity is kept from acting.
    pub parked: Option<Parked>,
    /// What the messages before those amount to that were read.
    pub snapshot: Option<Snapshot>,
    /// Its messages, oldest first.
    pub messages: Vec<Message>,
}

/// What a column has to be.
#[derive(Debug, Clone)]
pub struct RowFilter {
    pub(super) column: &'static str,
    pub(super) test: Test,
}

/// How a column is looked at.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// It has this value.
    Is(String),
    /// It holds a JSON array with this value in it.
    Holds(String),
    /// It has no value.
    IsNull,
    /// It is at least this.
    From(i64),
    /// It is less than this.
    Below(i64),
    /// It holds a JSON object whose member of this name has this value (JSON).
    Member(String, String),
    /// Some row of the same table has it in the first of these columns, and in the second at least this.
    NamedBy(&'static str, &'static str, i64),
}

impl RowFilter {
    /// The column has this value.
    pub fn is(column: &'static str, value: String) -> Self {
        Self { column, test: Test::Is(value) }
    }

    /// The column's list has this value in it.
    pub fn holds(column: &'static str, value: String) -> Self {
        Self { column, test: Test::Holds(value) }
    }

    /// The column has no value.
    pub fn is_null(column: &'static str) -> Self {
        Self { column, test: Test::IsNull }
    }

    /// The column's number, or moment in milliseconds, is at least this.
    pub fn from(column: &'static str, least: i64) -> Self {
        Self { column, test: Test::From(least) }
    }

    /// The column's number, or moment in milliseconds, is less than this.
    pub fn below(column: &'static str, limit: i64) -> Self {
        Self { column, test: Test::Below(limit) }
    }

    /// Some row of the same table has the column's value in its column `by`, and in `having` at least this.
    pub fn named_by(
        column: &'static str,
        by: &'static str,
        having: &'static str,
        least: i64,
    ) -> Self {
        Self { column, test: Test::NamedBy(by, having, least) }
    }

    /// The column's object has a member of this name with this value.
    pub fn member(column: &'static str, name: &str, value: &Value) -> Self {
        Self { column, test: Test::Member(name.to_owned(), value.to_string()) }
    }
}

/// Part of a list, with the key to go on from.
#[derive(Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Give this to get the next page; `None`: there is no more.
    pub next: Option<i64>,
}

impl Reader {
    /// At most this many messages are looked at for one page of a filtered list.
    const SCAN: usize = 20_000;

    /// A pool of `size` connections, opened when they are first needed.
    pub(super) fn new(database: &Path, size: usize, health: Health) -> Self {
        Self::prepared_by(prepare_reader, database, size, health)
    }

    /// Reads a database that may have no server, and leaves it as it is. It has to be there.
    pub fn of_file(database: &Path) -> Self {
        Self::prepared_by(prepare_visitor, database, 1, Health::default())
    }

    fn prepared_by(
        prepare: fn(&Connection) -> rusqlite::Result<()>,
        database: &Path,
        size: usize,
        health: Health,
    ) -> Self {
        let mut config = Config::new(uri(database));
        // The warmest first: where one is enough, the others hold no pages.
        config.pool = Some(PoolConfig { queue_mode: QueueMode::Lifo, ..PoolConfig::new(size) });
        let prepare = Hook::async_fn(move |connection, _| {
            Box::pin(async move {
                let prepared = connection.interact(move |connection| prepare(connection));
                match prepared.await {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) => Err(HookError::message(error.to_string())),
                    Err(error) => Err(HookError::message(error.to_string())),
                }
            })
        });
        let builder = config.builder(Runtime::Tokio1).expect("its error type has no value");
        let pool = builder.post_create(prepare).build().expect("a runtime is given");
        let connections = Connections { pool: Some(pool), runtime: OnceLock::new() };
        Self { connections: Arc::new(connections), health }
    }

    /// Runs a query on one of the connections. Refused while a COMMIT is in doubt: what is found then
    /// may not be there to stay.
    pub(super) async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Fault> {
        self.health.trust()?;
        let connections = Arc::clone(&self.connections);
        // In a task of the runtime, where connections may be dropped whenever that is.
        let reading = Handle::current().spawn(async move {
            let connection = connections.get().await?;
            connection.interact(|connection| query(connection)).await.map_err(Fault::reading)
        });
        let result = reading.await.map_err(Fault::reading)?;
        // Once more: the doubt may have come up meanwhile.
        self.health.trust()?;
        result?.map_err(Fault::reading)
    }

    /// A stream's messages behind `after`.
    pub async fn stream(&self, stream: StreamId, after: Position) -> Result<Loaded, Fault> {
        self.query(move |c| query::stream(c, stream.kind, stream.name.as_str(), after)).await
    }

    /// A stream from its snapshot on; without one, from its beginning.
    pub(super) async fn recalled(&self, stream: StreamId) -> Result<Loaded, Fault> {
        self.query(move |c| snapshots::stream(c, &stream)).await
    }

    /// The same for a stream whose kind is only known by its text.
    pub async fn stream_named(
        &self,
        kind: String,
        name: Name,
        after: Position,
    ) -> Result<Loaded, Fault> {
        self.query(move |c| query::stream(c, &kind, name.as_str(), after)).await
    }

    /// Everything that happened behind `after`, at most `limit` messages looked at.
    pub(super) async fn published_after(
        &self,
        after: Position,
        head: Position,
        limit: usize,
    ) -> Result<Batch, Fault> {
        let (messages, upto) =
            self.query(move |c| query::messages_after(c, after, head, limit)).await?;
        Ok(Batch { messages, upto })
    }

    /// Messages behind `after` whose topic matches, in order; without patterns all, also commands.
    /// `next` is the position to go on from, also where nothing matched yet.
    pub(super) async fn messages(
        &self,
        patterns: Option<Patterns>,
        after: Position,
        head: Position,
        limit: usize,
    ) -> Result<Page<Arc<Message>>, Fault> {
        let mut items = Vec::new();
        let mut position = after;
        let mut scanned = 0;
        while items.len() < limit && scanned < Self::SCAN {
            let step = if patterns.is_some() { 1_000 } else { limit };
            let (messages, upto) =
                self.query(move |c| query::messages_after(c, position, head, step)).await?;
            let count = messages.len();
            let matching = messages.into_iter().filter(|m| is_match(m, patterns.as_ref()));
            items.extend(matching.take(limit - items.len()));
            scanned += count;
            position = if items.len() == limit { last_position(&items, upto) } else { upto };
            if count < step {
                return Ok(Page { next: (items.len() == limit).then_some(position), items });
            }
        }
        Ok(Page { items, next: Some(position) })
    }

    /// The names of a kind's streams whose time has come, the longest overdue first, behind a place in
    /// that order; and the place to go on from, if there are more than `limit`.
    pub(crate) async fn due(
        &self,
        kind: &'static str,
        after: DuePlace,
        now: Timestamp,
        limit: usize,
    ) -> Result<(Vec<Name>, Option<DuePlace>), Fault> {
        self.query(move |c| query::due(c, kind, after, now, limit)).await
    }

    /// When the next stream of a kind is due after `now`.
    pub async fn next_due(
        &self,
        kind: &'static str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Fault> {
        self.query(move |c| query::next_due(c, kind, now)).await
    }

    /// A kind's parked streams, and why.
    pub async fn parked(
        &self,
        kind: &'static str,
        limit: usize,
    ) -> Result<Vec<(Name, Parked)>, Fault> {
        self.query(move |c| query::parked(c, kind, limit)).await
    }

    /// Why a stream's entity is kept from acting, if it is.
    pub async fn parked_stream(&self, stream: StreamId) -> Result<Option<Parked>, Fault> {
        Ok(self.stream(stream, Position::MAX).await?.parked)
    }

    /// Rows of a read model, newest first.
    pub async fn rows(
        &self,
        table: &'static str,
        filters: Vec<RowFilter>,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page<Map<String, Value>>, Fault> {
        let rows = self.query(move |c| query::rows(c, table, &filters, before, limit)).await?;
        let next = if rows.len() == limit { rows.last().map(|(key, _)| *key) } else { None };
        Ok(Page { items: rows.into_iter().map(|(_, row)| row).collect(), next })
    }

    /// One row of a read model.
    pub async fn row(
        &self,
        table: &'static str,
        stream: StreamId,
    ) -> Result<Option<Map<String, Value>>, Fault> {
        self.query(move |c| query::row(c, table, &stream)).await
    }

    /// Whether the database can be read at all.
    pub async fn check(&self) -> Result<(), Fault> {
        self.query(|c| c.query_row("SELECT 1 FROM meta LIMIT 1", [], |_| Ok(()))).await
    }

    /// Where content lies now, best where it is said to be: `None` unknown, `Some(None)` expired.
    pub(super) async fn content_path(
        &self,
        reference: Reference,
    ) -> Result<Option<Option<String>>, Fault> {
        self.query(move |c| query::content_path(c, &reference)).await
    }
}

fn is_match(message: &Message, patterns: Option<&Patterns>) -> bool {
    let Some(patterns) = patterns else { return true };
    message.kind != MessageKind::Command
        && message.topic.as_deref().is_some_and(|topic| patterns.matches(topic))
}

fn last_position(items: &[Arc<Message>], otherwise: Position) -> Position {
    items.last().map_or(otherwise, |message| message.position)
}
