//! [`House`]: an empty folder in which the real binary runs the coding team, with all its providers at a mock.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::script::{TASK, fixtures};
use crate::server::{Server, tool};

const KEY: &str = "sk-a-key-nobody-may-see";

/// aimock with what the team says. Turns are held to strictly: an answer out of turn would hide a call too many.
pub(super) fn mock() -> Option<Server> {
    let cli = tool("CALLBOARD_TEST_AIMOCK", "aimock", "aimock 1.43.0")?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("team.json");
    fs::write(&file, fixtures().to_string()).unwrap();
    // It has read the file once it listens.
    Some(Server::start(|port| {
        let mut command = Command::new("node");
        command.arg(cli).args(["-p", &port.to_string(), "-f"]).arg(file);
        command.env("AIMOCK_STRICT_TURN_INDEX", "1");
        command
    }))
}

/// The folder, and by which settings it is run there.
pub(super) struct House {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl House {
    pub(super) fn new(mock: &Server) -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        house.with(&[
            ("ANTHROPIC_API_KEY", KEY),
            ("OPENAI_API_KEY", KEY),
            ("PERPLEXITY_API_KEY", KEY),
            ("CALLBOARD_RUNTIMES__ANTHROPIC__BASE_URL", &mock.url("")),
            ("CALLBOARD_RUNTIMES__OPENAI__BASE_URL", &mock.url("/v1")),
            ("CALLBOARD_RUNTIMES__PERPLEXITY__BASE_URL", &mock.url("/v1")),
            ("CALLBOARD_RUNTIMES__LOCAL__KIND", "openai_compatible"),
            ("CALLBOARD_RUNTIMES__LOCAL__BASE_URL", &mock.url("/v1")),
            ("CALLBOARD_RUNTIMES__LOCAL__DEFAULT_MODEL", "qwen3"),
            ("CALLBOARD_PROCESSES__MAX_RETRIES", "0"),
        ])
    }

    pub(super) fn with(mut self, variables: &[(&str, &str)]) -> Self {
        let more = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        self.variables.extend(more);
        self
    }

    /// Has the profile of whoever researches name a runtime of its own; all others are as they ship.
    pub(super) fn researching_at(&self, runtime: &str) {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/agents");
        let folder = self.folder.path().join("config/agents");
        fs::create_dir_all(&folder).unwrap();
        for file in fs::read_dir(shipped).unwrap().map(Result::unwrap) {
            let mut text = fs::read_to_string(file.path()).unwrap();
            if file.file_name() == "research.yaml" {
                text = format!("{text}runtime: {runtime}\n");
            }
            fs::write(folder.join(file.file_name()), text).unwrap();
        }
    }

    /// Runs the team to its end: the workflow as it is then.
    pub(super) async fn run(&self, arguments: &[&str]) -> Value {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(["--json", "run", "autoagent", &format!("task={TASK}"), "workspace=./made"]);
        command.args(arguments).current_dir(self.folder.path()).kill_on_drop(true);
        command.env_clear().env("PATH", "/usr/bin:/bin").envs(self.variables.iter().cloned());
        let patience = std::time::Duration::from_mins(2);
        let output = tokio::time::timeout(patience, command.output()).await;
        let output = output.expect("it ends").unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(!complaints.contains(KEY) && !said.contains(KEY), "the key shows: {complaints}");
        let nothing = || json!({ "said": said, "complaints": complaints });
        serde_json::from_str(&said).unwrap_or_else(|_| nothing())
    }

    /// What was made there.
    pub(super) fn made(&self, path: &str) -> String {
        let path = self.folder.path().join("made").join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
