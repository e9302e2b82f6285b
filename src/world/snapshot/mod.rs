//! Snapshots: a program that a runtime runs for an agent whose workflow has a folder works on a copy of it, held by the
//! kernel as `run_command` holds its programs; when it has answered, what it changed there becomes one change of the
//! workspace, on record and to be undone, as far as the agent may write it.
//!
//! ```text
//! server: equip  ── the rules ──► a copy of what the agent may read, and a home, beside it what was copied
//! shim:   Seat   ── callboard confine ──► the program: the copy, the home, the system read-only; a door
//! server: settle ── compare, the rules ──► one change; what was refused stands in the answer's line and in the audit
//! ```
//!
//! Only an attempt that was answered is taken over: between its answer, which is on record, and its turn in the session.
//! Whoever does it again after a crash finds the change on the record, by the attempt's own call. What any other attempt
//! did is thrown away. A machine that was started anew in between has maybe not kept all of a copy: then the attempt counts
//! for nothing, and another begins.

mod bench;
mod claim;
mod network;
mod seat;
mod settle;
mod workbench;

pub(in crate::world) use network::{Way, check_hosts};
pub(in crate::world) use seat::{Program, Seat};
pub use workbench::Workbench;
