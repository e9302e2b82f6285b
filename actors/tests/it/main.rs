//! The kernel's tests: what the laws promise, tried on a toy machine, a real database and a scripted world.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod aside;
mod bounds;
mod commits;
mod effects;
mod feed;
mod files;
mod histories;
mod homes;
mod integrity;
mod kit;
mod nodes;
mod panics;
mod retries;
mod schedules;
mod shutdown;
mod sleep;
mod spans;
mod threads;
mod workflows;
mod workspaces;
