//! Redelivery by time, death, and what an operator does about it.

use super::subscriptions::{numbers, publish, subscribe};
use crate::support::{Socket, TestApp, is_problem};
use serde_json::{Value, json};

fn terms() -> Value {
    json!({ "subscriber": "me", "topics": ["lab"], "after": 0, "ack_wait_ms": 200, "max_deliveries": 2 })
}

/// The next message: its number, and how often it was delivered in vain.
async fn next(socket: &mut Socket) -> (i64, i64) {
    let heard = socket.hear().await;
    assert_eq!(heard["op"], "message", "{heard}");
    (heard["message"]["data"].as_i64().unwrap(), heard["retry_count"].as_i64().unwrap_or(0))
}

#[tokio::test]
async fn what_is_not_acknowledged_in_time_comes_again_in_order_and_then_is_dead() {
    let mut app = TestApp::start();
    let id = subscribe(&app, terms()).await;
    let mut positions = Vec::new();
    for number in 1..=2 {
        positions.push(publish(&app, "lab", number).await);
    }
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": id })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    let heard = [next(&mut socket).await, next(&mut socket).await];
    assert_eq!(heard, [(1, 0), (2, 0)]);
    let again = [next(&mut socket).await, next(&mut socket).await];
    assert_eq!(again, [(1, 1), (2, 0)], "the first one's lease ran out");
    assert_eq!(next(&mut socket).await, (2, 0), "the first one is dead, and holds up nobody");
    socket.say(json!({ "op": "ack", "id": 1, "position": positions[1] })).await;
    assert_eq!(socket.hear().await["op"], "acked");
    drop(socket);
    app.restart().await;
    let (_, dead) = app.get(&format!("/messages/dead?subscription={id}")).await;
    let letter = &dead["items"][0];
    assert_eq!(dead["items"].as_array().unwrap().len(), 1);
    assert_eq!((&letter["retry_count"], &letter["message"]["data"]), (&json!(2), &json!(1)));
    assert!(letter["error"].as_str().unwrap().contains("200 ms"), "{letter}");

    let path = format!("/messages/{}/retry?subscription={id}", positions[0]);
    assert_eq!(app.post(&path, json!({})).await.0, 202);
    is_problem(&app.post(&path, json!({})).await, 404, &["not dead"]);
    let third = publish(&app, "lab", 3).await;
    let page = app.get(&format!("/subscriptions/{id}/messages")).await.1;
    assert_eq!(numbers(&page), [1], "what was redriven stands before the others");
    let ack = format!("/subscriptions/{id}/ack");
    let (_, done) = app.post(&ack, json!({ "position": positions[0] })).await;
    assert_eq!(done["position"], positions[1], "the cursor stays");
    assert_eq!(numbers(&app.get(&format!("/subscriptions/{id}/messages")).await.1), [3]);
    app.post(&ack, json!({ "position": third })).await;
    assert_eq!(numbers(&app.get(&format!("/subscriptions/{id}/messages")).await.1), [0; 0]);
    assert_eq!(app.get("/messages/dead").await.1["items"], json!([]));
}

#[tokio::test]
async fn who_only_reconnects_uses_a_messages_deliveries_up_in_time() {
    let app = TestApp::start();
    let id = subscribe(&app, terms()).await;
    publish(&app, "lab", 1).await;
    let path = format!("/subscriptions/{id}/messages?wait_s=1");
    let began = std::time::Instant::now();
    let mut counts = Vec::new();
    loop {
        let page = app.get(&path).await.1;
        match page["items"].get(0) {
            Some(item) => counts.push(item["retry_count"].as_i64().unwrap_or(0)),
            None => break,
        }
        assert!(began.elapsed().as_secs() < 20, "it never dies: {counts:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(counts.len() > 4 && counts.is_sorted() && counts.last() == Some(&1), "{counts:?}");
    assert!(
        counts.iter().filter(|count| **count == 0).count() > 2,
        "reconnecting is free: {counts:?}"
    );
    let (_, dead) = app.get("/messages/dead").await;
    assert_eq!(dead["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_redriven_message_that_fails_again_is_dead_again() {
    let app = TestApp::start();
    let id = subscribe(&app, terms()).await;
    let position = publish(&app, "lab", 1).await;
    let mut socket = Socket::open(&app).await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": id })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    for round in 0..2 {
        assert_eq!(next(&mut socket).await, (1, 0), "round {round}");
        assert_eq!(next(&mut socket).await, (1, 1), "round {round}");
        let app = &app;
        crate::support::until("its death", || async move {
            let (_, dead) = app.get("/messages/dead").await;
            (!dead["items"].as_array().unwrap().is_empty()).then_some(())
        })
        .await;
        if round == 0 {
            assert_eq!(app.post(&format!("/messages/{position}/retry"), json!({})).await.0, 202);
        }
    }
}
