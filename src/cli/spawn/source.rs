//! [`Source`]: where a follower hears of a process.

use crate::cli::api::{Chunk, Message, Messages};
use crate::cli::failure::Failure;

/// How far the output has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Of which attempt; `None`: of the current one.
    pub(super) attempt: Option<u32>,
    /// In bytes.
    pub(super) offset: u64,
}

/// Whether to wait until there is something to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Answer at once.
    No,
    /// For a while.
    Yes,
}

/// Tells what comes of a process.
pub(super) trait Source {
    /// The next piece of output behind the cursor; empty if none came for a while.
    async fn output(&mut self, id: &str, cursor: Cursor) -> Result<Chunk, Failure>;

    /// What was journaled of it behind a position.
    async fn news(
        &mut self,
        id: &str,
        after: i64,
        wait: Wait,
    ) -> Result<Messages<Message>, Failure>;
}
