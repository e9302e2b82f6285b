//! [`Error`]: why a text is no rules, with its place.

use std::path::PathBuf;

/// Why rules cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("failed to read the rules {}: {why}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// What it says makes no sense.
    #[error("{}:{line}:{column}: {message}{}", path.display(), hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    Wrong {
        /// In which file.
        path: PathBuf,
        /// In which line, from 1; 1 where it is not known.
        line: usize,
        /// In which column.
        column: usize,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
}
