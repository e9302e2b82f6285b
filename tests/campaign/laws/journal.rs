//! A journal, read with nothing but SQL.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, Row};
use serde_json::Value;

/// What a database says.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) messages: Vec<Message>,
    pub(crate) processes: Vec<Process>,
    pub(crate) sessions: Vec<Session>,
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) position: i64,
    /// `kind/name`, where it has one.
    pub(crate) stream: Option<String>,
    pub(crate) event_type: String,
    /// Everything else that must not change.
    rest: (Option<i64>, String, String, Option<String>, i64),
    pub(crate) data: Value,
}

/// One row of the read model.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) session: String,
    pub(crate) error: Option<String>,
}

/// One row of the read model.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) lines: usize,
    pub(crate) bytes: usize,
}

impl Journal {
    /// The journal of a home that a crash left, read from a copy so that nothing of it changes.
    pub(crate) fn copied(home: &Path, scratch: &Path) -> rusqlite::Result<Self> {
        let copy = scratch.join("copy.db");
        for ending in ["", "-wal", "-shm"] {
            let to = scratch.join(format!("copy.db{ending}"));
            let _was_not_there = fs::remove_file(&to);
            let from = home.join(format!("callboard.db{ending}"));
            let _is_not_there = fs::copy(from, to);
        }
        if !copy.exists() {
            return Ok(Self::default());
        }
        let connection = Connection::open(copy)?;
        let is_migrated = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'messages')";
        if connection.query_row(is_migrated, [], |row| row.get(0))? {
            Self::read(&connection)
        } else {
            Ok(Self::default())
        }
    }

    /// The journal of a home that nobody works in.
    pub(crate) fn of(home: &Path) -> rusqlite::Result<Self> {
        Self::read(&Connection::open(home.join("callboard.db"))?)
    }

    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            messages: all(connection, MESSAGES, message)?,
            processes: all(connection, PROCESSES, process)?,
            sessions: all(connection, SESSIONS, session)?,
        })
    }

    /// The messages of a process's stream with one of these types, oldest first.
    pub(crate) fn events<'a>(
        &'a self,
        process: &str,
        types: &'a [&'a str],
    ) -> impl Iterator<Item = &'a Message> {
        let stream = Some(format!("process/{process}"));
        let is_wanted = move |message: &&Message| {
            message.stream == stream && types.contains(&message.event_type.as_str())
        };
        self.messages.iter().filter(is_wanted)
    }

    pub(crate) fn process(&self, id: &str) -> Option<&Process> {
        self.processes.iter().find(|process| process.id == id)
    }
}

const MESSAGES: &str = "SELECT m.id, s.kind || '/' || s.name, m.event_type, m.version, m.kind,
    m.status, m.error, m.created_at, m.data
    FROM messages m LEFT JOIN streams s ON s.id = m.stream ORDER BY m.id";
const PROCESSES: &str = "SELECT id, status, session_id, error FROM processes ORDER BY stream";
const SESSIONS: &str = "SELECT id, file, line_count, bytes FROM sessions ORDER BY stream";

fn all<T>(
    connection: &Connection,
    sql: &str,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let data: String = row.get(8)?;
    Ok(Message {
        position: row.get(0)?,
        stream: row.get(1)?,
        event_type: row.get(2)?,
        rest: (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?),
        data: serde_json::from_str(&data).unwrap_or(Value::String(data)),
    })
}

fn process(row: &Row<'_>) -> rusqlite::Result<Process> {
    let (id, status, session) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Process { id, status, session, error: row.get(3)? })
}

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let number = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
    Ok(Session {
        id: row.get(0)?,
        file: row.get(1)?,
        lines: number(row.get(2)?),
        bytes: number(row.get(3)?),
    })
}
