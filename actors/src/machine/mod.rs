//! Machines: the pure state machines that everything durable is made of, and what they have to say
//! to the actor that hosts them.

mod contract;
mod perform;
mod row;
pub mod scenario;
mod splitter;
pub mod tagged;

pub use contract::{Context, Held, Machine, Want};
pub use perform::{Outbox, Perform, Tell};
pub use row::{Change, Field, Row};
