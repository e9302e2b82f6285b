//! One call of one tool, by a workflow that does nothing else.

use crate::support::{Client, TestApp, one_call, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;

/// Where anybody may do anything.
pub(super) const RULES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/knowledge/rules.yaml");

/// An app by those rules.
pub(super) fn app() -> TestApp {
    TestApp::with(|settings| settings.rules.file = RULES.into())
}

/// Calls a tool by a workflow; what it gave, or what it said was wrong.
pub(super) async fn call(app: &Client, tool: &str, arguments: Value) -> Result<Value, String> {
    carry_out(app, None, tool, arguments).await
}

/// The same by a workflow that may work in a folder.
pub(super) async fn call_in(
    app: &Client,
    folder: &Path,
    tool: &str,
    arguments: Value,
) -> Result<Value, String> {
    carry_out(app, Some(folder), tool, arguments).await
}

async fn carry_out(
    app: &Client,
    folder: Option<&Path>,
    tool: &str,
    arguments: Value,
) -> Result<Value, String> {
    let name = format!("one-{}", tool.replace('_', "-"));
    let mut definition = one_call(&name, tool, &arguments);
    if let Some(folder) = folder {
        definition["workspace"] = json!(folder);
    }
    let path = format!("/definitions/{name}");
    let answer = app.ask(Method::PUT, &path).body(definition.to_string()).send().await.unwrap();
    let (status, said) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, StatusCode::OK, "{said}");
    let body = json!({ "type": name, "params": { "arguments": arguments } });
    let (status, receipt) = app.post("/workflows", body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
    let path = path.as_str();
    let ended = until("the call's end", || async move {
        let (_, row) = app.get(path).await;
        (row["status"] != "running").then_some(row)
    });
    let ended = ended.await;
    assert_eq!(ended["status"], "completed", "{ended}");
    match &ended["state"]["refused"] {
        Value::Null => Ok(ended["state"]["result"].clone()),
        refused => Err(refused.as_str().unwrap().to_owned()),
    }
}
