//! `why`: says in words why something runs, waits, restarted, was refused, lost, retried or paid for, and
//! which command unblocks it. Both doors use it: HTTP gives the [`Answer`] as JSON, the command line draws it.
//!
//! ```text
//! ask ──► entities ► process/   one file a situation     ┐
//!    │         └──► session, agent/                     │  read from the journal and the read models
//!    ├──► subscription/  cursors, mailboxes             ├► by way of [`House`]; what is not there (the
//!    ├──► actor/    services, supervisors, entities     │  live tree, a server) is left out, and said
//!    ├──► message/  commands, events, dead letters      │
//!    └──► unknown   what was looked for, what is near   ┘
//! ```
//!
//! It only looks: nothing is told, woken or changed. A new kind of entity is a variant in `kinds.rs`, a
//! folder of its own and a line in `entities.rs`; a new situation is a file and a line in its folder's `mod.rs`.

mod answer;
mod ask;
mod entities;
mod house;
mod kinds;
mod unknown;

mod commands;
mod parked;
mod tale;
mod words;

mod actor;
mod agent;
mod message;
mod process;
mod schedule;
mod session;
mod subscription;
mod workflow;
mod workspace;

pub use answer::{Answer, Evidence, Remedy, Subject};
pub use ask::{Unanswered, ask};
pub use house::{House, Served};
pub use words::{ago, clock, shell_word};
