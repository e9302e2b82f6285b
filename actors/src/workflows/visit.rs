//! [`Visit`]: a node in the step that is under way, with its items.

use super::checkpoint::Spec;
use super::item::{Item, ItemId, ItemPhase, Settled};
use crate::vocabulary::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A node in the step that is under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Visit {
    pub(super) spec: Spec,
    pub(super) started_at: Timestamp,
    /// Its items that have not settled, by their index.
    pub(super) open: BTreeMap<Option<u32>, Item>,
    /// Those that have.
    pub(super) settled: BTreeMap<Option<u32>, Settled>,
    /// Once something has failed, or it is paused: only these are still worked at.
    pub(super) last: Option<BTreeSet<Option<u32>>>,
    /// The attempts in which a call was begun that is not to be made again.
    pub(super) begun: BTreeSet<ItemId>,
}

impl Visit {
    pub(super) fn new(spec: &Spec, started_at: Timestamp) -> Self {
        let item = || Item { attempt: 1, phase: ItemPhase::Ready };
        let open = match spec.items {
            None => [(None, item())].into(),
            Some(count) => (0..count).map(|index| (Some(index), item())).collect(),
        };
        let spec = spec.clone();
        let (settled, begun) = (BTreeMap::new(), BTreeSet::new());
        Self { spec, started_at, open, settled, last: None, begun }
    }

    /// The items that are worked at as long as there is room, the first ones first.
    pub(super) fn workable(&self) -> impl Iterator<Item = (Option<u32>, &Item)> {
        let room = self.spec.concurrency.unwrap_or(usize::MAX);
        let items = self.open.iter().map(|(index, item)| (*index, item));
        items.filter(|(index, item)| self.may_go_on(*index) && item.is_workable()).take(room)
    }

    fn may_go_on(&self, index: Option<u32>) -> bool {
        self.last.as_ref().is_none_or(|last| last.contains(&index))
    }

    /// Whether nothing is to be expected of it any more, and the step can go on without it.
    pub(super) fn is_over(&self) -> bool {
        match &self.last {
            None => self.open.is_empty(),
            Some(last) => self.spec.is_caught && last.iter().all(|i| !self.open.contains_key(i)),
        }
    }

    /// Whether this item's end is its end.
    pub(super) fn is_only(&self, index: Option<u32>) -> bool {
        self.settled.is_empty() && self.open.len() == 1 && self.open.contains_key(&index)
    }

    pub(super) fn settle(&mut self, index: Option<u32>, settled: Settled) {
        self.open.remove(&index);
        self.settled.insert(index, settled);
    }

    /// All may be worked at again, unless it has failed. Where nothing has begun yet, it begins now.
    pub(super) fn thaw(&mut self, at: Timestamp) {
        if self.last.as_ref().is_some_and(BTreeSet::is_empty) && self.settled.is_empty() {
            self.started_at = at;
        }
        if !self.settled.values().any(|settled| matches!(settled, Settled::Failed(_))) {
            self.last = None;
        }
    }

    /// What has failed is tried again, and all may be worked at.
    pub(super) fn retry(&mut self) {
        self.last = None;
        for item in self.open.values_mut() {
            if matches!(item.phase, ItemPhase::Failed { .. }) {
                *item = Item { attempt: item.attempt + 1, phase: ItemPhase::Ready };
            }
        }
    }
}

impl Item {
    fn is_workable(&self) -> bool {
        matches!(self.phase, ItemPhase::Ready | ItemPhase::Backoff(_))
    }
}
