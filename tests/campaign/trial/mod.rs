//! One crash, and what comes after it: a home is made as the crash leaves it, the real server
//! starts on it and finishes, and the laws are asked.

mod bench;
mod finish;
mod many;

pub(crate) use bench::{Bench, Crash};
pub(crate) use finish::{finish, verified};
pub(crate) use many::{Outcome, on_benches, try_all, try_on};
