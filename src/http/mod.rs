//! The HTTP door. One file a noun; [`routes`] is the list of all that can be asked.

mod access;
mod actors;
mod config;
mod health;
mod messages;
mod metrics;
mod processes;
mod query;
mod routes;
mod server;
mod sessions;
mod spawn;
mod templates;

pub use routes::routes;
pub use server::{Door, server};
