//! Nodes: an agent node of a workflow while it runs, each an entity of its own. It has the model asked, in as many
//! turns as its answer needs, and ends with an output or with the reason why there is none.
//!
//! ```text
//! running ──(an answer that does not fit)────► running, with the next turn
//!    │ ╲ ╲
//!    │  ╲ └─(calls of tools)─► calling ──(all have come to something)──► running, with the next turn
//!    │   └─► completed, failed   │  ╲
//!    │                           │   └─(one was lost)─► failed
//!    └────► cancelling ─► cancelled ◄──┘
//! ```
//!
//! | state | command | events | then wanted |
//! |---|---|---|---|
//! | new | `Start` | `Started`, `Asked` | `turn/1` |
//! | running, last turn | `EndTurn` answered | `Answered`, `Completed` | nothing |
//! | running | `EndTurn` misfit | `Answered`, `Asked` | `turn/n` |
//! | last turn | `EndTurn` misfit | `Answered`, `Failed` | nothing |
//! | running | `EndTurn` called | `Answered`, `Called`, `Called` | `call/n/i`, `call/n/j` |
//! | last turn | `EndTurn` called | `Answered`, `Failed` | nothing |
//! | running, last turn | `EndTurn` failed | `Failed` | nothing |
//! | calling, begun | `EndCall` done | `CallEnded` | `call/n/i` |
//! | last call | `EndCall` done | `CallEnded`, `Asked` | `turn/n` |
//! | calling, begun, last call | `EndCall` lost | `Failed` | nothing |
//! | calling | `BeginCall` | `CallBegun` | `call/n/i`, `call/n/j` |
//! | last call | `BeginCall` | `CallBegun` | `call/n/i` |
//! | running, last turn | `Cancel` | `Cancelling` | `cancel/n` |
//! | calling, begun, last call | `Cancel` | `Cancelled` | nothing |
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
//! # Tools
//!
//! An answer may call tools (the loop that is known as `ReAct`). What it calls is journaled with the answer, before
//! anything is called; the calls are made in parallel, each by an effect of its own, and what each came to is journaled
//! as it comes; the next turn tells the model. So a crash in the middle goes on with the calls that have not ended. A
//! tool that may not be repeated has its call journaled as begun before it is made: whoever finds that, and no result,
//! does not make it again, and the node fails as `indeterminate`. What goes wrong with a call is a result like any
//! other, which the model is told. Calls are made here, and nobody has to be stopped: what is no longer wanted is
//! dropped.

mod abandon;
mod bill;
mod call;
mod calls;
mod carry;
mod command;
mod decide;
mod effect;
mod end;
mod event;
mod fold;
mod metrics;
mod paid;
mod pause;
mod perform;
mod prompt;
mod purse;
mod request;
mod row;
mod spending;
mod state;
#[cfg(test)]
mod tests;
mod turn;

pub(crate) use pause::Pause;

pub use abandon::abandon;
pub use carry::{carry_out, name_of, stop};
pub use command::{CallEnded, Called, Command, Ended, FailureKind, Order, Outcome, Refusal, Said};
pub use effect::{Ask, Call, Effect, Told, Turn};
pub use event::{Event, Why};
pub use metrics::Metrics;
pub use paid::{CallFailure, Paying, make_call};
pub use perform::Performer;
pub use purse::{
    Amount, Bill, Bound, BoundId, Budget, Demand, Key, Lost, Purse, Reservation, Reserved,
};
pub use spending::is_share;
pub use state::{Node, Phase, Question, process_of};
