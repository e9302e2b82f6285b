//! Workflows: definitions as they are written, moved through their graphs, with whatever falls in between.

mod crashes;
mod forks;
mod house;
mod kinds;
mod replays;
mod runs;
mod travel;
