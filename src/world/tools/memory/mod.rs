//! The tools that remember and learn: `memory_store`, `memory_search`, `learn_from_success`, `learn_from_failure`,
//! `suggest_approach`, `suggest_patterns`.
//!
//! Where: in the workspace of whoever calls, else in the home. By meaning where an embedder is configured, else by words;
//! the result says which. What a call writes has the call's id, so that a repetition writes nothing twice.

mod embedder;
mod knowledge;
mod learn;
mod search;
mod store;
mod suggest;

#[cfg(test)]
mod tests;

pub use embedder::{Embedder, FindEmbedder, Made};
pub(super) use knowledge::Knowledge;
pub(super) use learn::{Learn, failure, success};
pub(super) use search::{MemorySearch, tool as memory_search};
pub(super) use store::{MemoryStore, tool as memory_store};
pub(super) use suggest::{Suggest, approach, patterns};
