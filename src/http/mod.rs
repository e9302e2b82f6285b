//! The HTTP door. One file a noun; [`routes`] is the list of all that can be asked.

mod access;
mod actors;
mod agents;
mod audit;
mod body;
mod conditions;
mod config;
mod definitions;
mod health;
mod host;
mod keys;
mod letters;
mod memory;
mod messages;
mod metrics;
mod outputs;
mod pages;
mod processes;
mod publish;
mod query;
mod routes;
mod rules;
mod schedules;
mod server;
mod sessions;
mod spawn;
mod state;
mod subscriptions;
mod templates;
mod tools;
mod waits;
mod why;
mod workflows;

pub use routes::routes;
pub use schedules::Starter;
pub use server::{Door, server};
