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
//! When a run fails or is rolled back, what it did is undone first (`undo`, `undone`); `rewind` takes a workflow back to a
//! checkpoint; `lineage` pauses subgraphs with their parent.
//!
//! Limits are reservations (`budget`). Where a run has one node at a time, the node's end and the step's are one commit.

mod budget;
mod carry;
mod checkpoint;
mod command;
mod decide;
mod effect;
mod event;
mod fold;
mod forks;
mod history;
mod item;
mod launch;
mod lineage;
mod memory;
mod past;
mod perform;
mod planning;
mod progress;
mod records;
mod rewind;
mod row;
mod state;
mod subgraph;
mod tool;
mod undo;
mod undone;
mod visit;
mod workplace;

pub use budget::{Asker, Asks, Fact, Grant, LimitId, Line, Room, RootPurse, Taken};
pub use checkpoint::{Checkpoint, Join, Next, NodeKind, Plan, Retry, Spec, Then, Whole};
pub use command::{Command, Input, OnRunning, Order, Outcome, Parent, Refusal};
pub use effect::{Carry, Effect, NodeEnd, Place, PlaceUndo};
pub use event::{Ending, Event};
pub use forks::{
    Adopted, Change, Child, Cut, ForkError, Manner, Origin, Purpose, Record, Recorded, Recording,
    Source, Spot, Wanted, fork, replay,
};
pub use history::History;
pub use item::{Failure, Interrupt, ItemId, Settled, Waiting};
pub use launch::{first_run, next_run, pin};
pub use lineage::Steer;
pub use past::{Past, PastError};
pub use perform::Performer;
pub use records::{NodeRecord, RunRecord, StepRecord};
pub use rewind::{NoTarget, Rewind, RunStart, Target, Targets};
pub use state::{Phase, Workflow};
pub use undo::{Deed, Undo};
