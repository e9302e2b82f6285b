//! `POST /workflows`: what is accepted, what is not, and what an honest retry hears.

use super::kit::{answer, app, begin, question, reach, talked};
use crate::support::{TestApp, is_problem};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn post(app: &TestApp, key: &str, body: &Value) -> (StatusCode, Value) {
    let request = app.ask(Method::POST, "/workflows").header("Idempotency-Key", key).json(body);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_workflow_runs_asks_and_answers() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "tea" })).await;
    let asked = question(&app, &id).await;
    let waiting = reach(&app, &id, "interrupted").await;
    assert_eq!(waiting["state"]["said"], json!(["an answer", "an answer"]), "{waiting}");
    assert_eq!(waiting["interrupts"][0]["question"], "Who has won, on tea?");
    assert_eq!(waiting["frontier"][0]["status"], "asking");
    let wrong = answer(&app, &id, &asked, json!("nobody")).await;
    is_problem(&wrong, 422, &["does not fit", "pro"]);
    assert_eq!(answer(&app, &id, &asked, json!("con")).await.0, StatusCode::ACCEPTED);
    let done = reach(&app, &id, "completed").await;
    let output = json!({ "verdict": "con", "said": ["an answer", "an answer"], "count": 1 });
    assert_eq!((&done["output"], &done["metrics"]["turns"]), (&output, &json!(2)), "{done}");
    assert_eq!(done["params"], json!({ "topic": "tea", "rounds": 1 }), "defaults are filled in");
    is_problem(&answer(&app, &id, &asked, json!("con")).await, 409, &["run"]);
    let topics: Vec<String> = topics(&app).await;
    for topic in ["started", "interrupted", "answered", "step_complete", "complete"] {
        let topic = format!("claude.workflow.{topic}");
        assert!(topics.contains(&topic), "{topic} is missing in {topics:?}");
    }
    assert!(topics.contains(&"claude.workflow.talk.step.pro".to_owned()), "{topics:?}");
}

