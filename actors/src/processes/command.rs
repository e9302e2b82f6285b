//! What a process is asked, and why it may refuse.

use super::alternative::Alternative;
use super::charge::Charge;
use super::identity::Executor;
use super::metrics::Metrics;
use super::pinned::Pinned;
use super::site::Site;
use crate::vocabulary::{AgentId, Durable, Hash, Reference, SessionId, WorkflowId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a process is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Command {
    /// Come into being, and queue.
    Spawn(Box<Order>),
    /// It is your turn.
    Admit,
    /// The attempt has an executor.
    ReportStarted {
        /// Which attempt.
        attempt: u32,
        /// Who executes it.
        executor: Executor,
    },
    /// The attempt has come to an end.
    EndAttempt {
        /// Which attempt.
        attempt: u32,
        /// How.
        ended: Ended,
    },
    /// The answer stands in the session's file.
    RecordTurn {
        /// Of which attempt.
        attempt: u32,
        /// Where it stands.
        line: Durable<Reference>,
    },
    /// The session will never take the answer.
    RefuseTurn {
        /// Of which attempt.
        attempt: u32,
        /// Why not.
        why: String,
    },
    /// What its program did to files cannot be taken over.
    RefuseFiles {
        /// Of which attempt.
        attempt: u32,
        /// Why not.
        why: String,
    },
    /// The prompt lies in the archive.
    ReportArchived {
        /// Where it lies now; `None`: its content had gone already.
        prompt: Option<Durable<Reference>>,
    },
    /// Stop.
    Cancel {
        /// Who wants it.
        by: String,
    },
    /// The attempt's executor has gone.
    ReportStopped {
        /// Which attempt.
        attempt: u32,
    },
    /// There is room for another attempt within the limits that it stands under, or there will be none.
    ReportRoom {
        /// For the attempt after so many that were paid for, or may have been.
        attempts: u32,
        /// Which.
        room: Room,
    },
    /// Begin anew.
    Retry {
        /// Who wants it.
        by: String,
    },
    /// Take an attempt whose outcome nobody knows for failed.
    Fail {
        /// Who wants it.
        by: String,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// What the model is asked.
    pub prompt: Durable<Reference>,
    /// What else it is asked with.
    #[serde(default, skip_serializing_if = "Pinned::is_empty")]
    pub pinned: Pinned,
    /// What the client said, hashed before any default was filled in: a request that comes again is
    /// known by it.
    pub asked: Hash,
    /// By which runtime, by its name in the configuration.
    pub runtime: String,
    /// Which model, as the runtime knows it.
    pub model: String,
    /// On whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// The part that it plays: the profile that its agent had then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// In which conversation; `None`: a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// Within which workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<WorkflowId>,
    /// The folder in which a program works; `None`: that of its runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdir: Option<PathBuf>,
    /// The folder of its workflow, on a copy of which a program works; `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Box<Site>>,
    /// The higher, the sooner its turn comes.
    pub priority: i32,
    /// How long one attempt may take, in seconds.
    pub timeout_s: u32,
    /// When and how often it is tried again.
    pub retry: RetryPolicy,
    /// What follows an attempt that was lost.
    #[serde(default, skip_serializing_if = "OnLost::is_retry")]
    pub on_lost: OnLost,
    /// Who else is asked, one after the other, where who was asked cannot answer or is out of attempts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<Alternative>,
    /// It stands under limits: after an attempt that was paid for, or may have been, another one waits until there is
    /// room for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_room: bool,
}

/// Whether there is room for another attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "room", rename_all = "snake_case")]
pub enum Room {
    /// There is.
    Granted,
    /// There will be none.
    Denied {
        /// Why not.
        why: String,
    },
}

/// What follows an attempt whose executor went without leaving an outcome: what it was to do may have
/// been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLost {
    /// Another attempt.
    #[default]
    Retry,
    /// An operator is asked.
    Ask,
}

impl OnLost {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    pub(super) fn is_retry(&self) -> bool {
        *self == Self::Retry
    }
}

/// When and how often an attempt that failed is followed by another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// How many retries after the first attempt.
    pub max_retries: u32,
    /// How many attempts may be lost to crashes; they count apart.
    pub max_lost: u32,
    /// The wait before the first retry, in milliseconds; it doubles each time.
    pub first_ms: u64,
    /// The longest wait, in milliseconds.
    pub max_ms: u64,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Ended {
    /// With an answer, which is safe on disk.
    Answered {
        /// The session's line to be.
        spool: Durable<Reference>,
        /// What it took.
        metrics: Metrics,
    },
    /// Without one.
    Failed {
        /// Which kind of failure.
        kind: ErrorKind,
        /// What happened, in words.
        error: String,
        /// What it has cost.
        charge: Charge,
        /// How long the provider asks to wait, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// Nobody knows: its executor went without leaving an outcome.
    Lost {
        /// What was found.
        why: String,
    },
    /// Nobody was asked.
    NotBegun {
        /// What stood in the way; `None`: the server went before it could let the executor go.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Another attempt may succeed.
    Passing,
    /// No retry can mend it, and nobody else is asked: what was asked is at fault, or was refused for its content.
    Final,
    /// No retry can mend it, but somebody else may answer: this one has no key, no such model, is not there.
    Unable,
    /// It took longer than it may.
    TimedOut,
}

/// Why a process refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Refusal {
    /// It is there already.
    #[error("this process exists already")]
    Exists,
    /// It is not there.
    #[error("there is no such process")]
    Unknown,
    /// That session cannot be.
    #[error("the session id {0} is the name of the link to the newest session: choose another id")]
    ReservedSession(SessionId),
    /// Its state does not allow it.
    #[error("the process is {status}: {hint}")]
    Not {
        /// Its state.
        status: String,
        /// What to do.
        hint: String,
    },
    /// The report is about another attempt.
    #[error("attempt {got} was reported, but the process is at attempt {current}")]
    OtherAttempt {
        /// What was reported.
        got: u32,
        /// What is current.
        current: u32,
    },
}

impl Ended {
    /// A failure before anybody was asked, which another attempt may mend.
    pub fn passing(error: impl Into<String>) -> Self {
        Self::unasked(ErrorKind::Passing, error)
    }

    /// A failure before anybody was asked.
    pub(super) fn unasked(kind: ErrorKind, error: impl Into<String>) -> Self {
        let charge = Charge::Nothing;
        Self::Failed { kind, error: error.into(), charge, retry_after_ms: None }
    }
}
