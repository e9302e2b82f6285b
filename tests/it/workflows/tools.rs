//! Tools from outside: each does what its door does; definitions that name what is not there; and a server that is
//! killed between calls.

use super::kit::{begin, reach};
use crate::support::{Client, Server, TestApp, is_problem, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;

async fn put(app: &Client, name: &str, text: &str) -> (StatusCode, Value) {
    let path = format!("/definitions/{name}");
    let answer = app.ask(Method::PUT, &path).body(text.to_owned()).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

const KIT: &str = r#"
name: kit
state: {kept: {}, part: {}, said: {}, heard: {}, sent: {}, now: {}, refused: {}}
start: keep
nodes:
  keep:
    tool: {name: set_state, with: {key: "'plan'", value: {steps: ["'look'", "'leap'"]}, if_hash: null}}
    write: {kept: output}
  read: {tool: {name: get_state, with: {key: "'plan'", pointer: "'/steps/1'"}}, write: {part: output}}
  say: {tool: {name: publish, with: {topic: "'lab.' ~ run", data: {n: 1}, event_type: "'NOTE'"}}, write: {said: output}}
  hear: {tool: {name: read_messages, with: {topic: "'lab.>'"}}, write: {heard: output}}
  send: {tool: {name: send_message, with: {to: "'ada'", data: {do: "'it'"}}}, write: {sent: output}}
  when: {tool: {name: current_time}, write: {now: output}}
  own: {tool: {name: publish, with: {topic: "'claude.mine'", data: 1}}, on_error: note}
  note: {set: {refused: error.error.error}}
edges:
  - {from: keep, to: read}
  - {from: read, to: say}
  - {from: say, to: hear}
  - {from: hear, to: send}
  - {from: send, to: when}
  - {from: when, to: own}
  - {from: own, to: end}
"#;

#[tokio::test]
async fn each_tool_does_what_its_door_does() {
    let app = TestApp::start();
    app.post("/agents", json!({ "id": "ada", "profile": "coder" })).await;
    let (status, put) = put(&app, "kit", KIT).await;
    assert_eq!(status, StatusCode::OK, "{put}");
    let id = begin(&app, "kit", json!({})).await;
    let state = reach(&app, &id, "completed").await["state"].clone();
    let (_, plan) = app.get("/state/plan").await;
    assert_eq!(plan, json!({ "steps": ["look", "leap"] }));
    let part =
        json!({ "key": "plan", "found": true, "value": "leap", "hash": state["kept"]["hash"] });
    assert_eq!(state["part"], part);
    let (_, heard) = app.get("/messages?topic=lab.%3E").await;
    let note = &heard["items"][0];
    assert_eq!(heard["items"].as_array().unwrap().len(), 1);
    assert_eq!((&note["event_type"], &note["data"]), (&json!("NOTE"), &json!({ "n": 1 })));
    assert_eq!(note["position"], state["said"]["position"]);
    let read = &state["heard"]["messages"][0];
    assert_eq!((&read["topic"], &read["data"]), (&json!("lab.1"), &json!({ "n": 1 })));
    assert!(state["heard"]["next"].as_i64() >= note["position"].as_i64(), "{state}");
    let (_, mailbox) = app.get("/agents/ada/messages").await;
    assert_eq!(mailbox["items"][0]["data"]["data"], json!({ "do": "it" }));
    assert_eq!(mailbox["items"][0]["position"], state["sent"]["position"]);
    assert!(state["now"]["unix_ms"].as_u64().unwrap() > 1_700_000_000_000, "{state}");
    assert!(state["refused"].as_str().unwrap().contains("the house's own"), "{state}");
}

#[tokio::test]
async fn what_there_is_to_call_is_listed_and_what_there_is_not_is_refused_with_its_place() {
    let app = TestApp::start();
    let (_, page) = app.get("/tools").await;
    let names: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    let known = [
        "analyze_codebase",
        "check_rules",
        "current_time",
        "delete_file",
        "edit_file",
        "fetch_documentation",
        "find_issues",
        "generate_graphviz_diagram",
        "generate_mermaid_diagram",
        "get_state",
        "learn_from_failure",
        "learn_from_success",
        "list_files",
        "memory_search",
        "memory_store",
        "move_file",
        "parse_code",
        "perplexity_search",
        "publish",
        "read_file",
        "read_messages",
        "run_command",
        "search_text",
        "send_message",
        "set_state",
        "suggest_approach",
        "suggest_patterns",
        "validate_syntax",
        "write_adr",
        "write_api_docs",
        "write_file",
    ];
    assert_eq!(json!(names), json!(known));
    let publish = page["items"].as_array().unwrap().iter().find(|tool| tool["name"] == "publish");
    assert_eq!(publish.unwrap()["parameters"]["required"], json!(["topic", "data"]));
    let wrong = KIT.replace("name: publish,", "name: pblish,");
    let refused = put(&app, "kit", &wrong).await;
    let places = ["kit:10:22: unknown tool `pblish` (did you mean `publish`?)"];
    is_problem(&refused, 422, &places);
    let wrong = KIT.replace("with: {to:", "with: {too:");
    let refused = put(&app, "kit", &wrong).await;
    is_problem(&refused, 422, &["has no argument `too`"]);
}

const TELLER: &str = r#"
name: teller
state: {said: {}}
start: tell
nodes:
  tell: {agent: {prompt: "Tell them.", tools: [publish]}, write: {said: output}}
"#;

const SCRIPT: &str = r#"
name: a teller
answers:
  - {match: {prompt_equals: Tell them., tool_rounds: 0}, tool_calls: [{name: publish, arguments: {topic: told.a, data: 1}}]}
  - {match: {prompt_equals: Tell them., tool_rounds: 1}, delay_ms: 300, tool_calls: [{name: publish, arguments: {topic: told.b, data: 2}}, {name: publish, arguments: {topic: told.c, data: 3}}]}
  - {match: {prompt_equals: Tell them., tool_rounds: 2}, delay_ms: 300, tool_calls: [{name: publsh, arguments: {}}]}
  - {match: {prompt_equals: Tell them., has_tool_results: true}, template: "{{ results[0].content }}"}
"#;

#[actix_web::test]
async fn a_server_that_is_killed_between_calls_goes_on_with_what_has_not_ended() {
    for after in [1, 2, 3] {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir(folder.path().join("replay")).unwrap();
        fs::write(folder.path().join("replay/a.yaml"), SCRIPT).unwrap();
        let server = Server::start(folder.path(), &home, &[]).await;
        assert_eq!(put(&server, "teller", TELLER).await.0, StatusCode::OK);
        let (_, receipt) = server.post("/workflows", json!({ "type": "teller" })).await;
        let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
        let (client, path) = (&server, path.as_str());
        until("some results", || async move {
            (client.said("claude.tool.result").await.len() >= after).then_some(())
        })
        .await;
        drop(server);

        let server = Server::start(folder.path(), &home, &[]).await;
        let client = &server;
        let row = until("the workflow's end", || async move {
            let (_, row) = client.get(path).await;
            (row["status"] != "running").then_some(row)
        });
        let row = row.await;
        assert_eq!(row["status"], "completed", "{row}");
        let learnt = "there is no tool \"publsh\": did you mean publish?";
        assert_eq!(row["state"]["said"], learnt);
        let (called, results) =
            (client.said("claude.tool.called").await, client.said("claude.tool.result").await);
        assert_eq!((called.len(), results.len()), (4, 4), "killed after {after}");
        let mut told = client.said("told.%3E").await;
        told.sort_by_key(ToString::to_string);
        assert_eq!(told, [json!(1), json!(2), json!(3)], "killed after {after}");
        assert_eq!(client.said("claude.spawn.complete").await.len(), 4, "killed after {after}");
    }
}
