//! A folder as plain data: it can be compared and made real.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

/// Every path below a folder, with what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) entries: BTreeMap<String, Entry>,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Folder {
        mode: u32,
    },
    Symlink {
        target: String,
    },
    /// Files of the same node are one file with many names.
    File {
        mode: u32,
        node: usize,
        content: Arc<Vec<u8>>,
    },
}

impl State {
    /// What is in a real folder. Permissions are not looked at.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut state = Self::default();
        let mut nodes = HashMap::new();
        state.read_folder(folder, "", &mut nodes);
        state
    }

    fn read_folder(&mut self, folder: &Path, below: &str, nodes: &mut HashMap<u64, usize>) {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
        names.sort_by_key(fs::DirEntry::file_name);
        for name in names {
            let path = format!("{below}{}", name.file_name().to_str().unwrap());
            let metadata = name.metadata().unwrap();
            let (next, at) = (nodes.len(), name.path());
            let entry = if metadata.is_symlink() {
                Entry::Symlink { target: fs::read_link(&at).unwrap().to_str().unwrap().to_owned() }
            } else if metadata.is_dir() {
                Entry::Folder { mode: 0 }
            } else {
                let node = *nodes.entry(metadata.ino()).or_insert(next);
                Entry::File { mode: 0, node, content: Arc::new(fs::read(&at).unwrap()) }
            };
            self.entries.insert(path.clone(), entry);
            if metadata.is_dir() {
                self.read_folder(&at, &format!("{path}/"), nodes);
            }
        }
    }

    /// The same without permissions and `-shm`, its nodes numbered in the order of their paths.
    pub(crate) fn comparable(&self) -> Self {
        let mut nodes = HashMap::new();
        let entries = self.entries.iter().filter(|(path, _)| !path.ends_with("-shm"));
        let entries = entries.map(|(path, entry)| {
            let entry = match entry {
                Entry::Folder { .. } => Entry::Folder { mode: 0 },
                Entry::Symlink { target } => Entry::Symlink { target: target.clone() },
                Entry::File { node, content, .. } => {
                    let next = nodes.len();
                    let node = *nodes.entry(*node).or_insert(next);
                    Entry::File { mode: 0, node, content: content.clone() }
                }
            };
            (path.clone(), entry)
        });
        Self { entries: entries.collect() }
    }

    /// The paths at which two states differ.
    pub(crate) fn differences<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let paths: BTreeSet<_> = self.entries.keys().chain(other.entries.keys()).collect();
        let differs = |path: &&String| self.entries.get(*path) != other.entries.get(*path);
        paths.into_iter().filter(differs).map(String::as_str).collect()
    }

    /// Makes it real, in a folder that exists and is empty. Without `-shm`: no one may rely on it.
    pub(crate) fn write(&self, folder: &Path) {
        let mut written: HashMap<usize, &str> = HashMap::new();
        for (path, entry) in self.entries.iter().filter(|(path, _)| !path.ends_with("-shm")) {
            let at = folder.join(path);
            match entry {
                Entry::Folder { mode } => fs::DirBuilder::new().mode(*mode).create(at).unwrap(),
                Entry::Symlink { target } => symlink(target, at).unwrap(),
                Entry::File { mode, node, content } => {
                    if let Some(first) = written.get(node) {
                        fs::hard_link(folder.join(first), at).unwrap();
                    } else {
                        write_file(&at, *mode, content);
                        written.insert(*node, path);
                    }
                }
            }
        }
    }
}

fn write_file(path: &Path, mode: u32, content: &[u8]) {
    use std::io::Write;
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(mode).open(path).unwrap();
    file.write_all(content).unwrap();
    // Whatever new files are denied here: somebody may have been told.
    file.set_permissions(fs::Permissions::from_mode(mode)).unwrap();
}
