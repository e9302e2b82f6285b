//! Which crashes are tried.

use crate::chance::Chance;
use crate::disk::{Disk, Policy, State};
use crate::scenario::Recording;
use crate::trace::Operation;
use crate::trial::Crash;

/// Just before and just after each sync of the write-ahead log and each new name, with nothing that
/// was not synced.
pub(super) fn boundaries(recording: &Recording) -> Vec<Crash> {
    let operations = recording.trace.operations.iter().enumerate();
    let at = operations.filter(|(_, operation)| is_boundary(operation));
    dropped(recording, at.flat_map(|(index, _)| [index, index + 1]))
}

fn is_boundary(operation: &Operation) -> bool {
    match operation {
        Operation::Sync { path, .. } => path.ends_with("-wal"),
        Operation::Rename { .. } | Operation::Exchange { .. } | Operation::Link { .. } => true,
        _ => false,
    }
}

/// Crashes after these prefixes with nothing that was not synced. Of prefixes that leave the same,
/// the last is tried: the most was said by then.
pub(super) fn dropped(recording: &Recording, prefixes: impl Iterator<Item = usize>) -> Vec<Crash> {
    let mut walk = Walk::new(recording);
    let mut chosen: Vec<Crash> = Vec::new();
    let mut last = None;
    for prefix in prefixes {
        let state = walk.state_after(prefix);
        if last.as_ref() == Some(&state) {
            chosen.pop();
        }
        chosen.push(Crash::new(prefix, Policy::DropUnsynced));
        last = Some(state);
    }
    chosen
}

/// Crashes anywhere, decided by the seed.
pub(super) fn seeded(recording: &Recording, count: usize, seed: u64) -> Vec<Crash> {
    let mut chance = Chance::new(seed);
    let length = recording.trace.operations.len();
    let one = |_| {
        let prefix = chance.below(length + 1);
        let is_kept = chance.percent(20);
        let policy = if is_kept { Policy::KeepAll } else { Policy::Mixed(chance.next()) };
        Crash::new(prefix, policy)
    };
    (0..count).map(one).collect()
}

/// Every crash that differs from its neighbour: all prefixes, under all policies.
pub(super) fn all(recording: &Recording, seed: u64) -> Vec<Crash> {
    let mut chance = Chance::new(seed);
    let length = recording.trace.operations.len();
    let mut crashes = dropped(recording, 0..=length);
    for prefix in 0..=length {
        crashes.push(Crash::new(prefix, Policy::KeepAll));
        crashes.push(Crash::new(prefix, Policy::Mixed(chance.next())));
    }
    crashes
}

/// Goes through a recording once.
pub(super) struct Walk<'a> {
    recording: &'a Recording,
    disk: Disk,
    done: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(recording: &'a Recording) -> Self {
        Self { recording, disk: Disk::new(), done: 0 }
    }

    /// What was synced by then; `prefix` must not go back.
    pub(super) fn state_after(&mut self, prefix: usize) -> State {
        for operation in &self.recording.trace.operations[self.done..prefix.max(self.done)] {
            self.disk.perform(operation).unwrap();
        }
        self.done = prefix.max(self.done);
        self.disk.crash(Policy::DropUnsynced)
    }
}
