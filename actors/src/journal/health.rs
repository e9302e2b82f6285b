//! Whether the journal can write, as `/health` tells it.

use crate::vocabulary::Timestamp;
use std::sync::{Arc, RwLock};

/// Shared between the writer, which knows, and whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<RwLock<Option<Failing>>>);

#[derive(Debug, Clone)]
struct Failing {
    since: Timestamp,
    error: String,
}

impl Health {
    /// The last write succeeded.
    pub(super) fn well(&self) {
        let mut state = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *state = None;
    }

    /// The last write failed.
    pub(super) fn failing(&self, now: Timestamp, error: &str) {
        let mut state = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let since = state.as_ref().map_or(now, |failing| failing.since);
        *state = Some(Failing { since, error: error.to_owned() });
    }

    /// `Ok`, or since when and why writing fails.
    pub fn check(&self) -> Result<(), String> {
        let state = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*state {
            None => Ok(()),
            Some(Failing { since, error }) => Err(format!("failing since {since}: {error}")),
        }
    }
}
