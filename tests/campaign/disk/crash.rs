//! What a crash leaves of a disk.

use super::chosen::Chosen;
use super::node::{Disk, Id, Names, Node};
use super::state::{Entry, State};
use crate::chance::Chance;

/// What becomes of that which was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// All of it is there: the program died, the machine lives on.
    KeepAll,
    /// None of it is there.
    DropUnsynced,
    /// Some of it is there, by this seed: each write whole, in part or not at all, of each
    /// folder's changes the first few.
    Mixed(u64),
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::KeepAll => write!(f, "kept"),
            Self::DropUnsynced => write!(f, "dropped"),
            Self::Mixed(seed) => write!(f, "mixed by {seed}"),
        }
    }
}

impl Disk {
    /// The folder as it is found after a crash.
    pub(crate) fn crash(&self, policy: Policy) -> State {
        let mut chosen = Chosen::new(policy);
        let names: Vec<_> = self.nodes.iter().map(|node| chosen.names(node)).collect();
        let contents: Vec<_> = self.nodes.iter().map(|node| chosen.content(node)).collect();
        let mut state = State::default();
        collect(0, "", &names, &mut |path, id| {
            let entry = match &self.nodes[id] {
                Node::Folder(folder) => Entry::Folder { mode: folder.mode },
                Node::Symlink(target) => Entry::Symlink { target: target.clone() },
                Node::File(_) => {
                    let (content, mode) = contents[id].clone();
                    Entry::File { mode, node: id, content }
                }
            };
            state.entries.insert(path, entry);
        });
        state
    }
}

fn collect(id: Id, path: &str, names: &[Names], visit: &mut dyn FnMut(String, Id)) {
    for (name, child) in &names[id] {
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        visit(path.clone(), *child);
        collect(*child, &path, names, visit);
    }
}

/// How likely an unsynced write of a `Mixed` state is to be there, in percent, and how likely one
/// that is there is torn. Some states lose nearly all, some nearly nothing.
pub(super) fn odds(chance: &mut Chance) -> (usize, usize) {
    const KEPT: [usize; 4] = [10, 50, 90, 100];
    const TORN: [usize; 3] = [0, 10, 50];
    (KEPT[chance.below(KEPT.len())], TORN[chance.below(TORN.len())])
}
