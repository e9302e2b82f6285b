//! Outbound: what the core wants done in the world, and those who do it.

mod command;
mod files;
pub mod gate;
pub mod models;
mod runtimes;
pub mod shell;
mod spec;
pub mod tools;

pub use runtimes::{OpenError, Runtime, Runtimes};
pub use spec::{Spec, SpecKind};
