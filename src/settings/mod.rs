//! What an operator may set, and how a wrong setting is reported.
//!
//! ```text
//! built-in defaults  <  config/callboard.toml  <  set while running  <  .env  <  environment  <  flags
//! ```
//!
//! All layers end in one [`Settings`], checked as a whole before anything starts. A wrong setting names the place
//! it was made (file, line and column, or variable) and, where one is near, the name that was meant.
//! Nothing here touches what the settings describe, watches a file or keeps a value: whoever wants to know whether
//! something has changed loads its [`Origin`] again.

mod document;
mod effect;
mod error;
mod key;
mod layers;
mod loading;
mod mcp;
mod models;
mod nearest;
mod origin;
mod profiles;
mod resolved;
mod runtime_document;
mod runtimes;
mod secret;
mod sections;
mod shell;
mod sources;
mod stored;
mod validation;
mod variables;

#[cfg(test)]
mod tests;

pub use effect::TakesEffect;
pub use error::{Error, Place};
pub use key::Key;
pub use layers::Source;
pub use mcp::{Mcp, McpPermission, McpReach, McpRepeat};
pub use models::{Models, Price};
pub use origin::{Changed, Entry, Loaded, Origin};
pub use profiles::{AgentProfile, Fallback, read_profiles};
pub use resolved::Settings;
pub use runtimes::{Anthropic, Api, OnLost, OpenAi, Runtime, RuntimeKind};
pub use secret::{Secret, Secrets};
pub use sections::{
    Agents, Cleanup, Entities, Http, Journal, LONGEST_TIMEOUT_S, Log, LogFormat, MOST_RETRIES,
    Metrics, Monitor, Processes, Rules, Supervision, Synchronous, Templates, Web, Workflows,
    Workspaces,
};
pub use shell::{Claude, Cli};
pub use sources::Sources;
pub use stored::{Setting, Stored};
