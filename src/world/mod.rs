//! Outbound: what the core wants done in the world, and those who do it.

pub mod models;
mod runtimes;

pub use runtimes::{Runtime, Runtimes, Source};
