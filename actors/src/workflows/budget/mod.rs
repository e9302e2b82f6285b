//! Limits as reservations: what a lineage of workflows may take, kept by its root.
//!
//! ```text
//!  a node's turn ── Reserve{key, bounds, demand} ──► root:  fits ─► RESERVED   (one commit, all bounds at once)
//!        ▲                                            │  ╲
//!        │                                            │   ╲─► fits once others are settled ─► WAITING
//!        │                                            ▼
//!        │                                        would exceed ─► stop: refused, by name
//!        │                                                    ╲─► ask: WAITING, and a question to a person
//!        └──────────── Settle{key, bill} ──────────► root:  SETTLED; whoever waits is looked at again, in order
//! ```
//!
//! A bound is a run of a workflow, or a visit to a node, that has limits. Whoever works below stands under all of them, so
//! that nothing passes any. What is counted is what answers took, what was lost (as much as was reserved for it), and what
//! is reserved. A reservation outlives crashes with the root's stream; it is settled by who made it, once.
//!
//! Steps and seconds of a run are its own affair: [`pace`]. No prices are known here: whoever reserves says what it may
//! come to.

mod account;
mod answer;
mod desk;
mod fact;
mod ledger;
mod pace;
mod purse;
mod question;
mod renew;
mod reserve;
mod show;
#[cfg(test)]
mod tests;
mod time;
mod words;

pub(super) use ledger::Ledger;
pub(super) use pace::Hold;
pub(super) use renew::Renewed;

pub use fact::{Fact, Grant};
pub use purse::RootPurse;
pub use question::{Asker, Asks, LimitId};
pub use show::{Line, Room, Taken};
