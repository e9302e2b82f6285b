//! All SQL. [`Store`] writes, on the writer's thread; [`query`] reads, on the readers' connections.

pub(super) mod agents;
mod aside;
pub(super) mod audit;
mod batch;
mod connection;
mod content;
pub(super) mod definitions;
#[cfg(test)]
pub(crate) mod doubt;
mod identity;
mod insert;
pub(super) mod ledger;
mod place;
pub(super) mod points;
pub(super) mod query;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod snapshots;
#[expect(clippy::module_inception, reason = "the folder is all SQL, the file its writing half")]
mod store;
mod streams;
pub(super) mod stuck;
pub(super) mod turns;
mod unreadable;
pub(super) mod waiting;

pub(super) use batch::{Done, Written};
pub use connection::{OpenError, Synchronous};
pub(crate) use connection::{prepare_reader, prepare_visitor, read_only, uri};
pub(super) use identity::{FileId, id};
pub(super) use place::{Place, Spot};
pub(super) use store::{CommitError, Store, StoreSettings};
pub(super) use unreadable::unreadable;
