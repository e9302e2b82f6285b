//! Processes: one spawned model call each, with its lifecycle, its attempts and its answer.
//!
//! ```text
//! PENDING → STARTING → RUNNING → SUCCESS → COMPLETED
//!              │         │ ╲
//!              │         │  → FAILED → RETRY → STARTING …
//!              │         │       ╲ ╲→ HELD → RETRY, DEAD or CANCELLED
//!              │         │       ╲→ (another is asked) PENDING, or HELD
//!              │         │        ╲→ DEAD → (redriven) PENDING
//!              │         │        ╲→ INDETERMINATE → (redriven) PENDING, DEAD or CANCELLED
//!              └─────────┴→ CANCELLING → CANCELLED
//! ```
//!
//! | state | command | events | then wanted |
//! |---|---|---|---|
//! | new | `Spawn` | `Requested` | nothing: it queues |
//! | PENDING, RETRY | `Admit` | `Admitted` | `attempt/n` |
//! | STARTING | `ReportStarted` (news of `attempt/n`) | `Started` | `attempt/n` |
//! | STARTING, RUNNING | `EndAttempt` answered | `Answered` | `turn/n` |
//! | STARTING, RUNNING | `EndAttempt` failed, lost, timed out | `Failed` + `RetryScheduled`, `FellBack` (it queues again), `Held`, `FellBack` + `Held`, `Died` or `Indeterminate` | nothing |
//! | SUCCESS | `RecordTurn` (outcome of `turn/n`) | `Completed` | `archive` |
//! | SUCCESS | `RefuseTurn` (outcome of `turn/n`) | `Failed` + `Died` | nothing |
//! | SUCCESS | `RefuseFiles` (outcome of `turn/n`) | `Failed` + `RetryScheduled`, `Held`, `FellBack` or `Died` | nothing: it queues again, or has ended |
//! | HELD | `ReportRoom` granted, denied | `RetryScheduled`, `Died` | nothing |
//! | PENDING, RETRY, HELD, INDETERMINATE | `Cancel` | `Cancelled` | `archive` |
//! | STARTING, RUNNING | `Cancel` | `Cancelling` | `stop/n` |
//! | CANCELLING | `ReportStopped` (outcome of `stop/n`) | `Cancelled` | `archive` |
//! | COMPLETED, CANCELLED | `ReportArchived` (outcome of `archive`) | `Archived` | nothing |
//! | DEAD, INDETERMINATE | `Retry` | `Redriven` (+ `Held`) | nothing: it queues again |
//! | INDETERMINATE | `Fail` | `Died` | nothing |
//!
//! INDETERMINATE is where an attempt ends whose executor went without leaving an outcome, if its order
//! says so: an operator decides.
//!
//! HELD is where a process waits that stands under limits, after an attempt that was paid for or may have been: for
//! another there has to be room first ([`Order::needs_room`]), and whoever ordered it says whether there is. One that falls
//! back is held behind its `FellBack`: once there is room, it is `to` that is asked.
//!
//! A queued process wants nothing and sleeps; [`Admission`] decides whose turn it is.

mod admission;
mod adoption;
mod alternative;
mod answer;
mod attempt;
mod charge;
mod command;
mod decide;
mod defaults;
mod effect;
mod estimate;
mod event;
mod fold;
mod identity;
mod metrics;
mod output;
mod perform;
mod pinned;
mod retry;
mod room;
mod row;
mod site;
mod source;
mod state;
#[cfg(test)]
mod tests;

pub use crate::vocabulary::Estimate;
pub use admission::{Admission, Limits};
pub use adoption::adoption;
pub use alternative::Alternative;
pub use answer::Answer;
pub use attempt::shim;
pub use attempt::{
    ChildEnd, Desk, Execute, ExecuteError, Executed, Family, Guest, Past, Place, Work, Writer,
    inherit, stop_shims, take_away,
};
pub use charge::{Charge, Told};
pub use command::{Command, Ended, ErrorKind, OnLost, Order, Refusal, RetryPolicy, Room};
pub use defaults::{Defaults, RuntimeDefaults, Terms, Unmet, Wishes};
pub use effect::{Attempt, Effect};
pub use estimate::Asked;
pub use event::{Event, FailureKind};
pub use identity::Executor;
pub use metrics::{Metrics, Summary};
pub use output::{Chunk, read_output};
pub use perform::Performer;
pub use pinned::Pinned;
pub use site::{Site, Unsettled, Worked};
pub use source::Source;
pub use state::{Phase, Process};
