//! Consumers that refuse a message, and operators who pause a subscription.

use super::subscriptions::{numbers, publish, subscribe};
use crate::support::{Client, Socket, TestApp, is_problem};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn terms(ack_wait_ms: u64) -> Value {
    json!({
        "id": "work", "subscriber": "me", "topics": ["lab"], "after": 0, "ack_wait_ms": ack_wait_ms,
        "max_deliveries": 2,
    })
}

async fn look(app: &Client) -> Vec<i64> {
    numbers(&app.get("/subscriptions/work/messages").await.1)
}

async fn refuse(app: &Client, position: i64, delay_ms: u64) -> (reqwest::StatusCode, Value) {
    let body = json!({ "position": position, "error": "no oven", "delay_ms": delay_ms });
    app.post("/subscriptions/work/nack", body).await
}

#[tokio::test]
async fn a_refused_message_comes_again_after_its_delay_in_order_and_then_is_dead_with_its_error() {
    let app = TestApp::start();
    subscribe(&app, terms(60_000)).await;
    let first = publish(&app, "lab", 1).await;
    let second = publish(&app, "lab", 2).await;
    assert_eq!(look(&app).await, [1, 2]);
    let (status, refused) = refuse(&app, first, 400).await;
    assert_eq!(status, 200, "{refused}");
    let told = json!({ "id": "work", "position": 0, "retry_count": 1, "status": "pending" });
    assert_eq!(refused, told);
    assert_eq!(look(&app).await, [0; 0], "nothing overtakes it");
    let began = Instant::now();
    let (_, page) = app.get("/subscriptions/work/messages?wait_s=10").await;
    assert_eq!(numbers(&page), [1, 2]);
    assert_eq!((&page["items"][0]["retry_count"], &page["active"]), (&json!(1), &json!(true)));
    assert!(began.elapsed() < Duration::from_secs(5), "its time had come");
    let (_, refused) = refuse(&app, first, 0).await;
    assert_eq!((&refused["retry_count"], &refused["status"]), (&json!(2), &json!("failed")));
    assert_eq!(refused["position"], first, "the cursor has passed it");
    assert_eq!(look(&app).await, [2], "it holds up nobody");
    let (_, dead) = app.get("/messages/dead?subscription=work").await;
    let letter = &dead["items"][0];
    assert_eq!((&letter["error"], &letter["retry_count"]), (&json!("no oven"), &json!(2)));
    app.post("/subscriptions/work/ack", json!({ "position": second })).await;
    assert_eq!(look(&app).await, [0; 0]);
}

#[tokio::test]
async fn what_one_request_took_is_settled_one_by_one_some_acknowledged_and_some_refused() {
    let app = TestApp::start();
    subscribe(&app, terms(60_000)).await;
    let mut positions = Vec::new();
    for number in 1..=3 {
        positions.push(publish(&app, "lab", number).await);
    }
    assert_eq!(look(&app).await, [1, 2, 3]);
    app.post("/subscriptions/work/ack", json!({ "position": positions[0] })).await;
    let (_, why) = app.get("/why/work").await;
    assert_eq!(why["situation"], "unacknowledged", "it is in somebody's hands: {why}");
    let oldest = format!("the oldest that is under way is {}", positions[1]);
    is_problem(&refuse(&app, positions[2], 0).await, 409, &[&oldest]);
    let (status, refused) = refuse(&app, positions[1], 0).await;
    assert_eq!((status.as_u16(), &refused["retry_count"]), (200, &json!(1)), "{refused}");
    assert_eq!(look(&app).await, [2, 3]);
}

#[tokio::test]
async fn a_delivery_is_refused_once_however_many_refuse_it_at_the_same_time() {
    let app = TestApp::start();
    subscribe(&app, terms(60_000)).await;
    let first = publish(&app, "lab", 1).await;
    assert_eq!(look(&app).await, [1]);
    let all = futures::future::join_all((0..20).map(|_| refuse(&app, first, 0))).await;
    let taken: Vec<_> = all.iter().filter(|(status, _)| status.is_success()).collect();
    assert_eq!(taken.len(), 1, "{all:?}");
    assert_eq!(taken[0].1["status"], "pending", "another delivery is left");
}

