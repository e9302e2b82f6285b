//! Many messages to many durable subscribers over kills of the real server: none lost, none out of
//! order, none again after its acknowledgement.
//!
//! Some subscribers are about everything, each other one about a topic of its own. `PROOF_MESSAGES`,
//! `PROOF_SUBSCRIBERS`, `PROOF_KILLS` and `PROOF_EVERYTHING` (how many are about everything) make it larger or smaller (no
//! `CALLBOARD_` in front: that would be a setting of the server).

use crate::support::{Client, Server, Socket};
use futures::future::join_all;
use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

/// How many at a time publish.
const PUBLISHERS: usize = 16;
/// How many messages a subscriber acknowledges at once.
const ACK_EVERY: usize = 100;

fn size(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// If it takes longer, something hangs.
const PATIENCE: Duration = Duration::from_mins(30);

/// What all of them share.
struct Stage {
    messages: usize,
    topics: usize,
    client: watch::Receiver<Client>,
    published: AtomicUsize,
    delivered: AtomicUsize,
}

#[derive(Deserialize)]
struct Frame<'a> {
    op: &'a str,
    position: Option<i64>,
    message: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    position: i64,
}

/// One subscriber, and all that it can prove.
struct Subscriber {
    id: String,
    /// How many messages it is to get.
    total: usize,
    /// Positions, as they came for the first time.
    seen: Vec<i64>,
    /// What it was told is acknowledged.
    confirmed: i64,
    /// What it asked to have acknowledged last.
    asked: i64,
}

