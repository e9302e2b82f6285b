//! `[runtimes.NAME]` of the kinds `cli` and `claude`: programs that are run for each attempt.

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::secret::{Secret, Secrets};
use crate::program::{Answer, Retry, Select, Stdin, Usage};

/// Any host with a public name.
pub(super) const ANY_HOST: &str = "*";

/// Its API, and where a login of its own is renewed.
const ANTHROPIC: [&str; 4] =
    ["api.anthropic.com", "platform.claude.com", "console.anthropic.com", "claude.ai"];

/// What a runtime of kind `cli` needs: how the program is called, and how its output is read.
///
/// Arguments are templates over `prompt`, `prompt_file`, `system`, `system_file` (the standing instructions, which
/// stand before the prompt where no argument uses them), `model`, `session_id` (the program's own name of the
/// conversation, where an earlier turn gave one), `process_id` and `attempt`. One that renders to nothing is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cli {
    /// The program: a name that is looked for on the `PATH`, or a path. Has to be set.
    pub command: String,
    /// Its arguments, templates each. Default none.
    pub args: Vec<String>,
    /// What it reads on its stdin. Default `prompt`.
    pub stdin: Stdin,
    /// The folder it works in. Default the server's working directory.
    pub cwd: Option<PathBuf>,
    /// Variables of the server's environment that it gets beside the usual ones. Default none.
    pub env: Vec<String>,
    /// Variables that are set for it, secrets as often as not. Default none.
    pub set_env: Secrets,
    /// Where its answer is. Default `stdout`.
    pub answer: Answer,
    /// Where it says what the answer took. Default nowhere.
    pub usage: Usage,
    /// Where it gives its own name of the conversation. Default nowhere.
    pub session: Option<Select>,
    /// Where it says what went wrong; the last lines of its stderr otherwise. Default nowhere.
    pub error: Option<Select>,
    /// Which failures another attempt may mend.
    pub retry: Retry,
    /// What to say where the program is missing. Default the setting's name.
    pub install: Option<String>,
    /// Hosts that it needs to reach where it works on a workspace: `example.org`, `*.example.org` or `*`, each at 443 or
    /// with `:port`. Default `*`: nobody knows what a program needs but whoever sets it up.
    pub hosts: Vec<String>,
}

/// What a runtime of kind `claude` needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claude {
    /// The program: a name that is looked for on the `PATH`, or a path. Default `claude`.
    pub command: String,
    /// The key; the variable `ANTHROPIC_API_KEY` sets it for the runtime named `claude`. Default none: then Claude
    /// Code's own login counts.
    pub api_key: Option<Secret>,
    /// Where the API is, if not at Anthropic. Default none.
    pub base_url: Option<String>,
    /// The folder it works in. Default the server's working directory.
    pub cwd: Option<PathBuf>,
    /// Tools it may use without asking, as in `Bash(git log:*)`. Default none.
    pub allowed_tools: Vec<String>,
    /// Tools it may not use. Default none.
    pub disallowed_tools: Vec<String>,
    /// How it treats what is not allowed: `default`, `acceptEdits`, `plan`, `bypassPermissions` … Default its own.
    pub permission_mode: Option<String>,
    /// The most turns of an attempt. Default no limit.
    pub max_turns: Option<NonZeroU32>,
    /// The most US dollars that an attempt may cost. Default no limit.
    pub max_budget_usd: Option<f64>,
    /// A file of MCP servers that it may talk to. Default none.
    pub mcp_config: Option<PathBuf>,
    /// Further arguments. Default none.
    pub args: Vec<String>,
    /// Variables of the server's environment that it gets beside the usual ones. Default none.
    pub env: Vec<String>,
    /// Variables that are set for it, secrets as often as not. Default none.
    pub set_env: Secrets,
    /// How often it asks the API again by itself before an attempt fails. Default 2.
    pub api_retries: u32,
    /// Hosts that it needs to reach where it works on a workspace, as above. Default those of Anthropic that it speaks to.
    pub hosts: Vec<String>,
}

impl Default for Claude {
    fn default() -> Self {
        Self {
            command: "claude".into(),
            api_key: None,
            base_url: None,
            cwd: None,
            allowed_tools: Vec::new(),
            disallowed_tools: Vec::new(),
            permission_mode: None,
            max_turns: None,
            max_budget_usd: None,
            mcp_config: None,
            args: Vec::new(),
            env: Vec::new(),
            set_env: Secrets::default(),
            api_retries: 2,
            hosts: ANTHROPIC.map(str::to_owned).into(),
        }
    }
}
