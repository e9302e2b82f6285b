//! [`Root`]: a workspace's folder, opened; and reading in it. Whatever is done with files goes through here, so that
//! nothing beside the folder can be reached, nor the home, wherever it lies. Pipes, sockets and devices are not opened.
//!
//! A file with several names (hard links) is read: nobody can tell which name is the right one. Changing it makes a new
//! file, so what has the other names stays as it was.

use super::bounds::Bounds;
use super::guard::{Guard, Hidden};
use super::path::{FilePath, is_temporary};
use super::trouble::Trouble;
use super::walk::{Kind, Spot, Walk, kind};
use crate::vocabulary::Workplace;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, MetadataExt, OpenOptions, OpenOptionsExt};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// So large may a file be that is changed: what it held has to be kept.
pub const MOST_BYTES: u64 = 16 << 20;

/// The bits of a file's mode that are kept.
pub(super) const MODE: u32 = 0o7777;

/// A workspace's folder.
#[derive(Debug)]
pub struct Root {
    place: Workplace,
    top: Dir,
    hidden: Hidden,
    bounds: Bounds,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its bytes; at most as many as were asked for.
    pub content: Vec<u8>,
    /// How many it has.
    pub bytes: u64,
    /// Who may do what with it, as bits.
    pub mode: u32,
}

impl Root {
    /// Opens it. Blocks, as all the rest does.
    ///
    /// # Errors
    /// If it is not there any more, or leads elsewhere.
    pub fn open(place: &Workplace, guard: &Guard) -> Result<Self, Trouble> {
        let path = place.path();
        make_below(place, guard)?;
        let real = std::fs::canonicalize(&path)
            .map_err(|error| Trouble::io("open the workspace", &path, &error))?;
        if real != Path::new(&path) {
            let real = real.display();
            let text = format!("the workspace {path:?} leads to {real} now: put the folder back");
            return Err(Trouble::Refused(text));
        }
        if !guard.allows(&real) {
            let text = format!("{path:?} lies in Callboard's home, and cannot be a workspace");
            return Err(Trouble::Refused(text));
        }
        let top = Dir::open_ambient_dir(&real, ambient_authority())
            .map_err(|error| Trouble::io("open the workspace", &path, &error))?;
        let (place, hidden) = (place.clone(), guard.look());
        Ok(Self { place, top, hidden, bounds: Bounds::default() })
    }

    /// The same, for somebody who may see and change no more than this.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// Which workspace it is.
    pub fn place(&self) -> &Workplace {
        &self.place
    }

    /// Where a path leads, links within the workspace followed.
    ///
    /// # Errors
    /// If it leads out, or to what nobody sees.
    pub fn find(&self, path: &FilePath) -> Result<Spot, Trouble> {
        let spot = self.locate(path)?;
        let recorded = self.place.recorded(&spot.path());
        // A folder is on the way to what may be read, and need not be that itself.
        if spot.kind != Kind::Folder || !self.bounds.shows(&recorded, true) {
            self.bounds.read(&recorded)?;
        }
        Ok(spot)
    }

    /// The same for what is to be changed.
    ///
    /// # Errors
    /// As [`Root::find`].
    pub(super) fn find_to_change(&self, path: &FilePath) -> Result<Spot, Trouble> {
        let spot = self.locate(path)?;
        self.bounds.write(&self.place.recorded(&spot.path()))?;
        Ok(spot)
    }

    fn locate(&self, path: &FilePath) -> Result<Spot, Trouble> {
        Walk::new(&self.top, &self.hidden, path.to_string()).along(path.names())
    }

    /// A file, opened; how many bytes it has, and who may do what with it.
    ///
    /// # Errors
    /// If it is none.
    pub fn open_file(&self, spot: &Spot) -> Result<(std::fs::File, u64, u32), Trouble> {
        let (Kind::File, Some(name)) = (spot.kind, &spot.name) else {
            return Err(no_file(spot));
        };
        let io = |error: std::io::Error| Trouble::io("read", &spot.path(), &error);
        let mut options = OpenOptions::new();
        // Should it be a pipe by now, opening it waits for nobody.
        options.read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        let file = spot.folder.open_with(name, &options).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() || self.hidden.is_secret(&metadata) {
            return Err(no_file(spot));
        }
        Ok((file.into_std(), metadata.len(), metadata.mode() & MODE))
    }

