//! `POST /spawn` under wrk, against a hello-world of the same kind of server, and against a spawn's
//! own durable work without HTTP and actors: the prompt's file, then command, event and row in one
//! append. And how many spawned processes are completed a second, from end to end.

use crate::support::{
    Client, Driven, Ledger, PROMPT, Scale, Server, Table, drive, folder, ledger_append, median,
    number, on_a_system, ratio, write_script,
};
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;
use callboard_actors::journal::{Append, Files, Journal, MessageKind, NewMessage, Wake, home};
use callboard_actors::machine::{Change, Context, Machine, tagged};
use callboard_actors::processes::{Command, OnLost, Order, Pinned, Process, RetryPolicy};
use callboard_actors::vocabulary::{Hash, MessageId, Name, ProcessId, StreamId, Timestamp};
use futures::future::try_join_all;
use std::net::SocketAddr;
use std::path::Path;
use std::process;
use std::time::{Duration, Instant};

/// What wrk says.
#[derive(Debug)]
struct Load {
    per_second: f64,
    p50: String,
    p99: String,
}

/// One round at one number of connections.
#[derive(Debug)]
struct Round {
    hello: Load,
    spawn: Load,
    durable: f64,
}

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    on_a_system(async {
        if process::Command::new("wrk").arg("-v").output().is_ok() {
            requests(scale).await?;
        } else {
            println!("SKIPPED: wrk is not installed (apt-get install wrk)");
        }
        end_to_end(scale).await
    })
}

// ---- Requests ----

async fn requests(scale: Scale) -> anyhow::Result<()> {
    let seconds = scale.pick(3, 1);
    let mut table = Table::new([
        "connections",
        "hello/s",
        "spawn/s",
        "of hello",
        "durable/s",
        "of durable",
        "p50",
        "p99",
    ]);
    let mut results = scale.pick(vec![64_u32, 256], vec![64]).into_iter().map(|n| (n, Vec::new()));
    let mut results: Vec<(u32, Vec<Round>)> = results.by_ref().collect();
    for _ in 0..scale.pick(5, 1) {
        for (connections, rounds) in &mut results {
            rounds.push(round(*connections, seconds).await?);
        }
    }
    for (connections, rounds) in &mut results {
        rounds.sort_by(|a, b| a.spawn.per_second.total_cmp(&b.spawn.per_second));
        let middle = &rounds[rounds.len() / 2].spawn;
        let of = |value: fn(&Round) -> f64| median(rounds.iter().map(value));
        table.row([
            connections.to_string(),
            number(of(|round| round.hello.per_second)),
            number(of(|round| round.spawn.per_second)),
            ratio(of(|round| round.spawn.per_second / round.hello.per_second)),
            number(of(|round| round.durable)),
            ratio(of(|round| round.spawn.per_second / round.durable)),
            middle.p50.clone(),
            middle.p99.clone(),
        ]);
    }
    table.print();
    Ok(())
}

async fn round(connections: u32, seconds: u64) -> anyhow::Result<Round> {
    let hello = hello(connections, seconds).await?;
    let durable = durable(connections, Duration::from_secs(seconds)).await?.per_second();
    let folder = folder()?;
    // The first process never ends and no other is admitted: what is measured is the door.
    write_script(folder.path(), 600_000)?;
    let settings = [
        ("CALLBOARD_RUNTIMES__REPLAY__FOLDER", "script"),
        ("CALLBOARD_RUNTIMES__REPLAY__CONCURRENCY", "1"),
    ];
    let server = Server::start(folder.path(), &settings).await?;
    let spawn = wrk(folder.path(), server.address, "/spawn", &server.token, connections, seconds);
    Ok(Round { hello, spawn: spawn.await?, durable })
}

async fn hello(connections: u32, seconds: u64) -> anyhow::Result<Load> {
    let folder = folder()?;
    let service = || App::new().route("/hello", web::post().to(|| async { "Hello, world!" }));
    let server = HttpServer::new(service).workers(2).disable_signals().bind(("127.0.0.1", 0))?;
    let address = *server.addrs().first().context("it listens nowhere")?;
    let server = server.run();
    let handle = server.handle();
    actix_rt::spawn(server);
    let load = wrk(folder.path(), address, "/hello", "none", connections, seconds).await;
    handle.stop(false).await;
    load
}

async fn wrk(
    folder: &Path,
    address: SocketAddr,
    path: &str,
    token: &str,
    connections: u32,
    seconds: u64,
) -> anyhow::Result<Load> {
    let script = folder.join("post.lua");
    let text = format!(
        "wrk.method = 'POST'\nwrk.body = '{{\"prompt\":\"{PROMPT}\"}}'\n\
         wrk.headers['Content-Type'] = 'application/json'\n\
         wrk.headers['Authorization'] = 'Bearer {token}'\n"
    );
    std::fs::write(&script, text)?;
    let mut command = process::Command::new("wrk");
    command.args(["-t", "2", "-c", &connections.to_string(), "-d", &seconds.to_string()]);
    command.arg("--latency").arg("-s").arg(script).arg(format!("http://{address}{path}"));
    let output = actix_rt::task::spawn_blocking(move || command.output()).await??;
    let text = String::from_utf8(output.stdout)?;
    let refused = text.lines().find(|line| line.contains("Non-2xx"));
    anyhow::ensure!(refused.is_none(), "not all was answered with success: {text}");
    let find = |label: &str| {
        let rest = text.lines().find_map(|line| line.trim().strip_prefix(label));
        rest.map(|rest| rest.trim().to_owned()).with_context(|| format!("no {label} in {text}"))
    };
    let per_second = find("Requests/sec:")?.parse()?;
    Ok(Load { per_second, p50: find("50%")?, p99: find("99%")? })
}

