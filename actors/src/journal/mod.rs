//! The journal: the one place where facts are written, and the only one they are read from.
//!
//! ```text
//!  entity ── Append ──► queue ──► writer ── one COMMIT for all that waited ──► feed ──► subscribers
//!                    (bounded)   (an actor on a thread of its own)              │
//!                                     │                                         └► answers
//!                                  store/ (all SQL)        files (content by hash, durable first)
//! ```
//!
//! Above this folder nothing knows that it is `SQLite`: append with an expected version, read from a
//! position, a head to watch, content by hash.

mod append;
mod aside;
mod audit;
mod fault;
mod feed;
mod files;
mod followed;
mod handle;
mod health;
pub mod home;
mod inspect;
mod integrity;
mod ledger;
mod look;
mod message;
mod outputs;
mod payload;
mod points;
mod queue;
mod reader;
mod rebuild;
mod store;
mod stuck;
mod sweep;
mod turns;
mod verify;
mod writer;

#[cfg(test)]
pub(crate) use store::doubt;

pub use append::{
    Append, Committed, MessageKind, NewMessage, Parked, ParkedCommand, Publish, Snapshot, Wake,
};
pub use aside::{Aside, AsideRows, DefinitionRow, Performance, SettingRow, Summed};
pub use audit::{AuditFilter, AuditRow, Used};
pub use fault::Fault;
pub use feed::{Batch, Feed, Subscription};
pub use files::{Files, ReadError};
pub use followed::AgentNews;
pub use handle::{Journal, JournalSettings};
pub use health::Health;
pub use home::{Home, HomeError};
pub use inspect::{Inspection, StreamInfo};
pub use integrity::Integrity;
pub use ledger::{
    DeadLetter, Entered, Entry, Nack, NewSubscription, Pending, Setback, StateRow, SubscriptionRow,
};
pub use look::{Backlog, Found, Trouble};
pub use message::Message;
pub use outputs::Stream;
pub use points::{Point, PointFilter, Total, TotalBy, stored_definitions, stored_settings};
pub use reader::{Loaded, Page, Reader, RowFilter};
pub use rebuild::{RebuildError, RebuildTable, Rebuilt, rebuild};
pub use store::{OpenError, Synchronous};
pub use stuck::{AtWork, Due, FullMailbox, IdleAgent, Overdue};
pub(crate) use sweep::candidates;
pub use sweep::{Candidate, SweepSettings, Swept};
pub use turns::{Turns, Waiting};
pub use verify::Finding;
pub use writer::Writer;
