//! [`Origin`]: where a fork comes from, and all that it takes over. It is part of the fork's first event, so a fork never
//! needs its source again, but for the subgraphs that were half done: these are named by stream and version.

use crate::vocabulary::{Payload, Position, Version, WorkflowId};
use crate::workflows::item::{ItemId, Settled};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where a fork comes from, and what it takes over. Its input, what was edited and its nodes are its first run's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The workflow it was made of.
    pub source: Source,
    /// The one that was named, where that is a subgraph of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<Source>,
    /// What it is for.
    pub purpose: Purpose,
    /// The number of the run that goes on.
    pub run: u32,
    /// The number of the step that goes on. Where its source had gone back, it does not follow that of the checkpoint.
    pub step: u32,
    /// The whole state at its first checkpoint, edits taken in.
    pub state: Payload,
    /// How many bytes that is.
    pub bytes: u64,
    /// What of the step was done already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<Adopted>,
    /// The subgraphs of the step that were half done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Child>,
    /// What it answers, where nothing is left to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Payload>,
}

/// How much of a workflow's past belongs to a fork's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which workflow.
    pub workflow_id: WorkflowId,
    /// Its newest checkpoint then. The fork's steps and items have the numbers that they have there.
    pub checkpoint: u32,
    /// How many events its stream had.
    pub version: Version,
    /// The position up to which the journal counts.
    pub position: Position,
}

/// What a fork is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To go on in its own way.
    Fork,
    /// To go the same way again, with recorded answers.
    Replay,
}

/// An item that had settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adopted {
    /// Which.
    pub item: ItemId,
    /// To what.
    pub settled: Settled,
}

/// A subgraph that was half done: it is forked when its item is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Child {
    /// Of which node.
    pub node: String,
    /// Of which element of its list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// Which one it was.
    pub source: Source,
    /// What is to be different in it, or in one below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<Change>>,
}

/// What is to be different in a fork.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// In which workflow of the source's lineage.
    pub workflow_id: WorkflowId,
    /// What channels hold, in place of what they held.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub state: Map<String, Value>,
    /// The nodes that run, in place of those that would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Vec<String>>,
}

impl Child {
    /// The workflow that carries its item out, in a step of this one.
    pub(super) fn at(&self, step: u32, parent: &WorkflowId) -> WorkflowId {
        let Self { node, index, .. } = self;
        ItemId { step, node: node.clone(), index: *index, attempt: 1 }.child(parent)
    }
}

impl Change {
    /// Whether everything is as it was.
    pub fn is_none(&self) -> bool {
        self.state.is_empty() && self.next.is_none()
    }
}

impl Origin {
    /// The half-done subgraph that an item is to go on with.
    pub(in crate::workflows) fn child_of(&self, item: &ItemId) -> Option<&Child> {
        let is_first = item.step == self.step;
        let mut children = self.children.iter().filter(|_| is_first);
        children.find(|child| child.node == item.node && child.index == item.index)
    }
}
