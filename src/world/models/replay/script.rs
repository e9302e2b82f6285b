//! The form of a replay file.
//!
//! The recorder writes the same types that are read here, so the two cannot drift apart.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::matcher::Matcher;
use super::pattern::Pattern;
use super::template::Template;
use crate::world::models::call::Usage;
use crate::world::models::failure::FailureKind;

/// One replay file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    /// What the file is about, for people.
    #[serde(rename = "name")]
    pub(super) _name: String,
    #[serde(default)]
    pub(super) unmatched: Unmatched,
    /// Its answers count where no other file has one.
    #[serde(default)]
    pub(super) fallback: bool,
    pub(super) answers: Vec<Checked>,
}

/// What a call gets that nothing matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unmatched {
    /// A failure that says what to do.
    #[default]
    Refuse,
    /// An answer that says that it is none.
    Generic,
}

/// One answer or error and the calls it is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    #[serde(rename = "match", default)]
    pub(crate) matcher: Matcher,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<String>,
    /// In place of `answer`: one with places for the names of `prompt_begins`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<Template>,
    /// What is called, beside or in place of an answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_calls: Vec<ScriptedCall>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ScriptedError>,
    /// Milliseconds before the first character, or before the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    /// Characters per delta; 24 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chunk_chars: Option<usize>,
    /// Milliseconds between two deltas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) chunk_delay_ms: Option<u64>,
    /// Estimated from the text when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<TokensUsed>,
    /// USD; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cost_usd: Option<f64>,
    /// The model that the answer names; the one that was asked for when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// `end_turn` when absent, or `tool_use` with `tool_calls`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stop_reason: Option<String>,
    /// How often it may be used; without end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<u32>,
    /// What `times` is counted over.
    #[serde(default, skip_serializing_if = "Per::is_server")]
    pub(crate) per: Per,
}

/// A call of a tool to play.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptedCall {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) arguments: Option<Value>,
    /// In place of `arguments`: them as JSON, with places for the names of `prompt_begins`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<Template>,
}

/// What `times` is counted over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Per {
    /// The server's life.
    #[default]
    Server,
    /// Each counted handle ([`super::Replay::counted_for`]) for itself.
    Process,
}

/// A failure to play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptedError {
    pub(crate) kind: ErrorKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_ms: Option<u64>,
    /// Fail only after that many characters of the answer have been streamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after_chars: Option<usize>,
}

/// The failures that can be scripted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorKind {
    RateLimited,
    Overloaded,
    ServerError,
    Unauthorized,
    Rejected,
    Cut,
    Stalled,
    Unreachable,
    Malformed,
}

/// Token counts as they stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokensUsed {
    #[serde(default)]
    pub(crate) tokens_in: u64,
    #[serde(default)]
    pub(crate) tokens_out: u64,
}

/// An item that says what to play, without contradiction.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Item")]
pub(super) struct Checked(pub(super) Item);

impl TryFrom<Item> for Checked {
    type Error = String;

    fn try_from(item: Item) -> Result<Self, String> {
        let after = item.error.as_ref().map(|error| error.after_chars);
        let says = item.answer.is_some() || item.template.is_some();
        let has_answer = says || !item.tool_calls.is_empty();
        let has_both = |call: &ScriptedCall| call.arguments.is_some() && call.template.is_some();
        let fault = match (has_answer, after) {
            _ if item.answer.is_some() && item.template.is_some() => {
                "`answer` and `template` are both given: choose one"
            }
            (false, None) => "neither `answer` nor `tool_calls` nor `error` is given",
            _ if item.tool_calls.iter().any(has_both) => {
                "`arguments` and `template` of a call are both given: choose one"
            }
            (true, Some(None)) => {
                "`answer` and `error` together need `after_chars`, where the answer breaks off"
            }
            _ if item.chunk_chars == Some(0) => "`chunk_chars` has to be at least 1",
            _ if item.times == Some(0) => "`times` has to be at least 1",
            _ => return item.unknown_name().map_or(Ok(Self(item)), Err),
        };
        Err(fault.to_owned())
    }
}

impl Item {
    /// What its template reads and nobody gives.
    fn unknown_name(&self) -> Option<String> {
        let known: Vec<&str> = self.matcher.prompt_begins.iter().flat_map(Pattern::names).collect();
        let calls = self.tool_calls.iter().filter_map(|call| call.template.as_ref());
        let read = self.template.iter().chain(calls).flat_map(Template::names);
        let is_known = |name: &str| Template::ALWAYS.contains(&name) || known.contains(&name);
        let name = read.filter(|name| !is_known(name)).min()?;
        Some(format!("`template` reads `{name}`, which `prompt_begins` does not name"))
    }
}

impl Per {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
    fn is_server(&self) -> bool {
        *self == Self::Server
    }
}

impl From<Usage> for TokensUsed {
    fn from(usage: Usage) -> Self {
        Self { tokens_in: usage.tokens_in, tokens_out: usage.tokens_out }
    }
}

impl From<TokensUsed> for Usage {
    fn from(used: TokensUsed) -> Self {
        Self::new(used.tokens_in, used.tokens_out)
    }
}

impl From<ErrorKind> for FailureKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::Overloaded => Self::Overloaded,
            ErrorKind::ServerError => Self::ServerError,
            ErrorKind::Unauthorized => Self::Unauthorized,
            ErrorKind::Rejected => Self::Rejected,
            ErrorKind::Cut => Self::Cut,
            ErrorKind::Stalled => Self::Stalled,
            ErrorKind::Unreachable => Self::Unreachable,
            ErrorKind::Malformed => Self::Malformed,
        }
    }
}

impl ErrorKind {
    /// How `kind` is scripted; `None` for failures of our own side, which are no model's answer.
    pub(crate) fn of(kind: FailureKind) -> Option<Self> {
        match kind {
            FailureKind::RateLimited => Some(Self::RateLimited),
            FailureKind::Overloaded => Some(Self::Overloaded),
            FailureKind::ServerError => Some(Self::ServerError),
            FailureKind::Unauthorized => Some(Self::Unauthorized),
            FailureKind::Rejected => Some(Self::Rejected),
            FailureKind::Cut => Some(Self::Cut),
            FailureKind::Stalled => Some(Self::Stalled),
            FailureKind::Unreachable => Some(Self::Unreachable),
            FailureKind::Malformed => Some(Self::Malformed),
            FailureKind::Unable | FailureKind::NoRecording | FailureKind::Output => None,
        }
    }
}
