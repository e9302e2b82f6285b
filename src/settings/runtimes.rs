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
    /// Processes that may run on it at a time. Default 64 for `replay`, 8 for others.
    pub concurrency: NonZeroUsize,
    /// Whether its attempts run in the server itself and end with it, in place of processes of their own that
    /// outlive it. Default and only choice `true` for `replay`; never for programs; default `false` for others.
    pub in_process: bool,
    /// What follows an attempt that was lost. Default `retry`.
    pub on_lost: OnLost,
    /// The model of a process that names none. Default `gpt-6-sol` for `openai`, `sonar` for `perplexity`, else
    /// `processes.default_model`; has to be set for `openai_compatible`.
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
    /// `OpenAI`.
    Openai(OpenAi),
    /// Perplexity.
    Perplexity(OpenAi),
    /// Whoever speaks like `OpenAI`: Ollama, llama.cpp, vLLM …
    #[serde(rename = "openai_compatible")]
    OpenaiCompatible(OpenAi),
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

/// Which API of `OpenAI`'s is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// Chat Completions.
    Chat,
    /// Responses.
    Responses,
}

/// What a runtime of kind `openai`, `perplexity` or `openai_compatible` needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenAi {
    /// Which API is asked. Default `responses` for `openai`, `chat` for `openai_compatible`; the only one of
    /// `perplexity` is `chat`.
    pub api: Api,
    /// Where it is, without `/chat/completions` or `/responses`. Default `https://api.openai.com/v1` and
    /// `https://api.perplexity.ai`; has to be set for `openai_compatible`.
    pub base_url: String,
    /// The key; the variables `OPENAI_API_KEY` and `PERPLEXITY_API_KEY` set it for the runtimes of these names. Default
    /// none.
    pub api_key: Option<Secret>,
    /// The longest answer asked for, in tokens. Default 8,192.
    pub max_tokens: NonZeroU32,
    /// How long an answer may fall silent before it counts as stalled, in seconds. Default 120.
    pub read_timeout_s: NonZeroU64,
    /// How long connecting may take, in seconds. Default 10.
    pub connect_timeout_s: NonZeroU64,
}

impl RuntimeKind {
    /// Its key, where it has one.
    pub(super) fn api_key(&self) -> Option<&Secret> {
        match self {
            Self::Anthropic(anthropic) => anthropic.api_key.as_ref(),
            Self::Openai(api) | Self::Perplexity(api) | Self::OpenaiCompatible(api) => {
                api.api_key.as_ref()
            }
            Self::Claude(claude) => claude.api_key.as_ref(),
            Self::Replay { .. } | Self::Cli(_) => None,
        }
    }

    /// Where its API is, and how long it is waited for in reading and in connecting; `None`: it asks none itself.
    pub(super) fn endpoint(&self) -> Option<(&str, u64, u64)> {
        let (url, read, connect) = match self {
            Self::Anthropic(Anthropic { base_url, read_timeout_s, connect_timeout_s, .. }) => {
                (base_url, read_timeout_s, connect_timeout_s)
            }
            Self::Openai(api) | Self::Perplexity(api) | Self::OpenaiCompatible(api) => {
                (&api.base_url, &api.read_timeout_s, &api.connect_timeout_s)
            }
            Self::Replay { .. } | Self::Claude(_) | Self::Cli(_) => return None,
        };
        Some((url, read.get(), connect.get()))
    }

    /// Whether it is a program, which is run for each attempt.
    pub fn runs_a_program(&self) -> bool {
        matches!(self, Self::Claude(_) | Self::Cli(_))
    }
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

    /// The runtime `openai` as it exists without configuration.
    pub fn openai() -> Self {
        let api = OpenAi::at("https://api.openai.com/v1", Api::Responses);
        let default_model = Some("gpt-6-sol".into());
        Self { default_model, ..Self::of(RuntimeKind::Openai(api)) }
    }

    /// The runtime `perplexity` as it exists without configuration.
    pub fn perplexity() -> Self {
        let api = OpenAi::at("https://api.perplexity.ai", Api::Chat);
        Self { default_model: Some("sonar".into()), ..Self::of(RuntimeKind::Perplexity(api)) }
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
            RuntimeKind::Openai(_) => "openai",
            RuntimeKind::Perplexity(_) => "perplexity",
            RuntimeKind::OpenaiCompatible(_) => "openai_compatible",
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

impl OpenAi {
    /// Somebody's API, with the limits of most.
    pub(super) fn at(base_url: &str, api: Api) -> Self {
        let Anthropic { max_tokens, read_timeout_s, connect_timeout_s, .. } = Anthropic::default();
        let base_url = base_url.to_owned();
        Self { api, base_url, api_key: None, max_tokens, read_timeout_s, connect_timeout_s }
    }
}
