//! Verification: does the database keep the journal's promises?

use super::Home;
use super::store::{query, unreadable};
use crate::vocabulary::Hash;
use rusqlite::Connection;
use serde::Serialize;
use std::fs;

/// Something that should not be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which promise.
    pub check: &'static str,
    /// What was found.
    pub what: String,
}

/// Every check is a query whose rows are faults.
const CHECKS: [(&str, &str); 8] = [
    (
        "positions have no gaps",
        "SELECT 'after ' || id FROM messages m WHERE id < (SELECT max(id) FROM messages)
         AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.id = m.id + 1)",
    ),
    (
        "a stream's version counts its events",
        "SELECT s.kind || '/' || s.name || ' says ' || s.version || ', has ' || count(m.id)
         FROM streams s LEFT JOIN messages m ON m.stream = s.id AND m.kind = 'event'
         GROUP BY s.id HAVING s.version <> count(m.id)",
    ),
    (
        "a stream's head is its newest message",
        "SELECT s.kind || '/' || s.name FROM streams s
         LEFT JOIN (SELECT stream, max(id) AS newest FROM messages GROUP BY stream) m ON m.stream = s.id
         WHERE s.head IS NOT m.newest",
    ),
    (
        "an event was brought about by a command of the same stream",
        "SELECT 'event ' || e.id FROM messages e LEFT JOIN messages c ON c.id = e.causation_id
         WHERE e.kind = 'event' AND (c.kind IS NOT 'command' OR c.stream IS NOT e.stream OR c.id > e.id)",
    ),
    (
        "an id was used for one command of a stream",
        "SELECT stream || ': ' || message_id FROM messages WHERE kind = 'command'
         GROUP BY stream, message_id HAVING count(*) > 1",
    ),
    (
        "a cursor points into the journal",
        "SELECT name || ' stands at ' || position FROM subscriptions
         WHERE position > (SELECT coalesce(max(id), 0) FROM messages)",
    ),
    (
        "a snapshot has taken in no more than there is",
        "SELECT s.kind || '/' || s.name FROM streams s JOIN snapshots n ON n.stream = s.id
         WHERE n.position > s.head",
    ),
    (
        "previous is the stream's message before",
        "SELECT 'message ' || id FROM (
            SELECT id, previous, lag(id) OVER (PARTITION BY stream ORDER BY id) AS before
            FROM messages WHERE stream IS NOT NULL)
         WHERE previous IS NOT before",
    ),
];

/// Checks the database, as it is at this moment, and the files it names. An empty list means that all
/// is well.
pub(super) fn verify(home: &Home, connection: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let snapshot = connection.unchecked_transaction()?;
    let mut findings = promises(&snapshot);
    found(&mut findings, SESSIONS, sessions(home, &snapshot));
    let mut suspects = Vec::new();
    match content(home, &snapshot) {
        Ok(found) => suspects = found,
        Err(error) => findings.push(unseen(CONTENT, &error)),
    }
    drop(snapshot);
    for (hash, path) in suspects {
        // A writer at work may have moved or removed it meanwhile, and said so.
        if query::is_content_named(connection, &hash, &path)? {
            let what = format!("{path} does not hold {hash}");
            findings.push(Finding { check: CONTENT, what });
        }
    }
    Ok(findings)
}

const SESSIONS: &str = "a session's committed lines are there";
const CONTENT: &str = "content that is named is there";

/// A promise that cannot be looked at is broken, and no reason not to look at the others.
fn promises(connection: &Connection) -> Vec<Finding> {
    let mut findings = Vec::new();
    found(&mut findings, "the database is whole", integrity(connection));
    let rows = unreadable(connection).into_iter();
    findings.extend(rows.map(|what| Finding { check: "every row can be read", what }));
    for (check, sql) in CHECKS {
        found(&mut findings, check, faults(connection, check, sql));
    }
    findings
}

fn found(findings: &mut Vec<Finding>, check: &'static str, more: rusqlite::Result<Vec<Finding>>) {
    match more {
        Ok(more) => findings.extend(more),
        Err(error) => findings.push(unseen(check, &error)),
    }
}

pub(super) fn unseen(check: &'static str, error: &impl std::fmt::Display) -> Finding {
    Finding { check, what: format!("this cannot be looked at: {error}") }
}

fn faults(
    connection: &Connection,
    check: &'static str,
    sql: &str,
) -> rusqlite::Result<Vec<Finding>> {
    let mut select = connection.prepare(sql)?;
    let rows = select.query_map([], |row| {
        // What is no text has been named before, with its row.
        let what = row.get_ref(0)?.as_bytes_or_null()?.unwrap_or_default();
        Ok(Finding { check, what: String::from_utf8_lossy(what).into_owned() })
    })?;
    rows.collect()
}

fn integrity(connection: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut select = connection.prepare("PRAGMA integrity_check")?;
    for line in select.query_map([], |row| row.get::<_, String>(0))? {
        let what = line?;
        if what != "ok" {
            findings.push(Finding { check: "the database is whole", what });
        }
    }
    Ok(findings)
}

/// The content (hash and path) that is not where it is said to be.
fn content(home: &Home, connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut select = connection.prepare("SELECT hash, path FROM files WHERE gone = 0")?;
    let rows =
        select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut suspects = Vec::new();
    for row in rows {
        let (hash, path) = row?;
        let is_whole = home
            .within(&path)
            .and_then(fs::read)
            .is_ok_and(|bytes| Hash::of(&bytes).as_str() == hash);
        if !is_whole {
            suspects.push((hash, path));
        }
    }
    Ok(suspects)
}

fn sessions(home: &Home, connection: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (_, row) in query::rows(connection, "sessions", &[], None, usize::MAX)? {
        let file = row.get("file").and_then(|file| file.as_str()).unwrap_or_default();
        let number = |column| row.get(column).and_then(serde_json::Value::as_u64).unwrap_or(0);
        let (bytes, lines) = (number("bytes"), number("line_count"));
        let found = home.within(file).and_then(fs::read).unwrap_or_default();
        let committed = usize::try_from(bytes).ok().and_then(|bytes| found.get(..bytes));
        let count = committed.map(|text| text.split(|b| *b == b'\n').count() as u64 - 1);
        if count != Some(lines) {
            let what =
                format!("{file}: {lines} lines in {bytes} bytes were committed, found {count:?}");
            findings.push(Finding { check: SESSIONS, what });
        }
    }
    Ok(findings)
}
