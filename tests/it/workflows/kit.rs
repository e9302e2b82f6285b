//! Small definitions, and an app that has them.

use crate::support::{Client, TestApp, until};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Two speak at once, a person decides; what the models say depends on the topic.
const TALK: &str = r#"
name: talk
description: Two speak, a person decides.
input:
  type: object
  required: [topic]
  properties: { topic: { type: string }, rounds: { type: integer, default: 1 } }
state:
  said: { reducer: append }
  verdict: { reducer: replace }
  count: { reducer: sum }
output: { verdict: state.verdict, said: state.said, count: state.count }
start: open
nodes:
  open: { set: { count: 1 } }
  pro: { agent: { prompt: "speak for {{ input.topic }}" }, write: { said: output } }
  con: { agent: { prompt: "speak against {{ input.topic }}" }, write: { said: output } }
  ask:
    interrupt:
      question: "Who has won, on {{ input.topic }}?"
      answer: { type: string, enum: [pro, con] }
    write: { verdict: output }
edges:
  - { from: open, to: [pro, con] }
  - { from: [pro, con], to: ask }
"#;

/// A subgraph that asks.
const HOUSE: &str = r#"
name: house
state: { verdict: {} }
output: { verdict: state.verdict }
start: inner
nodes:
  inner: { subgraph: { workflow: question, input: { what: "'ready'" } }, write: { verdict: output.verdict } }
"#;
const QUESTION: &str = r#"
name: question
input: { type: object, required: [what], properties: { what: { type: string } } }
state: { verdict: {} }
output: { verdict: state.verdict }
start: ask
nodes:
  ask: { interrupt: { question: "Are you {{ input.what }}?" }, write: { verdict: output } }
"#;

/// One expression that cannot be computed.
const SLIP: &str = "
name: slip
state: { n: { reducer: sum } }
start: a
nodes:
  a: { set: { n: 1 // 0 } }
";

/// Writes the definitions into a folder.
pub(super) fn write_definitions(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in [("talk", TALK), ("house", HOUSE), ("question", QUESTION), ("slip", SLIP)] {
        std::fs::write(folder.join(format!("{name}.yaml")), text).unwrap();
    }
}

/// An app with the definitions.
pub(super) fn app() -> TestApp {
    TestApp::with(|settings| {
        let folder = settings.home.parent().unwrap().join("workflows");
        write_definitions(&folder);
        settings.workflows.folder = folder;
    })
}

/// Where its definitions lie.
pub(super) fn folder(app: &TestApp) -> PathBuf {
    app.home().parent().unwrap().join("workflows")
}

/// Starts a workflow; its id.
pub(super) async fn begin(client: &Client, definition: &str, params: Value) -> String {
    let body = json!({ "type": definition, "params": params });
    let (status, receipt) = client.post("/workflows", body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    receipt["workflow_id"].as_str().unwrap().to_owned()
}

/// Waits until a workflow has a status; how it is then.
pub(super) async fn reach(client: &Client, id: &str, status: &str) -> Value {
    let path = format!("/workflows/{id}");
    until(&format!("{id} becomes {status}"), || async {
        let (_, workflow) = client.get(&path).await;
        (workflow["status"] == status).then_some(workflow)
    })
    .await
}

/// Waits for a question; its id.
pub(super) async fn question(client: &Client, id: &str) -> String {
    let path = format!("/workflows/{id}");
    until("a question", || async {
        let (_, workflow) = client.get(&path).await;
        workflow["interrupts"][0]["interrupt_id"].as_str().map(str::to_owned)
    })
    .await
}

/// Answers a question.
pub(super) async fn answer(
    client: &Client,
    id: &str,
    interrupt: &str,
    answer: Value,
) -> (StatusCode, Value) {
    let path = format!("/workflows/{id}/interrupts/{interrupt}/answer");
    client.post(&path, json!({ "answer": answer, "by": "ada" })).await
}

/// A talk that has come to its end.
pub(super) async fn talked(client: &Client, topic: &str) -> String {
    let id = begin(client, "talk", json!({ "topic": topic })).await;
    let asked = question(client, &id).await;
    assert_eq!(answer(client, &id, &asked, json!("pro")).await.0, StatusCode::ACCEPTED);
    reach(client, &id, "completed").await;
    id
}
