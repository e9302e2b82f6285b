//! The stop of a server whose doors are open.

use crate::support::{Server, Socket};
use futures::future::join_all;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[actix_rt::test]
async fn open_sockets_and_waiting_requests_do_not_hold_a_stop_up() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let timeout = ("CALLBOARD_HTTP__SHUTDOWN_TIMEOUT_S", "2");
    let mut server = Server::start(folder.path(), &home, &[timeout]).await;
    let id = server.spawn_with(json!({ "prompt": "later", "max_retries": 1 })).await;
    server.wait_for(&id, "RETRY").await;
    let mut sockets = Vec::new();
    for path in ["/ws", "/ws", "/ws/echo"] {
        let path = format!("{path}?token={}", server.token);
        sockets.push(Socket::try_open(&server, &path, None).await.unwrap());
    }
    sockets[0].say(json!({ "op": "subscribe", "id": 1, "topics": ["nobody.says.this"] })).await;
    sockets[0].hear().await;
    let client = server.clone();
    let head = server.head().await;
    let waiting = actix_rt::spawn(async move {
        let paths = [
            format!("/messages?after={head}&topic=nobody&wait_s=30"),
            "/messages?stream=a/b&wait_s=30".into(),
        ];
        join_all(paths.iter().map(|path| client.get(path))).await
    });
    // Only when the requests wait may the stop come: many others, sent after them, are answered.
    for _ in 0..50 {
        server.get("/health").await;
    }
    let began = Instant::now();
    let (status, ends) =
        futures::join!(server.terminate(), join_all(sockets.iter_mut().map(Socket::end)));
    assert!(status.success(), "{status}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(
        ends.iter().all(|end| end.as_ref().is_some_and(|end| end.code == CloseCode::Away)),
        "{ends:?}"
    );
    for (status, page) in waiting.await.unwrap() {
        assert_eq!((status.as_u16(), &page["items"]), (200, &json!([])));
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_does_not_hold_a_stop_up() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let timeout = ("CALLBOARD_HTTP__SHUTDOWN_TIMEOUT_S", "1");
    let mut server = Server::start(folder.path(), &home, &[timeout]).await;
    let path = format!("/ws/echo?token={}", server.token);
    let mut socket = Socket::try_open(&server, &path, None).await.unwrap();
    // What comes back is never read: more than the system's buffers hold.
    let flood = async {
        for _ in 0..8 {
            socket.send(tokio_tungstenite::tungstenite::Message::binary(vec![7; 4 << 20])).await;
        }
    };
    // Stuck, as it should be.
    assert!(
        tokio::time::timeout(Duration::from_secs(2), flood).await.is_err(),
        "nothing got stuck"
    );
    let began = Instant::now();
    assert!(server.terminate().await.success());
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
