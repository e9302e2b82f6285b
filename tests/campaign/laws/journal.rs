//! A journal, read with nothing but SQL.

use std::collections::BTreeMap;
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
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) deliveries: Vec<Delivery>,
    /// By key: the hash of what it holds.
    pub(crate) states: BTreeMap<String, String>,
    /// What was decided of calls of tools, in its order.
    pub(crate) audit: Vec<String>,
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) position: i64,
    /// `kind/name`, where it has one.
    pub(crate) stream: Option<String>,
    pub(crate) event_type: String,
    pub(crate) topic: Option<String>,
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
    pub(crate) prompt_file: String,
    /// It works for one.
    pub(crate) has_workflow: bool,
}

/// One row of the read model.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) lines: usize,
    pub(crate) bytes: usize,
}

/// A cursor.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) name: String,
    pub(crate) position: i64,
    topics: Vec<String>,
    stream: Option<String>,
}

/// A message that was not handled in time, or only later.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) position: i64,
    pub(crate) status: String,
    subscription: String,
}

impl Subscription {
    /// Whether it is to get a message. The patterns of the scenario are topics, or end with `.*`.
    pub(crate) fn concerns(&self, message: &Message) -> bool {
        let Some(topic) = &message.topic else { return false };
        let matches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(root) => topic.strip_prefix(root).is_some_and(|rest| !rest.contains('.')),
            None => pattern == topic,
        };
        let is_in_stream = self.stream.is_none() || self.stream == message.stream;
        is_in_stream && self.topics.iter().any(matches)
    }
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
        let mut journal = Self {
            messages: all(connection, MESSAGES, message)?,
            processes: all(connection, PROCESSES, process)?,
            sessions: all(connection, SESSIONS, session)?,
            ..Self::default()
        };
        // The crash may have come between two migrations.
        let is_migrated = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'shared_state')";
        if connection.query_row(is_migrated, [], |row| row.get(0))? {
            journal.subscriptions = all(connection, SUBSCRIPTIONS, subscription)?;
            journal.deliveries = all(connection, DELIVERIES, delivery)?;
            let states = all(connection, STATES, |row| Ok((row.get(0)?, row.get(1)?)))?;
            journal.states = states.into_iter().collect();
        }
        let is_audited = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'audit')";
        if connection.query_row(is_audited, [], |row| row.get(0))? {
            journal.audit = all(connection, AUDIT, |row| row.get(0))?;
        }
        Ok(journal)
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

    pub(crate) fn subscription(&self, name: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|subscription| subscription.name == name)
    }

    pub(crate) fn delivery(&self, name: &str, position: i64) -> Option<&Delivery> {
        let is_it = |found: &&Delivery| found.subscription == name && found.position == position;
        self.deliveries.iter().find(is_it)
    }
}

const MESSAGES: &str = "SELECT m.id, s.kind || '/' || s.name, m.event_type, m.version, m.kind,
    m.status, m.error, m.created_at, m.data, m.topic
    FROM messages m LEFT JOIN streams s ON s.id = m.stream ORDER BY m.id";
const PROCESSES: &str = "SELECT id, status, session_id, error, prompt_file, workflow_id IS NOT NULL
    FROM processes ORDER BY stream";
const SUBSCRIPTIONS: &str = "SELECT name, position, topics, stream FROM subscriptions";
const DELIVERIES: &str = "SELECT subscription, position, status FROM deliveries";
const STATES: &str = "SELECT key, hash FROM shared_state";
const AUDIT: &str = "SELECT call_id || ' ' || allowed || ' ' || target FROM audit ORDER BY id";
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
        topic: row.get(9)?,
        rest: (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?),
        data: serde_json::from_str(&data).unwrap_or(Value::String(data)),
    })
}

fn process(row: &Row<'_>) -> rusqlite::Result<Process> {
    let (id, status, session) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (error, prompt_file, has_workflow) = (row.get(3)?, row.get(4)?, row.get(5)?);
    Ok(Process { id, status, session, error, prompt_file, has_workflow })
}

fn subscription(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let topics: String = row.get(2)?;
    let topics = serde_json::from_str(&topics).unwrap_or_default();
    Ok(Subscription { name: row.get(0)?, position: row.get(1)?, topics, stream: row.get(3)? })
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery { subscription: row.get(0)?, position: row.get(1)?, status: row.get(2)? })
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
