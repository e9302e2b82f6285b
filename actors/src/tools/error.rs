//! [`ToolError`]: why a call came to nothing, in words that a model can read and learn from.

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct ToolError {
    /// What was wrong, and what to do instead.
    pub error: String,
    /// Nothing was done, and the same call may succeed in a moment: a disk was full, say.
    pub is_passing: bool,
    /// Whoever was to do it has gone, and nobody knows whether it was done: what follows, the tool's
    /// [`Repeat`](super::Repeat) says.
    pub is_lost: bool,
}

impl ToolError {
    /// The call is at fault, or what it is about: made again it would fail again.
    pub fn new(error: impl Into<String>) -> Self {
        Self { error: error.into(), is_passing: false, is_lost: false }
    }

    /// Made again it may succeed.
    pub fn passing(error: impl Into<String>) -> Self {
        Self { error: error.into(), is_passing: true, is_lost: false }
    }

    /// It was begun, and nobody knows what came of it.
    pub fn lost(error: impl Into<String>) -> Self {
        Self { error: error.into(), is_passing: false, is_lost: true }
    }
}