async fn topics(app: &TestApp) -> Vec<String> {
    let (_, page) = app.get("/messages?topic=*.workflow.>&limit=1000").await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|message| message["topic"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_wrong_start_is_refused_in_words_and_leaves_nothing_behind() {
    let app = app();
    let head = app.head().await;
    let refused: &[(Value, u16, &[&str])] = &[
        (json!({}), 422, &["type", "GET /definitions"]),
        (json!({ "type": "tolk" }), 422, &["tolk", "did you mean \"talk\""]),
        (json!({ "type": "talk", "params": {} }), 422, &["input", "topic"]),
        (json!({ "type": "talk", "params": { "topic": 3 } }), 422, &["topic", "string"]),
        (json!({ "type": "talk", "params": "tea" }), 422, &["input", "object"]),
        (json!({ "type": "talk", "prams": {} }), 422, &["prams"]),
        (
            json!({ "type": "talk", "params": { "topic": "x" }, "runtime": "magic" }),
            422,
            &["magic", "replay"],
        ),
        (
            json!({ "type": "talk", "params": { "topic": "x" }, "limits": { "step": 1 } }),
            422,
            &["step"],
        ),
        (
            json!({ "type": "talk", "params": { "topic": "x" }, "workflow_id": "../x" }),
            422,
            &["workflow_id"],
        ),
        (
            json!({ "type": "talk", "params": { "topic": "x" }, "on_running": "maybe" }),
            422,
            &["maybe", "rollback"],
        ),
    ];
    for (body, status, words) in refused {
        is_problem(&app.post("/workflows", body.clone()).await, *status, words);
    }
    is_problem(&app.post("/workflows/nobody/runs", json!({})).await, 404, &["nobody"]);
    assert_eq!(app.head().await, head, "something was written");
}

#[tokio::test]
async fn the_same_key_starts_one_workflow() {
    let app = app();
    let tea = json!({ "type": "talk", "params": { "topic": "tea" } });
    let (status, first) = post(&app, "k", &tea).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{first}");
    let (again, second) = post(&app, "k", &tea).await;
    assert_eq!((again, &second["workflow_id"]), (status, &first["workflow_id"]));
    let other = json!({ "type": "talk", "params": { "topic": "milk" } });
    is_problem(&post(&app, "k", &other).await, 422, &["Idempotency-Key"]);
    assert_eq!(app.get("/workflows").await.1["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_named_workflow_is_started_once_and_then_run_again() {
    let app = app();
    let first = json!({ "type": "talk", "params": { "topic": "tea" }, "workflow_id": "mine" });
    let (status, receipt) = post(&app, "start", &first).await;
    assert_eq!((status, &receipt["workflow_id"]), (StatusCode::ACCEPTED, &json!("mine")));
    let asked = question(&app, "mine").await;
    // The same request again is the same start; another key would be another run, which has to wait.
    assert_eq!(post(&app, "start", &first).await.1["run"], 1);
    is_problem(&post(&app, "other", &first).await, 409, &["on_running"]);
    let settled = json!({ "workflow_id": "mine", "params": {}, "runtime": "replay" });
    is_problem(&app.post("/workflows", settled).await, 422, &["started with"]);
    let another = json!({ "type": "house", "workflow_id": "mine" });
    is_problem(&app.post("/workflows", another).await, 422, &["is a talk"]);
    answer(&app, "mine", &asked, json!("pro")).await;
    reach(&app, "mine", "completed").await;
    // The first key still tells of the first run.
    assert_eq!(post(&app, "start", &first).await.1["status"], "completed");
    let more = json!({ "params": { "topic": "milk" } });
    let (status, receipt) = app.post("/workflows/mine/runs", more).await;
    assert_eq!((status, &receipt["run"]), (StatusCode::ACCEPTED, &json!(2)), "{receipt}");
    let asked = question(&app, "mine").await;
    answer(&app, "mine", &asked, json!("con")).await;
    let done = reach(&app, "mine", "completed").await;
    // It went on with the state of the first.
    assert_eq!((&done["state"]["count"], &done["output"]["verdict"]), (&json!(2), &json!("con")));
}

#[tokio::test]
async fn a_run_under_way_is_waited_for_replaced_or_undone() {
    let app = app();
    talked(&app, "tea").await;
    let id = begin(&app, "talk", json!({ "topic": "for ever" })).await;
    reach(&app, &id, "running").await;
    let path = format!("/workflows/{id}/runs");
    let run = |how: &str| json!({ "params": { "topic": "milk" }, "on_running": how });
    is_problem(&app.post(&path, run("reject")).await, 409, &["running", "enqueue"]);
    assert_eq!(app.post(&path, run("rollback")).await.0, StatusCode::ACCEPTED);
    let asked = question(&app, &id).await;
    let (_, state) = app.get(&format!("/workflows/{id}")).await;
    // What the first run had counted is undone.
    assert_eq!((&state["run"], &state["state"]["count"]), (&json!(2), &json!(1)), "{state}");
    let (status, receipt) = app.post(&path, run("enqueue")).await;
    assert_eq!(
        (status, &receipt["run"], &receipt["queued"]),
        (StatusCode::ACCEPTED, &json!(2), &json!(1))
    );
    assert_eq!(app.get(&format!("/workflows/{id}")).await.1["queued"], 1);
    answer(&app, &id, &asked, json!("pro")).await;
    let second = question(&app, &id).await;
    assert_ne!(asked, second);
    let (_, state) = app.get(&format!("/workflows/{id}")).await;
    assert_eq!((&state["run"], &state["state"]["count"]), (&json!(3), &json!(2)), "{state}");
}

#[tokio::test]
async fn a_limit_ends_a_run_and_a_retry_grants_as_much_again() {
    let app = app();
    let body = json!({ "type": "talk", "params": { "topic": "tea" }, "limits": { "steps": 2 } });
    let (_, receipt) = app.post("/workflows", body).await;
    let id = receipt["workflow_id"].as_str().unwrap().to_owned();
    let failed = reach(&app, &id, "failed").await;
    assert!(failed["error"].as_str().unwrap().contains("limit of 2 steps"), "{failed}");
    assert_eq!(failed["limits"], json!({ "steps": 2 }));
    let (status, _) = app.post(&format!("/workflows/{id}/retry"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    question(&app, &id).await;
}
