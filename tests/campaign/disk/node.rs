//! Files and folders, each with what is durable and what is only pending.

use std::collections::BTreeMap;

use crate::trace::Operation;

/// A node's number. The root is 0.
pub(super) type Id = usize;

/// Everything on the disk.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    pub(super) nodes: Vec<Node>,
    /// How many operations it has seen.
    clock: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    File(File),
    Folder(Folder),
    Symlink(String),
}

/// A file's content.
#[derive(Debug, Clone, Default)]
pub(super) struct File {
    mode: u32,
    pub(super) durable: Vec<u8>,
    pub(super) pending: Vec<Pending<Change>>,
    /// The length that a reader sees.
    length: u64,
}

/// A folder's names.
#[derive(Debug, Clone, Default)]
pub(super) struct Folder {
    pub(super) mode: u32,
    pub(super) durable: Names,
    pub(super) pending: Vec<Pending<Edit>>,
    /// What a reader sees.
    live: Names,
}

pub(super) type Names = BTreeMap<String, Id>;

/// Something that a sync makes durable if it had happened before.
#[derive(Debug, Clone)]
pub(super) struct Pending<T> {
    at: usize,
    pub(super) what: T,
}

/// A change of a file's content.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
    /// Who may do what with it.
    Mode(u32),
}

/// A change of a folder's names.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    Set(String, Id),
    Remove(String),
    Rename(String, String, Id),
    /// Each of the two names gets what the other had.
    Exchange([(String, Id); 2]),
}

impl Change {
    pub(super) fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write(offset, data) => {
                let start = usize::try_from(*offset).unwrap();
                let end = start + data.len();
                content.resize(content.len().max(end), 0);
                content[start..end].copy_from_slice(data);
            }
            Self::Truncate(length) => content.resize(usize::try_from(*length).unwrap(), 0),
            Self::Mode(_) => {}
        }
    }

    pub(super) fn mode_after(&self, mode: u32) -> u32 {
        if let Self::Mode(mode) = self { *mode } else { mode }
    }

    fn length_after(&self, length: u64) -> u64 {
        match self {
            Self::Write(offset, data) => length.max(offset + data.len() as u64),
            Self::Truncate(length) => *length,
            Self::Mode(_) => length,
        }
    }
}

impl Edit {
    pub(super) fn apply(&self, names: &mut Names) {
        match self {
            Self::Set(name, node) => drop(names.insert(name.clone(), *node)),
            Self::Remove(name) => drop(names.remove(name)),
            Self::Rename(from, to, node) => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
            Self::Exchange(after) => names.extend(after.clone()),
        }
    }
}

impl File {
    /// The permissions that it has for certain.
    pub(super) fn mode(&self) -> u32 {
        self.mode
    }

    fn change(&mut self, at: usize, what: Change) {
        self.length = what.length_after(self.length);
        self.pending.push(Pending { at, what });
    }

    fn sync(&mut self, began: usize) {
        for done in take_before(&mut self.pending, began) {
            done.apply(&mut self.durable);
            self.mode = done.mode_after(self.mode);
        }
    }
}

impl Folder {
    fn edit(&mut self, at: usize, what: Edit) {
        what.apply(&mut self.live);
        self.pending.push(Pending { at, what });
    }

    fn sync(&mut self, began: usize) {
        for done in take_before(&mut self.pending, began) {
            done.apply(&mut self.durable);
        }
    }
}

fn take_before<T>(pending: &mut Vec<Pending<T>>, began: usize) -> Vec<T> {
    let (before, after) = pending.drain(..).partition(|pending| pending.at < began);
    *pending = after;
    let before: Vec<Pending<T>> = before;
    before.into_iter().map(|pending| pending.what).collect()
}

