//! [`Node`]: a vertex of a graph, as it is written down: one kind of work, and what holds for any kind.

use super::definition::Limits;
use crate::vocabulary::Fallback;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A vertex. Exactly one of its kinds is there.
///
/// Strings under `when`, `for_each`, `until`, `set`, `write`, `with` and `input` are expressions; prompts, questions and
/// names of profiles, models, runtimes, sessions and topics are templates. Both see `input`, `state`, `run`, `step`, in a `for_each` `item`
/// and `index`, after a failed node `error`, and under `write` `output`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Asks a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentNode>,
    /// Calls a tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<ToolNode>,
    /// Runs another graph, with a state of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subgraph: Option<SubgraphNode>,
    /// Asks a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupt: Option<InterruptNode>,
    /// Waits for a moment, or for a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitNode>,
    /// Computes: each member is written to the channel of its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Map<String, Value>>,

    /// What is written to which channel, of what the node gave (`output`).
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub write: Map<String, Value>,
    /// Once for each element of this list, with `item` and `index`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<String>,
    /// How many items are at work at once; else the definition's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<usize>,
    /// How often it is tried again, where it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryNode>,
    /// How long it may take (`90s`, `5m`, `1h30m`); then it is stopped, and has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// How far it may go each time the run comes to it, with all its items and attempts; `seconds` for each of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Which node follows where it fails; else the run fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_error: Option<String>,
    /// Which node makes good what it did, where the run fails or is rolled back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

/// Asks a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AgentNode {
    /// As whom: a profile of `config/agents`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What it is asked.
    pub prompt: String,
    /// Its standing instructions, in place of its profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// By which runtime; else its profile's, or the workflow's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Which model; else its profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Who else is asked, one after the other, where who was asked cannot answer or is out of attempts; else its
    /// profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallbacks: Option<Vec<Fallback>>,
    /// In which conversation of this workflow, by a name of its own; else in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What it may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// What its answer has to look like: a JSON Schema. Without one it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// How often it may be asked until its answer is one; else once, or three times with `output`, or 16 times with tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_turns: Option<u32>,
}

impl AgentNode {
    /// How often it may be asked: once, three times where its answer has a form to meet, 16 times where it has tools.
    pub fn turns(&self) -> u32 {
        let usual = match (&self.output, self.tools.is_empty()) {
            (_, false) => 16,
            (Some(_), true) => 3,
            (None, true) => 1,
        };
        self.max_turns.unwrap_or(usual)
    }
}

/// Calls a tool.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ToolNode {
    /// Which.
    pub name: String,
    /// With which arguments.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
}

/// Runs another graph.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SubgraphNode {
    /// Which definition.
    pub workflow: String,
    /// What it is started with.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub input: Map<String, Value>,
}

/// Asks a person.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InterruptNode {
    /// What.
    pub question: String,
    /// What the answer has to look like: a JSON Schema. Without one anything will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
}

/// Waits. Exactly one of `for`, `until` and `topic` is there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WaitNode {
    /// So long (`90s`, `5m`, `1h30m`).
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// Until a moment: an expression that gives RFC 3339 text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// For a message on topics of this pattern, from the moment on at which the node begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Of which this expression over `message` (`topic`, `event_type`, `data`) is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// How often a node is tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetryNode {
    /// So many attempts in all.
    pub attempts: u32,
    /// The wait before the second (`2s`); it doubles each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff: Option<String>,
    /// The longest wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Only after these errors; else after any that may pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
}

impl RetryNode {
    /// The kinds of failure that there are, and `on` can name.
    pub const KINDS: [&str; 16] = [
        "cancelled",
        "content",
        "definition",
        "disk",
        "fork",
        "indeterminate",
        "invalid_output",
        "limit",
        "no_such_tool",
        "out_of_turns",
        "process_failed",
        "subgraph_failed",
        "timed_out",
        "tool_failed",
        "undo_failed",
        "workspace",
    ];
}

/// What kind of work a node is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "each is explained where it is declared")]
pub enum Kind<'a> {
    Agent(&'a AgentNode),
    Tool(&'a ToolNode),
    Subgraph(&'a SubgraphNode),
    Interrupt(&'a InterruptNode),
    Wait(&'a WaitNode),
    Set(&'a Map<String, Value>),
}

impl Node {
    /// Its kinds; a definition that was checked has exactly one for each node.
    pub fn kinds(&self) -> impl Iterator<Item = Kind<'_>> {
        let kinds = [
            self.agent.as_ref().map(Kind::Agent),
            self.tool.as_ref().map(Kind::Tool),
            self.subgraph.as_ref().map(Kind::Subgraph),
            self.interrupt.as_ref().map(Kind::Interrupt),
            self.wait.as_ref().map(Kind::Wait),
            self.set.as_ref().map(Kind::Set),
        ];
        kinds.into_iter().flatten()
    }
}
