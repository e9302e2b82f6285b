//! The shim: this program once more, in a process of its own that works on one attempt and outlives the
//! server that started it.
//!
//! ```text
//!  server                                shim (a session of its own)
//!    │── start, the work over its stdin ──►│
//!    │                                     │ claims the folder: whole and locked
//!    │◄── "claimed", with its identity ────│
//!    │ commits RUNNING                     │
//!    │── "go" ────────────────────────────►│ asks; from here on it needs no server
//!    │                                     │ writes stdout, outcome, exit
//!    └── watches it, by its identity       ┘
//! ```
//!
//! A pipe that closes before "go" is a server that died: the shim ends, and nobody was asked.
//!
//! It has no terminal and nobody who listens: what it has to complain of goes into `shim.log` beside the rest.

mod hand;
mod hold;
mod launch;

pub(super) use hand::Answer;
pub use hand::Assignment;
pub use hold::{decline, hold, log_of};
pub use launch::Shim;
