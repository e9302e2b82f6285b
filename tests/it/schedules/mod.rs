//! Schedules from outside: made, looked at, steered, and what they start.

mod doors;
mod kills;
mod troubles;

use crate::support::{Client, TestApp, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A definition that is done at once, and whose runs can be told apart.
const COUNT: &str = "
name: count
input: { type: object, required: [by], properties: { by: { type: integer } } }
state: { n: { reducer: sum } }
output: { n: state.n }
start: add
nodes:
  add: { set: { n: input.by } }
";

/// An app with that definition.
fn app() -> TestApp {
    TestApp::with(|settings| {
        let folder = settings.home.parent().unwrap().join("workflows");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("count.yaml"), COUNT).unwrap();
        settings.workflows.folder = folder;
    })
}

/// Makes a schedule that waits for long, unless the body says otherwise.
async fn make(client: &Client, id: &str, body: Value) -> Value {
    let mut all = json!({ "schedule_id": id });
    if ["cron", "at", "in"].iter().all(|when| body[*when].is_null()) {
        all["cron"] = "0 0 1 1 *".into();
    }
    all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let (status, made) = client.post("/schedules", all).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made
}

fn hello() -> Value {
    json!({ "process": { "prompt": "hello" } })
}

/// Waits until a schedule looks like this; how it is then.
async fn reach(client: &Client, id: &str, is_there: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/schedules/{id}");
    until("the schedule", || async {
        let (_, schedule) = client.get(&path).await;
        is_there(&schedule).then_some(schedule)
    })
    .await
}

async fn verb(client: &Client, id: &str, verb: &str) -> (StatusCode, Value) {
    client.post(&format!("/schedules/{id}/{verb}"), json!({})).await
}

async fn send(client: &Client, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let answer = client.ask(method, path).json(&body).send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or_default())
}
