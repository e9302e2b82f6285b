//! What a session wants of the world: its next line, one at a time.

use crate::vocabulary::{Reference, SessionId};

/// What a session wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Write a line.
    WriteLine(WriteLine),
}

/// See [`Effect::WriteLine`].
#[derive(Debug, Clone, PartialEq)]
pub struct WriteLine {
    /// Whose file.
    pub session_id: SessionId,
    /// Which turn, from 1. Skipped turns have a number, but no line.
    pub turn: u64,
    /// Which line of the file, from 1.
    pub number: u64,
    /// Where in the file, in bytes: whatever lies beyond is cut off first.
    pub offset: u64,
    /// What to write.
    pub spool: Reference,
}
