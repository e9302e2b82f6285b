//! Processes: one spawned model call each, with its lifecycle, its attempts and its answer.
//!
//! ```text
//! PENDING → STARTING → RUNNING → SUCCESS → COMPLETED
//!              │         │ ╲
//!              │         │  → FAILED → RETRY → STARTING …
//!              │         │        ╲→ DEAD → (redriven) PENDING
//!              └─────────┴→ CANCELLING → CANCELLED
//! ```
//!
//! | state | command | events | then wanted |
//! |---|---|---|---|
//! | new | `Spawn` | `Requested` | nothing: it queues |
//! | PENDING, RETRY | `Admit` | `Admitted` | `attempt/n` |
//! | STARTING | `ReportStarted` (news of `attempt/n`) | `Started` | `attempt/n` |
//! | STARTING, RUNNING | `EndAttempt` answered | `Answered` | `turn/n` |
//! | STARTING, RUNNING | `EndAttempt` failed, lost, timed out | `Failed` + `RetryScheduled` or `Died` | nothing |
//! | SUCCESS | `RecordTurn` (outcome of `turn/n`) | `Completed` | `archive` |
//! | PENDING, RETRY | `Cancel` | `Cancelled` | `archive` |
//! | STARTING, RUNNING | `Cancel` | `Cancelling` | `stop/n` |
//! | CANCELLING | `ReportStopped` (outcome of `stop/n`) | `Cancelled` | `archive` |
//! | COMPLETED, CANCELLED | `ReportArchived` (outcome of `archive`) | `Archived` | nothing |
//! | DEAD | `Retry` | `Redriven` | nothing: it queues again |
//!
//! A queued process wants nothing and sleeps; [`Admission`] decides whose turn it is.

mod admission;
mod attempt;
mod command;
mod decide;
mod effect;
mod event;
mod fold;
mod identity;
mod metrics;
mod output;
mod perform;
mod retry;
mod row;
mod state;
#[cfg(test)]
mod tests;

pub use admission::{Admission, Limits};
pub use attempt::{Execute, ExecuteError, Executed, Past, Work, Writer};
pub use command::{Command, Ended, ErrorKind, Order, Refusal, RetryPolicy};
pub use effect::{Attempt, Effect};
pub use event::{Event, FailureKind};
pub use identity::Executor;
pub use metrics::{Metrics, Summary};
pub use output::{Chunk, read_output};
pub use perform::Performer;
pub use state::{Phase, Process};
