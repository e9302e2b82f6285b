//! [`Job`]: what is to be run, and where; [`Ended`]: what came of it. Both are lines of JSON between this program and
//! itself.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a program may reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Folders in which it may do anything.
    pub writable: Vec<PathBuf>,
    /// Folders that it may read and run programs from, beside those of the system.
    pub readable: Vec<PathBuf>,
    /// Whether it may open sockets.
    pub network: bool,
}

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// A name that is looked for in the `PATH` of its variables, or a path.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// In which folder.
    pub folder: PathBuf,
    /// All of its environment.
    pub variables: BTreeMap<String, String>,
    /// What it may reach.
    pub confinement: Confinement,
    /// How long it may run, in milliseconds.
    pub timeout_ms: u64,
    /// So many bytes of each of its outputs are kept.
    pub keep_bytes: usize,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// How it ended by itself.
    pub exit_code: Option<i32>,
    /// By which signal it was ended.
    pub signal: Option<i32>,
    /// Why it was ended, if it was: its time was over, it wrote too much, nobody wanted it any more.
    pub stopped: Option<String>,
    /// How long it ran, in milliseconds.
    pub ran_ms: u64,
    /// What it said.
    pub stdout: Text,
    /// What it complained of.
    pub stderr: Text,
}

/// What a program wrote, as far as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The beginning and the end, with a word in between on what is left out.
    pub text: String,
    /// How many bytes it was.
    pub bytes: u64,
}
