//! From `POST /workflows` to the first event of the workflow at a subscriber's WebSocket, in the real binary. The
//! baseline is an append to a journal, waited for until it is durable, in the same run.

use crate::support::{
    Client, Ledger, Sample, Scale, Server, Table, contains, folder, frame, ledger_append, masked,
    millis, on_a_system, ratio,
};
use anyhow::Context as _;
use callboard_actors::journal::{Append, MessageKind, NewMessage, Wake};
use callboard_actors::vocabulary::{Name, StreamId};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const DEFINITION: &str = "
name: first
state: {n: {reducer: sum}}
start: one
nodes:
  one: {set: {n: 1}}
";

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    let (mut events, mut appends) = (Sample::default(), Sample::default());
    on_a_system(async {
        let (home, bare) = (folder()?, folder()?);
        let definitions = home.path().join("config/workflows");
        std::fs::create_dir_all(&definitions)?;
        std::fs::write(definitions.join("first.yaml"), DEFINITION)?;
        let server = Server::start(home.path(), &[]).await?;
        let ledger = Ledger::open(bare.path())?;
        let mut client = server.client().await?;
        let mut follower = Follower::open(server.client().await?).await?;
        for _ in 0..scale.pick(500, 5) {
            let began = Instant::now();
            let (status, body) = client.post("/workflows", r#"{"type":"first"}"#).await?;
            anyhow::ensure!(status == 202, "{status}: {body}");
            events.extend([follower.first(&body).await?.saturating_duration_since(began)]);
            appends.extend([append(&ledger).await?]);
        }
        ledger.close()
    })?;
    let mut table = Table::new(["percentile", "first event ms", "an append ms", "ratio"]);
    for (name, share) in [("50", 0.5), ("99", 0.99)] {
        let (event, append) = (events.percentile(share), appends.percentile(share));
        let ratio = ratio(event.as_secs_f64() / append.as_secs_f64());
        table.row([name.to_owned(), millis(event), millis(append), ratio]);
    }
    table.print();
    Ok(())
}

/// A subscriber to the beginnings of workflows, which notes when it heard of each.
struct Follower(UnboundedReceiver<(Instant, Vec<u8>)>);

impl Follower {
    async fn open(client: Client) -> anyhow::Result<Self> {
        let (mut socket, mut buffer) = client.upgrade("/ws").await?;
        let wish = br#"{"op":"subscribe","id":1,"topics":["claude.workflow.started"]}"#;
        socket.write_all(&masked(wish)).await?;
        let greeting = frame(&mut socket, &mut buffer).await?;
        anyhow::ensure!(contains(&greeting, b"subscribed"), "it was not subscribed");
        let (tell, begun) = unbounded_channel();
        actix_rt::spawn(async move { follow(socket, buffer, &tell).await });
        Ok(Self(begun))
    }

    /// When the workflow of this receipt was heard of.
    async fn first(&mut self, receipt: &str) -> anyhow::Result<Instant> {
        let receipt: serde_json::Value = serde_json::from_str(receipt)?;
        let id = receipt["workflow_id"].as_str().context("the receipt names no workflow")?;
        loop {
            let (heard, text) = self.0.recv().await.context("the server hung up")?;
            if contains(&text, id.as_bytes()) {
                return Ok(heard);
            }
        }
    }
}

async fn follow(
    mut socket: TcpStream,
    mut buffer: Vec<u8>,
    tell: &UnboundedSender<(Instant, Vec<u8>)>,
) -> anyhow::Result<()> {
    loop {
        let text = frame(&mut socket, &mut buffer).await?;
        if contains(&text, b"WORKFLOW_STARTED") {
            tell.send((Instant::now(), text))?;
        }
    }
}

/// How long an append takes.
async fn append(ledger: &Ledger) -> anyhow::Result<Duration> {
    let message = NewMessage {
        kind: MessageKind::Event,
        message_id: None,
        topic: Some("claude.bench.appended".into()),
        event_type: "APPENDED".into(),
        error: None,
        data: to_raw_value(&json!({ "body": "x".repeat(290) }))?,
        caused_by: None,
        correlation: None,
    };
    let began = Instant::now();
    let make = |reply| Append {
        stream: StreamId { kind: "bench", name: Name::fresh() },
        head: 0,
        messages: vec![message],
        row: None,
        wake: Wake::At(None),
        parked: None,
        held: Vec::new(),
        snapshot: None,
        reply,
    };
    ledger_append(&ledger.journal, make).await?;
    Ok(began.elapsed())
}
