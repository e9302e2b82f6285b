//! [`Copy`]: the files of a workspace that somebody may see, copied to where a program may do with them what it likes; and
//! [`Difference`], what it did.

use crate::world::files::{Picked, Tour};
use callboard_actors::workspaces::{FilePath, Kind, MOST_BYTES, Root, Trouble};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

/// So much is copied at most, in files and bytes.
const MOST_FILES: usize = 200_000;
const MOST_COPIED: u64 = 4 << 30;

/// So many changed files are taken over at most.
const MOST_CHANGED: usize = 2_000;

/// A file, as it was at a moment: whoever writes to it cannot give it the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    inode: u64,
    bytes: u64,
    mode: u32,
    changed: (i64, i64),
}

/// What was copied.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::world) struct Copy {
    /// By path: how it was in the workspace, and how it is in the copy.
    files: BTreeMap<String, (Stamp, Stamp)>,
    bytes: u64,
}

/// What a program has made of a copy.
#[derive(Debug, Default)]
pub(in crate::world) struct Difference {
    /// What files hold that it made or changed.
    pub(in crate::world) written: BTreeMap<String, Vec<u8>>,
    /// Files that it took away.
    pub(in crate::world) removed: Vec<String>,
    /// Files that are too large, or too many.
    pub(in crate::world) left_out: Vec<String>,
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            inode: metadata.ino(),
            bytes: metadata.len(),
            mode: metadata.mode(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    fn at(root: &Root, path: &FilePath) -> Option<Self> {
        let spot = root.find(path).ok()?;
        let (file, ..) = root.open_file(&spot).ok()?;
        Self::of(&file).ok()
    }
}

impl Copy {
    /// Copies all that may be seen. Blocks.
    pub(in crate::world) fn make(root: &Root, to: &Path) -> Result<Self, Trouble> {
        let mut copy = Self::default();
        copy.folder(root, &FilePath::top(), to)?;
        Ok(copy)
    }

    fn folder(&mut self, root: &Root, path: &FilePath, to: &Path) -> Result<(), Trouble> {
        let spot = root.find(path)?;
        for (name, kind) in root.list(&spot)? {
            let (below, to) = (path.below(&name), to.join(&name));
            match kind {
                Kind::Folder => {
                    make(&to).map_err(|error| told(&below, &error))?;
                    self.folder(root, &below, &to)?;
                }
                Kind::File => self.file(root, &below, &to)?,
                Kind::Special("link") => {
                    if let Some(target) = root.link(&spot, &name)? {
                        symlink(target, &to).map_err(|error| told(&below, &error))?;
                    }
                }
                Kind::Special(_) | Kind::Nothing => {}
            }
        }
        Ok(())
    }

    fn file(&mut self, root: &Root, path: &FilePath, to: &Path) -> Result<(), Trouble> {
        // Gone meanwhile: as if it had never been.
        let Ok(spot) = root.find(path) else { return Ok(()) };
        let (mut from, bytes, mode) = root.open_file(&spot)?;
        self.bytes += bytes;
        if self.files.len() >= MOST_FILES || self.bytes > MOST_COPIED {
            return Err(Trouble::refused(format!(
                "the workspace has more than {MOST_FILES} files or {MOST_COPIED} bytes: programs run in a copy of it, so clear it up first"
            )));
        }
        let io = |error: io::Error| told(path, &error);
        let before = Stamp::of(&from).map_err(io)?;
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(io)?;
        io::copy(&mut from, &mut file).map_err(io)?;
        // Tools that build look at times.
        let modified = from.metadata().and_then(|metadata| metadata.modified()).map_err(io)?;
        file.set_modified(modified).map_err(io)?;
        file.set_permissions(Permissions::from_mode(mode)).map_err(io)?;
        let copied = Stamp::of(&file).map_err(io)?;
        self.files.insert(path.to_string(), (before, copied));
        Ok(())
    }

    /// What has become of it; what ignore files name is left out. Blocks.
    pub(in crate::world) fn compare(&self, root: &Root) -> Result<Difference, Trouble> {
        let mut difference = Difference::default();
        let _whole =
            Tour::new(root, &Picked::default()).visit(&FilePath::top(), &mut |path, spot| {
                let (mut file, bytes, _) = root.open_file(spot)?;
                let now = Stamp::of(&file).map_err(|error| Trouble::io("look at", path, &error))?;
                let is_same = self.files.get(path).is_some_and(|(_, copied)| *copied == now);
                if is_same {
                    return Ok(ControlFlow::Continue(()));
                }
                if bytes > MOST_BYTES || difference.written.len() >= MOST_CHANGED {
                    difference.left_out.push(path.to_owned());
                    return Ok(ControlFlow::Continue(()));
                }
                let mut content = Vec::new();
                io::Read::read_to_end(&mut file, &mut content)
                    .map_err(|error| Trouble::io("read", path, &error))?;
                difference.written.insert(path.to_owned(), content);
                Ok(ControlFlow::Continue(()))
            })?;
        for path in self.files.keys() {
            let is_there = FilePath::of_file(path).ok().and_then(|path| Stamp::at(root, &path));
            if is_there.is_none() {
                difference.removed.push(path.clone());
            }
        }
        Ok(difference)
    }

    /// Whether a file of the workspace is as it was when it was copied; one that was not there, whether it still is not.
    pub(in crate::world) fn is_as_copied(&self, root: &Root, path: &str) -> bool {
        let Ok(named) = FilePath::of_file(path) else { return false };
        Stamp::at(root, &named) == self.files.get(path).map(|(before, _)| *before)
    }
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o755).create(folder)
}

fn told(path: &FilePath, error: &io::Error) -> Trouble {
    Trouble::io("copy", &path.to_string(), error)
}
