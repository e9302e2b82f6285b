//! [`Work`]: what a node has to do, with its templates filled in.

use crate::vocabulary::{Fallback, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// What a node has to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Nothing but to have computed this: `set`.
    Computed(Map<String, Value>),
    /// Ask a model.
    Agent(Agent),
    /// Call a tool.
    Tool {
        /// Which.
        name: String,
        /// With what.
        arguments: Map<String, Value>,
    },
    /// Run another graph.
    Subgraph {
        /// Which definition of the bundle.
        definition: String,
        /// With what.
        input: Value,
    },
    /// Ask a person.
    Interrupt(Question),
    /// Wait.
    Wait(Wait),
}

/// What a model is asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Agent {
    /// What.
    pub prompt: String,
    /// Its standing instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// As whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// By which runtime; `None`: the workflow's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Which model; `None`: the runtime's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Who else is asked, where who was asked cannot answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<Fallback>,
    /// In which conversation of the workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What it may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// What its answer has to look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// How often it may be asked until its answer is one.
    pub max_turns: u32,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What.
    pub question: String,
    /// What the answer has to look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wait {
    /// So long, from the node's begin.
    For(Duration),
    /// A moment.
    Until(Timestamp),
    /// A message.
    Message {
        /// On topics of this pattern.
        topic: String,
        /// Of which this is true.
        when: Option<String>,
    },
}
