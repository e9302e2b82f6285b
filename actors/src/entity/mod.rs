//! Entities: the one actor that hosts any machine, and how it is found, woken, parked and put to sleep.
//!
//! ```text
//!            tell                     wake                  Append                     commit
//!  caller ────────► slot.inbox ───────────────► entity ───────────────► journal ──────────────┐
//!     ▲               (directory)                 │ decide, apply                             │
//!     └───────────────────── answer ◄─────────────┴───────────────────────────────────────────┤
//!                                                                                             ▼
//!  world ◄── perform ── slot.effects ◄───────────────────────────────────────────────── reconcile
//!     └────────────────── outcome, told as a command ──────► slot.inbox
//! ```
//!
//! A [`Directory`] belongs to a kind of machine. Its slots hold what outlives an incarnation of the
//! actor: the commands that wait and the effects that run. [`Hosts`] starts incarnations and watches
//! them end.

mod actor;
mod appending;
mod batch;
mod branch;
mod deciding;
mod directory;
mod effects;
mod facts;
mod finding;
mod fingerprint;
mod hosts;
mod life;
mod loading;
mod news;
mod order;
mod orders;
mod parking;
mod scheduler;
mod slot;
mod snapshot;
mod telling;
mod told;

#[cfg(test)]
mod tests;

pub use branch::EntityBranch;
pub use directory::{Directory, HostSettings};
pub use hosts::Hosts;
pub use life::rebuild;
pub use scheduler::Scheduler;
pub use told::{Origin, Receipt, TellError, Told};
