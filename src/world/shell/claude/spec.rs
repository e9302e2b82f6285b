//! [`ClaudeSpec`]: how Claude Code is called, as data.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How Claude Code is called.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaudeSpec {
    /// A name that is looked for on the `PATH`, or a path.
    pub command: String,
    /// The folder it works in.
    pub cwd: Option<PathBuf>,
    /// Tools it may use without asking.
    pub allowed_tools: Vec<String>,
    /// Tools it may not use.
    pub disallowed_tools: Vec<String>,
    /// How it treats what is not allowed.
    pub permission_mode: Option<String>,
    /// The most turns of an attempt.
    pub max_turns: Option<u32>,
    /// The most US dollars of an attempt.
    pub max_budget_usd: Option<f64>,
    /// A file of MCP servers.
    pub mcp_config: Option<PathBuf>,
    /// Further arguments.
    pub args: Vec<String>,
    /// Hosts that it needs to reach.
    pub hosts: Vec<String>,
    /// All of its environment, with its key. Holds secrets.
    pub environment: BTreeMap<String, String>,
}

impl std::fmt::Debug for ClaudeSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClaudeSpec").field("command", &self.command).finish_non_exhaustive()
    }
}

impl ClaudeSpec {
    /// Its arguments, for this model; `session` is gone on with, in a copy of its own: an attempt that
    /// fails leaves the conversation as it was. The instructions in the file `system` come after its own, by
    /// which it knows its tools.
    pub(super) fn arguments(
        &self,
        model: &str,
        session: Option<&str>,
        system: Option<&Path>,
    ) -> Vec<String> {
        let mut args: Vec<String> =
            ["-p", "--output-format", "stream-json", "--verbose", "--model", model]
                .map(str::to_owned)
                .into();
        let mut option = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                args.extend([name.to_owned(), value]);
            }
        };
        option("--resume", session.map(str::to_owned));
        option("--append-system-prompt-file", system.map(|file| file.display().to_string()));
        option("--permission-mode", self.permission_mode.clone());
        option("--max-turns", self.max_turns.map(|turns| turns.to_string()));
        option("--max-budget-usd", self.max_budget_usd.map(|dollars| dollars.to_string()));
        option("--mcp-config", self.mcp_config.as_ref().map(|file| file.display().to_string()));
        if session.is_some() {
            args.push("--fork-session".into());
        }
        for (name, tools) in
            [("--allowedTools", &self.allowed_tools), ("--disallowedTools", &self.disallowed_tools)]
        {
            if !tools.is_empty() {
                args.push(name.into());
                args.extend(tools.iter().cloned());
            }
        }
        args.extend(self.args.iter().cloned());
        args
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_becomes_its_argument() {
        let spec = ClaudeSpec {
            allowed_tools: vec!["Read".into(), "Bash(git log:*)".into()],
            disallowed_tools: vec!["WebFetch".into()],
            permission_mode: Some("acceptEdits".into()),
            max_turns: Some(3),
            max_budget_usd: Some(0.5),
            mcp_config: Some("/mcp.json".into()),
            args: vec!["--effort".into(), "low".into()],
            ..ClaudeSpec::default()
        };
        assert_eq!(
            spec.arguments("opus", Some("s-1"), Some(Path::new("/blob"))).join(" "),
            "-p --output-format stream-json --verbose --model opus --resume s-1 \
             --append-system-prompt-file /blob --permission-mode acceptEdits --max-turns 3 \
             --max-budget-usd 0.5 --mcp-config /mcp.json --fork-session --allowedTools Read \
             Bash(git log:*) --disallowedTools WebFetch --effort low"
        );
        let plain = ClaudeSpec::default().arguments("sonnet", None, None).join(" ");
        assert_eq!(plain, "-p --output-format stream-json --verbose --model sonnet");
    }
}