#[tokio::test]
async fn delays_and_counts_outlive_the_server() {
    let mut app = TestApp::start();
    subscribe(&app, terms(60_000)).await;
    let first = publish(&app, "lab", 1).await;
    assert_eq!(look(&app).await, [1]);
    assert_eq!(refuse(&app, first, 3_600_000).await.0, 200);
    app.restart().await;
    assert_eq!(look(&app).await, [0; 0]);
    is_problem(&refuse(&app, first, 0).await, 409, &["nothing is under way"]);
    // An acknowledgement settles what was refused.
    assert_eq!(app.post("/subscriptions/work/ack", json!({ "position": first })).await.0, 200);
    let second = publish(&app, "lab", 2).await;
    assert_eq!(look(&app).await, [2]);
    assert_eq!(refuse(&app, second, 0).await.1["retry_count"], 1);
}

#[tokio::test]
async fn over_a_socket_all_behind_the_refused_one_comes_again() {
    let app = TestApp::start();
    subscribe(&app, terms(60_000)).await;
    let mut positions = Vec::new();
    for number in 1..=3 {
        positions.push(publish(&app, "lab", number).await);
    }
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": "work" })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    for number in 1..=3 {
        assert_eq!(socket.hear().await["message"]["data"], number);
    }
    let nack =
        |position: i64| json!({ "op": "nack", "id": 1, "position": position, "delay_ms": 50 });
    socket.say(nack(positions[1])).await;
    let refused = socket.hear().await;
    assert_eq!((&refused["op"], &refused["status"]), (&json!("error"), &json!(409)));
    let oldest = format!("the oldest that is under way is {}", positions[0]);
    assert!(refused["detail"].as_str().unwrap().contains(&oldest), "{refused}");
    socket.say(json!({ "op": "ack", "id": 1, "position": positions[0] })).await;
    assert_eq!(socket.hear().await["op"], "acked");
    socket.say(nack(positions[1])).await;
    let nacked = socket.hear().await;
    assert_eq!((&nacked["op"], &nacked["status"]), (&json!("nacked"), &json!("pending")));
    let again = [socket.hear().await, socket.hear().await];
    let heard =
        again.each_ref().map(|m| (m["message"]["data"].as_i64(), m["retry_count"].as_i64()));
    assert_eq!(heard, [(Some(2), Some(1)), (Some(3), None)]);
    socket.say(nack(positions[1])).await;
    assert_eq!(socket.hear().await["status"], "failed");
    assert_eq!(socket.hear().await["message"]["data"], 3);
    // What was redriven by hand may be refused as well.
    let redrive = format!("/messages/{}/retry", positions[1]);
    assert_eq!(app.post(&redrive, json!({})).await.0, 202);
    for retry_count in [None, Some(1)] {
        let heard = socket.hear().await;
        assert_eq!(heard["message"]["data"], 2, "{heard}");
        assert_eq!(heard["retry_count"].as_i64(), retry_count);
        socket.say(nack(positions[1])).await;
        assert_eq!(socket.hear().await["op"], "nacked");
        // With it comes what stands behind the cursor.
        assert_eq!(socket.hear().await["message"]["data"], 3);
    }
    let (_, dead) = app.get("/messages/dead").await;
    assert_eq!(dead["items"].as_array().unwrap().len(), 1);
    socket.say(json!({ "op": "nack", "id": 1, "position": 1, "delay_ms": 86_400_001 })).await;
    assert!(socket.hear().await["detail"].as_str().unwrap().contains("delay_ms"));
}

