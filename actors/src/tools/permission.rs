//! [`Permission`]: what one has to be allowed before a tool may be called. Whose it is, the rules say; a tool only names it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What one has to be allowed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Nothing: it can do no harm, and tells nothing that is not known to all.
    Nothing,
    /// To see files of the workspace.
    ReadFiles,
    /// To change files of the workspace.
    WriteFiles,
    /// To have the code of the workspace taken apart.
    AnalyzeCodebase,
    /// To have programs run.
    RunCommands,
    /// To search the web.
    WebSearch,
    /// To fetch what a host serves.
    Fetch,
    /// To remember, and to be reminded.
    UseMemory,
    /// To read what others say, and to say something.
    SendMessages,
    /// To read and change the shared state.
    UseState,
    /// To call tools of MCP servers: programs and hosts that are not ours.
    UseMcp,
    /// To call what nobody has given a place above: a tool that says nothing needs this.
    #[default]
    CallOtherTools,
}

impl Permission {
    /// All that can be granted.
    pub const ALL: [Self; 11] = [
        Self::ReadFiles,
        Self::WriteFiles,
        Self::AnalyzeCodebase,
        Self::RunCommands,
        Self::WebSearch,
        Self::Fetch,
        Self::UseMemory,
        Self::SendMessages,
        Self::UseState,
        Self::UseMcp,
        Self::CallOtherTools,
    ];

    /// As it stands in the rules: `can_read_files`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::ReadFiles => "can_read_files",
            Self::WriteFiles => "can_write_files",
            Self::AnalyzeCodebase => "can_analyze_codebase",
            Self::RunCommands => "can_run_commands",
            Self::WebSearch => "can_web_search",
            Self::Fetch => "can_fetch",
            Self::UseMemory => "can_use_memory",
            Self::SendMessages => "can_send_messages",
            Self::UseState => "can_use_state",
            Self::UseMcp => "can_use_mcp",
            Self::CallOtherTools => "can_call_other_tools",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
