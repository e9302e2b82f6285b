//! [`Identity`]: which files a connection has opened, so that it is noticed when others lie in their
//! place.
//!
//! A database that was deleted or replaced goes on working for whoever has it open, and all that is
//! written to it is lost with the last of them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file as the system knows it: device and inode.
pub(crate) type FileId = (u64, u64);

/// The database and its write-ahead log, as they were when they were opened.
#[derive(Debug)]
pub(super) struct Identity(Vec<(PathBuf, Option<FileId>)>);

impl Identity {
    /// What lies at these places now.
    pub(super) fn of(database: &Path) -> Self {
        let files = ["", "-wal", "-shm"].map(|ending| beside(database, ending));
        Self(files.into_iter().map(|path| (path.clone(), id(&path))).collect())
    }

    /// Whether the same files still lie there, or which of them does not.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.0.iter().find(|(path, was)| id(path) != *was) {
            None => Ok(()),
            Some((path, _)) => Err(displaced(path)),
        }
    }
}

/// The file that lies at a path.
pub(crate) fn id(path: &Path) -> Option<FileId> {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// What an operator is told.
pub(super) fn displaced(path: &Path) -> String {
    format!(
        "{} was deleted or replaced while the server works with it: put it back, or stop the server and restore a backup",
        path.display()
    )
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(ending);
    name.into()
}
