//! What is recorded: a short evening at the theatre in which everything happens that can happen to
//! a process, one of workflows, one of workers who write to each other, and one of a team that writes code; and what was
//! said meanwhile.

mod bus;
mod cast;
mod graphs;
mod play;
mod record;
mod said;
mod workshop;

pub(crate) use bus::{hash, positions};
pub(crate) use cast::{Cast, Fate, Part, called, replayed};
pub(crate) use graphs::{DEFINITIONS, attend, ends, graphs, letters};
pub(crate) use play::processes;
pub(crate) use record::{End, Evening, Recording, asked, record, record_on};
pub(crate) use said::Said;
pub(crate) use workshop::{Kept, kept, props, team};