impl Disk {
    /// A disk with an empty folder.
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node::Folder(Folder { mode: 0o700, ..Folder::default() })], clock: 0 }
    }

    /// The disk after these operations on an empty one.
    pub(crate) fn after(operations: &[Operation]) -> Result<Self, String> {
        let mut disk = Self::new();
        for operation in operations {
            disk.perform(operation)
                .map_err(|error| format!("operation {}: {error}: {operation:?}", disk.clock))?;
        }
        Ok(disk)
    }

    /// Performs one operation.
    pub(crate) fn perform(&mut self, operation: &Operation) -> Result<(), String> {
        match operation {
            Operation::Open { path, create, truncate, mode } => {
                self.open(path, *create, *truncate, *mode)?;
            }
            Operation::Write { path, offset, data } => {
                let at = self.clock;
                let file = self.file(path)?;
                let offset = offset.unwrap_or(file.length);
                file.change(at, Change::Write(offset, data.clone()));
            }
            Operation::Truncate { path, length } => {
                let at = self.clock;
                self.file(path)?.change(at, Change::Truncate(*length));
            }
            Operation::Sync { path, began } => self.sync(path, *began)?,
            Operation::Mkdir { path, mode } => {
                let folder = Folder { mode: *mode, ..Folder::default() };
                self.make(path, Node::Folder(folder))?;
            }
            Operation::Link { from, to } => {
                let node = self.find(from)?;
                self.edit(to, |name| Edit::Set(name, node))?;
            }
            Operation::Symlink { target, path } => {
                self.make(path, Node::Symlink(target.clone()))?;
            }
            Operation::Rename { from, to } => self.rename(from, to)?,
            Operation::Exchange { one, other } => self.exchange(one, other)?,
            Operation::Mode { path, mode } => self.permit(path, *mode)?,
            Operation::Remove { path } => self.edit(path, Edit::Remove)?,
            Operation::Sent { .. } => {}
        }
        self.clock += 1;
        Ok(())
    }

    fn open(&mut self, path: &str, create: bool, truncate: bool, mode: u32) -> Result<(), String> {
        let at = self.clock;
        match self.find(path) {
            Ok(_) if truncate => self.file(path)?.change(at, Change::Truncate(0)),
            Ok(_) => {}
            Err(_) if create => self.make(path, Node::File(File { mode, ..File::default() }))?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn sync(&mut self, path: &str, began: usize) -> Result<(), String> {
        let node = self.find(path)?;
        match &mut self.nodes[node] {
            Node::File(file) => file.sync(began),
            Node::Folder(folder) => folder.sync(began),
            Node::Symlink(_) => {}
        }
        Ok(())
    }

    /// Within a folder it is one change; across folders it is two, and the first may come alone.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), String> {
        let node = self.find(from)?;
        let (from_folder, from_name) = split(from);
        let (to_folder, to_name) = split(to);
        if from_folder == to_folder {
            return self.edit(from, |_| Edit::Rename(from_name.into(), to_name.into(), node));
        }
        self.edit(from, Edit::Remove)?;
        self.edit(to, |name| Edit::Set(name, node))
    }

    fn exchange(&mut self, one: &str, other: &str) -> Result<(), String> {
        let nodes = [self.find(one)?, self.find(other)?];
        let (folder, name) = split(one);
        let (other_folder, other_name) = split(other);
        if folder != other_folder {
            return Err(format!("{one} and {other} are not in one folder"));
        }
        let after = [(name.to_owned(), nodes[1]), (other_name.to_owned(), nodes[0])];
        self.edit(one, |_| Edit::Exchange(after))
    }

    /// A folder's permissions are believed at once: nobody changes them but for those who look.
    fn permit(&mut self, path: &str, mode: u32) -> Result<(), String> {
        let (node, at) = (self.find(path)?, self.clock);
        match &mut self.nodes[node] {
            Node::File(file) => file.change(at, Change::Mode(mode)),
            Node::Folder(folder) => folder.mode = mode,
            Node::Symlink(_) => {}
        }
        Ok(())
    }

    fn make(&mut self, path: &str, node: Node) -> Result<(), String> {
        let id = self.nodes.len();
        self.nodes.push(node);
        self.edit(path, |name| Edit::Set(name, id))
    }

    fn edit(&mut self, path: &str, edit: impl FnOnce(String) -> Edit) -> Result<(), String> {
        let at = self.clock;
        let (folder, name) = split(path);
        let folder = self.find(folder)?;
        match &mut self.nodes[folder] {
            Node::Folder(folder) => folder.edit(at, edit(name.to_owned())),
            _ => return Err(format!("{path} is not in a folder")),
        }
        Ok(())
    }

    fn file(&mut self, path: &str) -> Result<&mut File, String> {
        let node = self.find(path)?;
        match &mut self.nodes[node] {
            Node::File(file) => Ok(file),
            _ => Err(format!("{path} is no file")),
        }
    }

    /// The node that a reader finds at `path`.
    fn find(&self, path: &str) -> Result<Id, String> {
        let mut id = 0;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let Node::Folder(folder) = &self.nodes[id] else {
                return Err(format!("{path}: {part} is not in a folder"));
            };
            id = *folder.live.get(part).ok_or_else(|| format!("{path}: there is no {part}"))?;
        }
        Ok(id)
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
