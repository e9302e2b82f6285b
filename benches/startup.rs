//! The real binary's start on homes with a short and a long past, in each of which the same number of
//! processes has to wake; and how fast a past is folded.

use crate::support::{
    Client, History, Sample, Scale, Server, Table, folder, millis, number, on_a_system,
    write_script,
};
use anyhow::Context as _;
use callboard_actors::journal::{Home, Journal, JournalSettings, RebuildTable};
use callboard_actors::system::rebuild_tables;
use callboard_actors::vocabulary::{Clock, StreamId};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A home with a past.
struct Past {
    folder: TempDir,
    /// How many processes have come to their end in it.
    processes: usize,
    messages: usize,
    heard: Sample,
    up: Sample,
    running: Sample,
    bytes: u64,
}

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    on_a_system(async {
        let history = History::record(folder()?.path()).await?;
        let to_wake = scale.pick(100, 5);
        let sizes = scale.pick([10_000, 1_000_000], [100, 1_000]);
        let mut pasts = Vec::new();
        for messages in sizes {
            pasts.push(past(&history, messages).await?);
        }
        for _ in 0..scale.pick(5, 1) {
            for past in &mut pasts {
                start(&history, past, to_wake).await?;
            }
        }
        report(&mut pasts, to_wake);
        let longest = pasts.last().context("there are two")?;
        fold(longest, scale.pick(20_000, 50)).await
    })
}

async fn past(history: &History, messages: usize) -> anyhow::Result<Past> {
    let folder = folder()?;
    // The binary itself makes the home, its token and its tables.
    drop(start_server(folder.path()).await?);
    let processes = messages.div_ceil(history.messages_each());
    // What that start wrote gives way to the history.
    history.plant(folder.path(), 0, 0)?;
    history.repeat(folder.path(), processes)?;
    let messages = processes * history.messages_each();
    let (heard, up, running) = (Sample::default(), Sample::default(), Sample::default());
    Ok(Past { folder, processes, messages, heard, up, running, bytes: 0 })
}

async fn start_server(folder: &Path) -> anyhow::Result<Server> {
    write_script(folder, 600_000)?;
    Server::start(folder, &[("CALLBOARD_RUNTIMES__REPLAY__FOLDER", "script")]).await
}

async fn start(history: &History, past: &mut Past, to_wake: usize) -> anyhow::Result<()> {
    let folder = past.folder.path();
    history.plant(folder, to_wake, past.processes)?;
    let server = start_server(folder).await?;
    let mut client = server.client().await?;
    let (status, body) = client.get("/info").await?;
    anyhow::ensure!(status == 200, "/info was answered with {status}: {body}");
    past.heard.extend([server.started.elapsed()]);
    until(&server, async || are_up(&mut client, to_wake).await).await?;
    past.up.extend([server.started.elapsed()]);
    let mut client = server.client().await?;
    until(&server, async || are_running(&mut client, to_wake).await).await?;
    past.running.extend([server.started.elapsed()]);
    past.bytes = server.bytes_in_memory()?;
    Ok(())
}

async fn until(
    server: &Server,
    mut is_so: impl AsyncFnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    while !is_so().await? {
        anyhow::ensure!(server.started.elapsed() < Duration::from_mins(1), "they do not wake");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

/// Whether their actors are in memory.
async fn are_up(client: &mut Client, count: usize) -> anyhow::Result<bool> {
    let (_, body) = client.get("/actors/processes?limit=1").await?;
    let info: Value = serde_json::from_str(&body)?;
    Ok(info["child_count"].as_u64() >= Some(count as u64))
}

/// Whether their attempts run, on the record.
async fn are_running(client: &mut Client, count: usize) -> anyhow::Result<bool> {
    let (_, body) = client.get("/processes?status=RUNNING&limit=1000").await?;
    Ok(body.matches(r#""status":"RUNNING""#).count() >= count)
}

fn report(pasts: &mut [Past], to_wake: usize) {
    let running = format!("{to_wake} running ms");
    let up = format!("{to_wake} up ms");
    let mut table = Table::new(["messages", "first answer ms", &up, &running, "RSS MB"]);
    for past in pasts {
        table.row([
            number(past.messages as f64),
            millis(past.heard.percentile(0.5)),
            millis(past.up.percentile(0.5)),
            millis(past.running.percentile(0.5)),
            number(past.bytes as f64 / 1e6),
        ]);
    }
    table.print();
}

// ---- Folding ----

/// Reads streams one by one, as waking does, and folds each into the row of its read model.
async fn fold(past: &Past, streams: u32) -> anyhow::Result<()> {
    let home = Home::open(past.folder.path(), None)?;
    let journal = Journal::open(home, JournalSettings::default(), Clock::system())?;
    let names = {
        let connection = rusqlite::Connection::open(journal.home().database())?;
        let mut select = connection.prepare("SELECT name FROM streams WHERE kind = ? LIMIT ?")?;
        let names = select.query_map(rusqlite::params!["process", streams], |row| row.get(0))?;
        names.collect::<Result<Vec<String>, _>>()?
    };
    let table = rebuild_tables().into_iter().find(|table| table.kind == "process");
    let RebuildTable { kind, fold, .. } = table.context("no fold")?;
    let (mut messages, mut folding) = (0, Duration::ZERO);
    let began = Instant::now();
    for name in &names {
        let loaded = journal.load(StreamId { kind, name: name.parse()? }, 0).await?;
        let at = Instant::now();
        let changes = fold(&loaded).map_err(anyhow::Error::msg)?;
        folding += at.elapsed();
        anyhow::ensure!(!changes.is_empty(), "{name} has no row");
        messages += loaded.messages.len();
    }
    let per_second = |took: Duration| number(messages as f64 / took.as_secs_f64());
    println!(
        "\n{} streams, {} messages: {} messages/s read and folded, {}/s folded alone",
        number(names.len() as f64),
        number(messages as f64),
        per_second(began.elapsed()),
        per_second(folding),
    );
    Ok(())
}
