//! The edges of Callboard: what it is told (settings, command line) and how it tells of itself (telemetry).
//!
//! The core, which decides and remembers, is the crate `callboard-actors`.

pub mod cli;
pub mod settings;
pub mod telemetry;
