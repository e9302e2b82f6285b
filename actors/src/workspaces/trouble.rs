//! [`Trouble`]: why something could not be done with files, in words that a model can act on.

use std::io;

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It cannot be done so: what was wrong, and what to do instead.
    #[error("{0}")]
    Refused(String),
    /// It may succeed in a moment: a disk was full, say.
    #[error("{0}")]
    Passing(String),
}

impl Trouble {
    /// It cannot be done so.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }

    /// What the system said about a path.
    pub fn io(what: &str, path: &str, error: &io::Error) -> Self {
        let text = format!("failed to {what} {path:?}: {error}");
        if is_passing(error) { Self::Passing(text) } else { Self::Refused(text) }
    }
}

/// Whether the same may succeed in a moment.
pub(super) fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    let by_number = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE, rustix::io::Errno::IO];
    matches!(
        error.kind(),
        Kind::StorageFull | Kind::QuotaExceeded | Kind::Interrupted | Kind::OutOfMemory
    ) || by_number.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
