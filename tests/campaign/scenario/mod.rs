//! What is recorded: a short evening at the theatre in which everything happens that can happen to
//! a process, and one of workflows; and what was said meanwhile.

mod bus;
mod cast;
mod graphs;
mod play;
mod record;
mod said;

pub(crate) use bus::{hash, positions};
pub(crate) use cast::{Cast, Fate, Part, called, replayed};
pub(crate) use graphs::{DEFINITIONS, attend, ends, graphs};
pub(crate) use play::processes;
pub(crate) use record::{End, Evening, Recording, record};
pub(crate) use said::Said;
