//! Homes with a long past, without living through it: one process is run to its end by the real
//! binary, and its rows are copied with other names as often as wanted.

use super::Server;
use anyhow::Context as _;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// The rows of one process that has come to its end, and of its session.
#[derive(Debug)]
pub(crate) struct History {
    messages: Vec<Vec<Value>>,
    streams: Vec<Vec<Value>>,
    processes: Vec<Vec<Value>>,
    sessions: Vec<Vec<Value>>,
    process: String,
    session: String,
}

/// What every process here is asked.
pub(crate) const PROMPT: &str = "Say hello to the house";

/// How many messages a process has once it was admitted: told, requested, admitted, that it was.
const ADMITTED: usize = 4;
/// The columns of `messages` in which positions stand, but for the first.
const POSITIONS: [usize; 2] = [3, 10];

impl History {
    /// Lives through it once.
    pub(crate) async fn record(folder: &Path) -> anyhow::Result<Self> {
        write_script(folder, 0)?;
        let server = Server::start(folder, &[("CALLBOARD_RUNTIMES__REPLAY__FOLDER", "script")]);
        let server = server.await?;
        let mut client = server.client().await?;
        let (status, body) = client.post("/spawn", &format!(r#"{{"prompt":"{PROMPT}"}}"#)).await?;
        anyhow::ensure!(status == 202, "the spawn was answered with {status}: {body}");
        let connection = open(folder)?;
        let began = Instant::now();
        let sql = "SELECT count(*) FROM messages WHERE event_type = 'SPAWN_ARCHIVED'";
        while connection.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
            anyhow::ensure!(began.elapsed() < Duration::from_secs(30), "the process does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(server);
        Self::read(&connection)
    }

    fn read(connection: &Connection) -> anyhow::Result<Self> {
        let name = |kind| {
            let sql = "SELECT name FROM streams WHERE kind = ?";
            connection.query_row(sql, [kind], |row| row.get::<_, String>(0))
        };
        Ok(Self {
            messages: messages(connection)?,
            streams: rows(connection, "SELECT * FROM streams ORDER BY id")?,
            processes: rows(connection, "SELECT * FROM processes")?,
            sessions: rows(connection, "SELECT * FROM sessions")?,
            process: name("process")?,
            session: name("session")?,
        })
    }

    /// How many messages one process and its session have.
    pub(crate) fn messages_each(&self) -> usize {
        self.messages.len()
    }

    /// Writes `count` such processes into the database of a home that has been opened before.
    pub(crate) fn repeat(&self, folder: &Path, count: usize) -> anyhow::Result<()> {
        let connection = open(folder)?;
        connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN")?;
        for number in 0..count {
            Copy::new(self, &connection, number)?.write()?;
        }
        let end = "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)";
        connection.execute_batch(end).context("failed to write a history")
    }

    /// Puts `count` processes there (in place of those that were there before) that were admitted
    /// when the server went: at the next start they have to wake. Whatever happened since the history
    /// was written is undone.
    pub(crate) fn plant(&self, folder: &Path, count: usize, past: usize) -> anyhow::Result<()> {
        let connection = open(folder)?;
        let (streams, messages) = (past * self.streams.len(), past * self.messages.len());
        connection.execute_batch(&format!(
            "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN;
             DELETE FROM messages WHERE id > {messages}; DELETE FROM streams WHERE id > {streams};
             DELETE FROM processes WHERE stream > {streams}; DELETE FROM files;
             DELETE FROM sessions WHERE stream > {streams}; DELETE FROM meta WHERE key = 'unsettled_starts'"
        ))?;
        for number in past..past + count {
            let mut copy = Copy::new(self, &connection, number)?;
            copy.messages = ADMITTED;
            copy.write()?;
            let prompt = format!("prompts/queue/{}.txt", copy.process);
            std::fs::write(folder.join(&prompt), PROMPT)?;
            unfinish(&connection, copy.stream(&self.process)?, copy.head(), &prompt)?;
            let _ = std::fs::remove_dir_all(folder.join("processes").join(&copy.process));
        }
        // Their sessions have not begun.
        let (rows, begun) = (
            "DELETE FROM sessions WHERE stream",
            "DELETE FROM streams WHERE kind = 'session' AND id",
        );
        connection.execute_batch(&format!("{rows} > {streams}; {begun} > {streams}"))?;
        let end = "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)";
        connection.execute_batch(end).context("failed to plant processes")
    }
}

/// The process's row and its stream's as they were when it was admitted.
fn unfinish(connection: &Connection, stream: i64, head: i64, prompt: &str) -> anyhow::Result<()> {
    let sql = "UPDATE streams SET version = 2, head = ?2, wake_at = 0 WHERE id = ?1";
    connection.execute(sql, [stream, head])?;
    let sql = "UPDATE processes SET status = 'STARTING', prompt_file = ?2, response_file = NULL,
               response_line = NULL, completed_at = NULL, metrics = NULL WHERE stream = ?1";
    connection.execute(sql, rusqlite::params![stream, prompt])?;
    Ok(())
}

/// One copy of a history.
struct Copy<'a> {
    history: &'a History,
    connection: &'a Connection,
    process: String,
    session: String,
    /// New numbers of streams and new positions, by the old ones.
    numbers: HashMap<i64, i64>,
    positions: HashMap<i64, i64>,
    messages: usize,
}

impl<'a> Copy<'a> {
    fn new(
        history: &'a History,
        connection: &'a Connection,
        number: usize,
    ) -> anyhow::Result<Self> {
        let renumber = |rows: &[Vec<Value>]| -> anyhow::Result<HashMap<i64, i64>> {
            let first = i64::try_from(number * rows.len())? + 1;
            Ok(rows.iter().zip(first..).map(|(row, new)| (integer(&row[0]), new)).collect())
        };
        Ok(Self {
            history,
            connection,
            process: format!("01900000-0000-7000-8000-{number:012x}"),
            session: format!("01900000-0000-8000-8000-{number:012x}"),
            numbers: renumber(&history.streams)?,
            positions: renumber(&history.messages)?,
            messages: history.messages.len(),
        })
    }

    fn stream(&self, name: &str) -> anyhow::Result<i64> {
        let is_it = |row: &&Vec<Value>| row.contains(&Value::Text(name.to_owned()));
        let row = self.history.streams.iter().find(is_it).context("no such stream")?;
        Ok(self.numbers[&integer(&row[0])])
    }

    fn head(&self) -> i64 {
        self.positions[&integer(&self.history.messages[self.messages - 1][0])]
    }

    fn write(&self) -> anyhow::Result<()> {
        for row in &self.history.streams {
            let mut row = self.renamed(row);
            row[0] = renumbered(&row[0], &self.numbers);
            row[4] = renumbered(&row[4], &self.positions);
            self.insert("streams", &row)?;
        }
        for row in &self.history.messages[..self.messages] {
            let mut row = self.renamed(row);
            row[0] = renumbered(&row[0], &self.positions);
            row[1] = renumbered(&row[1], &self.numbers);
            for column in POSITIONS {
                row[column] = renumbered(&row[column], &self.positions);
            }
            self.insert("messages", &row)?;
        }
        let History { processes, sessions, .. } = self.history;
        for (table, rows) in [("processes", processes), ("sessions", sessions)] {
            for row in rows {
                let mut row = self.renamed(row);
                row[0] = renumbered(&row[0], &self.numbers);
                self.insert(table, &row)?;
            }
        }
        Ok(())
    }

    fn renamed(&self, row: &[Value]) -> Vec<Value> {
        let rename = |text: &String| {
            let text = text.replace(&self.history.process, &self.process);
            text.replace(&self.history.session, &self.session)
        };
        let values = row.iter().map(|value| match value {
            Value::Text(text) => Value::Text(rename(text)),
            value => value.clone(),
        });
        values.collect()
    }

    fn insert(&self, table: &str, row: &[Value]) -> rusqlite::Result<()> {
        let marks = vec!["?"; row.len()].join(", ");
        let sql = format!("INSERT INTO {table} VALUES ({marks})");
        self.connection.prepare_cached(&sql)?.execute(params_from_iter(row)).map(drop)
    }
}

fn integer(value: &Value) -> i64 {
    if let Value::Integer(number) = value { *number } else { 0 }
}

fn renumbered(value: &Value, numbers: &HashMap<i64, i64>) -> Value {
    match value {
        Value::Integer(number) => {
            numbers.get(number).map_or(Value::Null, |new| Value::Integer(*new))
        }
        value => value.clone(),
    }
}

/// Without the last column, which is computed.
fn messages(connection: &Connection) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut rows = rows(connection, "SELECT * FROM messages WHERE stream IS NOT NULL ORDER BY id")?;
    for row in &mut rows {
        row.pop();
    }
    Ok(rows)
}

fn rows(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut select = connection.prepare(sql)?;
    let count = select.column_count();
    let rows = select.query_map([], |row| (0..count).map(|column| row.get(column)).collect())?;
    rows.collect()
}

fn open(folder: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open(folder.join("callboard.db"))?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

/// Scripts for the replay runtime in the folder `script`: every prompt is answered after this long.
pub(crate) fn write_script(folder: &Path, delay_ms: u64) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder.join("script"))?;
    let text = format!(
        "name: benchmark\nanswers:\n  - answer: The house says hello back.\n    delay_ms: {delay_ms}\n"
    );
    Ok(std::fs::write(folder.join("script/answers.yaml"), text)?)
}
