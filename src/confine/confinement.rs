//! [`Job`]: what is to be run, and where; [`Ended`]: what came of it. Both are lines of JSON between this program and
//! itself.

use super::door::Door;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What a program may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Folders in which it may do anything.
    pub writable: Vec<PathBuf>,
    /// Folders that it may read and run programs from, beside those of the system.
    pub readable: Vec<PathBuf>,
    /// Whom it may speak to.
    pub network: Network,
    /// Whether it may begin sessions and groups of its own: whoever ends it finds them all the same.
    #[serde(default)]
    pub sessions: bool,
    /// Whether it gets namespaces of its own: a root in which there is nothing else, no processes but its own, no network.
    /// Only where [`super::held`] says that the kernel gives them.
    #[serde(default)]
    pub namespaces: bool,
}

/// Whom a program may speak to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Nobody: it opens no socket.
    #[default]
    Nobody,
    /// Whoever listens at these ports over TCP; over UDP, by which names are asked for, anybody.
    Ports(BTreeSet<u16>),
    /// Whom a doorman lets it reach: it has a network of its own, with nobody else in it. Only with `namespaces`, and where
    /// [`super::held`] says that the kernel gives networks, too.
    Door(Door),
    /// Anybody.
    Anybody,
}

impl Network {
    /// The ports at which anybody may be spoken to; `None`: at any.
    pub(super) fn ports(&self) -> Option<BTreeSet<u16>> {
        match self {
            Self::Nobody => Some(BTreeSet::new()),
            Self::Ports(ports) => Some(ports.clone()),
            Self::Door(door) => Some(door.ports()),
            Self::Anybody => None,
        }
    }
}

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// A name that is looked for in the `PATH` of its variables, or a path.
    pub program: String,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// In which folder.
    pub folder: PathBuf,
    /// All of its environment. Not on any command line: everybody reads those.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// What it may reach.
    pub confinement: Confinement,
    /// How long it may run, in milliseconds.
    pub timeout_ms: u64,
    /// So many bytes of each of its outputs are told.
    pub keep_bytes: usize,
    /// The folder in which all of its outputs are put, as `stdout` and `stderr`; `None`: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<PathBuf>,
}

impl Job {
    /// How `callboard` is called for it. Its environment has to be the program's already; and arguments are long,
    /// sometimes: they stand for themselves.
    ///
    /// # Errors
    /// If a path of it is no text.
    pub fn call(&self) -> serde_json::Result<Vec<String>> {
        let (arguments, variables, outputs) = (Vec::new(), BTreeMap::new(), None);
        let told = Self { arguments, variables, outputs, ..self.clone() };
        let line = serde_json::to_string(&told)?;
        let mut call = vec!["confine".to_owned(), line, "--".to_owned()];
        call.extend(self.arguments.iter().cloned());
        Ok(call)
    }

    /// The job that it was called for.
    ///
    /// # Errors
    /// If the line tells of none.
    pub fn called(line: &str, arguments: &[String]) -> serde_json::Result<Self> {
        let job: Self = serde_json::from_str(line)?;
        Ok(Self { arguments: arguments.to_vec(), ..job })
    }
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
