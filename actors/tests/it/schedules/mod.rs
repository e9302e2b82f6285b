//! Schedules: what is started, and when, over many lives of a house whose clock goes on while nobody lives.

mod crashes;
mod house;
mod snapshots;
mod times;
