//! What was not read, and why.

use serde::{Deserialize, Serialize};

use crate::{Fault, NotText};

/// A file or a folder that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its path from the root.
    pub path: String,
    /// Why.
    #[serde(flatten)]
    pub reason: SkipReason,
}

/// Why something was left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "skipped", rename_all = "snake_case")]
pub enum SkipReason {
    /// A link is followed nowhere, so that none leads out of the root.
    #[error("a symbolic link")]
    Link,
    /// A folder of what was installed or built: `node_modules`, `__pycache__`, one with `CACHEDIR.TAG` or `pyvenv.cfg`.
    #[error("installed or built, not written here")]
    Installed,
    /// Written by a program for programs: no line structure to speak of.
    #[error("minified: a line of {longest_line} bytes")]
    Minified {
        /// The longest line, in bytes.
        longest_line: usize,
    },
    /// Not text.
    #[error(transparent)]
    NotText {
        /// What it is instead.
        what: NotText,
    },
    /// More than its limits allow.
    #[error(transparent)]
    Limits {
        /// Which one.
        why: Fault,
    },
    /// The bytes of all files together would be more than allowed.
    #[error("the files before it have used up the bytes allowed together")]
    TooMuch,
    /// There was no time left.
    #[error("the time was over before its turn")]
    OutOfTime,
    /// It could not be read.
    #[error("cannot be read: {error}")]
    Unreadable {
        /// What the system says.
        error: String,
    },
    /// A bug of ours: the file is left out, the others are not.
    #[error("the analysis of this file panicked: report it with the file")]
    Panicked,
}
