//! Workflows as every door deals with them: begun, given another run, answered, steered, looked up; what a client has
//! said, made into commands, once for all doors.
//!
//! ```text
//! what a client wants ──► start ──► launch (its definition, pinned) ──► workspace (its folder) ──► a command
//!                         answer ──► lineage (whose question it is) ──► steer ──► a command
//! ```
//!
//! How a wish looks on the wire, and what is answered there, each door knows for itself (`src/http`, `src/ws`). Going
//! back in time, forks and comparisons are the affair of HTTP alone, and stand there.

mod changes;
mod input;
mod known;
mod launch;
mod lineage;
mod request;
mod start;
mod steer;
mod workspace;

pub use changes::{DIFF_BYTES, diff};
pub use input::{completed, text_input};
pub use known::{BY, Row, TABLE, existing, row, text};
pub use launch::{checked, definition, entry, known_runtime, order, refused};
pub use lineage::{Asked, open};
pub use request::Request;
pub use start::{First, Receipt, accept, asked, first, receipt, run_again};
pub use steer::{answer, tell};
pub use workspace::{of_fork, of_root};
