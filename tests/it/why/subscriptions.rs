//! Subscriptions and the messages that they have not handled: nobody takes them, nobody acknowledges them,
//! they are dead, they were redriven; and a cursor of another epoch.

use super::kit::Stage;
use crate::support::{Socket, until};
use insta::assert_snapshot;
use serde_json::json;

/// Makes the subscription `lab`, whose deliveries may take so long.
async fn lab(stage: &Stage, ack_wait_ms: u64) {
    let body = json!({
        "id": "lab", "subscriber": "me", "topics": ["lab.*"], "after": 0,
        "ack_wait_ms": ack_wait_ms, "max_deliveries": 2,
    });
    let (status, row) = stage.post("/subscriptions", body).await;
    assert_eq!(status, 201, "{row}");
}

/// Publishes, and calls the position by a name.
async fn publish(stage: &mut Stage, name: &str, number: usize) -> i64 {
    let body = json!({ "topic": "lab.x", "data": number });
    let position = stage.post("/messages", body).await.1["position"].as_i64().unwrap();
    stage.name_position(position, name);
    position
}

/// Waits until somebody, or nobody, takes its messages: what `why` says of it.
async fn says(stage: &Stage, situation: &str) {
    let look = || async {
        let answer = stage.get("/why/lab").await.1;
        (answer["situation"] == situation).then_some(())
    };
    until(situation, look).await;
}

async fn consume(stage: &Stage) -> Socket {
    let mut socket = Socket::open(&stage.app).await;
    socket.say(json!({ "op": "consume", "id": 1, "subscription": "lab" })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    socket
}

#[tokio::test]
async fn a_subscription_says_what_waits_and_for_whom() {
    let mut stage = Stage::start();
    lab(&stage, 3_600_000).await;
    assert_snapshot!("a_subscription_with_nothing_to_do", stage.why("lab").await);
    let first = publish(&mut stage, "FIRST", 1).await;
    publish(&mut stage, "SECOND", 2).await;
    assert_snapshot!("a_subscription_that_nobody_takes", stage.why("lab").await);
    assert_snapshot!("a_message_that_nobody_takes", stage.why(&first.to_string()).await);
    let shown = stage.follow("lab", "callboard messages").await;
    assert_eq!(shown.lines().count(), 2, "{shown}");

    let mut socket = consume(&stage).await;
    assert_eq!(socket.hear().await["message"]["position"], first);
    assert_snapshot!("a_subscription_that_is_not_acknowledged", stage.why("lab").await);
    drop(socket);
    says(&stage, "no_consumer").await;
    assert_snapshot!("a_subscription_whose_consumer_went", stage.why("lab").await);
    stage.follow("lab", "curl").await;
    let row = stage.get("/subscriptions/lab").await.1;
    assert_eq!(row["position"], first, "what was taken for handled does not come again");
    stage.app.stop().await;
    assert_snapshot!("a_subscription_on_a_dead_home", stage.why_without_a_server("lab").await);
    let message = stage.why_without_a_server(&first.to_string()).await;
    assert!(message.contains("1 subscription is past it"), "{message}");
}

#[tokio::test]
async fn whoever_took_a_message_in_a_request_has_it_in_his_hands_for_a_while() {
    let mut stage = Stage::start();
    lab(&stage, 3_600_000).await;
    publish(&mut stage, "FIRST", 1).await;
    let page = stage.get("/subscriptions/lab/messages").await.1;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_snapshot!("a_subscription_that_was_called_for", stage.why("lab").await);
}

#[tokio::test]
async fn a_dead_letter_says_what_it_died_of_and_how_it_comes_back() {
    let mut stage = Stage::start();
    lab(&stage, 200).await;
    let position = publish(&mut stage, "LETTER", 1).await;
    let mut socket = consume(&stage).await;
    for _ in 0..2 {
        assert_eq!(socket.hear().await["message"]["position"], position);
    }
    says(&stage, "dead_letters").await;
    drop(socket);
    until("the consumer to go", || async {
        let answer = stage.get("/why/lab").await.1;
        answer.to_string().contains("nobody takes").then_some(())
    })
    .await;
    assert_snapshot!("a_subscription_with_a_dead_letter", stage.why("lab").await);
    assert_snapshot!("a_dead_letter", stage.why(&position.to_string()).await);
    stage.follow(&position.to_string(), "curl").await;
    assert_snapshot!("a_subscription_with_a_redriven_letter", stage.why("lab").await);
    assert_snapshot!("a_redriven_letter", stage.why(&position.to_string()).await);
    let page = stage.get("/subscriptions/lab/messages").await.1;
    assert_eq!(page["items"][0]["position"], position, "it is delivered once more");
    stage.app.stop().await;
    let dead = stage.why_without_a_server(&position.to_string()).await;
    assert_snapshot!("a_redriven_letter_on_a_dead_home", dead);
}

#[tokio::test]
async fn a_cursor_of_another_epoch_says_how_it_is_made_anew() {
    let mut stage = Stage::start();
    lab(&stage, 30_000).await;
    publish(&mut stage, "FIRST", 1).await;
    let database = stage.home().join("callboard.db");
    stage
        .app
        .stop_and(|| {
            let restored = "UPDATE meta SET value = 'another' WHERE key = 'epoch'";
            rusqlite::Connection::open(&database).unwrap().execute_batch(restored).unwrap();
        })
        .await;
    assert_snapshot!("a_subscription_of_another_epoch", stage.why("lab").await);
    let answer = stage.get("/why/lab").await.1;
    for verb in ["curl -X DELETE", "curl -X POST"] {
        stage.do_one(&answer, verb);
    }
    says(&stage, "no_consumer").await;
}

#[tokio::test]
async fn a_paused_subscription_says_since_when_and_how_it_goes_on() {
    let mut stage = Stage::start();
    lab(&stage, 3_600_000).await;
    let first = publish(&mut stage, "FIRST", 1).await;
    for _ in 0..2 {
        assert_eq!(stage.post("/subscriptions/lab/pause", json!({})).await.0, 200);
    }
    assert_snapshot!("a_paused_subscription", stage.why("lab").await);
    let answer = stage.get("/why/lab").await.1;
    let row = stage.get("/subscriptions/lab").await.1;
    assert_eq!(answer["since"], row["paused_at"], "since the first time: {answer}");
    let message = stage.why(&first.to_string()).await;
    assert!(message.contains(", and is paused"), "{message}");
    stage.follow("lab", "curl").await;
    says(&stage, "no_consumer").await;
    let row = stage.get("/subscriptions/lab").await.1;
    assert_eq!((&row["active"], &row["paused_at"]), (&json!(true), &json!(null)));
}

#[tokio::test]
async fn a_refused_message_says_when_it_comes_again() {
    let mut stage = Stage::start();
    lab(&stage, 3_600_000).await;
    let first = publish(&mut stage, "FIRST", 1).await;
    stage.get("/subscriptions/lab/messages").await;
    let nack = json!({ "position": first, "error": "no oven", "delay_ms": 3_600_000 });
    assert_eq!(stage.post("/subscriptions/lab/nack", nack).await.0, 200);
    let answer = stage.get("/why/lab").await.1;
    assert_eq!(answer["situation"], "refused", "{answer}");
    let because = answer["because"].to_string();
    assert!(because.contains("comes again in 1 h") || because.contains("59"), "{because}");
}
