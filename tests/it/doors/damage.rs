//! A session whose file is damaged: what waits for it says so, and comes to an end that can be named.

use crate::support::{TestApp, until};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A session of one turn, whose file was then cut: the file, as it was, and a process that waits for it.
async fn cut(app: &TestApp) -> (PathBuf, Vec<u8>, String) {
    let first = speak(app).await;
    app.wait_for(&first, "COMPLETED").await;
    let log = app.home().join("claude_logs/talk.jsonl");
    let whole = std::fs::read(&log).unwrap();
    std::fs::write(&log, &whole[..whole.len() / 2]).unwrap();
    let second = speak(app).await;
    app.wait_for(&second, "SUCCESS").await;
    parked(app).await;
    (log, whole, second)
}

async fn speak(app: &TestApp) -> String {
    app.spawn_with(json!({ "prompt": "anything", "session_id": "talk" })).await
}

async fn parked(app: &TestApp) {
    until("the session parks", || async {
        let (_, info) = app.get("/actors/sessions/talk").await;
        (info["status"] == "parked").then_some(())
    })
    .await;
}

async fn order(app: &TestApp, verb: &str) {
    let (status, body) = app.post(&format!("/actors/sessions/talk/{verb}"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
}

fn says(row: &Value, field: &str, words: &[&str]) {
    let text = row[field].as_str().unwrap_or_default();
    for word in words {
        assert!(text.contains(word), "{word:?} is missing in {row}");
    }
}

/// The answer of a process that has ended without a line is still there.
fn is_kept(app: &TestApp, row: &Value) {
    let file = format!("processes/{}/1/outcome", row["id"].as_str().unwrap());
    says(row, "error", &[&file]);
    let answer = std::fs::read_to_string(app.home().join(file)).unwrap();
    assert!(answer.contains("an answer"), "{answer}");
}

#[tokio::test]
async fn a_turn_that_is_skipped_ends_its_process_and_the_session_goes_on() {
    let app = TestApp::start();
    let (log, whole, second) = cut(&app).await;
    let (_, row) = app.get(&format!("/processes/{second}")).await;
    says(&row, "waits_for", &["session talk is parked", "skip"]);
    order(&app, "skip").await;
    let row = app.wait_for(&second, "DEAD").await;
    says(&row, "error", &["session talk", "skipped"]);
    is_kept(&app, &row);
    std::fs::write(&log, &whole).unwrap();
    let third = speak(&app).await;
    let row = app.wait_for(&third, "COMPLETED").await;
    assert_eq!(row["response_line"], 2, "{row}");
    assert_eq!(app.get("/health").await.0, StatusCode::OK);
}

#[tokio::test]
async fn whoever_waits_for_a_session_that_is_failed_is_told() {
    let mut app = TestApp::start();
    let (_, _, second) = cut(&app).await;
    let third = speak(&app).await;
    let (_, row) = app.get(&format!("/processes/{third}")).await;
    says(&row, "waits_for", &[&second, "session talk is parked"]);
    // Also one that waits through a restart.
    app.restart().await;
    order(&app, "fail").await;
    let row = app.wait_for(&second, "DEAD").await;
    is_kept(&app, &row);
    let row = app.wait_for(&third, "DEAD").await;
    says(&row, "error", &["session talk was ended"]);
    let asked = app.home().join(format!("processes/{third}/1/outcome"));
    assert!(!asked.exists(), "nobody paid for an answer that could not be said");
}
