//! The core of Callboard: what is true whoever asks and whichever model answers.
//!
//! The way of a message, from top to bottom: a command reaches an [`entity`], its machine (one of
//! [`nodes`], [`agents`], [`processes`], [`sessions`]) decides, the [`journal`] writes, and only then is it answered,
//! published and acted upon. [`supervision`] keeps every actor standing; [`system`] joins them.
//! This crate knows no HTTP, no model API and no terminal.

// The tests' stage names this crate from outside and from inside.
#[cfg(test)]
extern crate self as callboard_actors;

pub mod vocabulary;

pub mod machine;

pub mod graph;

pub mod journal;

pub mod supervision;

pub mod entity;

pub mod bus;

pub mod shared;

pub mod tools;

pub mod workspaces;

pub mod sessions;

pub mod processes;

pub mod agents;

pub mod nodes;

pub mod workflows;

pub mod schedules;

pub mod system;
