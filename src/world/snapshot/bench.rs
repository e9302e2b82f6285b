//! [`Bench`]: the folder of an attempt whose program works on a copy: the copy, a home, and what was copied. It outlives
//! the server, as the attempt does.

use crate::world::command::Copy;
use callboard_actors::processes::Attempt;
use callboard_actors::vocabulary::{ProcessId, WorkflowId, Workplace};
use callboard_actors::workspaces::Guard;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where they lie, among the workspaces.
const FOLDER: &str = ".agents";

/// The folder of an attempt's program.
#[derive(Debug, Clone)]
pub(super) struct Bench(PathBuf);

impl Bench {
    /// The attempt's; it may not be there.
    pub(super) fn of(guard: &Guard, attempt: &Attempt) -> Self {
        let name = format!("{}.{}", attempt.process_id, attempt.number);
        Self(guard.workspaces().join(FOLDER).join(name))
    }

    /// All that are there, and whose they are.
    pub(super) fn all(guard: &Guard) -> Vec<(Self, Option<ProcessId>)> {
        let entries = fs::read_dir(guard.workspaces().join(FOLDER)).into_iter().flatten().flatten();
        let whose = |name: &str| Some(ProcessId(name.rsplit_once('.')?.0.parse().ok()?));
        let bench = |entry: fs::DirEntry| {
            let whose = entry.file_name().to_str().and_then(whose);
            (Self(entry.path()), whose)
        };
        entries.map(bench).collect()
    }

    /// Makes it, empty: what an earlier try has left goes.
    pub(super) fn make(self) -> io::Result<Self> {
        self.remove()?;
        let make = |path: &Path| DirBuilder::new().recursive(true).mode(0o700).create(path);
        make(&self.0)?;
        // Links in it would be in the way of whoever compares.
        let bench = Self(self.0.canonicalize()?);
        make(&bench.work())?;
        make(&bench.home().join("tmp"))?;
        Ok(bench)
    }

    /// The copy of the workspace.
    pub(super) fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    /// The program's own home.
    pub(super) fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    /// The copy, as one looks into a workspace.
    pub(super) fn place(&self, record: &WorkflowId) -> Workplace {
        let folder = self.work().canonicalize().unwrap_or_else(|_| self.work());
        let folder = folder.to_string_lossy().into_owned();
        Workplace { record: record.clone(), folder, within: String::new() }
    }

    /// Keeps what was copied, where the program cannot reach it.
    pub(super) fn keep(&self, copy: &Copy) -> io::Result<()> {
        fs::write(self.0.join("copied.json"), serde_json::to_vec(copy)?)
    }

    /// What was copied.
    pub(super) fn copied(&self) -> io::Result<Copy> {
        Ok(serde_json::from_slice(&fs::read(self.0.join("copied.json"))?)?)
    }

    /// Takes it away. Blocks.
    pub(super) fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
