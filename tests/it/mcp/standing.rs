//! How servers stand: in the tree, in `/health`, before the rules, in the settings, and where no server runs.

use super::kit::{Lab, liar};
use crate::support::until;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

#[tokio::test]
async fn a_server_that_cannot_be_is_tried_again_seen_and_makes_nobody_ill() {
    let lab = Lab::open(|folder| {
        let dies = liar(folder, "").replace("env = {", "env = { LIAR_DIES = \"1\",");
        format!("{dies}\n[mcp.nowhere]\nurl = \"http://127.0.0.1:9/mcp?key=hush\"\n[mcp.nobody]\ncommand = \"no-such-program\"\n")
    })
    .await;
    let down = lab.until_server("liar", |server| {
        server["state"].as_str().is_some_and(|state| state.contains("no license"))
    });
    let down = down.await;
    assert!(down["state"].as_str().unwrap().contains("ended with 7"), "{down}");
    lab.until_server("nowhere", |server| {
        server["state"].as_str().is_some_and(|state| state.contains("cannot be reached"))
    })
    .await;
    lab.until_server("nobody", |server| {
        server["state"]
            .as_str()
            .is_some_and(|state| state.contains("failed to run no-such-program"))
    })
    .await;
    until("another try", || async { (lab.noted("started").len() > 2).then_some(()) }).await;
    let health = until("the warning", || async {
        let (status, health) = lab.server.get("/health").await;
        assert_eq!(status.as_u16(), 200, "{health}");
        health.to_string().contains("the MCP server liar is not up").then_some(health)
    });
    let health = health.await;
    assert_eq!(health["checks"]["mcp"]["ok"], true);
    let (_, tree) = lab.server.get("/actors/services/mcp").await;
    let children = tree["children"].as_array().unwrap();
    assert_eq!(children.len(), 3, "{tree}");
    assert!(children.iter().all(|child| child["kind"] == "mcp_server"), "{tree}");
    assert!(!tree.to_string().contains("hush") && !lab.server.log().contains("hush"));
    let log = fs::read_to_string(lab.at("home/mcp/liar.log")).unwrap();
    assert!(log.contains("it cannot be: no license"), "{log}");
    let path = lab.begin_unlisted().await;
    let ended = lab.ended(&path).await;
    assert!(ended.to_string().contains("because liar is not up"), "{ended}");
}

impl Lab {
    /// A workflow with a tool of which nobody knows whether it is there.
    async fn begin_unlisted(&self) -> String {
        self.define(&json!({
            "name": "unlisted", "start": "call",
            "nodes": { "call": { "tool": { "name": "liar__echo", "with": {} } } },
        }))
        .await;
        self.start("unlisted", json!({})).await
    }
}

#[tokio::test]
async fn an_operator_stops_and_starts_a_server() {
    let lab = Lab::open(|folder| liar(folder, "")).await;
    lab.until_up("liar").await;
    let stop = lab.server.post("/actors/services/mcp/liar/stop", json!({})).await;
    assert!(stop.0.is_success(), "{}", stop.1);
    lab.until_server("liar", |server| {
        server["state"].as_str().unwrap().starts_with("it was stopped")
    })
    .await;
    let error = lab.call("liar__echo", json!({ "text": "x" })).await.unwrap_err();
    assert!(error.contains("is not up (it was stopped by"), "{error}");
    let start = lab.server.post("/actors/services/mcp/liar/resume", json!({})).await;
    assert!(start.0.is_success(), "{}", start.1);
    lab.until_up("liar").await;
    assert_eq!(lab.call("liar__echo", json!({ "text": "x" })).await, Ok(json!("x")));
}

