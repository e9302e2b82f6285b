//! Ways out and in: FAISS index files, and the memory of the KI `AutoAgent` that came before.

mod checkpoints;
mod export;
mod import;
mod old;
mod old_rows;

pub use checkpoints::OldThread;
pub use export::Exported;
pub use import::Imported;
pub use old::OldImport;
