//! The one integration test binary: the house as a whole, seen from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod support;

mod disk_full;
mod doors;
mod cli;
mod floors;
mod licences;
