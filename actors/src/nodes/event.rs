//! What has happened to a node.

use super::command::{Called, FailureKind, Order};
use super::metrics::Metrics;
use super::purse::Lost;
use crate::processes;
use crate::vocabulary::{
    Durable, NodeId, Payload, ProcessId, Reference, SessionId, Timestamp, Topic, WorkflowId,
};
use serde::{Deserialize, Serialize};

/// What has happened to a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
#[expect(missing_docs, reason = "the fields are explained once, at the order and the command")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "NODE_STARTED")]
    Started {
        node_id: NodeId,
        #[serde(flatten)]
        order: Box<Order>,
        at: Timestamp,
    },
    /// A turn has begun: this process asks the model.
    #[serde(rename = "NODE_TURN_ASKED")]
    Asked { node_id: NodeId, turn: u32, process_id: ProcessId, why: Why, at: Timestamp },
    /// The turn has its answer; with `violations` it is not what it has to be.
    #[serde(rename = "NODE_TURN_ANSWERED")]
    Answered {
        node_id: NodeId,
        turn: u32,
        session_id: SessionId,
        line: Durable<Reference>,
        metrics: processes::Metrics,
        #[serde(default, skip_serializing_if = "Lost::is_nothing")]
        lost: Lost,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        violations: Option<String>,
        at: Timestamp,
    },
    /// The answer calls a tool.
    #[serde(rename = "TOOL_CALLED")]
    Called {
        node_id: NodeId,
        workflow_id: WorkflowId,
        path: String,
        turn: u32,
        index: u32,
        #[serde(flatten)]
        call: Called,
        at: Timestamp,
    },
    /// A call is being made that is not to be made again: from here on it may have been.
    #[serde(rename = "TOOL_BEGUN")]
    CallBegun { node_id: NodeId, turn: u32, index: u32, name: String, at: Timestamp },
    /// A call has come to something.
    #[serde(rename = "TOOL_RESULT")]
    CallEnded {
        node_id: NodeId,
        workflow_id: WorkflowId,
        path: String,
        turn: u32,
        index: u32,
        name: String,
        result: Payload,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
        at: Timestamp,
    },
    /// Its process is being stopped.
    #[serde(rename = "NODE_CANCELLING")]
    Cancelling { node_id: NodeId, by: String, at: Timestamp },
    /// It has its output. What it was `asked` is no longer needed; so with the other ends.
    #[serde(rename = "NODE_COMPLETE")]
    Completed {
        node_id: NodeId,
        output: Payload,
        metrics: Metrics,
        asked: Reference,
        at: Timestamp,
    },
    /// It has ended without one.
    #[serde(rename = "NODE_FAILED")]
    Failed {
        node_id: NodeId,
        kind: FailureKind,
        error: String,
        metrics: Metrics,
        asked: Reference,
        at: Timestamp,
    },
    /// It has ended without one, because somebody wanted it so.
    #[serde(rename = "NODE_CANCELLED")]
    Cancelled { node_id: NodeId, by: String, metrics: Metrics, asked: Reference, at: Timestamp },
}

/// Why the model is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Why {
    /// It is the first turn: this is the work.
    First,
    /// The last answer was not what it has to be.
    Mend,
    /// The last answer called tools: this is what the calls came to.
    Results,
}

impl Event {
    /// Where it is published.
    pub(super) fn topic(&self) -> Topic {
        Topic::of(match self {
            Self::Started { .. } => "node.started",
            Self::Asked { .. } | Self::Answered { .. } => "node.turn",
            Self::Called { .. } => "tool.called",
            Self::CallBegun { .. } => "tool.begun",
            Self::CallEnded { .. } => "tool.result",
            Self::Cancelling { .. } => "node.cancelling",
            Self::Completed { .. } => "node.complete",
            Self::Failed { .. } => "node.failed",
            Self::Cancelled { .. } => "node.cancelled",
        })
    }
}
