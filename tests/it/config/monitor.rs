//! What should not be, provoked: the monitor tells of it once, and mends what it safely can.

use crate::support::{TestApp, until};
use serde_json::{Value, json};

/// A monitor that is impatient.
fn watched() -> TestApp {
    TestApp::with(|settings| {
        settings.monitor.margin_s = 1.try_into().unwrap();
        settings.monitor.look_every_s = 1.try_into().unwrap();
        // Who was woken stays where it can be seen.
        settings.entities.idle_s = 3_600.try_into().unwrap();
    })
}

fn change(app: &TestApp, sql: &str, id: &str) {
    let database = rusqlite::Connection::open(app.home().join("callboard.db")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    assert!(database.execute(sql, [id]).unwrap() > 0, "{sql}");
}

async fn warned(app: &TestApp, about: &str) -> String {
    until(about, || async {
        let (status, health) = app.get("/health").await;
        assert!(status == 200 || health["checks"]["actors"]["ok"] == false, "{health}");
        let warnings = health["warnings"].as_array().cloned().unwrap_or_default();
        let found = warnings.into_iter().find(|warning| warning["about"] == about)?;
        Some(found["error"].as_str().unwrap().to_owned())
    })
    .await
}

async fn settled(app: &TestApp) {
    until("the end of all warnings", || async {
        app.get("/health").await.1["warnings"].is_null().then_some(())
    })
    .await;
}

/// What the monitor has told about this.
async fn told(app: &TestApp, about: &str) -> usize {
    let said = app.said("claude.system.error").await;
    said.iter().filter(|data| data["source"] == "monitor" && data["about"] == about).count()
}

async fn operate(app: &TestApp, path: &str, verb: &str) {
    let (status, answer) = app.post(&format!("/actors/{path}/{verb}"), Value::Null).await;
    assert_eq!(status, 202, "{answer}");
    let wanted = if verb == "stop" { "stopped" } else { "running" };
    until(wanted, || async {
        (app.get(&format!("/actors/{path}")).await.1["status"] == wanted).then_some(())
    })
    .await;
}

/// Lets a stream's newest message be an hour old.
const OLD: &str = "UPDATE messages SET created_at = created_at - 3600000
    WHERE id = (SELECT head FROM streams WHERE name = ?)";

#[tokio::test]
async fn a_process_that_says_running_with_nobody_at_it_is_told_and_woken() {
    let mut app = watched();
    let body = json!({ "prompt": "wait for ever", "timeout_s": 60 });
    let id = app.spawn_with(body).await;
    app.wait_for(&id, "RUNNING").await;
    app.stop().await;
    change(&app, "UPDATE streams SET wake_at = NULL WHERE name = ?", &id);
    change(&app, OLD, &id);
    app.start_again();
    let about = format!("process/{id} RUNNING");
    let error = warned(&app, &about).await;
    assert!(error.contains("(60 s)") && error.contains(&format!("callboard show {id}")), "{error}");
    // Woken, it found its attempt lost, and began another.
    until("another attempt", || async {
        (app.get(&format!("/processes/{id}")).await.1["attempt"] == 2).then_some(())
    })
    .await;
    settled(&app).await;
    assert_eq!(told(&app, &about).await, 1);
}

#[tokio::test]
async fn a_stream_that_has_to_be_up_and_is_asleep_is_told_and_woken() {
    let mut app = watched();
    let id = app.spawn("later").await;
    app.wait_for(&id, "RETRY").await;
    app.restart().await;
    operate(&app, "services/process-scheduler", "stop").await;
    change(&app, OLD, &id);
    change(&app, "UPDATE streams SET wake_at = 1 WHERE name = ?", &id);
    let about = format!("process/{id} asleep");
    warned(&app, &about).await;
    until("its waking", || async {
        (app.get(&format!("/actors/processes/{id}")).await.1["status"] == "running").then_some(())
    })
    .await;
    settled(&app).await;
    assert_eq!(told(&app, &about).await, 1);
}

#[tokio::test]
async fn a_turn_that_gets_no_line_is_told_until_it_has_one() {
    let app = watched();
    let file = app.home().join("claude_logs/talk.jsonl");
    std::fs::create_dir(&file).unwrap();
    let id = app.spawn_with(json!({ "prompt": "x", "session_id": "talk" })).await;
    let error = warned(&app, "session/talk line").await;
    assert!(error.contains("claude_logs/talk.jsonl"), "{error}");
    warned(&app, &format!("process/{id} SUCCESS")).await;
    std::fs::remove_dir(&file).unwrap();
    app.wait_for(&id, "COMPLETED").await;
    settled(&app).await;
    assert_eq!(told(&app, "session/talk line").await, 1);
}

#[tokio::test]
async fn a_retry_that_is_due_and_not_admitted_though_there_is_room_is_told() {
    let app = watched();
    let id = app.spawn("later").await;
    app.wait_for(&id, "RETRY").await;
    operate(&app, "services/admission", "stop").await;
    change(&app, "UPDATE processes SET due_at = 1 WHERE id = ?", &id);
    let about = format!("process/{id} RETRY");
    let error = warned(&app, &about).await;
    assert!(error.contains("replay has room"), "{error}");
    operate(&app, "services/admission", "resume").await;
    until("the next attempt", || async {
        (app.get(&format!("/processes/{id}")).await.1["attempt"] == 2).then_some(())
    })
    .await;
    settled(&app).await;
    assert_eq!(told(&app, &about).await, 1);
}

#[tokio::test]
async fn who_waits_for_a_runtime_that_is_gone_ends_and_is_redriven_when_it_is_back() {
    let app = watched();
    app.set("runtimes.second.kind", json!("replay")).await;
    operate(&app, "services/admission", "stop").await;
    let waits = app.spawn_with(json!({ "prompt": "x", "runtime": "second" })).await;
    app.unset("runtimes.second.kind").await;
    operate(&app, "services/admission", "resume").await;
    let row = app.wait_for(&waits, "DEAD").await;
    assert!(row["error"].as_str().unwrap().contains("second"), "{row}");
    app.set("runtimes.second.kind", json!("replay")).await;
    app.post(&format!("/processes/{waits}/retry"), json!({})).await;
    app.wait_for(&waits, "COMPLETED").await;
}

#[tokio::test]
async fn an_agent_that_is_busy_with_nothing_is_told_until_it_has_heard() {
    let app = watched();
    app.post("/agents", json!({ "id": "ada", "profile": "coder" })).await;
    let id = app.spawn_with(json!({ "prompt": "for ever", "agent_id": "ada" })).await;
    until("work", || async { (app.get("/agents/ada").await.1["status"] == "busy").then_some(()) })
        .await;
    operate(&app, "services/agent-follower", "stop").await;
    app.post(&format!("/processes/{id}/cancel"), json!({})).await;
    app.wait_for(&id, "CANCELLED").await;
    let error = warned(&app, "agent/ada busy").await;
    assert!(error.contains(&id) && error.contains("CANCELLED"), "{error}");
    assert!(error.contains("callboard restart /services/agent-follower"), "{error}");
    operate(&app, "services/agent-follower", "resume").await;
    settled(&app).await;
    assert_eq!(app.get("/agents/ada").await.1["status"], "inactive");
    assert_eq!(told(&app, "agent/ada busy").await, 1);
}

/// Lets whatever was said to an agent have lain there for an hour.
const LONG_THERE: &str = "UPDATE messages SET created_at = created_at - 3600000
    WHERE stream = (SELECT id FROM streams WHERE kind = 'agent' AND name = ?)";

/// Lets a mailbox have been emptied an hour ago.
const LONG_AGO: &str = "UPDATE subscriptions SET acknowledged_at = acknowledged_at - 3600000
    WHERE name = ?";

#[tokio::test]
async fn a_mailbox_that_nobody_empties_is_told_until_somebody_does() {
    let app = watched();
    app.post("/agents", json!({ "id": "ada", "profile": "coder" })).await;
    app.post("/agents", json!({ "id": "bob", "profile": "coder" })).await;
    app.set("monitor.letters_s", json!(600)).await;
    app.post("/agents/ada/messages", json!({ "data": 1 })).await;
    let (_, letter) = app.post("/agents/ada/messages", json!({ "data": 2 })).await;
    change(&app, LONG_THERE, "ada");
    let error = warned(&app, "agent/ada mailbox").await;
    assert!(error.contains("GET /agents/ada/messages"), "{error}");
    let (_, mailbox) = app.get("/agents/ada/messages").await;
    let subscription = mailbox["subscription"].as_str().unwrap();
    let path = format!("/subscriptions/{subscription}");
    let first = mailbox["items"][0]["position"].clone();
    // Half of it is not all of it.
    app.post(&format!("{path}/ack"), json!({ "position": first })).await;
    settled(&app).await;
    change(&app, LONG_AGO, subscription);
    warned(&app, "agent/ada mailbox").await;
    app.post(&format!("{path}/ack"), json!({ "position": letter["position"] })).await;
    settled(&app).await;
    app.post(&format!("{path}/pause"), json!({})).await;
    app.post("/agents/ada/messages", json!({ "data": 3 })).await;
    app.post("/agents/bob/messages", json!({ "data": 3 })).await;
    change(&app, LONG_THERE, "ada");
    change(&app, LONG_THERE, "bob");
    change(&app, LONG_AGO, subscription);
    warned(&app, "agent/bob mailbox").await;
    assert_eq!(told(&app, "agent/ada mailbox").await, 2, "who paused it knows");
}
