//! The crash campaign: whatever a crash leaves on the disk, the server goes on from there, and the
//! laws hold.
//!
//! ```text
//! scenario ► the real server under strace ► trace ► prefixes ► disk ► homes as a crash leaves them
//!                                                                            │
//!                   laws ◄ the real server, started on it, until all is done ◄┘
//! ```
//!
//! `kill -9` alone never shows a missing sync, because the kernel goes on writing what the dead
//! program wrote. So the disk is a model here: it knows what was synced, and drops, tears or keeps
//! the rest. `kills` is the other half: real kills, many of them, under a client that insists.
//!
//! ```sh
//! cargo test --test campaign -- --nocapture                              # as in CI
//! CALLBOARD_TEST_CAMPAIGN_STATES=all cargo test --test campaign -- --nocapture   # every state there is
//! ```

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "the campaign prints what it tried, and what it skipped")]

mod campaign;
mod chance;
mod disk;
mod faults;
mod kills;
mod laws;
mod scenario;
mod trace;
mod trial;
mod world;
