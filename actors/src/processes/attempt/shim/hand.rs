//! What server and shim say to each other over the shim's pipes: one line of JSON each.

use crate::processes::attempt::execute::Work;
use crate::processes::identity::Executor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;

/// What a shim is given over its stdin, and nowhere else: it may hold secrets.
#[derive(Clone, Serialize, Deserialize)]
pub struct Assignment {
    /// The home that the attempt's folder lies in.
    pub home: PathBuf,
    /// The work.
    pub work: Work,
    /// The runtime, as the program that made it can read it.
    pub runtime: Value,
}

impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assignment").field("attempt", &self.work.attempt).finish_non_exhaustive()
    }
}

/// What a shim answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::processes::attempt) enum Answer {
    /// It has the folder, and waits to be let go.
    Claimed(Executor),
    /// Somebody else has it.
    Taken,
    /// The disk is too full to claim the folder: nobody was asked, and another time there may be room.
    Full(String),
    /// It cannot work.
    Failed(String),
}

/// What lets it go.
pub(super) const GO: &str = "go";
