//! Reading the queue: who holds the places of a runtime, who comes before whom, who speaks in a session.
//! Whose turn it is decides the admission service; here is only looked.

use super::query::row_as_json;
use crate::journal::Waiting;
use crate::vocabulary::{Name, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Params, params};
use serde_json::{Map, Value};

/// The condition of the partial index over open processes, word for word: else it is not used.
const OPEN: &str = "status IN ('PENDING', 'RETRY', 'STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING')";

/// A row of the read model of processes.
pub(crate) type ProcessRow = Map<String, Value>;

/// The processes that hold a place of this runtime, the oldest first.
pub(crate) fn holders(
    connection: &Connection,
    runtime: &str,
    limit: usize,
) -> rusqlite::Result<Vec<ProcessRow>> {
    let sql = format!(
        "SELECT * FROM processes WHERE runtime = ?1 AND {OPEN}
         AND status IN ('STARTING', 'RUNNING', 'CANCELLING')
         ORDER BY created_at, stream LIMIT ?2"
    );
    rows(connection, &sql, params![runtime, as_i64(limit)])
}

/// How many hold a place of this runtime.
pub(crate) fn count_holders(connection: &Connection, runtime: &str) -> rusqlite::Result<u32> {
    let sql = format!(
        "SELECT count(*) FROM processes WHERE runtime = ?1 AND {OPEN}
         AND status IN ('STARTING', 'RUNNING', 'CANCELLING')"
    );
    connection.prepare_cached(&sql)?.query_row([runtime], |row| row.get(0))
}

/// How many that are due wait before this process at its runtime: of a higher priority, or older.
pub(crate) fn count_ahead(connection: &Connection, id: &str, now: i64) -> rusqlite::Result<u32> {
    let sql = format!(
        "SELECT count(*) FROM processes p JOIN streams s ON s.id = p.stream,
           (SELECT runtime AS r, priority AS pr, created_at AS c, stream AS st FROM processes
            WHERE stream = (SELECT id FROM streams WHERE kind = 'process' AND name = ?1)) me
         WHERE p.runtime = me.r AND p.{OPEN} AND p.status IN ('PENDING', 'RETRY')
           AND coalesce(p.due_at, 0) <= ?2 AND s.parked IS NULL
           AND (-p.priority, p.created_at, p.stream) < (-me.pr, me.c, me.st)"
    );
    connection.prepare_cached(&sql)?.query_row(params![id, now], |row| row.get(0))
}

/// The open processes of a session: first those at work, then those that wait, in the order of their turns.
pub(crate) fn of_session(
    connection: &Connection,
    session: &str,
    limit: usize,
) -> rusqlite::Result<Vec<ProcessRow>> {
    let sql = format!(
        "SELECT * FROM processes WHERE {OPEN} AND session_id = ?1
         ORDER BY status IN ('PENDING', 'RETRY'), priority DESC, created_at, stream LIMIT ?2"
    );
    rows(connection, &sql, params![session, as_i64(limit)])
}

/// The open processes of an agent: first those at work, then those that wait.
pub(crate) fn of_agent(
    connection: &Connection,
    agent: &str,
    limit: usize,
) -> rusqlite::Result<Vec<ProcessRow>> {
    let sql = format!(
        "SELECT * FROM processes INDEXED BY processes_open WHERE {OPEN} AND agent_id = ?1
         ORDER BY status IN ('PENDING', 'RETRY'), priority DESC, created_at, stream LIMIT ?2"
    );
    rows(connection, &sql, params![agent, as_i64(limit)])
}

/// The first runtime behind `after` that has an open process: a step in the index, however many wait.
pub(crate) fn next_runtime(
    connection: &Connection,
    after: &str,
) -> rusqlite::Result<Option<String>> {
    let sql = format!(
        "SELECT runtime FROM processes INDEXED BY processes_open
         WHERE runtime > ? AND {OPEN} ORDER BY runtime LIMIT 1"
    );
    connection.prepare_cached(&sql)?.query_row([after], |row| row.get(0)).optional()
}

