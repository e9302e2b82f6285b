//! [`Guard`]: what of the disk no agent sees, whatever its workspace: the home with its journal and its token. Known by
//! its number on the disk, so that no other spelling, link or mount of its name helps.

use crate::journal::Home;
use cap_std::fs::{Metadata, MetadataExt};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A file or folder, by its number on the disk.
pub(super) type Number = (u64, u64);

/// What no agent sees.
#[derive(Debug, Clone)]
pub struct Guard {
    home: PathBuf,
    database: PathBuf,
}

/// The same, looked up.
#[derive(Debug, Clone, Default)]
pub(super) struct Hidden {
    folder: Option<Number>,
    files: BTreeSet<Number>,
}

impl Guard {
    /// Of this home.
    pub fn new(home: &Home) -> Self {
        Self { home: home.root().to_owned(), database: home.database().to_owned() }
    }

    /// The folder in the home where workspaces may lie.
    pub fn workspaces(&self) -> PathBuf {
        self.home.join("workspaces")
    }

    /// Whether a folder, absolute and without links, may be a workspace as far as the home is concerned.
    pub fn allows(&self, folder: &Path) -> bool {
        let Some(home) = number(&self.home) else { return false };
        let inside = folder.ancestors().any(|above| number(above) == Some(home));
        let own = self.workspaces();
        let is_own = number(&own)
            .is_some_and(|own| folder.ancestors().skip(1).any(|above| number(above) == Some(own)));
        !inside || is_own
    }

    /// What is hidden now: names of the home may have come since.
    pub(super) fn look(&self) -> Hidden {
        let mut files = BTreeSet::new();
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.database.clone().into_os_string();
            name.push(end);
            files.extend(number(Path::new(&name)));
        }
        let entries = fs::read_dir(&self.home).into_iter().flatten().flatten();
        files.extend(entries.filter_map(|entry| number(&entry.path())));
        Hidden { folder: number(&self.home), files }
    }
}

impl Hidden {
    /// Whether a folder is the home.
    pub(super) fn is_home(&self, folder: &Metadata) -> bool {
        self.folder == Some((folder.dev(), folder.ino()))
    }

    /// Whether a file, or another name of it, holds what only the home may hold.
    pub(super) fn is_secret(&self, file: &Metadata) -> bool {
        self.files.contains(&(file.dev(), file.ino()))
    }
}

fn number(path: &Path) -> Option<Number> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
