//! [`Spec`]: a runtime as data. A server makes runtimes of them, and gives them to its shims.

use crate::world::models::{AnthropicConfig, OpenAiConfig};
use crate::world::shell::{ClaudeSpec, CliSpec};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A runtime as data. Serialised it holds secrets: it goes over pipes, never to disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spec {
    /// The replay file that answers are recorded into.
    pub record: Option<PathBuf>,
    /// What is asked.
    pub kind: SpecKind,
}

/// What is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecKind {
    /// Recorded or scripted answers in this folder.
    Replay(PathBuf),
    /// The Messages API.
    Anthropic(AnthropicConfig),
    /// `OpenAI`'s APIs, or Perplexity's, or somebody's who speaks like them.
    OpenAi(Box<OpenAiConfig>),
    /// Claude Code.
    Claude(Box<ClaudeSpec>),
    /// Any other program.
    Cli(Box<CliSpec>),
}
