//! A slow and a fast subscriber over 100,000 messages.

use crate::support::{PATIENCE, Server, Socket};
use callboard_actors::journal::{Home, Journal, JournalSettings, MessageKind, NewMessage};
use callboard_actors::vocabulary::Clock;
use futures::StreamExt;
use futures::future::join_all;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::path::Path;
use tokio_tungstenite::tungstenite::Message;

const MESSAGES: usize = 100_000;
/// How many of them the slow one takes before it stops reading for a while.
const SLOW: usize = 500;
/// How much memory the server may need more while a client is slow, in bytes.
const GROWTH: u64 = 60 << 20;

/// Writes a journal with a past.
fn write_past(home: &Path) {
    let home = Home::open(home, None).unwrap();
    actix_rt::System::new().block_on(async move {
        let journal = Journal::open(home, JournalSettings::default(), Clock::system()).unwrap();
        let writer = actix::Actor::start(journal.writer(()).unwrap());
        for batch in 0..MESSAGES / 5_000 {
            let messages = (0..5_000).map(|number| journal.publish(noise(batch * 5_000 + number)));
            assert!(join_all(messages).await.iter().all(Result::is_ok));
        }
        drop(writer);
    });
}

fn noise(number: usize) -> NewMessage {
    NewMessage {
        kind: MessageKind::Publication,
        message_id: None,
        topic: Some("crowd.noise".into()),
        event_type: "NOISE".into(),
        error: None,
        data: to_raw_value(&json!({ "number": number, "text": "x".repeat(150) })).unwrap(),
        caused_by: None,
        correlation: None,
    }
}

async fn subscriber(server: &Server) -> Socket {
    let mut socket = Socket::open(server).await;
    socket.say(json!({ "op": "subscribe", "id": 1, "topics": ["crowd.>"], "after": 0 })).await;
    assert_eq!(socket.hear().await["op"], "subscribed");
    socket
}

/// Takes that many messages and checks that they are those behind `from`, in order, each once.
async fn take(socket: &mut Socket, from: usize, count: usize) {
    let mut expected = from;
    while expected < from + count {
        let next = tokio::time::timeout(PATIENCE, socket.0.next()).await;
        let Ok(Some(Ok(message))) = next else { panic!("at {expected}: {next:?}") };
        let Message::Text(text) = message else { continue };
        if let Some((_, rest)) = text.split_once(r#""data":{"number":"#) {
            let number: usize = rest.split(',').next().unwrap().parse().unwrap();
            assert_eq!(number, expected);
            expected += 1;
        }
    }
}

#[tokio::test]
async fn a_slow_subscriber_misses_nothing_and_slows_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let past = home.clone();
    std::thread::spawn(move || write_past(&past)).join().unwrap();
    let server = Server::start(folder.path(), &home, &[]).await;
    let (mut slow, mut fast) = (subscriber(&server).await, subscriber(&server).await);
    take(&mut slow, 0, SLOW).await;
    let before = server.resident();
    // The slow one reads nothing while the fast one gets everything.
    take(&mut fast, 0, MESSAGES).await;
    let growth = server.resident().saturating_sub(before);
    assert!(growth < GROWTH, "{growth} bytes more for a client that does not read");
    take(&mut slow, SLOW, MESSAGES - SLOW).await;
}
