//! Nodes among real processes and sessions, over a real database, with a model that does what it is told to.

pub(crate) mod bench;
mod crashes;
pub(crate) mod house;
mod stops;
mod tools;
mod turns;
