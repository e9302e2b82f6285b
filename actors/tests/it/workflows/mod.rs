//! Workflows: definitions as they are written, moved through their graphs, with whatever falls in between.

mod courses;
mod crashes;
mod fallbacks;
mod forks;
mod generated;
mod house;
mod kinds;
mod limits;
mod losses;
mod lost_calls;
mod pausing;
mod replays;
mod rewinding;
mod runs;
mod sizes;
mod talks;
mod tools;
mod travel;
mod undoing;
