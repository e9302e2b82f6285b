//! Outbound: what Callboard asks of the world.

pub mod models;
