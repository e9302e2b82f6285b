//! The tools that models, and nodes of workflows, may call: one file each, and the registry that holds them.
//!
//! | tool | what it does | after a crash |
//! |---|---|---|
//! | `current_time` | says what time it is | again |
//! | `get_state`, `set_state` | read and change a document of the shared state | again: the same content twice is once |
//! | `publish` | says something on a topic | again: the call's id makes it once |
//! | `read_messages` | reads what was said on topics, from a position on | again |
//! | `send_message` | writes to an agent | again: the call's id makes it once |
//!
//! Each does what the door of its kind does over HTTP, by the same functions of the core.

mod act;
mod current_time;
mod get_state;
mod needs;
mod permit;
mod publish;
mod read_messages;
mod registry;
mod send_message;
mod set_state;

pub use permit::Permit;
pub use registry::{Registry, schemas};
