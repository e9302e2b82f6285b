//! Workflows: instances of graphs, moved through them step by step, resumable at every point.
//!
//! ```text
//!  told ─► Workflow (the machine: where the run stands, what is worked at)
//!             │ wants                                     ▲ what came of it
//!             ▼                                           │
//!          Performer ─ carry ──► nodes (agents), workflows (subgraphs), computing
//!             │       ─ plan ──► graph::step over the state ── checkpoint, next nodes
//!             └ memory, past: what the channels hold, folded from the checkpoints
//! ```
//!
//! Where a run has one node at a time, the node's end and the step's are one commit.

mod carry;
mod checkpoint;
mod command;
mod decide;
mod effect;
mod event;
mod fold;
mod history;
mod item;
mod launch;
mod memory;
mod past;
mod perform;
mod planning;
mod progress;
mod row;
mod state;
mod subgraph;
mod tool;
mod visit;

pub use checkpoint::{Checkpoint, Join, Next, NodeKind, Plan, Retry, Spec, Then, Whole};
pub use command::{Command, Input, OnRunning, Order, Outcome, Parent, Refusal};
pub use effect::{Carry, Effect, NodeEnd, Place};
pub use event::{Ending, Event};
pub use history::{History, NodeRecord, RunRecord, StepRecord};
pub use item::{Failure, Interrupt, ItemId, Settled, Waiting};
pub use launch::{first_run, next_run, pin};
pub use past::{Past, PastError};
pub use perform::Performer;
pub use state::{Phase, Workflow};
