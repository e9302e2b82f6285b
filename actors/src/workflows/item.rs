//! [`Item`]: one piece of a node's work. A node without `for_each` has one, else one for each element.

use super::budget::Asker;
use crate::vocabulary::{EffectKey, Name, Payload, Position, Timestamp, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Names an attempt at an item within its workflow, for ever: steps are never counted twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemId {
    /// Of which step.
    pub step: u32,
    /// Of which node.
    pub node: String,
    /// Which element of its list; `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// Which attempt, from 1.
    pub attempt: u32,
}

impl ItemId {
    /// The key of work at it: `node/3/judge/1`, `node/3/judge/17/1`.
    pub(super) fn key(&self, work: &str) -> EffectKey {
        let Self { step, node, index, attempt } = self;
        EffectKey(match index {
            None => format!("{work}/{step}/{node}/{attempt}"),
            Some(index) => format!("{work}/{step}/{node}/{index}/{attempt}"),
        })
    }

    /// The name that belongs to a part of it in this workflow, and to nothing else.
    fn name(&self, workflow: &WorkflowId, part: &str) -> Name {
        let index = self.index.map(|index| index.to_string()).unwrap_or_default();
        Name::derived(&[part, workflow.0.as_str(), &self.step.to_string(), &self.node, &index])
    }

    /// The workflow that carries it out: every attempt goes on with the same one.
    pub(super) fn child(&self, workflow: &WorkflowId) -> WorkflowId {
        WorkflowId(self.name(workflow, "subgraph"))
    }

    /// What is answered by that says what has become of an attempt at it.
    pub(super) fn lost_call(&self, workflow: &WorkflowId) -> Name {
        self.name(workflow, &format!("lost call {}", self.attempt))
    }

    /// What its question is answered by.
    pub(super) fn interrupt(&self, workflow: &WorkflowId) -> Name {
        self.name(workflow, "interrupt")
    }
}

/// An item that has not finished.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) attempt: u32,
    pub(super) phase: ItemPhase,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ItemPhase {
    /// It is worked at, or will be as soon as there is room.
    Ready,
    /// It is tried again then.
    Backoff(Timestamp),
    /// A person is asked.
    Asked(Interrupt),
    /// Something is waited for.
    Waiting { until: Waiting, deadline: Option<Timestamp> },
    /// It has failed, and nothing follows.
    Failed { error: Failure },
}

/// A question that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interrupt {
    /// By this it is answered.
    pub interrupt_id: Name,
    /// Whose: `item`, or `limit`.
    #[serde(flatten)]
    pub asker: Asker,
    /// What is asked.
    pub question: String,
    /// What the answer has to look like: a JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// When it was asked.
    pub at: Timestamp,
    /// Until when it may be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// It is not the node that asks: a call of it may have been made, and what came of it is lost.
    #[serde(default, rename = "lost_call", skip_serializing_if = "std::ops::Not::not")]
    pub is_lost_call: bool,
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// A moment.
    Moment(Timestamp),
    /// A message behind a position.
    Message {
        /// On topics of this pattern.
        topic: String,
        /// Of which this is true.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        when: Option<String>,
        /// Where the looking begins.
        after: Position,
    },
}

/// Why an item has failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which kind, by which `retry.on` chooses.
    pub kind: String,
    /// What happened, in words.
    pub error: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: &str, error: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), error: error.into() }
    }
}

/// How an item came to an end for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// With this.
    Output(Payload),
    /// In vain, and another node takes over.
    Failed(Failure),
}
