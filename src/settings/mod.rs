//! What an operator may set, and how a wrong setting is reported.
//!
//! ```text
//! built-in defaults  <  config/callboard.toml  <  .env  <  environment  <  command line flags
//! ```
//!
//! All layers end in one [`Settings`], checked as a whole before anything starts. A wrong setting names the place
//! it was made (file, line and column, or variable) and, where one is near, the name that was meant.
//! Nothing here is reloaded while the program runs, and nothing here touches what the settings describe.

mod document;
mod error;
mod layers;
mod loading;
mod models;
mod nearest;
mod profiles;
mod resolved;
mod runtime_document;
mod runtimes;
mod secret;
mod sections;
mod shell;
mod sources;
mod validation;
mod variables;

#[cfg(test)]
mod tests;

pub use error::{Error, Place};
pub use models::{Models, Price};
pub use profiles::{AgentProfile, read_profiles};
pub use resolved::Settings;
pub use runtimes::{Anthropic, OnLost, Runtime, RuntimeKind};
pub use secret::Secret;
pub use sections::{
    Agents, Cleanup, Entities, Http, Journal, LONGEST_TIMEOUT_S, Log, LogFormat, MOST_RETRIES,
    Processes, Supervision, Synchronous, Templates,
};
pub use shell::{Answer, Claude, Cli, Retry, Select, Stdin, Take, Usage};
pub use sources::Sources;
