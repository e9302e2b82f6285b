//! Whether the journal can write, as `/health` tells it.

use super::Fault;
use crate::vocabulary::Timestamp;
use std::sync::{Arc, RwLock};

/// Shared between the writer, which knows, and whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<RwLock<State>>);

#[derive(Debug, Default)]
struct State {
    failing: Option<Failing>,
    /// What is wrong with the database file, when it was looked through last.
    damage: Option<String>,
}

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
        state.failing = None;
    }

    /// The last write failed; `in_doubt`: nobody knows whether it is in the database.
    pub(super) fn failing(&self, now: Timestamp, error: &str, in_doubt: bool) {
        let mut state = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let since = state.failing.as_ref().map_or(now, |failing| failing.since);
        state.failing = Some(Failing { since, error: error.to_owned(), in_doubt });
    }

    /// The database file was looked through; gives whether it counted as whole before.
    pub(super) fn looked_through(&self, verdict: Result<(), String>) -> bool {
        let mut state = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::replace(&mut state.damage, verdict.err()).is_none()
    }

    /// Why a COMMIT is in doubt, if one is: what the database shows may not be there to stay.
    pub(super) fn doubt(&self) -> Option<String> {
        let state = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        state
            .failing
            .as_ref()
            .filter(|failing| failing.in_doubt)
            .map(|failing| failing.error.clone())
    }

    /// Refuses to read while a COMMIT is in doubt.
    pub(super) fn trust(&self) -> Result<(), Fault> {
        match self.doubt() {
            None => Ok(()),
            Some(why) => {
                let text = format!("what it shows may not last ({why})");
                Err(Fault::Unavailable(text))
            }
        }
    }

    /// `Ok`, or since when and why writing fails, or what is damaged.
    pub fn check(&self) -> Result<(), String> {
        let state = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        match (&state.failing, &state.damage) {
            (Some(Failing { since, error, .. }), _) => {
                Err(format!("failing since {since}: {error}"))
            }
            (None, Some(damage)) => Err(damage.clone()),
            (None, None) => Ok(()),
        }
    }
}
