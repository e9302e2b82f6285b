//! All SQL. [`Store`] writes, on the writer's thread; [`query`] reads, on the readers' connections.

mod aside;
mod connection;
mod content;
#[cfg(test)]
pub(crate) mod doubt;
mod insert;
pub(super) mod points;
pub(super) mod query;
pub(super) mod settings;
#[expect(clippy::module_inception, reason = "the folder is all SQL, the file its writing half")]
mod store;
mod streams;
pub(super) mod stuck;

pub(crate) use connection::prepare_reader;
pub use connection::{OpenError, Synchronous, read_only};
pub(super) use store::{CommitError, Store, StoreSettings, Written};
