//! Faults: what is ours to mend, never the caller's.

use crate::vocabulary::Position;

/// Why the journal could not do what it was asked. A caller hears 503 and may ask again with the same id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Somebody else has appended in between; read the stream again.
    #[error("the stream ends at position {found}, not at {expected}")]
    Conflict {
        /// What the append was based on.
        expected: Position,
        /// What the journal has.
        found: Position,
    },
    /// Nothing was written.
    #[error("the journal refused to write: {0}")]
    Refused(String),
    /// It may have been written, or not: only asking again with the same id tells.
    #[error("it is not known whether this was written ({0}): ask again with the same id")]
    Unknown(String),
    /// The journal cannot be reached or read at this moment.
    #[error("the journal is unavailable: {0}")]
    Unavailable(String),
    /// More waits than the journal has room for.
    #[error("the journal's queue is full: ask again later")]
    Overloaded,
}

impl Fault {
    /// A fault of reading.
    pub(crate) fn reading(error: impl std::fmt::Display) -> Self {
        Self::Unavailable(error.to_string())
    }
}
