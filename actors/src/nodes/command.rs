//! What a node is asked, and why it may refuse.

use super::metrics::Metrics;
use super::purse::{Budget, Lost};
use crate::graph::Agent;
use crate::processes;
use crate::vocabulary::{Durable, Payload, Reference, SessionId, WorkflowId, Workplace};
use serde::{Deserialize, Serialize};

/// What a node is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Command {
    /// Come into being, and have the model asked.
    Start(Box<Order>),
    /// A turn has come to its end.
    EndTurn {
        /// Which, from 1.
        turn: u32,
        /// How.
        ended: Box<Ended>,
        /// What of it was sent and brought no answer.
        #[serde(default, skip_serializing_if = "Lost::is_nothing")]
        lost: Lost,
    },
    /// A call has begun that is not to be made again.
    BeginCall {
        /// Of which turn.
        turn: u32,
        /// Which of its calls, from 0.
        index: u32,
    },
    /// A call has come to its end.
    EndCall {
        /// Of which turn.
        turn: u32,
        /// Which of its calls, from 0.
        index: u32,
        /// How.
        ended: CallEnded,
    },
    /// Stop.
    Cancel {
        /// Who wants it.
        by: String,
    },
    /// The turn's process has ended.
    ReportStopped {
        /// Which turn.
        turn: u32,
        /// What it took, where it had its answer before it could be stopped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paid: Option<processes::Metrics>,
        /// What of it was sent and brought no answer.
        #[serde(default, skip_serializing_if = "Lost::is_nothing")]
        lost: Lost,
    },
}

/// What is to be done. The work itself is content: it may be large.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Within which workflow.
    pub workflow_id: WorkflowId,
    /// Where it stands in its workflow, for people: `debate/run 1/step 3/judge[2]`.
    pub path: String,
    /// What the model is asked: a [`graph::Agent`](Agent) as JSON.
    pub asked: Durable<Reference>,
    /// How often it may be asked until its answer is what it has to be; at least once.
    pub max_turns: u32,
    /// In which conversation; `None`: a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// By which runtime, where the work names none; `None`: the configured one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The higher, the sooner the turn of its processes comes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub priority: i32,
    /// How long an attempt of a process may take, in seconds; `None`: as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u32>,
    /// How often a process is tried again; `None`: as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<u32>,
    /// Under which limits it stands; `None`: under none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// In which folder its tools work; `None`: in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workplace: Option<Workplace>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

impl Order {
    /// An order for work that was put away as `asked`; what is not said is as configured.
    pub fn new(
        workflow_id: WorkflowId,
        path: impl Into<String>,
        agent: &Agent,
        asked: Durable<Reference>,
    ) -> Self {
        Self {
            workflow_id,
            path: path.into(),
            asked,
            max_turns: agent.max_turns,
            session_id: None,
            runtime: None,
            priority: 0,
            timeout_s: None,
            max_retries: None,
            budget: None,
            workplace: None,
        }
    }
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Ended {
    /// With what was asked for.
    Answered {
        /// That.
        output: Payload,
        /// What was said.
        said: Said,
    },
    /// With an answer that is not what it has to be.
    Misfit {
        /// Why not, in words that the model is told.
        violations: String,
        /// What was said.
        said: Said,
    },
    /// With calls of tools.
    Called {
        /// Which, in the model's order; at least one.
        calls: Vec<Called>,
        /// What was said.
        said: Said,
    },
    /// Without an answer.
    Failed {
        /// Which kind of failure.
        kind: FailureKind,
        /// What happened, in words.
        error: String,
    },
}

/// What a model calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Called {
    /// The model's own name of the call.
    #[serde(rename = "call_id")]
    pub id: String,
    /// Which tool.
    pub name: String,
    /// With what.
    pub arguments: Payload,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum CallEnded {
    /// With a result, which the model is told.
    Done {
        /// What it gave; or what went wrong, in words.
        result: Payload,
        /// It went wrong.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
    /// Nobody knows how: it was begun, and whoever made it went. It is not to be made again.
    Lost,
}

/// An answer, as its process left it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// In which conversation.
    pub session_id: SessionId,
    /// Where it stands there.
    pub line: Durable<Reference>,
    /// What it took.
    pub metrics: processes::Metrics,
}

/// Why a node has no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Its process died, or could not come into being.
    ProcessFailed,
    /// The model was asked as often as it may, and its answers were not what they have to be.
    InvalidOutput,
    /// The last attempt of its process took longer than it may.
    TimedOut,
    /// Somebody cancelled it, or its process.
    Cancelled,
    /// A limit is in the way of its next turn.
    Limit,
    /// The model was asked as often as it may, and still calls tools.
    OutOfTurns,
    /// It is to have a tool that is not there, or that its runtime cannot be given.
    NoSuchTool,
    /// A call that is not to be made again was begun, and nobody knows what came of it.
    Indeterminate,
}

impl FailureKind {
    /// Its name in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProcessFailed => "process_failed",
            Self::InvalidOutput => "invalid_output",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Limit => "limit",
            Self::OutOfTurns => "out_of_turns",
            Self::NoSuchTool => "no_such_tool",
            Self::Indeterminate => "indeterminate",
        }
    }
}

/// How a node ended, for whoever had it carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Outcome {
    /// With this.
    Completed {
        /// What it came to.
        output: Payload,
        /// What its turns took.
        metrics: Metrics,
    },
    /// In vain.
    Failed {
        /// Why.
        kind: FailureKind,
        /// What happened, in words.
        error: String,
        /// What its turns took all the same.
        metrics: Metrics,
    },
}

impl Outcome {
    /// What its turns took.
    pub fn metrics(&self) -> Metrics {
        match self {
            Self::Completed { metrics, .. } | Self::Failed { metrics, .. } => *metrics,
        }
    }
}

/// Why a node refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Refusal {
    /// It is there already.
    #[error("this node was started already")]
    Exists,
    /// It is not there.
    #[error("there is no such node")]
    Unknown,
    /// Its state does not allow it.
    #[error("the node is {status}: {hint}")]
    Not {
        /// Its state.
        status: String,
        /// What to do.
        hint: String,
    },
    /// The report is about another turn.
    #[error("turn {got} was reported, but the node is at turn {current}")]
    OtherTurn {
        /// What was reported.
        got: u32,
        /// What is current.
        current: u32,
    },
    /// The report is about a call that is not open.
    #[error("call {index} of turn {turn} was reported, but it is not open")]
    NoSuchCall {
        /// Of which turn.
        turn: u32,
        /// Which of its calls.
        index: u32,
    },
}
