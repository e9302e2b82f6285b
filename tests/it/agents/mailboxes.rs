//! Messages to agents: kept until acknowledged, delivered to whoever speaks for the agent.

use super::registry::register;
use crate::support::{Server, Socket, TestApp, until};
use reqwest::Method;
use serde_json::{Value, json};

async fn write(app: &TestApp, agent: &str, text: &str) -> i64 {
    let path = format!("/agents/{agent}/messages");
    let (status, receipt) = app.post(&path, json!({ "from": "boss", "data": text })).await;
    assert_eq!(status, 202, "{receipt}");
    receipt["position"].as_i64().unwrap()
}

fn said(frame: &Value) -> (i64, &str) {
    let message = &frame["message"];
    (message["position"].as_i64().unwrap(), message["data"]["data"].as_str().unwrap())
}

#[tokio::test]
async fn a_mailbox_is_delivered_in_order_and_nothing_again_after_its_acknowledgement() {
    let mut app = TestApp::start();
    register(&app, "ada").await;
    register(&app, "bob").await;
    let first = write(&app, "ada", "one").await;
    write(&app, "bob", "not for ada").await;
    write(&app, "ada", "two").await;
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "connect", "id": 1, "agent_id": "ada" })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    let heard = [socket.hear().await, socket.hear().await];
    assert_eq!((said(&heard[0]), said(&heard[1]).1), ((first, "one"), "two"));
    let third = write(&app, "ada", "three").await;
    assert_eq!(said(&socket.hear().await), (third, "three"));
    socket.say(json!({ "op": "ack", "id": 1, "position": first })).await;
    assert_eq!(socket.hear().await, json!({ "op": "acked", "id": 1, "position": first }));
    drop(socket);
    app.restart().await;
    let (_, box_) = app.get("/agents/ada/messages").await;
    let left: Vec<_> =
        box_["items"].as_array().unwrap().iter().map(|m| &m["data"]["data"]).collect();
    assert_eq!(left, ["two", "three"], "{box_}");
    assert_eq!(box_["acknowledged"], first);
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "connect", "id": "x", "agent_id": "ada" })).await;
    assert_eq!(socket.hear().await["position"], first);
    assert_eq!(said(&socket.hear().await).1, "two");
}

#[tokio::test]
async fn who_connects_is_connected_until_the_connection_ends_however_it_ends() {
    let app = TestApp::start();
    register(&app, "ada").await;
    let status = |wanted: &'static str| {
        let app = &app;
        until(wanted, move || async move {
            let (_, row) = app.get("/agents/ada").await;
            (row["status"] == wanted).then_some(row)
        })
    };
    let connect = json!({ "op": "connect", "id": 1, "agent_id": "ada" });
    let mut first = Socket::open(&app).await;
    first.say(connect.clone()).await;
    assert_eq!(first.hear().await["op"], "consuming");
    assert_eq!(status("active").await["status"], "active");
    let mut second = Socket::open(&app).await;
    second.say(connect.clone()).await;
    assert_eq!(second.hear().await["op"], "consuming");
    let end = first.hear().await;
    assert!(end["detail"].as_str().unwrap().contains("took over"), "{end}");
    drop(first);
    status("active").await;
    drop(second);
    status("inactive").await;
    let mut third = Socket::open(&app).await;
    third.say(connect).await;
    assert_eq!(third.hear().await["op"], "consuming");
    third.say(json!({ "op": "unsubscribe", "id": 1 })).await;
    assert_eq!(third.hear().await["op"], "unsubscribed");
    status("inactive").await;
    let (_, told) =
        app.get("/messages?topic=claude.agent.connected,claude.agent.disconnected").await;
    let kinds: Vec<_> =
        told["items"].as_array().unwrap().iter().map(|m| &m["event_type"]).collect();
    let [on, off] = ["AGENT_CONNECTED", "AGENT_DISCONNECTED"];
    assert_eq!(kinds, [on, off, on, off, on, off]);
}

#[tokio::test]
async fn a_killed_server_leaves_nobody_connected() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let server = Server::start(folder.path(), &home, &[]).await;
    let (status, _) = server.post("/agents", json!({ "id": "ada", "profile": "coder" })).await;
    assert_eq!(status, 201);
    let mut socket = Socket::open(&server).await;
    socket.say(json!({ "op": "connect", "id": 1, "agent_id": "ada" })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    assert_eq!(server.get("/agents/ada").await.1["status"], "active");
    drop(server);
    let server = Server::start(folder.path(), &home, &[]).await;
    let server = &server;
    let row = until("the end of the connection", || async move {
        let (_, row) = server.get("/agents/ada").await;
        (row["status"] == "inactive").then_some(row)
    });
    assert_eq!(row.await["connection"], Value::Null);
    let (_, told) = server.get("/messages?topic=claude.agent.disconnected").await;
    assert_eq!(told["items"][0]["data"]["why"], "its server ended");
}

#[tokio::test]
async fn a_retry_is_one_message_and_a_topic_is_a_door_to_the_mailbox() {
    let app = TestApp::start();
    register(&app, "ada").await;
    let mut positions = Vec::new();
    for _ in 0..2 {
        let request = app.ask(Method::POST, "/agents/ada/messages").header("Idempotency-Key", "k");
        let answer = request.json(&json!({ "data": { "n": 1 } })).send().await.unwrap();
        positions.push(answer.json::<Value>().await.unwrap()["position"].clone());
    }
    assert_eq!(positions[0], positions[1]);
    let body =
        json!({ "topic": "claude.agent.message", "data": { "to": "ada", "data": "by topic" } });
    assert_eq!(app.post("/messages", body).await.0, 202);
    let (_, all) = app.get("/agents/ada/messages?after=0").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all}");
    let path = format!("/subscriptions/{}/ack", all["subscription"].as_str().unwrap());
    assert_eq!(app.post(&path, json!({ "position": all["next"] })).await.0, 200);
    let (_, left) = app.get("/agents/ada/messages").await;
    assert_eq!(left["items"], json!([]));
}

#[tokio::test]
async fn who_is_no_agent_cannot_connect() {
    let app = TestApp::start();
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "connect", "id": 1, "agent_id": "nobody" })).await;
    let heard = socket.hear().await;
    assert_eq!((&heard["op"], &heard["status"]), (&json!("error"), &json!(409)), "{heard}");
    socket.say(json!({ "op": "ack", "id": 1, "position": 1 })).await;
    assert_eq!(socket.hear().await["status"], 404);
    socket.say(json!({ "op": "ping" })).await;
    assert_eq!(socket.hear().await["op"], "pong");
}
