//! `why`: says in words why something runs, waits, restarted, was refused, lost, retried or paid for, and
//! which command unblocks it. Both doors use it: HTTP gives the [`Answer`] as JSON, the command line draws it.
//!
//! ```text
//! ask ──► kinds ──► process/   one file a situation     ┐
//!    │         └──► session/                            │  read from the journal and the read models
//!    ├──► actor/    services, supervisors, entities     ├► by way of [`House`]; what is not there (the
//!    ├──► message/  commands, events, facts             │  live tree, a server) is left out, and said
//!    └──► unknown   what was looked for, what is near   ┘
//! ```
//!
//! It only looks: nothing is told, woken or changed. A new kind of entity is a variant in `kinds.rs` and a
//! folder of its own; a new situation is a file and a line in its folder's `mod.rs`.

mod answer;
mod ask;
mod house;
mod kinds;
mod unknown;

mod commands;
mod parked;
mod tale;
mod words;

mod actor;
mod message;
mod process;
mod session;
mod workflow;

pub use answer::{Answer, Evidence, Remedy, Subject};
pub use ask::{Unanswered, ask};
pub use house::House;
pub use words::{ago, clock, shell_word};
