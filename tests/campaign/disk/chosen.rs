//! Chooses, by a policy, what is kept of that which was not synced.

use std::sync::Arc;

use super::Policy;
use super::crash::odds;
use super::node::{Change, Edit, File, Names, Node, Pending};
use crate::chance::Chance;

/// What a disk writes at once or not at all.
const SECTOR: usize = 512;

/// A policy at work.
#[derive(Debug)]
pub(super) enum Chosen {
    All,
    Nothing,
    Some { chance: Chance, kept: usize, torn: usize },
}

impl Chosen {
    pub(super) fn new(policy: Policy) -> Self {
        match policy {
            Policy::KeepAll => Self::All,
            Policy::DropUnsynced => Self::Nothing,
            Policy::Mixed(seed) => {
                let mut chance = Chance::new(seed);
                let (kept, torn) = odds(&mut chance);
                Self::Some { chance, kept, torn }
            }
        }
    }

    /// The names that a folder is found with.
    pub(super) fn names(&mut self, node: &Node) -> Names {
        let Node::Folder(folder) = node else { return Names::new() };
        let mut names = folder.durable.clone();
        let survivors = self.first(&folder.pending);
        folder.pending[..survivors].iter().for_each(|edit| edit.what.apply(&mut names));
        names
    }

    fn first(&mut self, pending: &[Pending<Edit>]) -> usize {
        match self {
            Self::All => pending.len(),
            Self::Nothing => 0,
            Self::Some { chance, kept, .. } => {
                pending.iter().take_while(|_| chance.percent(*kept)).count()
            }
        }
    }

    /// The content that a file is found with, and its permissions.
    pub(super) fn content(&mut self, node: &Node) -> (Arc<Vec<u8>>, u32) {
        let Node::File(file) = node else { return <_>::default() };
        let (mut content, mut mode) = (file.durable.clone(), file.mode());
        for change in self.changes(file) {
            change.apply(&mut content);
            mode = change.mode_after(mode);
        }
        (Arc::new(content), mode)
    }

    fn changes(&mut self, file: &File) -> Vec<Change> {
        let pending = file.pending.iter().map(|pending| &pending.what);
        match self {
            Self::All => pending.cloned().collect(),
            Self::Nothing => Vec::new(),
            Self::Some { chance, kept, torn } => {
                let kept = pending.filter(|_| chance.percent(*kept)).cloned().collect::<Vec<_>>();
                let torn = *torn;
                kept.into_iter()
                    .map(|change| if chance.percent(torn) { tear(change, chance) } else { change })
                    .collect()
            }
        }
    }
}

/// Leaves only the sectors before, or from, some boundary within the write.
fn tear(write: Change, chance: &mut Chance) -> Change {
    let Change::Write(offset, mut data) = write else { return write };
    let start = usize::try_from(offset).unwrap();
    let first = start / SECTOR + 1;
    let boundaries = (start + data.len()).div_ceil(SECTOR).saturating_sub(first);
    if boundaries == 0 {
        return Change::Write(offset, data); // one sector: whole
    }
    let cut = (first + chance.below(boundaries)) * SECTOR - start;
    if chance.percent(50) {
        data.truncate(cut);
        return Change::Write(offset, data);
    }
    Change::Write(offset + cut as u64, data.split_off(cut))
}
