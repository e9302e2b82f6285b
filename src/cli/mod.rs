//! The command line: what may be written there, what it does, and how it ends.
//!
//! ```text
//! args ──► run ──► a file for each command ──► client ──► a server over HTTP
//!                     │        └── serve, spawn ──► startup: the system inside this program
//!                     ├── journal, step; why, where no server runs ──► the journal's file itself
//!                     ├── workflows check ──► the files named
//!                     └── chat ──► a server over WebSocket, by the same client
//! ```
//!
//! Only `out` writes to the terminal. A command gives an [`Exit`], or a failure with one line for people.

pub mod args;
mod exit;
mod failure;
mod out;
mod table;

mod api;
mod audit;
mod client;
mod context;
mod interrupt;
mod locate;
mod patience;
mod place;

mod agents;
mod change;
mod chat;
mod config;
mod journal;
mod legible;
mod memory;
mod messages;
mod metrics;
mod output;
mod ps;
mod rules;
mod schedules;
mod serve;
mod server;
mod sessions;
mod show;
mod spawn;
mod step;
mod tools;
mod tree;
mod why;
mod workflows;

mod run;

pub use exit::Exit;
use run::read;
pub use run::run;
