//! [`Caller`]: who calls a tool, and which call it is.

use crate::vocabulary::{MessageId, WorkflowId, Workplace};

/// Who calls a tool, and which call it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The call. Derived from its place: made again, it has the same.
    pub id: MessageId,
    /// Within which workflow.
    pub workflow_id: WorkflowId,
    /// At which place there, for people: `debate/run 1/step 3/judge[2]`.
    pub path: String,
    /// On behalf of an agent with which profile; `None`: a node of the workflow itself calls.
    pub profile: Option<String>,
    /// In which folder it may work; `None`: in none.
    pub workplace: Option<Workplace>,
}
