//! [`Lab`]: a server whose model tries what it is told to, in a workspace with things beside it that nobody may touch.

use crate::support::{Server, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What must never be seen.
pub(super) const SECRET: &str = "the canary sings";

/// What the kernel gives to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// What it gives to these tests.
    Namespaces,
    /// No namespaces.
    Machine,
}

impl Around {
    /// A server, in this folder.
    pub(super) async fn start(self, at: &Path) -> Server {
        match self {
            Self::Namespaces => Server::start(at, &at.join("home"), &[]).await,
            Self::Machine => Server::without_namespaces(at, &at.join("home")).await,
        }
    }
}

/// A server, a workspace, and canaries beside it.
pub(super) struct Lab {
    pub(super) server: Server,
    pub(super) folder: TempDir,
}

impl Lab {
    /// With these rules; `None`: those that ship. The model makes these calls, all at once, as an agent with a profile.
    pub(super) async fn open(rules: Option<&str>, profile: &str, calls: &[(&str, Value)]) -> Self {
        Self::open_where(Around::Namespaces, rules, profile, calls).await
    }

    /// The same, with this around the server.
    pub(super) async fn open_where(
        around: Around,
        rules: Option<&str>,
        profile: &str,
        calls: &[(&str, Value)],
    ) -> Self {
        let lab = Self::answering(around, rules, &obeys("Try it.", calls)).await;
        lab.define("lab", &agent(profile, calls)).await;
        lab
    }

    /// The same with a model that says this, and nothing that asks it.
    pub(super) async fn answering(around: Around, rules: Option<&str>, answers: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        for name in
            ["work/src", "work/.git", "work/config", "work/docs", "beside", "config", "replay"]
        {
            fs::create_dir_all(at.join(name)).unwrap();
        }
        for name in [
            "work/.env",
            "work/server.pem",
            "work/.git/config",
            "beside/canary",
            "work/src/.env.local",
        ] {
            fs::write(at.join(name), SECRET).unwrap();
        }
        fs::write(at.join("work/src/main.py"), "print('hello')\n").unwrap();
        let links = [
            ("out", "../beside"),
            ("absolute", "/etc"),
            ("canary", "../beside/canary"),
            ("env", ".env"),
            ("key.txt", "server.pem"),
            ("git", ".git"),
            ("src/up", "../.env"),
            ("chain", "env"),
            ("src/deep", "../../beside"),
            ("loop", "loop"),
            ("proc", "/proc/self"),
        ];
        for (name, target) in links {
            symlink(target, at.join("work").join(name)).unwrap();
        }
        if let Some(rules) = rules {
            fs::write(at.join("config/rules.yaml"), rules).unwrap();
        }
        let script = json!({ "name": "a lab", "answers": answers });
        fs::write(at.join("replay/a-lab.yaml"), script.to_string()).unwrap();
        let server = around.start(at).await;
        Self { server, folder }
    }

    pub(super) async fn define(&self, name: &str, text: &str) {
        let path = format!("/definitions/{name}");
        let answer =
            self.server.ask(Method::PUT, &path).body(text.to_owned()).send().await.unwrap();
        let (status, said) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{said}");
    }

    /// Where something lies.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a workflow to its end; its row.
    pub(super) async fn run(&self, definition: &str) -> Value {
        self.run_with(definition, json!({})).await
    }

    /// The same with an input.
    pub(super) async fn run_with(&self, definition: &str, params: Value) -> Value {
        let order = json!({ "type": definition, "params": params });
        let (status, receipt) = self.server.post("/workflows", order).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
        let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
        until("the workflow's end", || async {
            let (_, row) = self.server.get(&path).await;
            (row["status"] != "running").then_some(row)
        })
        .await
    }

    /// What the model was told of its calls, in their order.
    pub(super) async fn results(&self) -> Vec<Value> {
        let row = self.run("lab").await;
        assert_eq!(row["status"], "completed", "{row}");
        let said = row["state"]["said"].as_str().unwrap();
        serde_json::from_str(said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    /// The audit, the oldest first.
    pub(super) async fn audit(&self) -> Vec<Value> {
        let (status, page) = self.server.get("/audit?limit=1000").await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let mut rows = page["items"].as_array().unwrap().clone();
        rows.reverse();
        rows
    }

    /// The canaries are as they were.
    pub(super) fn assert_untouched(&self) {
        for name in ["work/.env", "work/server.pem", "work/.git/config", "beside/canary"] {
            assert_eq!(fs::read_to_string(self.at(name)).unwrap(), SECRET, "{name}");
        }
        let beside: Vec<_> = names(&self.at("beside"));
        assert_eq!(beside, ["canary"]);
        assert_eq!(names(&self.at("work/.git")), ["config"]);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn agent(profile: &str, calls: &[(&str, Value)]) -> String {
    let mut tools: Vec<_> = calls.iter().map(|(name, _)| *name).collect();
    tools.sort_unstable();
    tools.dedup();
    let agent = json!({ "profile": profile, "prompt": "Try it.", "tools": tools });
    json!({
        "name": "lab", "workspace": "work", "state": { "said": {} }, "start": "try",
        "nodes": { "try": { "agent": agent, "write": { "said": "output" } } },
    })
    .to_string()
}

/// A model that makes these calls at this prompt, and says what came of them.
pub(super) fn obeys(prompt: &str, calls: &[(&str, Value)]) -> [Value; 2] {
    let calls: Vec<_> = calls
        .iter()
        .map(|(name, arguments)| json!({ "name": name, "arguments": arguments }))
        .collect();
    [
        json!({ "match": { "prompt_equals": prompt, "tool_rounds": 0 }, "tool_calls": calls }),
        json!({ "match": { "prompt_equals": prompt, "has_tool_results": true }, "template": "{{ results | tojson }}" }),
    ]
}

/// Rules by which everybody may run what is named, and write anywhere.
pub(super) fn rules_with(commands: &[&str]) -> String {
    json!({
        "version": 1,
        "deny": [".env", ".env.*", "*.pem"],
        "default": { "can_read_files": true },
        "profiles": { "coder": {
            "can_write_files": true, "can_run_commands": true, "commands": commands,
        } },
    })
    .to_string()
}
