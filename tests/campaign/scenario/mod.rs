//! What is recorded: a short evening at the theatre in which everything happens that can happen to
//! a process, and what was said meanwhile.

mod bus;
mod cast;
mod play;
mod record;
mod said;

pub(crate) use bus::{hash, positions};
pub(crate) use cast::{Cast, Fate, Part, called, replayed};
pub(crate) use record::{End, Recording, record};
pub(crate) use said::Said;
