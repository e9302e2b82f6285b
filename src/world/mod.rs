//! Outbound: what the core wants done in the world, and those who do it.

mod advisers;
mod command;
#[cfg(feature = "encoder")]
mod encoder;
mod files;
pub mod gate;
mod http;
pub mod mcp;
pub mod models;
mod runtimes;
pub mod shell;
mod snapshot;
mod spec;
pub mod tools;

pub use advisers::{embedder, researcher};
pub use runtimes::{OpenError, Runtime, Runtimes};
pub use snapshot::Workbench;
pub use spec::{Spec, SpecKind};
