//! `[runtimes.NAME]`: where processes run, and with how many at a time.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use serde::Serialize;

use super::secret::Secret;
use super::sections::{count, seconds, small};

/// One runtime: what every kind has, and what its kind adds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Runtime {
    /// Processes that may run on it at a time. Default 64 for `replay`, 8 for `anthropic`.
    pub concurrency: NonZeroUsize,
    /// A replay file into which all answers are recorded. Default none.
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
        Self { concurrency: count(64), record: None, kind }
    }

    /// The runtime `anthropic` as it exists without configuration.
    pub fn anthropic() -> Self {
        Self {
            concurrency: count(8),
            record: None,
            kind: RuntimeKind::Anthropic(Anthropic::default()),
        }
    }

    /// The name of its kind, as it is written in the file.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            RuntimeKind::Replay { .. } => "replay",
            RuntimeKind::Anthropic(_) => "anthropic",
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
