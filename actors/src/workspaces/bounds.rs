//! [`Bounds`]: what of a workspace a caller may see and change. What a call names, its rules have decided before; these
//! are asked where a link, a search or a list leads to what nobody has named. Paths are as the record has them.

use super::trouble::Trouble;
use std::fmt::Debug;
use std::sync::Arc;

/// Who knows what may be seen and changed.
pub trait Limit: Debug + Send + Sync {
    /// Whether a file may be read; else why not.
    ///
    /// # Errors
    /// In words for whoever wanted to.
    fn read(&self, path: &str) -> Result<(), String>;

    /// Whether a file may be changed; else why not.
    ///
    /// # Errors
    /// In words for whoever wanted to.
    fn write(&self, path: &str) -> Result<(), String>;

    /// Whether a file stands in lists.
    fn shows_file(&self, path: &str) -> bool;

    /// Whether a folder stands in lists, and may be looked into.
    fn shows_folder(&self, path: &str) -> bool;
}

/// What may be seen and changed; by default all of it: operators, and what is done again.
#[derive(Debug, Clone, Default)]
pub struct Bounds(Option<Arc<dyn Limit>>);

impl Bounds {
    /// No more than this.
    pub fn new(limit: impl Limit + 'static) -> Self {
        Self(Some(Arc::new(limit)))
    }

    pub(super) fn read(&self, path: &str) -> Result<(), Trouble> {
        self.0.as_ref().map_or(Ok(()), |limit| limit.read(path)).map_err(Trouble::Refused)
    }

    pub(super) fn write(&self, path: &str) -> Result<(), Trouble> {
        self.0.as_ref().map_or(Ok(()), |limit| limit.write(path)).map_err(Trouble::Refused)
    }

    pub(super) fn shows(&self, path: &str, is_folder: bool) -> bool {
        self.0.as_ref().is_none_or(|limit| {
            if is_folder { limit.shows_folder(path) } else { limit.shows_file(path) }
        })
    }
}
