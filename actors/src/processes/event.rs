//! What has happened to a process.

use super::alternative::Alternative;
use super::charge::Charge;
use super::command::{ErrorKind, Order};
use super::identity::Executor;
use super::metrics::{Metrics, Summary};
use super::pinned::Pinned;
use crate::vocabulary::{Durable, ProcessId, Reference, SessionId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// What has happened to a process. The type of each is its topic's end: `SPAWN_REQUEST` is published
/// on `claude.spawn.request`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
#[expect(missing_docs, reason = "the fields are explained once, below the enum")]
pub enum Event {
    /// It came into being, and queues.
    #[serde(rename = "SPAWN_REQUEST")]
    Requested {
        process_id: ProcessId,
        /// With the session it speaks in: the one that was asked for, or its own.
        #[serde(flatten)]
        order: Order,
        at: Timestamp,
    },
    /// Its turn has come.
    #[serde(rename = "SPAWN_ADMITTED")]
    Admitted { process_id: ProcessId, attempt: u32, at: Timestamp },
    /// Its attempt has an executor.
    #[serde(rename = "SPAWN_STARTED")]
    Started { process_id: ProcessId, attempt: u32, executor: Executor, at: Timestamp },
    /// The answer is safe on disk.
    #[serde(rename = "SPAWN_SUCCESS")]
    Answered {
        process_id: ProcessId,
        attempt: u32,
        spool: Durable<Reference>,
        metrics: Metrics,
        at: Timestamp,
    },
    /// The answer stands in the session's file, and whoever waited has been told.
    #[serde(rename = "SPAWN_COMPLETE")]
    Completed {
        process_id: ProcessId,
        session_id: SessionId,
        response_file: String,
        response_line: u64,
        line: Durable<Reference>,
        summary: Summary,
        at: Timestamp,
    },
    /// An attempt ended without an answer.
    #[serde(rename = "SPAWN_FAILED")]
    Failed {
        process_id: ProcessId,
        attempt: u32,
        kind: FailureKind,
        error: String,
        charge: Charge,
        at: Timestamp,
    },
    /// There will be another attempt.
    #[serde(rename = "SPAWN_RETRY")]
    RetryScheduled { process_id: ProcessId, due: Timestamp },
    /// So many attempts were paid for, or may have been: there will be another once there is room for it within the limits
    /// that it stands under, and not before it is due.
    #[serde(rename = "SPAWN_HELD")]
    Held { process_id: ProcessId, attempts: u32, due: Timestamp },
    /// Who was asked is given up, and `to` is asked: it queues there, or is held first.
    #[serde(rename = "SPAWN_FELL_BACK")]
    FellBack { process_id: ProcessId, to: Alternative, why: String, at: Timestamp },
    /// There will be none, unless somebody redrives it.
    #[serde(rename = "SPAWN_DEAD")]
    Died { process_id: ProcessId, why: String, at: Timestamp },
    /// Nobody knows what became of its attempt, and an operator has to decide.
    #[serde(rename = "SPAWN_INDETERMINATE")]
    Indeterminate { process_id: ProcessId, attempt: u32, why: String, at: Timestamp },
    /// Somebody redrove it.
    #[serde(rename = "SPAWN_REDRIVEN")]
    Redriven { process_id: ProcessId, by: String, at: Timestamp },
    /// Its executor is being stopped.
    #[serde(rename = "SPAWN_CANCELLING")]
    Cancelling { process_id: ProcessId, by: String, at: Timestamp },
    /// It has ended without an answer, because somebody wanted it so.
    #[serde(rename = "SPAWN_CANCELLED")]
    Cancelled { process_id: ProcessId, by: String, at: Timestamp },
    /// Its prompt has left the queue, where it `was`, for the archive; `None`: its file had gone. What was
    /// `pinned` beside it is no longer needed.
    #[serde(rename = "SPAWN_ARCHIVED")]
    Archived {
        process_id: ProcessId,
        was: Reference,
        prompt: Option<Durable<Reference>>,
        #[serde(default, skip_serializing_if = "Pinned::is_empty")]
        pinned: Pinned,
    },
}

/// Why an attempt brought no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The runtime said so, and another attempt may succeed.
    Passing,
    /// The runtime said so, and no retry can mend it.
    Final,
    /// The runtime said so: it cannot, but another one may.
    Unable,
    /// It took longer than it may.
    TimedOut,
    /// Its executor went without leaving an outcome. It may have been paid for.
    Lost,
    /// Nobody was asked: the server went before its executor was let go, or our own disk was full.
    NotBegun,
}

impl From<ErrorKind> for FailureKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Passing => Self::Passing,
            ErrorKind::Final => Self::Final,
            ErrorKind::Unable => Self::Unable,
            ErrorKind::TimedOut => Self::TimedOut,
        }
    }
}

impl Event {
    /// Where it is published.
    pub(super) fn topic(&self) -> Topic {
        Topic::of(match self {
            Self::Requested { .. } => "spawn.request",
            Self::Admitted { .. } => "spawn.admitted",
            Self::Started { .. } => "spawn.started",
            Self::Answered { .. } => "spawn.success",
            Self::Completed { .. } => "spawn.complete",
            Self::Failed { .. } => "spawn.failed",
            Self::RetryScheduled { .. } => "spawn.retry",
            Self::Held { .. } => "spawn.held",
            Self::FellBack { .. } => "spawn.fell_back",
            Self::Died { .. } => "spawn.dead",
            Self::Indeterminate { .. } => "spawn.indeterminate",
            Self::Redriven { .. } => "spawn.redriven",
            Self::Cancelling { .. } => "spawn.cancelling",
            Self::Cancelled { .. } => "spawn.cancelled",
            Self::Archived { .. } => "spawn.archived",
        })
    }
}
