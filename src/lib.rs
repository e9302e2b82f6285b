//! Callboard: a durable orchestrator for teams of AI agents.
//!
//! The core lives in the crate `callboard_actors`; here are its edges: what comes in ([`http`],
//! [`ws`], [`cli`], which share [`wire`] and [`why`]), what goes out ([`world`]), and [`startup`], which alone
//! joins them.

pub mod program;

pub mod rules;

pub mod attend;

pub mod confine;

pub mod settings;

pub mod telemetry;

pub mod live;

pub mod definitions;

pub mod wire;

pub mod threads;

pub mod why;

pub mod http;

pub mod ws;

pub mod memories;

pub mod world;

pub mod startup;

pub mod cli;
