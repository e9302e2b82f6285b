//! Pausing, resuming, cancelling, retrying; and the questions of subgraphs.

use super::kit::{answer, app, begin, question, reach};
use crate::support::is_problem;
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_paused_workflow_begins_nothing_and_goes_on_where_it_was() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "drip" })).await;
    let path = |verb: &str| format!("/workflows/{id}/{verb}");
    let (status, row) = app.post(&path("pause"), json!({})).await;
    assert_eq!((status, &row["status"]), (StatusCode::ACCEPTED, &json!("paused")));
    is_problem(&app.post(&path("retry"), json!({})).await, 409, &["paused"]);
    let (_, shown) = app.get(&format!("/workflows/{id}")).await;
    assert_eq!(shown["paused_by"], "api", "{shown}");
    // A start of a server is no reason to go on.
    assert_eq!(app.post(&format!("/workflows/{id}/runs"), json!({})).await.1["status"], "running");
    question(&app, &id).await;
}

#[tokio::test]
async fn a_cancelled_workflow_leaves_nobody_at_work() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "for ever" })).await;
    crate::support::until("both speak", || async {
        let (_, page) = app.get(&format!("/processes?status=RUNNING&workflow_id={id}")).await;
        (page["items"].as_array()?.len() == 2).then_some(())
    })
    .await;
    assert_eq!(
        app.post(&format!("/workflows/{id}/cancel"), json!({})).await.0,
        StatusCode::ACCEPTED
    );
    reach(&app, &id, "cancelled").await;
    let (_, page) = app.get(&format!("/processes?workflow_id={id}")).await;
    let statuses: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|row| &row["status"]).collect();
    assert_eq!(statuses, ["CANCELLED", "CANCELLED"]);
    is_problem(&app.post(&format!("/workflows/{id}/pause"), json!({})).await, 409, &["cancelled"]);
}

#[tokio::test]
async fn what_has_failed_is_tried_again_and_what_is_done_stays_done() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "hopeless" })).await;
    let failed = reach(&app, &id, "failed").await;
    assert!(failed["error"].as_str().unwrap().contains("the script says no"), "{failed}");
    let before = app.said("claude.workflow.failed").await.len();
    assert_eq!(
        app.post(&format!("/workflows/{id}/retry"), json!({})).await.0,
        StatusCode::ACCEPTED
    );
    crate::support::until("it fails again", || async {
        (app.said("claude.workflow.failed").await.len() > before).then_some(())
    })
    .await;
    // The step before it was not done again.
    assert_eq!(app.said("claude.workflow.talk.step.open").await.len(), 1);
}

#[tokio::test]
async fn the_question_of_a_subgraph_is_its_workflows_question() {
    let app = app();
    let id = begin(&app, "house", json!({})).await;
    let asked = question(&app, &id).await;
    let (_, shown) = app.get(&format!("/workflows/{id}")).await;
    let child = shown["interrupts"][0]["workflow_id"].as_str().unwrap().to_owned();
    assert_ne!(child, id);
    assert_eq!(shown["interrupts"][0]["question"], "Are you ready?");
    let (_, lineage) = app.get(&format!("/workflows?root_id={id}")).await;
    assert_eq!(lineage["items"].as_array().unwrap().len(), 2);
    assert_eq!(app.get("/workflows").await.1["items"].as_array().unwrap().len(), 1);
    let say = || {
        let path = format!("/workflows/{id}/interrupts/{asked}/answer");
        let request = app.ask(Method::POST, &path).header("Idempotency-Key", "yes");
        request.json(&json!({ "answer": "yes" })).send()
    };
    assert_eq!(say().await.unwrap().status(), StatusCode::ACCEPTED);
    let done = reach(&app, &id, "completed").await;
    assert_eq!(done["output"], json!({ "verdict": "yes" }));
    // The same answer again is the same answer, though nobody asks any more.
    assert_eq!(say().await.unwrap().status(), StatusCode::ACCEPTED);
    is_problem(&answer(&app, &id, &asked, json!("no")).await, 409, &["run"]);
}
