//! `why`, of workflows and of nodes.

use super::kit::{answer, app, begin, question, reach};
use crate::support::{TestApp, until};
use serde_json::{Value, json};

async fn why(app: &TestApp, id: &str) -> Value {
    let (status, answer) = app.get(&format!("/why/{id}")).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

fn commands(answer: &Value) -> Vec<&str> {
    let all = answer["commands"].as_array().unwrap();
    all.iter().map(|remedy| remedy["command"].as_str().unwrap()).collect()
}

fn because(answer: &Value) -> String {
    let all = answer["because"].as_array().unwrap();
    let all: Vec<&str> = all.iter().map(|reason| reason.as_str().unwrap()).collect();
    all.join("\n")
}

#[tokio::test]
async fn a_question_is_named_with_the_commands_that_answer_it() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "tea" })).await;
    let asked = question(&app, &id).await;
    let answer = why(&app, &id).await;
    let verdict = format!("workflow {id} (talk) waits for a person: Who has won, on tea?");
    assert_eq!(
        (&answer["situation"], &answer["verdict"]),
        (&json!("interrupted"), &json!(verdict))
    );
    let expected = format!("callboard workflows answer {id} {asked} pro");
    assert_eq!(commands(&answer)[0], expected);
    assert!(answer["evidence"].as_array().unwrap().len() > 5, "{answer}");
}

#[tokio::test]
async fn nodes_at_work_are_named_with_their_processes_and_a_pause_with_who_paused() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "for ever" })).await;
    let process = until("a process", || async {
        let (_, page) = app.get(&format!("/processes?status=RUNNING&workflow_id={id}")).await;
        page["items"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let answer = why(&app, &id).await;
    assert_eq!(answer["situation"], "running", "{answer}");
    let verdict = answer["verdict"].as_str().unwrap();
    assert!(verdict.ends_with("runs: step 3, at con, pro"), "{verdict}");
    let process = format!("callboard why {process}");
    assert!(commands(&answer).contains(&process.as_str()), "{answer}");
    assert!(because(&answer).contains("pro is at work, begun "), "{answer}");

    let (_, told) = app.get("/messages?topic=*.node.started").await;
    let stream = told["items"][0]["stream"].as_str().unwrap();
    let node = why(&app, stream.strip_prefix("node/").unwrap()).await;
    assert_eq!((&node["subject"]["kind"], &node["situation"]), (&json!("node"), &json!("running")));
    assert!(commands(&node).contains(&format!("callboard why {id}").as_str()), "{node}");

    app.post(&format!("/workflows/{id}/pause"), json!({})).await;
    let paused = why(&app, &id).await;
    assert_eq!(
        paused["verdict"],
        format!("workflow {id} (talk) is paused by api: nothing new begins")
    );
    assert_eq!(commands(&paused)[0], format!("callboard workflows resume {id}"));
    app.post(&format!("/workflows/{id}/cancel"), json!({})).await;
    reach(&app, &id, "cancelled").await;
    assert_eq!(why(&app, &id).await["situation"], "cancelled");
}

#[tokio::test]
async fn a_failure_is_named_with_its_node_and_a_limit_as_one() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "hopeless" })).await;
    reach(&app, &id, "failed").await;
    let answer = why(&app, &id).await;
    assert!(answer["verdict"].as_str().unwrap().contains("the script says no"), "{answer}");
    assert!(because(&answer).contains(" failed after 1 attempt: "), "{answer}");
    assert_eq!(commands(&answer)[0], format!("callboard workflows retry {id}"));
    let body = json!({ "type": "talk", "params": { "topic": "x" }, "limits": { "turns": 1 } });
    let (_, receipt) = app.post("/workflows", body).await;
    let id = receipt["workflow_id"].as_str().unwrap().to_owned();
    reach(&app, &id, "failed").await;
    assert_eq!(why(&app, &id).await["situation"], "limit_reached");
}

#[tokio::test]
async fn the_question_of_a_subgraph_is_reached_from_its_workflow() {
    let app = app();
    let id = begin(&app, "house", json!({})).await;
    question(&app, &id).await;
    let (_, shown) = app.get(&format!("/workflows/{id}")).await;
    let child = shown["interrupts"][0]["workflow_id"].as_str().unwrap();
    let answer = why(&app, &id).await;
    let reason = format!(
        "its subgraph question is workflow {child}, which is interrupted, and asks a person"
    );
    assert!(because(&answer).contains(&reason), "{answer}");
    assert!(commands(&answer).contains(&format!("callboard why {child}").as_str()), "{answer}");
}

#[tokio::test]
async fn one_that_brings_the_server_down_can_be_ended_while_all_are_held() {
    let mut app = app();
    let bad = begin(&app, "talk", json!({ "topic": "for ever" })).await;
    let good = begin(&app, "talk", json!({ "topic": "tea" })).await;
    let asked = question(&app, &good).await;
    let database = app.home().join("callboard.db");
    app.stop_and(|| {
        let starts = "INSERT OR REPLACE INTO meta (key, value) VALUES ('unsettled_starts', '3')";
        rusqlite::Connection::open(&database).unwrap().execute_batch(starts).unwrap();
    })
    .await;
    let end = format!("callboard operate fail /workflows/{bad}");
    let told = why(&app, &bad).await;
    assert!(commands(&told).contains(&end.as_str()), "{told}");
    let (status, told) = app.post(&format!("/actors/workflows/{bad}/fail"), Value::Null).await;
    assert_eq!(status, 202, "{told}");
    for kind in ["sessions", "workspaces", "processes", "agents", "nodes", "workflows"] {
        app.post(&format!("/actors/{kind}/resume"), Value::Null).await;
    }
    reach(&app, &bad, "failed").await;
    answer(&app, &good, &asked, json!("pro")).await;
    reach(&app, &good, "completed").await;
}
