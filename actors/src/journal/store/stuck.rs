//! Looking for work that is late: what says it is at work, what should be up, what should have been admitted.

use crate::journal::{AtWork, Due, FullMailbox, IdleAgent, Overdue};
use crate::vocabulary::Timestamp;
use rusqlite::{Connection, params};

/// Processes that hold a place, and of which nothing was heard since `before`.
pub(crate) fn at_work(
    connection: &Connection,
    before: Timestamp,
    limit: i64,
) -> rusqlite::Result<Vec<AtWork>> {
    let sql = "SELECT p.id, p.status, m.created_at
               FROM processes p INDEXED BY processes_busy_sessions
               JOIN streams s ON s.id = p.stream JOIN messages m ON m.id = s.head
               WHERE p.status IN ('STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING')
                   AND m.created_at < ?1 AND s.parked IS NULL
               LIMIT ?2";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![before.0, limit], |row| {
        Ok(AtWork { id: row.get(0)?, status: row.get(1)?, since: Timestamp(row.get(2)?) })
    })?;
    rows.collect()
}

/// Streams of a kind that had to be up before `before`, and of which nothing was heard since.
pub(crate) fn due_before(
    connection: &Connection,
    kind: &str,
    before: Timestamp,
    limit: i64,
) -> rusqlite::Result<Vec<Due>> {
    let sql = "SELECT s.name, max(s.wake_at, m.created_at)
               FROM streams s INDEXED BY streams_wake JOIN messages m ON m.id = s.head
               WHERE s.wake_at <= ?2 AND s.kind = ?1 AND s.parked IS NULL AND m.created_at < ?2
               ORDER BY s.wake_at LIMIT ?3";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![kind, before.0, limit], |row| {
        Ok(Due { name: row.get(0)?, since: Timestamp(row.get(1)?) })
    })?;
    rows.collect()
}

/// Processes whose next attempt was due before `before`, whose session is free, and how many places of
/// their runtime are taken.
pub(crate) fn overdue(
    connection: &Connection,
    before: Timestamp,
    limit: i64,
) -> rusqlite::Result<Vec<Overdue>> {
    let sql = "SELECT p.id, p.runtime, p.due_at,
                   (SELECT count(*) FROM processes a INDEXED BY processes_busy_sessions
                    WHERE a.runtime = p.runtime AND a.status IN ('STARTING', 'RUNNING', 'CANCELLING')
                        AND a.status IN ('STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING'))
               FROM processes p INDEXED BY processes_due JOIN streams s ON s.id = p.stream
               WHERE p.status = 'RETRY' AND p.due_at < ?1 AND s.parked IS NULL
                   AND NOT EXISTS (
                       SELECT 1 FROM processes b INDEXED BY processes_busy_sessions
                       WHERE b.session_id = p.session_id
                           AND b.status IN ('STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING'))
               ORDER BY p.due_at LIMIT ?2";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![before.0, limit], |row| {
        let taken: i64 = row.get(3)?;
        Ok(Overdue {
            id: row.get(0)?,
            runtime: row.get(1)?,
            due: Timestamp(row.get(2)?),
            taken: usize::try_from(taken).unwrap_or(usize::MAX),
        })
    })?;
    rows.collect()
}

/// Agents that are busy with a process which has stopped working before `before`.
pub(crate) fn idle_agents(
    connection: &Connection,
    before: Timestamp,
    limit: i64,
) -> rusqlite::Result<Vec<IdleAgent>> {
    let sql = "SELECT a.id, p.id, p.status, m.created_at
               FROM agents a CROSS JOIN streams own ON own.id = a.stream
               CROSS JOIN streams s ON s.kind = 'process' AND s.name = a.current_process_id
               CROSS JOIN processes p ON p.stream = s.id JOIN messages m ON m.id = s.head
               WHERE a.status = 'busy' AND own.parked IS NULL AND m.created_at < ?1
                   AND p.status IN ('PENDING', 'RETRY', 'HELD', 'INDETERMINATE', 'COMPLETED',
                                    'DEAD', 'CANCELLED', 'FAILED')
               LIMIT ?2";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![before.0, limit], |row| {
        let since = Timestamp(row.get(3)?);
        Ok(IdleAgent { id: row.get(0)?, process: row.get(1)?, status: row.get(2)?, since })
    })?;
    rows.collect()
}

/// Mailboxes in which something lies, and of which nothing was taken since `before`. What a cursor has passed
/// is told by when the message at which it stands was written.
pub(crate) fn full_mailboxes(
    connection: &Connection,
    before: Timestamp,
    limit: i64,
) -> rusqlite::Result<Vec<FullMailbox>> {
    let sql = "SELECT a.id, coalesce(b.position, 0)
               FROM agents a LEFT JOIN subscriptions b ON b.stream = 'agent/' || a.id
               LEFT JOIN messages m ON m.id = b.position
               WHERE a.last_letter_at > coalesce(m.created_at, 0) AND a.status <> 'unregistered'
                   AND coalesce(b.active, 1) AND coalesce(b.acknowledged_at, 0) < ?1
               LIMIT ?2";
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(params![before.0, limit], |row| {
        Ok(FullMailbox { agent: row.get(0)?, position: row.get(1)? })
    })?;
    rows.collect()
}
