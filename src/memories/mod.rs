//! The memories at work in this program: each folder's is opened once, and shared by all who ask for it.
//!
//! What a memory is and does is the crate `callboard-memory`; here is only where one lies, and that two who want the same
//! one get the same one. Everything blocks: it belongs on a thread for that.

mod folder;
mod memory;
mod shelf;

pub use folder::{CouldNotPlace, in_home, in_workspace};
pub use memory::Memory;
pub use shelf::Memories;
