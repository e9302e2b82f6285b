//! [`News`]: what was committed last, for those who wait for an event: they need not read what has just been written.

use crate::machine::Machine;
use crate::vocabulary::Position;
use std::sync::Arc;

/// A commit.
#[derive(Debug)]
pub(super) struct News<M: Machine> {
    /// Behind which message it was written.
    pub(super) after: Position,
    /// Its last message.
    pub(super) head: Position,
    /// Its events.
    pub(super) events: Arc<[M::Event]>,
}

impl<M: Machine> News<M> {
    /// Nothing yet.
    pub(super) fn none() -> Self {
        Self { after: 0, head: 0, events: Arc::default() }
    }
}

impl<M: Machine> Clone for News<M> {
    fn clone(&self) -> Self {
        Self { events: self.events.clone(), ..*self }
    }
}
