//! The command line as users meet it: the real binary, on homes of its own.

mod house;

mod agents;
mod chat;
mod config;
mod embedded;
mod journal;
mod memory;
mod schedules;
mod served;
mod terminal;
mod workflows;
