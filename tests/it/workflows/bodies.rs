//! What is wrong with a body is said alike at every door of a workflow: by status, and in words that name no Rust.

use super::kit::{app, begin, question, talked};
use crate::support::TestApp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Bodies that fit nowhere, and the status of each.
const NOWHERE: [(&str, u16); 9] = [
    ("[]", 422),
    ("[1]", 422),
    ("null", 422),
    (r#""x""#, 422),
    ("7", 422),
    (r#"{"unknown": 1}"#, 422),
    ("{", 400),
    (r#"{"checkpoint": 1e999}"#, 400),
    ("not JSON", 400),
];

/// For each door, what fits it nowhere of what it reads.
const DOORS: [(&str, &[&str]); 11] = [
    (
        "",
        &[
            r#"{"type": 1}"#,
            r#"{"type": "talk", "priority": 1e20}"#,
            r#"{"type": "talk", "priority": "high"}"#,
            r#"{"type": "talk", "params": []}"#,
            r#"{"type": "talk", "params": {"topic": 7}}"#,
            r#"{"type": "talk", "limits": []}"#,
            r#"{"type": "talk", "limits": {"steps": -1}}"#,
            r#"{"type": "talk", "limits": {"usd": "much"}}"#,
            r#"{"type": "talk", "on_running": "wait"}"#,
            r#"{"type": "talk", "on_running": []}"#,
            r#"{"type": "talk", "runtime": {}}"#,
            r#"{"type": "talk", "workflow_id": 5}"#,
        ],
    ),
    ("/runs", &[r#"{"params": 3}"#, r#"{"params": {}, "on_running": 1}"#]),
    (
        "/interrupts/{interrupt}/answer",
        &["{}", r#"{"answer": 1, "by": 2}"#, r#"{"answer": "nobody"}"#],
    ),
    ("/pause", &[]),
    ("/resume", &[r#"{"checkpoint": "x"}"#, r#"{"checkpoint": -1}"#, r#"{"checkpoint": 1e20}"#]),
    ("/cancel", &[r#"{"undo": "yes"}"#, r#"{"undo": []}"#]),
    (
        "/retry",
        &[
            r#"{"step": "x"}"#,
            r#"{"step": 4294967296}"#,
            r#"{"step": 1, "undo": 1}"#,
            r#"{"undo": true}"#,
        ],
    ),
    (
        "/rollback",
        &["{}", r#"{"checkpoint": null}"#, r#"{"checkpoint": 1.5}"#, r#"{"checkpoint": {}}"#],
    ),
    (
        "/fork",
        &[
            r#"{"checkpoint": []}"#,
            r#"{"state": []}"#,
            r#"{"next": "ask"}"#,
            r#"{"next": [1]}"#,
            r#"{"model": 1}"#,
            r#"{"limits": "none"}"#,
            r#"{"limits": {"turns": 18446744073709551616}}"#,
            r#"{"workflow_id": []}"#,
        ],
    ),
    ("/undo", &[r#"{"to_step": -1}"#, r#"{"to_change": "first"}"#, r#"{"force": 1}"#]),
    ("/replay", &[r#"{"checkpoint": true}"#, r#"{"workflow_id": 1}"#]),
];

/// What belongs to the program and to nobody who asks it.
const RUST: [&str; 17] = [
    "struct",
    "enum",
    "tuple",
    "sequence",
    "u8",
    "u32",
    "u64",
    "i32",
    "i64",
    "usize",
    "f64",
    "Option",
    "unit",
    "serde",
    "::",
    "newtype",
    "deserialize",
];

async fn told(app: &TestApp, place: &str, body: &str) -> (StatusCode, Value) {
    let request = app.ask(Method::POST, place).header("Content-Type", "application/json");
    let answer = request.body(body.to_owned()).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_wrong_body_is_refused_alike_at_every_door_and_changes_nothing() {
    let app = app();
    let waiting = begin(&app, "talk", json!({ "topic": "tea" })).await;
    let interrupt = question(&app, &waiting).await;
    let done = talked(&app, "milk").await;
    let head = app.head().await;
    let mut wrong = Vec::new();
    for (door, own) in DOORS {
        let nowhere = NOWHERE.into_iter();
        for (body, expected) in nowhere.chain(own.iter().map(|body| (*body, 422))) {
            let id = if door.starts_with("/interrupts") { &waiting } else { &done };
            let door = door.replace("{interrupt}", &interrupt);
            let place = if door.is_empty() {
                "/workflows".into()
            } else {
                format!("/workflows/{id}{door}")
            };
            let (status, problem) = told(&app, &place, body).await;
            let detail = problem["detail"].as_str().unwrap_or_default();
            let is_rusty = RUST.iter().any(|word| detail.contains(word));
            if status != expected || detail.is_empty() || is_rusty || problem["title"].is_null() {
                wrong.push(format!("{door} {body}: {status}, {detail}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(app.head().await - head, 1, "only that an answer was refused is on record");
}

#[tokio::test]
async fn a_body_that_may_be_missing_may_also_be_empty() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "tea" })).await;
    question(&app, &id).await;
    for (verb, body) in
        [("pause", ""), ("resume", "{}"), ("pause", "{}"), ("resume", ""), ("cancel", "")]
    {
        let (status, row) = told(&app, &format!("/workflows/{id}/{verb}"), body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{verb} {body:?}: {row}");
    }
}
