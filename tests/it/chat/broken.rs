//! Whoever says what makes no sense is told what, where, and what to do; the connection goes on. Pages of others, and
//! whoever has no token, do not come in.

use super::kit::{connected, fits, message, server};
use crate::support::{Client, Socket, TestApp};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// What is said, the status of the answer, a word of it, and by what it is called.
type Case = (String, u16, &'static str, Value);

fn cases() -> Vec<Case> {
    let null = || Value::Null;
    let says = |text: &str| text.to_owned();
    let long = "x".repeat(300);
    vec![
        (says(""), 400, "not understood", null()),
        (says("{"), 400, "not understood", null()),
        (says("[]"), 400, "not understood", null()),
        (says("\"hello\""), 400, "not understood", null()),
        (says("{}"), 400, "op", null()),
        (says(r#"{"op":"sing","id":3}"#), 400, "sing", json!(3)),
        (says(r#"{"op":"message","text":"x"}"#), 400, "id", null()),
        (says(r#"{"op":"message","id":null,"text":"x"}"#), 422, "UUID", null()),
        (says(r#"{"op":"message","id":1}"#), 422, "without content", json!(1)),
        (says(r#"{"op":"message","id":1,"text":5}"#), 400, "string", json!(1)),
        (says(r#"{"op":"message","id":1,"params":[]}"#), 400, "map", json!(1)),
        (
            says(r#"{"op":"message","id":1,"text":"x","on_running":"wait"}"#),
            400,
            "enqueue",
            json!(1),
        ),
        (says(r#"{"op":"message","id":1,"txt":"x"}"#), 400, "txt", json!(1)),
        (format!(r#"{{"op":"pause","id":"{long}"}}"#), 400, "shorter", null()),
        (says(r#"{"op":"answer","id":2,"value":1}"#), 400, "interrupt_id", json!(2)),
        (says(r#"{"op":"answer","id":2,"interrupt_id":"x"}"#), 400, "value", json!(2)),
        (
            says(r#"{"op":"answer","id":2,"interrupt_id":"../x","value":1}"#),
            400,
            "not a valid id",
            json!(2),
        ),
        (
            says(r#"{"op":"answer","id":2,"interrupt_id":"x","value":1}"#),
            404,
            "no workflow",
            json!(2),
        ),
        (
            format!(r#"{{"op":"answer","id":2,"interrupt_id":"x","value":1,"by":"{long}"}}"#),
            422,
            "who answers",
            json!(2),
        ),
        (says(r#"{"op":"cancel","id":"c"}"#), 404, "no workflow", json!("c")),
        (says(r#"{"op":"cancel","id":"c","undo":"yes"}"#), 400, "boolean", json!("c")),
        (says(r#"{"op":"open","id":9,"workflow":"talk"}"#), 409, "connect once more", json!(9)),
        (says(r#"{"op":"message","id":1,"params":{"topic":5}}"#), 422, "topic", json!(1)),
    ]
}

/// What an `open` may be refused for.
fn openings() -> Vec<Case> {
    let says = |wish: Value| wish.to_string();
    let streams: Vec<_> = (0..257).map(|n| json!({ "process": format!("p{n}") })).collect();
    vec![
        (says(json!({ "op": "open", "workflow": "tlak" })), 422, "talk", Value::Null),
        (
            says(json!({ "op": "open", "workflow": "talk", "workflow_id": "../x" })),
            422,
            "workflow_id",
            Value::Null,
        ),
        (says(json!({ "op": "open", "workflow_id": "nobody" })), 404, "workflow", Value::Null),
        (says(json!({ "op": "open", "workflow": "talk", "after": -1 })), 422, "after", Value::Null),
        (says(json!({ "op": "open", "workflow": "talk", "after": "x" })), 400, "i64", Value::Null),
        (
            says(json!({ "op": "open", "workflow": "talk", "tokens": "some" })),
            400,
            "live",
            Value::Null,
        ),
        (
            says(json!({ "op": "open", "workflow": "talk", "streams": streams })),
            422,
            "256",
            Value::Null,
        ),
        (
            says(json!({ "op": "open", "workflow": "talk", "stream": [] })),
            400,
            "stream",
            Value::Null,
        ),
        (says(message("m", "too early")), 409, "open", json!("m")),
    ]
}

async fn is_told(socket: &mut Socket, (said, status, word, id): Case) {
    socket.send(Message::text(said.clone())).await;
    let heard = socket.hear().await;
    fits("server", &heard).unwrap_or_else(|error| panic!("{error}: {heard}"));
    assert_eq!((&heard["op"], &heard["id"]), (&json!("error"), &id), "{said}: {heard}");
    assert_eq!(heard["problem"]["status"], status, "{said}: {heard}");
    let detail = heard["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains(word), "{said}: {word:?} is missing in {detail:?}");
}

async fn is_there(socket: &mut Socket) {
    socket.say(json!({ "op": "ping", "id": "there?" })).await;
    loop {
        let heard = socket.hear().await;
        if heard == json!({ "op": "pong", "id": "there?" }) {
            return;
        }
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_told_so_and_the_connection_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path()).await;
    let mut socket = connected(&server).await;
    for case in openings() {
        is_told(&mut socket, case).await;
    }
    for wish in [json!({ "after": 1_000_000 }), json!({ "epoch": "another" })] {
        let mut wish = wish;
        (wish["op"], wish["workflow"]) = ("open".into(), "talk".into());
        socket.say(wish).await;
        assert_eq!(socket.hear().await["op"], "gone");
    }
    socket.say(json!({ "op": "open", "workflow": "talk" })).await;
    assert_eq!(socket.hear().await["op"], "opened");
    for case in cases() {
        is_told(&mut socket, case).await;
    }
    socket.send(Message::binary(b"{}".to_vec())).await;
    assert_eq!(socket.hear().await["problem"]["status"], 400);
    is_there(&mut socket).await;
    let mut numbers = connected(&server).await;
    numbers.say(json!({ "op": "open", "workflow": "number" })).await;
    assert_eq!(numbers.hear().await["text_input"], Value::Null);
    is_told(&mut numbers, (message("m", "seven").to_string(), 422, "params", json!("m"))).await;
}

#[tokio::test]
async fn pages_of_others_and_whoever_has_no_token_do_not_come_in() {
    let app = TestApp::start();
    let path = format!("/ws/chat?token={}", app.token);
    let refused = Socket::try_open(&app, &path, Some("http://evil.example")).await.err().unwrap();
    assert_eq!(refused.0, 403, "{}", refused.1);
    let own = format!("http://{}", app.address);
    assert!(Socket::try_open(&app, &path, Some(&own)).await.is_ok());
    for path in ["/ws/chat", "/ws/chat?token=wrong", "/ws/chat/schema"] {
        assert_eq!(Socket::try_open(&app, path, None).await.err().unwrap().0, 401, "{path}");
    }
}

#[tokio::test]
async fn a_frame_that_is_too_long_ends_the_connection_before_it_is_kept() {
    let app = TestApp::start();
    let mut socket = connected(&app).await;
    // The server may have gone before all of it is written.
    let text = Message::text("x".repeat((1 << 20) + 1));
    let _ = futures::SinkExt::send(&mut socket.0, text).await;
    let end = socket.end().await;
    assert!(end.is_none_or(|end| u16::from(end.code) == 1009), "too big");
}

#[tokio::test]
async fn the_schema_is_there_for_whoever_asks() {
    let app = TestApp::start();
    let (status, schema) = app.get("/ws/chat/schema").await;
    assert_eq!(status, 200);
    let written: Value =
        serde_json::from_str(include_str!("../../../config/chat.schema.json")).unwrap();
    assert_eq!(schema, written);
    for side in ["client", "server"] {
        let names = schema["$defs"][side]["oneOf"].as_array().unwrap().len();
        let prefix = format!("{side}_");
        let all = schema["$defs"].as_object().unwrap();
        assert_eq!(all.keys().filter(|name| name.starts_with(&prefix)).count(), names);
    }
    assert!(fits("server", &json!({ "op": "pong", "id": 1, "more": 2 })).is_err());
    assert!(fits("client", &json!({ "op": "message", "id": 1 })).is_err());
}

/// Something like what clients say.
fn frame() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("talk")),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let names = [
        "id",
        "workflow",
        "workflow_id",
        "after",
        "epoch",
        "tokens",
        "streams",
        "text",
        "params",
        "on_running",
        "interrupt_id",
        "value",
        "by",
        "undo",
        "other",
    ];
    let members = prop::collection::btree_map(prop::sample::select(names.to_vec()), value, 0..6);
    let ops = ["open", "message", "answer", "cancel", "pause", "resume", "retry", "ping", "sing"];
    let said = (prop::sample::select(ops.to_vec()), members).prop_map(|(op, members)| {
        let mut said: serde_json::Map<String, Value> =
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        said.insert("op".into(), op.into());
        Value::Object(said).to_string()
    });
    prop_oneof![4 => said, 1 => "\\PC{0,40}"]
}

/// Says them all, and a last word; hears until that is answered.
async fn survives(client: &Client, said: Vec<String>) {
    let mut socket = connected(client).await;
    for (number, text) in said.into_iter().enumerate() {
        socket.send(Message::text(text)).await;
        // Not more at once than may wait.
        if number % 20 == 19 {
            is_there(&mut socket).await;
        }
    }
    is_there(&mut socket).await;
    assert_eq!(client.get("/health").await.0, 200);
}

#[test]
fn whatever_is_said_the_server_goes_on() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server(folder.path()));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(24)
    });
    let many = prop::collection::vec(frame(), 1..40);
    let client: &Client = &server;
    runner
        .run(&many, |said| {
            runtime.block_on(survives(client, said));
            Ok(())
        })
        .unwrap();
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
