//! How a folder is analysed, and within which bounds.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::Limits;

/// The bounds for a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many threads read files.
    pub threads: NonZeroUsize,
    /// The most source files; those behind them, in the order of their paths, are counted.
    pub files: usize,
    /// The most bytes of source files together; files that would exceed them are skipped.
    pub bytes: u64,
    /// The most time; files that it does not suffice for are skipped.
    pub time: Duration,
    /// The bounds for each file.
    pub file: Limits,
}

impl Default for Options {
    /// As many threads as there are processors, at most 8; 20,000 files, 256 MiB, 2 minutes; of each file at most
    /// 1 MiB, 5 seconds and 2,000 entries a list.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            threads: processors.min(NonZeroUsize::new(8).unwrap_or(NonZeroUsize::MIN)),
            files: 20_000,
            bytes: 256 << 20,
            time: Duration::from_mins(2),
            file: Limits { bytes: 1 << 20, time: Duration::from_secs(5), items: 2_000 },
        }
    }
}

/// Why a folder has no result at all.
#[derive(Debug, thiserror::Error)]
pub enum CouldNotAnalyze {
    /// It is not there, or cannot be read.
    #[error("cannot read the folder {}: check the path and its permissions", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{} is no folder: parse it as a file", path.display())]
    NoFolder {
        /// What it is called.
        path: PathBuf,
    },
}
