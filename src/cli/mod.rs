//! The command line: what may be written there, what it means, and how a command ends.

pub mod args;
mod exit;

pub use exit::Exit;
