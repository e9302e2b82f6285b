//! Messages: refused, carried out, brought about, and what is known by the same id.

use super::kit::Stage;
use insta::assert_snapshot;
use serde_json::{Value, json};

fn text(message: &Value, field: &str) -> String {
    message[field].as_str().map_or_else(|| message[field].to_string(), str::to_owned)
}

#[tokio::test]
async fn a_refused_command_says_why_by_its_position_and_by_its_id() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "hello", "COMPLETED").await;
    stage.post(&format!("/processes/{id}/cancel"), json!({})).await;
    let refused = stage.position(&format!("process/{id}"), |m| m["status"] == "failed").await;
    let (position, message_id) = (text(&refused, "position"), text(&refused, "message_id"));
    stage.name(&message_id, "MESSAGE");
    stage.name(&format!("message {position} "), "message POSITION");
    stage.name(&format!("\"id\": \"{position}\""), "id POSITION");
    let by_position = stage.why(&position).await;
    assert_snapshot!(by_position);
    assert_eq!(stage.why(&message_id).await, by_position);
}

#[tokio::test]
async fn events_go_back_to_their_command_and_commands_say_what_came_of_them() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "hello", "COMPLETED").await;
    let row = stage.get(&format!("/processes/{id}")).await.1;
    stage.name(row["session_id"].as_str().unwrap(), "SESSION");
    let stream = format!("process/{id}");
    for (event_type, name) in
        [("END_ATTEMPT", "a_command_that_was_carried_out"), ("SPAWN_SUCCESS", "an_event")]
    {
        let message = stage.position(&stream, |m| m["event_type"] == event_type).await;
        let position = text(&message, "position");
        let mut known = vec![position.clone()];
        known.extend(message["causation_id"].as_i64().map(|cause| cause.to_string()));
        for known in known {
            stage.name(&format!("message {known} "), "message POSITION");
            stage.name(&format!("why {known} "), "why POSITION");
            stage.name(&format!("step {known}\n"), "step POSITION");
            stage.name(&format!("\"id\": \"{known}\""), "id POSITION");
            stage.name(&format!("callboard why {known}\""), "why POSITION");
        }
        assert_snapshot!(name, stage.why(&position).await);
    }
}

#[tokio::test]
async fn what_was_done_to_an_entity_is_a_message_too() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "for ever", "RUNNING").await;
    let path = format!("processes/{id}");
    stage.order(&path, "suspend").await;
    stage.parked(&path).await;
    let fact = stage.position(&format!("process/{id}"), |m| m["kind"] == "fact").await;
    let position = text(&fact, "position");
    stage.name(&format!("message {position} "), "message POSITION");
    stage.name(&format!("\"id\": \"{position}\""), "id POSITION");
    assert_snapshot!("a_fact", stage.why(&position).await);
    stage.name("message 1 ", "message POSITION");
    assert_snapshot!("a_publication", stage.why("1").await);
}

#[tokio::test]
async fn everything_that_is_known_by_an_id_is_told() {
    let mut stage = Stage::start();
    let id = stage.spawn_in("ID", "hello", Some("1")).await;
    stage.wait_for(&id, "COMPLETED").await;
    let told = stage.why("1").await;
    assert!(told.starts_with("session 1 is at rest"), "{told}");
    assert!(
        told.contains("\n\nalso: message 1 was published on claude.system.supervision"),
        "{told}"
    );
}
