//! What is told to a subgraph's workflow by itself, past its parent.

use super::kit::{answer, app, begin, question, reach};
use crate::support::{Client, Server};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;

/// Its subgraph reads a file that may not be there.
const ABOVE: &str = "
name: above
workspace: work
state: { got: {} }
start: inner
nodes:
  inner: { subgraph: { workflow: reads, input: {} }, write: { got: output.got } }
";
const READS: &str = r#"
name: reads
state: { got: {}, wrote: {} }
output: { got: state.got.content }
start: [read, write]
nodes:
  read: { tool: { name: read_file, with: { path: "'x.txt'" } }, write: { got: output } }
  write: { tool: { name: write_file, with: { path: "'y.txt'", content: "'mine'" } }, write: { wrote: output } }
"#;
const RULES: &str = "version: 1\nnodes: { can_read_files: true, can_write_files: true }\n";

/// The workflow below another one.
async fn child(client: &Client, root: &str) -> String {
    let (_, page) = client.get(&format!("/workflows?root_id={root}")).await;
    let below = page["items"].as_array().unwrap().iter().find(|one| one["parent_id"] == root);
    below.unwrap_or_else(|| panic!("{page}"))["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_came_of_a_subgraph_that_was_tried_again_by_itself_counts_for_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["work", "config"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("config/rules.yaml"), RULES).unwrap();
    let server = Server::start(folder.path(), &folder.path().join("home"), &[]).await;
    for (name, text) in [("reads", READS), ("above", ABOVE)] {
        let put = server.ask(Method::PUT, &format!("/definitions/{name}")).body(text);
        assert_eq!(put.send().await.unwrap().status(), StatusCode::OK);
    }
    let above = begin(&server, "above", json!({})).await;
    let failed = reach(&server, &above, "failed").await;
    assert!(failed["error"].to_string().contains("x.txt"), "{failed}");
    let reads = child(&server, &above).await;
    fs::write(folder.path().join("work/x.txt"), "here it is").unwrap();
    let (status, said) = server.post(&format!("/workflows/{reads}/retry"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said}");
    reach(&server, &reads, "completed").await;
    let (status, said) = server.post(&format!("/workflows/{above}/retry"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said}");
    let completed = reach(&server, &above, "completed").await;
    assert_eq!(completed["state"]["got"], "here it is", "{completed}");
    let (status, said) = server.post(&format!("/workflows/{reads}/undo"), json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{said}");
    assert!(said["detail"].as_str().unwrap().contains(&above), "{said}");
    let (status, said) = server.post(&format!("/workflows/{above}/undo"), json!({})).await;
    assert!(status.is_success(), "{said}");
    assert!(!folder.path().join("work/y.txt").exists());
}

#[tokio::test]
async fn a_subgraph_has_no_runs_of_its_own_and_is_not_undone_behind_its_parents_back() {
    let app = app();
    let house = begin(&app, "house", json!({})).await;
    let asked = question(&app, &house).await;
    let child = child(&app, &house).await;
    let is_refused = async |path: &str, body: Value, word: &str| {
        let (status, said) = app.post(&format!("/workflows/{child}/{path}"), body).await;
        assert_eq!(status, StatusCode::CONFLICT, "{said}");
        assert!(said["detail"].as_str().unwrap().contains(word), "{said}");
    };
    for on_running in ["enqueue", "interrupt", "rollback"] {
        let run = json!({ "params": { "what": "else" }, "on_running": on_running });
        is_refused("runs", run, "the one run that its parent gave it").await;
    }
    assert_eq!(answer(&app, &house, &asked, json!("yes")).await.0, StatusCode::ACCEPTED);
    reach(&app, &house, "completed").await;
    let run = json!({ "params": { "what": "else" } });
    is_refused("runs", run, "the one run that its parent gave it").await;
    is_refused("cancel", json!({ "undo": true }), "its parent has gone on without it").await;
    assert_eq!(reach(&app, &child, "completed").await["run"], 1);
}
