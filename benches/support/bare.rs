//! The baseline: the same rows, written by a loop that does nothing else.

use anyhow::Context as _;
use callboard_actors::journal::{Home, Journal, JournalSettings};
use callboard_actors::vocabulary::Clock;
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::{Duration, Instant};

/// One connection to a database that the journal has made and nobody else uses.
#[derive(Debug)]
pub(crate) struct Bare {
    connection: Connection,
    last: i64,
    /// Head and version of each stream, which has its index as its number.
    streams: Vec<(Option<i64>, i64)>,
}

/// A row to be, with the content that it names, if any.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its data, as JSON.
    pub(crate) data: String,
    /// Hash, length and path of the content.
    pub(crate) content: Option<(String, i64, String)>,
}

impl Bare {
    /// A fresh database in this folder with `streams` streams. The journal makes it, so that its
    /// tables and indexes are the same; settings of the connection are repeated here.
    pub(crate) fn open(folder: &Path, streams: u32) -> anyhow::Result<Self> {
        let home = Home::open(folder, None)?;
        let path = home.database().to_owned();
        drop(Journal::open(home, JournalSettings::default(), Clock::system())?);
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -64_000)?;
        connection.pragma_update(None, "wal_autocheckpoint", 10_000)?;
        connection.set_prepared_statement_cache_capacity(64);
        let sql = "INSERT INTO streams (id, kind, name, version, head, created_at)
                   VALUES (?1, 'bench', 'stream-' || ?1, 0, 0, 0)";
        for stream in 0..streams {
            connection.execute(sql, [stream])?;
        }
        let streams = (0..streams).map(|_| (None, 0)).collect();
        Ok(Self { connection, last: 0, streams })
    }

    /// Writes batches of `rows` for about `span`; says how many rows were written, in which time, and
    /// how long each batch took from the making of its rows to the end of its COMMIT.
    pub(crate) fn write(
        &mut self,
        span: Duration,
        mut rows: impl FnMut() -> anyhow::Result<Vec<Row>>,
    ) -> anyhow::Result<(u64, Duration, Vec<Duration>)> {
        let began = Instant::now();
        let (mut count, mut commits) = (0, Vec::new());
        while began.elapsed() < span {
            let at = Instant::now();
            let batch = rows()?;
            self.commit(&batch)?;
            commits.push(at.elapsed());
            count += batch.len() as u64;
        }
        Ok((count, began.elapsed(), commits))
    }

    fn commit(&mut self, batch: &[Row]) -> anyhow::Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        for row in batch {
            self.insert(row)?;
        }
        self.connection.execute_batch("COMMIT").context("failed to commit a bare batch")
    }

    fn insert(&mut self, row: &Row) -> rusqlite::Result<()> {
        self.last += 1;
        let index = usize::try_from(self.last).unwrap_or(0) % self.streams.len();
        let (head, version) = &mut self.streams[index];
        let stream = i64::try_from(index).unwrap_or(0);
        *version += 1;
        let sql = "INSERT INTO messages (id, stream, version, previous, kind, message_id, topic,
            event_type, error, created_at, causation_id, correlation_id, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute(params![
            self.last,
            stream,
            *version,
            *head,
            "event",
            None::<String>,
            "claude.bench.appended",
            "APPENDED",
            None::<String>,
            1_800_000_000_000_i64,
            None::<i64>,
            None::<String>,
            row.data,
        ])?;
        if let Some((hash, bytes, path)) = &row.content {
            let sql = "INSERT INTO files (hash, bytes, path, refs) VALUES (?1, ?2, ?3, 1)
                       ON CONFLICT (hash, path) DO UPDATE SET refs = refs + 1, gone = 0";
            self.connection.prepare_cached(sql)?.execute(params![hash, bytes, path])?;
        }
        *head = Some(self.last);
        let sql =
            "UPDATE streams SET version = ?2, head = ?3, wake_at = ?4, parked = ?5 WHERE id = ?1";
        let values = params![stream, *version, self.last, None::<i64>, None::<String>];
        self.connection.prepare_cached(sql)?.execute(values).map(drop)
    }
}
