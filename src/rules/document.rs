//! [`Document`]: the rules as they are written. What is not said is `None` here; what that means, [`super::merge`] says.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The JSON Schema of the rules.
pub const SCHEMA: &str = include_str!("../../config/rules.schema.json");

/// All that is said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Document {
    /// Which form of the file it is: 1.
    pub(super) version: u32,
    /// Paths that nobody may read or write.
    pub(super) deny: Vec<String>,
    /// What an agent may of which nothing else is said; what is said of a profile changes it.
    pub(super) default: Said,
    /// What agents with a profile may, where that is not the default.
    pub(super) profiles: BTreeMap<String, Said>,
    /// What nodes of workflows may, that call tools themselves.
    pub(super) nodes: Said,
    /// What holds in workflows of a type.
    pub(super) workflows: BTreeMap<String, OfWorkflow>,
    /// What programs find around them.
    pub(super) environment: Environment,
}

/// What holds in workflows of a type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OfWorkflow {
    /// What nodes of it may, where that is not what all may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nodes: Option<Said>,
    /// What nobody in it, or in a workflow below it, may exceed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) within: Option<Said>,
}

/// What is said of somebody.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Said {
    pub(super) can_read_files: Option<bool>,
    pub(super) can_write_files: Option<bool>,
    pub(super) can_analyze_codebase: Option<bool>,
    pub(super) can_run_commands: Option<bool>,
    pub(super) can_web_search: Option<bool>,
    pub(super) can_fetch: Option<bool>,
    pub(super) can_use_memory: Option<bool>,
    pub(super) can_send_messages: Option<bool>,
    pub(super) can_use_state: Option<bool>,
    pub(super) can_use_mcp: Option<bool>,
    pub(super) can_call_other_tools: Option<bool>,
    /// Where in the workspace.
    pub(super) paths: PathsSaid,
    /// Which hosts.
    pub(super) hosts: Option<Vec<String>>,
    /// Which of the tools of MCP servers, and of those that have no permission of their own.
    pub(super) tools: Option<Vec<String>>,
    /// Which programs, with which arguments.
    pub(super) commands: Option<Vec<CommandSaid>>,
    /// How much.
    pub(super) budgets: BudgetsSaid,
}

/// Where in the workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PathsSaid {
    pub(super) read: Option<Vec<String>>,
    pub(super) write: Option<Vec<String>>,
    pub(super) deny: Vec<String>,
}

/// A program, with its arguments; and how it is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum CommandSaid {
    /// `cargo test --offline`
    Line(String),
    /// The same, with more said.
    Full(CommandFull),
}

/// A program, and how it is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommandFull {
    /// As above.
    pub(super) run: String,
    /// Whether it may open sockets.
    #[serde(default)]
    pub(super) network: bool,
    /// How long it may run.
    #[serde(default)]
    pub(super) timeout_s: Option<u32>,
}

/// How much one may in a run of a workflow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BudgetsSaid {
    pub(super) calls: BTreeMap<String, u64>,
    pub(super) bytes_written: Option<u64>,
    pub(super) command_seconds: Option<u64>,
}

/// What programs find around them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Environment {
    /// Folders that they may read and run programs from, beside those of the system: toolchains.
    pub read_only: Vec<PathBuf>,
    /// Folders in which programs are looked for, before those of the system.
    pub path: Vec<PathBuf>,
    /// Variables that they find, beside PATH, HOME, TMPDIR and LANG. No secrets: whoever may run programs can read them.
    pub variables: BTreeMap<String, String>,
}

impl Environment {
    /// The same with the home of whoever runs the server in place of a leading `~`.
    #[must_use]
    pub fn at_home(&self, home: &Path) -> Self {
        let path = |path: &PathBuf| match path.strip_prefix("~") {
            Ok(rest) => home.join(rest),
            Err(_) => path.clone(),
        };
        let text = |(name, value): (&String, &String)| match value.strip_prefix("~/") {
            Some(rest) => (name.clone(), home.join(rest).to_string_lossy().into_owned()),
            None => (name.clone(), value.clone()),
        };
        Self {
            read_only: self.read_only.iter().map(path).collect(),
            path: self.path.iter().map(path).collect(),
            variables: self.variables.iter().map(text).collect(),
        }
    }
}
