//! The whole tree: who supervises whom, how it starts and how it stops.
//!
//! ```text
//! root (rest_for_one)
//! ├── journal       the writer, on a thread of its own
//! ├── sessions      one entity per id
//! ├── processes     one entity per id
//! ├── agents        one entity per id
//! ├── nodes         one entity per id
//! ├── workflows     one entity per id
//! ├── schedules     one entity per id
//! ├── workspaces    one entity per lineage that changes files
//! ├── services      (one_for_one) admission, agent-follower, sweeper, integrity, process monitor, metrics,
//! │                 a scheduler per kind
//! └── edge          (one_for_one) what the program adds: HTTP
//! ```
//!
//! It stops in reverse: first nobody new comes in, then nothing new begins, then what runs ends, and
//! at last the journal closes.

mod idlers;
mod integrity;
mod monitor;
mod performance;
mod rebuilding;
mod record;
mod sweeper;
mod tree;
mod tuning;
mod warnings;

pub use rebuilding::rebuild_tables;
pub use tree::{INTENSITY, Parts, Running, StartError, SystemSettings};
pub use tuning::{Tuner, Tuning};
pub use warnings::{Warning, Warnings};
