//! The real program: an agent whose scripted model calls tools of knowing, and a server that is killed between the calls.

use crate::support::{Server, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;

const LEARNER: &str = r#"
name: learner
state: {said: {}}
start: learn
nodes:
  learn:
    agent: {prompt: "Learn it.", tools: [memory_store, memory_search, learn_from_success, suggest_approach, validate_syntax, find_issues]}
    write: {said: output}
"#;

const SCRIPT: &str = r#"
name: a learner
answers:
  - match: {prompt_equals: Learn it., tool_rounds: 0}
    tool_calls:
      - {name: memory_store, arguments: {text: "ferrets sleep eighteen hours", type: research}}
      - {name: learn_from_success, arguments: {kind: query, task: "how long do ferrets sleep", approach: "ask a vet"}}
  - match: {prompt_equals: Learn it., tool_rounds: 1}
    delay_ms: 400
    tool_calls: [{name: validate_syntax, arguments: {content: "x = (1,\n", language: python}}]
  - match: {prompt_equals: Learn it., tool_rounds: 2}
    delay_ms: 400
    tool_calls:
      - {name: memory_search, arguments: {query: ferrets}}
      - {name: suggest_approach, arguments: {task: "how long do cats sleep"}}
      - {name: find_issues, arguments: {content: "eval(x)\n", language: python}}
  - {match: {prompt_equals: Learn it., has_tool_results: true}, template: "{{ results | tojson }}"}
"#;

#[actix_web::test]
async fn what_an_agent_stores_is_there_once_however_often_the_server_is_killed() {
    for kills in [vec![1], vec![2, 3], vec![1, 3, 5]] {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir(folder.path().join("replay")).unwrap();
        fs::write(folder.path().join("replay/a.yaml"), SCRIPT).unwrap();
        let mut server = Server::start(folder.path(), &home, &[]).await;
        let put =
            server.ask(Method::PUT, "/definitions/learner").body(LEARNER).send().await.unwrap();
        assert_eq!(put.status(), StatusCode::OK, "{}", put.text().await.unwrap());
        let (_, receipt) = server.post("/workflows", json!({ "type": "learner" })).await;
        let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
        for after in kills {
            let client = &server;
            until("some results", || async move {
                (client.said("claude.tool.result").await.len() >= after).then_some(())
            })
            .await;
            drop(server);
            server = Server::start(folder.path(), &home, &[]).await;
        }
        let (client, path) = (&server, path.as_str());
        let row = until("the workflow's end", || async move {
            let (_, row) = client.get(path).await;
            (row["status"] != "running").then_some(row)
        });
        let row = row.await;
        assert_eq!(row["status"], "completed", "{row}");
        let said = row["state"]["said"].as_str().unwrap();
        let results: Vec<Value> = serde_json::from_str(said).unwrap();
        let content = |number: usize| results[number]["content"].clone();
        let hits = content(0)["hits"].clone();
        assert_eq!(hits.as_array().unwrap().len(), 1, "{said}");
        assert_eq!(hits[0]["text"], "ferrets sleep eighteen hours");
        let advice = &content(1)["suggestions"][0];
        assert_eq!((&advice["approach"], &advice["worked"]), (&json!("ask a vet"), &json!(1)));
        assert_eq!(content(2)["issues"]["items"][0]["id"], "python/eval");
        assert_eq!(client.said("claude.tool.called").await.len(), 6);
    }
}
