//! Where memories lie.
//!
//! A workspace belongs to agents, who may put links where they like: a memory that followed one would write outside of
//! it. So below a workspace every part of the way has to be a plain folder.

use std::io;
use std::path::{Path, PathBuf};

/// The parts of the way from a workspace to its memory.
const WITHIN_A_WORKSPACE: [&str; 2] = [".callboard", "memory"];

/// Why a workspace can have no memory.
#[derive(Debug, thiserror::Error)]
pub enum CouldNotPlace {
    /// Something else is in its place.
    #[error("{} is no plain folder, so no memory can lie there: remove it", .0.display())]
    NoFolder(PathBuf),
    /// It cannot be made.
    #[error("failed to make the folder {}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Where the memory lies that belongs to no workspace.
pub fn in_home(home: &Path) -> PathBuf {
    home.join("state/memory")
}

/// Where a workspace's memory lies; the way there is made, so that it leads nowhere else, and is durable: a power cut
/// would take the memory with it.
///
/// # Errors
/// If a part of the way is a link, or a file.
pub fn in_workspace(workspace: &Path) -> Result<PathBuf, CouldNotPlace> {
    let mut path = workspace.to_owned();
    for part in WITHIN_A_WORKSPACE {
        path.push(part);
        plain_folder(&path)?;
    }
    for inside in ["learning", "memory.db", "lock"] {
        let inside = path.join(inside);
        if inside.is_symlink() {
            return Err(CouldNotPlace::NoFolder(inside));
        }
    }
    Ok(path)
}

fn plain_folder(path: &Path) -> Result<(), CouldNotPlace> {
    let io = |source| CouldNotPlace::Io { path: path.to_owned(), source };
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
            is_folder.then_some(()).ok_or_else(|| CouldNotPlace::NoFolder(path.to_owned()))?;
        }
        made => made.map_err(io)?,
    }
    // Also where it is there: whoever made it may have been killed before this.
    let above = path.parent().unwrap_or(path);
    std::fs::File::open(above).and_then(|above| above.sync_all()).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_has_its_memory_inside_and_a_link_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().join("work");
        std::fs::create_dir(&workspace).unwrap();
        let place = in_workspace(&workspace).unwrap();
        assert_eq!(place, workspace.join(".callboard/memory"));
        assert_eq!(in_workspace(&workspace).unwrap(), place, "it is found again");
        std::fs::remove_dir(&place).unwrap();
        std::os::unix::fs::symlink(folder.path(), &place).unwrap();
        let refused = in_workspace(&workspace).unwrap_err();
        assert!(matches!(refused, CouldNotPlace::NoFolder(path) if path == place));
    }

    #[test]
    fn a_database_that_is_a_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let place = in_workspace(folder.path()).unwrap();
        std::os::unix::fs::symlink("/elsewhere", place.join("memory.db")).unwrap();
        assert!(in_workspace(folder.path()).is_err());
    }
}