    /// The content of a file, at most so many bytes of it, from an offset on.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(&self, spot: &Spot, offset: u64, most: u64) -> Result<File, Trouble> {
        let (mut file, bytes, mode) = self.open_file(spot)?;
        let io = |error: std::io::Error| Trouble::io("read", &spot.path(), &error);
        file.seek(SeekFrom::Start(offset)).map_err(io)?;
        let mut content = Vec::new();
        file.take(most).read_to_end(&mut content).map_err(io)?;
        Ok(File { content, bytes, mode })
    }

    /// All of a file that is to be changed; `None`: nothing is there.
    ///
    /// # Errors
    /// If what is there is no file, or too large to be kept.
    pub fn whole(&self, spot: &Spot) -> Result<Option<File>, Trouble> {
        if spot.kind == Kind::Nothing {
            return Ok(None);
        }
        let file = self.read(spot, 0, MOST_BYTES + 1)?;
        if file.content.len() as u64 > MOST_BYTES {
            let text = format!(
                "{:?} has {} bytes: files over {MOST_BYTES} are not changed",
                spot.path(),
                file.bytes
            );
            return Err(Trouble::Refused(text));
        }
        Ok(Some(file))
    }

    /// What is in a folder, by name; what nobody sees is left out.
    ///
    /// # Errors
    /// If it is none.
    pub fn list(&self, folder: &Spot) -> Result<Vec<(String, Kind)>, Trouble> {
        let path = folder.path();
        let io = |error: std::io::Error| Trouble::io("list", &path, &error);
        let opened = self.open_folder(folder)?;
        let mut found = Vec::new();
        for entry in opened.entries().map_err(io)? {
            let entry = entry.map_err(io)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // Gone meanwhile, or hidden: as if it had never been.
            let Ok(metadata) = opened.symlink_metadata(&name) else { continue };
            let is_hidden = self.hidden.is_home(&metadata) || self.hidden.is_secret(&metadata);
            let below = folder.below(&name);
            let is_shown = self.bounds.shows(&self.place.recorded(&below), metadata.is_dir());
            if !is_hidden && is_shown && !is_temporary(&name) {
                found.push((name, kind(metadata.file_type())));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// What a link in a folder says; `None`: it is none.
    ///
    /// # Errors
    /// If the folder is none.
    pub fn link(&self, folder: &Spot, name: &str) -> Result<Option<PathBuf>, Trouble> {
        Ok(self.open_folder(folder)?.read_link_contents(name).ok())
    }

    fn open_folder(&self, folder: &Spot) -> Result<Dir, Trouble> {
        let path = folder.path();
        if folder.kind != Kind::Folder {
            return Err(Trouble::Refused(format!(
                "{path:?} is no folder: list_files shows what is there"
            )));
        }
        let opened = match &folder.name {
            None => folder.folder.try_clone(),
            Some(name) => folder.folder.open_dir(name),
        };
        let opened = opened.map_err(|error| Trouble::io("list", &path, &error))?;
        let metadata = opened.dir_metadata().map_err(|error| Trouble::io("list", &path, &error))?;
        if self.hidden.is_home(&metadata) {
            return Err(Trouble::Refused(format!("there is no {path:?}")));
        }
        Ok(opened)
    }
}

/// The folder of a subgraph is made where it is missing, as that of its root was.
fn make_below(place: &Workplace, guard: &Guard) -> Result<(), Trouble> {
    if place.within.is_empty() || Path::new(&place.path()).is_dir() {
        return Ok(());
    }
    let whole = Workplace { within: String::new(), ..place.clone() };
    let spot = Root::open(&whole, guard)?.find(&FilePath::read(&place.within)?)?;
    let names: PathBuf = spot.missing.iter().chain(&spot.name).collect();
    let made = spot.folder.create_dir_all(names);
    made.map_err(|error| Trouble::io("make", &place.path(), &error))
}

fn no_file(spot: &Spot) -> Trouble {
    let path = spot.path();
    Trouble::Refused(match spot.kind {
        Kind::Nothing => format!("there is no file {path:?}: list_files shows what is there"),
        Kind::Folder => format!("{path:?} is a folder: list_files shows what is in it"),
        Kind::Special(what) => format!("{path:?} is a {what}: only files can be read and changed"),
        Kind::File => format!("{path:?} is no file any more: look again"),
    })
}
