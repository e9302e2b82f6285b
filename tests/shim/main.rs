//! Attempts that outlive the server: the real binary, killed, upgraded and stopped while programs and
//! calls are under way.
//!
//! How often something was run is counted where it runs (by a script that notes it, by a mock's
//! journal), and who is left by the kernel's own list. Tests that need the mock, or the real Claude Code, `Codex`
//! or `OpenCode`, say so and pass where those are missing; `tests/tools/install.sh` brings them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a skipped test says so, and counts are worth knowing")]

mod api;
mod claude;
mod clis;
#[path = "../it/support/disk.rs"]
mod disk;
mod embedded;
mod ends;
mod full;
mod handshake;
mod house;
mod kills;
mod kin;
mod many;
mod mock;
mod openai;
#[path = "../it/why/plain.rs"]
mod plain;
mod reading;
#[path = "../protocol/server.rs"]
mod server;
mod settings;
mod why;
mod workspace;
