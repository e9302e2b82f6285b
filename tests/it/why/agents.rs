//! Agents: at rest, connected, busy, with a mailbox that nobody empties, parked, and gone.

use super::kit::{Stage, said};
use super::plain::Plain;
use crate::support::{Server, Socket, until};
use insta::assert_snapshot;
use reqwest::{Method, StatusCode};
use serde_json::json;

/// Registers ada.
async fn ada(stage: &Stage) {
    let body = json!({ "id": "ada", "profile": "coder", "display_name": "Ada" });
    let (status, row) = stage.post("/agents", body).await;
    assert_eq!(status, StatusCode::CREATED, "{row}");
}

async fn write(stage: &Stage, text: &str) -> i64 {
    let body = json!({ "from": "boss", "event_type": "REVIEW", "data": text });
    let (status, receipt) = stage.post("/agents/ada/messages", body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    receipt["position"].as_i64().unwrap()
}

/// Waits until ada is this.
async fn is(stage: &Stage, wanted: &str) {
    let look = || async {
        let row = stage.get("/agents/ada").await.1;
        (row["status"] == wanted).then_some(())
    };
    until(wanted, look).await;
}

async fn connect(stage: &Stage) -> Socket {
    let mut socket = Socket::open(&stage.app).await;
    socket.say(json!({ "op": "connect", "id": 1, "agent_id": "ada" })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    socket
}

/// Spawns on behalf of ada.
async fn spawn(stage: &mut Stage, name: &str, prompt: &str) -> String {
    let id = stage.spawn_with(json!({ "prompt": prompt, "agent_id": "ada" })).await;
    stage.name(&id, name);
    id
}

#[tokio::test]
async fn an_agent_at_rest_says_who_spoke_for_it_and_what_waits() {
    let mut stage = Stage::start();
    ada(&stage).await;
    assert_snapshot!("an_agent_that_was_never_there", stage.why("ada").await);
    drop(connect(&stage).await);
    is(&stage, "inactive").await;
    write(&stage, "one").await;
    let second = write(&stage, "two").await;
    stage.name_position(second, "SECOND");
    stage.name_position(second - 1, "ITS COMMAND");
    assert_snapshot!("a_letter_that_waits", stage.why(&second.to_string()).await);
    assert_snapshot!("an_agent_with_mail", stage.why("ada").await);
    assert!(stage.follow("ada", "callboard agents show").await.contains("2 messages wait"));
    let actor = stage.why("/agents/ada").await;
    // It falls asleep when it wants to.
    let asleep = "its actor is asleep: it is woken when it is told something";
    assert_snapshot!("an_agent_as_an_actor", actor.replace(asleep, "its actor is in memory"));
    stage.app.stop().await;
    assert_snapshot!("an_agent_on_a_dead_home", stage.why_without_a_server("ada").await);
}

#[tokio::test]
async fn an_agent_that_is_connected_says_what_it_has_not_acknowledged() {
    let mut stage = Stage::start();
    ada(&stage).await;
    let mut socket = connect(&stage).await;
    let position = write(&stage, "one").await;
    assert_eq!(socket.hear().await["message"]["position"], position);
    assert_snapshot!("an_agent_with_mail_in_its_hands", stage.why("ada").await);
    socket.say(json!({ "op": "ack", "id": 1, "position": position })).await;
    assert_eq!(socket.hear().await["op"], "acked");
    assert_snapshot!("an_agent_that_is_connected", stage.why("ada").await);
    stage.app.stop().await;
    assert_snapshot!("an_agent_whose_server_went", stage.why_without_a_server("ada").await);
}

#[tokio::test]
async fn an_agent_at_work_names_its_processes_and_then_what_they_cost() {
    let mut stage = Stage::narrow();
    ada(&stage).await;
    let done = spawn(&mut stage, "DONE", "hello").await;
    stage.wait_for(&done, "COMPLETED").await;
    let running = spawn(&mut stage, "RUNNING", "for ever").await;
    spawn(&mut stage, "QUEUED", "hopeless").await;
    is(&stage, "busy").await;
    stage.wait_for(&running, "RUNNING").await;
    assert_snapshot!("an_agent_at_work", stage.why("ada").await);
    stage.follow("ada", "callboard cancel").await;
    let dead = || async {
        let row = stage.get("/agents/ada").await.1;
        (row["metrics"]["failed"] == 1).then_some(())
    };
    until("the agent to hear that its process is dead", dead).await;
    assert_snapshot!("an_agent_that_has_paid", stage.why("ada").await);
}

#[tokio::test]
async fn an_agent_that_is_kept_from_acting_says_by_whom() {
    let mut stage = Stage::start();
    ada(&stage).await;
    write(&stage, "one").await;
    stage.order("agents/ada", "suspend").await;
    stage.parked("agents/ada").await;
    assert_snapshot!("an_agent_that_is_suspended", stage.why("ada").await);
    stage.follow("ada", "callboard operate resume").await;
    is(&stage, "inactive").await;
    stage.order("agents", "suspend").await;
    assert_snapshot!("agents_that_are_held", stage.why("ada").await);
    stage.follow("ada", "callboard operate resume").await;
    stage.ask(Method::DELETE, "/agents/ada").send().await.unwrap();
    is(&stage, "unregistered").await;
    assert_snapshot!("an_agent_that_is_no_more", stage.why("ada").await);
    stage.follow("ada", "callboard agents register").await;
    is(&stage, "inactive").await;
    let letter = stage.get("/agents/ada/messages").await.1["items"][0]["position"].to_string();
    assert!(stage.why(&letter).await.contains("has not acknowledged it yet"), "it still waits");
}

#[tokio::test]
async fn a_letter_in_a_mailbox_that_nobody_opened_waits_there() {
    let mut stage = Stage::start();
    ada(&stage).await;
    let letter = write(&stage, "one").await;
    stage.name_position(letter, "LETTER");
    stage.name_position(letter - 1, "ITS COMMAND");
    assert_snapshot!(stage.why(&letter.to_string()).await);
}

#[tokio::test]
async fn what_an_agent_was_sent_in_vain_can_be_sent_once_more() {
    let mut stage = Stage::start();
    ada(&stage).await;
    drop(connect(&stage).await);
    is(&stage, "inactive").await;
    let letter = write(&stage, "one").await;
    stage.name_position(letter, "LETTER");
    let database = stage.home().join("callboard.db");
    stage
        .app
        .stop_and(|| {
            let hasty = "UPDATE subscriptions SET ack_wait_ms = 100, max_deliveries = 1";
            rusqlite::Connection::open(&database).unwrap().execute_batch(hasty).unwrap();
        })
        .await;
    let mut socket = connect(&stage).await;
    assert_eq!(socket.hear().await["message"]["position"], letter);
    let dead = || async {
        let answer = stage.get("/why/ada").await.1;
        answer.to_string().contains("dead letter").then_some(())
    };
    until("the letter to die", dead).await;
    assert_snapshot!("an_agent_with_a_dead_letter", stage.why("ada").await);
    stage.follow("ada", "curl").await;
    assert_eq!(socket.hear().await["message"]["position"], letter);
}

#[tokio::test]
async fn what_a_killed_server_left_of_agents_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let server = Server::start(folder.path(), &home, &[]).await;
    for id in ["ada", "eve"] {
        server.post("/agents", json!({ "id": id, "profile": "coder" })).await;
    }
    let mut socket = Socket::open(&server).await;
    socket.say(json!({ "op": "connect", "id": 1, "agent_id": "ada" })).await;
    assert_eq!(socket.hear().await["op"], "consuming");
    let id = server.spawn_with(json!({ "prompt": "for ever", "agent_id": "eve" })).await;
    server.wait_for(&id, "RUNNING").await;
    until("eve to hear of it", || async {
        (server.get("/agents/eve").await.1["status"] == "busy").then_some(())
    })
    .await;
    drop(server); // kills it with SIGKILL
    let mut plain = Plain::default();
    plain.name(&id, "ID");
    let why = |id: &str| plain.text(&said(&home, &["why", id]));
    assert_snapshot!("an_agent_that_was_connected", why("ada"));
    assert_snapshot!("an_agent_that_was_at_work", why("eve"));
}
