//! [`Memory`]: what is remembered and learned in one folder. One at a time uses it: its database has one connection.

use callboard_memory::{Learning, Result, Store};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is remembered and learned in one folder.
#[derive(Debug)]
pub struct Memory {
    folder: PathBuf,
    items: Mutex<Option<Store>>,
    learned: Mutex<Option<Learning>>,
}

impl Memory {
    /// The memory of a folder, which is opened when it is first used.
    pub(super) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), items: Mutex::default(), learned: Mutex::default() }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Does something with what is remembered. Blocks.
    ///
    /// # Errors
    /// If it cannot be opened, and whatever the work says.
    pub fn items<T>(&self, work: impl FnOnce(&mut Store) -> Result<T>) -> Result<T> {
        let mut slot = locked(&self.items);
        let mut store = match slot.take() {
            Some(store) => store,
            None => Store::open(&self.folder, None)?,
        };
        let done = work(&mut store);
        // Work that panicked leaves none behind: the next one opens it anew.
        *slot = Some(store);
        done
    }

    /// The same with what was learned.
    ///
    /// # Errors
    /// The same.
    pub fn learned<T>(&self, work: impl FnOnce(&mut Learning) -> Result<T>) -> Result<T> {
        let mut slot = locked(&self.learned);
        let mut learning = match slot.take() {
            Some(learning) => learning,
            None => Learning::open(&self.folder.join("learning"), None)?,
        };
        let done = work(&mut learning);
        *slot = Some(learning);
        done
    }
}

/// Who panicked took the store along, so what is left is whole.
fn locked<T>(slot: &Mutex<Option<T>>) -> MutexGuard<'_, Option<T>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
