//! What can go wrong, in words that say what was tried, on what, and what to do.

use std::path::PathBuf;

/// Why a memory did not do what it was asked. Nothing was changed, except where it says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database was written by a newer program.
    #[error(
        "the memory {} has schema version {found}, this program knows {known}: use a newer program",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: usize,
        /// What this program has.
        known: usize,
    },
    /// Another process, or this one, has it open already.
    #[error("the memory in {} is in use: end the other program, or ask it", .0.display())]
    InUse(PathBuf),
    /// The file is none of ours, or what it holds does not agree.
    #[error("the memory {} is damaged ({what}): restore it from a backup, or move it away", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The disk is full. What was stored before is safe.
    #[error("no room for the memory {}: make room on its disk, and try again", .0.display())]
    Full(PathBuf),
    /// A commit ended with an error, so it may or may not have happened. Storing is idempotent: store again.
    #[error(
        "whether the last change to the memory {} was made is unknown ({reason}): make it again with the same ids",
        .path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What `SQLite` said.
        reason: String,
    },
    /// `SQLite` said no for another reason.
    #[error("failed to use the memory {}: {source}", .path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// A migration failed; nothing was changed.
    #[error("failed to migrate the memory {}: {reason}", .path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The file system said no.
    #[error("failed to {what} {}: {source}", .path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// A file that was to be read is not what it should be.
    #[error("{} cannot be imported: {what}", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// An item that cannot be stored as it is.
    #[error("the item {id:?} cannot be stored: {what}")]
    Item {
        /// Its id.
        id: String,
        /// What is wrong with it.
        what: String,
    },
    /// A vector that cannot be used.
    #[error("the vector cannot be used: {0}")]
    Vector(String),
    /// A search, or a part of one, that makes no sense.
    #[error("the search cannot be made: {0}")]
    Query(String),
    /// The embedder failed; nothing was embedded in this step.
    #[error("failed to embed with {model}: {reason}")]
    Embedder {
        /// The model.
        model: String,
        /// What it said.
        reason: String,
    },
    /// An outcome that cannot be recorded as it is.
    #[error("the outcome {id:?} cannot be recorded: {what}")]
    Outcome {
        /// Its id.
        id: String,
        /// What is wrong with it.
        what: String,
    },
}

/// What most functions here return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
