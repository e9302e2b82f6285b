//! `POST /messages`: what clients may say, and how often it is heard.

use crate::support::{TestApp, is_problem};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_published_is_heard_on_its_topic_with_all_that_was_said() {
    let app = TestApp::start();
    let correlation = "0191d2a0-7c3b-7000-8000-3f2a1b4c5d6e";
    let body = json!({
        "topic": "lab.results.blue", "event_type": "MEASURED", "correlation_id": correlation,
        "data": { "value": 3.5, "words": ["ä", "€"] },
    });
    let (status, receipt) = app.post("/messages", body).await;
    assert_eq!(status, 202, "{receipt}");
    let (_, heard) = app.get("/messages?topic=lab.%3E").await;
    let message = &heard["items"][0];
    assert_eq!(message["position"], receipt["position"]);
    assert_eq!(message["message_id"], receipt["message_id"]);
    assert_eq!(
        (&message["kind"], &message["event_type"]),
        (&json!("publication"), &json!("MEASURED"))
    );
    assert_eq!(message["data"], json!({ "value": 3.5, "words": ["ä", "€"] }));
    assert_eq!(message["correlation_id"], correlation);
}

#[tokio::test]
async fn a_message_under_a_key_is_published_once_also_over_a_restart() {
    let mut app = TestApp::start();
    let mut first = Value::Null;
    for round in 0..3 {
        let request = app.ask(Method::POST, "/messages").header("Idempotency-Key", "k");
        let answer = request.json(&json!({ "topic": "a.b", "data": 1 })).send().await.unwrap();
        let receipt: Value = answer.json().await.unwrap();
        if round == 0 {
            first = receipt;
        } else {
            assert_eq!(receipt, first);
            app.restart().await;
        }
    }
    let request = app.ask(Method::POST, "/messages").header("Idempotency-Key", "k");
    let other = request.json(&json!({ "topic": "a.b", "data": 2 })).send().await.unwrap();
    assert_eq!(other.status(), 422);
    let (_, heard) = app.get("/messages?topic=a.b").await;
    assert_eq!(heard["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_spawn_may_be_ordered_by_a_message() {
    let app = TestApp::start();
    let body = json!({ "topic": "claude.spawn.request", "data": { "prompt": "hello" } });
    let (status, receipt) = app.post("/messages", body).await;
    assert_eq!(status, 202, "{receipt}");
    app.wait_for(receipt["process_id"].as_str().unwrap(), "COMPLETED").await;
}

#[tokio::test]
async fn what_may_not_be_said_is_refused_in_words() {
    let app = TestApp::start();
    let post =
        |topic: &str, data: Value| app.post("/messages", json!({ "topic": topic, "data": data }));
    is_problem(&post("claude.spawn.complete", json!({})).await, 422, &["claude.spawn.request"]);
    is_problem(&post("claude.mine", json!({})).await, 422, &["the house's own"]);
    is_problem(&post("claude.agent.message", json!({ "data": 1 })).await, 422, &["`to`"]);
    is_problem(&post("claude.agent.message", json!({ "to": "x", "data": 1 })).await, 404, &["x"]);
    is_problem(&post("claude.spawn.request", json!({ "promt": 1 })).await, 422, &["promt"]);
    for topic in ["", "a..b", "a.*", "a.>", "a b", "a.%", ".", &"x".repeat(300)] {
        is_problem(&post(topic, json!({})).await, 422, &["no topic to publish on"]);
    }
    is_problem(&post("a", json!("x".repeat(10_000))).await, 413, &["10000"]);
    assert_eq!(post("a", json!("x".repeat(9_998))).await.0, 202);
    let no_data = app.post("/messages", json!({ "topic": "a" })).await;
    is_problem(&no_data, 422, &["data"]);
    let bad = json!({ "topic": "a", "data": 1, "correlation_id": "x" });
    is_problem(&app.post("/messages", bad).await, 422, &[]);
    let path = "/messages?topic=claude.spawn.%3E,claude.agent.%3E,claude.mine";
    assert_eq!(app.get(path).await.1["items"], json!([]));
}
