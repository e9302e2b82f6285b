//! Reading what waits for subscribers: what stands behind a cursor, and which deliveries went wrong.

use crate::journal::Trouble;
use crate::vocabulary::{Name, Position, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The epoch of the journal; empty where it has none yet.
pub(crate) fn epoch(connection: &Connection) -> rusqlite::Result<String> {
    let sql = "SELECT value FROM meta WHERE key = 'epoch'";
    let found = connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or_default())
}

/// What was published behind `after`, up to `upto`: where it stands, its topic, and when that was.
pub(crate) fn topics(
    connection: &Connection,
    after: Position,
    upto: Position,
) -> rusqlite::Result<Vec<(Position, String, Timestamp)>> {
    let sql = "SELECT id, topic, created_at FROM messages
               WHERE id > ?1 AND id <= ?2 AND topic IS NOT NULL AND kind <> 'command' ORDER BY id";
    let mut select = connection.prepare_cached(sql)?;
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, Timestamp(row.get(2)?)));
    select.query_map(params![after, upto], row)?.collect()
}

/// What went wrong at a subscription, what is tried again first, and how many are dead there.
pub(crate) fn troubles(
    connection: &Connection,
    subscription: &str,
    limit: usize,
) -> rusqlite::Result<(Vec<Trouble>, u64)> {
    let sql = "SELECT subscription, position, status, retry_count, error, processed_at, due_at
               FROM deliveries WHERE subscription = ?1 AND status IN ('pending', 'failed')
               ORDER BY status DESC, position LIMIT ?2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut select = connection.prepare_cached(sql)?;
    let found = select.query_map(params![subscription, limit], trouble)?;
    let found = found.collect::<rusqlite::Result<Vec<_>>>()?;
    let sql = "SELECT count(*) FROM deliveries WHERE subscription = ?1 AND status = 'failed'";
    let dead: i64 = connection.prepare_cached(sql)?.query_row([subscription], |row| row.get(0))?;
    Ok((found, dead.unsigned_abs()))
}

/// What went wrong with a message: a look by key for each subscription, of which there are few.
pub(crate) fn troubles_with(
    connection: &Connection,
    position: Position,
) -> rusqlite::Result<Vec<Trouble>> {
    let sql = "SELECT d.subscription, d.position, d.status, d.retry_count, d.error, d.processed_at, d.due_at
               FROM subscriptions s CROSS JOIN deliveries d
                 ON d.subscription = s.name AND d.position = ?1
               WHERE d.status IN ('pending', 'failed') ORDER BY s.name";
    let mut select = connection.prepare_cached(sql)?;
    select.query_map([position], trouble)?.collect()
}

fn trouble(row: &Row<'_>) -> rusqlite::Result<Trouble> {
    let name: String = row.get(0)?;
    let invalid = |error: crate::vocabulary::InvalidName| {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into())
    };
    let subscription: Name = name.parse().map_err(invalid)?;
    let status: String = row.get(2)?;
    Ok(Trouble {
        subscription,
        position: row.get(1)?,
        is_dead: status == "failed",
        due: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        retry_count: row.get(3)?,
        error: row.get(4)?,
        at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
    })
}
