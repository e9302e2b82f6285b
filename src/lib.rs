//! Callboard: a durable orchestrator for teams of AI agents.
//!
//! The core lives in the crate `callboard_actors`; here are the edges: what comes in
//! (`http`, `ws`, [`cli`]), what goes out ([`world`]), and `startup`, which alone joins them.

pub mod settings;

pub mod telemetry;

pub mod world;

pub mod cli;
