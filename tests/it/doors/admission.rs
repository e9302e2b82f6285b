//! Whose turn it is, seen from outside: sessions over several runtimes, runtimes that were taken out of
//! the configuration, and permits of what does not run any more.

use crate::support::{Server, TestApp, is_problem};
use callboard::settings::Settings;
use reqwest::StatusCode;
use serde_json::json;

/// A second runtime like the first.
fn add_other(settings: &mut Settings) {
    let runtime = settings.runtimes["replay"].clone();
    settings.runtimes.insert("other".into(), runtime);
}

async fn admission(app: &TestApp, verb: &str) {
    let (status, body) = app.post(&format!("/actors/services/admission/{verb}"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
}

#[tokio::test]
async fn of_one_session_one_process_is_at_work_whichever_runtimes_are_asked() {
    let app = TestApp::with(add_other);
    admission(&app, "stop").await;
    let mut told = Vec::new();
    for runtime in ["replay", "other", "replay", "other"] {
        let body = json!({ "prompt": "for ever", "runtime": runtime, "session_id": "talk" });
        told.push(app.spawn_with(body).await);
    }
    admission(&app, "resume").await;
    app.wait_for(&told[0], "RUNNING").await;
    let (_, admitted) = app.get("/messages?topic=claude.spawn.admitted").await;
    assert_eq!(admitted["items"].as_array().unwrap().len(), 1, "{admitted}");
    let (_, row) = app.get(&format!("/processes/{}", told[1])).await;
    assert!(row["waits_for"].as_str().unwrap().contains(&told[0]), "{row}");
}

#[tokio::test]
async fn processes_of_a_runtime_that_is_gone_end_with_an_error_and_can_be_redriven() {
    let mut app = TestApp::with(add_other);
    admission(&app, "stop").await;
    let id = app.spawn_with(json!({ "prompt": "anything", "runtime": "other" })).await;
    app.restart_with(|settings| drop(settings.runtimes.remove("other"))).await;
    let row = app.wait_for(&id, "DEAD").await;
    let error = row["error"].as_str().unwrap();
    assert!(error.contains("\"other\" is not configured") && error.contains("retry"), "{row}");
    app.restart_with(add_other).await;
    app.post(&format!("/processes/{id}/retry"), json!({})).await;
    app.wait_for(&id, "COMPLETED").await;
}

#[tokio::test]
async fn what_was_suspended_when_its_server_was_killed_neither_says_running_nor_keeps_a_permit() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let variables = [("CALLBOARD_RUNTIMES__REPLAY__CONCURRENCY", "1")];
    let server = Server::start(folder.path(), &home, &variables).await;
    let body = json!({ "prompt": "for ever", "session_id": "talk" });
    let id = server.spawn_with(body).await;
    server.wait_for(&id, "RUNNING").await;
    let (status, _) = server.post(&format!("/actors/processes/{id}/suspend"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    drop(server);

    let server = Server::start(folder.path(), &home, &variables).await;
    let next = json!({ "prompt": "anything", "session_id": "talk" });
    let next = server.spawn_with(next).await;
    server.wait_for(&next, "COMPLETED").await;
    let row = server.wait_for(&id, "PARKED").await;
    assert!(row["waits_for"].as_str().unwrap().contains("resume"), "{row}");
    let cancel = server.post(&format!("/processes/{id}/cancel"), json!({})).await;
    is_problem(&cancel, 409, &["suspended", "resume"]);
    drop(server);
    verify(&home);

    let server = Server::start(folder.path(), &home, &variables).await;
    let (status, _) = server.post(&format!("/actors/processes/{id}/resume"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let row = server.wait_for(&id, "RUNNING").await;
    assert_eq!((&row["attempt"], &row["lost_count"]), (&json!(2), &json!(1)), "{row}");
}

/// The read models are what the messages amount to.
fn verify(home: &std::path::Path) {
    let verified = std::process::Command::new(env!("CARGO_BIN_EXE_callboard"))
        .args(["journal", "verify"])
        .env("CALLBOARD_HOME", home)
        .current_dir(home)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{said}");
}