impl Subscriber {
    /// Consumes until it has all; connections may break at any time.
    async fn run(mut self, stage: &Stage) -> Vec<i64> {
        while self.confirmed == 0 || self.seen.len() < self.total || self.confirmed < self.last() {
            if self.session(stage).await.is_none() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        self.seen
    }

    fn last(&self) -> i64 {
        self.seen.last().copied().unwrap_or(0)
    }

    /// One connection; `None` when it breaks.
    async fn session(&mut self, stage: &Stage) -> Option<()> {
        let client = stage.client.borrow().clone();
        let url = format!("ws://{}/ws?token={}", client.address, client.token);
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.ok()?;
        let consume = json!({ "op": "consume", "id": 1, "subscription": self.id });
        socket.send(Message::text(consume.to_string())).await.ok()?;
        while self.seen.len() < self.total || self.confirmed < self.last() {
            let Message::Text(text) = socket.next().await?.ok()? else { continue };
            if let Some(ack) = self.hear(&text, stage) {
                let ack = json!({ "op": "ack", "id": 1, "position": ack });
                socket.send(Message::text(ack.to_string())).await.ok()?;
            }
        }
        Some(())
    }

    /// Takes a frame in; gives what is to be acknowledged.
    fn hear(&mut self, text: &str, stage: &Stage) -> Option<i64> {
        let frame: Frame<'_> = serde_json::from_str(text).unwrap();
        match (frame.op, frame.position, frame.message) {
            ("consuming", Some(cursor), _) => {
                assert!(cursor >= self.confirmed, "what was acknowledged would come again");
                assert!(cursor <= self.asked, "nobody acknowledged so much");
                self.confirmed = cursor;
                // What was not acknowledged comes again: it is counted when it does.
                let kept = self.seen.partition_point(|position| *position <= cursor);
                stage.delivered.fetch_sub(self.seen.len() - kept, Ordering::Relaxed);
                self.seen.truncate(kept);
                None
            }
            ("acked", Some(position), _) => {
                assert!(position <= self.asked);
                self.confirmed = self.confirmed.max(position);
                None
            }
            ("message", _, Some(Said { position })) => {
                assert!(position > self.last(), "{position} came behind {}", self.last());
                self.seen.push(position);
                stage.delivered.fetch_add(1, Ordering::Relaxed);
                let is_due =
                    self.seen.len().is_multiple_of(ACK_EVERY) || self.seen.len() == self.total;
                is_due.then(|| {
                    self.asked = position;
                    position
                })
            }
            _ => panic!("{text}"),
        }
    }
}

/// Publishes every `PUBLISHERS`th message under a key of its own, each until it is accepted.
async fn publish(stage: &Stage, first: usize) -> Vec<(i64, usize)> {
    let mut positions = Vec::new();
    for number in (first..stage.messages).step_by(PUBLISHERS) {
        let topic = number % stage.topics;
        let body = json!({ "topic": format!("proof.{topic}"), "data": { "number": number } });
        loop {
            let client = stage.client.borrow().clone();
            let request = client.ask(Method::POST, "/messages").json(&body);
            let request = request.header("Idempotency-Key", format!("n{number}"));
            let answered = async {
                let answer = request.send().await.ok()?.error_for_status().ok()?;
                answer.json::<Value>().await.ok()?["position"].as_i64()
            };
            if let Some(position) = answered.await {
                positions.push((position, topic));
                stage.published.fetch_add(1, Ordering::Relaxed);
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    positions
}

async fn start(folder: &Path, home: &Path) -> Server {
    Server::start(folder, home, &[("LOG_LEVEL", "warn")]).await
}

async fn subscribe(
    server: &Server,
    stage: &Stage,
    number: usize,
    topic: Option<usize>,
) -> Subscriber {
    let pattern = topic.map_or_else(|| "proof.*".to_owned(), |topic| format!("proof.{topic}"));
    let body = json!({
        "subscriber": format!("s{number}"), "topics": [pattern], "after": 0,
        // Nothing comes again because a machine is busy.
        "ack_wait_ms": 3_600_000,
    });
    let (status, row) = server.post("/subscriptions", body).await;
    assert_eq!(status, 201, "{row}");
    let id = row["id"].as_str().unwrap().to_owned();
    let is_its = |number: &usize| topic.is_none_or(|topic| number % stage.topics == topic);
    let total = (0..stage.messages).filter(is_its).count();
    Subscriber { id, total, seen: Vec::new(), confirmed: 0, asked: 0 }
}

/// Kills the server again and again, as the deliveries go on. Gives the last one.
async fn kill(
    (folder, home): (&Path, &Path),
    mut server: Server,
    (stage, tell): (&Stage, watch::Sender<Client>),
    (kills, deliveries): (usize, usize),
) -> Server {
    let began = Instant::now();
    for kill in 1..=kills {
        while stage.delivered.load(Ordering::Relaxed) < deliveries * kill / (kills + 1) {
            let (there, out) = (&stage.delivered, &stage.published);
            assert!(began.elapsed() < PATIENCE, "stuck at {there:?} of {out:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Dropping it is SIGKILL.
        drop(server);
        server = start(folder, home).await;
        tell.send_replace((*server).clone());
    }
    server
}

#[tokio::test]
async fn over_kills_no_message_is_lost_out_of_order_or_again_after_its_acknowledgement() {
    let messages = size("PROOF_MESSAGES", 100_000);
    let subscribers = size("PROOF_SUBSCRIBERS", 50);
    let everything = size("PROOF_EVERYTHING", 2);
    let kills = size("PROOF_KILLS", 4);
    let (folder, began) = (tempfile::tempdir().unwrap(), Instant::now());
    let home = folder.path().join("home");
    let server = start(folder.path(), &home).await;
    let (tell, client) = watch::channel((*server).clone());
    let (published, delivered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let stage = &Stage { messages, topics: subscribers, client, published, delivered };
    let (mut consuming, mut topics, mut deliveries) = (Vec::new(), Vec::new(), 0);
    for number in 0..subscribers {
        let topic = (number >= everything).then_some(number);
        let subscriber = subscribe(&server, stage, number, topic).await;
        topics.push(topic);
        deliveries += subscriber.total;
        consuming.push(subscriber.run(stage));
    }
    let publishing = join_all((0..PUBLISHERS).map(|number| publish(stage, number)));
    let killing = kill((folder.path(), &home), server, (stage, tell), (kills, deliveries));
    let (server, all, published) = tokio::join!(killing, join_all(consuming), publishing);
    let mut expected: Vec<(i64, usize)> = published.into_iter().flatten().collect();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(expected.len(), messages, "a message was published twice, or not at all");
    for (seen, topic) in all.into_iter().zip(topics) {
        let its = expected.iter().filter(|(_, of)| topic.is_none_or(|topic| topic == *of));
        let its: Vec<i64> = its.map(|(position, _)| *position).collect();
        assert!(seen == its, "the subscriber of {topic:?} saw {} others", seen.len());
    }
    let took = began.elapsed();
    eprintln!(
        "bus: {messages} messages to {subscribers} subscribers ({deliveries} deliveries) over {kills} kills: {took:.1?}"
    );
    let mut socket = Socket::open(&server).await;
    let (_, page) = server.get("/subscriptions?limit=1&subscriber=s0").await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": page["items"][0]["id"] })).await;
    assert_eq!(socket.hear().await["position"], expected[messages - 1].0);
}
