//! [`Shelf`]: the rules in force. They are not pinned with anything: whoever asks gets the newest that were right.

use super::error::Error;
use super::reading::{Rules, read};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// The rules in force. Clones share them.
#[derive(Clone)]
pub struct Shelf(Arc<RwLock<Arc<Rules>>>);

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf")
    }
}

impl Shelf {
    /// These.
    pub fn new(rules: Rules) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(rules))))
    }

    /// The newest.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these hold.
    pub fn replace(&self, rules: Rules) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}

/// The rules in a file; where there is none, those that ship with the program.
///
/// # Errors
/// If it is there, and makes no sense.
pub fn read_file(path: &Path) -> Result<Rules, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => read(&text, path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Rules::shipped()),
        Err(error) => Err(Error::Unreadable { path: path.to_owned(), why: error.to_string() }),
    }
}
