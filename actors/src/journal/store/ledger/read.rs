//! Reading the ledger.

use crate::journal::Message;
use crate::journal::ledger::{DeadLetter, Pending, StateRow, SubscriptionRow};
use crate::journal::store::query::{COLUMNS, message};
use crate::vocabulary::{Hash, Name, Position, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

pub(crate) fn mark(connection: &Connection, key: &str) -> rusqlite::Result<Position> {
    let sql = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?";
    Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?.unwrap_or(0))
}

const SUBSCRIPTION: &str = "SELECT name, subscriber, topics, stream, position, epoch, ack_wait_ms,
    max_deliveries, created_at, acknowledged_at, active, paused_at FROM subscriptions";

pub(crate) fn subscription(
    connection: &Connection,
    name: &str,
) -> rusqlite::Result<Option<SubscriptionRow>> {
    let sql = format!("{SUBSCRIPTION} WHERE name = ?");
    connection.prepare_cached(&sql)?.query_row([name], subscription_row).optional()
}

pub(crate) fn subscriptions(
    connection: &Connection,
    subscriber: Option<&str>,
    after: &str,
    limit: usize,
) -> rusqlite::Result<Vec<SubscriptionRow>> {
    let sql = format!(
        "{SUBSCRIPTION} WHERE name > ?1 AND subscriber = coalesce(?2, subscriber)
         ORDER BY name LIMIT ?3"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let values = params![after, subscriber, rows(limit)];
    select.query_map(values, subscription_row)?.collect()
}

fn subscription_row(row: &Row<'_>) -> rusqlite::Result<SubscriptionRow> {
    let topics: String = row.get(2)?;
    let topics = serde_json::from_str(&topics)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, error.into()))?;
    Ok(SubscriptionRow {
        name: name(row, 0)?,
        subscriber: row.get(1)?,
        topics,
        stream: row.get(3)?,
        position: row.get(4)?,
        epoch: row.get(5)?,
        active: row.get(10)?,
        paused_at: row.get::<_, Option<i64>>(11)?.map(Timestamp),
        ack_wait_ms: row.get::<_, i64>(6)?.unsigned_abs(),
        max_deliveries: row.get(7)?,
        created_at: Timestamp(row.get(8)?),
        acknowledged_at: row.get::<_, Option<i64>>(9)?.map(Timestamp),
    })
}

fn name(row: &Row<'_>, index: usize) -> rusqlite::Result<Name> {
    let text: String = row.get(index)?;
    text.parse().map_err(|error: crate::vocabulary::InvalidName| {
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, error.into())
    })
}

pub(crate) fn pending(connection: &Connection, name: &str) -> rusqlite::Result<Vec<Pending>> {
    let sql = "SELECT position, retry_count, due_at FROM deliveries
               WHERE subscription = ? AND status = 'pending' ORDER BY position";
    let mut select = connection.prepare_cached(sql)?;
    let pending = |row: &Row<'_>| {
        let due = row.get::<_, Option<i64>>(2)?.map(Timestamp);
        Ok(Pending { position: row.get(0)?, retry_count: row.get(1)?, due })
    };
    select.query_map([name], pending)?.collect()
}

/// A dead letter before its message is joined to it.
struct Bare {
    subscription: Name,
    position: Position,
    retry_count: u32,
    error: Option<String>,
    failed_at: Option<Timestamp>,
}

pub(crate) fn dead(
    connection: &Connection,
    subscription: Option<&str>,
    before: Position,
    limit: usize,
) -> rusqlite::Result<Vec<DeadLetter>> {
    let sql = "SELECT subscription, position, retry_count, error, processed_at FROM deliveries
               WHERE status = 'failed' AND position < ?1
                 AND subscription = coalesce(?2, subscription)
               ORDER BY position DESC, subscription LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let bare = select.query_map(params![before, subscription, rows(limit)], |row| {
        Ok(Bare {
            subscription: name(row, 0)?,
            position: row.get(1)?,
            retry_count: row.get(2)?,
            error: row.get(3)?,
            failed_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        })
    })?;
    let mut letters = Vec::new();
    for bare in bare {
        let Bare { subscription, position, retry_count, error, failed_at } = bare?;
        for message in messages_at(connection, &[position])? {
            let subscription = subscription.clone();
            let error = error.clone();
            letters.push(DeadLetter { subscription, retry_count, error, failed_at, message });
        }
    }
    Ok(letters)
}

pub(crate) fn messages_at(
    connection: &Connection,
    positions: &[Position],
) -> rusqlite::Result<Vec<Arc<Message>>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages m LEFT JOIN streams s ON s.id = m.stream WHERE m.id = ?"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let found =
        positions.iter().filter_map(|at| select.query_row([at], message).optional().transpose());
    found.map(|message| message.map(Arc::new)).collect()
}

pub(crate) fn remembered(connection: &Connection, key: &str) -> rusqlite::Result<Option<Hash>> {
    let sql = "SELECT body FROM publications WHERE key = ?";
    let body: Option<String> =
        connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?;
    Ok(body.as_deref().map(Hash::known))
}

const STATE: &str = "SELECT key, hash, bytes, updated_at FROM shared_state";

pub(crate) fn state(connection: &Connection, key: &str) -> rusqlite::Result<Option<StateRow>> {
    let sql = format!("{STATE} WHERE key = ?");
    connection.prepare_cached(&sql)?.query_row([key], state_row).optional()
}

pub(crate) fn states(
    connection: &Connection,
    after: &str,
    limit: usize,
) -> rusqlite::Result<Vec<StateRow>> {
    let sql = format!("{STATE} WHERE key > ? ORDER BY key LIMIT ?");
    let mut select = connection.prepare_cached(&sql)?;
    select.query_map(params![after, rows(limit)], state_row)?.collect()
}

fn state_row(row: &Row<'_>) -> rusqlite::Result<StateRow> {
    Ok(StateRow {
        key: row.get(0)?,
        hash: row.get(1)?,
        bytes: row.get::<_, i64>(2)?.unsigned_abs(),
        updated_at: Timestamp(row.get(3)?),
    })
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
