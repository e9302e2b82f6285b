//! A thousand WebSocket subscribers on one topic: how many deliveries a second they get, and how long
//! after its commit a message reaches each of them.
//!
//! Server and subscribers share this program (on threads of their own), so that commit and receipt are
//! seen by one clock.

use crate::support::{
    Client, Sample, Scale, Table, contains, folder, frame, masked, millis, number, on_a_system,
};
use anyhow::Context as _;
use callboard::definitions::Definitions;
use callboard::rules::{Rules, Shelf};
use callboard::wire::{App, Defaults, Description, Token};
use callboard::{http, ws};
use callboard_actors::entity::HostSettings;
use callboard_actors::journal::{
    Home, Journal, JournalSettings, MessageKind, NewMessage, SweepSettings,
};
use callboard_actors::processes::{Charge, Desk, ErrorKind, Execute, ExecuteError, Executed, Work};
use callboard_actors::system::{Parts, SystemSettings};
use callboard_actors::vocabulary::Clock;
use futures::future::{LocalBoxFuture, join_all, try_join_all};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Where the house stands, from outside.
struct House {
    journal: Journal,
    address: SocketAddr,
    token: String,
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<anyhow::Result<()>>,
}

/// What a round says.
struct Round {
    per_second: f64,
    latencies: Sample,
}

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    let subscribers = scale.pick(1_000, 10);
    let mut table =
        Table::new(["load", "subscribers", "messages", "deliveries/s", "p50 ms", "p99 ms"]);
    let paced = scale.pick(200, 5);
    let burst = scale.pick(500, 20);
    on_a_system(async {
        for (name, messages, pause) in [
            ("one every 20 ms", paced, Duration::from_millis(20)),
            ("all at once", burst, Duration::ZERO),
        ] {
            let mut rates = Vec::new();
            let mut latencies = Vec::new();
            for _ in 0..scale.pick(5, 1) {
                let folder = folder()?;
                let house = House::open(folder.path())?;
                let mut round = round(&house, subscribers, messages, pause).await?;
                house.close()?;
                rates.push(round.per_second);
                latencies.push((round.latencies.percentile(0.5), round.latencies.percentile(0.99)));
            }
            latencies.sort_unstable();
            let (p50, p99) = latencies[latencies.len() / 2];
            table.row([
                name.to_owned(),
                number(f64::from(subscribers)),
                number(f64::from(messages)),
                number(crate::support::median(rates)),
                millis(p50),
                millis(p99),
            ]);
        }
        anyhow::Ok(())
    })?;
    table.print();
    Ok(())
}

async fn round(
    house: &House,
    subscribers: u32,
    messages: u32,
    pause: Duration,
) -> anyhow::Result<Round> {
    let opening = (0..subscribers).map(|_| subscribe(house, messages));
    let receiving = try_join_all(opening).await?;
    let began = Instant::now();
    let committed = publish(house, messages, pause).await?;
    let mut latencies = Sample::default();
    for received in join_all(receiving).await {
        let received = timeout(Duration::from_mins(1), async { received? }).await??;
        anyhow::ensure!(received.len() == committed.len(), "a subscriber missed messages");
        // What is heard before its publisher hears of the commit has waited for nothing.
        let pairs = received.iter().zip(&committed);
        latencies.extend(pairs.map(|(heard, commit)| heard.saturating_duration_since(*commit)));
    }
    let deliveries = f64::from(subscribers) * f64::from(messages);
    Ok(Round { per_second: deliveries / began.elapsed().as_secs_f64(), latencies })
}

