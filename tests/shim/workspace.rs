//! The real Claude Code in a workflow that has a folder: it works on a copy, held by the kernel, and what it did there with
//! its own tools becomes a change of the workspace.

use super::ONE_AT_A_TIME;
use super::claude::house;
use super::house::until;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;

fn definition() -> Value {
    let agent = json!({ "profile": "coder", "runtime": "claude", "prompt": "a written-question" });
    json!({
        "name": "studio", "workspace": "work", "state": { "said": {} }, "start": "do",
        "nodes": { "do": { "agent": agent, "write": { "said": "output" } } },
    })
}

fn rules() -> String {
    json!({
        "version": 1, "deny": ["*.pem"], "default": { "can_read_files": true },
        "profiles": { "coder": { "can_write_files": true } },
    })
    .to_string()
}

#[tokio::test]
async fn what_claude_does_with_its_own_tools_is_a_change_and_it_gets_nowhere_else() {
    let Some((house, _mock)) = house() else { return };
    let _turn = ONE_AT_A_TIME.lock().await;
    let house = house.with("CALLBOARD_RUNTIMES__CLAUDE__ALLOWED_TOOLS", "[\"Bash\"]");
    let at = house.path();
    for folder in ["work", "beside"] {
        fs::create_dir(at.join(folder)).unwrap();
    }
    fs::write(at.join("work/there.txt"), "there\n").unwrap();
    fs::write(at.join("beside/canary"), "the canary sings").unwrap();
    fs::write(at.join("work/canary.txt"), at.join("beside/canary").display().to_string()).unwrap();
    fs::write(at.join("config/rules.yaml"), rules()).unwrap();
    let server = house.serve().await;
    let put = server.ask(Method::PUT, "/definitions/studio", Some(definition())).await;
    assert_eq!(put.0, StatusCode::OK, "{}", put.1);
    let (_, receipt) =
        server.ask(Method::POST, "/workflows", Some(json!({ "type": "studio" }))).await;
    let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
    let row = until("the workflow's end", || async {
        let row = server.get(&path).await;
        (row["status"] != "running").then_some(row)
    })
    .await;
    assert_eq!(
        (&row["status"], &row["state"]["said"]),
        (&json!("completed"), &json!("I wrote it.")),
        "{row}"
    );
    assert_eq!(fs::read_to_string(at.join("work/made.txt")).unwrap(), "made\n");
    assert_eq!(fs::read_to_string(at.join("work/there.txt")).unwrap(), "there\nand more\n");
    assert_eq!(
        fs::read_to_string(at.join("work/stolen.txt")).unwrap(),
        "",
        "it read what it may not"
    );
    assert!(!at.join("work/made.pem").exists());
    assert_eq!(fs::read_to_string(at.join("beside/canary")).unwrap(), "the canary sings");
    let changes = server.get(&format!("{path}/files")).await;
    assert_eq!(changes["items"].as_array().unwrap().len(), 1, "{changes}");
    server.terminate().await;
    house.is_empty().await;
}
