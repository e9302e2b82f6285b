//! Nodes: an agent node of a workflow while it runs, each an entity of its own. It has the model asked, in as many
//! turns as its answer needs, and ends with an output or with the reason why there is none.
//!
//! ```text
//! running ──(an answer that does not fit)──► running, with the next turn
//!    │ ╲
//!    │  └─► completed, failed
//!    └────► cancelling ► cancelled
//! ```
//!
//! | state | command | events | then wanted |
//! |---|---|---|---|
//! | new | `Start` | `Started`, `Asked` | `turn/1` |
//! | running, last turn | `EndTurn` answered | `Answered`, `Completed` | nothing |
//! | running | `EndTurn` misfit | `Answered`, `Asked` | `turn/n` |
//! | last turn | `EndTurn` misfit | `Answered`, `Failed` | nothing |
//! | running, last turn | `EndTurn` failed | `Failed` | nothing |
//! | running, last turn | `Cancel` | `Cancelling` | `cancel/n` |
//! | cancelling | `ReportStopped` (outcome of `cancel/n`) | `Cancelled` | nothing |
//!
//! A turn is one process, whose id derives from the node's and the turn's number: spawned, or found at work, and
//! waited for. Its retries, its time-outs and what is lost of it are its own affair; a node knows only how it ended.
//! One that waits for an operator has not ended, so its node waits, too. All turns go on with one conversation.
//!
//! # What it may cost
//!
//! A node that stands under limits has each turn reserved at the root of its workflow's lineage before its process is
//! brought about, and settled when that has ended, also on cancel ([`Purse`]). Where that is not granted, the node fails
//! with `limit`. Both are told under names that derive from the node's and the turn's: after a crash, again.
//!
//! # Where tools will come in
//!
//! A turn will one day end with calls of tools in place of an answer, and the next one will tell their results. That
//! adds variants and changes none: [`Ended`] one for the calls (each by reference), [`Event`] one that keeps them,
//! [`Phase`] one in which they are under way, with the keys `call/n/i`, and [`Why`] one for the turn that tells their
//! results. Turns are counted by [`Event::Asked`], whatever follows them; what a turn took is kept by
//! [`Event::Answered`], which says nothing of what comes next.

mod abandon;
mod bill;
mod carry;
mod command;
mod decide;
mod effect;
mod end;
mod event;
mod fold;
mod metrics;
mod pause;
mod perform;
mod prompt;
mod purse;
mod row;
mod spending;
mod state;
#[cfg(test)]
mod tests;
mod turn;

pub(crate) use pause::Pause;

pub use abandon::abandon;
pub use carry::{carry_out, name_of, stop};
pub use command::{Command, Ended, FailureKind, Order, Outcome, Refusal, Said};
pub use effect::{Ask, Effect, Turn};
pub use event::{Event, Why};
pub use metrics::Metrics;
pub use perform::Performer;
pub use purse::{
    Amount, Bill, Bound, BoundId, Budget, Demand, Key, Lost, Purse, Reservation, Reserved,
};
pub use spending::reservation_key;
pub use state::{Node, Phase, Question};
