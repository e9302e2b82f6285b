//! [`CliSpec`]: a program as a template, as data.

use crate::program::{Answer, Retry, Select, Stdin, Usage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A program as a template.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CliSpec {
    /// A name that is looked for on the `PATH`, or a path.
    pub command: String,
    /// Templates; one that renders to nothing is left out.
    pub args: Vec<String>,
    /// What it reads.
    pub stdin: Stdin,
    /// The folder it works in.
    pub cwd: Option<PathBuf>,
    /// All of its environment. May hold secrets.
    pub environment: BTreeMap<String, String>,
    /// Where its answer is.
    pub answer: Answer,
    /// Where it says what that took.
    pub usage: Usage,
    /// Where it gives its own name of the conversation.
    pub session: Option<Select>,
    /// Where it says what went wrong.
    pub error: Option<Select>,
    /// Which failures another attempt may mend.
    pub retry: Retry,
    /// What to say where the program is missing.
    pub install: Option<String>,
    /// Hosts that it needs to reach.
    pub hosts: Vec<String>,
}

impl std::fmt::Debug for CliSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CliSpec").field("command", &self.command).finish_non_exhaustive()
    }
}
