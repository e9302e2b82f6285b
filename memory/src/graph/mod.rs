//! An HNSW index: a graph in which neighbours lead towards the nearest, for stores too large to be
//! looked through.
//!
//! After Malkov and Yashunin, *Efficient and robust approximate nearest neighbor search using
//! Hierarchical Navigable Small World graphs* (2016), algorithms 1, 2, 4 and 5. It is ours, and not one of
//! the crates that there are, because those hold a second copy of every vector, throw dice, bring threads
//! of their own, or are built in one go: this one borrows the rows, is the same for the same rows, and
//! grows by as many rows at a time as its caller has time for.
//!
//! It is made of the rows in memory and never written down.

mod build;
mod layers;
mod neighbours;
mod search;
mod visited;

pub(crate) use layers::Graph;
