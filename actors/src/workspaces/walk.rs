//! [`Spot`]: where a path leads. It is walked name by name, each folder opened from the one before it, so that nothing
//! that is changed meanwhile leads out: every step is `cap-std`'s, which never leaves the folder it begins in.

use super::guard::Hidden;
use super::path::is_temporary;
use super::trouble::Trouble;
use cap_std::fs::{Dir, FileType, FileTypeExt, Metadata};
use std::collections::VecDeque;
use std::io;
use std::path::{Component, Path};

/// So many links are followed on one way.
const MOST_LINKS: u32 = 16;

/// Where a path leads.
#[derive(Debug)]
pub struct Spot {
    /// The nearest folder above it that is there.
    pub(super) folder: Dir,
    /// Its names, links resolved.
    pub(super) above: Vec<String>,
    /// The folders below that are missing.
    pub(super) missing: Vec<String>,
    /// Its own name; none: it is the workspace itself.
    pub(super) name: Option<String>,
    /// What is there.
    pub kind: Kind,
}

/// What is at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Nothing,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// Something else: a pipe, a socket, a device.
    Special(&'static str),
}

impl Spot {
    /// Its path, links resolved.
    pub fn path(&self) -> String {
        let names = self.above.iter().chain(&self.missing).chain(&self.name);
        names.map(String::as_str).collect::<Vec<_>>().join("/")
    }

    /// The path of what has this name in it.
    pub(super) fn below(&self, name: &str) -> String {
        let path = self.path();
        if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
    }
}

/// A walk from the top of a workspace.
pub(super) struct Walk<'a> {
    top: &'a Dir,
    hidden: &'a Hidden,
    stack: Vec<(String, Dir)>,
    links: u32,
    /// The path as it was said, for those who are told what is wrong.
    said: String,
}

impl<'a> Walk<'a> {
    pub(super) fn new(top: &'a Dir, hidden: &'a Hidden, said: String) -> Self {
        Self { top, hidden, stack: Vec::new(), links: 0, said }
    }

    /// Walks along these names.
    pub(super) fn along(mut self, names: &[String]) -> Result<Spot, Trouble> {
        let mut todo: VecDeque<String> = names.iter().cloned().collect();
        while let Some(name) = todo.pop_front() {
            if name == ".." {
                self.stack.pop().ok_or_else(|| self.out())?;
                continue;
            }
            let metadata = match self.here().symlink_metadata(&name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return self.missing(name, todo);
                }
                found => found.map_err(|error| self.io(&error))?,
            };
            if metadata.is_symlink() {
                self.follow(&name, &mut todo)?;
            } else if metadata.is_dir() {
                let folder = self.enter(&name)?;
                self.stack.push((name, folder));
            } else if todo.is_empty() {
                return self.file(name, &metadata);
            } else {
                let text =
                    format!("{:?}: {name} is no folder: list_files shows what is there", self.said);
                return Err(Trouble::Refused(text));
            }
        }
        self.folder()
    }

    fn here(&self) -> &Dir {
        self.stack.last().map_or(self.top, |(_, folder)| folder)
    }

    fn enter(&self, name: &str) -> Result<Dir, Trouble> {
        let folder = self.here().open_dir(name).map_err(|error| self.io(&error))?;
        let metadata = folder.dir_metadata().map_err(|error| self.io(&error))?;
        if self.hidden.is_home(&metadata) { Err(self.none()) } else { Ok(folder) }
    }

    /// What a link says is walked in its place.
    fn follow(&mut self, name: &str, todo: &mut VecDeque<String>) -> Result<(), Trouble> {
        self.links += 1;
        if self.links > MOST_LINKS {
            let text = format!("{:?} leads through too many links", self.said);
            return Err(Trouble::Refused(text));
        }
        let target = self.here().read_link_contents(name).map_err(|error| self.io(&error))?;
        for part in names_of(&target).ok_or_else(|| self.out())?.into_iter().rev() {
            todo.push_front(part);
        }
        Ok(())
    }

    fn file(self, name: String, metadata: &Metadata) -> Result<Spot, Trouble> {
        if self.hidden.is_secret(metadata) {
            return Err(self.none());
        }
        let kind = kind(metadata.file_type());
        self.spot(Vec::new(), Some(name), kind)
    }

    fn folder(mut self) -> Result<Spot, Trouble> {
        let name = self.stack.pop().map(|(name, _)| name);
        self.spot(Vec::new(), name, Kind::Folder)
    }

    fn missing(self, name: String, todo: VecDeque<String>) -> Result<Spot, Trouble> {
        let mut missing: Vec<String> = std::iter::once(name).chain(todo).collect();
        if missing.iter().any(|name| name == "..") {
            return Err(self.none());
        }
        let name = missing.pop();
        self.spot(missing, name, Kind::Nothing)
    }

    fn spot(self, missing: Vec<String>, name: Option<String>, kind: Kind) -> Result<Spot, Trouble> {
        if name.iter().chain(&missing).any(|name| is_temporary(name)) {
            return Err(self.none());
        }
        let folder = self.here().try_clone().map_err(|error| self.io(&error))?;
        let above = self.stack.into_iter().map(|(name, _)| name).collect();
        Ok(Spot { folder, above, missing, name, kind })
    }

    fn out(&self) -> Trouble {
        let text = format!("{:?} leads out of the workspace, which nobody may", self.said);
        Trouble::Refused(text)
    }

    fn none(&self) -> Trouble {
        Trouble::Refused(format!("there is no {:?}: list_files shows what is there", self.said))
    }

    fn io(&self, error: &io::Error) -> Trouble {
        Trouble::io("reach", &self.said, error)
    }
}

/// The names in a link; `None`: it begins elsewhere, or has names that are no text.
fn names_of(target: &Path) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for part in target.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => names.push("..".to_owned()),
            Component::Normal(name) => names.push(name.to_str()?.to_owned()),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(names)
}

/// What something is.
pub(super) fn kind(file: FileType) -> Kind {
    if file.is_dir() {
        Kind::Folder
    } else if file.is_file() {
        Kind::File
    } else if file.is_symlink() {
        Kind::Special("link")
    } else if file.is_fifo() {
        Kind::Special("pipe")
    } else if file.is_socket() {
        Kind::Special("socket")
    } else {
        Kind::Special("device")
    }
}
