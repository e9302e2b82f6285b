//! What has happened to a workspace.

use super::command::{By, Change, Origin};
use crate::vocabulary::{Hash, Timestamp, Topic, WorkflowId};
use serde::{Deserialize, Serialize};

/// What has happened to a workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
#[expect(missing_docs, reason = "the fields are explained where their types are declared")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "WORKSPACE_OPENED")]
    Opened {
        workspace_id: WorkflowId,
        folder: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Box<Origin>>,
        at: Timestamp,
    },
    /// The files are there with which it begins.
    #[serde(rename = "WORKSPACE_FILLED")]
    Filled { workspace_id: WorkflowId, files: u64, bytes: u64, at: Timestamp },
    /// They could not be brought there.
    #[serde(rename = "WORKSPACE_UNFILLED")]
    Unfilled { workspace_id: WorkflowId, why: String, at: Timestamp },
    /// Files are to be changed: from here on they may have been.
    #[serde(rename = "WORKSPACE_CHANGE_ORDERED")]
    Ordered { workspace_id: WorkflowId, number: u32, change: Box<Change>, at: Timestamp },
    /// Files were changed.
    #[serde(rename = "WORKSPACE_CHANGED")]
    Changed {
        workspace_id: WorkflowId,
        number: u32,
        files: Vec<Changed>,
        #[serde(flatten)]
        by: By,
        at: Timestamp,
    },
    /// Something was in the way of a change.
    #[serde(rename = "WORKSPACE_CONFLICT")]
    Conflicted {
        workspace_id: WorkflowId,
        number: u32,
        path: String,
        why: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        done: Vec<usize>,
        at: Timestamp,
    },
}

/// What became of a file, for those who follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Where it lies.
    pub path: String,
    /// What was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Hash>,
    /// What is there now; `None`: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Hash>,
}

impl Event {
    /// Where it is published.
    pub(super) fn topic(&self) -> Topic {
        Topic::of(match self {
            Self::Opened { .. } => "workspace.opened",
            Self::Filled { .. } => "workspace.filled",
            Self::Unfilled { .. } => "workspace.unfilled",
            Self::Ordered { .. } => "workspace.change_ordered",
            Self::Changed { .. } => "workspace.changed",
            Self::Conflicted { .. } => "workspace.conflict",
        })
    }

    /// What a change did, for those who follow.
    pub(super) fn of(change: &Change) -> Vec<Changed> {
        let changed = change.touches.iter().map(|touch| Changed {
            path: touch.path.clone(),
            before: touch.before.as_ref().map(|state| state.hash().clone()),
            after: touch.after.as_ref().map(|state| state.hash().clone()),
        });
        changed.collect()
    }
}
