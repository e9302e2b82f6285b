//! The folder of a memory: private, locked, and made durable.

use crate::error::{Error, Result};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The database's name in its folder.
pub(super) const DATABASE: &str = "memory.db";

fn failed(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { what, path, source }
}

/// Makes the folder (0700) and the database's file (0600) if they are not there, and takes the lock.
pub(super) fn prepare(folder: &Path) -> Result<(PathBuf, File)> {
    make(folder)?;
    let lock = lock(folder)?;
    let path = folder.join(DATABASE);
    // Its log and index take their mode from it.
    private_file(&path).map_err(failed("open", &path))?;
    sync_folder(folder)?;
    Ok((path, lock))
}

/// Makes a folder, and those above it that are missing. That it is there is durable then, also where somebody else made
/// it, who was killed before that: what is written into it would be lost with it.
fn make(folder: &Path) -> Result<()> {
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above.filter(|above| !above.exists()) {
        make(above)?;
    }
    let made = DirBuilder::new().mode(0o700).create(folder);
    let synced = sync_folder(above.unwrap_or(Path::new(".")));
    match made {
        // Where nobody may look into the folder above, it was made by others, who see to that.
        Err(_) if folder.is_dir() => Ok(()),
        made => made.map_err(failed("create the folder", folder)).and(synced),
    }
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = private_file(&path).map_err(failed("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed("lock", &path)(source)),
    }
}

fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Makes durable which files a folder holds.
fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(failed("sync the folder", folder))
}

/// Writes a file so that it is there whole or not at all: beside its place, synced, then renamed into it.
pub(crate) fn durable_file(
    path: &Path,
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = path.with_added_extension("part");
    let attempt = || -> std::io::Result<()> {
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        let mut writer = std::io::BufWriter::new(file);
        write(&mut writer)?;
        writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&beside, path)
    };
    let written = attempt();
    if written.is_err() {
        // What is left of it is worth nothing; if it cannot be removed, the next export writes over it.
        let _ = std::fs::remove_file(&beside);
    }
    written.map_err(failed("write", path))?;
    sync_folder(folder.unwrap_or(Path::new(".")))
}
