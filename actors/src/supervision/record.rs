//! What a supervisor decided, told to whoever keeps the record. Keeping it is not done here.

use serde::{Deserialize, Serialize};

use super::Exit;

/// Keeps what supervisors decide. Called on the supervisor's own thread: it must not block and must not panic.
pub trait Record: Send + Sync {
    /// Takes note of one decision.
    fn record(&self, decision: Decision);
}

/// A record that keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecord;

impl Record for NoRecord {
    fn record(&self, _decision: Decision) {}
}

/// One decision of a supervisor: who, what, why, which attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The path of the actor it is about; for [`What::GaveUp`] that of the supervisor.
    pub path: String,
    /// What was decided, or seen.
    pub what: What,
    /// Why, in words; empty where `what` says it all.
    pub why: String,
    /// How the actor ended, where that is what it is about.
    pub exit: Option<Exit>,
    /// How many restarts in a row this is for the child; 0 for its first start.
    pub attempt: u32,
    /// How long the restart waits, in milliseconds.
    pub delay_ms: u64,
}

impl Decision {
    /// A decision with no exit, attempt or delay to it.
    pub(super) fn plain(path: String, what: What, why: impl Into<String>) -> Self {
        Self { path, what, why: why.into(), exit: None, attempt: 0, delay_ms: 0 }
    }
}

/// What a [`Decision`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The child was started.
    Started,
    /// The child ended though nobody had asked it to.
    Ended,
    /// The child will be started again, after `delay_ms`.
    Restarting,
    /// The child was asked to stop.
    Stopping,
    /// The child ended after it had been asked to.
    Stopped,
    /// The child did not stop in time and was killed.
    Killed,
    /// The child could not even be killed: its thread is blocked. Its place stays taken until it ends.
    Abandoned,
    /// The supervisor has reached its restart limit and ends.
    GaveUp,
    /// An operator gave an order; `why` names the verb and the operator.
    Operated,
}
