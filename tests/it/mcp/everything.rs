//! `@modelcontextprotocol/server-everything`, the protocol's own server for trying clients, over both ways to reach it.

use super::kit::{Lab, RULES};
use crate::support::until;
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where it is; `None`, said in plain sight, where it is not installed.
fn script() -> Option<String> {
    let script = std::env::var("CALLBOARD_TEST_MCP_EVERYTHING").ok();
    if script.is_none() {
        eprintln!("skipped: needs CALLBOARD_TEST_MCP_EVERYTHING (tests/tools/install.sh)");
    }
    script
}

fn over_stdio(script: &str) -> String {
    format!(
        "[mcp.everything]\ncommand = \"node\"\nargs = [\"{script}\", \"stdio\"]\ntrust_hints = true\n\
         repeat_of = {{ get-env = \"ask\" }}\n"
    )
}

/// The server over HTTP. Killed when dropped.
struct Http(Child, u16);

impl Drop for Http {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Http {
    fn start(script: &str, port: u16) -> Self {
        let child = Command::new("node")
            .args([script, "streamableHttp"])
            .env("PORT", port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child, port)
    }

    fn settings(&self) -> String {
        format!(
            "[mcp.everything]\nurl = \"http://127.0.0.1:{}/mcp\"\nheaders = {{ Authorization = \"Bearer hush-hush-hush\" }}\n\
             trust_hints = true\nrepeat_of = {{ get-env = \"ask\" }}\n",
            self.1
        )
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An agent whose script calls two tools, and says what it was told.
async fn an_agent_calls_its_tools(lab: &Lab) {
    let agent = json!({
        "prompt": "Use them.", "tools": ["everything__echo", "everything__get-sum", "everything__get-tiny-image"],
    });
    lab.define(&json!({
        "name": "uses", "state": { "said": {} }, "start": "use",
        "nodes": { "use": { "agent": agent, "write": { "said": "output" } } },
    }))
    .await;
    let path = lab.start("uses", json!({})).await;
    let row = lab.ended(&path).await;
    assert_eq!(row["status"], "completed", "{row}");
    let said: Vec<Value> = serde_json::from_str(row["state"]["said"].as_str().unwrap()).unwrap();
    assert_eq!(said[0]["content"], "Echo: hello");
    assert_eq!(said[1]["content"], "The sum of 2 and 40 is 42.");
    assert_eq!(said[2]["is_error"], true);
    let error = said[2]["content"].as_str().unwrap();
    assert!(
        error.starts_with("the arguments of everything__get-sum do not fit its schema"),
        "{error}"
    );
    let image = &said[3]["content"]["parts"][0];
    let file = lab.at("home").join(image["file"].as_str().unwrap());
    assert!(fs::read(file).unwrap().starts_with(b"\x89PNG"), "{image}");
    let (_, audit) = lab.server.get("/audit?tool=everything__get-sum").await;
    assert_eq!(audit["items"][0]["allowed"], true, "{audit}");
}

fn scripted(folder: &Path) {
    let calls = [
        ("echo", json!({ "message": "hello" })),
        ("get-sum", json!({ "a": 2, "b": 40 })),
        ("get-sum", json!({ "a": "two" })),
        ("get-tiny-image", json!({})),
    ];
    let call = |(name, arguments): (&str, Value)| json!({ "name": format!("everything__{name}"), "arguments": arguments });
    let calls: Vec<_> = calls.into_iter().map(call).collect();
    let script = json!({ "name": "uses", "answers": [
        { "match": { "prompt_equals": "Use them.", "tool_rounds": 0 }, "tool_calls": calls },
        { "match": { "prompt_equals": "Use them.", "has_tool_results": true }, "template": "{{ results | tojson }}" },
    ] });
    fs::create_dir_all(folder.join("replay")).unwrap();
    fs::write(folder.join("replay/a-uses.yaml"), script.to_string()).unwrap();
}

async fn its_tools_are_told(lab: &Lab) {
    let server = lab.until_up("everything").await;
    assert!(server["tools"].as_u64().unwrap() > 5, "{server}");
    let sum = lab.tool("everything__get-sum").await.unwrap();
    assert_eq!((&sum["needs"], &sum["repeat"]), (&json!("use_mcp"), &json!("safe")));
    assert_eq!(sum["parameters"]["required"], json!(["a", "b"]));
    assert_eq!(sum["server"]["is_up"], true);
    let env = lab.tool("everything__get-env").await.unwrap();
    assert_eq!(env["repeat"], "ask", "what the settings say of a tool goes before its hints");
}

async fn nodes_call_its_tools(lab: &Lab) {
    let structured =
        lab.call("everything__get-structured-content", json!({ "location": "Chicago" }));
    let structured = structured.await.unwrap();
    assert!(structured["temperature"].is_number(), "{structured}");
    let error = lab.call("everything__get-sum", json!({ "a": "x", "b": 1 })).await.unwrap_err();
    assert!(error.contains("do not fit its schema"), "{error}");
}

#[tokio::test]
async fn a_server_that_nobody_here_wrote_is_used_over_stdio() {
    let Some(script) = script() else { return };
    let lab = Lab::with_rules(RULES, |folder| {
        scripted(folder);
        over_stdio(&script)
    })
    .await;
    its_tools_are_told(&lab).await;
    an_agent_calls_its_tools(&lab).await;
    nodes_call_its_tools(&lab).await;
    assert!(fs::read_to_string(lab.at("home/mcp/everything.log")).unwrap().contains("STDIO"));
}

#[tokio::test]
async fn a_server_that_nobody_here_wrote_is_used_over_http_and_found_again_when_it_comes_back() {
    let Some(script) = script() else { return };
    let http = Http::start(&script, free_port());
    let lab = Lab::with_rules(RULES, |folder| {
        scripted(folder);
        http.settings()
    })
    .await;
    its_tools_are_told(&lab).await;
    an_agent_calls_its_tools(&lab).await;
    nodes_call_its_tools(&lab).await;
    let port = http.1;
    drop(http);
    let gone = lab.call("everything__echo", json!({ "message": "who?" })).await.unwrap_err();
    assert!(gone.contains("everything is not up"), "{gone}");
    let http = Http::start(&script, port);
    lab.until_up("everything").await;
    let again = lab.call("everything__echo", json!({ "message": "again" })).await;
    assert_eq!(again, Ok(json!("Echo: again")));
    // One that was started anew knows nobody of before.
    drop(http);
    let _http = Http::start(&script, port);
    until("an answer of the one that was started anew", || async {
        lab.call("everything__echo", json!({ "message": "anew" })).await.ok()
    })
    .await;
    assert!(!lab.server.log().contains("hush"), "{}", lab.server.log());
}
