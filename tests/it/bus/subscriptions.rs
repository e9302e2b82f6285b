//! Durable subscriptions: cursors, acknowledgements, one consumer at a time, epochs.

use crate::support::{Socket, TestApp, is_problem};
use reqwest::Method;
use serde_json::{Value, json};

pub(super) async fn publish(app: &TestApp, topic: &str, number: usize) -> i64 {
    let (_, receipt) = app.post("/messages", json!({ "topic": topic, "data": number })).await;
    receipt["position"].as_i64().unwrap()
}

pub(super) async fn subscribe(app: &TestApp, terms: Value) -> String {
    let (status, row) = app.post("/subscriptions", terms).await;
    assert_eq!(status, 201, "{row}");
    row["id"].as_str().unwrap().to_owned()
}

pub(super) fn numbers(page: &Value) -> Vec<i64> {
    page["items"].as_array().unwrap().iter().map(|item| item["data"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_subscription_goes_on_where_it_acknowledged_over_restarts() {
    let mut app = TestApp::start();
    let id = subscribe(&app, json!({ "subscriber": "me", "topics": ["lab.*"], "after": 0 })).await;
    let mut positions = Vec::new();
    for number in 0..5 {
        positions.push(publish(&app, "lab.x", number).await);
        publish(&app, "other", number).await;
    }
    let path = format!("/subscriptions/{id}");
    let page = app.get(&format!("{path}/messages?limit=3")).await.1;
    assert_eq!(numbers(&page), [0, 1, 2]);
    assert_eq!(numbers(&app.get(&format!("{path}/messages")).await.1), [0, 1, 2, 3, 4]);
    let ack = json!({ "position": positions[2], "epoch": page["epoch"] });
    let (status, done) = app.post(&format!("{path}/ack"), ack).await;
    assert_eq!((status.as_u16(), &done["position"]), (200, &json!(positions[2])));
    for _ in 0..2 {
        assert_eq!(numbers(&app.get(&format!("{path}/messages")).await.1), [3, 4]);
        // An older acknowledgement takes nothing back.
        app.post(&format!("{path}/ack"), json!({ "position": positions[0] })).await;
        app.restart().await;
    }
    let (_, row) = app.get(&path).await;
    assert_eq!((&row["position"], &row["subscriber"]), (&json!(positions[2]), &json!("me")));
}

#[tokio::test]
async fn the_same_subscriber_that_wants_the_same_has_the_same_subscription() {
    let app = TestApp::start();
    let terms = json!({ "subscriber": "me", "topic_pattern": "claude.spawn.%" });
    let id = subscribe(&app, terms.clone()).await;
    let (status, again) = app.post("/subscriptions", terms).await;
    assert_eq!((status.as_u16(), &again["id"]), (200, &json!(id)));
    let other = subscribe(&app, json!({ "id": "mine", "subscriber": "me", "topics": ["a"] })).await;
    assert_eq!(other, "mine");
    let taken = json!({ "id": "mine", "subscriber": "you", "topics": ["a"] });
    is_problem(&app.post("/subscriptions", taken).await, 409, &["mine", "me"]);
    let (_, page) = app.get("/subscriptions?subscriber=me").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(app.get("/subscriptions?subscriber=you").await.1["items"], json!([]));
    let deleted = app.ask(Method::DELETE, "/subscriptions/mine").send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    is_problem(&app.get("/subscriptions/mine").await, 404, &["mine"]);
    is_problem(&app.get("/subscriptions/mine/messages").await, 404, &["mine"]);
}

#[tokio::test]
async fn a_long_poll_waits_for_what_comes() {
    let app = TestApp::start();
    let id = subscribe(&app, json!({ "subscriber": "me", "topics": ["lab.>"] })).await;
    let path = format!("/subscriptions/{id}/messages");
    assert_eq!(numbers(&app.get(&path).await.1), [0; 0]);
    let waiting = format!("{path}?wait_s=20");
    let poll = app.get(&waiting);
    let publish = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        publish(&app, "lab.x.y", 7).await
    };
    let ((_, page), _) = tokio::join!(poll, publish);
    assert_eq!(numbers(&page), [7]);
}

#[tokio::test]
async fn the_newest_consumer_has_the_seat() {
    let app = TestApp::start();
    let id = subscribe(&app, json!({ "subscriber": "me", "topics": ["lab"], "after": 0 })).await;
    let consume = json!({ "op": "consume", "id": 1, "subscription": id });
    let (mut first, mut second) = (Socket::open(&app).await, Socket::open(&app).await);
    first.say(consume.clone()).await;
    assert_eq!(first.hear().await["op"], "consuming");
    let position = publish(&app, "lab", 1).await;
    assert_eq!(first.hear().await["message"]["position"], position);
    second.say(consume.clone()).await;
    assert_eq!(second.hear().await["op"], "consuming");
    assert_eq!(second.hear().await["message"]["position"], position, "it was not acknowledged");
    assert_eq!(first.hear().await["op"], "consume_end");
    second.say(json!({ "op": "ack", "id": 1, "position": position })).await;
    assert_eq!(second.hear().await["op"], "acked");
    first.say(consume).await;
    assert_eq!(first.hear().await["position"], position);
    assert_eq!(second.hear().await["op"], "consume_end");
    let next = publish(&app, "lab", 2).await;
    assert_eq!(first.hear().await["message"]["position"], next, "nothing again");
    let deleted = app.ask(Method::DELETE, &format!("/subscriptions/{id}")).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    let end = first.hear().await;
    assert!(end["detail"].as_str().unwrap().contains("deleted"), "{end}");
}

#[tokio::test]
async fn in_a_restored_journal_old_cursors_are_gone() {
    let mut app = TestApp::start();
    let id = subscribe(&app, json!({ "subscriber": "me", "topics": ["lab"], "after": 0 })).await;
    publish(&app, "lab", 1).await;
    app.stop().await;
    let database = rusqlite::Connection::open(app.home().join("callboard.db")).unwrap();
    database.execute("UPDATE meta SET value = 'another' WHERE key = 'epoch'", []).unwrap();
    drop(database);
    app.start_again();
    let path = format!("/subscriptions/{id}");
    is_problem(&app.get(&format!("{path}/messages")).await, 410, &["restored", "make it anew"]);
    is_problem(&app.post(&format!("{path}/ack"), json!({ "position": 1 })).await, 410, &[]);
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": id })).await;
    let heard = socket.hear().await;
    assert_eq!((&heard["op"], &heard["epoch"]), (&json!("gone"), &json!("another")));
    app.ask(Method::DELETE, &path).send().await.unwrap();
    let id = subscribe(&app, json!({ "subscriber": "me", "topics": ["lab"], "after": 0 })).await;
    let (_, page) = app.get(&format!("/subscriptions/{id}/messages")).await;
    assert_eq!(numbers(&page), [1]);
    let stale = json!({ "position": 1, "epoch": "the one before" });
    is_problem(&app.post(&format!("/subscriptions/{id}/ack"), stale).await, 410, &[]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words() {
    let app = TestApp::start();
    let post = |body: Value| app.post("/subscriptions", body);
    is_problem(&post(json!({ "subscriber": "me" })).await, 422, &["topics is empty"]);
    is_problem(&post(json!({ "subscriber": "a b", "topics": ["a"] })).await, 422, &["a b"]);
    is_problem(
        &post(json!({ "subscriber": "me", "topics": ["a..b"] })).await,
        422,
        &["a level is empty"],
    );
    let with = |name: &str, value: Value| {
        let mut body = json!({ "subscriber": "me", "topics": ["a"] });
        body[name] = value;
        body
    };
    is_problem(&post(with("ack_wait_ms", json!(1))).await, 422, &["100 to"]);
    is_problem(&post(with("max_deliveries", json!(0))).await, 422, &["1 to 1000"]);
    is_problem(&post(with("after", json!(9_999))).await, 422, &["head"]);
    is_problem(&post(with("after", json!(-1))).await, 422, &["head"]);
    let id = subscribe(&app, with("after", json!(0))).await;
    let ack = |position: i64| {
        let path = format!("/subscriptions/{id}/ack");
        let app = &app;
        async move { app.post(&path, json!({ "position": position })).await }
    };
    is_problem(&ack(9_999).await, 422, &["the journal ends at"]);
    is_problem(&ack(-1).await, 422, &["-1"]);
    is_problem(&app.post("/messages/1/retry", json!({})).await, 404, &["not dead"]);
    is_problem(&app.post("/messages/x/retry", json!({})).await, 400, &["position"]);
    is_problem(&app.get("/messages/dead?limit=0").await, 400, &["limit"]);
}

#[tokio::test]
async fn a_rebuild_of_read_models_leaves_cursors_and_shared_state_alone() {
    let mut app = TestApp::start();
    let id = subscribe(&app, json!({ "subscriber": "me", "topics": ["lab"], "after": 0 })).await;
    let first = publish(&app, "lab", 1).await;
    publish(&app, "lab", 2).await;
    app.post(&format!("/subscriptions/{id}/ack"), json!({ "position": first })).await;
    app.post("/agents", json!({ "id": "ada", "profile": "coder" })).await;
    app.ask(Method::PUT, "/state/k").json(&json!(7)).send().await.unwrap();
    let before = app.get("/agents/ada").await.1;
    app.stop().await;
    let home = callboard_actors::journal::Home::open(&app.home(), None).unwrap();
    let settings = callboard_actors::journal::JournalSettings::default();
    let tables = callboard_actors::system::rebuild_tables();
    let rebuilt = callboard_actors::journal::rebuild(&home, &settings, &tables).unwrap();
    assert_eq!((rebuilt.rows, rebuilt.unreadable.len()), (1, 0));
    drop(home);
    app.start_again();
    assert_eq!(app.get("/agents/ada").await.1, before);
    assert_eq!(app.get("/state/k").await.1, json!(7));
    assert_eq!(numbers(&app.get(&format!("/subscriptions/{id}/messages")).await.1), [2]);
}
