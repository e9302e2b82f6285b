//! [`Turns`]: requests about the same thing, one after the other, whichever door they come through.
//!
//! Two requests with one Idempotency-Key may arrive at once. The second waits until the first has its
//! receipt, and then gets the same.

use crate::vocabulary::Name;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedMutexGuard;

type Lock = Arc<tokio::sync::Mutex<()>>;

/// Whose turn it is, by name. Clones share it; a name costs memory only while requests are about it.
#[derive(Debug, Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<Name, Lock>>>);

/// It is this request's turn, until this is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    name: Name,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for the turn of a request about `name`.
    pub async fn take(&self, name: &Name) -> Turn {
        let lock = Arc::clone(self.locks().entry(name.clone()).or_default());
        let held = Some(lock.lock_owned().await);
        Turn { turns: self.clone(), name: name.clone(), held }
    }

    fn locks(&self) -> MutexGuard<'_, HashMap<Name, Lock>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.held = None;
        let mut locks = self.turns.locks();
        // Locks are shared out under the same guard: one that only the map holds nobody waits for.
        if locks.get(&self.name).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.name);
        }
    }
}
