//! Callboard's edges: everything that touches the world outside the core.

pub mod world;
