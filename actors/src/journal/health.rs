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
    in_doubt: bool,
}

impl Health {
    /// The last write succeeded.
    pub(super) fn well(&self) {
        let mut state = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *state = None;
    }

    /// The last write failed; `in_doubt`: nobody knows whether it is in the database.
    pub(super) fn failing(&self, now: Timestamp, error: &str, in_doubt: bool) {
        let mut state = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let since = state.as_ref().map_or(now, |failing| failing.since);
        *state = Some(Failing { since, error: error.to_owned(), in_doubt });
    }

    /// Whether a COMMIT is in doubt: what the database shows may not be there to stay.
    pub(super) fn is_in_doubt(&self) -> bool {
        let state = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.as_ref().is_some_and(|failing| failing.in_doubt)
    }

    /// `Ok`, or since when and why writing fails.
    pub fn check(&self) -> Result<(), String> {
        let state = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*state {
            None => Ok(()),
            Some(Failing { since, error, .. }) => Err(format!("failing since {since}: {error}")),
        }
    }
}
