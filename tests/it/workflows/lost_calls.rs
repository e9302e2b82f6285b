//! A call that is not to be made again, and whose result was lost with its server: asked about, and decided, from outside.

use super::kit::{begin, question, reach};
use super::line::{say, server};
use crate::support::{Client, is_problem};
use reqwest::{Method, StatusCode};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::path::Path;

/// It says something, once.
const TELL: &str = r#"
name: tell
state: { told: {}, note: {} }
start: open
nodes:
  open: { set: { note: "'open'" } }
  tell: { tool: { name: publish, with: { topic: "'lab.' ~ workflow", data: 1 } }, write: { told: output } }
edges:
  - { from: open, to: tell }
"#;

/// Writes down what a server leaves that falls while it makes such a call of a node: that it was begun. No tool that
/// ships is one that may not be repeated.
fn begun_before_the_fall(home: &Path, workflow: &str, step: u64) {
    let journal = Connection::open(home.join("callboard.db")).unwrap();
    let (stream, head): (i64, i64) = journal
        .query_row(
            "SELECT id, head FROM streams WHERE kind = 'workflow' AND name = ?1",
            [workflow],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let next: i64 =
        journal.query_row("SELECT max(id) + 1 FROM messages", [], |row| row.get(0)).unwrap();
    let (at, said): (i64, String) = journal
        .query_row(
            "SELECT created_at, data ->> '$.at' FROM messages WHERE id = ?1 AND kind = 'event'",
            [head],
            |row| Ok((row.get(0)?, row.get::<_, rusqlite::types::Value>(1).map(text)?)),
        )
        .unwrap();
    let item = json!({ "step": step, "node": "tell", "attempt": 1 });
    let command = json!({ "item": item, "tool": "publish" });
    let said: Value = serde_json::from_str(&said).unwrap_or(Value::String(said));
    let event = json!({ "workflow_id": workflow, "item": item, "tool": "publish", "at": said });
    let insert =
        "INSERT INTO messages (id, stream, version, previous, kind, message_id, topic, event_type,
                                        created_at, causation_id, data)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let version: i64 = journal
        .query_row("SELECT version FROM streams WHERE id = ?1", [stream], |row| row.get(0))
        .unwrap();
    let told = uuid::Uuid::now_v7().to_string();
    journal
        .execute(
            insert,
            params![
                next,
                stream,
                None::<i64>,
                head,
                "command",
                told,
                None::<String>,
                "BEGIN_CALL",
                at,
                None::<i64>,
                command.to_string()
            ],
        )
        .unwrap();
    journal
        .execute(
            insert,
            params![
                next + 1,
                stream,
                version + 1,
                next,
                "event",
                None::<String>,
                "claude.tool.begun",
                "TOOL_BEGUN",
                at,
                next,
                event.to_string()
            ],
        )
        .unwrap();
    journal
        .execute(
            "UPDATE streams SET version = version + 1, head = ?2 WHERE id = ?1",
            params![stream, next + 1],
        )
        .unwrap();
}

fn text(value: rusqlite::types::Value) -> String {
    match value {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => panic!("a moment is {other:?}"),
    }
}

/// How often a workflow has said it.
async fn told(client: &Client, id: &str) -> usize {
    client.said(&format!("lab.{id}")).await.len()
}

#[tokio::test]
async fn a_lost_call_is_a_question_whose_answer_is_its_result_another_call_or_its_failure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = server(folder).await;
    let put = first.ask(Method::PUT, "/definitions/tell").body(TELL).send().await.unwrap();
    assert_eq!(put.status(), StatusCode::OK);
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let id = begin(&first, "tell", json!({})).await;
        reach(&first, &id, "completed").await;
        first.post(&format!("/workflows/{id}/rollback"), json!({ "checkpoint": 2 })).await;
        let paused = reach(&first, &id, "paused").await;
        waiting.push((id, paused["current_step"].as_u64().unwrap()));
    }
    drop(first);
    for (id, step) in &waiting {
        begun_before_the_fall(&folder.join("home"), id, *step);
    }
    let second = server(folder).await;
    let [given, again, failed] = [0, 1, 2].map(|place| waiting[place].0.clone());
    for id in [&given, &again, &failed] {
        assert_eq!(say(folder, &["workflows", "resume", id]).await.0, Some(0));
        let asked = question(&second, id).await;
        let shown = reach(&second, id, "interrupted").await;
        assert_eq!(shown["interrupts"][0]["lost_call"], true, "{shown}");
        assert_eq!(shown["frontier"][0]["status"], "asking", "{shown}");
        let (_, why) = second.get(&format!("/why/{id}")).await;
        let verdict = why["verdict"].as_str().unwrap();
        let called =
            format!(r#"the tool publish was called with {{"data":1,"topic":"lab.{id}"}}, and"#);
        assert!(verdict.contains(&called), "{why}");
        for decision in ["result", "again", "fail"] {
            let command = format!("callboard workflows answer {id} {asked} '{{\"{decision}\":");
            let commands = why["commands"].as_array().unwrap();
            let is_it = |one: &Value| one["command"].as_str().unwrap().starts_with(&command);
            assert!(commands.iter().any(is_it), "{command} is missing in {why}");
        }
        let place = format!("/workflows/{id}/interrupts/{asked}/answer");
        is_problem(&second.post(&place, json!({ "answer": 1 })).await, 422, &["does not fit"]);
    }
    let (_, drawn, _) = say(folder, &["workflows", "show", &given]).await;
    assert!(drawn.contains("open questions\n  the tool publish was called with {"), "{drawn}");
    for decision in ["result", "again", "fail"] {
        assert!(drawn.contains(&format!("'{{\"{decision}\":")), "{decision} is missing in {drawn}");
    }
    for (id, decision) in [
        (&given, r#"{"result": {"position": 7}}"#),
        (&again, r#"{"again": true}"#),
        (&failed, r#"{"fail": true}"#),
    ] {
        let (code, said, error) = say(folder, &["workflows", "answer", id, decision]).await;
        assert_eq!(code, Some(0), "{said}{error}");
    }
    // It falls again: what was decided holds.
    drop(second);
    let third = server(folder).await;
    let done = reach(&third, &given, "completed").await;
    assert_eq!(
        (&done["state"]["told"], told(&third, &given).await),
        (&json!({ "position": 7 }), 1)
    );
    reach(&third, &again, "completed").await;
    assert_eq!(told(&third, &again).await, 2);
    let lost = reach(&third, &failed, "failed").await;
    assert!(lost["error"].as_str().unwrap().contains("the tool publish was called"), "{lost}");
    assert_eq!(told(&third, &failed).await, 1);
    assert_eq!(say(folder, &["workflows", "retry", &failed]).await.0, Some(0));
    reach(&third, &failed, "completed").await;
    assert_eq!(told(&third, &failed).await, 2);
    drop(third);
    assert_eq!(say(folder, &["journal", "verify"]).await.0, Some(0), "the journal is whole");
}
