//! Workflows: definitions as they are written, moved through their graphs, with whatever falls in between.

mod crashes;
mod house;
mod kinds;
mod runs;
mod tools;
