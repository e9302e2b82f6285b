//! What a schedule is asked, and why it may refuse.

use super::rhythm::BadTiming;
use super::spec::Spec;
use crate::vocabulary::{Hash, ProcessId, WorkflowId};
use serde::{Deserialize, Serialize};

/// What a schedule is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Command {
    /// Come into being, or come back.
    CreateSchedule(Box<Order>),
    /// Do something else from now on, or at other times.
    Change {
        /// What.
        spec: Box<Spec>,
        /// Who wants it.
        by: String,
    },
    /// Let times pass.
    Pause {
        /// Who wants it.
        by: String,
    },
    /// Go on with the next time.
    Resume {
        /// Who wants it.
        by: String,
    },
    /// Start it now, whatever the time.
    Run {
        /// Who wants it.
        by: String,
    },
    /// End.
    End {
        /// Who wants it.
        by: String,
    },
    /// A time has come.
    Arrive {
        /// Of which wait.
        turn: u32,
    },
    /// What was to be started has come to something.
    Report {
        /// Which time it was.
        n: u32,
        /// To what.
        came: Came,
    },
}

/// A schedule to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// What it is to do, and when.
    pub spec: Spec,
    /// What the client said, hashed before anything was filled in: a request that comes again is known by it.
    pub asked: Hash,
}

/// What was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// A workflow, or a run of it.
    WorkflowId(WorkflowId),
    /// A process.
    ProcessId(ProcessId),
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WorkflowId(id) => write!(f, "workflow {id}"),
            Self::ProcessId(id) => write!(f, "process {id}"),
        }
    }
}

/// What came of a time at which something was to be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Came {
    /// It was started.
    Started {
        /// What it is.
        #[serde(flatten)]
        made: Made,
    },
    /// It could not be.
    Failed {
        /// Why not.
        error: String,
    },
    /// It was not, because the former still ran.
    Overlapped {
        /// What ran.
        #[serde(flatten)]
        made: Made,
    },
}

/// Why a schedule refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Refusal {
    /// It is there already.
    #[error("this schedule exists already: change it, or delete it first")]
    Exists,
    /// It is not there.
    #[error("there is no such schedule")]
    Unknown,
    /// Its state does not allow it.
    #[error("the schedule is {status}: {hint}")]
    Not {
        /// Its state.
        status: String,
        /// What to do.
        hint: String,
    },
    /// Its times make no sense.
    #[error("{0}")]
    BadTiming(String),
    /// It would never start anything.
    #[error("no time is left at which it would start anything: choose another")]
    NeverDue,
    /// Nobody waits for this time any more.
    #[error("nothing is due at wait {0}")]
    NotDue(u32),
    /// The report is about another time.
    #[error("time {0} is not the one at which something is being started")]
    OtherTime(u32),
}

impl From<BadTiming> for Refusal {
    fn from(error: BadTiming) -> Self {
        Self::BadTiming(error.to_string())
    }
}
