//! What people see of the rules: over HTTP, on the command line, when a file changes.

use super::kit::{Lab, rules_with};
use crate::support::until;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

fn callboard(lab: &Lab, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_callboard"))
        .args(arguments)
        .current_dir(lab.folder.path())
        .env("CALLBOARD_HOME", lab.at("home"))
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[actix_web::test]
async fn rules_are_shown_checked_and_explained() {
    let lab = Lab::open(None, "reviewer", &[("current_time", json!({}))]).await;
    let (_, shown) = lab.server.get("/rules").await;
    assert_eq!(shown["rules"]["profiles"]["coder"]["can_write_files"], true, "{shown}");
    assert!(
        ["enforced", "checked"].contains(&shown["kernel"]["files"].as_str().unwrap()),
        "{shown}"
    );
    let write = r#"{"path": "docs/a.md", "content": ""}"#;
    let (code, said) = callboard(&lab, &["rules", "explain", "reviewer", "write_file", write]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("profiles.reviewer.can_write_files"), "{said}");
    assert_eq!(callboard(&lab, &["rules", "explain", "coder", "write_file", write]).0, Some(0));
    assert_eq!(
        callboard(&lab, &["rules", "explain", "nodes:architect", "write_file", write]).0,
        Some(0)
    );
    assert_eq!(
        callboard(&lab, &["rules", "explain", "nodes:debate", "write_file", write]).0,
        Some(1)
    );
    let test = r#"{"program": "cargo", "arguments": ["test", "--offline"]}"#;
    assert_eq!(
        callboard(&lab, &["rules", "explain", "nodes:reviewfix", "run_command", test]).0,
        Some(0)
    );
    assert_eq!(callboard(&lab, &["rules", "explain", "fixer", "run_command", test]).0, Some(1));
    fs::write(lab.at("bad.yaml"), "version: 1\nprofils: {}\n").unwrap();
    let (code, said) = callboard(&lab, &["rules", "check", "bad.yaml"]);
    assert_eq!(
        (code, said.trim()),
        (
            Some(1),
            "bad.yaml:2:1: unknown field `profils`, expected one of version, deny, default, profiles, nodes, workflows, environment; did you mean `profiles`?"
        )
    );
    let (_, tools) = lab.server.get("/tools").await;
    let needs = |name: &str| {
        let items = tools["items"].as_array().unwrap();
        items.iter().find(|tool| tool["name"] == name).unwrap()["needs"].clone()
    };
    assert_eq!(
        (needs("write_file"), needs("current_time")),
        (json!("write_files"), json!("nothing"))
    );
}

#[actix_web::test]
async fn a_change_of_the_rules_counts_at_once_and_a_broken_file_changes_nothing() {
    let call = ("write_file", json!({ "path": "src/new.py", "content": "x" }));
    let lab = Lab::open(Some(&rules_with(&[])), "coder", &[call]).await;
    let rules = lab.at("config/rules.yaml");
    assert_ne!(lab.results().await[0]["is_error"], true);
    fs::write(&rules, "version: 1\ndefault: {can_read_files: treu}\n").unwrap();
    let health = until("the warning", || async {
        let (_, health) = lab.server.get("/health").await;
        health["warnings"].to_string().contains("rules.yaml:2").then_some(health)
    });
    assert!(health.await["warnings"].to_string().contains("the rules from before hold"));
    let log = lab.server.log();
    assert!(log.contains("a file has changed: not taken up"), "{log}");
    assert!(!log.contains("a file has changed: taken up"), "{log}");
    assert_ne!(lab.results().await[0]["is_error"], true, "as before");
    fs::write(&rules, "version: 1\n").unwrap();
    until("the new rules", || async {
        let results = lab.results().await;
        (results[0]["is_error"] == true).then_some(())
    })
    .await;
    let (_, page) = lab.server.get("/audit?allowed=false&rule=default").await;
    assert_eq!(page["items"][0]["rule"], "default.can_write_files", "{page}");
    let (code, said) = callboard(&lab, &["audit", "--refused"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("write_file") && said.contains("src/new.py"), "{said}");
}

#[actix_web::test]
async fn a_workflow_below_another_may_never_do_more() {
    let rules: Value = json!({
        "version": 1,
        "nodes": { "can_write_files": true },
        "workflows": {
            "outer": { "within": { "paths": { "write": ["docs/"] } } },
            "inner": { "nodes": { "can_write_files": true, "paths": { "write": ["**"] } }, "within": {} },
        },
    });
    let lab = Lab::open(Some(&rules.to_string()), "coder", &[("current_time", json!({}))]).await;
    let node = |path: &str| json!({ "tool": { "name": "write_file", "with": { "path": format!("'{path}'"), "content": "'x'" } } });
    let inner = json!({
        "name": "inner", "state": {}, "start": "a",
        "nodes": { "a": node("docs/a.md"), "b": node("src/b.py") }, "edges": [{ "from": "a", "to": "b" }],
    });
    let outer = json!({
        "name": "outer", "workspace": "work", "state": {}, "start": "in",
        "nodes": { "in": { "subgraph": { "workflow": "inner" } } },
    });
    let alone = json!({
        "name": "alone", "workspace": "work", "state": {}, "start": "in",
        "nodes": { "in": { "subgraph": { "workflow": "inner" } } },
    });
    lab.define("inner", &inner.to_string()).await;
    lab.define("outer", &outer.to_string()).await;
    lab.define("alone", &alone.to_string()).await;
    assert_eq!(lab.run("outer").await["status"], "failed");
    assert!(lab.at("work/docs/a.md").exists() && !lab.at("work/src/b.py").exists());
    let refused = lab.audit().await.pop().unwrap();
    assert_eq!(
        (&refused["rule"], &refused["allowed"]),
        (&json!("workflows.outer.within.paths.write"), &json!(false))
    );
    assert_eq!(lab.run("alone").await["status"], "completed");
    assert!(lab.at("work/src/b.py").exists());
}

/// Writes, asks whether to go on, then checks.
fn checking() -> Value {
    let agent = json!({ "profile": "coder", "prompt": "Try it.", "tools": ["write_file"] });
    json!({
        "name": "checking", "workspace": "work", "state": { "said": {}, "found": {} }, "start": "try",
        "nodes": {
            "try": { "agent": agent, "write": { "said": "output" } },
            "ask": { "interrupt": { "question": "Go on?", "answer": { "type": "string" } }, "write": { "said": "output" } },
            "check": { "tool": { "name": "check_rules" }, "write": { "found": "output" } },
        },
        "edges": [{ "from": "try", "to": "ask" }, { "from": "ask", "to": "check" }],
    })
}

#[actix_web::test]
async fn what_is_there_is_checked_again_by_the_rules_as_they_are_now() {
    let write = |path: &str| ("write_file", json!({ "path": path, "content": "x" }));
    let calls = [write("src/new.py"), write("notes/a.md"), write("docs/b.md")];
    let rules = |deny: Value| {
        let mut rules: Value = serde_json::from_str(&rules_with(&[])).unwrap();
        rules["nodes"] = json!({ "can_read_files": true });
        rules["deny"] = deny;
        rules.to_string()
    };
    let lab = Lab::open(Some(&rules(json!([".env"]))), "coder", &calls).await;
    lab.define("checking", &checking().to_string()).await;
    let (_, receipt) = lab.server.post("/workflows", json!({ "type": "checking" })).await;
    let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
    let asked = until("the question", || async {
        let (_, row) = lab.server.get(&path).await;
        row["interrupts"][0]["interrupt_id"].as_str().map(str::to_owned)
    });
    let asked = asked.await;
    // Behind the record's back, and long enough after the beginning.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    fs::write(lab.at("work/docs/b.md"), "y").unwrap();
    fs::write(lab.at("work/src/planted.py"), "y").unwrap();
    fs::write(lab.at("config/rules.yaml"), rules(json!([".env", "notes/"]))).unwrap();
    until("the new rules", || async {
        let (_, shown) = lab.server.get("/rules").await;
        (shown["rules"]["deny"][1] == "notes/").then_some(())
    })
    .await;
    let answer = format!("{path}/interrupts/{asked}/answer");
    lab.server.post(&answer, json!({ "answer": "yes", "by": "ada" })).await;
    let row = until("the workflow's end", || async {
        let (_, row) = lab.server.get(&path).await;
        (row["status"] == "completed").then_some(row)
    });
    let found = row.await["state"]["found"].clone();
    let violations = found["violations"].as_array().unwrap();
    let has = |rule: &str, path: &str| {
        let is_it =
            |one: &&Value| one["rule"].as_str().unwrap().contains(rule) && one["path"] == path;
        assert!(violations.iter().any(|one| is_it(&one)), "{rule} {path} in {found}");
    };
    has("deny", "notes/a.md");
    has("record", "docs/b.md");
    has("record", "src/planted.py");
    has("paths", "absolute");
    let about = |path: &str| violations.iter().filter(|one| one["path"] == path).count();
    assert_eq!((about("src/new.py"), about("src/main.py"), about(".env")), (0, 0, 0), "{found}");
}
