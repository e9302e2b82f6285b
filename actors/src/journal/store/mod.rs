//! All SQL. [`Store`] writes, on the writer's thread; [`query`] reads, on the readers' connections.

mod connection;
mod content;
#[cfg(test)]
pub(crate) mod doubt;
mod insert;
pub(super) mod query;
pub(super) mod search;
#[expect(clippy::module_inception, reason = "the folder is all SQL, the file its writing half")]
mod store;
mod streams;
pub(super) mod turns;

pub use connection::{OpenError, Synchronous, read_only};
pub(crate) use connection::{prepare_reader, prepare_visitor};
pub(super) use store::{CommitError, Store, StoreSettings, Written};
