//! A disk as a model: what is on it for certain, what may be, and what a crash leaves.
//!
//! It promises less than any real file system. A file's content and length are durable once the
//! file was synced; a name once its folder was, even the name of a file that was synced; and
//! nothing that was not synced has an order: a later write may be there without an earlier one.
//! Only a rename within a folder is atomic, and a folder's changes come in their order.

mod chosen;
mod crash;
mod node;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use crash::Policy;
pub(crate) use node::Disk;
pub(crate) use state::State;
