//! `[runtimes.NAME]`: where processes run, and with how many at a time.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::sections::{count, seconds, small};
use super::shell::{Claude, Cli};

/// One runtime: what every kind has, and what its kind adds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Runtime {
    /// Processes that may run on it at a time. Default 64 for `replay`, 8 for `anthropic`.
    pub concurrency: NonZeroUsize,
    /// Whether its attempts run in the server itself and end with it, in place of processes of their own that
    /// outlive it. Default and only choice `true` for `replay`; default `false` for `anthropic`; never for programs.
    pub in_process: bool,
    /// What follows an attempt that was lost. Default `retry`.
    pub on_lost: OnLost,
    /// The model of a process that names none. Default `processes.default_model`.
    pub default_model: Option<String>,
    /// A replay file into which all answers are recorded; not for programs. Default none.
    pub record: Option<PathBuf>,
    /// What it is, with what only this kind needs.
    #[serde(flatten)]
    pub kind: RuntimeKind,
}

/// The kinds of runtimes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum RuntimeKind {
    /// Recorded or scripted answers, without key or network.
    Replay {
        /// The folder of the recordings. Default `config/replay`.
        folder: PathBuf,
    },
    /// The Messages API of Anthropic, or of whoever speaks it.
    Anthropic(Anthropic),
    /// Claude Code, the program.
    Claude(Box<Claude>),
    /// Any other program, by a template.
    Cli(Box<Cli>),
}

/// What follows an attempt whose executor went without leaving an outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnLost {
    /// Another attempt.
    #[default]
    Retry,
    /// An operator is asked: retry, fail or cancel.
    Ask,
}

/// What a runtime of kind `anthropic` needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Anthropic {
    /// Where the API is, without `/v1/messages`. Default `https://api.anthropic.com`.
    pub base_url: String,
    /// The key; the variable `ANTHROPIC_API_KEY` sets it for the runtime named `anthropic`. Default none.
    pub api_key: Option<Secret>,
    /// The longest answer asked for, in tokens. Default 8,192.
    pub max_tokens: NonZeroU32,
    /// How long an answer may fall silent before it counts as stalled, in seconds. Default 120.
    pub read_timeout_s: NonZeroU64,
    /// How long connecting may take, in seconds. Default 10.
    pub connect_timeout_s: NonZeroU64,
}

impl Runtime {
    /// The runtime `replay` as it exists without configuration.
    pub fn replay() -> Self {
        let kind = RuntimeKind::Replay { folder: "config/replay".into() };
        Self { concurrency: count(64), in_process: true, ..Self::of(kind) }
    }

    /// The runtime `anthropic` as it exists without configuration.
    pub fn anthropic() -> Self {
        Self::of(RuntimeKind::Anthropic(Anthropic::default()))
    }

    /// The runtime `claude` as it exists without configuration.
    pub fn claude() -> Self {
        Self::of(RuntimeKind::Claude(Box::default()))
    }

    /// A runtime of a kind, with the defaults of most.
    pub(super) fn of(kind: RuntimeKind) -> Self {
        Self {
            concurrency: count(8),
            in_process: false,
            on_lost: OnLost::Retry,
            default_model: None,
            record: None,
            kind,
        }
    }

    /// The name of its kind, as it is written in the file.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            RuntimeKind::Replay { .. } => "replay",
            RuntimeKind::Anthropic(_) => "anthropic",
            RuntimeKind::Claude(_) => "claude",
            RuntimeKind::Cli(_) => "cli",
        }
    }
}

impl Default for Anthropic {
    fn default() -> Self {
        Self {
            base_url: "https://api.anthropic.com".into(),
            api_key: None,
            max_tokens: small(8_192),
            read_timeout_s: seconds(120),
            connect_timeout_s: seconds(10),
        }
    }
}
