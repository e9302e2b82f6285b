//! The crate from outside: what it tells of real-looking files, and that nothing brings it down.

mod codebase;
mod hostile;
mod issues;
mod measures;
mod structure;
mod syntax;
