//! [`Exit`]: the note of how an attempt ended.

use crate::processes::command::Ended;
use crate::vocabulary::Hash;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

/// How an attempt ended: for the process that takes it up, and for whoever looks into the folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Exit {
    #[serde(flatten)]
    pub(super) ended: Ended,
    /// What is known beside that, where a shim held the attempt.
    #[serde(flatten)]
    pub(super) remains: Remains,
}

/// What a shim leaves.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Remains {
    /// How its program ended; `None`: it had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) child: Option<ChildEnd>,
    /// What was said, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stdout: Option<Sum>,
    /// What the program complained of, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stderr: Option<Sum>,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildEnd {
    /// Its exit code; `None`: a signal ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The number of the signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
}

impl From<ExitStatus> for ChildEnd {
    fn from(status: ExitStatus) -> Self {
        Self { code: status.code(), signal: status.signal() }
    }
}

impl std::fmt::Display for ChildEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(f, "exit code {code}"),
            (None, Some(signal)) => write!(f, "signal {signal}"),
            (None, None) => f.write_str("an unknown end"),
        }
    }
}

/// How much there is of a file, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    bytes: u64,
    hash: Hash,
}

impl Sum {
    /// Makes a file durable and sums it up; `None`: there is none.
    pub(super) fn of_synced(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        file.sync_all()?;
        let (hash, bytes) = Hash::of_reader(file)?;
        Ok(Some(Self { bytes, hash }))
    }
}
