//! A toy machine, a scripted world, and a stage on which both play.

mod lamp;
mod stage;
mod world;

pub(crate) use lamp::{BROKEN, Command, Dark, Event, Lamp, Spot, TABLE};
pub(crate) use stage::{Scene, Stage, entries, id, lives, name};
pub(crate) use world::{How, World};
