//! [`Scratch`]: the folder in which a program runs: the copy of the workspace, and a home of its own. It goes with its
//! owner.

use callboard_actors::vocabulary::{MessageId, WorkflowId, Workplace};
use callboard_actors::workspaces::Guard;
use std::fs::{DirBuilder, remove_dir_all};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where they lie, among the workspaces.
const FOLDER: &str = ".commands";

/// A folder in which a program runs.
#[derive(Debug)]
pub(in crate::world) struct Scratch(PathBuf);

impl Scratch {
    /// For this call; what an earlier try has left goes.
    pub(in crate::world) fn make(guard: &Guard, call: MessageId) -> io::Result<Self> {
        let path = guard.workspaces().join(FOLDER).join(call.to_string());
        if path.exists() {
            remove_dir_all(&path)?;
        }
        let make = |path: &Path| DirBuilder::new().recursive(true).mode(0o700).create(path);
        make(&path)?;
        // Links in it would be in the way of whoever compares.
        let scratch = Self(path.canonicalize()?);
        make(&scratch.work())?;
        make(&scratch.home().join("tmp"))?;
        make(&scratch.outputs())?;
        Ok(scratch)
    }

    /// The copy of the workspace.
    pub(in crate::world) fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    /// The program's own home.
    pub(in crate::world) fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    /// Where all is put that the program says. It cannot reach it.
    pub(in crate::world) fn outputs(&self) -> PathBuf {
        self.0.join("outputs")
    }

    /// The copy, as one looks into a workspace.
    pub(in crate::world) fn place(&self, record: &WorkflowId) -> Workplace {
        let folder = self.work().to_string_lossy().into_owned();
        Workplace { record: record.clone(), folder, within: String::new() }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let path = self.0.clone();
        // It may be large, and whoever drops it has other things to do. What is left is swept at the next start.
        std::thread::spawn(move || remove_dir_all(path));
    }
}

/// Takes away what a server that is gone has left.
pub(in crate::world) fn sweep(guard: &Guard) {
    let path = guard.workspaces().join(FOLDER);
    if path.exists() {
        std::thread::spawn(move || remove_dir_all(path));
    }
}