// ---- The same durable work, without the doors ----

async fn durable(producers: u32, span: Duration) -> anyhow::Result<Driven> {
    let folder = folder()?;
    let ledger = Ledger::open(folder.path())?;
    let journal = ledger.journal.clone();
    let driven = drive(producers, span, move |_, _| record(journal.clone())).await?;
    ledger.close()?;
    Ok(driven)
}

/// What of a spawn has to be on disk before it is answered.
async fn record(journal: Journal) -> anyhow::Result<()> {
    let name = Name::fresh();
    let file = home::queued_prompt(&ProcessId(name.clone()));
    let publish = move |files: &Files| files.publish(&file, PROMPT.as_bytes());
    let prompt = journal.files().run(publish).await?;
    let order = Order {
        prompt,
        pinned: Pinned::default(),
        asked: Hash::of(b""),
        runtime: "replay".into(),
        model: "sonnet".into(),
        agent_id: None,
        profile: None,
        session_id: None,
        workflow_id: None,
        workdir: None,
        site: None,
        priority: 0,
        timeout_s: 300,
        retry: RetryPolicy { max_retries: 2, max_lost: 20, first_ms: 4_000, max_ms: 60_000 },
        on_lost: OnLost::Retry,
        needs_room: false,
        fallbacks: Vec::new(),
    };
    let command = Command::Spawn(Box::new(order));
    let stream = StreamId { kind: Process::KIND, name };
    let message_id = MessageId::fresh();
    let mut process = Process::default();
    let context = Context { stream: &stream, message_id, now: Timestamp(0) };
    let events = process.decide(&command, &context)?;
    let mut messages = vec![message(MessageKind::Command, &command, None, message_id)?];
    let mut held = Vec::new();
    for event in &events {
        let topic = Process::topic(event).to_string();
        messages.push(message(MessageKind::Event, event, Some(topic), message_id)?);
        held.extend(Process::held(event));
        process.apply(event);
    }
    let row = process.row().map(Change::Put);
    ledger_append(&journal, |reply| Append {
        stream,
        head: 0,
        messages,
        row,
        wake: Wake::At(None),
        parked: None,
        held,
        snapshot: None,
        reply,
    })
    .await?;
    Ok(())
}

fn message(
    kind: MessageKind,
    value: &impl serde::Serialize,
    topic: Option<String>,
    id: MessageId,
) -> anyhow::Result<NewMessage> {
    let tagged = tagged::split(value)?;
    Ok(NewMessage {
        kind,
        message_id: (kind == MessageKind::Command).then_some(id),
        caused_by: topic.is_some().then_some(0),
        topic,
        event_type: tagged.event_type,
        error: None,
        data: tagged.data,
        correlation: Some(id),
    })
}

// ---- From end to end ----

async fn end_to_end(scale: Scale) -> anyhow::Result<()> {
    let each = scale.pick(32, 1);
    let mut rates = Vec::new();
    for _ in 0..scale.pick(5, 1) {
        rates.push(completions(64, each).await?);
    }
    let count = number(f64::from(64 * each));
    let rate = number(median(rates));
    println!("\n{count} processes, spawned by 64 clients, 64 at once: {rate} completed a second");
    Ok(())
}

async fn completions(clients: u32, each: u32) -> anyhow::Result<f64> {
    let folder = folder()?;
    write_script(folder.path(), 0)?;
    let settings = [("CALLBOARD_RUNTIMES__REPLAY__FOLDER", "script")];
    let server = Server::start(folder.path(), &settings).await?;
    let began = Instant::now();
    let spawning = (0..clients).map(|_| async {
        let mut client = server.client().await?;
        spawn(&mut client, each).await
    });
    try_join_all(spawning).await?;
    let database = rusqlite::Connection::open(folder.path().join("callboard.db"))?;
    let sql = "SELECT count(*) FROM processes WHERE status = 'COMPLETED'";
    while database.query_row(sql, [], |row| row.get::<_, u32>(0))? < clients * each {
        anyhow::ensure!(began.elapsed() < Duration::from_mins(2), "they are not completed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(f64::from(clients * each) / began.elapsed().as_secs_f64())
}

async fn spawn(client: &mut Client, count: u32) -> anyhow::Result<()> {
    for _ in 0..count {
        let (status, body) = client.post("/spawn", &format!(r#"{{"prompt":"{PROMPT}"}}"#)).await?;
        anyhow::ensure!(status == 202, "the spawn was answered with {status}: {body}");
    }
    Ok(())
}
