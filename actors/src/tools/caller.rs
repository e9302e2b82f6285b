//! [`Caller`]: who calls a tool, and which call it is.

use super::meter::Meter;
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
    /// On behalf of an agent with which profile ([`Caller::NO_PROFILE`]: with none); `None`: a node of the workflow itself
    /// calls.
    pub profile: Option<String>,
    /// In which folder it may work; `None`: in none.
    pub workplace: Option<Workplace>,
    /// What others cost who are asked for it.
    pub meter: Meter,
}

impl Caller {
    /// The profile of agents that have none: what holds for all agents holds for them.
    pub const NO_PROFILE: &'static str = "default";

    /// Which run of its workflow it is in, as its place says; 0 where it says nothing.
    pub fn run(&self) -> u32 {
        let run = self.path.split('/').find_map(|part| part.strip_prefix("run "));
        run.and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

impl Caller {
    /// The workflow's id of calls that people make by hand.
    pub const BY_HAND: &'static str = "people";
}