/// Those that hold a place of this runtime and are parked: what worked for them may have gone.
pub(crate) fn parked_holders(
    connection: &Connection,
    runtime: &str,
) -> rusqlite::Result<Vec<Name>> {
    let sql = format!(
        "SELECT p.id FROM processes p INDEXED BY processes_open JOIN streams s ON s.id = p.stream
         WHERE p.runtime = ? AND p.status IN ('STARTING', 'RUNNING', 'CANCELLING')
           AND p.{OPEN} AND s.parked IS NOT NULL"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let rows = select.query_map([runtime], |row| row.get::<_, String>(0))?;
    let names = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(names.into_iter().filter_map(|name| name.parse().ok()).collect())
}

/// The first of those that wait in this status for this runtime, are due, and whose session is free.
pub(crate) fn candidates(
    connection: &Connection,
    (runtime, status): (&str, &str),
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Vec<Waiting>> {
    let sql = format!(
        "SELECT p.stream, p.id, p.session_id, p.priority, p.created_at
         FROM processes p INDEXED BY processes_open JOIN streams s ON s.id = p.stream
         WHERE p.runtime = ?1 AND p.status = '{status}' AND p.{OPEN}
           AND coalesce(p.due_at, 0) <= ?2
           AND s.parked IS NULL
           AND NOT EXISTS (
               SELECT 1 FROM processes b INDEXED BY processes_busy_sessions
               WHERE b.session_id = p.session_id
                 AND b.status IN ('STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING'))
         ORDER BY p.priority DESC, p.created_at, p.stream LIMIT ?3"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let rows = select.query_map(params![runtime, now.0, as_i64(limit)], |row| {
        Ok(Waiting {
            stream: row.get(0)?,
            name: row.get(1)?,
            session: row.get(2)?,
            runtime: runtime.to_owned(),
            priority: row.get(3)?,
            created_at: row.get(4)?,
        })
    })?;
    rows.collect()
}

/// When the next retry falls due that is not due yet.
pub(crate) fn next_due(
    connection: &Connection,
    now: Timestamp,
) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "SELECT min(due_at) FROM processes INDEXED BY processes_due
               WHERE status = 'RETRY' AND due_at > ?";
    let moment: Option<i64> =
        connection.prepare_cached(sql)?.query_row([now.0], |row| row.get(0))?;
    Ok(moment.map(Timestamp))
}

/// The processes that have an executor, with their attempts.
pub(crate) fn under_way(connection: &Connection) -> rusqlite::Result<Vec<(String, u32)>> {
    let sql = "SELECT id, attempt FROM processes
               WHERE status IN ('STARTING', 'RUNNING', 'CANCELLING')";
    let mut select = connection.prepare(sql)?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn rows(
    connection: &Connection,
    sql: &str,
    values: impl Params,
) -> rusqlite::Result<Vec<ProcessRow>> {
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map(values, |row| row_as_json(row).map(|(_, row)| row))?;
    rows.collect()
}

fn as_i64(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a million processes that have ended, the few that are open have to be found by the index.
    #[test]
    fn the_queue_is_read_by_the_index_over_what_is_open() {
        let connection = Connection::open_in_memory().unwrap();
        let schema = include_str!("../../../../migrations/0001_kernel.sql");
        connection.execute_batch(schema).unwrap();
        holders(&connection, "r", 1).unwrap();
        count_holders(&connection, "r").unwrap();
        count_ahead(&connection, "p", 0).unwrap();
        of_session(&connection, "s", 1).unwrap();
        of_agent(&connection, "a", 1).unwrap();
        next_runtime(&connection, "").unwrap();
        parked_holders(&connection, "r").unwrap();
        candidates(&connection, ("r", "PENDING"), 1, Timestamp(0)).unwrap();
        next_due(&connection, Timestamp(0)).unwrap();
        let conditions = [
            format!("runtime = 'r' AND {OPEN} AND status IN ('STARTING', 'RUNNING', 'CANCELLING')"),
            format!("{OPEN} AND session_id = 's'"),
        ];
        for condition in conditions {
            let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM processes WHERE {condition}");
            let plan: String = connection.query_row(&sql, [], |row| row.get(3)).unwrap();
            assert!(plan.contains("INDEX processes_"), "{plan}");
        }
    }
}
