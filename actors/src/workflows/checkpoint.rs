//! [`Checkpoint`]: a workflow's state after a step, by what changed; and what comes next.

use crate::graph::Limits;
use crate::vocabulary::Payload;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The state after a step: what was written to the state of the checkpoint before it. Nothing is copied: the whole
/// state is written down only where what was written since comes to a few times as much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Its number in its workflow, which is its step's; never used again.
    pub number: u32,
    /// The one that it follows; `None`: it is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// What was written (a list of [`crate::graph::Write`]).
    pub writes: Payload,
    /// How many bytes that is.
    pub bytes: u64,
}

/// The whole state at a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Whole {
    /// Of which checkpoint.
    pub number: u32,
    /// The channels.
    pub state: Payload,
    /// How many bytes that is.
    pub bytes: u64,
}

/// Which nodes run in the next step, with all that has to be known to run them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Next {
    /// By name.
    pub nodes: BTreeMap<String, Spec>,
    /// Joins that have not seen all of their sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
    /// How many items may be at work at once.
    pub concurrency: usize,
}

/// A join that waits for some of its sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Join {
    /// The edge, by its place in the definition.
    pub edge: usize,
    /// The sources that have finished.
    pub seen: BTreeSet<String>,
}

/// What a node's definition says that decides how it is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// What kind of work it is.
    pub kind: NodeKind,
    /// How many elements its list has; `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<u32>,
    /// How many of them may be at work at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<usize>,
    /// How often it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// How long it may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How far it may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Whether another node takes over where it fails.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_caught: bool,
    /// Whether another node makes good what it did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_undoable: bool,
    /// Whether anything that its subgraph does can be made good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undoes_inside: bool,
    /// What failed before it: `{node, error}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}

/// What kind of work a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is a kind of the definition")]
pub enum NodeKind {
    Agent,
    Tool,
    Subgraph,
    Interrupt,
    Wait,
    Set,
}

impl NodeKind {
    /// Whether somebody else works at it, who has to be told to stop.
    pub(super) fn has_worker(self) -> bool {
        matches!(self, Self::Agent | Self::Subgraph)
    }
}

/// How often a node is tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retry {
    /// So many attempts in all.
    pub attempts: u32,
    /// The wait before the second, in milliseconds; it doubles each time.
    pub first_ms: u64,
    /// The longest wait, in milliseconds.
    pub max_ms: u64,
    /// Only after these kinds of failure; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
}

impl Retry {
    /// The wait before the attempt that follows `attempt`; `None`: none follows.
    pub(super) fn wait(&self, attempt: u32, kind: &str) -> Option<Duration> {
        // A limit is still there then, and what may have been done is not done again, unless somebody says so.
        let may_pass = self.on.is_empty() && !matches!(kind, "limit" | "indeterminate");
        let applies = may_pass || self.on.iter().any(|on| on == kind);
        if attempt >= self.attempts || !applies {
            return None;
        }
        let doubled = 1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX);
        Some(Duration::from_millis(self.first_ms.saturating_mul(doubled).min(self.max_ms)))
    }
}

/// What a step's end comes to, worked out by whoever has the state at hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What was written.
    pub writes: Payload,
    /// How many bytes that is.
    pub bytes: u64,
    /// The whole state after it, where it is written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<(Payload, u64)>,
    /// What follows.
    pub then: Then,
}

/// What follows a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Another step.
    Next(Next),
    /// The run's end, with its answer.
    End(Payload),
}
