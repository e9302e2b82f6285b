//! Where homes are made.

use std::path::Path;

use tempfile::TempDir;

/// A folder for homes, in memory where there is such a place: what is lost in a crash is decided by
/// the model, so a real disk would only be slow.
pub(crate) fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let in_memory = tempfile::Builder::new().prefix("callboard-").tempdir_in(memory);
    in_memory.or_else(|_| tempfile::tempdir()).unwrap()
}
