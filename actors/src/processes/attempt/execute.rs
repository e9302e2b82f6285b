//! [`Execute`]: what a runtime has to be able to do, what it gets and what it gives back.

use super::desk::Desk;
use super::shim::Shim;
use crate::processes::charge::Charge;
use crate::processes::command::{Ended, ErrorKind};
use crate::processes::effect::Attempt;
use crate::processes::estimate::Asked;
use crate::processes::site::{Unsettled, Worked};
use crate::processes::source::Source;
use crate::tools::{Tool, ToolCall, ToolResult};
use crate::vocabulary::Estimate;
use crate::vocabulary::Hash;
use futures::future::{FutureExt, LocalBoxFuture};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Asks a model. This is all that a runtime has to be able to do.
pub trait Execute: 'static {
    /// Does the work and says how it ended. What the model says is written at the desk as it comes.
    /// The future may be dropped at any await when nobody wants the answer any more.
    fn execute(
        &self,
        work: Work,
        desk: Desk,
    ) -> LocalBoxFuture<'static, Result<Executed, ExecuteError>>;

    /// Where attempts of this runtime are worked on.
    fn place(&self, _runtime: &str) -> Place {
        Place::Here
    }

    /// What a call may cost at most, before it is made.
    fn estimate(&self, _asked: &Asked<'_>) -> Estimate {
        Estimate::default()
    }

    /// Prepares what a program needs to work on its attempt's site; in the server, before a shim is started.
    fn equip(&self, work: Work) -> LocalBoxFuture<'static, Result<Work, ExecuteError>> {
        futures::future::ready(Ok(work)).boxed_local()
    }

    /// Takes over what the program of an attempt that was answered did to files; the same attempt again comes to the same.
    /// `None`: it had none to work on.
    fn settle(
        &self,
        _attempt: &Attempt,
    ) -> LocalBoxFuture<'static, Result<Option<Worked>, Unsettled>> {
        futures::future::ready(Ok(None)).boxed_local()
    }

    /// What the program of an attempt did to files is nobody's business any more.
    fn discard(&self, _attempt: &Attempt) {}

    /// The process has ended: whatever was remembered of it may be forgotten.
    fn forget(&self, _process: &str) {}
}

/// Where an attempt is worked on.
#[derive(Debug, Clone)]
pub enum Place {
    /// In this process: it ends with it.
    Here,
    /// In a process of its own, which outlives this one.
    Shim(Shim),
}

/// What a runtime gets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Work {
    /// The attempt.
    pub attempt: Attempt,
    /// What the model is asked.
    pub prompt: String,
    /// Standing instructions.
    pub system: Option<String>,
    /// What was said before in this session, oldest first.
    pub history: Vec<Past>,
    /// What it may call.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// What its calls in the turn before came to. Then there may be no prompt.
    #[serde(default)]
    pub results: Vec<ToolResult>,
    /// What its answer has to look like: a JSON Schema. Whoever asked checks it.
    #[serde(default)]
    pub schema: Option<Value>,
    /// What was prepared for a program that works on its attempt's site, for whoever runs it.
    #[serde(default)]
    pub equipment: Option<Value>,
}

/// An earlier turn of the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// What was asked.
    pub prompt: String,
    /// What was answered.
    pub content: String,
    /// What calls had come to, which was told with the prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_results: Vec<ToolResult>,
    /// What it called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// By which runtime, by its name in the configuration.
    #[serde(default)]
    pub runtime: String,
    /// The provider's own name of the conversation, where it keeps one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_session: Option<String>,
    /// The hash of the standing instructions under which it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<Hash>,
}

/// What a runtime gives back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Executed {
    /// The answer.
    pub content: String,
    /// What it calls, in place of an answer or beside one.
    pub calls: Vec<ToolCall>,
    /// The model that gave it.
    pub model: String,
    /// Why it ended, in the provider's word.
    pub stop_reason: Option<String>,
    /// Tokens that went in.
    pub tokens_in: u64,
    /// Tokens that came out.
    pub tokens_out: u64,
    /// US dollars, where the price is known.
    pub cost_usd: Option<f64>,
    /// What a reader has to know of the answer, e.g. that it was replayed.
    pub label: Option<String>,
    /// The provider's own name of the conversation, by which the next turn can go on with it.
    pub provider_session: Option<String>,
    /// What the model wanted to do and was not allowed to, in words.
    pub denials: Vec<String>,
    /// What the answer goes by, where its provider says so.
    pub sources: Vec<Source>,
    /// Those of the tokens that went in which the provider had kept from before.
    pub tokens_cached: u64,
    /// Those of the tokens that came out which were hidden thinking.
    pub tokens_reasoning: u64,
}

/// Why a runtime has no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecuteError {
    /// Whether another attempt may succeed, or somebody else.
    pub kind: ErrorKind,
    /// What happened, in words.
    pub error: String,
    /// What it has cost all the same.
    pub charge: Charge,
    /// How long the provider asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl From<ExecuteError> for Ended {
    fn from(ExecuteError { kind, error, charge, retry_after_ms }: ExecuteError) -> Self {
        Self::Failed { kind, error, charge, retry_after_ms }
    }
}