#[tokio::test]
async fn nobody_calls_what_the_rules_do_not_give() {
    let rules = "
version: 1
nodes: { can_use_mcp: true, tools: ['liar__e*'] }
";
    let lab = Lab::with_rules(rules, |folder| {
        format!(
            "{}{}",
            liar(folder, ""),
            liar(folder, "permission = \"can_run_commands\"").replace("mcp.liar", "mcp.other")
        )
    })
    .await;
    lab.until_up("liar").await;
    lab.until_up("other").await;
    assert_eq!(lab.call("liar__echo", json!({ "text": "x" })).await, Ok(json!("x")));
    let refused = lab.call("liar__fail", json!({})).await.unwrap_err();
    assert!(refused.contains("liar__fail is not among the tools"), "{refused}");
    let refused = lab.call("other__echo", json!({ "text": "x" })).await.unwrap_err();
    assert!(refused.contains("other__echo needs can_run_commands"), "{refused}");
    let (_, audit) = lab.server.get("/audit?allowed=false").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 2, "{audit}");
}

#[tokio::test]
async fn secrets_of_servers_are_shown_by_nothing() {
    let lab = Lab::open(|folder| liar(folder, "")).await;
    lab.until_up("liar").await;
    let (_, config) = lab.server.get("/config").await;
    assert!(config.to_string().contains("mcp.liar.env.LIAR_SECRET"), "{config}");
    let set = json!("still-hush-hush-hush-hush");
    let (status, said) = lab.server.set("mcp.liar.env.LIAR_SECRET", set).await;
    assert_eq!(status.as_u16(), 200, "{said}");
    until("a server with the new secret", || async {
        (lab.noted("started").len() == 2).then_some(())
    })
    .await;
    lab.until_up("liar").await;
    let (_, config) = lab.server.get("/config").await;
    let (_, messages) = lab.server.get("/messages?limit=1000").await;
    for shown in [config.to_string(), messages.to_string(), lab.server.log()] {
        assert!(!shown.contains("hush-hush-hush"), "{shown}");
    }
}

#[test]
fn without_a_server_a_definition_is_checked_as_far_as_it_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir_all(at.join("config")).unwrap();
    fs::write(at.join("config/callboard.toml"), liar(at, "")).unwrap();
    let check = |tool: &str| -> (bool, String) {
        let definition: Value = json!({
            "name": "one", "start": "call",
            "nodes": { "call": { "tool": { "name": tool, "with": { "any": "1" } } } },
        });
        fs::write(at.join("one.yaml"), definition.to_string()).unwrap();
        let out = Command::new(env!("CARGO_BIN_EXE_callboard"))
            .args(["workflows", "check", "one.yaml"])
            .current_dir(at)
            .output()
            .unwrap();
        let said = [out.stdout, out.stderr].concat();
        (out.status.success(), String::from_utf8(said).unwrap())
    };
    let (is_well, said) = check("liar__anything");
    assert!(
        is_well && said.contains("liar__anything: its MCP server has not been asked"),
        "{said}"
    );
    let (is_well, said) = check("nobody__anything");
    assert!(!is_well && said.contains("unknown tool `nobody__anything`"), "{said}");
}

#[test]
fn a_command_without_a_server_starts_what_it_needs_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir_all(at.join("config/workflows")).unwrap();
    fs::write(at.join("config/callboard.toml"), liar(at, "")).unwrap();
    fs::write(at.join("config/rules.yaml"), super::kit::RULES).unwrap();
    let definition = json!({
        "name": "one", "state": { "said": {} }, "start": "call",
        "nodes": { "call": { "tool": { "name": "liar__echo", "with": { "text": "'hello'" } }, "write": { "said": "output" } } },
        "output": { "said": "state.said" },
    });
    fs::write(at.join("config/workflows/one.yaml"), definition.to_string()).unwrap();
    let idle = json!({ "name": "idle", "start": "a", "nodes": { "a": { "set": {} } } });
    fs::write(at.join("config/workflows/idle.yaml"), idle.to_string()).unwrap();
    let run = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_callboard"))
            .args(args)
            .current_dir(at)
            .env("CALLBOARD_HOME", at.join("home"))
            .output()
            .unwrap();
        let said = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
        assert!(out.status.success(), "{said}");
        said
    };
    run(&["run", "idle"]);
    assert!(!at.join("started").exists(), "nobody needed it");
    let said = run(&["run", "one"]);
    assert!(said.contains("hello"), "{said}");
    let pid = fs::read_to_string(at.join("started")).unwrap();
    assert!(!super::kit::lives(pid.trim()), "it is left");
}
