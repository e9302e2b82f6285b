//! What all doors and tools share and change: large shared state ([`read`], [`write()`], [`remove`]), and the order in which
//! those who change the same thing follow one another ([`Turns`]).

mod documents;
mod turns;

pub use documents::{read, remove, turn_of, write};
pub use turns::{Turn, Turns};
