//! Workflows: definitions as they are written, moved through their graphs, with whatever falls in between.

mod crashes;
mod forks;
mod generated;
mod house;
mod kinds;
mod limits;
mod losses;
mod pausing;
mod replays;
mod rewinding;
mod runs;
mod sizes;
mod tools;
mod travel;
mod undoing;
