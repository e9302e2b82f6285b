//! A server with MCP servers, in a folder of its own; and calls of their tools by workflows that do nothing else.

use crate::support::{Server, one_call, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Everybody may call everything of MCP servers.
pub(super) const RULES: &str = "
version: 1
default: { can_use_mcp: true, tools: ['*'] }
nodes: { can_use_mcp: true, tools: ['*'] }
";

/// The folder of a server, and the server.
pub(super) struct Lab {
    pub(super) server: Server,
    pub(super) folder: TempDir,
}

/// `[mcp.liar]`: the script beside this file, with more settings below.
pub(super) fn liar(folder: &Path, more: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mcp/liar.py");
    let folder = folder.display();
    format!(
        "[mcp.liar]\ncommand = \"python3\"\nargs = [\"{script}\"]\n\
         env = {{ LIAR_FOLDER = \"{folder}\", LIAR_SECRET = \"hush-hush-hush-hush\" }}\n{more}\n"
    )
}

impl Lab {
    /// With these settings, made for its folder.
    pub(super) async fn open(settings: impl Fn(&Path) -> String) -> Self {
        Self::with_rules(RULES, settings).await
    }

    pub(super) async fn with_rules(rules: &str, settings: impl Fn(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::create_dir_all(at.join("config")).unwrap();
        fs::write(at.join("config/rules.yaml"), rules).unwrap();
        fs::write(at.join("config/callboard.toml"), settings(at)).unwrap();
        let server = Server::start(at, &at.join("home"), &[]).await;
        Self { server, folder }
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What an MCP server has noted.
    pub(super) fn noted(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.at(name)).unwrap_or_default();
        text.lines().map(ToOwned::to_owned).collect()
    }

    pub(super) async fn define(&self, definition: &Value) {
        let path = format!("/definitions/{}", definition["name"].as_str().unwrap());
        let body = definition.to_string();
        let answer = self.server.ask(Method::PUT, &path).body(body).send().await.unwrap();
        let (status, said) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{said}");
    }

    /// Starts a workflow; where it is.
    pub(super) async fn start(&self, name: &str, params: Value) -> String {
        let body = json!({ "type": name, "params": params });
        let (status, receipt) = self.server.post("/workflows", body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
        format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap())
    }

    /// The row of a workflow once it does not run any more.
    pub(super) async fn ended(&self, path: &str) -> Value {
        until("the workflow's end", || async move {
            let (_, row) = self.server.get(path).await;
            (row["status"] != "running").then_some(row)
        })
        .await
    }

    /// Begins a call of a tool by a node; where its workflow is.
    pub(super) async fn begin(&self, tool: &str, arguments: &Value) -> String {
        let name = format!("one-{}", tool.replace('_', "-"));
        self.define(&one_call(&name, tool, arguments)).await;
        self.start(&name, json!({ "arguments": arguments })).await
    }

    /// Calls a tool by a node; what it gave, or what was wrong.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Result<Value, String> {
        let path = self.begin(tool, &arguments).await;
        let ended = self.ended(&path).await;
        assert_eq!(ended["status"], "completed", "{ended}");
        match &ended["state"]["refused"] {
            Value::Null => Ok(ended["state"]["result"].clone()),
            refused => Err(refused.as_str().unwrap().to_owned()),
        }
    }

    /// How an MCP server stands, as `GET /tools` says it, once this holds of it.
    pub(super) async fn until_server(&self, name: &str, holds: impl Fn(&Value) -> bool) -> Value {
        until("the MCP server's state", || async {
            let (_, page) = self.server.get("/tools").await;
            let servers = page["servers"].as_array().unwrap().clone();
            servers.into_iter().find(|server| server["name"] == name).filter(|it| holds(it))
        })
        .await
    }

    pub(super) async fn until_up(&self, name: &str) -> Value {
        self.until_server(name, |server| server["is_up"] == true).await
    }

    /// A tool, as `GET /tools` tells it.
    pub(super) async fn tool(&self, name: &str) -> Option<Value> {
        let (_, page) = self.server.get("/tools").await;
        page["items"].as_array().unwrap().iter().find(|tool| tool["name"] == name).cloned()
    }
}

/// Whether a process lives.
pub(super) fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| state != Some('Z'))
}
