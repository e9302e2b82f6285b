//! Workflows: definitions as they are written, moved through their graphs, with whatever falls in between.

mod crashes;
mod generated;
mod house;
mod kinds;
mod runs;
mod sizes;
