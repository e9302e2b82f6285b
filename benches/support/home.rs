//! Where the benchmarks work: on the disk that the build is on, never in memory.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::TempDir;

/// A fresh folder, gone when it is dropped.
pub(crate) fn folder() -> anyhow::Result<TempDir> {
    Ok(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?)
}

/// Lets this program open as many files as the system allows it: a thousand subscribers have two
/// thousand sockets.
pub(crate) fn open_files() -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}
