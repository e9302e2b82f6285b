//! [`Site`]: for whom a program works, where its workflow has a folder; and what came of the files there.

use super::effect::Attempt;
use crate::vocabulary::{MessageId, WorkflowId, Workplace};
use serde::{Deserialize, Serialize};

/// For whom a program works, and in which folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Within which workflow.
    pub workflow_id: WorkflowId,
    /// At which place there, for people: `debate/run 1/step 3/judge[2]`.
    pub path: String,
    /// The workflow's folder.
    pub workplace: Workplace,
}

/// What an attempt's program has done to the files of its workflow's folder: it worked on a copy, and this was taken over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worked {
    /// Files that are changed now. Of many, the first.
    pub changed: Vec<String>,
    /// What it did and may not do, or what cannot be kept: a path, and why. Of many, the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_kept: Vec<(String, String)>,
}

/// Why what a program did cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsettled {
    /// It may be tried again.
    Passing(String),
    /// It is lost, or in the way of what others did: another attempt begins with the files as they are then.
    Void(String),
}

impl Attempt {
    /// The call by which what its program did is taken over: made again, it is the same.
    pub fn taking_over(&self) -> MessageId {
        let number = self.number.to_string();
        MessageId::derived(&["take over", self.process_id.0.as_str(), &number])
    }
}
