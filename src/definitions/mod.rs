//! The definitions that workflows are started from: those of the folder `[workflows]`, and over them those that
//! were registered while a server ran (`PUT /definitions/{name}`). What runs does not look here: it is pinned.
//!
//! ```text
//! folder ──► files ─────────┐
//!                           ├──► Definitions ──► find, library ──► bundle, pinned by whoever starts a workflow
//! table definitions ──► registered
//! ```

mod entry;
mod files;
mod shelf;

pub use entry::{Entry, Origin};
pub use files::{Broken, Files, read_folder};
pub use shelf::{Definitions, RegisterError};
