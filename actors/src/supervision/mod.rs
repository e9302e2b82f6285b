//! Supervision in OTP's words: who starts whom, who is told when one ends, and what is done about it.
//!
//! ```text
//!   spec ──► Supervisor (the actor) ──inputs──► Rules (pure) ──orders──► start, stop, kill, wait, give up
//!                │      ▲                                                     │
//!              Show     └───────── Exit, when the last Lifeline drops ◄── Monitor (owns the child's future)
//! ```
//!
//! `actix::Supervisor` is not used: it restarts only after `ctx.stop()` and does not survive a panic. What decides is
//! [`Rules`] and knows no actor and no clock; what acts is [`Supervisor`] and decides nothing.

mod exit;
mod lifeline;
mod monitor;
mod record;
mod root;
mod rules;
mod seat;
mod spec;
mod supervisor;
mod tree;

pub use exit::Exit;
pub use lifeline::{Lifeline, Report};
pub use monitor::{Hold, Started, start_here, start_on_own_thread};
pub use record::{Decision, NoRecord, Record, What};
pub use root::{RootHandle, start_root};
pub use rules::{Order, Rules};
pub use seat::{Next, Seat, SeatStatus};
pub use spec::{Backoff, ChildSpec, Intensity, Place, Restart, Shutdown, SpecError, Strategy};
pub use supervisor::Supervisor;
pub use tree::{ActorInfo, Branch, BranchFuture, OperateError, Status, UnknownVerb, Verb};

#[cfg(test)]
mod tests;
