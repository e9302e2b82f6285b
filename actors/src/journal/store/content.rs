//! The life of content: kept by streams, released by them, cleaned up by age, its debris swept.
//!
//! A row stands for content at a place. Who needs the same content elsewhere has another row, and
//! another file: nobody's end takes it from anybody else.

use crate::machine::Held;
use crate::vocabulary::{Reference, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// Notes what an event does to content.
pub(super) fn note(connection: &Connection, held: &Held, now: Timestamp) -> rusqlite::Result<()> {
    match held {
        Held::Keep(reference) => keep(connection, reference),
        Held::Moved { from, to } => moved(connection, from, to),
        Held::Release(Reference { hash, file, .. }) => {
            let sql = "UPDATE files SET refs = refs - 1, released_at = ?3
                       WHERE hash = ?1 AND path = ?2";
            connection.prepare_cached(sql)?.execute(params![hash.as_str(), file, now.0]).map(drop)
        }
    }
}

fn keep(connection: &Connection, reference: &Reference) -> rusqlite::Result<()> {
    let sql = "INSERT INTO files (hash, path, bytes, refs) VALUES (?1, ?2, ?3, 1)
               ON CONFLICT (hash, path) DO UPDATE SET refs = refs + 1, gone = 0";
    let bytes = i64::try_from(reference.bytes).unwrap_or(i64::MAX);
    let values = params![reference.hash.as_str(), reference.file, bytes];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}

fn moved(connection: &Connection, from: &Reference, to: &Reference) -> rusqlite::Result<()> {
    let sql = "UPDATE OR REPLACE files SET path = ?3 WHERE hash = ?1 AND path = ?2";
    let values = params![from.hash.as_str(), from.file, to.file];
    match connection.prepare_cached(sql)?.execute(values)? {
        // Kept when content had one row for all: it gets the row that it lacked.
        0 => keep(connection, to),
        _ => Ok(()),
    }
}

/// Whether a row says that something lies there.
pub(super) fn is_named(connection: &Connection, path: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM files WHERE path = ? AND gone = 0)";
    connection.prepare_cached(sql)?.query_row([path], |row| row.get(0))
}

/// What may be deleted, decided where nobody else writes.
#[derive(Debug, Default)]
pub(crate) struct SweepPlan {
    /// Content whose time is over: its rows have been marked, its files may go.
    pub(crate) expired: Vec<String>,
    /// Files and folders that no row names.
    pub(crate) debris: Vec<String>,
}

/// Tells which of the `candidates` (files, and folders of processes) may go: those whose time is over,
/// which it marks so, and those that no row needs. Content elsewhere never expires.
pub(super) fn plan_sweep(
    connection: &mut Connection,
    candidates: &[String],
    released_before: Timestamp,
) -> rusqlite::Result<SweepPlan> {
    let transaction = connection.transaction()?;
    let mut plan = SweepPlan::default();
    for candidate in candidates {
        let was_content = expire(&transaction, candidate, released_before)?;
        if is_needed(&transaction, candidate, released_before)? {
            continue;
        }
        let goes = if was_content { &mut plan.expired } else { &mut plan.debris };
        goes.push(candidate.clone());
    }
    transaction.commit()?;
    Ok(plan)
}

/// Marks the content at `path` as gone if its time is over; true if it was.
fn expire(connection: &Connection, path: &str, before: Timestamp) -> rusqlite::Result<bool> {
    let sql = "UPDATE files SET gone = 1
               WHERE path = ? AND gone = 0 AND refs <= 0 AND released_at < ?";
    Ok(connection.prepare_cached(sql)?.execute(params![path, before.0])? > 0)
}

fn is_needed(connection: &Connection, path: &str, before: Timestamp) -> rusqlite::Result<bool> {
    if let Some(process) = path.strip_prefix("processes/") {
        return process_is_young(connection, process, before);
    }
    is_named(connection, path)
}

/// Whether a process still works, may be redriven, or ended only recently.
fn process_is_young(
    connection: &Connection,
    process: &str,
    before: Timestamp,
) -> rusqlite::Result<bool> {
    let sql = "SELECT p.status, p.completed_at FROM streams s JOIN processes p ON p.stream = s.id
               WHERE s.kind = 'process' AND s.name = ?";
    let found: Option<(String, Option<i64>)> = connection
        .prepare_cached(sql)?
        .query_row([process], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.is_some_and(|(status, completed_at)| {
        let is_over = matches!(status.as_str(), "COMPLETED" | "CANCELLED" | "DEAD");
        !is_over || completed_at.is_none_or(|moment| moment >= before.0)
    }))
}
