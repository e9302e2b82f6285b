//! `[mcp.NAME]`: MCP servers, whose tools agents and nodes may call beside the built-in ones.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::Problem;
use super::secret::Secrets;

/// How long a call may take where nothing else is said, in seconds.
const TIMEOUT_S: NonZeroU32 = NonZeroU32::new(60).expect("it is not zero");

/// An MCP server.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mcp {
    /// How it is reached.
    #[serde(flatten)]
    pub reach: McpReach,
    /// The longest that a call may take, in seconds. Default 60.
    pub timeout_s: NonZeroU32,
    /// What follows a call whose result was lost. Default `ask`.
    pub repeat: McpRepeat,
    /// The same for single tools, by the server's own names of them. Default none.
    pub repeat_of: BTreeMap<String, McpRepeat>,
    /// What one has to be allowed by the rules to call its tools. Default `can_use_mcp`.
    pub permission: McpPermission,
    /// Whether it is believed which of its tools only read, or do no harm when called again. Default no.
    pub trust_hints: bool,
    /// Which of its tools are offered; `*` stands for any letters. Default all.
    pub tools: Vec<String>,
    /// Whether it is used at all. Default yes.
    pub enabled: bool,
}

/// How an MCP server is reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum McpReach {
    /// A program that is run, and spoken to over its stdin and stdout.
    Program {
        /// A name that is looked for on the `PATH`, or a path.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// Variables that are set for it.
        env: Secrets,
        /// Variables of the server's environment that it gets beside the usual ones; `*` ends a name.
        inherit: Vec<String>,
        /// The folder it works in. Default the server's working directory.
        cwd: Option<PathBuf>,
    },
    /// An address that is spoken to over streamable HTTP.
    Address {
        /// Where it is.
        url: String,
        /// Headers of every request.
        headers: Secrets,
    },
}

/// What follows a call that was begun and whose result was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum McpRepeat {
    /// It is made again.
    Safe,
    /// A person is asked.
    #[default]
    Ask,
}

/// What the rules can grant, as it is called there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "docs/RULES.md tells what each of them is for")]
pub enum McpPermission {
    CanReadFiles,
    CanWriteFiles,
    CanAnalyzeCodebase,
    CanRunCommands,
    CanWebSearch,
    CanFetch,
    CanUseMemory,
    CanSendMessages,
    CanUseState,
    #[default]
    CanUseMcp,
    CanCallOtherTools,
}

/// `[mcp.NAME]` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct McpDocument {
    command: Option<String>,
    args: Option<Vec<String>>,
    env: Option<Secrets>,
    inherit: Option<Vec<String>>,
    cwd: Option<PathBuf>,
    url: Option<String>,
    headers: Option<Secrets>,
    timeout_s: Option<NonZeroU32>,
    repeat: Option<McpRepeat>,
    repeat_of: BTreeMap<String, McpRepeat>,
    permission: Option<McpPermission>,
    trust_hints: Option<bool>,
    tools: Option<Vec<String>>,
    enabled: Option<bool>,
}

impl McpDocument {
    /// With defaults in place of what is not said.
    pub(super) fn resolve(mut self, name: &str) -> Result<Mcp, Problem> {
        let reach = self.reach(name)?;
        Ok(Mcp {
            reach,
            timeout_s: self.timeout_s.unwrap_or(TIMEOUT_S),
            repeat: self.repeat.unwrap_or_default(),
            repeat_of: self.repeat_of,
            permission: self.permission.unwrap_or_default(),
            trust_hints: self.trust_hints.unwrap_or_default(),
            tools: self.tools.unwrap_or_else(|| vec!["*".into()]),
            enabled: self.enabled.unwrap_or(true),
        })
    }

    fn reach(&mut self, name: &str) -> Result<McpReach, Problem> {
        let wrong = |field: &str, message: String, hint: &str| {
            Err(Problem::new(&["mcp", name, field], message).hint(hint))
        };
        match (self.command.take(), self.url.take()) {
            (Some(command), None) => {
                if self.headers.is_some() {
                    let message =
                        format!("the MCP server `{name}` is a program: it has no headers");
                    return wrong("headers", message, "remove it, or give url in place of command");
                }
                Ok(McpReach::Program {
                    command,
                    args: self.args.take().unwrap_or_default(),
                    env: self.env.take().unwrap_or_default(),
                    inherit: self.inherit.take().unwrap_or_default(),
                    cwd: self.cwd.take(),
                })
            }
            (None, Some(url)) => {
                let foreign = [
                    ("args", self.args.is_some()),
                    ("env", self.env.is_some()),
                    ("inherit", self.inherit.is_some()),
                    ("cwd", self.cwd.is_some()),
                ];
                if let Some((field, _)) = foreign.into_iter().find(|(_, is_there)| *is_there) {
                    let message =
                        format!("the MCP server `{name}` is an address: it has no {field}");
                    return wrong(field, message, "remove it, or give command in place of url");
                }
                Ok(McpReach::Address { url, headers: self.headers.take().unwrap_or_default() })
            }
            (Some(_), Some(_)) => {
                let message = format!("the MCP server `{name}` has both a command and a url");
                wrong("url", message, "keep one of them")
            }
            (None, None) => Err(Problem::new(
                &["mcp", name],
                format!("the MCP server `{name}` has neither a command nor a url"),
            )
            .hint("add command = \"npx\" and args = [\"-y\", \"…\"], or url = \"https://…/mcp\"")),
        }
    }
}

/// All servers that are written.
pub(super) fn resolve_servers(
    written: BTreeMap<String, McpDocument>,
) -> Result<BTreeMap<String, Mcp>, Problem> {
    let each = written.into_iter();
    each.map(|(name, document)| Ok((name.clone(), document.resolve(&name)?))).collect()
}
