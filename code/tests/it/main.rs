//! The crate from outside: what it tells of real-looking files, and that nothing brings it down.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod alone;
mod codebase;
mod hostile;
mod issues;
mod measures;
mod structure;
mod syntax;
