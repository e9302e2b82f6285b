//! The one integration test binary: the house as a whole, seen from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod support;

mod agents;
mod bus;
mod chat;
mod cli;
mod config;
mod disk_full;
mod doors;
mod floors;
mod knowledge;
mod licences;
mod mcp;
mod rules;
mod schedules;
mod templates;
mod why;
mod workflows;
mod workspaces;