#[tokio::test]
async fn over_a_socket_a_refusal_need_not_wait_for_the_answer_to_what_was_acknowledged_before() {
    let app = TestApp::start();
    subscribe(&app, terms(60_000)).await;
    let positions = [publish(&app, "lab", 1).await, publish(&app, "lab", 2).await];
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": "work" })).await;
    for _ in 0..3 {
        socket.hear().await;
    }
    socket.say(json!({ "op": "ack", "id": 1, "position": positions[0] })).await;
    socket.say(json!({ "op": "nack", "id": 1, "position": positions[1], "delay_ms": 0 })).await;
    assert_eq!(socket.hear().await["op"], "acked");
    assert_eq!(socket.hear().await["op"], "nacked");
    assert_eq!(socket.hear().await["message"]["position"], positions[1]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words() {
    let app = TestApp::start();
    is_problem(&refuse(&app, 1, 0).await, 404, &["no subscription work"]);
    subscribe(&app, terms(60_000)).await;
    let first = publish(&app, "lab", 1).await;
    is_problem(&refuse(&app, first, 0).await, 409, &["nothing is under way"]);
    assert_eq!(look(&app).await, [1]);
    let long = json!({ "position": first, "error": "x".repeat(2_001) });
    is_problem(&app.post("/subscriptions/work/nack", long).await, 422, &["2001 bytes"]);
    let stale = json!({ "position": first, "epoch": "another" });
    is_problem(&app.post("/subscriptions/work/nack", stale).await, 410, &[]);
    app.post("/subscriptions/work/ack", json!({ "position": first })).await;
    is_problem(&refuse(&app, first, 0).await, 409, &["settled"]);
}

#[tokio::test]
async fn a_paused_subscription_delivers_nothing_and_uses_nothing_up_until_it_is_resumed() {
    let mut app = TestApp::start();
    subscribe(&app, terms(300)).await;
    let first = publish(&app, "lab", 1).await;
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": "work" })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    assert_eq!(socket.hear().await["message"]["position"], first);
    let (status, row) = app.post("/subscriptions/work/pause", json!({})).await;
    assert_eq!((status.as_u16(), &row["active"]), (200, &json!(false)));
    publish(&app, "lab", 2).await;
    // Twice the lease.
    tokio::time::sleep(Duration::from_millis(700)).await;
    socket.say(json!({ "op": "ping" })).await;
    assert_eq!(socket.hear().await["op"], "pong", "nothing was delivered");
    let (_, row) = app.post("/subscriptions/work/resume", json!({})).await;
    assert_eq!(row["active"], true);
    let heard = socket.hear().await;
    assert_eq!((&heard["message"]["data"], &heard["retry_count"]), (&json!(1), &Value::Null));
    assert_eq!(socket.hear().await["message"]["data"], 2);
    drop(socket);
    app.post("/subscriptions/work/pause", json!({})).await;
    app.restart().await;
    let (_, page) = app.get("/subscriptions/work/messages").await;
    assert_eq!((numbers(&page), &page["active"]), (Vec::new(), &json!(false)));
    // What is done is done, paused or not.
    let (_, done) = app.post("/subscriptions/work/ack", json!({ "position": first })).await;
    assert_eq!(done["position"], first);
    let waiting = app.get("/subscriptions/work/messages?wait_s=20");
    let resume = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        app.post("/subscriptions/work/resume", json!({})).await
    };
    let ((_, page), _) = tokio::join!(waiting, resume);
    assert_eq!((numbers(&page), &page["active"]), (vec![2], &json!(true)));
    is_problem(&app.post("/subscriptions/none/pause", json!({})).await, 404, &["none"]);
}

#[tokio::test]
async fn whoever_asks_for_a_head_takes_nothing_from_anybody() {
    let app = TestApp::start();
    subscribe(&app, terms(60_000)).await;
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": "work" })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    let head = app.ask(Method::HEAD, "/subscriptions/work/messages").send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()["allow"]), (405, &"GET".parse().unwrap()));
    let first = publish(&app, "lab", 1).await;
    assert_eq!(socket.hear().await["message"]["position"], first, "it has its seat still");
}
