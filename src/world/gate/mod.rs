//! The gate: every call of a tool passes it, through whatever door it comes.
//!
//! ```text
//! Toolset ──► Gate ── standing of the caller, below its lineage ── decide ──► audit, durable ──► Registry ──► the tool
//!                                                                   └ refused: in words that a model can learn from
//! ```
//!
//! Nothing is carried out whose decision is not on record. A refusal is the call's result, and no fault.

#[expect(clippy::module_inception, reason = "the folder is about it, the file is it")]
mod gate;
mod lineage;
mod runs;

pub use gate::Gate;
