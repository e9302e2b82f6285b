//! `/ws`: topics followed from the past into the present, and what happens to those who misbehave.

use crate::support::{Socket, TestApp};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

fn subscribe(id: i32, topic: &str, after: Option<i64>) -> Value {
    json!({ "op": "subscribe", "id": id, "topics": [topic], "after": after })
}

/// Hears `id`'s messages until the last of `count` completions.
async fn completions(socket: &mut Socket, id: i32, count: usize) -> Vec<Value> {
    let (mut heard, mut complete) = (Vec::new(), 0);
    while complete < count {
        let news = socket.hear_news().await;
        if news["id"] == id && news["op"] == "message" {
            complete += usize::from(news["message"]["topic"] == "claude.spawn.complete");
            heard.push(news["message"].clone());
        }
    }
    heard
}

fn positions(messages: &[Value]) -> Vec<i64> {
    messages.iter().map(|message| message["position"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_subscription_goes_from_the_past_into_the_present_without_gap_or_duplicate() {
    let app = TestApp::start();
    for id in join_all((0..20).map(|_| app.spawn("past"))).await {
        app.wait_for(&id, "COMPLETED").await;
    }
    let mut socket = Socket::open(&app).await;
    socket.say(subscribe(1, "claude.spawn.*", Some(0))).await;
    assert_eq!(socket.hear().await["op"], "subscribed");
    let spawning = async {
        for number in 0..30 {
            app.spawn(&format!("present {number}")).await;
        }
    };
    let (heard, ()) = futures::join!(completions(&mut socket, 1, 50), spawning);
    let heard = positions(&heard);
    assert!(heard.is_sorted_by(|a, b| a < b), "out of order: {heard:?}");
    let (_, page) = app.get("/messages?limit=1000&topic=claude.spawn.*").await;
    let all = positions(page["items"].as_array().unwrap());
    assert_eq!(heard, all[..heard.len()]);

    // Another goes on from the middle.
    let middle = heard[heard.len() / 2];
    let mut other = Socket::open(&app).await;
    other.say(subscribe(2, "claude.spawn.%", Some(middle))).await;
    other.hear().await;
    let rest: Vec<_> = all.iter().copied().filter(|position| *position > middle).collect();
    let mut found = Vec::new();
    while found.len() < rest.len() {
        found.push(other.hear_news().await["message"]["position"].as_i64().unwrap());
    }
    assert_eq!(found, rest);
}

#[tokio::test]
async fn one_connection_follows_many_things_until_it_unsubscribes() {
    let app = TestApp::start();
    let mut socket = Socket::open(&app).await;
    for (id, topic) in
        [(1, "claude.spawn.complete"), (2, "claude.spawn.>"), (3, "nobody.says.this")]
    {
        socket.say(subscribe(id, topic, None)).await;
        let answer = socket.hear_news().await;
        assert_eq!((&answer["op"], &answer["id"]), (&json!("subscribed"), &json!(id)));
        assert_eq!(answer["after"], answer["head"], "from now on");
    }
    socket.say(subscribe(2, "claude.spawn.>", None)).await;
    let refused = socket.hear_news().await;
    assert_eq!((&refused["op"], &refused["status"]), (&json!("error"), &json!(409)));
    let id = app.spawn("anything").await;
    let (mut complete, mut life) = (Vec::new(), Vec::new());
    while complete.is_empty() || life.last() != Some(&"claude.spawn.archived".to_owned()) {
        let news = socket.hear_news().await;
        assert_eq!(news["message"]["stream"], format!("process/{id}"), "{news}");
        let topic = news["message"]["topic"].as_str().unwrap().to_owned();
        if news["id"] == 1 { complete.push(topic) } else { life.push(topic) }
    }
    assert_eq!((complete.len(), life[0].as_str()), (1, "claude.spawn.request"));
    for id in [1, 2] {
        socket.say(json!({ "op": "unsubscribe", "id": id })).await;
        assert_eq!(socket.hear_news().await, json!({ "op": "unsubscribed", "id": id }));
    }
    let id = app.spawn("unheard").await;
    app.wait_for(&id, "COMPLETED").await;
    socket.say(json!({ "op": "ping", "id": "last" })).await;
    assert_eq!(socket.hear_news().await, json!({ "op": "pong", "id": "last" }));
    socket.say(json!({ "op": "unsubscribe", "id": 1 })).await;
    assert_eq!(socket.hear_news().await["status"], 404);
}

#[tokio::test]
async fn an_idle_cursor_moves_with_progress() {
    let app = TestApp::start();
    let mut socket = Socket::open(&app).await;
    socket.say(subscribe(1, "nobody.says.this", Some(0))).await;
    let id = app.spawn("anything").await;
    app.wait_for(&id, "COMPLETED").await;
    let last = app.head().await;
    loop {
        let heard = socket.hear().await;
        assert!(heard["op"] == "subscribed" || heard["op"] == "progress", "{heard}");
        if heard["position"].as_i64().is_some_and(|position| position >= last) {
            break;
        }
    }
}

#[tokio::test]
async fn a_cursor_from_elsewhere_is_gone() {
    let mut app = TestApp::start();
    let epoch = app.get("/info").await.1["epoch"].clone();
    app.restart().await;
    let head = app.head().await;
    let mut socket = Socket::open(&app).await;
    let with = |after: i64, epoch: &Value| json!({ "op": "subscribe", "id": 1, "topics": ["x.*"], "after": after, "epoch": epoch });
    for wrong in [with(0, &json!("other")), with(head + 1_000, &epoch)] {
        socket.say(wrong).await;
        let gone = socket.hear().await;
        assert_eq!((&gone["op"], &gone["epoch"]), (&json!("gone"), &epoch), "{gone}");
        assert!(gone["detail"].as_str().unwrap().contains("begin at 0"));
    }
    socket.say(with(0, &epoch)).await;
    assert_eq!(socket.hear().await["op"], "subscribed", "an epoch outlives a restart");
}

#[tokio::test]
async fn what_is_not_understood_is_answered_and_the_connection_stays() {
    let app = TestApp::start();
    let mut socket = Socket::open(&app).await;
    let wrong = [
        "",
        "nonsense",
        "[]",
        "{}",
        "null",
        "7",
        r#"{"op":"dance","id":1}"#,
        r#"{"op":"subscribe","id":1}"#,
        r#"{"op":"subscribe","topics":["a"]}"#,
        r#"{"op":"subscribe","id":1,"topics":[]}"#,
        r#"{"op":"subscribe","id":1,"topics":["a..b"]}"#,
        r#"{"op":"subscribe","id":1,"topics":["a"],"after":-1}"#,
        r#"{"op":"subscribe","id":1,"topics":["a"],"colour":"red"}"#,
        r#"{"op":"follow","id":1,"process_id":"../x"}"#,
        r#"{"op":"follow","id":1,"process_id":"x","offset":-1}"#,
        r#"{"op":"unsubscribe","id":1}"#,
    ];
    for text in wrong {
        socket.send(Message::text(text)).await;
        let heard = socket.hear().await;
        assert_eq!(heard["op"], "error", "{text}: {heard}");
        assert!(!heard["detail"].as_str().unwrap().is_empty());
    }
    let deep = "[".repeat(100_000);
    socket.send(Message::text(deep)).await;
    assert_eq!(socket.hear().await["op"], "error");
    socket.send(Message::binary(vec![0_u8, 255, 3])).await;
    assert!(socket.hear().await["detail"].as_str().unwrap().contains("JSON text"));
    socket.say(json!({ "op": "ping" })).await;
    assert_eq!(socket.hear().await, json!({ "op": "pong", "id": null }));
}

#[tokio::test]
async fn a_message_may_come_in_pieces() {
    let app = TestApp::start();
    let mut socket = Socket::open(&app).await;
    let text = json!({ "op": "ping", "id": "ä€𝄞" }).to_string();
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let kind = if index == 0 { Data::Text } else { Data::Continue };
        let is_last = index + 1 == bytes.len();
        socket.send(Message::Frame(Frame::message(vec![*byte], OpCode::Data(kind), is_last))).await;
        if index == 3 {
            socket.send(Message::Ping("in between".into())).await;
        }
    }
    assert_eq!(socket.hear().await, json!({ "op": "pong", "id": "ä€𝄞" }));
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_connection_with_its_code() {
    let app = TestApp::start();
    let frame = |kind, bytes: &[u8], is_last| {
        Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(kind), is_last))
    };
    let megabyte = vec![b'x'; 1 << 20];
    let breaches = [
        (vec![frame(Data::Text, b"\xff\xfe", true)], CloseCode::Invalid),
        (vec![frame(Data::Text, b"ok\xff", false)], CloseCode::Invalid),
        (vec![frame(Data::Continue, b"of nothing", true)], CloseCode::Protocol),
        (
            vec![frame(Data::Text, b"one", false), frame(Data::Text, b"two", true)],
            CloseCode::Protocol,
        ),
        (vec![frame(Data::Reserved(3), b"", true)], CloseCode::Protocol),
        (
            vec![frame(Data::Binary, &megabyte, false), frame(Data::Continue, b"more", true)],
            CloseCode::Size,
        ),
    ];
    for (number, (messages, code)) in breaches.into_iter().enumerate() {
        let mut socket = Socket::open(&app).await;
        for message in messages {
            socket.send(message).await;
        }
        assert_eq!(socket.end().await.map(|frame| frame.code), Some(code), "breach {number}");
    }
}

#[tokio::test]
async fn a_frame_that_is_too_long_is_refused_by_its_header() {
    use tokio::io::AsyncWriteExt;
    let app = TestApp::start();
    let mut socket = Socket::open(&app).await;
    // A masked text frame of 2^62 bytes, of which none is sent.
    let header = [0x81, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    socket.0.get_mut().write_all(&header).await.unwrap();
    assert_eq!(socket.end().await.map(|frame| frame.code), Some(CloseCode::Size));
}

#[tokio::test]
async fn only_pages_of_allowed_origins_may_connect() {
    let page = "https://board.example";
    let app = TestApp::with(|settings| settings.http.allowed_origins = vec![page.into()]);
    let own = format!("http://{}", app.address);
    for path in ["/ws", "/ws/echo"] {
        let path = format!("{path}?token={}", app.token);
        for origin in [None, Some(own.as_str()), Some(page)] {
            assert!(Socket::try_open(&app, &path, origin).await.is_ok(), "{origin:?}");
        }
        for origin in [
            "null",
            "https://evil.example",
            "http://127.0.0.1",
            &format!("{own}.evil.example"),
            &format!("https://{}", app.address),
        ] {
            let (status, body) = Socket::try_open(&app, &path, Some(origin)).await.err().unwrap();
            assert_eq!(status, 403, "{origin}");
            assert!(body.contains("http.allowed_origins"), "{body}");
        }
    }
}

#[tokio::test]
async fn who_speaks_no_websocket_is_told_so() {
    let app = TestApp::start();
    for path in ["/ws", "/ws/echo"] {
        crate::support::is_problem(&app.get(path).await, 400, &["WebSocket"]);
        crate::support::is_problem(&app.post(path, json!({})).await, 405, &["GET"]);
    }
}

#[tokio::test]
async fn an_id_that_every_frame_would_repeat_is_short() {
    let app = TestApp::start();
    let mut socket = Socket::open(&app).await;
    let long = "x".repeat(1_000_000);
    for said in [
        json!({ "op": "subscribe", "id": long, "topics": ["claude.>"], "after": 0 }),
        json!({ "op": "ping", "id": { "a": long } }),
        json!({ "op": "nonsense", "id": long }),
        json!({ "op": long }),
        json!({ "op": "subscribe", "id": 1, "topics": vec!["claude.>"; 10_000], "after": 0 }),
    ] {
        socket.say(said).await;
        let answer = socket.hear_news().await;
        assert_eq!((&answer["op"], &answer["status"]), (&json!("error"), &json!(400)));
        assert!(answer.to_string().len() < 1_000, "it is repeated");
    }
    socket.say(json!({ "op": "ping", "id": "x".repeat(200) })).await;
    assert_eq!(socket.hear_news().await["op"], "pong", "the connection stays");
}