/// Publishes, and says when each was committed.
async fn publish(house: &House, messages: u32, pause: Duration) -> anyhow::Result<Vec<Instant>> {
    let mut publishing = Vec::new();
    for _ in 0..messages {
        let journal = house.journal.clone();
        publishing.push(actix_rt::spawn(async move {
            journal.publish(message()).await?;
            anyhow::Ok(Instant::now())
        }));
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
    let mut committed = Vec::new();
    for one in publishing {
        committed.push(one.await??);
    }
    Ok(committed)
}

fn message() -> NewMessage {
    NewMessage {
        kind: MessageKind::Publication,
        message_id: None,
        topic: Some("house.news".into()),
        event_type: "NEWS".into(),
        error: None,
        data: to_raw_value(&json!({ "body": "x".repeat(290) })).expect("it is JSON"),
        caused_by: None,
        correlation: None,
    }
}

// ---- Subscribers ----

/// Subscribes and, in a task of its own, notes when each of so many messages came.
async fn subscribe(
    house: &House,
    messages: u32,
) -> anyhow::Result<JoinHandle<anyhow::Result<Vec<Instant>>>> {
    let client = Client::connect(house.address, &house.token).await?;
    let (mut socket, mut buffer) = client.upgrade("/ws").await?;
    let wish = br#"{"op":"subscribe","id":1,"topics":["house.news"]}"#;
    socket.write_all(&masked(wish)).await?;
    let greeting = frame(&mut socket, &mut buffer).await?;
    anyhow::ensure!(contains(&greeting, b"subscribed"), "it was not subscribed");
    Ok(actix_rt::spawn(async move {
        let mut heard = Vec::new();
        while heard.len() < messages as usize {
            if contains(&frame(&mut socket, &mut buffer).await?, br#""op":"message""#) {
                heard.push(Instant::now());
            }
        }
        Ok(heard)
    }))
}

// ---- The house ----

impl House {
    /// Opens a house whose doors are those of the program.
    fn open(home: &Path) -> anyhow::Result<Self> {
        let home = home.to_owned();
        let (ready, opened) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            on_a_system(async {
                let listener = TcpListener::bind(("127.0.0.1", 0))?;
                let address = listener.local_addr()?;
                let home = Home::open(&home, None)?;
                let token = Token::of(&home)?;
                let parts = Parts::open(home, system_settings(), Clock::system())?;
                let journal = parts.journal.clone();
                let app = app(parts.clone(), token.clone());
                let door = http::server(app, listener, vec![ws::routes], Duration::from_secs(1));
                let running = parts.start(|| Nobody, vec![door])?;
                ready.send((journal, address, token.as_str().to_owned()))?;
                // Dropping the other end is an order to stop, too.
                let _ = stopped.await;
                running.shutdown().await;
                Ok(())
            })
        });
        let (journal, address, token) = opened.recv().context("the house did not open")?;
        Ok(Self { journal, address, token, stop, thread })
    }

    fn close(self) -> anyhow::Result<()> {
        drop(self.stop);
        self.thread.join().map_err(|_| anyhow::anyhow!("the house panicked"))?
    }
}

fn app(parts: Parts, token: Token) -> App {
    let defaults = Defaults {
        profiles: BTreeMap::new(),
        templates: "templates".into(),
        max_body_bytes: 1 << 20,
        workspace_roots: Vec::new(),
        allowed_origins: Vec::new(),
    };
    let description = Description {
        name: "benchmark",
        version: "0",
        pid: std::process::id(),
        instance: String::new(),
        started_at: String::new(),
        home: ".".into(),
        runtimes: Vec::new(),
        default_runtime: "nobody".into(),
    };
    let rules = Shelf::new(Rules::shipped(), Vec::new());
    App::new(parts, token, Definitions::default(), rules, defaults, description)
}

fn system_settings() -> SystemSettings {
    SystemSettings {
        journal: JournalSettings::default(),
        host: HostSettings::default(),
        limits: BTreeMap::new(),
        sweep: SweepSettings { grace: Duration::from_hours(1), keep: Duration::from_hours(1) },
        sweep_every: Duration::from_hours(1),
        settle: Duration::from_secs(10),
        unsettled_starts: 0,
    }
}

/// No process is spawned here.
#[derive(Clone)]
struct Nobody;

impl Execute for Nobody {
    fn execute(
        &self,
        _work: Work,
        _desk: Desk,
    ) -> LocalBoxFuture<'static, Result<Executed, ExecuteError>> {
        let error = "nobody is here".into();
        Box::pin(std::future::ready(Err(ExecuteError {
            kind: ErrorKind::Final,
            error,
            charge: Charge::Nothing,
            retry_after_ms: None,
        })))
    }
}
