//! What agents remember, and what they learned: a crate that knows nothing of Callboard.
//!
//! A [`Store`] is a folder with one `SQLite` database. Its rows are the truth: items, their metadata, their
//! vectors. Everything that makes search fast is made of them and held in memory: the metadata's values for
//! [`Filter`]s, the vectors for an exact scan, and, where there are very many, a graph (HNSW) behind it. So
//! no crash can make them disagree for longer than the process lives. Words are `SQLite`'s own FTS5,
//! changed in the same transaction.
//!
//! [`Learning`] is a store of its own: what was tried, how it went, and what is therefore to be advised.
//!
//! Times and ids come from the caller; there is no clock here, no chance, no thread and no network. Texts are
//! embedded by whoever implements [`Embed`], or carries [`Store::pending`] to a provider and brings
//! [`Store::embedded`] back. Everything blocks, so it belongs on a thread of its own.

mod catalogue;
mod database;
mod error;
mod faiss;
mod filter;
mod graph;
mod item;
mod learning;
mod model;
mod store;
mod transfer;
mod vectors;

pub use error::{Error, Result};
pub use filter::{Filter, Number, Range, Scalar};
pub use item::{Item, MOST_METADATA_BYTES, MOST_TEXT_BYTES, Metadata, Stored};
pub use learning::{
    Approach, HALF_LIFE_DAYS, Learning, Outcome, Recorded, Scope, Suggestion, Task, TaskKind,
};
pub use model::{Embedding, Pinned};
pub use store::{
    Embed, Embedded, Entry, Found, Hit, How, Mode, Options, Page, Pending, Query, Ranks, Status,
    Step, Store,
};
pub use transfer::{Exported, Imported, OldImport, OldThread};
