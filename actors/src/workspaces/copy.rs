//! Bringing the files of one workspace into another: a fork's. They are copied beside their place, which they take as a
//! whole; then what was changed later than the fork's beginning is taken back.

use super::command::FileState;
use super::guard::Guard;
use super::net::Net;
use super::path::FilePath;
use super::root::{MODE, Root};
use super::trouble::Trouble;
use super::walk::Kind;
use crate::journal::Files;
use crate::vocabulary::Workplace;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// So much may a fork's workspace hold, in bytes and in files.
const MOST: Copied = Copied { files: 200_000, bytes: 4 << 30 };

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// From one folder to another.
pub(super) struct Copying<'a> {
    pub(super) files: &'a Files,
    pub(super) guard: &'a Guard,
    pub(super) from: &'a Workplace,
    /// What was changed there since.
    pub(super) since: &'a Net,
    pub(super) to: &'a Path,
}

impl Copying<'_> {
    /// Copies; what an earlier try has left goes, and what it has finished stays.
    pub(super) fn copy(&self) -> Result<Copied, Trouble> {
        let beside = self.beside()?;
        if self.is_there()? {
            let _ = fs::remove_dir_all(&beside);
            // Whoever gave it its place may have been killed before that was durable.
            self.sync_place().map_err(|error| self.io(&error))?;
            return Ok(Copied::default());
        }
        let copied = self.fill(&beside).inspect_err(|_| {
            let _ = fs::remove_dir_all(&beside);
        })?;
        self.take_place(&beside).map_err(|error| self.io(&error))?;
        Ok(copied)
    }

    /// A folder with anything in it is what an earlier try has brought there: it was empty when it was chosen.
    fn is_there(&self) -> Result<bool, Trouble> {
        match fs::read_dir(self.to) {
            Ok(mut entries) => Ok(entries.next().is_some()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.io(&error)),
        }
    }

    fn beside(&self) -> Result<PathBuf, Trouble> {
        let name = self.to.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| Trouble::refused("the workspace has no name"))?;
        Ok(self.to.with_file_name(format!(".{name}.filling")))
    }

    fn fill(&self, beside: &Path) -> Result<Copied, Trouble> {
        match fs::remove_dir_all(beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(self.io(&error)),
            _ => {}
        }
        make(beside).map_err(|error| self.io(&error))?;
        let root = Root::open(self.from, self.guard)?;
        let mut copied = Copied::default();
        self.folder(&root, &FilePath::top(), beside, &mut copied)?;
        self.take_back(beside)?;
        Ok(copied)
    }

    fn folder(
        &self,
        root: &Root,
        path: &FilePath,
        to: &Path,
        copied: &mut Copied,
    ) -> Result<(), Trouble> {
        let spot = root.find(path)?;
        for (name, kind) in root.list(&spot)? {
            let below = path.below(&name);
            let to = to.join(&name);
            match kind {
                Kind::Folder => {
                    make(&to).map_err(|error| self.io(&error))?;
                    self.folder(root, &below, &to, copied)?;
                }
                Kind::File => self.file(root, &below, &to, copied)?,
                Kind::Special("link") => {
                    if let Some(target) = root.link(&spot, &name)? {
                        symlink(target, &to).map_err(|error| self.io(&error))?;
                    }
                }
                // A pipe or a socket is nothing without whoever made it.
                Kind::Special(_) | Kind::Nothing => {}
            }
        }
        Ok(())
    }

    fn file(
        &self,
        root: &Root,
        path: &FilePath,
        to: &Path,
        copied: &mut Copied,
    ) -> Result<(), Trouble> {
        let (file, bytes, mode) = root.open_file(&root.find(path)?)?;
        copied.files += 1;
        copied.bytes += bytes;
        if copied.files > MOST.files || copied.bytes > MOST.bytes {
            let text = format!(
                "{:?} has more than {} files or {} bytes in it: give the fork a smaller workspace, or clear it up",
                self.from.path(),
                MOST.files,
                MOST.bytes
            );
            return Err(Trouble::Refused(text));
        }
        // Where the file system can, both share what is on the disk.
        write(to, &mut file.take(bytes), mode).map_err(|error| self.io(&error))
    }

    /// What was changed later is as it was then.
    fn take_back(&self, beside: &Path) -> Result<(), Trouble> {
        for folder in self.since.gone.iter().filter_map(|folder| self.from.seen(folder)) {
            make(&Self::checked(beside, folder)?).map_err(|error| self.io(&error))?;
        }
        for (path, (before, _)) in &self.since.files {
            let Some(path) = self.from.seen(path) else { continue };
            let to = Self::checked(beside, path)?;
            self.restore(&to, before.as_ref())?;
        }
        for folder in self.since.made.iter().filter_map(|folder| self.from.seen(folder)) {
            let _ = fs::remove_dir(Self::checked(beside, folder)?);
        }
        Ok(())
    }

    fn restore(&self, to: &Path, before: Option<&FileState>) -> Result<(), Trouble> {
        match fs::remove_file(to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(self.io(&error)),
            _ => {}
        }
        let Some(before) = before else { return Ok(()) };
        let content = self.files.read(&before.content);
        let content = content.map_err(|error| Trouble::Refused(error.to_string()))?;
        let above = to.parent().unwrap_or(to);
        make(above)
            .and_then(|()| write(to, &mut content.as_slice(), before.mode))
            .map_err(|error| self.io(&error))
    }

    /// A path within the copy; a link in it leads nowhere.
    fn checked(beside: &Path, path: &str) -> Result<PathBuf, Trouble> {
        let path = FilePath::of_file(path)?;
        let mut to = beside.to_owned();
        for name in path.names() {
            if fs::symlink_metadata(&to).is_ok_and(|found| found.is_symlink()) {
                return Err(Trouble::Refused(format!("{path} lies behind a link now")));
            }
            to.push(name);
        }
        Ok(to)
    }

    fn take_place(&self, beside: &Path) -> io::Result<()> {
        sync_all(beside)?;
        fs::rename(beside, self.to)?;
        self.sync_place()
    }

    fn sync_place(&self) -> io::Result<()> {
        let above = self.to.parent().unwrap_or(self.to);
        fs::File::open(above)?.sync_all()
    }

    fn io(&self, error: &io::Error) -> Trouble {
        Trouble::io("fill", &self.to.to_string_lossy(), error)
    }
}

fn make(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o755).create(folder)
}

fn write(to: &Path, content: &mut impl Read, mode: u32) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(content, &mut file)?;
    file.set_permissions(fs::Permissions::from_mode(mode & MODE))?;
    file.sync_all()
}

/// Names are durable once their folders are.
fn sync_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_all(&entry.path())?;
        }
    }
    fs::File::open(folder)?.sync_all()
}
