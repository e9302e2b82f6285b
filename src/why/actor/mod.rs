//! Why an actor is as it is: an entity, all entities of a kind, or a service, by its path in the tree.

mod branch;
mod decisions;
mod entity;
mod explain;
mod service;

pub(super) use decisions::in_words;
pub(super) use explain::explain;
